//! The requests of clients that are signed on, and their answers.
//!
//! Source: client API specification, sections 2.1, 2.2, 2.4 to 2.6. `signoff` and `set_sendqlen` have no answer: a
//! client would take it for the answer to its next request.

use super::server::{Action, ApiEvent, ClientId, Server};
use super::view::View;
use super::words::*;
use crate::fields::{F_COMMENT, F_NODE, F_RESOURCES, F_RESULT, F_SITE, F_STATUS, F_TO, F_TYPE, F_WEIGHT, ST_ACTIVE};
use crate::message::{Message, Uuid, Value};
use crate::node::{Kind, Link, Node};

/// A name, link or mask that is unknown or missing.
const INVALID: &str = "EINVAL";
/// Not allowed for this user.
const FORBIDDEN: &str = "EPERM";
/// The originals' reason for a question without a name or id.
const NO_QUERY: &str = "no query node name found";
/// The originals' reason if another manager has the resources.
const MANAGED: &str = "Resource is managed by crm.Use crm tool to query resource";
/// The first signal number that cannot be asked for.
const SIGNALS: u64 = 32;
/// Signals that cannot be asked for: kill and stop.
const UNCATCHABLE: [u64; 2] = [9, 19];

/// What a request without list is answered with: a field, or the reason of the refusal (empty: none is stated).
type Answer = Result<Option<(&'static str, Value)>, &'static str>;

fn text(name: &'static str, value: impl AsRef<[u8]>) -> Answer {
    Ok(Some((name, Value::Text(value.as_ref().to_vec()))))
}

fn state(link: &Link) -> &'static str {
    if link.up { UP } else { DEAD }
}

fn kind(node: &Node) -> &'static str {
    match node.kind {
        Kind::Normal => "normal",
        Kind::Ping => "ping",
    }
}

/// The node that a request is about.
fn node<'a>(message: &Message, view: &View<'a>) -> Result<&'a Node, &'static str> {
    message.str(F_NODE).and_then(|name| view.node(name)).ok_or(INVALID)
}

impl Server {
    /// A request of a client that is signed on.
    pub(super) fn request(&mut self, id: ClientId, message: &Message, view: &View<'_>, out: &mut Vec<Action>) {
        let Some(pid) = self.clients.get(&id).map(|client| client.peer.pid) else { return };
        let known = message.text(F_FROM_ID).is_some() || message.text(F_PID).is_some();
        let Some(request) = message.text(F_REQUEST).filter(|_| known) else {
            self.complain(view, ApiEvent::Incomplete { pid }, out);
            return;
        };
        self.show_request(message, out);
        let request = String::from_utf8_lossy(request).into_owned();
        match request.as_str() {
            SIGN_OFF => self.end(id, "signoff", view, out),
            SET_QUEUE_LENGTH => self.set_queue_length(id, message, view, out),
            NODE_LIST => self.node_list(id, view),
            LINK_LIST => self.link_list(id, message, view),
            CLIENT_STATUS => self.client_status(id, message, view, out),
            other => match self.simple(id, other, message, view) {
                Some(answer) => self.answer(id, other, answer),
                None => {
                    let dump = message.dump();
                    self.complain(view, ApiEvent::Unknown { pid, request: request.clone(), dump }, out);
                    self.answer(id, other, Err(""));
                }
            },
        }
    }

    /// Requests with one answer of at most one field; `None` if the request is unknown.
    fn simple(&mut self, id: ClientId, request: &str, message: &Message, view: &View<'_>) -> Option<Answer> {
        Some(match request {
            SET_FILTER => self.set_filter(id, message),
            SET_SIGNAL => self.set_signal(id, message),
            NODE_STATUS => node(message, view).and_then(|node| text(F_STATUS, &node.status)),
            NODE_TYPE => node(message, view).and_then(|node| text(F_NODE_TYPE, kind(node))),
            NODE_WEIGHT => node(message, view).and_then(|node| text(F_WEIGHT, node.weight.to_string())),
            NODE_SITE => node(message, view).and_then(|node| text(F_SITE, &node.site)),
            NUM_NODES => {
                let members = view.nodes.iter().filter(|node| node.kind == Kind::Normal).count();
                text(F_NUM_NODES, members.to_string())
            }
            LINK_STATUS => node(message, view).and_then(|node| {
                let name = message.str(F_LINK).ok_or(INVALID)?;
                let link = node.links.iter().find(|link| link.name == name).ok_or(INVALID)?;
                text(F_STATUS, state(link))
            }),
            GET_PARAMETER => message.str(F_PARAMETER).ok_or(INVALID).and_then(|name| {
                // Not set is no error: the value is missing then.
                self.settings.parameter(name).map_or(Ok(None), |value| text(F_VALUE, value))
            }),
            GET_RESOURCES => self.resources.as_ref().ok_or(MANAGED).and_then(|now| text(F_RESOURCES, &now.word)),
            GET_UUID => message.str(F_QUERY_NAME).ok_or(NO_QUERY).map(|name| {
                let uuid = view.node(name).and_then(|node| node.uuid).filter(|uuid| *uuid != Uuid::NIL);
                uuid.map(|uuid| (F_QUERY_UUID, Value::Binary(uuid.0.to_vec())))
            }),
            GET_NODE_NAME => message
                .uuid(F_QUERY_UUID)
                .ok_or(NO_QUERY)
                .and_then(|uuid| view.by_uuid(uuid).map_or(Ok(None), |node| text(F_QUERY_NAME, &node.name))),
            _ => return None,
        })
    }

    fn answer(&mut self, id: ClientId, request: &str, answer: Answer) {
        let reply = response(request);
        let reply = match answer {
            Ok(None) => reply.with(F_RESULT, OK),
            Ok(Some((name, value))) => {
                let mut reply = reply;
                reply.push(name, value);
                reply.with(F_RESULT, OK)
            }
            Err("") => reply.with(F_RESULT, BAD_REQUEST),
            Err(why) => reply.with(F_RESULT, BAD_REQUEST).with(F_COMMENT, why),
        };
        self.tell(id, &reply);
    }

    fn set_filter(&mut self, id: ClientId, message: &Message) -> Answer {
        let mask = message.number(F_MASK, 16).ok_or(INVALID)? & u64::from(ALL_CLASSES);
        let mask = u32::try_from(mask).ok().filter(|mask| *mask != 0).ok_or(INVALID)?;
        let daemon = self.settings.uid;
        let Some(client) = self.clients.get_mut(&id) else { return Ok(None) };
        if mask & !KEEP_IT != 0 && client.peer.uid != 0 && client.peer.uid != daemon {
            return Err(FORBIDDEN);
        }
        client.mask = mask;
        Ok(None)
    }

    fn set_signal(&mut self, id: ClientId, message: &Message) -> Answer {
        if message.text(F_SIGNAL).is_none() {
            return Err("");
        }
        let wanted = message.number(F_SIGNAL, 10).filter(|signal| *signal < SIGNALS && !UNCATCHABLE.contains(signal));
        let wanted = wanted.and_then(|signal| i32::try_from(signal).ok()).ok_or(INVALID)?;
        if let Some(client) = self.clients.get_mut(&id) {
            client.signal = (wanted != 0).then_some(wanted);
        }
        Ok(None)
    }

    fn set_queue_length(&mut self, id: ClientId, message: &Message, view: &View<'_>, out: &mut Vec<Action>) {
        let Some(client) = self.clients.get_mut(&id) else { return };
        match message.number(F_QUEUE_LENGTH, 10) {
            Some(length) => client.set_limit(length),
            None => {
                let id = client.id().unwrap_or_default().to_owned();
                self.complain(view, ApiEvent::QueueLength { id }, out);
            }
        }
    }

    fn node_list(&mut self, id: ClientId, view: &View<'_>) {
        for (index, node) in view.nodes.iter().enumerate() {
            let reply = response(NODE_LIST)
                .with(F_NODE, &node.name)
                .with(F_NODE_TYPE, kind(node))
                .with(F_STATUS, &node.status)
                .with(F_RESULT, list_result(index, view.nodes.len()));
            self.tell(id, &reply);
        }
    }

    fn link_list(&mut self, id: ClientId, message: &Message, view: &View<'_>) {
        // An original that has no link to name says nothing, and the client waits for ever.
        let links = node(message, view).map(|node| node.links.as_slice()).unwrap_or_default();
        if links.is_empty() {
            self.answer(id, LINK_LIST, Err(INVALID));
        }
        for (index, link) in links.iter().enumerate() {
            let reply = response(LINK_LIST)
                .with(F_LINK, &link.name)
                .with(F_STATUS, state(link))
                .with(F_RESULT, list_result(index, links.len()));
            self.tell(id, &reply);
        }
    }

    /// Whether a client is there. Another node is asked; its answer is addressed to the client, or never comes.
    fn client_status(&mut self, id: ClientId, message: &Message, view: &View<'_>, out: &mut Vec<Action>) {
        let (Ok(node), Some(wanted)) = (node(message, view), message.str(F_CLIENT)) else {
            self.answer(id, CLIENT_STATUS, Err(INVALID));
            return;
        };
        let local = node.name == self.settings.node;
        if local || node.kind == Kind::Ping || node.status != ST_ACTIVE {
            let online = local && self.find(wanted).is_some();
            let reply = response(CLIENT_STATUS)
                .with(F_SUBTYPE, T_CLIENT_ANSWER)
                .with(F_CLIENT_STATE, if online { ONLINE } else { OFFLINE })
                .with(F_RESULT, OK);
            self.tell(id, &reply);
            return;
        }
        let Some(asking) = self.clients.get(&id).and_then(|client| client.id()) else { return };
        let question =
            Message::of_type(T_QUERY_CLIENT).with(F_TO, &node.name).with(F_CLIENT, wanted).with(F_FROM_ID, asking);
        out.push(Action::Send(question));
    }
}

/// The beginning of every answer.
fn response(request: &str) -> Message {
    Message::new().with(F_TYPE, T_RESPONSE).with(F_REQUEST, request)
}

fn list_result(index: usize, length: usize) -> &'static str {
    if index + 1 == length { OK } else { OK_MORE }
}
