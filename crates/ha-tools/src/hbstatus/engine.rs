//! What the daemon wrote about itself and the other nodes.

use serde::Deserialize;
use std::path::Path;

/// The file's contents. What is missing has its type's default: the file of another version is better than none.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Engine {
    /// This node.
    pub(super) node: String,
    /// Its status word, for example `active`.
    pub(super) status: String,
    /// The state of its resource engine, for example `stable`.
    pub(super) state: String,
    /// The set that it claims: `none`, `local`, `foreign` or `all`.
    pub(super) holds: String,
    /// Whether nothing is on its way.
    pub(super) stable: bool,
    /// The phase of a standby, or `none`.
    pub(super) standby: String,
    /// Since when it is in this state, in seconds since 1970.
    pub(super) since: u64,
    /// The daemon's process.
    pub(super) pid: u32,
    /// The other nodes.
    pub(super) peers: Vec<Peer>,
    /// What happened last.
    pub(super) last_event: String,
    /// When, in seconds since 1970.
    pub(super) last_event_at: u64,
}

/// Another node.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Peer {
    /// Its name.
    pub(super) node: String,
    /// Its status word.
    pub(super) status: String,
    /// Whether it is heard.
    pub(super) alive: bool,
    /// Whether it is of our kind and tells what really runs.
    pub(super) ours: bool,
    /// The set that it claims.
    pub(super) holds: String,
    /// Whether nothing is on its way there.
    pub(super) stable: bool,
    /// What it says about its groups.
    pub(super) groups: Vec<PeerGroup>,
}

/// A group on another node.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct PeerGroup {
    /// Its key.
    pub(super) key: String,
    /// `starting`, `running`, `stopping`, `stopped` or `failed`.
    pub(super) state: String,
    /// Since when, in seconds since 1970.
    pub(super) since: u64,
    /// The last failure, empty or missing without one.
    pub(super) failure: Option<String>,
}

impl Engine {
    /// Reads the file; nothing if it is missing or makes no sense.
    pub(super) fn read(path: &Path) -> Option<Self> {
        serde_json::from_slice(&std::fs::read(path).ok()?).ok()
    }
}
