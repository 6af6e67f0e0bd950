//! `ipfail`, ours and the original, alone and as a pair: who loses its ping node hands everything over, and gets it back.

use std::fs;

use testkit::build::example;
use testkit::cluster::{Cluster, Network, NodeConfig, Program, Result, ensure};

use crate::{CEILING, PING, ours, start, until};

/// What runs as `ipfail`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Original,
    Ours,
}

impl Kind {
    /// Where the node finds it.
    fn path(self) -> &'static str {
        match self {
            Self::Original => "/usr/libexec/heartbeat/ipfail",
            Self::Ours => "/var/lib/heartbeat/ipfail",
        }
    }
}

fn cluster(name: &str, daemon: &Program, kinds: [Kind; 2]) -> Result<Cluster> {
    let config = |name: &str, kind: Kind| {
        let mut config = NodeConfig::new(name, daemon.clone());
        config.haresources = "enode1 IPaddr::10.9.0.77/24/eth0\n".to_owned();
        config.whole_ha_cf = Some(format!(
            "keepalive 200ms\ndeadtime 2\nwarntime 1\ninitdead 5\nrealtime off\nauto_failback on\n\
             respawn hacluster {}\nbcast eth0\nbcast eth1\nnode enode1\nnode enode2\nping {PING}\n",
            kind.path()
        ));
        config
    };
    let [one, two] = kinds;
    let configs = vec![config("enode1", one), config("enode2", two)];
    let cluster = Cluster::new(name, &[Network::Bridge, Network::Bridge], configs)?;
    let program = example("ipfail", "ipfail")?;
    for node in cluster.nodes() {
        fs::copy(&program, node.directory().join("lib/ipfail"))?;
    }
    Ok(cluster)
}

fn ping_is_lost_and_found(cluster: &Cluster) -> Result<()> {
    start(cluster)?;
    let [one, two] = cluster.pair()?;
    for node in [one, two] {
        until(node, &["clientstatus", node.name(), "ipfail"], "online")?;
        until(node, &["rscstatus"], "local")?;
    }
    let marks = [one.mark(), two.mark()];
    one.done("iptables", &["-A", "INPUT", "-p", "icmp", "-j", "DROP"])?;
    until(one, &["rscstatus"], "none")?;
    until(two, &["rscstatus"], "all")?;
    for text in [
        &format!("Status update: Node {PING} now has status dead"),
        "NS: We are dead. :<",
        &format!("Link Status update: Link {PING}/{PING} now has status dead"),
        "Asking other side for ping node count.",
        "Giving up because we were told that we have less ping nodes.",
        "Delayed giveup in 0 seconds.",
        "giveup() called (timeout worked)",
    ] {
        one.wait_for_log(marks[0], text, CEILING)?;
    }
    two.wait_for_log(marks[1], "Telling other node that we have more visible ping nodes.", CEILING)?;
    ensure!(two.done("ip", &["addr", "show", "dev", "eth0"])?.contains("10.9.0.77"), "the address moved");
    let marks = [one.mark(), two.mark()];
    one.done("iptables", &["-F", "INPUT"])?;
    one.wait_for_log(marks[0], "A ping node just came up.", CEILING)?;
    two.wait_for_log(marks[1], "Giving up foreign resources (auto_failback).", CEILING)?;
    for node in [one, two] {
        until(node, &["rscstatus"], "local")?;
    }
    Ok(())
}

const PAIRS: [[Kind; 2]; 3] = [[Kind::Ours, Kind::Ours], [Kind::Ours, Kind::Original], [Kind::Original, Kind::Ours]];

#[test]
fn our_ipfail_works_on_original_daemons_with_either_on_the_other_side() {
    for kinds in PAIRS {
        let name = format!("ipfail {kinds:?}, daemons original");
        cluster(&name, &Program::Original, kinds).unwrap().tell(ping_is_lost_and_found).unwrap();
    }
}

#[test]
fn every_ipfail_works_on_our_daemons() {
    for kinds in PAIRS.into_iter().chain([[Kind::Original, Kind::Original]]) {
        let name = format!("ipfail {kinds:?}, daemons ours");
        cluster(&name, &ours(), kinds).unwrap().tell(ping_is_lost_and_found).unwrap();
    }
}
