//! The server: all connections, whose turn it is, and how one ends.

use super::client::Client;
use super::frame::{self, FrameError};
use super::rules::Denied;
use super::view::{ApiSettings, Credentials, RscStatus, View};
use super::words::*;
use crate::fields::{F_COMMENT, F_ORIG, F_STATUS};
use crate::message::Message;
use crate::time::Mono;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// Requests of one client that are looked at in one turn.
const PER_TURN: usize = 16;
/// The most connections at once: each takes a descriptor, and the media and log files need some too.
const MOST_CLIENTS: usize = 512;
/// Unreadable messages in a row that end a connection.
const MOST_FAILURES: u8 = 10;
/// Above so many unacknowledged messages no client is listened to (the originals' figure).
const PAUSE_ABOVE: u64 = 250;
/// Below so many they are again.
const RESUME_BELOW: u64 = 125;
/// So many lines that clients can cause are logged in [`COMPLAINT_TIME`].
const COMPLAINTS: u32 = 20;
const COMPLAINT_TIME: Duration = Duration::from_secs(10);

/// A connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ClientId(pub u64);

/// One thing to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Hand this to the core, to be sent to the whole cluster.
    Send(Message),
    /// Write what waits if the client reads, close the connection, and say [`Server::forget`].
    Close(ClientId),
    /// Send a signal to a process.
    Signal {
        /// The process.
        pid: u32,
        /// The signal's number.
        signal: i32,
    },
    /// Write a log line.
    Log(ApiEvent),
}

/// One thing worth a log line. `pid` is the client's process.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ApiEvent {
    /// The stream cannot be read; the connection ends.
    Frame {
        /// Whose.
        pid: u32,
        /// Why.
        error: FrameError,
    },
    /// A message cannot be read; it is ignored.
    Unreadable {
        /// Whose.
        pid: u32,
    },
    /// The first message is no sign-on; the connection ends.
    NoSignOn {
        /// Whose.
        pid: u32,
    },
    /// A request without type or without sender; ignored.
    Incomplete {
        /// Whose.
        pid: u32,
    },
    /// A request that is not known.
    Unknown {
        /// Whose.
        pid: u32,
        /// What was asked for.
        request: String,
        /// All of it.
        dump: Vec<String>,
    },
    /// A sign-on was refused.
    Denied {
        /// Whose.
        pid: u32,
        /// The name it wanted.
        id: String,
        /// Why.
        why: Denied,
    },
    /// A client signed on.
    SignedOn {
        /// Its process.
        pid: u32,
        /// Its id.
        id: String,
    },
    /// A client is gone.
    Left {
        /// Its process.
        pid: u32,
        /// Its id.
        id: String,
        /// Why, as other clients are told.
        why: &'static str,
    },
    /// A casual client tried to send to the cluster.
    Casual {
        /// Its process.
        pid: u32,
    },
    /// A client's message without type; dropped.
    NoType {
        /// Its id.
        id: String,
    },
    /// A client tried to send a message that only daemons send; dropped.
    Forged {
        /// Its id.
        id: String,
        /// The type.
        kind: String,
    },
    /// A queue length that is no number.
    QueueLength {
        /// Its id.
        id: String,
    },
    /// Clients are not listened to until peers have caught up.
    Paused,
    /// They are again.
    Resumed,
    /// There are as many connections as there may be.
    TooMany,
    /// Lines like these were left out.
    Suppressed(u64),
}

#[derive(Clone, Debug, Default)]
struct Complaints {
    since: Option<Mono>,
    count: u32,
    left_out: u64,
}

/// All connections.
#[derive(Clone, Debug)]
pub struct Server {
    pub(super) settings: ApiSettings,
    pub(super) resources: Option<RscStatus>,
    pub(super) clients: BTreeMap<ClientId, Client>,
    pub(super) sign_ons: u64,
    /// Messages about clients that wait for older ones of the same node.
    pub(super) held: Vec<Message>,
    next: u64,
    paused: bool,
    /// Connections with something complete to be looked at.
    busy: BTreeSet<ClientId>,
    /// Connections with something new to be written.
    dirty: BTreeSet<ClientId>,
    complaints: Complaints,
}

impl Server {
    /// A server without connections.
    #[must_use]
    pub fn new(settings: ApiSettings) -> Self {
        Self {
            settings,
            resources: Some(RscStatus { word: "none".to_owned() }),
            clients: BTreeMap::new(),
            sign_ons: 0,
            held: Vec::new(),
            next: 0,
            paused: false,
            busy: BTreeSet::new(),
            dirty: BTreeSet::new(),
            complaints: Complaints::default(),
        }
    }

    /// What this node holds from now on; `None` if another manager has the resources.
    pub fn set_resources(&mut self, status: Option<RscStatus>) {
        self.resources = status;
    }

    /// A connection was made.
    pub fn opened(&mut self, peer: Credentials) -> ClientId {
        let id = ClientId(self.next);
        self.next += 1;
        self.clients.insert(id, Client::new(peer));
        id
    }

    /// Bytes came in. They are looked at in [`turn`](Self::turn).
    pub fn received(&mut self, id: ClientId, bytes: &[u8]) {
        let Some(client) = self.clients.get_mut(&id).filter(|client| !client.ending) else { return };
        client.reader.feed(bytes);
        if client.reader.has_next() {
            self.busy.insert(id);
        }
    }

    /// Whether it makes sense to read from this connection now.
    #[must_use]
    pub fn wants_input(&self, id: ClientId) -> bool {
        !self.paused && !self.busy.contains(&id) && self.clients.get(&id).is_some_and(|client| !client.ending)
    }

    /// Whether [`turn`](Self::turn) has something to do.
    #[must_use]
    pub fn has_work(&self) -> bool {
        !self.paused && self.busy.iter().any(|id| self.clients.get(id).is_some_and(Client::reads_answers))
    }

    /// Whether clients are not listened to at present; [`turn`](Self::turn) finds out when that ends.
    #[must_use]
    pub fn is_paused(&self) -> bool {
        self.paused
    }

    /// Looks at some messages of every client that has sent some.
    pub fn turn(&mut self, view: &View<'_>, out: &mut Vec<Action>) {
        self.release_held(view, out);
        let waiting = view.unacknowledged;
        if self.paused && waiting < RESUME_BELOW {
            self.paused = false;
            out.push(Action::Log(ApiEvent::Resumed));
        } else if !self.paused && waiting > PAUSE_ABOVE && !self.clients.is_empty() {
            self.paused = true;
            out.push(Action::Log(ApiEvent::Paused));
        }
        if self.paused {
            return;
        }
        for id in self.busy.clone() {
            for _ in 0..PER_TURN {
                let takes = |client: &&mut Client| !client.ending && client.reads_answers();
                let Some(client) = self.clients.get_mut(&id).filter(takes) else { break };
                let Some(body) = client.reader.next() else { break };
                self.body(id, body, view, out);
            }
            if self.clients.get(&id).is_none_or(|client| client.ending || !client.reader.has_next()) {
                self.busy.remove(&id);
            }
        }
    }

    /// The other end closed its side.
    pub fn closed(&mut self, id: ClientId, view: &View<'_>, out: &mut Vec<Action>) {
        self.end(id, "EOF", view, out);
    }

    /// The client's process is gone although its connection is open.
    pub fn vanished(&mut self, id: ClientId, view: &View<'_>, out: &mut Vec<Action>) {
        self.end(id, "died-audit", view, out);
    }

    /// The connection takes no more at present. Who has too much waiting is given up: the daemon never waits for a
    /// client.
    pub fn blocked(&mut self, id: ClientId, view: &View<'_>, out: &mut Vec<Action>) {
        if self.clients.get(&id).is_some_and(Client::is_too_slow) {
            self.end(id, "sendfail", view, out);
        }
    }

    /// The connection is closed on our side too.
    pub fn forget(&mut self, id: ClientId) {
        self.clients.remove(&id);
        self.busy.remove(&id);
        self.dirty.remove(&id);
    }

    /// What is to be written next to a connection; say [`wrote`](Self::wrote) how much was, then ask again.
    #[must_use]
    pub fn output(&self, id: ClientId) -> Option<&[u8]> {
        self.clients.get(&id).and_then(Client::output)
    }

    /// So many bytes of [`output`](Self::output) were written.
    pub fn wrote(&mut self, id: ClientId, count: usize) {
        if let Some(client) = self.clients.get_mut(&id) {
            client.wrote(count);
        }
    }

    /// The connections that have got something to be written since the last question.
    pub fn take_dirty(&mut self) -> BTreeSet<ClientId> {
        std::mem::take(&mut self.dirty)
    }

    /// All connections and the processes at their other ends; 0 if a process cannot be named.
    pub fn processes(&self) -> impl Iterator<Item = (ClientId, u32)> {
        self.clients.iter().filter(|(_, client)| !client.ending).map(|(id, client)| (*id, client.peer.pid))
    }

    /// How many connections there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.clients.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.clients.is_empty()
    }

    /// Whether one more connection may be made. If there are too many, the oldest that has not signed on goes.
    pub fn has_room(&mut self, view: &View<'_>, out: &mut Vec<Action>) -> bool {
        if self.clients.len() < MOST_CLIENTS {
            return true;
        }
        self.complain(view, ApiEvent::TooMany, out);
        let idle = self.clients.iter().find(|(_, client)| client.registration.is_none() && !client.ending);
        match idle.map(|(id, _)| *id) {
            Some(id) => self.end(id, "noinput", view, out),
            None => return false,
        }
        true
    }

    /// One message, or what should have been one.
    fn body(&mut self, id: ClientId, body: Result<Vec<u8>, FrameError>, view: &View<'_>, out: &mut Vec<Action>) {
        let Some(client) = self.clients.get_mut(&id) else { return };
        let pid = client.peer.pid;
        let message = match body.map(|body| frame::decode(&body)) {
            Err(error) => {
                self.complain(view, ApiEvent::Frame { pid, error }, out);
                self.end(id, "noinput", view, out);
                return;
            }
            Ok(Err(_)) => {
                client.failures += 1;
                let last = client.failures >= MOST_FAILURES;
                self.complain(view, ApiEvent::Unreadable { pid }, out);
                if last {
                    self.end(id, "noinput", view, out);
                }
                return;
            }
            Ok(Ok(message)) => message,
        };
        client.failures = 0;
        let is_request = message.kind() == T_REQUEST.as_bytes();
        match (client.registration.is_some(), is_request) {
            (true, true) => self.request(id, &message, view, out),
            (true, false) => self.general(id, message, view, out),
            (false, true) if message.text(F_REQUEST) == Some(SIGN_ON.as_bytes()) => {
                self.sign_on(id, &message, view, out);
            }
            (false, _) => {
                self.complain(view, ApiEvent::NoSignOn { pid }, out);
                self.end(id, "badclient", view, out);
            }
        }
    }

    /// Queues a message for a client.
    pub(super) fn tell(&mut self, id: ClientId, message: &Message) {
        let bytes = frame::encode(message, self.settings.netstrings);
        self.tell_bytes(id, bytes);
    }

    pub(super) fn tell_bytes(&mut self, id: ClientId, bytes: Vec<u8>) {
        if let Some(client) = self.clients.get_mut(&id) {
            client.push(bytes);
            self.dirty.insert(id);
        }
    }

    /// Ends a connection. A named client learns it, and all clients of its name do.
    pub(super) fn end(&mut self, id: ClientId, why: &'static str, view: &View<'_>, out: &mut Vec<Action>) {
        let Some(client) = self.clients.get_mut(&id).filter(|client| !client.ending) else { return };
        client.ending = true;
        self.busy.remove(&id);
        let pid = client.peer.pid;
        if let Some(registration) = client.registration.clone() {
            let event = ApiEvent::Left { pid, id: registration.id.clone(), why };
            if matches!(why, "EOF" | "signoff") {
                out.push(Action::Log(event));
            } else {
                self.complain(view, event, out);
            }
            if !registration.casual {
                let news = self.client_news(LEAVE, &registration.id, why, registration.generation);
                if why != "EOF" {
                    self.tell(id, &news);
                }
                out.push(Action::Send(news));
            }
        }
        out.push(Action::Close(id));
    }

    /// Tells the clients of a name, everywhere, that one came or went.
    pub(super) fn client_news(&self, status: &str, id: &str, why: &str, generation: u64) -> Message {
        Message::of_type(T_CLIENT_STATUS)
            .with(F_STATUS, status)
            .with(F_FROM_ID, id)
            .with(F_TO_ID, id)
            .with(F_ORIG, &self.settings.node)
            .with(F_COMMENT, why)
            .with(F_CLIENT_GENERATION, generation.to_string())
    }

    /// Logs what a client has caused, unless clients have caused many lines a moment ago.
    pub(super) fn complain(&mut self, view: &View<'_>, event: ApiEvent, out: &mut Vec<Action>) {
        let complaints = &mut self.complaints;
        if complaints.since.is_none_or(|since| since + COMPLAINT_TIME <= view.now) {
            if complaints.left_out > 0 {
                out.push(Action::Log(ApiEvent::Suppressed(complaints.left_out)));
            }
            *complaints = Complaints { since: Some(view.now), count: 0, left_out: 0 };
        }
        if complaints.count < COMPLAINTS {
            complaints.count += 1;
            out.push(Action::Log(event));
        } else {
            complaints.left_out += 1;
        }
    }
}
