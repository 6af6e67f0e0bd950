//! Start and distribution: `starting`, `resource`, the first acquisition, automatic failback (rows 1 to 9 of the table).

use super::event::{Reason, ResourceEvent};
use super::{Engine, Job, Set, State};
use crate::fields::{
    F_COMMENT, F_GROUPS, F_HOMES, F_ISSTABLE, F_RESOURCES, F_RTYPE, F_SEQ, F_SETTLES, T_ASKRESOURCES, T_GROUPS,
    T_RESOURCES, T_SHUTDONE, T_STARTING, T_STONITH,
};
use crate::message::Message;
use crate::settings::AutoFailback;
use crate::time::Mono;
use std::time::Duration;

/// How long a starting node waits for a stable peer (observed in 3.0.6; not configurable there).
const WAIT: Duration = Duration::from_secs(10);
/// A peer that still stops something is looked at again after this time.
const STOPPING_AGAIN: Duration = Duration::from_secs(1);
/// A peer that did not tell what it holds is asked so often before it counts as holding nothing.
pub(super) const ASK_AGAIN: u32 = 3;
/// A handback that has to wait is looked at again after this time.
const FAILBACK_AGAIN: Duration = Duration::from_secs(1);
/// The comment of a node of ours that tells its claims after a partition, and asks for ours.
pub(super) const PARTITION: &str = "partition";
/// The comment of the answer.
pub(super) const SETTLES: &str = "settles";

impl Engine {
    /// Row 1: every node was heard or is dead.
    pub(crate) fn communication_up(&mut self, now: Mono) {
        self.check_device(now);
        if self.legacy() {
            self.set_state(State::Stable);
            self.acquire_local(true);
        } else if self.reloaded {
            // A reload: what we held is still held, and nothing is called.
            self.local_done = true;
            self.foreign_done = true;
            self.set_state(State::Stable);
            self.send(Message::of_type(T_STARTING));
        } else {
            self.set_state(State::Starting);
            self.send(Message::of_type(T_STARTING));
            if self.peers.values().all(|peer| peer.alive) {
                self.foreign_done = true;
            }
            if self.peers.is_empty() {
                // There is nobody whose answer could be waited for.
                self.set_state(State::Received);
                self.local_at = Some(now);
            }
        }
        self.settle(now);
    }

    /// Messages may come in another order than they were sent. What a peer said about its set before what we know already
    /// means nothing any more.
    fn is_outdated(&mut self, message: &Message, from: &str) -> bool {
        let number = message.number(F_SEQ, 16).unwrap_or(u64::MAX);
        let Some(peer) = self.peer(from) else { return true };
        let outdated = number < peer.latest;
        peer.latest = peer.latest.max(number);
        outdated
    }

    /// A message of a peer or of ourselves, as it is processed by every node.
    pub(crate) fn message(&mut self, message: &Message, from: &str, own: bool, now: Mono) {
        if self.frozen() {
            return;
        }
        // Its first status may have been lost; what it says counts all the same.
        if let Some(peer) = self.peer(from).filter(|peer| !own && !peer.heard) {
            (peer.heard, peer.alive) = (true, true);
        }
        match message.str("t") {
            Some(T_STARTING) if self.legacy() || own => {}
            Some(T_STARTING) => self.peer_starts(message, from),
            Some(T_RESOURCES) if self.legacy() => {}
            Some(T_RESOURCES) => self.resources(message, from, own, now),
            Some(T_ASKRESOURCES) => self.standby_message(message, from, own, now),
            Some(T_SHUTDONE) if own => self.released_everything(),
            Some(T_SHUTDONE) => {
                let _ = self.is_outdated(message, from);
                self.peer_stops(from, now);
            }
            Some(T_STONITH) => {
                self.fencing_told(message);
                self.script(T_STONITH, message.clone());
            }
            Some(T_GROUPS) => {
                if let Some(peer) = self.peer(from) {
                    peer.truth = message.str(F_GROUPS).unwrap_or_default().to_owned();
                }
            }
            Some("ip-request") if own => {}
            Some("ip-request-resp") if self.stopping() => {}
            Some(kind) => self.script(kind, message.clone()),
            None => {}
        }
        self.settle(now);
    }

    /// What our groups are like changed: nodes of ours show it.
    pub(crate) fn truth(&mut self, text: &str) {
        if self.truth != text {
            text.clone_into(&mut self.truth);
            self.tell_truth();
        }
    }

    pub(super) fn tell_truth(&mut self) {
        if !self.as_original && !self.truth.is_empty() && self.living().any(|(_, peer)| peer.ours) {
            self.send(Message::of_type(T_GROUPS).with(F_GROUPS, &self.truth));
        }
    }

    /// Our set, as every node of the cluster understands it.
    pub(super) fn say(&mut self, stable: bool, comment: Option<&str>) {
        self.said_stable = stable;
        let message = self.claims(stable, comment);
        self.send(message);
    }

    pub(super) fn claims(&self, stable: bool, comment: Option<&str>) -> Message {
        let mut message = Message::of_type(T_RESOURCES)
            .with(F_RESOURCES, self.holds.word())
            .with(F_RTYPE, "full")
            .with(F_ISSTABLE, if stable { "1" } else { "0" });
        if self.is_large() {
            let homes: String = self.homes.iter().map(|home| format!("{home} ")).collect();
            message = message.with(F_HOMES, homes);
        }
        if let Some(comment) = comment {
            message = message.with(F_COMMENT, comment);
        }
        message
    }

    /// To a node that starts. What we still stop must not be started there.
    fn answer(&mut self) {
        let stops = match self.state {
            State::Shutdown => Some("shutdown"),
            _ if !self.as_original && self.queue.releases() => Some("standby"),
            _ => None,
        };
        self.say(self.is_settled(), stops);
    }

    /// Peers must not take us for unsettled after whatever it was has ended.
    pub(super) fn say_that_it_is_over(&mut self) {
        let active = !self.as_original && !self.legacy() && !self.stopping();
        if active && !self.said_stable && self.is_settled() {
            self.say(true, None);
        }
    }

    /// Whether we take no more without a new transition.
    pub(super) fn is_settled(&self) -> bool {
        self.state == State::Stable && self.healing.is_empty() && !self.is_moving()
    }

    /// Groups go from one node to another.
    pub(super) fn is_moving(&self) -> bool {
        !self.as_original && (!self.standby.is_idle() || self.queue.moves_groups())
    }

    /// Rows 2 to 2c.
    fn peer_starts(&mut self, message: &Message, from: &str) {
        if self.is_outdated(message, from) {
            // It asks all the same.
            self.answer();
            return;
        }
        match self.state {
            State::Init | State::BothStarting => {
                self.log(ResourceEvent::StartingInState(self.state as u8));
                // Its claims are those of a new life all the same.
                if self.state == State::Init {
                    return;
                }
            }
            State::Starting => {
                self.foreign_done = true;
                self.announce("HB_R_BOTHSTARTING");
                self.set_state(State::BothStarting);
            }
            _ if !self.takeover.is_empty() => self.log(ResourceEvent::StartingDuringTakeover),
            _ => {}
        }
        if let Some(peer) = self.peer(from) {
            peer.stable = false;
            peer.told = false;
            peer.gave_up = false;
            peer.unsettled = false;
        }
        self.needs_failback |= self.is_large() && self.homes.contains(from);
        self.answer();
        self.tell_truth();
    }

    /// Rows 3 to 9: who holds what.
    fn resources(&mut self, message: &Message, from: &str, own: bool, now: Mono) {
        let Some(set) = Set::of(message) else {
            self.log(ResourceEvent::WithoutSet);
            return;
        };
        if Set::parse(message.text(F_RESOURCES).unwrap_or_default()).is_none() {
            let word = String::from_utf8_lossy(message.text(F_RESOURCES).unwrap_or_default()).into_owned();
            self.log(ResourceEvent::BadSet(word));
        }
        if self.state == State::Init {
            self.log(ResourceEvent::ResourcesInState(0));
            // What somebody holds is worth knowing all the same.
            let outdated = own || self.is_outdated(message, from);
            if let Some(peer) = self.peer(from).filter(|_| !outdated && message.str(F_RTYPE) == Some("full")) {
                peer.holds = set;
            }
            return;
        }
        if matches!(self.state, State::Starting | State::BothStarting) {
            if self.auto_failback == AutoFailback::Off {
                self.foreign_done = true;
            }
            self.local_at = Some(now + WAIT);
            self.set_state(State::Received);
        }
        let comment = message.str(F_COMMENT).unwrap_or_default();
        if own {
            self.own_resources(comment, now);
        } else {
            self.peer_resources(set, message, from, comment, now);
        }
        self.audit();
    }

    /// Rows 7 to 9.
    fn own_resources(&mut self, comment: &str, now: Mono) {
        match comment {
            "mach_down" => {
                self.log(ResourceEvent::TakeoverComplete);
                self.takeover_told(now);
                self.announce("mach_down");
            }
            // Row 8. The state is ours already if the engine itself said so.
            "shutdown" => self.set_state(State::Shutdown),
            _ => {}
        }
        if self.holds.has(Set::LOCAL) {
            self.local_done = true;
            self.announce("T_RESOURCES(us)");
        }
    }

    fn peer_resources(&mut self, set: Set, message: &Message, from: &str, comment: &str, now: Mono) {
        let full = message.str(F_RTYPE) == Some("full");
        let stable = message.str(F_ISSTABLE);
        let with_us =
            message.str(F_SETTLES).is_some_and(|names| names.split_ascii_whitespace().any(|name| name == self.node));
        if self.is_outdated(message, from) {
            // Its claims are known better by now, but it may wait for an answer, or we for its.
            if with_us {
                self.peer_settles_late(from, comment == PARTITION, now);
            }
            return;
        }
        let Some(peer) = self.peer(from) else { return };
        let before = peer.holds;
        peer.holds = if full || set == Set::NONE { set } else { before.with(set) };
        peer.told = true;
        let words = |text: &str| text.split_ascii_whitespace().map(str::to_owned).collect();
        if full {
            peer.homes = message.str(F_HOMES).map(words);
        }
        if comment == "standby" {
            self.giver_releases(from, now);
        }
        let Some(peer) = self.peer(from) else { return };
        let leaves = matches!(comment, "standby" | "shutdown");
        if full && stable == Some("0") && (leaves || before.without(set) != Set::NONE) {
            peer.unsettled = true;
        }
        match stable {
            Some("1") => {
                peer.unsettled = false;
                self.taker_has_it(from, now);
                self.peer_stable(from, now);
            }
            Some(_) => peer.stable = false,
            None => {}
        }
        if with_us {
            self.peer_settles(from, comment == PARTITION, now);
        }
    }

    /// Rows 4 and 4b.
    fn peer_stable(&mut self, from: &str, now: Mono) {
        let Some(peer) = self.peer(from) else { return };
        if !peer.stable {
            peer.stable = true;
            self.log(ResourceEvent::RemoteTransitionCompleted);
            self.say(self.is_settled(), None);
            self.auto_failback(now);
        }
        if self.others_stable() && !matches!(self.state, State::Stable | State::Shutdown) {
            self.log(ResourceEvent::RemoteTransitionCompleted);
            self.become_stable(now);
            self.foreign_done = true;
            let hold = self.ours_are_held();
            if self.auto_failback == AutoFailback::Off && hold {
                self.local_done = true;
            }
            self.announce("T_RESOURCES(them)");
        }
    }

    /// Row 6: nobody needs to be waited for any longer.
    pub(super) fn local_transition_completed(&mut self, now: Mono) {
        let stopping = self.living().any(|(_, peer)| peer.unsettled && !peer.gave_up);
        // A node that is to be reset may hold our groups too.
        if !self.as_original && (stopping || !self.fencing.is_empty()) {
            // It still stops something, and says when that is done, or dies.
            self.local_at = Some(now + STOPPING_AGAIN);
            return;
        }
        if !self.as_original && self.asked < ASK_AGAIN && self.living().any(|(_, peer)| peer.active && !peer.told) {
            // It did not hear that we start, or was just being reloaded.
            self.asked += 1;
            self.local_at = Some(now + STOPPING_AGAIN);
            self.send(Message::of_type(T_STARTING));
            return;
        }
        self.log(ResourceEvent::LocalTransitionCompleted);
        self.become_stable(now);
        self.audit();
    }

    fn become_stable(&mut self, now: Mono) {
        self.local_at = None;
        self.acquire_local(false);
        self.set_state(State::Stable);
        self.release_leftovers();
        self.say(!self.is_moving(), None);
        self.auto_failback(now);
    }

    /// After a daemon that was killed, groups of the other node may still run here while that one has taken them. Those that
    /// come home anyway are left alone.
    fn release_leftovers(&mut self) {
        let shared = self.living().next().is_some() && !self.as_original;
        if !std::mem::take(&mut self.leftovers) || !shared {
            return;
        }
        let home = if self.auto_failback == AutoFailback::On { Set::LOCAL } else { Set::NONE };
        let set = Set::ALL.without(self.holds).without(home);
        if set != Set::NONE {
            self.log(ResourceEvent::ReleasingLeftovers(set));
            self.run(Job::Release { set, only: Vec::new() });
        }
    }

    /// Among nodes of ours nobody waits ten seconds: when every living peer has told what it holds, all is known.
    fn hurry(&mut self, now: Mono) {
        let waits = self.state == State::Received && self.local_at.is_some_and(|at| at > now);
        let known = self.living().all(|(_, peer)| peer.told && !peer.unsettled && (peer.active || peer.gave_up));
        let fenced = self.fencing.is_empty()
            && self.takeover.is_empty()
            && self.peers.values().all(|peer| peer.heard || peer.stable);
        if waits && known && fenced && self.among_ours() && self.queue.idle() {
            self.local_at = Some(now);
        }
    }

    /// A node that is alone and has everything has nobody to wait for. (The originals wait ten seconds and make the next
    /// node that starts wait with them.)
    pub(super) fn rest_alone(&mut self, now: Mono) {
        let alone = self.state == State::Received
            && self.holds == Set::ALL
            && self.living().next().is_none()
            && self.takeover.is_empty()
            && self.queue.empty();
        if alone && !self.as_original && self.local_at.is_some() {
            self.local_transition_completed(now);
        } else {
            self.hurry(now);
        }
    }

    /// Takes our groups, unless a peer holds them or we have them. The claim counts at once, so that no two children do
    /// the same.
    pub(super) fn acquire_local(&mut self, force: bool) {
        if self.stopping() {
            return;
        }
        let needless = self.ours_are_held() || self.holds.has(Set::LOCAL);
        // With more than two nodes, whoever holds our groups, or is getting them, has not lost them because a third one died.
        let busy = needless || !self.standby.is_idle() || self.queue.moves_groups() || !self.fencing.is_empty();
        let elsewhere = self.is_large() && busy;
        if elsewhere || (!force && needless && self.standby.is_idle()) {
            self.log(ResourceEvent::NothingToAcquire);
            return;
        }
        if !self.legacy() {
            self.hold(Set::LOCAL, &[]);
        }
        if self.queue.moves_groups() {
            // What is being stopped cannot be started.
            self.acquire_later = true;
            return;
        }
        self.acquire_later = false;
        let active = self.living().filter(|(_, peer)| peer.active).count() + 1;
        let up = self.living().count() + 1;
        self.run(Job::AcquireLocal { ask: active >= 2, dont_ask: up < 2 || (self.legacy() && active < 2) });
    }

    pub(super) fn local_acquired(&mut self, now: Mono) {
        if !self.legacy() && !self.stopping() {
            self.say(!self.is_moving() && self.healing.is_empty(), Some("req_our_resources()"));
        }
        self.local_done = true;
        self.announce("req_our_resources");
        self.auto_failback(now);
    }

    /// Once per life: the first distribution is over. Test tools wait for the line.
    pub(super) fn announce(&mut self, reason: Reason) {
        if self.local_done && self.foreign_done && !self.announced {
            self.announced = true;
            self.log(ResourceEvent::InitialAcquisitionComplete(reason));
        }
    }

    /// Section 4.1: who holds the groups of a node that is back gives them back.
    pub(super) fn auto_failback(&mut self, now: Mono) {
        if !self.needs_failback {
            return;
        }
        let wanted = !self.stopping()
            && self.holds.has(Set::FOREIGN)
            && self.auto_failback == AutoFailback::On
            && self.living().any(|(name, peer)| !peer.gave_up && self.holds_groups_of(name));
        if !wanted {
            // Nobody lives who could take anything: asked again when somebody is stable.
            let gone = !self.living().any(|(name, peer)| !peer.gave_up && self.holds_groups_of(name));
            self.needs_failback = gone && self.holds.has(Set::FOREIGN);
            return;
        }
        if self.queue.acquires()
            || !self.standby.is_over()
            || !self.others_stable()
            || !self.is_settled()
            || !self.takeover.is_empty()
        {
            self.log(ResourceEvent::FailbackDelayed);
            self.failback_at = Some(now + FAILBACK_AGAIN);
            return;
        }
        self.needs_failback = false;
        self.send(Message::of_type(T_ASKRESOURCES).with(F_RESOURCES, Set::FOREIGN.word()).with(F_COMMENT, "me"));
    }
}
