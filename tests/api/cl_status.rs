//! `cl_status` prints and ends as recorded, in every state of the cluster.

use std::os::unix::net::UnixListener;
use std::process::Output;

use testkit::build::example;
use testkit::cluster::{Cluster, Context as _, Node, Program, Result};

use crate::cases::{Case, no_differences, outcome, recorded};
use crate::{PING, cluster, ours, start, until};

/// Starts an original `ipfail` as the daemon would.
const IPFAIL: &str = "setsid setpriv --reuid hacluster --regid haclient --clear-groups /usr/libexec/heartbeat/ipfail \
                      </dev/null >/dev/null 2>&1 &";

/// Parameters whose values are places of the test itself.
const LOG_FILES: [&str; 3] = ["logfile", "debugfile", "logfacility"];

/// Whether nobody waits for the answer. Whether the original sees one all the same is a race, which our daemon wins more
/// often than the recorded one.
fn does_not_wait(case: &Case) -> bool {
    let no_time = |wait: &String| wait == "0" || wait == "abc";
    case.args.first().is_some_and(|word| word == "clientstatus") && case.args.last().is_some_and(no_time)
}

/// Runs everything that was recorded in this state.
fn compare(node: &Node, state: &str, program: &str, expected: usize) -> Result<()> {
    compare_with(node, state, expected, program == ORIGINAL, |args| node.run(program, args))
}

fn compare_with(
    node: &Node,
    state: &str,
    expected: usize,
    races: bool,
    run: impl Fn(&[&str]) -> Result<Output>,
) -> Result<()> {
    let wanted = |case: &Case| case.state == state && !case.args.iter().any(|word| LOG_FILES.contains(&word.as_str()));
    let cases: Vec<Case> = recorded(PING).into_iter().filter(wanted).collect();
    assert_eq!(cases.len(), expected, "{state}");
    let mut different = Vec::new();
    for case in &cases {
        let args: Vec<&str> = case.args.iter().map(String::as_str).collect();
        let mut seen = outcome(&run(&args)?);
        let mut wanted = case.result.clone();
        // Which groups a node holds is not what this is about.
        for outcome in [&mut seen, &mut wanted] {
            outcome.stdout.iter_mut().for_each(|line| *line = without_set(line));
        }
        if seen != wanted && !(races && does_not_wait(case)) {
            different.push(format!("{:?}\n wanted {wanted}\n    got {seen}", case.args));
        }
    }
    no_differences(&different, cases.len()).with_context(|| format!("{}: {state}", node.name()))
}

fn without_set(line: &str) -> String {
    let sets = ["none", "local", "foreign", "all", "transition"];
    if sets.contains(&line) {
        return "SET".to_owned();
    }
    sets.iter().fold(line.to_owned(), |line, set| {
        line.replace(&format!("holding {set} resources"), "holding SET resources")
            .replace(&format!(" rsc: {set}"), " rsc: SET")
    })
}

fn all_states(cluster: &Cluster, program: &str) -> Result<()> {
    let [one, two] = cluster.pair()?;
    compare(one, "daemon not running (socket file absent)", program, 17)?;
    start(cluster)?;
    compare(one, "both nodes active", program, 110)?;
    for node in [one, two] {
        node.done("sh", &["-c", IPFAIL])?;
        until(node, &["clientstatus", node.name(), "ipfail"], "online")?;
    }
    compare(one, "both nodes active, ipfail running on both", program, 21)?;
    cluster.cut(1, 1)?;
    until(one, &["hblinkstatus", "enode2", "eth1"], "dead")?;
    compare(one, "both nodes active, link eth1 to enode2 cut (ipfail running on both)", program, 21)?;
    two.kill()?;
    until(one, &["hblinkstatus", "enode2", "eth0"], "dead")?;
    until(one, &["nodestatus", "enode2"], "dead")?;
    compare(one, "enode2 dead (no heartbeats), ipfail running on enode1", program, 21)?;
    one.stop()?;
    compare(one, "daemon dead, stale socket file present", program, 3)?;
    Ok(())
}

/// Without a daemon, and with something else in its place.
fn no_daemon(cluster: &Cluster, program: &str) -> Result<()> {
    let node = cluster.node(0)?;
    // The node sees this directory as /var/lib/heartbeat.
    let place = node.directory().join("lib/listener");
    node.done("ln", &["-sf", "/var/lib/heartbeat/listener", "/run/heartbeat/register"])?;
    let listener = UnixListener::bind(&place)?;
    compare(node, "something listens but never answers", program, 3)?;
    let closer = std::thread::spawn(move || {
        // Those that were not answered, then three that are closed.
        for _ in 0..6 {
            drop(listener.accept());
        }
    });
    compare(node, "listener closes without answering", program, 3)?;
    closer.join().unwrap();
    node.done("rm", &["-r", "/run/heartbeat"])?;
    compare(node, "daemon not running (/run/heartbeat absent)", program, 3)
}

/// Who may ask. `program` is a copy that is not set-group-id.
fn callers(cluster: &Cluster, program: &str) -> Result<()> {
    start(cluster)?;
    let node = cluster.node(0)?;
    let run = |who: &str| format!("exec setpriv {who} {program} \"$@\"");
    let nobody = "--reuid nobody --regid nogroup --clear-groups";
    for (state, who) in [
        ("caller nobody:nogroup, cl_status NOT set-group-id", nobody),
        (
            "caller hacluster:nogroup (directory readable, api refuses), cl_status NOT set-group-id",
            "--reuid hacluster --regid nogroup --clear-groups",
        ),
    ] {
        compare_with(node, state, 3, false, |args| {
            let script = run(who);
            node.run("sh", &[&["-c", script.as_str(), "sh"], args].concat())
        })?;
    }
    // The original asks for the group itself; here a supplementary one is enough.
    let script = run("--reuid nobody --regid nogroup --groups haclient");
    let output = node.run("sh", &["-c", &script, "sh", "nodestatus", "enode1"])?;
    assert_eq!(outcome(&output).stdout, ["active"], "a supplementary group counts");
    Ok(())
}

const ORIGINAL: &str = "/usr/bin/cl_status";

fn ours_path() -> String {
    example("cl-status", "cl_status").unwrap().display().to_string()
}

#[test]
fn the_original_cl_status_says_of_our_daemon_what_was_recorded() {
    let cluster = cluster("cl_status original, daemon ours", &ours(), &[]).unwrap();
    cluster.tell(|cluster| all_states(cluster, ORIGINAL)).unwrap();
}

#[test]
fn our_cl_status_says_of_the_original_daemon_what_was_recorded() {
    let cluster = cluster("cl_status ours, daemon original", &Program::Original, &[]).unwrap();
    cluster.tell(|cluster| all_states(cluster, &ours_path())).unwrap();
}

#[test]
fn our_cl_status_says_of_our_daemon_what_was_recorded() {
    let cluster = cluster("cl_status ours, daemon ours", &ours(), &[]).unwrap();
    cluster.tell(|cluster| all_states(cluster, &ours_path())).unwrap();
}

#[test]
fn without_a_daemon_both_say_what_was_recorded() {
    for program in [ORIGINAL.to_owned(), ours_path()] {
        let cluster = cluster("cl_status alone", &ours(), &[]).unwrap();
        cluster.tell(|cluster| no_daemon(cluster, &program)).unwrap();
    }
}

#[test]
fn our_daemon_lets_in_whom_the_original_lets_in_and_supplementary_groups() {
    let cluster = cluster("callers", &ours(), &[]).unwrap();
    cluster
        .tell(|cluster| {
            let node = cluster.node(0)?;
            node.done("chmod", &["750", "/run/heartbeat"])?;
            // A copy loses the set-group-id bit.
            node.done("cp", &["--no-preserve=mode", ORIGINAL, "/run/cl_status"])?;
            node.done("chmod", &["755", "/run/cl_status"])?;
            callers(cluster, "/run/cl_status")
        })
        .unwrap();
}
