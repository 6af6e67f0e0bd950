//! What happened in the traces that cover the rest of the rules.

use testkit::cluster::{Result, ensure};
use testkit::resource_trace::{Fault, Stage};

use crate::stories::{BOTH, both_start, touch};

/// The second node joins one that holds all, and nothing goes back by itself.
pub(crate) fn staggered_start_without_failback(stage: &Stage) -> Result<()> {
    stage.boot("alpha")?;
    // Until it is stable.
    stage.wait(20.0);
    stage.boot("beta")?;
    stage.settle(22.0)?;
    stage.rscstatus()?;
    stage.takeover("beta", "local")?;
    stage.settle(6.0)?;
    stage.stop("beta")?;
    stage.settle(4.0)?;
    stage.start("beta")?;
    stage.settle(22.0)?;
    stage.rscstatus()
}

/// A node returns before anyone could miss it: after a clean stop.
pub(crate) fn quick_return_after_stop(stage: &Stage) -> Result<()> {
    both_start(stage)?;
    stage.stop("alpha")?;
    stage.start("alpha")?;
    stage.settle(24.0)?;
    stage.rscstatus()
}

/// A node returns before anyone could miss it: after its daemon was killed.
pub(crate) fn quick_return_after_kill(stage: &Stage) -> Result<()> {
    both_start(stage)?;
    stage.kill_daemon("alpha")?;
    stage.start("alpha")?;
    stage.settle(24.0)?;
    stage.rscstatus()
}

/// A node returns while its groups are being taken: `starting` is received during a takeover.
pub(crate) fn peer_starts_during_takeover(stage: &Stage) -> Result<()> {
    both_start(stage)?;
    stage.fault("beta", "LabA a1", "start", Fault::Takes(6))?;
    stage.power_off("alpha")?;
    stage.wait_for_begin("beta", "LabA a1", "start", 0)?;
    stage.boot("alpha")?;
    stage.settle(32.0)?;
    stage.rscstatus()
}

/// The daemon is killed alone while it holds everything, and started again when its peer has taken that.
pub(crate) fn kill9_holding_all(stage: &Stage) -> Result<()> {
    both_start(stage)?;
    stage.takeover("alpha", "all")?;
    stage.settle(6.0)?;
    stage.kill_daemon("alpha")?;
    stage.settle(6.0)?;
    stage.start("alpha")?;
    stage.settle(25.0)?;
    stage.rscstatus()
}

/// Legacy: the node that is asked for a group dies while it gives it.
pub(crate) fn legacy_death_during_ip_request(stage: &Stage) -> Result<()> {
    both_start(stage)?;
    stage.power_off("alpha")?;
    stage.settle(6.0)?;
    stage.fault("beta", "LabA a1", "stop", Fault::Takes(6))?;
    stage.boot("alpha")?;
    stage.wait_for_begin("beta", "LabA a1", "stop", 0)?;
    stage.power_off("beta")?;
    stage.settle(16.0)?;
    stage.rscstatus()
}

/// The taker is told to stop while it starts what it takes.
pub(crate) fn standby_taker_stops(stage: &Stage) -> Result<()> {
    both_start(stage)?;
    stage.event("hb_standby local on alpha, start of LabA takes 4 s on beta; heartbeat -k on beta meanwhile");
    stage.fault("beta", "LabA a1", "start", Fault::Takes(4))?;
    stage.request_standby("alpha", "local")?;
    stage.wait_for_begin("beta", "LabA a1", "start", 0)?;
    stage.stop("beta")?;
    stage.settle(6.0)?;
    stage.start("beta")?;
    stage.settle(22.0)?;
    stage.rscstatus()
}

/// Both want to go standby: one while the other is being answered.
pub(crate) fn standby_crossing(stage: &Stage) -> Result<()> {
    both_start(stage)?;
    stage.event(
        "hb_standby local on alpha, stop of LabA takes 3 s; hb_standby local on beta and foreign on alpha meanwhile",
    );
    stage.fault("alpha", "LabA a1", "stop", Fault::Takes(3))?;
    stage.request_standby("alpha", "local")?;
    stage.wait_for_begin("alpha", "LabA a1", "stop", 0)?;
    stage.request_standby("beta", "local")?;
    stage.request_standby("alpha", "foreign")?;
    stage.settle(14.0)?;
    stage.rscstatus()
}

/// Both ask at the same moment: whatever becomes of it, no resource has two owners, and each has one in the end.
pub(crate) fn standby_at_the_same_moment(stage: &Stage) -> Result<()> {
    both_start(stage)?;
    let before = stage.owners();
    let sampler = stage.sample();
    stage.event("hb_standby local on alpha and foreign on beta at the same moment");
    for node in BOTH {
        let set = if node == "alpha" { "local" } else { "foreign" };
        let text = format!(">>>\nt=ask_resources\nrsc_hold={set}\ninfo=me\n<<<\n");
        stage.aside(node, |node| node.write_fifo(text.as_bytes()))?;
    }
    stage.wait(16.0);
    let (after, shared) = (stage.owners(), sampler.shared());
    ensure!(shared.is_empty(), "more than one owner: {shared:?}");
    ensure!(before.keys().eq(after.keys()), "{before:?} became {after:?}");
    Ok(())
}

/// Phase ME: the peer dies before it answers.
pub(crate) fn standby_death_before_answer(stage: &Stage) -> Result<()> {
    both_start(stage)?;
    stage.event("beta powered off; hb_standby all on alpha before that is noticed");
    stage.power_off("beta")?;
    stage.request_standby("alpha", "all")?;
    stage.settle(16.0)?;
    stage.rscstatus()?;
    stage.boot("beta")?;
    stage.settle(22.0)?;
    stage.rscstatus()
}

/// Phase OTHER of the survivor: the giver dies while it stops.
pub(crate) fn standby_death_giver_stopping(stage: &Stage) -> Result<()> {
    both_start(stage)?;
    stage.event("hb_standby local on alpha; alpha powered off while it stops LabB");
    stage.fault("alpha", "LabB b1", "stop", Fault::Hangs)?;
    stage.request_standby("alpha", "local")?;
    stage.wait_for_begin("alpha", "LabB b1", "stop", 0)?;
    stage.power_off("alpha")?;
    stage.settle(14.0)?;
    stage.rscstatus()
}

/// Phase ME of the survivor: the taker dies while the giver stops.
pub(crate) fn standby_death_taker_waiting(stage: &Stage) -> Result<()> {
    both_start(stage)?;
    stage.event("hb_standby local on alpha, stop of LabB takes 5 s; beta powered off meanwhile");
    stage.fault("alpha", "LabB b1", "stop", Fault::Takes(5))?;
    stage.request_standby("alpha", "local")?;
    stage.wait_for_begin("alpha", "LabB b1", "stop", 0)?;
    stage.power_off("beta")?;
    stage.settle(20.0)?;
    stage.rscstatus()
}

/// Phase DONE of the survivor: the giver dies while the taker starts.
pub(crate) fn standby_death_giver_done(stage: &Stage) -> Result<()> {
    both_start(stage)?;
    stage.event("hb_standby local on alpha, start of LabA takes 5 s on beta; alpha powered off meanwhile");
    stage.fault("beta", "LabA a1", "start", Fault::Takes(5))?;
    stage.request_standby("alpha", "local")?;
    stage.wait_for_begin("beta", "LabA a1", "start", 0)?;
    stage.power_off("alpha")?;
    stage.settle(20.0)?;
    stage.rscstatus()
}

/// Phase DONE of the survivor: the taker dies while it starts.
pub(crate) fn standby_death_taker_starting(stage: &Stage) -> Result<()> {
    both_start(stage)?;
    stage.event("hb_standby local on alpha; beta powered off while it starts LabA");
    stage.fault("beta", "LabA a1", "start", Fault::Hangs)?;
    stage.request_standby("alpha", "local")?;
    stage.wait_for_begin("beta", "LabA a1", "start", 0)?;
    stage.power_off("beta")?;
    stage.settle(14.0)?;
    stage.rscstatus()
}

/// One group cannot be started on its own node; the next one is.
pub(crate) fn start_failure_two_groups(stage: &Stage) -> Result<()> {
    stage.fault("alpha", "LabA a1", "start", Fault::Fails(1))?;
    stage.boot_all(&BOTH)?;
    stage.settle(60.0)?;
    stage.rscstatus()
}

/// A script of the survivor hangs while the peer dies: the takeover waits for it.
pub(crate) fn hang_while_peer_dies(stage: &Stage) -> Result<()> {
    stage.fault("beta", "LabC c1", "start", Fault::Hangs)?;
    stage.boot_all(&BOTH)?;
    stage.wait_for_begin("beta", "LabC c1", "start", 0)?;
    stage.wait(3.0);
    stage.power_off("alpha")?;
    // All that does not wait for the script.
    stage.wait(6.0);
    stage.event("start of LabC ends on beta");
    stage.fault("beta", "LabC c1", "start", None)?;
    stage.settle(12.0)?;
    stage.rscstatus()
}

/// A node that was never heard is fenced, too.
pub(crate) fn stonith_never_heard(stage: &Stage) -> Result<()> {
    stage.boot("alpha")?;
    stage.settle(20.0)
}

/// A node returns while its fencing is tried again and again.
pub(crate) fn stonith_return_while_retrying(stage: &Stage) -> Result<()> {
    stage.stonith_failures("beta", 1)?;
    both_start(stage)?;
    stage.power_off("alpha")?;
    stage.wait_for_log("beta", "STONITH of alpha failed.")?;
    stage.boot("alpha")?;
    stage.settle(36.0)?;
    stage.rscstatus()
}

/// A restart for a changed `ha.cf` on both nodes, which are busy, one after the other.
pub(crate) fn reload_busy(stage: &Stage) -> Result<()> {
    both_start(stage)?;
    stage.takeover("alpha", "all")?;
    stage.settle(6.0)?;
    for node in BOTH {
        stage.event(&format!("ha.cf touched, heartbeat -r on {node}, which is busy"));
        stage.command(node, "bash", &["-c", "timeout 5 bash -c 'while :; do :; done' >/dev/null 2>&1 &"])?;
        touch(stage, node, "ha.cf")?;
        stage.aside(node, |node| node.reload())?;
        stage.wait(14.0);
        stage.rscstatus()?;
    }
    stage.standby("alpha", "foreign")?;
    stage.settle(6.0)?;
    stage.rscstatus()
}

/// Two groups for each node: in the order of the file, in both directions.
pub(crate) fn two_groups_per_node(stage: &Stage) -> Result<()> {
    both_start(stage)?;
    stage.standby("alpha", "local")?;
    stage.settle(6.0)?;
    stage.takeover("alpha", "all")?;
    stage.settle(6.0)?;
    stage.power_off("beta")?;
    stage.settle(6.0)?;
    stage.boot("beta")?;
    stage.settle(22.0)?;
    stage.stop("alpha")?;
    stage.settle(5.0)
}

/// All groups belong to one node.
pub(crate) fn node_without_groups(stage: &Stage) -> Result<()> {
    both_start(stage)?;
    stage.power_off("beta")?;
    stage.settle(6.0)?;
    stage.boot("beta")?;
    stage.settle(22.0)?;
    stage.power_off("alpha")?;
    stage.settle(6.0)?;
    stage.boot("alpha")?;
    stage.settle(22.0)?;
    stage.stop("beta")?;
    stage.settle(5.0)
}

/// The file is changed between transitions, without a word to the daemon.
pub(crate) fn haresources_edited(stage: &Stage) -> Result<()> {
    both_start(stage)?;
    stage.event(
        "haresources changed on both: LabB::b1 leaves the group of alpha, LabB::b2 comes; hb_standby local on alpha",
    );
    for node in BOTH {
        stage.haresources(node, "alpha LabA::a1 LabB::b2\nbeta LabC::c1\n")?;
    }
    stage.request_standby("alpha", "local")?;
    stage.settle(6.0)?;
    stage.event("haresources changed on both: the group of beta goes to alpha; hb_takeover local on alpha");
    for node in BOTH {
        stage.haresources(node, "alpha LabA::a1 LabB::b2\nalpha LabC::c1\n")?;
    }
    stage.request_takeover("alpha", "local")?;
    stage.settle(6.0)?;
    stage.rscstatus()
}

/// `resource.d` comes before `init.d`, but only with what can be executed.
pub(crate) fn script_lookup(stage: &Stage) -> Result<()> {
    for node in BOTH {
        for path in ["resource.d/LabD", "init.d/LabD", "init.d/LabE", "resource.d/LabE"] {
            stage.more_scripts(node, path)?;
        }
        stage.command(node, "chmod", &["644", "/etc/ha.d/resource.d/LabE"])?;
    }
    both_start(stage)?;
    stage.standby("alpha", "all")?;
    stage.settle(6.0)?;
    stage.stop("beta")?;
    stage.settle(5.0)
}
