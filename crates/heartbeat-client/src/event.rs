//! What a message that was received means.

use cluster_protocol::api::words::{
    F_CLIENT, F_CLIENT_STATE, F_FROM_ID, F_LINK, T_CLIENT_ANSWER, T_CLIENT_STATUS, T_LINK_STATUS,
};
use cluster_protocol::fields::{F_NODE, F_ORIG, F_STATUS, T_NS_STATUS, T_STATUS};
use cluster_protocol::message::Message;

/// A message by its meaning (client API specification, section 3.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A node has another status: `init`, `up`, `active`, `dead`, or `ping` for a ping node that answers.
    Node {
        /// Which.
        node: String,
        /// Its status.
        status: String,
    },
    /// A link is `up` or `dead`.
    Link {
        /// Of which node.
        node: String,
        /// Which.
        link: String,
        /// Its status.
        status: String,
    },
    /// A client of our name came (`join`) or went (`leave`), or is known to be `online` or `offline`.
    Client {
        /// On which node.
        node: String,
        /// Its name.
        client: String,
        /// What it did.
        status: String,
    },
    /// Anything else: messages of namesakes, of the resource dialogue, of scripts.
    Message(Message),
}

impl From<Message> for Event {
    fn from(message: Message) -> Self {
        let text = |name: &str| message.text(name).map(|text| String::from_utf8_lossy(text).into_owned());
        let kind = |wanted: &str| message.kind() == wanted.as_bytes();
        let found = if kind(T_STATUS) || kind(T_NS_STATUS) {
            text(F_ORIG).zip(text(F_STATUS)).map(|(node, status)| Self::Node { node, status })
        } else if kind(T_LINK_STATUS) {
            let link = text(F_LINK).zip(text(F_STATUS));
            text(F_NODE).zip(link).map(|(node, (link, status))| Self::Link { node, link, status })
        } else if kind(T_CLIENT_STATUS) || kind(T_CLIENT_ANSWER) {
            let names = if kind(T_CLIENT_STATUS) { (F_FROM_ID, F_STATUS) } else { (F_CLIENT, F_CLIENT_STATE) };
            let client = text(names.0).zip(text(names.1));
            text(F_ORIG).zip(client).map(|(node, (client, status))| Self::Client { node, client, status })
        } else {
            None
        };
        found.unwrap_or(Self::Message(message))
    }
}
