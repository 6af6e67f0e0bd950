//! `hbstatus` on live nodes of ours: who holds which group, in text and as JSON, on both nodes, through a takeover.

use serde_json::Value;
use testkit::build::heartbeat_under_test;
use testkit::cluster::{Cluster, NodeConfig, Program, Result, ensure, wait_until};
use testkit::cluster::{Medium, Network, Node, Signature};

use crate::pair::CEILING;

const TOOLS: &str = "/usr/libexec/heartbeat/ha-tools";
/// Waiting takes no time here; the built-in script is used because nodes of this test have no other of that name.
const HARESOURCES: &str = "node1 Pause::0::0\nnode2 MailTo::nobody@example.org\n";
/// A resource that runs if it was started.
const PAUSE: &str = r#"#!/bin/sh
state=/run/pause
case $3 in
  start) : >$state ;;
  stop) rm -f $state ;;
  status) if [ -e $state ]; then echo running; else echo stopped; fi ;;
esac
"#;

fn table(node: &Node) -> Result<Value> {
    let said = node.run(TOOLS, &["hbstatus", "--json"])?;
    Ok(serde_json::from_slice(&said.stdout).unwrap_or(Value::Null))
}

/// Waits until `hbstatus` of that node says that `holder` runs the first group.
fn shows(node: &Node, holder: &str) -> Result<()> {
    let what = format!("{}: hbstatus shows {holder} as the holder", node.name());
    wait_until(&what, CEILING, || {
        let said = node.run(TOOLS, &["hbstatus"])?;
        let text = String::from_utf8_lossy(&said.stdout).into_owned();
        let line = text.lines().find(|line| line.starts_with("Pause::0::0"));
        Ok(line.filter(|line| line.contains("running") && line.contains(holder)).map(|_| ()))
    })
}

fn story(cluster: &Cluster) -> Result<()> {
    let [one, two] = cluster.pair()?;
    for node in [one, two] {
        let path = node.directory().join("ha.d/resource.d/Pause");
        std::fs::write(&path, PAUSE)?;
        node.done("chmod", &["755", "/etc/ha.d/resource.d/Pause"])?;
        ensure!(node.run(TOOLS, &["hbstatus"])?.status.code() == Some(1), "no daemon runs");
        node.start()?;
    }
    shows(one, "node1")?;
    shows(two, "node1")?;
    let document = table(two)?;
    ensure!(document.to_string().contains("\"Pause::0::0\""), "JSON lacks the group: {document}");
    one.pull_the_plug();
    shows(two, "node2")
}

#[test]
fn hbstatus_tells_on_every_node_who_really_holds_a_group() {
    let ours = || heartbeat_under_test().map(Program::Ours);
    let run = || -> Result<()> {
        let config = |name, program| {
            let mut config = NodeConfig::new(name, program).media(&[Medium::Bcast(0)]).signature(Signature::Sha1);
            HARESOURCES.clone_into(&mut config.haresources);
            config.line("auto_failback on")
        };
        let nodes = vec![config("node1", ours()?), config("node2", ours()?)];
        Cluster::new("hbstatus", &[Network::Bridge], nodes)?.tell(story)
    };
    if let Err(error) = run() {
        panic!("{error:#}");
    }
}
