//! The resource dialogue of a node that manages no resources: enough for peers to go on with theirs.
//!
//! With no group in `haresources` every set is empty, and it takes part in everything: it acquires, hands over and
//! releases nothing. With groups it claims nothing and takes nothing, so a peer keeps what it runs.
//!
//! | state | event | action | next |
//! |---|---|---|---|
//! | init | communication up | send `starting` | starting |
//! | starting | `starting` of a peer | send our set, not stable | both starting |
//! | later | `starting` of a peer | send our set | = |
//! | starting, both starting | any `resource` | wait at most 10 s | received |
//! | received | a stable peer, or 10 s | send our set, stable | stable |
//!
//! Source: resource specification, sections 3 to 6.

use crate::event::Event;
use crate::fields::{F_COMMENT, F_ISSTABLE, F_RESOURCES, F_RTYPE, T_ASKRESOURCES, T_RESOURCES, T_STARTING};
use crate::message::Message;
use crate::settings::AutoFailback;
use crate::time::Mono;
use std::time::Duration;

/// How long a starting node waits for a stable peer (observed in 3.0.6; not configurable there).
const WAIT: Duration = Duration::from_secs(10);

/// A set of resource groups.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Set(u8);

impl Set {
    pub(crate) const NONE: Self = Self(0);
    const LOCAL: Self = Self(1);
    const FOREIGN: Self = Self(2);
    const ALL: Self = Self(3);

    fn parse(word: &[u8]) -> Self {
        match word {
            b"local" => Self::LOCAL,
            b"foreign" => Self::FOREIGN,
            b"all" => Self::ALL,
            _ => Self::NONE,
        }
    }

    pub(crate) fn word(self) -> &'static str {
        match self.0 {
            1 => "local",
            2 => "foreign",
            3 => "all",
            _ => "none",
        }
    }

    /// The same groups from the other node's point of view.
    fn mirrored(self) -> Self {
        Self((self.0 & 1) << 1 | (self.0 & 2) >> 1)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Init,
    Starting,
    BothStarting,
    Received,
    Stable,
    Shutdown,
}

/// What the bystander wants done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Wish {
    Send(Message),
    Log(Event),
}

/// The dialogue's state.
#[derive(Clone, Debug)]
pub(crate) struct Bystander {
    state: State,
    auto_failback: AutoFailback,
    /// There is no group to hold, so claiming a set promises nothing.
    empty: bool,
    holds: Set,
    pub(crate) other_holds: Set,
    other_stable: bool,
    local_at: Option<Mono>,
    taking: Option<Set>,
    pub(crate) wishes: Vec<Wish>,
}

impl Bystander {
    pub(crate) fn new(auto_failback: AutoFailback, has_groups: bool) -> Self {
        Self {
            state: State::Init,
            auto_failback,
            empty: !has_groups,
            holds: Set::NONE,
            other_holds: Set::NONE,
            other_stable: false,
            local_at: None,
            taking: None,
            wishes: Vec::new(),
        }
    }

    fn legacy(&self) -> bool {
        self.auto_failback == AutoFailback::Legacy
    }

    pub(crate) fn next_deadline(&self) -> Option<Mono> {
        if self.state == State::Received { self.local_at } else { None }
    }

    fn claim(&mut self, set: Set) {
        if self.empty {
            self.holds = Set(self.holds.0 | set.0);
        }
    }

    fn say(&mut self, stable: bool, comment: Option<&str>) {
        let mut message = Message::of_type(T_RESOURCES)
            .with(F_RESOURCES, self.holds.word())
            .with(F_RTYPE, "full")
            .with(F_ISSTABLE, if stable { "1" } else { "0" });
        if let Some(comment) = comment {
            message.push(F_COMMENT, crate::message::Value::Text(comment.as_bytes().to_vec()));
        }
        self.wishes.push(Wish::Send(message));
    }

    pub(crate) fn communication_up(&mut self) {
        if !self.legacy() {
            self.state = State::Starting;
            self.wishes.push(Wish::Send(Message::of_type(T_STARTING)));
        }
    }

    fn become_stable(&mut self) {
        // What the peer holds of ours it gives back by itself.
        if self.other_holds.0 & Set::FOREIGN.0 == 0 {
            self.claim(Set::LOCAL);
        }
        self.state = State::Stable;
        self.say(true, None);
    }

    pub(crate) fn tick(&mut self, now: Mono) {
        if self.next_deadline().is_some_and(|at| at <= now) {
            self.local_at = None;
            self.wishes.push(Wish::Log(Event::LocalTransitionCompleted));
            self.become_stable();
        }
    }

    /// A message of a peer (`own` is false) or of ourselves, as it is processed by every node.
    pub(crate) fn message(&mut self, message: &Message, from: &str, own: bool, now: Mono) {
        if self.legacy() || self.state == State::Init {
            return;
        }
        match message.str("t") {
            Some(T_STARTING) if !own => self.peer_starting(),
            Some(T_RESOURCES) => self.resources(message, own, now),
            Some(T_ASKRESOURCES) => self.standby(message, from, own),
            _ => {}
        }
    }

    fn peer_starting(&mut self) {
        self.other_stable = false;
        if self.state == State::Starting {
            self.state = State::BothStarting;
        }
        self.say(self.state == State::Stable, None);
    }

    fn resources(&mut self, message: &Message, own: bool, now: Mono) {
        let Some(held) = message.text(F_RESOURCES) else { return };
        if matches!(self.state, State::Starting | State::BothStarting) {
            self.state = State::Received;
            self.local_at = Some(now + WAIT);
        }
        if own {
            return;
        }
        let held = Set::parse(held);
        self.other_holds = match message.str(F_RTYPE) {
            Some("full") => held,
            _ if held == Set::NONE => held,
            _ => Set(self.other_holds.0 | held.0),
        };
        match message.str(F_ISSTABLE) {
            Some("1") => self.peer_stable(),
            Some(_) => self.other_stable = false,
            None => {}
        }
    }

    fn peer_stable(&mut self) {
        if !self.other_stable {
            self.wishes.push(Wish::Log(Event::RemoteTransitionCompleted));
            self.other_stable = true;
            self.say(self.state == State::Stable, None);
        }
        if self.state == State::Received {
            self.wishes.push(Wish::Log(Event::RemoteTransitionCompleted));
            self.become_stable();
        }
    }

    /// A peer hands groups over.
    fn standby(&mut self, message: &Message, from: &str, own: bool) {
        if own || self.state != State::Stable {
            return;
        }
        let word = message.text(F_RESOURCES).unwrap_or(b"all");
        match message.str(F_COMMENT) {
            Some("me") if self.empty => {
                self.taking = Some(Set::parse(word));
                self.other_stable = false;
                self.dialogue(word, "other");
            }
            Some("me") => {
                let set = String::from_utf8_lossy(word).into_owned();
                self.wishes.push(Wish::Log(Event::StandbyRefused { node: from.to_owned(), set }));
            }
            Some("done") => {
                if let Some(set) = self.taking.take() {
                    self.claim(set.mirrored());
                    self.say(true, None);
                    self.dialogue(word, "done");
                }
            }
            _ => {}
        }
    }

    fn dialogue(&mut self, set: &[u8], comment: &str) {
        let message = Message::of_type(T_ASKRESOURCES).with(F_RESOURCES, set).with(F_COMMENT, comment);
        self.wishes.push(Wish::Send(message));
    }

    /// The peer is dead or gave everything up. True if it may have held something.
    pub(crate) fn peer_gone(&mut self) -> bool {
        let held = self.other_holds != Set::NONE;
        self.other_holds = Set::NONE;
        self.other_stable = true;
        self.taking = None;
        if matches!(self.state, State::Stable | State::Received) {
            self.claim(Set::ALL);
        }
        if self.state == State::Stable {
            self.say(true, None);
        }
        held
    }

    /// We stop: from now on nothing is held.
    pub(crate) fn release(&mut self) {
        self.holds = Set::NONE;
        self.state = State::Shutdown;
        if !self.legacy() {
            self.say(false, Some("shutdown"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(bystander: &mut Bystander) -> Vec<String> {
        let words = |message: &Message| {
            let text = |name| message.str(name).unwrap_or("-").to_owned();
            [text("t"), text(F_RESOURCES), text(F_ISSTABLE), text(F_COMMENT)].join(" ")
        };
        let sends = |wish: Wish| match wish {
            Wish::Send(message) => Some(words(&message)),
            Wish::Log(_) => None,
        };
        std::mem::take(&mut bystander.wishes).into_iter().filter_map(sends).collect()
    }

    fn resource(held: &str, stable: &str) -> Message {
        Message::of_type(T_RESOURCES).with(F_RESOURCES, held).with(F_RTYPE, "full").with(F_ISSTABLE, stable)
    }

    #[test]
    fn without_groups_it_takes_part_in_everything() {
        let mut node = Bystander::new(AutoFailback::On, false);
        node.communication_up();
        assert_eq!(sent(&mut node), ["starting - - -"]);
        node.message(&Message::of_type(T_STARTING), "peer", false, Mono(0));
        assert_eq!(sent(&mut node), ["resource none 0 -"]);
        node.message(&resource("local", "0"), "peer", false, Mono(0));
        node.tick(Mono(9_999_999));
        assert_eq!(sent(&mut node), [""; 0]);
        node.tick(Mono(10_000_000));
        assert_eq!(sent(&mut node), ["resource local 1 -"]);
        let ask = |word| Message::of_type(T_ASKRESOURCES).with(F_RESOURCES, "local").with(F_COMMENT, word);
        node.message(&ask("me"), "peer", false, Mono(0));
        node.message(&ask("done"), "peer", false, Mono(0));
        assert_eq!(sent(&mut node), ["ask_resources local - other", "resource all 1 -", "ask_resources local - done"]);
    }

    #[test]
    fn with_groups_it_claims_and_takes_nothing() {
        let mut node = Bystander::new(AutoFailback::On, true);
        node.communication_up();
        node.message(&resource("all", "1"), "peer", false, Mono(0));
        assert_eq!(sent(&mut node), ["starting - - -", "resource none 0 -", "resource none 1 -"]);
        node.message(&Message::of_type(T_ASKRESOURCES).with(F_COMMENT, "me"), "peer", false, Mono(0));
        assert_eq!(sent(&mut node), [""; 0]);
        assert!(node.peer_gone());
        node.release();
        assert_eq!(sent(&mut node), ["resource none 1 -", "resource none 0 shutdown"]);
    }

    #[test]
    fn in_legacy_mode_it_is_silent() {
        let mut node = Bystander::new(AutoFailback::Legacy, false);
        node.communication_up();
        node.message(&resource("all", "1"), "peer", false, Mono(0));
        node.release();
        assert_eq!(sent(&mut node), [""; 0]);
    }
}
