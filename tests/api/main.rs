//! Local clients on live clusters: the originals' own programs against our daemon.
//!
//! Needs root and the package `heartbeat`.
#![cfg(test)]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may stop at the first surprise")]

mod cases;
mod cl_status;
mod clients;
mod ipfail;
mod messages;

use std::time::Duration;

use testkit::build::heartbeat_under_test;
use testkit::cluster::{Cluster, Mark, Network, Node, NodeConfig, Program, Result, wait_until};

/// Far longer than anything takes.
pub(crate) const CEILING: Duration = Duration::from_secs(60);
/// The bridge, as a ping node.
pub(crate) const PING: &str = "10.9.0.254";

/// Two nodes with two links and a ping node, both running this program.
pub(crate) fn cluster(name: &str, program: &Program, lines: &[&str]) -> Result<Cluster> {
    mixed(name, [program, program], lines)
}

/// The same with a program for each.
pub(crate) fn mixed(name: &str, [one, two]: [&Program; 2], lines: &[&str]) -> Result<Cluster> {
    let config = |name: &str, program: &Program| {
        let mut config = NodeConfig::new(name, program.clone());
        config.whole_ha_cf = Some(format!(
            "keepalive 200ms\ndeadtime 2\nwarntime 1\ninitdead 5\nrealtime off\nauto_failback on\n{}\n\
             bcast eth0\nbcast eth1\nnode enode1\nnode enode2\nping {PING}\n",
            lines.join("\n")
        ));
        config
    };
    Cluster::new(name, &[Network::Bridge, Network::Bridge], vec![config("enode1", one), config("enode2", two)])
}

/// Ours.
pub(crate) fn ours() -> Program {
    Program::Ours(heartbeat_under_test().unwrap())
}

/// Starts both and waits until each sees everything alive and lets clients in.
pub(crate) fn start(cluster: &Cluster) -> Result<()> {
    let pair = cluster.pair()?;
    for node in pair {
        node.start()?;
    }
    for node in pair {
        for peer in ["enode1", "enode2"] {
            until(node, &["nodestatus", peer], "active")?;
            for link in ["eth0", "eth1"] {
                until(node, &["hblinkstatus", peer, link], "up")?;
            }
        }
        until(node, &["hblinkstatus", PING, PING], "up")?;
        node.never_logged(Mark::default(), "is dead")?;
    }
    Ok(())
}

/// Waits until `cl_status` says this.
pub(crate) fn until(node: &Node, args: &[&str], wanted: &str) -> Result<()> {
    let name = node.name();
    wait_until(&format!("{name}: cl_status {args:?}: {wanted}"), CEILING, || {
        Ok((node.cl_status(args)? == wanted).then_some(()))
    })
}
