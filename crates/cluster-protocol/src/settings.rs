//! What the core is told once: names, times and media. Built by the shell from `ha.cf`.

use crate::auth::AuthKeys;
use crate::compress::Compression;
use crate::message::Uuid;
use crate::resources::Set;
use std::time::Duration;

/// A medium: its place in [`Settings::media`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MediumId(pub usize);

/// What a medium carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MediumKind {
    /// Datagrams to the peers, in whatever [`MessageFormat`] says.
    Network,
    /// A line that carries text only: always the classic encoding.
    Serial,
    /// Echo requests to one ping node, whose name this is; a group is one node.
    Ping(String),
}

/// One medium.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Medium {
    /// The link name that `cl_status` and log lines show: `eth0`, `/dev/ttyS0`, a ping node's name.
    pub name: String,
    /// What it carries.
    pub kind: MediumKind,
}

/// `auto_failback`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AutoFailback {
    /// The returning owner gets its groups back.
    On,
    /// Groups stay where they are.
    Off,
    /// The protocol of 1.x.
    #[default]
    Legacy,
}

/// `autojoin`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Autojoin {
    /// Unknown senders are dropped.
    #[default]
    None,
    /// Other nodes may join.
    Other,
    /// And this one need not be listed.
    Any,
}

/// `msgfmt`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MessageFormat {
    /// What peers of 3.0.6 send by default; classic text as soon as a peer sends that.
    #[default]
    Classic,
    /// Netstrings only.
    Netstring,
}

/// Everything that `ha.cf` and `authkeys` decide for the protocol.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// This node's name, lower case. Always one of `nodes`.
    pub node: String,
    /// All cluster members in the order of the file, lower case, no doubles.
    pub nodes: Vec<String>,
    /// All media in the order of the file. Ping nodes exist because a medium names them.
    pub media: Vec<Medium>,
    /// Interval of status messages.
    pub keepalive: Duration,
    /// Silence after which a node is dead.
    pub deadtime: Duration,
    /// Silence worth a warning.
    pub warntime: Duration,
    /// Silence after which a ping node is dead.
    pub deadping: Duration,
    /// Used instead of `deadtime` until communication is up.
    pub initdead: Duration,
    /// Added to the number of nodes for `ttl`.
    pub hopfudge: u32,
    /// Who gets the groups when their owner returns.
    pub auto_failback: AutoFailback,
    /// Whether unknown nodes may join.
    pub autojoin: Autojoin,
    /// How messages are written.
    pub msgfmt: MessageFormat,
    /// Whether long messages are compressed.
    pub compression: Compression,
    /// The longest delay of a retransmission request.
    pub max_rexmit_delay: Duration,
    /// The keys.
    pub keys: AuthKeys,
    /// How resources are managed.
    pub resources: ResourceSettings,
    /// Whether a fencing device is configured for this node.
    pub has_stonith: bool,
}

/// What the resource engine is told once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceSettings {
    /// Whether this daemon manages resources; if not, it takes part in the dialogue and moves nothing.
    pub manages: bool,
    /// After a reload: what was held before it, and still is.
    pub held: Option<Set>,
    /// After a reload with more than two nodes: whose groups these are.
    pub homes: Vec<String>,
    /// The daemon before this one was killed while groups ran.
    pub leftovers: bool,
    /// Behave as an original towards nodes of ours too: wait ten seconds, restart after a partition.
    pub as_original: bool,
}

impl Default for ResourceSettings {
    fn default() -> Self {
        Self { manages: true, held: None, homes: Vec::new(), leftovers: false, as_original: false }
    }
}

/// A member that is remembered from an earlier start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownNode {
    /// Its name, lower case.
    pub name: String,
    /// Its id; nil if it was never heard.
    pub uuid: Uuid,
    /// Its weight.
    pub weight: u32,
    /// Its site.
    pub site: Vec<u8>,
}

/// Who this start of the node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The node's id, kept for ever.
    pub uuid: Uuid,
    /// Larger at every start.
    pub generation: u64,
}
