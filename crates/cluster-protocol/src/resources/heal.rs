//! The end of a partition among nodes of ours: no restart, no group stopped that only one side holds.
//!
//! Each side tells what it holds (`resource` with `info=partition`, not stable). A set that both claim stays with the
//! node that `haresources` names, the other side releases it; then both are stable. The originals stop everything on
//! both sides and start again about 18 s later; towards one of them, we do the same.

use super::dialogue::{PARTITION, SETTLES};
use super::event::ResourceEvent;
use super::{Engine, Job, Set, State};
use crate::fields::F_SETTLES;
use crate::time::{Mono, Now};
use std::time::Duration;

/// A peer that does not answer is asked again after this time.
const ASK_AGAIN: Duration = Duration::from_secs(3);
/// And so often.
const MOST_QUESTIONS: u32 = 10;

impl Engine {
    /// A node that we declared dead goes on in the same generation. True if that is settled here; otherwise everything
    /// is to be given up and started again.
    pub(crate) fn returned(&mut self, name: &str, now: Mono) -> bool {
        let ours = !self.as_original && !self.legacy() && self.peers.get(name).is_some_and(|peer| peer.ours);
        if !ours || self.stopping() || matches!(self.state, State::Init) {
            return false;
        }
        self.begin_healing(name, PARTITION);
        self.settle(now);
        true
    }

    pub(super) fn begin_healing(&mut self, name: &str, comment: &str) {
        if !self.healing.insert(name.to_owned()) {
            return;
        }
        self.healing_asked = 0;
        self.healing_at = Some(self.now.mono + ASK_AGAIN);
        self.log(ResourceEvent::Settling(name.to_owned()));
        self.cancel_fencing(name);
        // It may have taken us for dead meanwhile: whatever was agreed is over.
        if self.standby.involves(name) {
            self.cancel_standby();
        }
        if let Some(peer) = self.peer(name) {
            (peer.stable, peer.settles, peer.unsettled) = (false, false, false);
            peer.taker = None;
        }
        self.tell_claims(name, comment);
    }

    /// An answer can be lost with the life that was to give it.
    pub(super) fn ask_again(&mut self, now: Mono) {
        self.healing_asked += 1;
        let peers = &self.peers;
        let answers = |name: &String| peers.get(name).is_some_and(|peer| peer.alive && peer.ours);
        self.healing.retain(|name| answers(name));
        let silent: Vec<String> = self
            .healing
            .iter()
            .filter(|name| self.peers.get(*name).is_some_and(|peer| !peer.settles))
            .cloned()
            .collect();
        self.healing_at = (!self.healing.is_empty()).then_some(now + ASK_AGAIN);
        for name in silent {
            if self.healing_asked > MOST_QUESTIONS {
                self.healing.remove(&name);
            } else {
                self.tell_claims(&name, PARTITION);
            }
        }
    }

    fn tell_claims(&mut self, name: &str, comment: &str) {
        self.said_stable = false;
        let message = self.claims(false, Some(comment)).with(F_SETTLES, format!("{name} "));
        self.send(message);
    }

    /// The same, but we know already what the peer said after that.
    pub(super) fn peer_settles_late(&mut self, name: &str, asks: bool, now: Mono) {
        if self.healing.contains(name) {
            self.peer_settles(name, asks, now);
        } else if asks && !self.stopping() && !self.legacy() {
            self.tell_claims(name, SETTLES);
        }
    }

    /// A peer of ours told its claims after a partition. If only the other side noticed the partition, we learn of it
    /// here.
    pub(super) fn peer_settles(&mut self, name: &str, asks: bool, now: Mono) {
        if self.stopping() || self.legacy() {
            return;
        }
        if !asks && !self.healing.contains(name) {
            // It takes us for unsettled, because it began once more.
            self.say(self.is_settled(), None);
            return;
        }
        if asks && self.healing.contains(name) {
            self.tell_claims(name, SETTLES);
        }
        self.begin_healing(name, SETTLES);
        if let Some(peer) = self.peer(name) {
            // Its claims are absolute: what it said before the partition is over.
            (peer.settles, peer.unsettled) = (true, false);
        }
        self.settle_doubles(now);
    }

    /// Releases what the other side keeps, as soon as nothing else moves here.
    pub(super) fn settle_doubles(&mut self, now: Mono) {
        let told: Vec<String> = self
            .healing
            .iter()
            .filter(|name| self.peers.get(*name).is_some_and(|peer| peer.settles))
            .cloned()
            .collect();
        if told.is_empty() || !self.queue.empty() || !self.standby.is_over() || !self.takeover.is_empty() {
            return;
        }
        if self.stopping() {
            self.healing.clear();
            return;
        }
        let doubles: Vec<String> = self.doubles(&told);
        if doubles.is_empty() {
            self.healed(&told, now);
            return;
        }
        let only = if self.is_large() { doubles.clone() } else { Vec::new() };
        self.let_go(Set::FOREIGN, &only);
        self.log(ResourceEvent::ReleasingDoubles { node: doubles.join(" "), set: Set::FOREIGN });
        self.say(false, Some("standby"));
        self.run(Job::Release { set: Set::FOREIGN, only });
    }

    /// Whose groups we hold although somebody else keeps them: the nodes that they belong to, and with more than two
    /// nodes whoever would be elected for those of a dead node.
    fn doubles(&self, told: &[String]) -> Vec<String> {
        let claims = |name: &&String| self.peers.get(*name).is_some_and(|peer| peer.holds.has(Set::LOCAL));
        if !self.is_large() {
            return told.iter().filter(claims).filter(|_| self.holds.has(Set::FOREIGN)).cloned().collect();
        }
        let claimed = |home: &&String| {
            let holds = |name: &String| {
                let homes = self.peers.get(name).and_then(|peer| peer.homes.as_ref());
                homes.is_some_and(|homes| homes.contains(home))
            };
            let lives = self.peers.get(*home).is_some_and(|peer| peer.alive);
            **home != self.node && told.iter().any(holds) && (lives || self.taker_of(home) != self.node)
        };
        self.homes.iter().filter(claimed).cloned().collect()
    }

    fn healed(&mut self, told: &[String], now: Mono) {
        for name in told {
            self.healing.remove(name);
        }
        if self.state == State::Received {
            self.local_at = None;
            self.set_state(State::Stable);
        }
        // Set by the death of a node that lives: what is foreign to us and only we hold goes home like after a return.
        self.needs_failback = self.holds.has(Set::FOREIGN);
        self.say(self.is_settled(), None);
        self.take_what_is_left(now);
        self.auto_failback(now);
    }

    /// With more than two nodes, both sides may have released groups of a node that is still dead.
    fn take_what_is_left(&mut self, now: Mono) {
        if self.peers.len() < 2 || !self.healing.is_empty() {
            return;
        }
        let dead: Vec<String> = self
            .peers
            .iter()
            .filter(|(name, peer)| {
                !peer.alive && peer.heard && !self.homes.contains(*name) && self.holder_of(name).is_none()
            })
            .map(|(name, _)| name.clone())
            .collect();
        for name in dead {
            self.take_over(&name, Now { mono: now, ..self.now });
        }
    }
}
