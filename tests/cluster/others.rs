//! The media beside the three common ones: ping nodes and groups, and IPv6, each beside an original.

use testkit::cluster::{Cluster, Medium, Result, Signature};

use crate::pair::{CEILING, Pair, Setting, both_start, logs, side_by_side};

/// Where the bridge answers echo requests, and an address where nobody does.
const ANSWERS: &str = "10.9.0.254";
const SILENT: &str = "10.9.0.77";

fn setting(pair: Pair, lines: &[&str]) -> Setting {
    let setting = Setting::new(pair, &[Medium::Bcast(0)], Signature::Sha1);
    lines.iter().fold(setting, |setting, line| setting.line(line))
}

/// A ping node and a group with one living member come up, die with their echoes, and return; no member node is harmed.
fn echoes(cluster: &Cluster) -> Result<()> {
    both_start(cluster, 0)?;
    for node in cluster.pair()? {
        for name in [ANSWERS, "outside"] {
            let begin = testkit::cluster::Mark::default();
            let status = format!("Status update for node {name}: status ping");
            logs(node, begin, &[&format!("Link {name}:{name} up."), &status])?;
        }
    }
    for node in cluster.pair()? {
        let mark = node.mark();
        node.done("iptables", &["-A", "INPUT", "-p", "icmp", "-j", "DROP"])?;
        for name in [ANSWERS, "outside"] {
            logs(node, mark, &[&format!("node {name}: is dead"), &format!("Link {name}:{name} dead.")])?;
        }
        let mark = node.mark();
        node.done("iptables", &["-F", "INPUT"])?;
        for name in [ANSWERS, "outside"] {
            node.wait_for_log(mark, &format!("Link {name}:{name} up."), CEILING)?;
        }
        for peer in ["node1", "node2"] {
            node.never_logged(mark, &format!("node {peer}: is dead"))?;
        }
    }
    Ok(())
}

/// Gives both nodes addresses of both families, then waits for the link of the second network, which is IPv6 alone.
fn six(cluster: &Cluster) -> Result<()> {
    for (number, node) in cluster.pair()?.into_iter().enumerate() {
        node.done("ip", &["-6", "addr", "add", &format!("fd09::{}/64", number + 1), "dev", "eth1", "nodad"])?;
    }
    both_start(cluster, 0)?;
    for (node, peer) in [(0, "node2"), (1, "node1")] {
        let begin = testkit::cluster::Mark::default();
        cluster.node(node)?.wait_for_log(begin, &format!("Link {peer}:eth1 up."), CEILING)?;
    }
    // The only link that is left carries the cluster.
    let [one, two] = cluster.pair()?;
    let marks = [one.mark(), two.mark()];
    cluster.cut(0, 1)?;
    for (node, peer, mark) in [(one, "node2", marks[0]), (two, "node1", marks[1])] {
        node.wait_for_log(mark, &format!("Link {peer}:eth0 dead."), CEILING)?;
        node.never_logged(mark, "is dead")?;
    }
    Ok(())
}

#[test]
fn ping_nodes_and_groups_live_and_die_with_their_echoes() {
    let lines = [&format!("ping {ANSWERS}"), &format!("ping_group outside {SILENT} {ANSWERS}")];
    let lines = lines.map(String::as_str);
    side_by_side(&[setting(Pair::OriginalAndOurs, &lines), setting(Pair::Ours, &lines)], echoes);
}

#[test]
fn ipv6_carries_the_cluster_by_multicast_and_by_unicast() {
    let multicast = ["mcast6 eth1 ff02::1:42 694 1 0"];
    let unicast = ["ucast6 eth1 fd09::1", "ucast6 eth1 fd09::2"];
    let pairs = [Pair::OriginalAndOurs, Pair::OursAndOriginal];
    let settings = pairs.map(|pair| [setting(pair, &multicast), setting(pair, &unicast)]);
    side_by_side(&settings.concat(), six);
}
