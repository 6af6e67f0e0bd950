//! The engine's truth for whoever asks: status commands and clients.

use super::{Engine, Set, State};

/// What a peer holds, as we know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeerView {
    /// Its name.
    pub name: String,
    /// From its point of view.
    pub holds: Set,
    /// It is settled.
    pub stable: bool,
    /// It is not dead.
    pub alive: bool,
    /// It is one of ours.
    pub ours: bool,
    /// What it says about its groups, as it was sent; empty if it says nothing.
    pub groups: String,
}

/// What we hold and how settled we are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct View {
    /// The state.
    pub state: State,
    /// The claimed set.
    pub holds: Set,
    /// Nothing moves.
    pub stable: bool,
    /// Where a standby stands: `none`, `giving`, `taking`, `given`, `acquiring`.
    pub standby: &'static str,
    /// The children at work.
    pub jobs: Vec<String>,
    /// The other members.
    pub peers: Vec<PeerView>,
}

impl State {
    /// The word for people.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Init => "init",
            Self::Starting => "starting",
            Self::BothStarting => "both-starting",
            Self::Received => "received",
            Self::Stable => "stable",
            Self::Shutdown => "shutdown",
        }
    }
}

impl Engine {
    pub(crate) fn view(&self) -> View {
        let peer = |(name, peer): (&String, &super::Peer)| PeerView {
            name: name.clone(),
            holds: peer.holds,
            stable: peer.stable,
            alive: peer.alive,
            ours: peer.ours,
            groups: peer.truth.clone(),
        };
        View {
            state: self.state,
            holds: self.holds,
            stable: self.stable(),
            standby: self.standby.word(),
            jobs: self.queue.names(),
            peers: self.peers.iter().map(peer).collect(),
        }
    }
}
