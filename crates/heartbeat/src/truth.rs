//! What status commands show: the engine's view and the real state of the groups, as a file, and what peers of ours get
//! to know of our groups.
//!
//! The file is written only when something changed. It is made for `hbstatus`; nothing in the daemon reads it.

use crate::paths;
use cluster_protocol::core::Core;
use cluster_protocol::fields::ST_DEAD;
use cluster_protocol::resources::PeerView;
use ha_sys::state;
use resource_manager::truth::{GroupTruth, read_all};
use serde_json::{Value, json};
use std::path::Path;

/// Writes the view when it changed.
#[derive(Debug, Default)]
pub struct Teller {
    written: String,
    since: u64,
    state: String,
    last_event: String,
    last_event_at: u64,
}

impl Teller {
    /// A log line about resources, for the view.
    pub fn note(&mut self, text: &str, now: u64) {
        text.clone_into(&mut self.last_event);
        self.last_event_at = now;
    }

    /// Writes the file if the view changed. `now` in seconds since 1970.
    pub fn tell(&mut self, core: &Core, now: u64) {
        let view = core.resources();
        let state = format!("{} {} {}", view.state.word(), view.holds.word(), view.stable);
        if state != self.state {
            self.state = state;
            self.since = now;
        }
        let peer = |peer: &PeerView| {
            let status = core.nodes().find(|node| node.name == peer.name).map_or(ST_DEAD, |node| &node.status);
            json!({
                "node": peer.name,
                "status": status,
                "alive": peer.alive,
                "ours": peer.ours,
                "holds": peer.holds.word(),
                "stable": peer.stable,
                "groups": groups_of(&peer.groups),
            })
        };
        let document = json!({
            "node": core.settings().node,
            "status": core.status(),
            "state": view.state.word(),
            "holds": view.holds.word(),
            "stable": view.stable,
            "standby": view.standby,
            "jobs": view.jobs,
            "since": self.since,
            "pid": std::process::id(),
            "peers": view.peers.iter().map(peer).collect::<Vec<_>>(),
            "last_event": self.last_event,
            "last_event_at": self.last_event_at,
        });
        let text = format!("{document:#}\n");
        if text != self.written {
            // Nobody but a status command misses it.
            let _ = state::replace(Path::new(paths::ENGINE_VIEW), text.as_bytes(), 0o644);
            self.written = text;
        }
    }
}

/// Our groups in one text for peers: words `key|state|since|failure`.
#[must_use]
pub fn groups() -> String {
    let word = |truth: &GroupTruth| {
        let failure = truth.last_failure.as_ref();
        let failure = failure.map(|it| format!("{}:{}:{}:{}", it.resource, it.verb, it.code, it.time));
        format!("{}|{}|{}|{}", truth.key, truth.state.word(), truth.since, failure.unwrap_or_default())
    };
    read_all().iter().map(word).collect::<Vec<_>>().join(" ")
}

/// The groups of a peer, from its text. Words that make no sense are left out.
fn groups_of(text: &str) -> Vec<Value> {
    let group = |word: &str| {
        let mut parts = word.split('|');
        let (key, state, since) = (parts.next()?, parts.next()?, parts.next()?.parse::<u64>().ok()?);
        let failure = parts.next().filter(|failure| !failure.is_empty());
        Some(json!({ "key": key, "state": state, "since": since, "failure": failure }))
    };
    text.split_ascii_whitespace().filter_map(group).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_of_a_peer_are_read_and_nonsense_is_left_out() {
        let found = groups_of("IPaddr::1.2.3.4|running|17| a|failed|x| b|failed|5|b::c:start:1:4 nonsense");
        let expected = json!([
            { "key": "IPaddr::1.2.3.4", "state": "running", "since": 17, "failure": null },
            { "key": "b", "state": "failed", "since": 5, "failure": "b::c:start:1:4" },
        ]);
        assert_eq!(Value::Array(found), expected);
    }
}
