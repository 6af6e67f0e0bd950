//! The standby dialogue: one node hands groups over, another takes them (resource specification, section 5).
//!
//! | phase | means |
//! |---|---|
//! | not | none is under way |
//! | me | we hand over: asked, then releasing |
//! | other | a peer hands over: it releases |
//! | done | the groups are free; the taker acquires them |

use super::event::ResourceEvent;
use super::{Engine, Job, Set, State};
use crate::fields::{F_COMMENT, F_GIVER, F_RESOURCES, F_SEQ, T_ASKRESOURCES};
use crate::message::Message;
use crate::time::Mono;
use std::time::Duration;

/// For the first answer.
const ANSWER: Duration = Duration::from_secs(10);
/// For releasing and acquiring.
const WORK: Duration = Duration::from_secs(3600);

/// Where the dialogue stands; the numbers stand in log lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Phase {
    #[default]
    Not = 0,
    Me = 1,
    Other = 2,
    Done = 3,
}

/// A standby under way, or none.
#[derive(Clone, Debug, Default)]
pub(crate) struct Standby {
    phase: Phase,
    until: Option<Mono>,
    /// Which groups, from the giver's point of view.
    set: Set,
    /// We are the giver.
    giving: bool,
    /// The other side: who gives, or who said that it takes.
    with: Option<String>,
    /// Whose groups are acquired; empty: no restriction.
    only: Vec<String>,
    /// We release already, so that a second answer does not release twice.
    releasing: bool,
}

impl Standby {
    pub(crate) fn is_idle(&self) -> bool {
        self.phase == Phase::Not
    }

    pub(crate) fn is_over(&self) -> bool {
        self.is_idle() && self.until.is_none()
    }

    pub(crate) fn deadline(&self) -> Option<Mono> {
        self.until
    }

    /// The word for whoever asks.
    pub(crate) fn word(&self) -> &'static str {
        match self.phase {
            Phase::Not => "none",
            Phase::Me => "giving",
            Phase::Other => "taking",
            Phase::Done if self.giving => "given",
            Phase::Done => "acquiring",
        }
    }

    /// Whether that node may hold groups that it did not announce: it takes ours, or is giving its own.
    pub(crate) fn involves(&self, node: &str) -> bool {
        self.phase != Phase::Not && self.with.as_deref() == Some(node)
    }
}

impl Engine {
    fn say_standby(&mut self, set: Set, word: &str) {
        let mut message = Message::of_type(T_ASKRESOURCES).with(F_RESOURCES, set.word()).with(F_COMMENT, word);
        if self.is_large() {
            message = message.with(F_GIVER, self.giver());
        }
        self.send(message);
    }

    fn giver(&self) -> String {
        let with = self.standby.with.as_ref().filter(|_| !self.standby.giving);
        with.unwrap_or(&self.node).clone()
    }

    /// Any `ask_resources`, our own too.
    pub(super) fn standby_message(&mut self, message: &Message, from: &str, own: bool, now: Mono) {
        if self.legacy() {
            self.log(ResourceEvent::StandbyNeedsFailback);
            return;
        }
        if self.state == State::Shutdown {
            return;
        }
        let Some(word) = message.str(F_COMMENT) else {
            self.log(ResourceEvent::StandbyIncomplete);
            return;
        };
        if !own && self.is_old_ask(message, word, from) {
            return;
        }
        let set = Set::of(message).unwrap_or(Set::ALL);
        if word == "me" {
            if let Some(until) = self.standby.until {
                let event = ResourceEvent::StandbyInProgress { node: from.to_owned(), rest: until.since(now) };
                self.log(event);
                return;
            }
        }
        // With more than two nodes, others may have a standby of their own.
        let elsewhere = message.str(F_GIVER).is_some_and(|giver| word != "me" && giver != self.giver());
        // An answer to another request than the one under way: two of them crossed, or one was lost.
        let other_set = word != "me" && !self.as_original && !self.standby.is_idle() && set != self.standby.set;
        if elsewhere || other_set {
            return;
        }
        match (self.standby.phase, word) {
            (Phase::Not, _) if !self.may_begin(word, from, own) => {}
            (Phase::Not, "me") if own => self.begin_giving(set, now),
            (Phase::Not, "me") => self.begin_taking(set, from, now),
            (Phase::Me, "other") if !own => self.release_for(from, now),
            (Phase::Me, "done") if own && self.standby.releasing => {
                self.log(ResourceEvent::StandbyReleased(self.standby.set));
                self.standby.phase = Phase::Done;
                self.standby.until = Some(now + WORK);
            }
            (Phase::Other, "other") if own => {}
            (Phase::Other, "done") if self.standby.with.as_deref() == Some(from) => self.take_from(from, now),
            (Phase::Done, "done") if own && !self.standby.giving => {
                self.log(ResourceEvent::StandbyAcquired(self.standby.set));
                let taken = self.taken();
                let of = std::mem::take(&mut self.standby.only);
                self.hold(taken, &of);
                self.end_standby(now);
            }
            (Phase::Done, "done") if !own && self.standby.giving => {
                self.log(ResourceEvent::StandbyTaken(self.standby.set));
                self.end_standby(now);
            }
            (phase, _) => self.log(ResourceEvent::StandbyIgnored {
                word: word.to_owned(),
                node: from.to_owned(),
                phase: phase as u8,
            }),
        }
    }

    /// Nothing may be moving when a standby begins.
    fn may_begin(&mut self, word: &str, from: &str, own: bool) -> bool {
        let other_side = !self.others_stable();
        // The originals ask all the same, and are in transition for ten seconds.
        if own && word == "me" && self.living().all(|(_, peer)| !peer.takes_part()) && !self.as_original {
            self.log(ResourceEvent::StandbyWithoutPeer(self.holds));
            return false;
        }
        let busy = !self.as_original && self.queue.acquires();
        if other_side || !self.is_settled() || !self.takeover.is_empty() || busy {
            let event = ResourceEvent::StandbyInFlux { word: word.to_owned(), node: from.to_owned(), other_side };
            self.log(event);
            return false;
        }
        if word != "me" {
            let event = ResourceEvent::StandbyIgnored { word: word.to_owned(), node: from.to_owned(), phase: 0 };
            // Of three nodes two may answer; the second answer comes late.
            self.log(event);
            return false;
        }
        true
    }

    /// Part of a dialogue that is over, come late. (Originals send what a message brings about before the message itself, so
    /// their `resource` may be one or two numbers ahead.)
    fn is_old_ask(&mut self, message: &Message, word: &str, from: &str) -> bool {
        let number = message.number(F_SEQ, 16).unwrap_or(u64::MAX);
        let Some(peer) = self.peer(from) else { return true };
        let old = number < peer.latest_ask || (word != "done" && number.saturating_add(2) < peer.latest);
        peer.latest_ask = peer.latest_ask.max(number);
        old
    }

    fn begin_giving(&mut self, set: Set, now: Mono) {
        self.log(ResourceEvent::StandbyWanted { node: self.node.clone(), set });
        self.unsettle_others();
        self.standby = Standby { phase: Phase::Me, until: Some(now + ANSWER), set, giving: true, ..Standby::default() };
    }

    fn begin_taking(&mut self, set: Set, from: &str, now: Mono) {
        self.log(ResourceEvent::StandbyWanted { node: from.to_owned(), set });
        let only = self.groups_given_by(from, set);
        if !self.is_taker_from(from, set) || (self.is_large() && only.is_empty()) {
            return;
        }
        if let Some(peer) = self.peer(from) {
            peer.stable = false;
        }
        self.standby = Standby {
            phase: Phase::Other,
            // The giver says at once that it releases. If it does not, it never wanted to, or does not any more.
            until: Some(now + ANSWER),
            set,
            with: Some(from.to_owned()),
            only: if self.is_large() { only } else { Vec::new() },
            ..Standby::default()
        };
        self.say_standby(set, "other");
    }

    fn release_for(&mut self, from: &str, now: Mono) {
        let set = self.standby.set;
        if self.standby.releasing {
            return;
        }
        self.log(ResourceEvent::PeerCanTake { node: from.to_owned(), set });
        self.standby.releasing = true;
        self.standby.with = Some(from.to_owned());
        self.standby.until = Some(now + WORK);
        let only = self.groups_to_give(set);
        self.let_go(set, &only);
        self.say(false, Some("standby"));
        self.run(Job::Release { set, only });
    }

    /// Our child released the set: a standby, or the end of a partition.
    pub(super) fn released(&mut self, now: Mono) {
        if self.standby.phase == Phase::Me && self.standby.releasing {
            let given = self.standby.set;
            self.say_standby(given, "done");
        } else {
            self.settle_doubles(now);
            if self.healing.is_empty() && !self.stopping() {
                self.say(self.is_settled(), None);
            }
        }
    }

    /// The giver of a standby that we take said that it releases.
    pub(super) fn giver_releases(&mut self, from: &str, now: Mono) {
        if self.standby.phase == Phase::Other && self.standby.with.as_deref() == Some(from) {
            self.standby.until = Some(now + WORK);
        }
    }

    fn take_from(&mut self, from: &str, now: Mono) {
        let set = self.standby.set;
        self.log(ResourceEvent::StandbyAcquires { node: from.to_owned(), set });
        self.standby.phase = Phase::Done;
        self.standby.until = Some(now + WORK);
        let only = self.standby.only.clone();
        self.run(Job::Acquire { set: self.taken(), only });
    }

    /// What we take, from our point of view.
    fn taken(&self) -> Set {
        let only = &self.standby.only;
        if only.is_empty() {
            return self.standby.set.mirrored();
        }
        let local = if only.contains(&self.node) { Set::LOCAL } else { Set::NONE };
        let foreign = if only.iter().any(|home| *home != self.node) { Set::FOREIGN } else { Set::NONE };
        local.with(foreign)
    }

    /// Our child acquired what the giver released. If the giver died meanwhile there is no dialogue any more: what we
    /// took is ours all the same.
    pub(super) fn standby_done(&mut self, taken: Set, of: &[String], now: Mono) {
        if self.standby.phase == Phase::Done && !self.standby.giving {
            self.say_standby(self.standby.set, "done");
        } else if !self.stopping() {
            self.hold(taken, of);
            self.say(self.is_settled(), None);
            self.auto_failback(now);
        }
    }

    fn end_standby(&mut self, now: Mono) {
        // The taker is as settled as the giver now, and says so itself if it is one that waits for us.
        if let Some(with) = self.standby.with.take() {
            if let Some(peer) = self.peer(&with) {
                peer.unsettled = false;
            }
        }
        self.standby = Standby::default();
        self.say(true, None);
        self.auto_failback(now);
    }

    /// A taker of ours whose part of the dialogue ended early (it took us for dead meanwhile) claims the set and is settled:
    /// its last word will not come.
    pub(super) fn taker_has_it(&mut self, from: &str, now: Mono) {
        let waits =
            self.standby.phase == Phase::Done && self.standby.giving && self.standby.with.as_deref() == Some(from);
        let taken = self.standby.set.mirrored();
        if waits && self.peers.get(from).is_some_and(|peer| peer.ours && peer.holds.has(taken)) {
            self.log(ResourceEvent::StandbyTaken(self.standby.set));
            self.end_standby(now);
        }
    }

    /// Nobody answered, or the work took more than an hour.
    pub(super) fn standby_timeout(&mut self, now: Mono) {
        self.log(ResourceEvent::StandbyTimeout);
        self.standby = Standby::default();
        self.peers.values_mut().for_each(|peer| peer.stable = true);
        self.auto_failback(now);
    }

    /// A node died: whatever was agreed with it is over.
    pub(super) fn cancel_standby(&mut self) {
        if !self.standby.is_idle() {
            self.log(ResourceEvent::StandbyCancelled);
            let taken = self.taken();
            let standby = std::mem::take(&mut self.standby);
            // What is being acquired is ours from now on, whoever else wants it.
            if standby.phase == Phase::Done && !standby.giving {
                self.hold(taken, &standby.only);
                self.say(false, None);
            }
            if self.holds == Set::ALL {
                self.peers.values_mut().for_each(|peer| peer.stable = true);
            }
        }
    }
}
