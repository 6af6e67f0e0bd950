//! The server against clients made of bytes.

mod cluster;
mod hostile;
mod requests;
mod sign_on;

use super::words::*;
use super::{Action, ApiEvent, ApiSettings, ClientId, Credentials, Rule, Server, View, frame};
use crate::message::{Message, Uuid};
use crate::node::{Kind, Link, Node};
use crate::rng::Rng;
use crate::time::Mono;
use std::time::Duration;

/// The reference cluster: two members with two links, one ping node.
fn nodes() -> Vec<Node> {
    let mut rng = Rng::new(1);
    let links = |names: &[&str]| {
        names.iter().map(|name| Link { name: (*name).into(), up: true, heard: Mono::default() }).collect()
    };
    let mut nodes = vec![
        Node::new("enode1", Kind::Normal, links(&["eth0", "eth1"]), Mono::default(), &mut rng),
        Node::new("enode2", Kind::Normal, links(&["eth0", "eth1"]), Mono::default(), &mut rng),
        Node::new("10.77.5.1", Kind::Ping, links(&["10.77.5.1"]), Mono::default(), &mut rng),
    ];
    nodes[0].status = "active".into();
    nodes[1].status = "active".into();
    nodes[2].status = "ping".into();
    nodes[0].uuid = Some(Uuid([1; 16]));
    nodes[1].uuid = Some(Uuid([2; 16]));
    nodes
}

fn rule(name: &str, uids: &[u32], gids: &[u32]) -> Rule {
    Rule { name: name.into(), uids: uids.into(), gids: gids.into() }
}

fn settings() -> ApiSettings {
    ApiSettings {
        node: "enode1".into(),
        uid: 0,
        deadtime: Duration::from_secs(2),
        keepalive: Duration::from_millis(200),
        version: "3.0.6 (node: test)".into(),
        facility: None,
        parameters: vec![("keepalive".into(), "200ms".into()), ("pacemaker".into(), "false".into())],
        rules: vec![rule("anon", &[0], &[106]), rule("ipfail", &[103], &[]), rule("ping", &[], &[106])],
        netstrings: false,
    }
}

fn peer(pid: u32, uid: u32, gid: u32) -> Credentials {
    Credentials { pid, uid, gid, groups: Vec::new() }
}

/// A server and what it did.
struct Desk {
    server: Server,
    nodes: Vec<Node>,
    now: u64,
    unacknowledged: u64,
    sent: Vec<Message>,
    closed: Vec<ClientId>,
    events: Vec<ApiEvent>,
    signals: Vec<(u32, i32)>,
}

impl Desk {
    fn new() -> Self {
        Self::with(settings())
    }

    fn with(settings: ApiSettings) -> Self {
        Self {
            server: Server::new(settings),
            nodes: nodes(),
            now: 0,
            unacknowledged: 0,
            sent: Vec::new(),
            closed: Vec::new(),
            events: Vec::new(),
            signals: Vec::new(),
        }
    }

    /// One event, then turns until there is nothing more to do.
    fn event(&mut self, event: impl FnOnce(&mut Server, &View<'_>, &mut Vec<Action>)) {
        let mut out = Vec::new();
        let view =
            View { now: Mono(self.now), nodes: self.nodes.iter().collect(), unacknowledged: self.unacknowledged };
        event(&mut self.server, &view, &mut out);
        self.server.turn(&view, &mut out);
        while self.server.has_work() {
            self.server.turn(&view, &mut out);
        }
        for action in out {
            match action {
                Action::Send(message) => self.sent.push(message),
                Action::Close(id) => self.closed.push(id),
                Action::Signal { pid, signal } => self.signals.push((pid, signal)),
                Action::Log(event) => self.events.push(event),
            }
        }
    }

    fn open(&mut self, peer: Credentials) -> ClientId {
        self.server.opened(peer)
    }

    fn bytes(&mut self, id: ClientId, bytes: &[u8]) {
        self.event(|server, _, _| server.received(id, bytes));
    }

    fn says(&mut self, id: ClientId, message: &Message) {
        self.bytes(id, &frame::encode(message, false));
    }

    /// Everything that waits for a client, which it reads.
    fn hears(&mut self, id: ClientId) -> Vec<Message> {
        let mut bytes = Vec::new();
        while let Some(piece) = self.server.output(id).map(<[u8]>::to_vec) {
            self.server.wrote(id, piece.len());
            bytes.extend(piece);
        }
        let mut reader = frame::FrameReader::default();
        reader.feed(&bytes);
        let mut heard = Vec::new();
        while let Some(body) = reader.next() {
            let body = body.unwrap();
            assert_eq!(body.last(), Some(&0), "the NUL is counted");
            heard.push(frame::decode(&body).unwrap());
        }
        heard
    }

    fn delivers(&mut self, message: &Message, news: bool) {
        self.event(|server, view, out| server.delivered(message, news, view, out));
    }

    /// A casual client that is signed on.
    fn casual(&mut self, pid: u32) -> ClientId {
        let id = self.open(peer(pid, 0, 0));
        self.says(id, &sign_on(pid, &pid.to_string(), 0, 0));
        assert_eq!(self.hears(id)[0].str("result"), Some("OK"));
        id
    }

    /// A named client that is signed on.
    fn named(&mut self, name: &str, pid: u32, uid: u32, gid: u32) -> ClientId {
        let id = self.open(peer(pid, uid, gid));
        self.says(id, &sign_on(pid, name, uid, gid));
        let heard = self.hears(id);
        assert_eq!(heard[0].str("result"), Some("OK"), "{heard:?}");
        id
    }

    /// Asks, gives the answers.
    fn ask(&mut self, id: ClientId, request: &str, fields: &[(&str, &str)]) -> Vec<Message> {
        let message = fields.iter().fold(request_of(request), |message, (name, value)| message.with(name, value));
        self.says(id, &message);
        self.hears(id)
    }

    /// The fields of the only answer, as `name=value`.
    fn answer(&mut self, id: ClientId, request: &str, fields: &[(&str, &str)]) -> String {
        let answers = self.ask(id, request, fields);
        assert_eq!(answers.len(), 1, "{answers:?}");
        text(&answers[0])
    }
}

fn request_of(request: &str) -> Message {
    Message::of_type(T_REQUEST).with(F_REQUEST, request).with("dest", "enode1").with(F_PID, "7").with(F_FROM_ID, "7")
}

fn sign_on(pid: u32, id: &str, uid: u32, gid: u32) -> Message {
    Message::of_type(T_REQUEST)
        .with(F_REQUEST, SIGN_ON)
        .with("dest", "enode1")
        .with(F_PID, pid.to_string())
        .with(F_FROM_ID, id)
        .with(F_UID, uid.to_string())
        .with(F_GID, gid.to_string())
}

fn text(message: &Message) -> String {
    message.dump().join(" ")
}

fn texts(messages: &[Message]) -> Vec<String> {
    messages.iter().map(text).collect()
}
