//! The resource engine's events in the words that monitoring and test tools match.
//!
//! Templates observed in heartbeat 3.0.6 (resource specification, sections 3 to 8; daemon specification, section 5.7).

use crate::line::{Line, debug, error, info, warn};
use cluster_protocol::resources::event::ResourceEvent;
use ha_sys::log::Severity;

/// The lines for one event; `pid` is this process.
#[must_use]
pub fn lines(event: &ResourceEvent, pid: u32) -> Vec<Line> {
    use ResourceEvent as E;
    let line = match event {
        E::State { from, to } => debug(format!("STATE {from} => {to}")),
        E::StartingInState(state) => error(format!("Received 'starting' message in state {state}")),
        E::ResourcesInState(state) => error(format!("resource message received in state {state}")),
        E::StartingDuringTakeover => warn("T_STARTING received during takeover."),
        E::WithoutSet => error("resource message without rsc_hold field."),
        E::BadSet(word) => error(format!("encode_resources: bad resource type [{word}]")),
        E::RemoteTransitionCompleted => info("remote resource transition completed."),
        E::LocalTransitionCompleted => info("local resource transition completed."),
        E::NothingToAcquire => info("Local Resource acquisition completed. (none)"),
        E::InitialAcquisitionComplete(reason) => info(format!("Initial resource acquisition complete ({reason})")),
        E::TakeoverComplete => info("mach_down takeover complete."),
        E::AcquiredFrom(node) => info(format!("Resources being acquired from {node}.")),
        E::LeftTo { node, taker } => info(format!("The resources of {node} are left to {taker}.")),
        E::TakeoverCancelled => info("Resource takeover cancelled - shutdown in progress."),
        E::ShutdownNotice(node) => info(format!("Received shutdown notice from '{node}'.")),
        E::DeadNodeGaveUp(node) => info(format!("Dead node {node} gave up resources.")),
        E::NoStonith => {
            return vec![warn("No STONITH device configured."), warn("Shared disks are not protected.")];
        }
        E::ShutdownDelayed => warn("Shutdown delayed until current resource activity finishes."),
        E::ShutdownForced => {
            warn("The other node did not settle for a minute, and nothing works on resources here: going on.")
        }
        E::RestartDelayed => warn("Restart delayed until current resource activity finishes."),
        E::ShutdownInProgress => info(format!("Heartbeat shutdown in progress. ({pid})")),
        E::EmergencyShutdown => (Severity::Crit, "Emergency Shutdown: resources were not released in an hour.".into()),
        E::BothOwnLocal => error("Both machines own our resources!"),
        E::BothOwnForeign => error("Both machines own foreign resources!"),
        E::NoneOwnLocal => error("No one owns our local resources!"),
        E::NoneOwnForeign => error("No one owns foreign resources!"),
        E::JobEnded { .. } => return Vec::new(),
        E::JobRepeated(name) => warn(format!("{name} is run again: what it began may be half done.")),
        E::QueueFull(kind) => {
            error(format!("A {kind} message is not passed to its script: 1000 messages wait for theirs already."))
        }
        E::Settling(node) => info(format!(
            "{node} is one of ours: who holds what is settled without a restart (env AS_ORIGINAL=yes in ha.cf changes that)."
        )),
        E::ReleasingDoubles { node, set } => {
            warn(format!("Both sides of the partition hold our {} resources: {node} keeps them.", set.word()))
        }
        E::ReleasingLeftovers(set) => warn(format!(
            "The last heartbeat here was killed: stopping what it may have left running of our {} resources.",
            set.word()
        )),
        E::Fencing(_) | E::FencingFailed(_) | E::FencingCancelled(_) | E::DeviceFailed => return fencing(event),
        other => return standby(other),
    };
    vec![line]
}

fn fencing(event: &ResourceEvent) -> Vec<Line> {
    use ResourceEvent as E;
    match event {
        E::Fencing(node) => vec![info(format!("Resetting node {node} before its resources are taken."))],
        E::FencingFailed(node) => vec![warn(format!("STONITH of {node} failed.  Retrying..."))],
        E::FencingCancelled(node) => vec![info(format!("STONITH of {node} is not needed any more."))],
        E::DeviceFailed => {
            vec![error("STONITH status operation failed."), info("This may mean that the STONITH device has failed!")]
        }
        _ => Vec::new(),
    }
}

fn standby(event: &ResourceEvent) -> Vec<Line> {
    use ResourceEvent as E;
    let line = match event {
        E::StandbyCancelled => info("Cancelling pending standby operation"),
        E::StandbyWanted { node, set } => info(format!("{node} wants to go standby [{}]", set.word())),
        E::StandbyWithoutPeer(_) => warn("No other node is active: standby request ignored."),
        E::StandbyInFlux { word, node, other_side } => warn(format!(
            "standby message [{word}] from {node} ignored.  {} in flux.",
            if *other_side { "Other side is" } else { "local resources" }
        )),
        E::StandbyInProgress { node, rest } => {
            warn(format!("Standby in progress- new request from {node} ignored [{} seconds left]", rest.as_secs()))
        }
        E::StandbyIncomplete => error("Received standby message without info/from"),
        E::StandbyIgnored { word, node, phase } => {
            error(format!("Ignored standby message '{word}' from {node} in state {phase}"))
        }
        E::StandbyNeedsFailback => info("Standby mode only implemented when nice_failback on"),
        E::PeerCanTake { node, set } => info(format!("standby: {node} can take our {} resources", set.word())),
        E::StandbyReleased(set) => info(format!("Local standby process completed [{}].", set.word())),
        E::StandbyAcquires { node, set } => info(format!("standby: acquire [{}] resources from {node}", set.word())),
        E::StandbyAcquired(set) => info(format!("Standby resource acquisition done [{}].", set.word())),
        E::StandbyTaken(set) => info(format!("Other node completed standby takeover of {} resources.", set.word())),
        E::StandbyTimeout => warn("No reply to standby request.  Standby request cancelled."),
        E::FailbackDelayed => debug("Auto failback delayed."),
        other => debug(format!("{other:?}")),
    };
    vec![line]
}

#[cfg(test)]
mod tests {
    use super::*;
    use cluster_protocol::resources::Set;
    use std::time::Duration;

    #[test]
    fn lines_that_monitoring_matches_are_the_originals() {
        let text = |event: &ResourceEvent| {
            let lines = lines(event, 7).into_iter().map(|(severity, text)| format!("{severity}: {text}"));
            lines.collect::<Vec<_>>().join("|")
        };
        for (event, expected) in [
            (ResourceEvent::TakeoverComplete, "info: mach_down takeover complete."),
            (ResourceEvent::AcquiredFrom("n".into()), "info: Resources being acquired from n."),
            (ResourceEvent::BothOwnLocal, "ERROR: Both machines own our resources!"),
            (
                ResourceEvent::InitialAcquisitionComplete("T_RESOURCES(us)"),
                "info: Initial resource acquisition complete (T_RESOURCES(us))",
            ),
            (ResourceEvent::StandbyTaken(Set::ALL), "info: Other node completed standby takeover of all resources."),
            (
                ResourceEvent::StandbyInProgress { node: "n".into(), rest: Duration::from_secs(9) },
                "WARN: Standby in progress- new request from n ignored [9 seconds left]",
            ),
            (
                ResourceEvent::StandbyInFlux { word: "me".into(), node: "n".into(), other_side: true },
                "WARN: standby message [me] from n ignored.  Other side is in flux.",
            ),
            (ResourceEvent::NoStonith, "WARN: No STONITH device configured.|WARN: Shared disks are not protected."),
            (ResourceEvent::ShutdownInProgress, "info: Heartbeat shutdown in progress. (7)"),
        ] {
            assert_eq!(text(&event), expected);
        }
    }
}
