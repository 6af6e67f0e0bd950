//! What happened in the first recorded traces: the events, in their order and at about their distances.

use std::fs::OpenOptions;
use std::time::SystemTime;

use testkit::cluster::{Program, Result, ensure};
use testkit::resource_trace::{Fault, Stage};

pub(crate) const BOTH: [&str; 2] = ["alpha", "beta"];

/// Both start together.
pub(crate) fn both_start(stage: &Stage) -> Result<()> {
    stage.boot_all(&BOTH)?;
    stage.settle(24.0)
}

pub(crate) fn cold_crash_stop(stage: &Stage) -> Result<()> {
    both_start(stage)?;
    stage.power_off("alpha")?;
    stage.settle(6.0)?;
    stage.event("alpha rebooted");
    stage.boot("alpha")?;
    stage.settle(22.0)?;
    stage.stop("alpha")?;
    stage.settle(4.0)?;
    stage.start("alpha")?;
    stage.settle(22.0)?;
    stage.rscstatus()
}

pub(crate) fn one_node(stage: &Stage) -> Result<()> {
    stage.boot("alpha")?;
    // Ten seconds after its first message it becomes stable, of which nothing is recorded.
    stage.wait(20.0);
    stage.stop("alpha")
}

pub(crate) fn staggered_start(stage: &Stage) -> Result<()> {
    stage.boot("alpha")?;
    stage.wait(12.0);
    stage.event("beta boots while alpha holds all");
    stage.boot("beta")?;
    stage.settle(21.0)?;
    stage.rscstatus()?;
    stage.event("clean stop of beta, then of alpha");
    stage.stop("beta")?;
    stage.settle(3.0)?;
    stage.stop("alpha")
}

pub(crate) fn net_cut_heal(stage: &Stage) -> Result<()> {
    both_start(stage)?;
    stage.cut(1)?;
    stage.settle(10.0)?;
    stage.heal(1)?;
    stage.settle(26.0)
}

pub(crate) fn kill9(stage: &Stage) -> Result<()> {
    both_start(stage)?;
    stage.kill_daemon("alpha")?;
    stage.settle(6.0)?;
    stage.start("alpha")?;
    stage.settle(25.0)?;
    stage.rscstatus()
}

pub(crate) fn standby_takeover(stage: &Stage) -> Result<()> {
    both_start(stage)?;
    for set in ["local", "foreign", "all", "failback"] {
        stage.standby("alpha", set)?;
        stage.settle(6.0)?;
        stage.rscstatus()?;
    }
    for (node, set) in
        [("alpha", "all"), ("alpha", "local"), ("alpha", "foreign"), ("alpha", "failback"), ("beta", "local")]
    {
        stage.takeover(node, set)?;
        stage.settle(6.0)?;
        stage.rscstatus()?;
    }
    Ok(())
}

pub(crate) fn shutdown_races(stage: &Stage) -> Result<()> {
    both_start(stage)?;
    stage.event("hb_standby local on alpha, stop of LabA takes 3 s; heartbeat -k on alpha 1 s later");
    for node in BOTH {
        stage.fault(node, "LabA a1", "stop", Fault::Takes(3))?;
    }
    stage.request_standby("alpha", "local")?;
    stage.pause(1.0);
    stage.stop("alpha")?;
    stage.settle(4.0)?;
    stage.start("alpha")?;
    stage.settle(22.0)?;
    stage.event("peer beta powered off; hb_standby all on alpha 4 s later");
    stage.power_off("beta")?;
    stage.pause(4.0);
    stage.request_standby("alpha", "all")?;
    // The request is given up after ten seconds, of which nothing is recorded.
    stage.wait(16.0);
    stage.rscstatus()?;
    stage.boot("beta")?;
    stage.settle(22.0)?;
    stage.rscstatus()?;
    stage.event("heartbeat -k on both at once");
    stage.stop_at_once(&BOTH)
}

pub(crate) fn start_failure_on_owner(stage: &Stage) -> Result<()> {
    stage.fault("alpha", "LabB b1", "start", Fault::Fails(1))?;
    stage.boot_all(&BOTH)?;
    stage.settle(70.0)?;
    stage.rscstatus()
}

pub(crate) fn start_failure_on_peer(stage: &Stage) -> Result<()> {
    both_start(stage)?;
    stage.event("hb_standby local on alpha; LabB start fails on beta");
    stage.fault("beta", "LabB b1", "start", Fault::Fails(1))?;
    stage.request_standby("alpha", "local")?;
    stage.settle(42.0)?;
    stage.rscstatus()?;
    stage.event("alpha powered off; LabB start fails on beta");
    stage.power_off("alpha")?;
    stage.settle(40.0)?;
    stage.rscstatus()
}

pub(crate) fn stop_failure_reboot(stage: &Stage) -> Result<()> {
    both_start(stage)?;
    stage.event("hb_standby local on alpha; LabB stop fails on alpha");
    stage.fault("alpha", "LabB b1", "stop", Fault::Fails(1))?;
    stage.request_standby("alpha", "local")?;
    stage.settle(26.0)?;
    stage.rscstatus()
}

/// Makes a file of `/etc/ha.d` younger than it was read.
pub(crate) fn touch(stage: &Stage, node: &str, name: &str) -> Result<()> {
    stage.aside(node, |node| {
        let file = OpenOptions::new().append(true).open(node.directory().join("ha.d").join(name))?;
        Ok(file.set_modified(SystemTime::now())?)
    })
}

pub(crate) fn reload(stage: &Stage) -> Result<()> {
    both_start(stage)?;
    stage.event("haresources changed on both: alpha group gets LabB::b1 added; new group alpha LabC::c2");
    for node in BOTH {
        stage.haresources(node, "alpha LabA::a1 LabB::b1\nalpha LabC::c2\nbeta LabC::c1\n")?;
    }
    stage.event("heartbeat -r on alpha");
    stage.aside("alpha", |node| node.reload())?;
    stage.settle(8.0)?;
    stage.event("ha.cf touched, heartbeat -r on alpha");
    touch(stage, "alpha", "ha.cf")?;
    stage.aside("alpha", |node| node.reload())?;
    // It restarts without a call of a script.
    stage.wait(12.0);
    stage.rscstatus()?;
    stage.standby("alpha", "all")?;
    stage.settle(6.0)?;
    stage.event("authkeys touched, heartbeat -r on beta");
    touch(stage, "beta", "authkeys")?;
    stage.aside("beta", |node| node.reload())?;
    stage.settle(8.0)?;
    stage.rscstatus()
}

pub(crate) fn three_nodes(stage: &Stage) -> Result<()> {
    stage.boot_all(&["alpha", "beta", "gamma"])?;
    stage.settle(26.0)?;
    stage.rscstatus()?;
    everyone_has_its_own(stage)?;
    stage.power_off("gamma")?;
    stage.settle(8.0)?;
    // Of those that are active, the first by name takes what is orphaned.
    one_has_each(stage, &[("LabA.a1", "alpha"), ("LabB.b1", "beta"), ("LabC.c1", "alpha")])?;
    stage.event("gamma rebooted");
    stage.boot("gamma")?;
    stage.settle(22.0)?;
    everyone_has_its_own(stage)?;
    stage.standby("alpha", "all")?;
    stage.settle(8.0)?;
    stage.rscstatus()?;
    stage.stop("beta")?;
    stage.settle(8.0)
}

fn everyone_has_its_own(stage: &Stage) -> Result<()> {
    one_has_each(stage, &[("LabA.a1", "alpha"), ("LabB.b1", "beta"), ("LabC.c1", "gamma")])
}

/// If all three nodes are ours, each resource runs where it should and nowhere else, and nobody else started it since
/// the last event.
fn one_has_each(stage: &Stage, wanted: &[(&str, &str)]) -> Result<()> {
    let nodes = ["alpha", "beta", "gamma"];
    let ours = nodes.iter().map(|node| Ok(stage.program(node)? != Program::Original)).collect::<Result<Vec<_>>>()?;
    if stage.is_rehearsal() || ours.contains(&false) {
        return Ok(());
    }
    let wanted = wanted.iter().map(|(resource, node)| ((*resource).to_owned(), vec![(*node).to_owned()])).collect();
    let owners = stage.owners();
    ensure!(owners == wanted, "owners: {owners:?}, not {wanted:?}");
    let phases = stage.phases()?;
    for (node, part) in phases.list.last().iter().flat_map(|phase| &phase.parts) {
        for call in part.calls.iter().filter(|call| call.verb == "start") {
            let owner = owners.get(&call.resource.replace(' ', "."));
            ensure!(owner.is_some_and(|owner| owner.contains(node)), "{node} started {}", call.resource);
        }
    }
    Ok(())
}

pub(crate) fn stonith_null(stage: &Stage) -> Result<()> {
    both_start(stage)?;
    stage.power_off("alpha")?;
    stage.settle(8.0)
}

pub(crate) fn stonith_fail_twice(stage: &Stage) -> Result<()> {
    stage.stonith_failures("beta", 2)?;
    both_start(stage)?;
    stage.power_off("alpha")?;
    stage.settle(22.0)
}

/// Lets a node lose what others send to test whether it is there, or no longer.
fn lose_pings(stage: &Stage, node: &str, lost: bool) -> Result<()> {
    let action = if lost { "-A" } else { "-D" };
    stage.command(node, "iptables", &[action, "INPUT", "-p", "icmp", "-j", "DROP"])
}

pub(crate) fn ipfail(stage: &Stage) -> Result<()> {
    both_start(stage)?;
    stage.event("alpha loses the ping node (ICMP filtered), heartbeat link stays");
    lose_pings(stage, "alpha", true)?;
    stage.settle(16.0)?;
    stage.rscstatus()?;
    stage.event("alpha sees the ping node again");
    lose_pings(stage, "alpha", false)?;
    stage.wait(10.0);
    stage.rscstatus()?;
    stage.event("both lose the ping node");
    BOTH.iter().try_for_each(|node| lose_pings(stage, node, true))?;
    stage.wait(12.0);
    stage.event("ping node back");
    BOTH.iter().try_for_each(|node| lose_pings(stage, node, false))?;
    stage.wait(6.0);
    Ok(())
}
