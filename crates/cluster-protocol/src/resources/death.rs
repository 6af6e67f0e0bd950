//! Death and takeover: whose groups are taken, by whom, after what (resource specification, sections 4.2 and 4.4).

use super::event::ResourceEvent;
use super::leaving::Leave;
use super::peer::Peer;
use super::{Engine, Set, State};
use crate::fields::{
    F_COMMENT, F_NODE, F_ORIG, F_RESULT, F_SEQ, F_STATUS, F_TIME, ST_ACTIVE, ST_DEAD, ST_PING, T_STATUS, T_STONITH,
};
use crate::message::Message;
use crate::node::Kind;
use crate::time::Now;

/// What is known about a node that died.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Death {
    /// It is in our configuration, or was heard since our start.
    pub(crate) was_there: bool,
    /// No message of it is missing.
    pub(crate) complete: bool,
}

impl Engine {
    /// A status of another node; `changed` if its word is another than before. `ours`: it said that it is one of ours.
    pub(crate) fn status_of(&mut self, name: &str, kind: Kind, message: &Message, changed: bool, ours: bool, now: Now) {
        if kind == Kind::Normal {
            let status = message.str(F_STATUS).unwrap_or_default();
            let alive = status != ST_DEAD;
            let peer = self.peers.entry(name.to_owned()).or_default();
            (peer.alive, peer.heard, peer.ours) = (alive, true, ours);
            peer.active = status == ST_ACTIVE;
            if alive {
                self.late_deaths.remove(name);
                self.cancel_fencing(name);
            }
        }
        if changed {
            self.script(T_STATUS, message.clone());
        }
        self.settle(now.mono);
    }

    /// A node began a new generation: what it said in the one before does not count any more.
    pub(crate) fn node_restarted(&mut self, name: &str) {
        if let Some(peer) = self.peer(name) {
            (peer.told, peer.gave_up, peer.active, peer.latest) = (false, false, false, 0);
            (peer.latest_ask, peer.cut) = (0, false);
        }
        self.healing.remove(name);
        // Its former life died, only nobody noticed: what was agreed with it is over.
        if self.standby.involves(name) {
            self.cancel_standby();
        }
    }

    /// A member was added at run time. Nobody waits for it, and if it never speaks nobody takes over from it.
    pub(crate) fn node_added(&mut self, name: &str) {
        if name != self.node {
            self.peers.entry(name.to_owned()).or_default().stable = true;
        }
    }

    pub(crate) fn node_removed(&mut self, name: &str) {
        self.peers.remove(name);
        self.fencing.remove(name);
        self.takeover.remove(name);
    }

    /// A node is dead, whatever comes of that.
    pub(crate) fn is_gone(&mut self, name: &str) {
        if let Some(peer) = self.peer(name) {
            (peer.alive, peer.active) = (false, false);
        }
    }

    /// The status that scripts see when a node is dead.
    pub(crate) fn death_notice(name: &str, kind: Kind, now: Now) -> Message {
        let notice = Message::of_type(T_STATUS)
            .with(F_SEQ, "1")
            .with(F_TIME, format!("{:x}", now.wall.0))
            .with(F_ORIG, name)
            .with(F_STATUS, ST_DEAD);
        if kind == Kind::Ping { notice.with(F_COMMENT, ST_PING) } else { notice }
    }

    /// A node is dead.
    pub(crate) fn died(&mut self, name: &str, kind: Kind, how: Death, now: Now) {
        if kind == Kind::Ping {
            self.script(T_STATUS, Self::death_notice(name, kind, now));
            return;
        }
        let in_dialogue = self.standby.involves(name);
        // Two others may go on with theirs.
        if in_dialogue || !self.is_large() {
            self.cancel_standby();
        }
        self.healing.remove(name);
        let Some(peer) = self.peers.get_mut(name) else { return };
        let knows_nothing = !peer.heard;
        // Without a device nothing depends on more than what the originals look at. With one, it counts that what the node
        // said may not be true any more: it was giving or taking, or still had to find out what it may take.
        let sure = peer.stable && !peer.unsettled && !in_dialogue && how.complete;
        let holds_nothing = if self.auto_failback == crate::settings::AutoFailback::Legacy {
            peer.gave_up
        } else {
            peer.holds == Set::NONE && (peer.gave_up || sure || !self.has_device || self.as_original)
        };
        (peer.alive, peer.active, peer.told, peer.safe, peer.cut) = (false, false, false, false, true);
        if !how.was_there {
            peer.stable = true;
            return;
        }
        if self.stopping() || self.frozen() {
            return;
        }
        let unheard = self.state < State::Stable || self.living().any(|(_, peer)| !peer.told);
        if self.is_large() && unheard && self.living().next().is_some() {
            self.late_deaths.insert(name.to_owned());
            if let Some(peer) = self.peer(name) {
                (peer.stable, peer.unsettled) = (true, peer.unsettled || !sure);
            }
            return;
        }
        self.needs_failback = true;
        if !knows_nothing && holds_nothing {
            self.log(ResourceEvent::DeadNodeGaveUp(name.to_owned()));
            self.say_fencing(name, "unneeded");
            if self.holds == Set::ALL {
                self.calm(name);
            } else {
                self.take_over(name, now);
            }
        } else if !self.has_device {
            self.say_fencing(name, "n_stnth");
            self.log(ResourceEvent::NoStonith);
            self.take_over(name, now);
        } else if self.taker_of(name) == self.node {
            self.fence(name);
        } else {
            self.take_over(name, now);
        }
        self.settle(now.mono);
    }

    /// What somebody did about a dead node.
    pub(super) fn fencing_told(&mut self, message: &Message) {
        let done = matches!(message.str(F_RESULT), Some("OK" | "unneeded"));
        if let Some(peer) = message.str(F_NODE).and_then(|node| self.peers.get_mut(node)) {
            peer.safe |= done && !peer.alive;
        }
    }

    pub(super) fn say_fencing(&mut self, node: &str, result: &str) {
        self.send(Message::of_type(T_STONITH).with(F_NODE, node).with(F_RESULT, result));
    }

    pub(super) fn calm(&mut self, name: &str) {
        if let Some(peer) = self.peer(name) {
            (peer.holds, peer.stable, peer.unsettled, peer.homes) = (Set::NONE, true, false, None);
        }
    }

    /// Takes the groups of a node that is dead or has released everything, and of those that it had been elected for.
    pub(super) fn take_over(&mut self, name: &str, now: Now) {
        // With more than two nodes, one that is still to be reset may hold groups of this one.
        if self.is_large() && !self.fencing.is_empty() {
            self.late_deaths.insert(name.to_owned());
            return;
        }
        let left: Vec<String> = self
            .peers
            .iter()
            .filter(|(_, peer)| !peer.alive && peer.taker.as_deref() == Some(name))
            .map(|(dead, _)| dead.clone())
            .collect();
        self.take_over_one(name, now);
        for node in left {
            // Its taker may have died before it reset that node, or reset it long ago.
            if self.has_device {
                self.fence(&node);
            } else {
                self.take_over_one(&node, now);
            }
        }
    }

    fn take_over_one(&mut self, name: &str, now: Now) {
        self.calm(name);
        if self.stopping() {
            self.log(ResourceEvent::TakeoverCancelled);
            return;
        }
        let taker = self.taker_of(name);
        if taker != self.node {
            self.log(ResourceEvent::LeftTo { node: name.to_owned(), taker: taker.clone() });
            if let Some(peer) = self.peer(name) {
                peer.taker = Some(taker);
            }
            // If that node held ours, nobody does now: `orphans` takes them when all is settled.
            return;
        }
        if let Some(peer) = self.peer(name) {
            peer.taker = None;
        }
        self.log(ResourceEvent::AcquiredFrom(name.to_owned()));
        if !self.legacy() {
            self.hold(Set::FOREIGN, &[name.to_owned()]);
            self.peers.values_mut().filter(|peer| !peer.alive).for_each(|peer| peer.stable = true);
            if self.manages {
                self.takeover.insert(name.to_owned());
            }
        }
        self.script(T_STATUS, Self::death_notice(name, Kind::Normal, now));
        self.acquire_local(true);
    }

    /// Row 7: the groups of dead nodes are ours, or the script that takes them ended without saying so.
    pub(super) fn takeover_told(&mut self, now: crate::time::Mono) {
        self.takeover_ends = None;
        let done: Vec<String> = self.takeover.iter().cloned().collect();
        for name in done.iter().filter(|name| !self.queue.will_take_over(name)) {
            self.takeover.remove(name);
        }
        self.hold(Set::FOREIGN, &done);
        self.needs_failback = true;
        self.peers.values_mut().filter(|peer| !peer.alive).for_each(|peer| peer.stable = true);
        self.foreign_done = true;
        self.auto_failback(now);
    }

    /// Row 11: a peer released everything and stops.
    pub(super) fn peer_stops(&mut self, name: &str, now: crate::time::Mono) {
        if let Some(peer) = self.peer(name) {
            (peer.holds, peer.gave_up, peer.unsettled) = (Set::NONE, true, false);
            peer.homes = peer.homes.as_ref().map(|_| Vec::new());
        }
        self.healing.remove(name);
        self.cancel_fencing(name);
        self.log(ResourceEvent::ShutdownNotice(name.to_owned()));
        if self.state == State::Init {
            // We take no part yet. When the node is dead, or we are settled, this is looked at again.
            return;
        }
        if self.stopping() || self.leave.as_ref().is_some_and(Leave::will_stop) {
            self.calm(name);
            self.log(ResourceEvent::TakeoverCancelled);
            return;
        }
        if self.standby.involves(name) || !self.is_large() {
            self.cancel_standby();
        }
        self.needs_failback |= !self.legacy();
        self.take_over(name, Now { mono: now, ..self.now });
    }

    /// Who takes the groups of that node. With two nodes there is no choice. With more, the originals all take them; ours
    /// leave them to an original that lives, otherwise the first by name takes them.
    pub(super) fn taker_of(&self, name: &str) -> String {
        if !self.is_large() || self.homes.contains(name) {
            return self.node.clone();
        }
        if let Some(holder) = self.holder_of(name) {
            return holder;
        }
        self.elected_for(name)
    }

    /// The node that takes what that one gives or leaves.
    fn elected_for(&self, name: &str) -> String {
        if !self.is_large() {
            return self.node.clone();
        }
        let others = self.peers.iter().filter(|(other, peer)| *other != name && peer.takes_part());
        let mut originals = others.clone().filter(|(_, peer)| !peer.ours);
        if let Some((original, _)) = originals.next() {
            return original.clone();
        }
        others.map(|(other, _)| other).chain([&self.node]).min().unwrap_or(&self.node).clone()
    }

    /// With more than two nodes: nodes that were dead when we started. Whoever holds their groups keeps them.
    pub(super) fn look_at_late_deaths(&mut self) {
        if !self.fencing.is_empty() {
            return;
        }
        for name in std::mem::take(&mut self.late_deaths) {
            if self.peers.get(&name).is_some_and(|peer| peer.safe && !peer.alive) && self.holder_of(&name).is_none() {
                self.take_over(&name, self.now);
                continue;
            }
            let holder = self.holder_of(&name);
            match (holder, self.peer(&name)) {
                (Some(holder), Some(peer)) => peer.taker = Some(holder),
                (None, Some(_)) => self.died(&name, Kind::Normal, Death { was_there: true, complete: true }, self.now),
                (_, None) => {}
            }
        }
    }

    /// With more than two nodes, groups of nodes that are dead stay where they are when others go home.
    pub(super) fn groups_to_give(&self, set: Set) -> Vec<String> {
        if !self.is_large() || set != Set::FOREIGN {
            return Vec::new();
        }
        self.living().map(|(name, _)| name.to_owned()).collect()
    }

    /// Whether it is for us to answer a node that hands groups over.
    pub(super) fn is_taker_from(&self, giver: &str, set: Set) -> bool {
        // Groups that go home have as many takers as owners.
        !self.is_large() || set == Set::FOREIGN || self.elected_for(giver) == self.node
    }

    /// With more than two nodes: whose groups the giver hands over to us. Empty if none of them is for us. What another
    /// living node holds too is to be settled first.
    pub(super) fn groups_given_by(&self, giver: &str, set: Set) -> Vec<String> {
        let Some(homes) = self.peers.get(giver).and_then(|peer| peer.homes.as_ref()) else { return Vec::new() };
        let claimed = |home: &str| {
            let holds = |peer: &Peer| peer.homes.as_ref().is_some_and(|homes| homes.iter().any(|name| name == home));
            self.homes.contains(home) || self.living().any(|(name, peer)| name != giver && holds(peer))
        };
        let given = |home: &&String| match set {
            Set::FOREIGN => **home == self.node,
            Set::LOCAL => *home == giver,
            _ => true,
        };
        homes.iter().filter(given).filter(|home| !claimed(home)).cloned().collect()
    }
}
