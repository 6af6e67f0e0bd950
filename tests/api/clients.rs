//! The originals' other clients on our daemon: `api_test`, `ccm`.

use testkit::cluster::{Cluster, Node, Program, Result, ensure, wait_until};

use crate::{CEILING, cluster, mixed, ours, start};

const API_TEST: &str = "setpriv --regid haclient --clear-groups /usr/libexec/heartbeat/api_test";
const CCM: &str = "setpriv --reuid hacluster --regid haclient --clear-groups /usr/libexec/heartbeat/ccm";

/// Starts a command in the background; what it prints lands in a file of the node.
fn background(node: &Node, command: &str, file: &str) -> Result<()> {
    let path = node.directory().join(file);
    let line = format!("setsid {command} </dev/null >{} 2>&1 &", path.display());
    node.done("sh", &["-c", &line]).map(drop)
}

fn printed(node: &Node, file: &str) -> String {
    std::fs::read_to_string(node.directory().join(file)).unwrap_or_default()
}

/// Node walk, parameters, client status, and ten answers to the ping of the other node, on each node of ours.
///
/// An original daemon sometimes answers too late for this client, which then ends; so there it is started again.
fn api_test(cluster: &Cluster) -> Result<()> {
    start(cluster)?;
    let pair = cluster.pair()?;
    let is_ours = |node: &Node| node.config().program != Program::Original;
    for node in pair {
        let again = format!("sh -c 'while :; do {API_TEST}; sleep 1; done'");
        background(node, if is_ours(node) { API_TEST } else { &again }, "api_test")?;
    }
    for node in pair.into_iter().filter(|node| is_ours(node)) {
        let name = node.name();
        let done = || {
            let text = printed(node, "api_test");
            Ok((text.contains("Waiting for messages...") && text.matches("pingreply").count() >= 10).then_some(()))
        };
        let end = wait_until(&format!("{name}: ten answers"), CEILING, done);
        let text = printed(node, "api_test");
        ensure!(end.is_ok(), "{name}: {text}");
        let errors: Vec<&str> =
            text.lines().filter(|line| line.contains("ERROR") && !line.contains("normalpoll")).collect();
        ensure!(errors.is_empty(), "{name}: {errors:?}");
        for wanted in [
            "Parameter keepalive is [200ms]",
            "Parameter auto_failback is [on]",
            "Parameter hbversion is [3.0.6",
            "Cluster node: enode1: status: active",
            "Cluster node: enode2: status: active",
            "Cluster node: 10.9.0.254: status: ping",
            "node enode2: intf: eth1 ifstatus: up",
            "Sent ping request to cluster",
        ] {
            ensure!(text.contains(wanted), "{name}: no '{wanted}' in {text}");
        }
    }
    Ok(())
}

/// Messages with doubled fields, in order, between named clients; no answer to `set_sendqlen`.
fn ccm(cluster: &Cluster) -> Result<()> {
    start(cluster)?;
    let pair = cluster.pair()?;
    for node in pair {
        background(node, CCM, "ccm")?;
    }
    for node in pair {
        let name = node.name();
        let done = || {
            let client = "setpriv --reuid hacluster --regid haclient --clear-groups timeout 3 \
                          /usr/libexec/heartbeat/ccm_testclient";
            let output = node.run("sh", &["-c", client])?;
            let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
            Ok((text.contains("NEW MEMBERSHIP") && text.contains("enode1") && text.contains("enode2")).then_some(()))
        };
        let end = wait_until(&format!("{name}: membership of both"), CEILING, done);
        ensure!(end.is_ok(), "{name}: {end:?}: {}", printed(node, "ccm"));
    }
    Ok(())
}

#[test]
fn the_original_api_test_walks_and_pings() {
    cluster("api_test", &ours(), &[]).unwrap().tell(api_test).unwrap();
}

#[test]
fn the_original_api_test_talks_over_a_mixed_pair() {
    let (ours, original) = (ours(), Program::Original);
    for pair in [[&ours, &original], [&original, &ours]] {
        mixed("api_test, mixed pair", pair, &[]).unwrap().tell(api_test).unwrap();
    }
}

#[test]
fn the_original_ccm_finds_both_members() {
    cluster("ccm", &ours(), &[]).unwrap().tell(ccm).unwrap();
}
