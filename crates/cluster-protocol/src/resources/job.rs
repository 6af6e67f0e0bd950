//! The children that work on resources: what they do and how they end.

use super::Set;
use crate::message::Message;

/// A child, by number; never used twice in one life of the daemon.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JobId(pub u64);

/// What a child does (resource specification, section 3.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Job {
    /// Asks for each of our groups: it is taken if it does not run.
    AcquireLocal {
        /// At least two nodes are active: shown in the child's name.
        ask: bool,
        /// Fewer than two nodes are up: nobody is asked (`HA_DONTASK`).
        dont_ask: bool,
    },
    /// Acquires a set after a peer released it.
    Acquire {
        /// Which, from our point of view.
        set: Set,
        /// Only groups of these nodes; empty: no restriction.
        only: Vec<String>,
    },
    /// Releases a set so that a peer can take it.
    Release {
        /// Which, from our point of view.
        set: Set,
        /// Only groups of these nodes; empty: no restriction.
        only: Vec<String>,
    },
    /// Releases all groups, held or not.
    GiveUp,
    /// Runs the script of the message's type in `rc.d`, if there is one.
    Script {
        /// The script's name.
        kind: String,
        /// The message, whose fields the script sees.
        message: Message,
    },
    /// Resets a node.
    Fence {
        /// Which.
        node: String,
    },
    /// Asks the fencing device for its status.
    CheckDevice,
}

impl Job {
    /// The child's name in log lines.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::AcquireLocal { ask: true, .. } => "req_our_resources(ask)".to_owned(),
            Self::AcquireLocal { .. } => "req_our_resources".to_owned(),
            Self::Acquire { .. } | Self::Release { .. } => "go_standby".to_owned(),
            Self::GiveUp => "hb_giveup_resources".to_owned(),
            Self::Script { kind, .. } => kind.clone(),
            Self::Fence { node } => format!("STONITH {node}"),
            Self::CheckDevice => "STONITH-stat".to_owned(),
        }
    }

    /// Whether it works on resources, so that others have to wait for it.
    pub(crate) fn is_resource_work(&self) -> bool {
        !matches!(self, Self::Fence { .. } | Self::CheckDevice)
    }
}

/// How a child ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobEnd {
    /// By itself, with this exit status.
    Exited(i32),
    /// By this signal, or it could not be started (0).
    Killed(i32),
}
