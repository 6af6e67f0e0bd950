//! What a packet goes through before it means anything: signature, required fields, sender, generation, number.
//!
//! Source: wire specification, section 4.3. Stricter than the originals in three points, each because a captured packet
//! must have no effect: `NS_` messages count only in the sender's present generation, numbers that were received before a
//! node's death stay received, and a message other than a status does not begin a generation.

use super::Core;
use crate::api::is_forged;
use crate::event::Event;
use crate::fields::*;
use crate::message::{Message, Uuid};
use crate::node::{Kind, NodeId};
use crate::output::Output;
use crate::packet::{Opened, open};
use crate::seq::Verdict;
use crate::settings::{Autojoin, MediumId, MediumKind};
use std::net::IpAddr;

/// A message that came in, with what is known about its way.
struct Arrival<'a> {
    message: &'a Message,
    medium: MediumId,
    from: Option<IpAddr>,
    generation: u64,
    uuid: Option<Uuid>,
}

impl Core {
    pub(super) fn datagram(&mut self, medium: MediumId, bytes: &[u8], from: Option<IpAddr>) {
        self.counters.received += 1;
        match open(bytes, &self.settings.keys) {
            Ok(opened) => self.accept(&opened, medium, from),
            Err(reason) => self.reject(medium, reason, from),
        }
    }

    fn accept(&mut self, opened: &Opened, medium: MediumId, from: Option<IpAddr>) {
        let message = &opened.message;
        let (Some(name), Some(time), Some(kind)) = (message.text(F_ORIG), message.text(F_TIME), message.text(F_TYPE))
        else {
            self.counters.incomplete += 1;
            self.log_seldom("fields", Event::MissingFields);
            return;
        };
        let numbered = !kind.starts_with(NO_SEQUENCE.as_bytes());
        let sequence = message.number(F_SEQ, 16);
        if numbered && sequence.is_none() {
            self.counters.incomplete += 1;
            self.log_seldom("sequence", Event::MissingSequence);
            return;
        }
        let time = std::str::from_utf8(time).ok().and_then(|text| u64::from_str_radix(text, 16).ok());
        if time.is_none_or(|time| time == 0) {
            self.counters.incomplete += 1;
            return;
        }
        let name = String::from_utf8_lossy(name).into_owned();
        let uuid = message.uuid(F_ORIG_UUID).filter(|uuid| *uuid != Uuid::NIL);
        let generation = message.number(F_GENERATION, 16).unwrap_or(0);
        let mut arrival = Arrival { message, medium, from, generation, uuid };
        let Some(sender) = self.sender(&name, &mut arrival) else {
            self.counters.strangers += 1;
            return;
        };
        if sender == self.me {
            self.own_again(&arrival, sequence);
            return;
        }
        let Some(node) = self.nodes.get(sender) else { return };
        if node.kind == Kind::Ping {
            self.echo(sender, &arrival, kind);
            return;
        }
        let accepted = match sequence.filter(|_| numbered) {
            Some(sequence) => self.numbered(sender, &arrival, sequence),
            None => self.unnumbered_from(sender, &arrival),
        };
        if accepted {
            self.notice_habits(sender, opened, medium);
        }
    }

    /// Who sent it. An id that another node has does not count: the originals would give that node's record the new name,
    /// and two machines with one `hb_uuid` file would take turns as one node.
    fn sender(&mut self, name: &str, arrival: &mut Arrival<'_>) -> Option<NodeId> {
        let by_name = self.find_name(name);
        let owner = arrival.uuid.and_then(|uuid| {
            self.nodes.iter().find(|node| !node.removed && node.uuid == Some(uuid) && node.name != name)
        });
        if let Some(node) = owner.map(|node| node.name.clone()) {
            arrival.uuid = None;
            self.log_seldom("uuid", Event::DuplicateUuid { node, other: name.to_owned(), from: arrival.from });
        } else if by_name.is_none()
            && self.settings.autojoin != Autojoin::None
            && !self.deleted.contains(name)
            && !name.is_empty()
            && name.bytes().all(|byte| byte.is_ascii_graphic())
        {
            let id = self.add_node(name)?;
            self.log(Event::NodeJoined(name.to_owned()));
            return Some(id);
        }
        if by_name.is_none() {
            let dump = arrival.message.dump();
            self.log_seldom("stranger", Event::UnknownNode { node: name.to_owned(), dump, from: arrival.from });
        }
        by_name
    }

    /// Our own message, heard again: the medium works. Anything else under our name is another machine.
    fn own_again(&mut self, arrival: &Arrival<'_>, sequence: Option<u64>) {
        let foreign = arrival.uuid.is_some_and(|uuid| uuid != self.identity.uuid);
        let impossible = arrival.generation > self.identity.generation
            || (arrival.generation == self.identity.generation && sequence > Some(self.history.last()));
        if foreign || impossible {
            self.counters.strangers += 1;
            let node = self.settings.node.clone();
            self.log_seldom("name", Event::DuplicateName { node, from: arrival.from });
        } else if arrival.generation == self.identity.generation {
            self.counters.own += 1;
            self.refresh_link(self.me, arrival.medium);
        }
    }

    /// An echo reply of a ping node; only its own medium may bring it.
    fn echo(&mut self, node: NodeId, arrival: &Arrival<'_>, kind: &[u8]) {
        let medium = self.settings.media.get(arrival.medium.0).map(|medium| &medium.kind);
        let name = self.nodes.get(node).map(|node| node.name.as_str());
        let its_own = matches!((medium, name), (Some(MediumKind::Ping(of)), Some(name)) if of == name);
        if its_own && kind == T_NS_STATUS.as_bytes() {
            self.counters.fresh += 1;
            self.refresh_link(node, arrival.medium);
            self.ping_answered(node, arrival.message);
        } else {
            self.counters.strangers += 1;
        }
    }

    fn unnumbered_from(&mut self, sender: NodeId, arrival: &Arrival<'_>) -> bool {
        let Some(node) = self.nodes.get(sender) else { return false };
        if arrival.generation != node.generation {
            self.counters.replays += 1;
            return false;
        }
        self.counters.fresh += 1;
        if self.is_for_us(arrival.message) {
            self.unnumbered(sender, arrival.message);
        }
        true
    }

    fn numbered(&mut self, sender: NodeId, arrival: &Arrival<'_>, sequence: u64) -> bool {
        let now = self.now.mono;
        let delay = self.rexmit_delay();
        let highest = self.history.last();
        let is_status = arrival.message.kind() == T_STATUS.as_bytes();
        let Some(node) = self.nodes.get_mut(sender) else { return false };
        let known = node.generation;
        if arrival.generation < known {
            self.counters.replays += 1;
            let event = Event::Replay { node: node.name.clone(), generation: arrival.generation, current: known };
            self.log_seldom("replay", event);
            return false;
        }
        if arrival.generation > known {
            // Only a status begins a generation that follows another; what else is of the new one waits for that.
            if known > 0 && !is_status {
                self.counters.old += 1;
                return false;
            }
            node.begin_generation(arrival.generation);
            node.acked = highest;
            let name = node.name.clone();
            self.resources.node_restarted(&name);
            if known > 0 {
                self.log(Event::NodeRestarted(name));
            }
        }
        let Some(node) = self.nodes.get_mut(sender) else { return false };
        let outcome = node.window.receive(sequence, now, &mut self.rng, delay);
        let name = node.name.clone();
        match outcome.verdict {
            Verdict::Old => {
                self.counters.old += 1;
                return false;
            }
            Verdict::Duplicate => {
                self.counters.duplicates += 1;
                self.refresh_link(sender, arrival.medium);
                return false;
            }
            Verdict::Fresh => self.counters.fresh += 1,
        }
        if let Some((after, before)) = outcome.gap {
            let count = before.saturating_sub(after + 1);
            self.counters.lost += count;
            self.log(Event::Lost { node: name.clone(), count, after, before });
        }
        if outcome.too_many {
            self.log(Event::LostTooMany(name.clone()));
        }
        if outcome.complete {
            self.log(Event::NothingMissing(name));
        }
        self.adopt_uuid(sender, arrival.uuid);
        if let Some(node) = self.nodes.get_mut(sender) {
            node.heard = true;
        }
        let returning = is_status && self.returns_after_partition(sender);
        self.refresh_link(sender, arrival.medium);
        if let Some(sequence) = outcome.ack {
            self.acknowledge(sender, sequence);
        }
        if is_status {
            self.status_of(sender, arrival.message, sequence, returning);
        } else if is_forged(arrival.message) {
            // A client of that node says what only its daemon may say.
            self.counters.strangers += 1;
        } else if self.is_for_us(arrival.message) {
            self.dispatch(sender, arrival.message);
        }
        true
    }

    fn adopt_uuid(&mut self, sender: NodeId, uuid: Option<Uuid>) {
        let (Some(node), Some(uuid)) = (self.nodes.get_mut(sender), uuid) else { return };
        if node.uuid == Some(uuid) {
            return;
        }
        let changed = node.uuid.replace(uuid).is_some();
        if changed {
            let node = node.name.clone();
            self.log_seldom("adopt", Event::UuidChanged { node, uuid });
        }
    }

    /// Key and encoding that a peer uses, for what we send.
    fn notice_habits(&mut self, sender: NodeId, opened: &Opened, medium: MediumId) {
        let on_line = self.settings.media.get(medium.0).is_some_and(|medium| medium.kind == MediumKind::Serial);
        let Some(node) = self.nodes.get_mut(sender) else { return };
        // Kept for the whole generation: who has said so once is one of ours.
        let wanted = opened.message.number(F_WANTED_KEY, 10).and_then(|key| u8::try_from(key).ok());
        let wanted = wanted.or(node.wanted_key);
        let encoding = if on_line { node.encoding } else { Some(opened.encoding) };
        if (node.key, node.wanted_key, node.encoding) != (Some(opened.key), wanted, encoding) {
            (node.key, node.wanted_key, node.encoding) = (Some(opened.key), wanted, encoding);
        }
        // Even if this node's habits did not change: it may have been dead, and a dead node's habits do not count.
        self.choose_key();
    }

    /// Addressed to all, or to us by id, or by name if there is no id.
    fn is_for_us(&self, message: &Message) -> bool {
        match (message.get(F_TO_UUID).is_some(), message.uuid(F_TO_UUID), message.text(F_TO)) {
            (true, Some(uuid), _) => uuid == self.identity.uuid,
            (_, _, Some(name)) => name == self.settings.node.as_bytes(),
            (_, _, None) => true,
        }
    }

    /// Our own message, at once and without the network.
    pub(super) fn own(&mut self, message: Message) {
        let is_status = message.kind() == T_STATUS.as_bytes();
        if !is_status && self.is_for_us(&message) {
            self.dispatch(self.me, &message);
        }
        self.deliver(message, !is_status);
    }

    pub(super) fn deliver(&mut self, message: Message, news: bool) {
        self.out.push(Output::Deliver { message, news });
    }

    pub(super) fn find_name(&self, name: &str) -> Option<NodeId> {
        self.nodes.iter().position(|node| !node.removed && node.name == name)
    }
}
