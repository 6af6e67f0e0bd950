//! What we know about another node's resources.

use super::{Engine, Set};

/// Another cluster member.
#[derive(Clone, Debug, Default)]
pub(crate) struct Peer {
    /// What it says that it holds, from its point of view.
    pub(crate) holds: Set,
    /// With more than two nodes: whose groups it holds; `None` if it does not say.
    pub(crate) homes: Option<Vec<String>>,
    /// It said that it takes no more without a new transition; also set if it is gone and taken care of.
    pub(crate) stable: bool,
    /// It is handing something over or releasing everything, and did not say yet that this is done. If it dies now, what
    /// it said that it holds is not what it holds.
    pub(crate) unsettled: bool,
    /// It was heard since our start.
    pub(crate) heard: bool,
    /// It is not dead.
    pub(crate) alive: bool,
    /// Its status is `active`.
    pub(crate) active: bool,
    /// It is one of ours.
    pub(crate) ours: bool,
    /// After a partition: it told what it holds.
    pub(crate) settles: bool,
    /// Number of its newest message about what it holds: an older one that comes late means nothing any more.
    pub(crate) latest: u64,
    /// It was declared dead in its present generation: if it is heard again, that was a partition, which ends in its own way.
    pub(crate) cut: bool,
    /// It is dead, and was reset or held nothing.
    pub(crate) safe: bool,
    /// Number of its newest message of a standby.
    pub(crate) latest_ask: u64,
    /// It told what it holds since it (or we) started.
    pub(crate) told: bool,
    /// It released everything and stops.
    pub(crate) gave_up: bool,
    /// Who was elected to take its groups when it died.
    pub(crate) taker: Option<String>,
    /// What it says about each of its groups, as it was sent.
    pub(crate) truth: String,
}

impl Peer {
    /// It runs and takes part.
    pub(crate) fn takes_part(&self) -> bool {
        self.alive && self.active && !self.gave_up
    }
}

impl Engine {
    /// All others are settled. A node that is gone counts as it was left: unsettled until it is taken care of.
    pub(super) fn others_stable(&self) -> bool {
        self.peers.values().all(|peer| peer.stable)
    }

    /// Somebody else holds our groups.
    pub(super) fn ours_are_held(&self) -> bool {
        self.living().any(|(_, peer)| match &peer.homes {
            Some(homes) => homes.contains(&self.node),
            None => peer.holds.has(Set::FOREIGN),
        })
    }

    /// Whether we hold groups of that node. With two nodes every foreign group is the other one's.
    pub(super) fn holds_groups_of(&self, home: &str) -> bool {
        if self.is_large() { self.homes.contains(home) } else { self.holds.has(Set::FOREIGN) }
    }

    /// The living peer that holds the groups of `home`.
    pub(super) fn holder_of(&self, home: &str) -> Option<String> {
        let holds = |peer: &Peer| peer.homes.as_ref().is_some_and(|homes| homes.iter().any(|name| name == home));
        self.living().find(|(_, peer)| holds(peer)).map(|(name, _)| name.to_owned())
    }

    /// More than two nodes, and not told to behave as an original: sets alone do not say enough.
    pub(super) fn is_large(&self) -> bool {
        self.peers.len() >= 2 && !self.as_original
    }

    /// We hold this set now, of these nodes if any are named.
    pub(super) fn hold(&mut self, set: Set, of: &[String]) {
        self.holds = self.holds.with(set);
        if set.has(Set::LOCAL) {
            self.homes.insert(self.node.clone());
        }
        self.homes.extend(of.iter().cloned());
    }

    /// We hold this set no longer, but for groups of other nodes than these if any are named.
    pub(super) fn let_go(&mut self, set: Set, of: &[String]) {
        self.holds = self.holds.without(set);
        if set.has(Set::LOCAL) {
            self.homes.remove(&self.node);
        }
        if set.has(Set::FOREIGN) {
            let node = self.node.clone();
            self.homes.retain(|home| *home == node || !(of.is_empty() || of.contains(home)));
        }
        if self.is_large() && self.homes.iter().any(|home| *home != self.node) {
            self.holds = self.holds.with(Set::FOREIGN);
        }
    }

    pub(super) fn peer(&mut self, name: &str) -> Option<&mut Peer> {
        self.peers.get_mut(name)
    }

    /// Members that live, by name.
    pub(super) fn living(&self) -> impl Iterator<Item = (&str, &Peer)> {
        self.peers.iter().filter(|(_, peer)| peer.alive).map(|(name, peer)| (name.as_str(), peer))
    }

    /// Every living peer is one of ours, and nobody asked us to behave as an original.
    pub(super) fn among_ours(&self) -> bool {
        !self.as_original && self.living().all(|(_, peer)| peer.ours)
    }

    pub(super) fn unsettle_others(&mut self) {
        self.peers.values_mut().filter(|peer| peer.alive).for_each(|peer| peer.stable = false);
    }
}
