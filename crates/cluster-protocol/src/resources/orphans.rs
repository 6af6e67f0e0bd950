//! Groups that nobody holds, or two nodes, although everybody is settled: a node died in the middle of something and came
//! back before that was noticed, a fencing became needless, both sides of a partition were reloaded before it ended. The
//! originals only complain about it (`audit`).

use super::dialogue::{ASK_AGAIN, PARTITION};
use super::event::ResourceEvent;
use super::{Engine, Job, Set, State};
use crate::fields::T_STARTING;
use crate::message::Message;
use crate::time::{Mono, Now};
use std::time::Duration;

/// It must have been so for this long: a message that changes it may be on its way.
const PATIENCE: Duration = Duration::from_secs(2);

impl Engine {
    /// Notices that something is orphaned, or is not any more.
    pub(super) fn look_for_orphans(&mut self, now: Mono) {
        let any = self.silent_peer().is_some()
            || self.may_take_orphans()
                && (self.ours_are_orphaned()
                    || !self.orphaned_homes().is_empty()
                    || self.doubled_with().is_some()
                    || self.doubled_with_original().is_some());
        self.orphans_at = if any { self.orphans_at.or(Some(now + PATIENCE)) } else { None };
    }

    fn may_take_orphans(&self) -> bool {
        let settled = |(_, peer): (&str, &super::peer::Peer)| peer.takes_part() && peer.told && !peer.unsettled;
        !self.as_original
            && !self.legacy()
            && self.state == State::Stable
            && !self.stopping()
            && self.leave.is_none()
            && self.fencing.is_empty()
            && self.queue.empty()
            && self.stable()
            && self.living().all(settled)
            && self.dead_are_safe()
    }

    /// No dead node can hold anything any more.
    pub(super) fn dead_are_safe(&self) -> bool {
        let mut dead = self.peers.values().filter(|peer| !peer.alive && peer.heard);
        !self.has_device || dead.all(|peer| peer.safe)
    }

    fn ours_are_orphaned(&self) -> bool {
        !self.holds.has(Set::LOCAL) && !self.ours_are_held()
    }

    /// Dead nodes whose groups nobody holds, and which are for us to take.
    fn orphaned_homes(&self) -> Vec<String> {
        let orphaned = |name: &&String| {
            if self.is_large() {
                !self.homes.contains(*name) && self.holder_of(name).is_none() && self.taker_of(name) == self.node
            } else {
                !self.holds.has(Set::FOREIGN)
            }
        };
        let dead = self.peers.iter().filter(|(_, peer)| !peer.alive && peer.heard).map(|(name, _)| name);
        dead.filter(orphaned).cloned().collect()
    }

    /// A peer of ours that claims what we claim too. However that came about: it is settled as after a partition.
    fn doubled_with(&self) -> Option<String> {
        let doubled = |(_, peer): &(&str, &super::peer::Peer)| match (&peer.homes, self.is_large()) {
            (Some(homes), true) => homes.iter().any(|home| self.homes.contains(home)),
            _ => {
                let theirs = peer.holds.mirrored();
                [Set::LOCAL, Set::FOREIGN].iter().any(|set| self.holds.has(*set) && theirs.has(*set))
            }
        };
        self.living().filter(|(_, peer)| peer.ours).find(doubled).map(|(name, _)| name.to_owned())
    }

    /// An original that claims what we claim too. It will not give way, so we do.
    fn doubled_with_original(&self) -> Option<(String, Set)> {
        let (name, peer) = self.living().next().filter(|_| self.peers.len() == 1)?;
        let theirs = peer.holds.mirrored();
        let set = [Set::LOCAL, Set::FOREIGN].into_iter().find(|set| self.holds.has(*set) && theirs.has(*set))?;
        (!peer.ours).then(|| (name.to_owned(), set))
    }

    /// A peer that takes part and never told us what it holds: what it said went into the void.
    fn silent_peer(&self) -> Option<String> {
        let idle = self.state == State::Stable && !self.as_original && !self.legacy() && !self.stopping();
        let silent =
            |(_, peer): &(&str, &super::peer::Peer)| peer.takes_part() && !peer.told && (peer.ours || !peer.cut);
        let found = self.living().find(silent).map(|(name, _)| name.to_owned());
        let asked_enough = self.asked >= ASK_AGAIN;
        let found = found.filter(|name| self.peers.get(name).is_some_and(|peer| peer.ours) || !asked_enough);
        found.filter(|name| idle && self.healing.is_empty() && !self.standby.involves(name))
    }

    pub(super) fn take_orphans(&mut self, now: Mono) {
        if let Some(name) = self.silent_peer() {
            if self.peers.get(&name).is_some_and(|peer| peer.ours) {
                self.begin_healing(&name, PARTITION);
            } else if self.asked < ASK_AGAIN {
                // An original that is settled answers this at any time, and one that starts learns what is held.
                self.asked += 1;
                self.send(Message::of_type(T_STARTING));
                self.say(self.is_settled(), None);
            }
            return;
        }
        if !self.may_take_orphans() {
            return;
        }
        if let Some((node, set)) = self.doubled_with_original() {
            self.let_go(set, &[]);
            self.log(ResourceEvent::ReleasingDoubles { node, set });
            self.say(false, Some("standby"));
            self.run(Job::Release { set, only: Vec::new() });
            return;
        }
        if let Some(name) = self.doubled_with() {
            self.begin_healing(&name, PARTITION);
            return;
        }
        if self.ours_are_orphaned() {
            self.acquire_local(false);
            self.say(self.is_settled(), None);
        }
        for name in self.orphaned_homes() {
            self.take_over(&name, Now { mono: now, ..self.now });
        }
    }
}
