//! Do the claims of two nodes fit together? Said, not acted upon (resource specification, section 4.5).

use super::event::ResourceEvent;
use super::{Engine, Set};

impl Engine {
    pub(super) fn audit(&mut self) {
        // With more nodes the sets of different nodes overlap: what is foreign to both of two others says nothing.
        let mut others = self.peers.values();
        let (Some(other), None) = (others.next(), others.next()) else { return };
        let theirs = other.holds.mirrored();
        let doubled = |set: Set| self.holds.has(set) && theirs.has(set);
        let orphaned = |set: Set| !self.holds.has(set) && !theirs.has(set);
        let quiet = self.stable() && !self.stopping() && self.state == super::State::Stable;
        let found = [
            (doubled(Set::LOCAL), ResourceEvent::BothOwnLocal),
            (doubled(Set::FOREIGN), ResourceEvent::BothOwnForeign),
            (quiet && orphaned(Set::LOCAL), ResourceEvent::NoneOwnLocal),
            (quiet && orphaned(Set::FOREIGN), ResourceEvent::NoneOwnForeign),
        ];
        for (_, event) in found.into_iter().filter(|(found, _)| *found) {
            self.log(event);
        }
    }
}
