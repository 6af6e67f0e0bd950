//! What clients hear: messages of the cluster, and of links.
//!
//! Source: client API specification, sections 2.5, 3.1 to 3.4.

use super::frame;
use super::server::{Action, ClientId, Server};
use super::view::View;
use super::words::*;
use crate::fields::*;
use crate::message::Message;

/// Messages about clients that may wait for older ones; more are passed on out of order.
const MOST_HELD: usize = 1000;

impl Server {
    /// A message that the core delivers. `news` is false for a heartbeat that repeats what is known.
    pub fn delivered(&mut self, message: &Message, news: bool, view: &View<'_>, out: &mut Vec<Action>) {
        self.release_held(view, out);
        if message.kind() == T_QUERY_CLIENT.as_bytes() {
            self.client_wanted(message, view, out);
            return;
        }
        let about_client = message.kind() == T_CLIENT_STATUS.as_bytes();
        if about_client && self.held.len() < MOST_HELD && misses_some(message, view) {
            self.held.push(message.clone());
            return;
        }
        self.pass_on(message, if news { KEEP_IT } else { NO_CHANGE }, view, out);
    }

    /// A link came up or died.
    pub fn link(&mut self, node: &str, link: &str, up: bool, view: &View<'_>, out: &mut Vec<Action>) {
        let message = Message::of_type(T_LINK_STATUS)
            .with(F_NODE, node)
            .with(F_LINK, link)
            .with(F_STATUS, if up { UP } else { DEAD });
        self.pass_on(&message, KEEP_IT, view, out);
    }

    /// Passes on what waited for older messages that have come, or never will.
    pub(super) fn release_held(&mut self, view: &View<'_>, out: &mut Vec<Action>) {
        if self.held.is_empty() {
            return;
        }
        for message in std::mem::take(&mut self.held) {
            if misses_some(&message, view) {
                self.held.push(message);
            } else {
                self.pass_on(&message, KEEP_IT, view, out);
            }
        }
    }

    /// Clients that watch requests see them too, their own before the answer.
    pub(super) fn show_request(&mut self, message: &Message, out: &mut Vec<Action>) {
        if self.clients.values().any(|client| client.listens(API_CALL)) {
            let listeners = self.listeners(API_CALL, None);
            self.broadcast(&listeners, message, out);
        }
    }

    fn pass_on(&mut self, message: &Message, class: u32, view: &View<'_>, out: &mut Vec<Action>) {
        let is_status = [T_STATUS, T_NS_STATUS].iter().any(|kind| message.kind() == kind.as_bytes());
        // libhbclient does not survive a status message without status.
        if (is_status && message.text(F_STATUS).is_none()) || !view.is_for(&self.settings.node, message) {
            return;
        }
        let listeners = self.listeners(class, message.text(F_TO_ID));
        self.broadcast(&listeners, message, out);
    }

    fn listeners(&self, class: u32, to: Option<&[u8]>) -> Vec<ClientId> {
        let meant = |id: Option<&str>| to.is_none_or(|to| id.is_some_and(|id| id.as_bytes() == to));
        let listening = self.clients.iter().filter(|(_, client)| client.listens(class) && meant(client.id()));
        listening.map(|(id, _)| *id).collect()
    }

    fn broadcast(&mut self, listeners: &[ClientId], message: &Message, out: &mut Vec<Action>) {
        if listeners.is_empty() {
            return;
        }
        let bytes = frame::encode(message, self.settings.netstrings);
        if bytes.len() > frame::HEADER + frame::LONGEST {
            return;
        }
        for id in listeners {
            self.tell_bytes(*id, bytes.clone());
            let wanted = self.clients.get(id).and_then(|client| Some((client.peer.pid, client.signal?)));
            if let Some((pid, signal)) = wanted.filter(|(pid, _)| *pid > 0) {
                out.push(Action::Signal { pid, signal });
            }
        }
    }

    /// Another daemon, or a client, asks whether a client is here.
    fn client_wanted(&mut self, message: &Message, view: &View<'_>, out: &mut Vec<Action>) {
        if !view.is_for(&self.settings.node, message) {
            return;
        }
        let (Some(from), Some(asking), Some(wanted)) =
            (message.str(F_ORIG), message.text(F_FROM_ID), message.str(F_CLIENT))
        else {
            return;
        };
        let online = self.find(wanted).is_some();
        let answer = Message::of_type(T_CLIENT_ANSWER)
            .with(F_TO, from)
            .with(F_RESULT, OK)
            .with(F_CLIENT, wanted)
            .with(F_TO_ID, asking)
            .with(F_CLIENT_STATE, if online { ONLINE } else { OFFLINE });
        out.push(Action::Send(answer));
    }
}

/// Whether older messages of the sender are still missing.
fn misses_some(message: &Message, view: &View<'_>) -> bool {
    let sender = message.str(F_ORIG).and_then(|name| view.node(name));
    sender.is_some_and(|node| node.missing() > 0)
}
