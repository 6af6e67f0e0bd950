//! Outgoing messages: common fields, numbers, the encoding and the key for the peers at hand, all media.

use super::{Core, START_ALLOWANCE};
use crate::event::Event;
use crate::fields::*;
use crate::message::{Message, Value};
use crate::node::Kind;
use crate::output::Output;
use crate::packet::{Encoding, seal};
use crate::resources::Wish;
use crate::settings::{MediumId, MediumKind, MessageFormat};
use std::sync::Arc;
use std::time::Duration;

/// Above so many unacknowledged messages the originals warn (observed constants of 3.0.6: 500, 450, 375).
const HISTORY_WARNING: u64 = 375;

impl Core {
    /// Sends a message with a sequence number and processes it as every node does.
    pub(super) fn send(&mut self, mut message: Message) {
        self.history.next_sequence();
        self.stamp(&mut message, true);
        self.history.keep(&message);
        self.counters.sent += 1;
        self.transmit(&message);
        self.own(message);
        if self.unacknowledged() > HISTORY_WARNING {
            let waiting = usize::try_from(self.unacknowledged()).unwrap_or(usize::MAX);
            self.log_seldom("history", Event::HistoryFilling(waiting));
        }
    }

    /// Sends a message that is neither numbered nor repeated.
    pub(super) fn send_unnumbered(&mut self, mut message: Message) {
        self.stamp(&mut message, false);
        self.counters.sent += 1;
        self.transmit(&message);
    }

    /// Sends our status; each ping node gets an echo request.
    pub(super) fn send_status(&mut self) {
        let mut announced = self.settings.deadtime;
        if self.allowance_ends.is_some() {
            announced += START_ALLOWANCE;
        }
        self.send_status_with(announced);
    }

    /// As [`send_status`](Self::send_status), announcing this dead time.
    pub(super) fn send_status_with(&mut self, deadtime: Duration) {
        let mut message = Message::of_type(T_STATUS)
            .with(F_STATUS, self.status)
            .with(F_DEADTIME, format!("{:x}", deadtime.as_millis()));
        if self.flow_control {
            message.push(F_PROTOCOL, Value::Text(b"1".to_vec()));
        }
        if !self.settings.resources.as_original {
            message.push(F_OURS, Value::Text(b"1".to_vec()));
        }
        if self.signing != self.settings.keys.active {
            message.push(F_WANTED_KEY, Value::Text(self.settings.keys.active.to_string().into_bytes()));
        }
        self.send(message);
        self.ping();
        self.out.push(Output::Alive);
    }

    /// The common fields, in the originals' order; a name already present is overwritten in its place.
    fn stamp(&mut self, message: &mut Message, numbered: bool) {
        let addressee = message.str(F_TO).and_then(|name| self.find_name(name));
        if let Some(uuid) = addressee.and_then(|id| self.nodes.get(id)).and_then(|node| node.uuid) {
            message.set(F_TO_UUID, Value::Binary(uuid.0.to_vec()));
        }
        message.set_text(F_ORIG, &self.settings.node);
        message.set(F_ORIG_UUID, Value::Binary(self.identity.uuid.0.to_vec()));
        if numbered {
            message.set_text(F_SEQ, format!("{:x}", self.history.last()));
        }
        message.set_text(F_GENERATION, format!("{:x}", self.identity.generation));
        message.set_text(F_TIME, format!("{:x}", self.now.wall.0));
        if numbered {
            message.set_text(F_LOAD, &self.load);
        }
        let nodes = self.nodes.iter().filter(|node| !node.removed).count();
        message.set_text(F_TTL, (self.settings.hopfudge as usize + nodes).to_string());
    }

    /// Writes a stamped message to all media.
    pub(super) fn transmit(&mut self, message: &Message) {
        let encoding = self.encoding();
        let write = |encoding| -> Arc<[u8]> {
            seal(message, &self.settings.keys, self.signing, encoding, &self.settings.compression).into()
        };
        let (mut datagram, mut text) = (None, None);
        for (index, medium) in self.settings.media.iter().enumerate() {
            let bytes = match medium.kind {
                MediumKind::Network => datagram.get_or_insert_with(|| write(encoding)),
                MediumKind::Serial => text.get_or_insert_with(|| write(Encoding::Classic)),
                MediumKind::Ping(_) => continue,
            };
            self.out.push(Output::Send { medium: MediumId(index), bytes: Arc::clone(bytes) });
        }
    }

    fn ping(&mut self) {
        for (index, medium) in self.settings.media.iter().enumerate() {
            let MediumKind::Ping(node) = &medium.kind else { continue };
            let message = Message::of_type(T_NS_STATUS)
                .with(F_STATUS, ST_PING)
                .with(F_COMMENT, ST_PING)
                .with(F_ORIG, node)
                .with(F_TIME, format!("{:x}", self.now.wall.0));
            let keys = &self.settings.keys;
            let bytes = seal(&message, keys, keys.active, self.encoding(), &self.settings.compression);
            self.out.push(Output::Send { medium: MediumId(index), bytes: bytes.into() });
        }
    }

    /// Every version reads every encoding; peers get the one that they use.
    fn encoding(&self) -> Encoding {
        let classic = |encoding| matches!(encoding, Some(Encoding::Classic | Encoding::ClassicNul));
        match self.settings.msgfmt {
            MessageFormat::Netstring => Encoding::Netstring,
            MessageFormat::Classic if self.peers().any(|peer| classic(peer.encoding)) => Encoding::ClassicNul,
            MessageFormat::Classic => Encoding::NetstringWithAuth,
        }
    }

    /// Chooses the key to sign with.
    ///
    /// An original checks a netstring with the key of its own `auth` line, whatever index the packet names. So while a
    /// peer signs with another key that we have too, we sign with that one, and say in our status which one we want. A
    /// peer that says so is one of ours: it accepts every key that it has, and must not be followed, or two of ours would
    /// wait for each other for ever.
    pub(super) fn choose_key(&mut self) {
        let active = self.settings.keys.active;
        let held = |index: &u8| self.settings.keys.keys.iter().any(|key| key.index == *index);
        let signed = self.peers().filter(|peer| peer.wanted_key.is_none()).filter_map(|peer| peer.key);
        let key = signed.filter(|key| *key != active).filter(held).min().unwrap_or(active);
        if key != self.signing {
            self.signing = key;
            self.log(Event::SigningWith { key, wanted: active });
            // At once, before anything else with that key: a peer of ours must not follow us in its turn.
            if key != active && self.status != ST_INIT {
                self.send_status();
            }
        }
    }

    fn peers(&self) -> impl Iterator<Item = &crate::node::Node> {
        self.nodes.iter().enumerate().filter_map(|(id, node)| {
            (id != self.me && !node.removed && node.kind == Kind::Normal && node.alive).then_some(node)
        })
    }

    /// Carries out what the resource dialogue wants.
    pub(super) fn grant_wishes(&mut self) {
        while self.resources.has_wishes() {
            for wish in self.resources.take_wishes() {
                match wish {
                    Wish::Send(message) => self.send(message),
                    Wish::Log(event) => self.log(Event::Resource(event)),
                    Wish::Run(id, job) => self.out.push(Output::Run { id, job }),
                    Wish::Released => self.everything_released(),
                    Wish::Quiet => self.reload_now(),
                    Wish::Emergency => self.out.push(Output::Exit(crate::output::Ending::Emergency)),
                }
            }
        }
    }

    /// A local program's message.
    pub(super) fn local(&mut self, message: Message) {
        let kind = message.kind();
        if kind.is_empty() || kind.len() >= 32 {
            self.log(Event::InvalidLocalMessage(message.dump()));
        } else if kind.starts_with(NO_SEQUENCE.as_bytes()) {
            self.send_unnumbered(message);
        } else {
            self.send(message);
        }
    }
}
