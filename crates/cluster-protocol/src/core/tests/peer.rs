//! A peer that is nothing but the packets it sends, so that every field can be right or wrong.

use super::Net;
use crate::compress::Compression;
use crate::input::Input;
use crate::message::{Message, Uuid, Value};
use crate::packet::{Encoding, seal};
use crate::settings::MediumId;

/// Seconds in the `ts` of its messages.
const TIME: &str = "6553f100";

#[derive(Clone, Debug)]
pub(super) struct Peer {
    pub(super) name: String,
    pub(super) uuid: Uuid,
    pub(super) generation: u64,
    /// Of its last numbered message.
    pub(super) seq: u64,
    pub(super) key: u8,
    pub(super) encoding: Encoding,
}

impl Peer {
    pub(super) fn new(name: &str) -> Self {
        let uuid = Uuid([0xbb; 16]);
        Self { name: name.into(), uuid, generation: 40, seq: 0, key: 1, encoding: Encoding::NetstringWithAuth }
    }

    /// The message with the common fields but no number.
    pub(super) fn unnumbered(&self, mut message: Message) -> Message {
        message.set_text("src", &self.name);
        message.set("srcuuid", Value::Binary(self.uuid.0.to_vec()));
        message.set_text("hg", format!("{:x}", self.generation));
        message.set_text("ts", TIME);
        message.set_text("ttl", "3");
        message
    }

    /// The message with all common fields and the next number.
    pub(super) fn numbered(&mut self, message: Message) -> Message {
        self.seq += 1;
        self.unnumbered(message).with("seq", format!("{:x}", self.seq)).with("ld", "0.00 0.00 0.00 1/1 1")
    }

    pub(super) fn status(&mut self, status: &str) -> Message {
        self.numbered(status_message(status))
    }

    pub(super) fn bytes(&self, net: &Net, message: &Message) -> Vec<u8> {
        seal(message, &net.settings[0].keys, self.key, self.encoding, &Compression::default())
    }

    /// Gives the first engine this message as it is.
    pub(super) fn give(&self, net: &mut Net, message: &Message) {
        self.give_through(net, MediumId(0), message);
    }

    pub(super) fn give_through(&self, net: &mut Net, medium: MediumId, message: &Message) {
        let bytes = self.bytes(net, message);
        net.feed(0, Input::Datagram { medium, bytes: &bytes, from: None });
    }

    /// The next numbered message, given.
    pub(super) fn say(&mut self, net: &mut Net, message: Message) {
        let message = self.numbered(message);
        self.give(net, &message);
    }

    /// Sends a status every 200 ms for so long.
    pub(super) fn live(&mut self, net: &mut Net, status: &str, ms: u64) {
        for _ in 0..ms / 200 {
            let message = self.status(status);
            self.give(net, &message);
            net.run(200);
        }
    }

    /// Makes the first engine active: lives, and answers its question.
    pub(super) fn join(&mut self, net: &mut Net) {
        let message = self.status("up");
        self.give(net, &message);
        net.run(10);
        let list: String = net.settings[0].nodes.iter().map(|name| format!("{name} ")).collect();
        let to = net.settings[0].node.clone();
        self.say(net, Message::of_type("repnodes").with("dest", to).with("nodelist", list).with("delnodelist", " "));
        let message = self.status("active");
        self.give(net, &message);
        net.run(10);
        assert_eq!(net.core(0).phase(), super::Phase::Active);
    }
}

/// A status message without common fields.
pub(super) fn status_message(status: &str) -> Message {
    Message::of_type("status").with("st", status).with("dt", "7d0").with("protocol", "1")
}
