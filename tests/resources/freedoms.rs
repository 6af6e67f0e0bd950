//! What two runs of the originals need not have in common, because it depends on who is a moment faster.

use testkit::cluster::{Program, Result};
use testkit::resource_trace::{Free, Phases, Stage};

use crate::replay::Edit;

/// True if a story that failed must be told again, because an original was unlucky.
///
/// Legacy: an original that returns and finds its way open before it has looked at the peer's status takes its groups
/// without asking for them, although the peer has them (observed on heartbeat 3.0.6). What follows is not as recorded.
pub(crate) fn is_unlucky(name: &str, stage: &Stage) -> Result<bool> {
    let unasked = |phases: Phases| {
        let returns = phases.list.into_iter().skip(1).filter_map(|mut phase| phase.parts.remove("alpha"));
        returns.flat_map(|part| part.messages).any(|message| message.starts_with("ip-request-resp dest=alpha"))
    };
    Ok(name.contains("legacy") && stage.program("alpha")? == Program::Original && unasked(stage.phases()?))
}

/// All of them.
pub(crate) fn freedoms() -> Vec<Edit> {
    let legacy = |trace| Edit {
        trace,
        name: "who-is-active-first",
        reason: "legacy: a node that sees its peer active asks it for the groups, one that does not asks itself",
        when: |_| true,
        edit: |phases: &mut Phases| {
            let what = [Free::Racing, Free::Messages, Free::RcScripts];
            ["alpha", "beta"].iter().try_for_each(|node| phases.free(0, node, &what))
        },
    };
    vec![
        legacy("cold-crash-stop.auto_failback-legacy"),
        legacy("legacy-death-during-ip-request"),
        Edit {
            trace: "standby-same-moment",
            name: "either-asks-first",
            reason: "whose request comes first is the one that is answered; the story itself says what must be true",
            when: |_| true,
            edit: |phases| {
                ["alpha", "beta"].iter().try_for_each(|node| phases.free(1, node, &[Free::Calls, Free::Messages]))
            },
        },
        Edit {
            trace: "ipfail",
            name: "who-sees-the-ping-node-first",
            reason: "whose ping node is back more than two heartbeats before the other's may get everything",
            when: |_| true,
            edit: |phases| {
                ["alpha", "beta"].iter().try_for_each(|node| phases.free(4, node, &[Free::Calls, Free::Messages]))
            },
        },
        Edit {
            trace: "stonith-never-heard",
            name: "check-beside-reset",
            reason: "the check of the device and the reset are two children that begin at the same moment",
            when: |_| true,
            edit: |phases| phases.free(0, "alpha", &[Free::FencingOrder]),
        },
        Edit {
            trace: "standby-taker-stops",
            name: "three-children-acquire",
            reason: "after the shutdown of its peer alpha acquires its groups twice at the same time",
            when: |_| true,
            edit: |phases| phases.free(1, "alpha", &[Free::Racing, Free::Messages, Free::RcScripts]),
        },
        Edit {
            trace: "three-nodes",
            name: "everyone-at-once",
            reason: "all survivors do the same at once, and a request while another is worked on may be refused",
            when: |_| true,
            edit: |phases| {
                for node in ["alpha", "beta", "gamma"] {
                    phases.free(2, node, &[Free::Racing, Free::Messages, Free::RcScripts])?;
                    phases.free(3, node, &[Free::Calls, Free::Messages, Free::RcScripts])?;
                    phases.free(4, node, &[Free::Calls, Free::Messages, Free::RcScripts])?;
                }
                phases.any_statuses(3)
            },
        },
    ]
}
