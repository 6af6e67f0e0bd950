//! A machine on which nothing but ours is installed runs the resources of the well-known article: built-in resource
//! scripts, no companion programs of the originals, `ldirectord` and `ipvsadm` as programs that only say that they were
//! called, because the kernel here may not have the virtual server.

use std::fs;
use std::net::SocketAddrV4;
use std::os::unix::fs::PermissionsExt as _;
use std::time::Duration;

use testkit::build::heartbeat_under_test;
use testkit::cluster::{Cluster, Context as _, Files, Network, Node, NodeConfig, Program, Result, ensure, wait_until};

const RESOURCES: &str = "node1 IPaddr::10.9.0.100/24/10.9.0.255 ipvsadm ldirectord::www ldirectord::mail\n";

const ADDRESS: &str = "10.9.0.100";

const CEILING: Duration = Duration::from_secs(40);

/// Takes the place of a program of `/usr/sbin`: `ldirectord` remembers whether it runs, `ipvsadm` has an empty table.
const STAND_IN: &str = r#"#!/bin/bash
lab=/etc/ha.d/lab
[ "${!#}" = status ] || echo "${0##*/} $*" >>$lab/calls
case "${0##*/} ${!#}" in
  "ldirectord start") : >"$lab/ldirectord.$1" ;;
  "ldirectord stop") rm -f "$lab/ldirectord.$1" ;;
  "ldirectord status")
    if [ -e "$lab/ldirectord.$1" ]; then
      echo "ldirectord for /etc/ha.d/$1 is running with pid: 1"
    else
      echo "ldirectord is stopped for /etc/ha.d/$1"
      exit 3
    fi
    ;;
esac
"#;

/// Puts the stand-ins in place and hides what the packages brought, but for what the tests need themselves.
fn undress(node: &Node) -> Result<()> {
    let directory = node.directory();
    let (lab, sbin) = (directory.join("ha.d/lab"), directory.join("sbin"));
    fs::create_dir(&lab)?;
    fs::create_dir(&sbin)?;
    for name in ["ldirectord", "ipvsadm", "reboot"] {
        let path = sbin.join(name);
        fs::write(&path, STAND_IN)?;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755))?;
    }
    for name in ["www", "mail"] {
        fs::write(directory.join("ha.d").join(name), "")?;
    }
    let below = format!("lowerdir={}:/usr/sbin", sbin.display());
    node.done("mount", &["-t", "overlay", "-o", &below, "overlay", "/usr/sbin"])?;
    for path in ["/etc/init.d", "/usr/lib/ocf"] {
        node.done("mount", &["-t", "tmpfs", "none", path])?;
    }
    Ok(())
}

/// The hardware address of a node.
fn mac(node: &Node) -> Result<String> {
    let line = node.done("ip", &["-o", "link", "show", "eth0"])?;
    let mut words = line.split_whitespace().skip_while(|word| *word != "link/ether").skip(1);
    words.next().map(str::to_owned).with_context(|| line.clone())
}

/// What the stand-ins were called with so far, without `status`.
fn calls(node: &Node) -> String {
    fs::read_to_string(node.directory().join("ha.d/lab/calls")).unwrap_or_default()
}

/// The line about the address, as soon as the node has it, or none any more.
fn has_address(node: &Node, wanted: bool) -> Result<String> {
    wait_until(&format!("{} has the address: {wanted}", node.name()), CEILING, || {
        let all = node.done("ip", &["-o", "-4", "addr", "show"])?;
        let line = all.lines().find(|line| line.contains(&format!("inet {ADDRESS}/")));
        Ok((line.is_some() == wanted).then(|| line.unwrap_or_default().to_owned()))
    })
}

fn check_address(line: &str) -> Result<()> {
    let parts = ["10.9.0.100/24", "brd 10.9.0.255", "eth0:0"];
    ensure!(parts.iter().all(|part| line.contains(part)), "the address: {line}");
    Ok(())
}

fn story(cluster: &Cluster) -> Result<()> {
    let [one, two] = cluster.pair()?;
    for node in [one, two] {
        undress(node)?;
        node.start()?;
    }
    check_address(&has_address(one, true)?)?;
    let started = "ldirectord www start\nldirectord mail start\n";
    wait_until("the start of all", CEILING, || Ok(calls(one).ends_with(started).then_some(())))?;
    // The place of the bridge talks to the address once and then only listens.
    let neighbour = || -> Result<String> {
        let output = cluster.hub().run("ip", &["neigh", "show", ADDRESS], "")?;
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    };
    cluster.inject(SocketAddrV4::new(ADDRESS.parse()?, 9), b"who are you?")?;
    let mac_of_one = mac(one)?;
    let answered = || Ok(neighbour()?.contains(&mac_of_one).then_some(()));
    wait_until("the answer of the owner", CEILING, answered)?;

    // A request that comes while groups are being acquired is refused.
    for node in [one, two] {
        wait_until("rest", CEILING, || Ok((node.cl_status(&["rscstatus"])? == "local").then_some(())))?;
    }
    one.done("/usr/share/heartbeat/hb_standby", &["all"])?;
    check_address(&has_address(two, true)?)?;
    let mac_of_two = mac(two)?;
    wait_until("an announcement by the new owner", CEILING, || Ok(neighbour()?.contains(&mac_of_two).then_some(())))?;
    has_address(one, false)?;
    wait_until("the start of all", CEILING, || Ok(calls(two).ends_with(started).then_some(())))?;
    let stopped = "ldirectord mail stop\nldirectord www stop\nipvsadm -C\n";
    let given = calls(one);
    ensure!(given.ends_with(stopped), "calls on {}:\n{given}", one.name());

    two.pull_the_plug();
    check_address(&has_address(one, true)?)?;
    wait_until("an announcement after the death", CEILING, answered)?;
    wait_until("the start of all", CEILING, || Ok(calls(one).ends_with(started).then_some(())))?;
    one.stop()?;
    has_address(one, false).map(drop).context("after the stop")
}

#[test]
fn a_bare_machine_runs_the_articles_resources() {
    let program = Program::Ours(heartbeat_under_test().unwrap());
    let nodes = ["node1", "node2"].map(|name| NodeConfig {
        haresources: RESOURCES.into(),
        files: Files::Bare,
        ..NodeConfig::new(name, program.clone())
    });
    let cluster = Cluster::new("bare", &[Network::Bridge], nodes.into()).unwrap();
    cluster.tell(story).unwrap();
}
