//! What the server is told: once, about the daemon; with each event, about the cluster at that moment.

use super::rules::Rule;
use crate::core::Core;
use crate::message::{Message, Uuid};
use crate::node::Node;
use crate::time::Mono;
use std::time::Duration;

/// What the kernel says about the other end of a connection at the time it was made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Credentials {
    /// Its process; 0 if it cannot be named here (another process namespace).
    pub pid: u32,
    /// Its effective user.
    pub uid: u32,
    /// Its effective group.
    pub gid: u32,
    /// Its supplementary groups.
    pub groups: Vec<u32>,
}

/// What this node holds: the answer to `getrsc`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RscStatus {
    /// `none`, `local`, `foreign`, `all` or `transition`.
    pub word: String,
}

/// What does not change while the daemon runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiSettings {
    /// This node's name.
    pub node: String,
    /// The daemon's effective user, who may set any filter.
    pub uid: u32,
    /// Dead time.
    pub deadtime: Duration,
    /// Heartbeat interval.
    pub keepalive: Duration,
    /// The number and, in parentheses, the build: what the answer to a sign-on says as `hbversion`.
    pub version: String,
    /// Facility number of the system log, not shifted.
    pub facility: Option<u8>,
    /// What `getparm` knows: names and values as text.
    pub parameters: Vec<(String, String)>,
    /// Who may sign on, defaults included.
    pub rules: Vec<Rule>,
    /// Answers in netstrings (`msgfmt netstring`).
    pub netstrings: bool,
}

impl ApiSettings {
    /// A parameter's value. `crm` is the old name of `pacemaker`.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        let name = if name == "crm" { "pacemaker" } else { name };
        if name == "hbversion" {
            // As a parameter it is the number alone (observed on 3.0.6).
            return self.version.split(' ').next();
        }
        self.parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// The cluster at the moment of an event.
#[derive(Clone, Debug)]
pub struct View<'a> {
    /// The monotonic clock.
    pub now: Mono,
    /// All nodes that are part of the cluster, ping nodes too, in the order of the configuration.
    pub nodes: Vec<&'a Node>,
    /// Messages that some living peer has not acknowledged.
    pub unacknowledged: u64,
}

impl<'a> View<'a> {
    /// What the core shows.
    #[must_use]
    pub fn of(core: &'a Core, now: Mono) -> Self {
        Self { now, nodes: core.nodes().collect(), unacknowledged: core.unacknowledged() }
    }

    /// A node by its name, in whatever case it is written. An empty name is nobody's.
    pub(super) fn node(&self, name: &str) -> Option<&'a Node> {
        self.nodes.iter().find(|node| node.name.eq_ignore_ascii_case(name)).copied()
    }

    pub(super) fn by_uuid(&self, uuid: Uuid) -> Option<&'a Node> {
        self.nodes.iter().find(|node| uuid != Uuid::NIL && node.uuid == Some(uuid)).copied()
    }

    /// Whether a message is for the node of this name: addressed to nobody, to its id, or to its name.
    pub(super) fn is_for(&self, node: &str, message: &Message) -> bool {
        use crate::fields::{F_TO, F_TO_UUID};
        match (message.uuid(F_TO_UUID), message.text(F_TO)) {
            (Some(uuid), _) => self.node(node).is_some_and(|node| node.uuid == Some(uuid)),
            (None, Some(name)) => name == node.as_bytes(),
            (None, None) => true,
        }
    }
}
