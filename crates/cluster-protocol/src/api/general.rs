//! Messages of named clients to the cluster, which reach the clients of the same name.
//!
//! Source: client API specification, section 3.5. Originals do not look at the type, so that a client could declare a
//! node dead; here the types that daemons speak among themselves are refused.

use super::server::{Action, ApiEvent, ClientId, Server};
use super::view::View;
use super::words::*;
use crate::fields::*;
use crate::message::Message;

/// What only daemons send.
const CORE_TYPES: [&str; 16] = [
    T_STATUS,
    T_RESOURCES,
    "ip-request",
    "ip-request-resp",
    T_STARTING,
    T_STONITH,
    T_SHUTDONE,
    T_ADDNODE,
    T_DELNODE,
    T_SETWEIGHT,
    T_SETSITE,
    T_REQNODES,
    T_REPNODES,
    T_CLIENT_STATUS,
    T_LINK_STATUS,
    T_RESPONSE,
];

fn is_core_type(kind: &str) -> bool {
    kind.starts_with(NO_SEQUENCE) || CORE_TYPES.contains(&kind)
}

/// Whether a message of a peer was made up by one of its clients: it names a client as its sender, and is of a type that
/// only daemons send. Originals pass such messages on; whoever receives one should drop it.
///
/// News of clients (`hbapi-clstat`) name a client, but daemons make them.
#[must_use]
pub fn is_forged(message: &Message) -> bool {
    let kind = String::from_utf8_lossy(message.kind());
    message.get(F_FROM_ID).is_some() && kind != T_CLIENT_STATUS && is_core_type(&kind)
}

impl Server {
    pub(super) fn general(&mut self, id: ClientId, mut message: Message, view: &View<'_>, out: &mut Vec<Action>) {
        let Some(client) = self.clients.get(&id) else { return };
        let Some(registration) = client.registration.clone() else { return };
        if registration.casual {
            let pid = client.peer.pid;
            self.complain(view, ApiEvent::Casual { pid }, out);
            self.end(id, "badclient", view, out);
            return;
        }
        let kind = String::from_utf8_lossy(message.kind()).into_owned();
        if kind.is_empty() {
            self.complain(view, ApiEvent::NoType { id: registration.id }, out);
            return;
        }
        if is_core_type(&kind) {
            self.complain(view, ApiEvent::Forged { id: registration.id, kind }, out);
            return;
        }
        message.set_text(F_FROM_ID, &registration.id);
        message.set_text(F_TO_ID, &registration.id);
        message.set_text(F_CLIENT_GENERATION, registration.generation.to_string());
        out.push(Action::Send(message));
    }
}
