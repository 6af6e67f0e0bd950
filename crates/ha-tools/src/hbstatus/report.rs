//! From what is known to what is shown: pure.

use super::engine::{Engine, Peer};
use ha_config::haresources::Group;
use resource_manager::table::key;
use resource_manager::truth::{Failure, GroupTruth, State};
use serde::Serialize;

/// Everything that is shown; the fields are the JSON's.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    /// This node.
    pub(super) node: String,
    /// Whether the daemon runs here.
    pub(super) running: bool,
    /// What the daemon says about itself.
    pub(super) daemon: Option<Daemon>,
    /// The other nodes.
    pub(super) peers: Vec<PeerLine>,
    /// The groups in the order of haresources.
    pub(super) groups: Vec<GroupLine>,
}

/// The daemon of this node.
#[derive(Debug, Serialize)]
pub(super) struct Daemon {
    pub(super) status: String,
    pub(super) state: String,
    pub(super) claims: String,
    pub(super) stable: bool,
    pub(super) standby: String,
    pub(super) since: u64,
    pub(super) last_event: String,
    pub(super) last_event_at: u64,
}

/// Another node.
#[derive(Debug, Serialize)]
pub(super) struct PeerLine {
    pub(super) node: String,
    pub(super) status: String,
    pub(super) alive: bool,
    pub(super) claims: String,
    pub(super) stable: bool,
    /// Whether it tells what really runs.
    pub(super) reports: bool,
}

/// One group.
#[derive(Debug, Serialize)]
pub(super) struct GroupLine {
    /// Its first resource.
    pub(super) key: String,
    /// The node of its line; nothing if it is in haresources no more.
    pub(super) home: Option<String>,
    /// All in all.
    pub(super) verdict: Verdict,
    /// What is known from each node.
    pub(super) places: Vec<Place>,
    /// When a start or stop of the group last ended on this node, in seconds since 1970.
    pub(super) last_transition: Option<u64>,
    /// What failed last, on any node.
    pub(super) last_failure: Option<String>,
}

/// A group on one node.
#[derive(Debug, Serialize)]
pub(super) struct Place {
    pub(super) node: String,
    /// `starting`, `running`, `stopping`, `stopped` or `failed`.
    pub(super) state: String,
    /// In seconds since 1970; 0 if not known.
    pub(super) since: u64,
    /// Only what the node claims, not what its scripts did.
    pub(super) claimed: bool,
}

/// How a group is, all nodes together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Verdict {
    /// On one node.
    Running,
    /// On more than one.
    Twice,
    /// Being started or stopped.
    Moving,
    /// Nowhere, after a failure.
    Failed,
    /// Nowhere.
    Stopped,
}

impl Report {
    /// `truth` is what the scripts did on this node.
    pub(super) fn new(
        node: &str,
        running: bool,
        engine: Option<&Engine>,
        groups: &[Group],
        truth: &[GroupTruth],
    ) -> Self {
        // A daemon that is gone says nothing about now.
        let live = engine.filter(|_| running);
        let peers = live.map(|engine| engine.peers.as_slice()).unwrap_or_default();
        let known: Vec<(&str, &str)> = groups
            .iter()
            .map(|group| (key(group), group.node.text.as_str()))
            .filter(|(key, _)| !key.is_empty())
            .collect();
        let line = |key: &str, home: Option<&str>| {
            let here = truth.iter().find(|truth| truth.key == key);
            group(node, key, home, here, peers)
        };
        let mut lines: Vec<_> = known.iter().map(|(key, home)| line(key, Some(home))).collect();
        // A group that was removed from the file while it ran is not stopped by anybody.
        let left = truth.iter().filter(|truth| truth.state != State::Stopped);
        let left = left.filter(|truth| known.iter().all(|(key, _)| *key != truth.key));
        lines.extend(left.map(|truth| line(&truth.key, None)));
        Self {
            node: node.to_owned(),
            running,
            daemon: live.map(daemon),
            peers: peers.iter().map(peer).collect(),
            groups: lines,
        }
    }

    /// 0 all is well, 1 no daemon, 2 a group is not where it should be.
    pub(super) fn exit_status(&self) -> u8 {
        let bad = |group: &GroupLine| matches!(group.verdict, Verdict::Twice | Verdict::Failed | Verdict::Stopped);
        match self.running {
            false => 1,
            true if self.groups.iter().any(bad) => 2,
            true => 0,
        }
    }
}

fn daemon(engine: &Engine) -> Daemon {
    Daemon {
        status: engine.status.clone(),
        state: engine.state.clone(),
        claims: engine.holds.clone(),
        stable: engine.stable,
        standby: engine.standby.clone(),
        since: engine.since,
        last_event: engine.last_event.clone(),
        last_event_at: engine.last_event_at,
    }
}

fn peer(peer: &Peer) -> PeerLine {
    PeerLine {
        node: peer.node.clone(),
        status: peer.status.clone(),
        alive: peer.alive,
        claims: peer.holds.clone(),
        stable: peer.stable,
        reports: peer.ours,
    }
}

fn group(node: &str, key: &str, home: Option<&str>, here: Option<&GroupTruth>, peers: &[Peer]) -> GroupLine {
    let mut places: Vec<Place> = Vec::new();
    places.extend(here.map(|truth| Place {
        node: node.to_owned(),
        state: truth.state.word().to_owned(),
        since: truth.since,
        claimed: false,
    }));
    // A node that is not heard says nothing about now.
    let heard = peers.iter().filter(|peer| peer.alive);
    places.extend(heard.clone().filter_map(|peer| elsewhere(peer, key, home)));
    let own = here.and_then(|truth| truth.last_failure.as_ref()).map(|failure| on(node, &worded(failure)));
    let theirs = heard.filter_map(|peer| {
        let group = peer.groups.iter().find(|group| group.key == key)?;
        group.failure.as_ref().filter(|text| !text.is_empty()).map(|text| on(&peer.node, &told(text)))
    });
    let failures: Vec<String> = own.into_iter().chain(theirs).collect();
    GroupLine {
        key: key.to_owned(),
        home: home.map(str::to_owned),
        verdict: verdict(&places),
        last_transition: here.and_then(|truth| truth.last_transition),
        last_failure: Some(failures.join("; ")).filter(|text| !text.is_empty()),
        places,
    }
}

/// What a peer says about a group, or what follows from the set that it claims.
fn elsewhere(peer: &Peer, key: &str, home: Option<&str>) -> Option<Place> {
    if let Some(group) = peer.groups.iter().find(|group| group.key == key) {
        let (node, state) = (peer.node.clone(), group.state.clone());
        return Some(Place { node, state, since: group.since, claimed: false });
    }
    let its_own = home? == peer.node.to_lowercase();
    let claimed = match peer.holds.as_str() {
        "all" => true,
        "local" => its_own,
        "foreign" => !its_own,
        _ => false,
    };
    // A node that tells the truth would have told it.
    let believed = claimed && !peer.ours;
    believed.then(|| Place { node: peer.node.clone(), state: "running".to_owned(), since: 0, claimed: true })
}

fn verdict(places: &[Place]) -> Verdict {
    let count = |word: &str| places.iter().filter(|place| place.state == word).count();
    match count("running") {
        0 if count("starting") + count("stopping") > 0 => Verdict::Moving,
        0 if count("failed") > 0 => Verdict::Failed,
        0 => Verdict::Stopped,
        1 => Verdict::Running,
        _ => Verdict::Twice,
    }
}

fn on(node: &str, text: &str) -> String {
    format!("{node}: {text}")
}

/// A failure as a peer tells it: `resource:verb:status:seconds`. Anything else is shown as it is.
fn told(text: &str) -> String {
    let mut parts = text.rsplitn(4, ':');
    let (time, code, verb, resource) = (parts.next(), parts.next(), parts.next(), parts.next());
    let failure = || {
        Some(Failure {
            resource: resource?.to_owned(),
            verb: verb?.to_owned(),
            code: code?.parse().ok()?,
            time: time?.parse().ok()?,
        })
    };
    failure().map_or_else(|| text.to_owned(), |failure| worded(&failure))
}

fn worded(failure: &Failure) -> String {
    let when = super::table::date(failure.time);
    format!("{} {} returned {} at {when}", failure.resource, failure.verb, failure.code)
}

#[cfg(test)]
#[path = "report_tests.rs"]
mod tests;
