//! The socket of local clients: accepts, reads, writes and closes what the server decides.
//!
//! Nothing here may hold the daemon up: every descriptor is non-blocking, each turn reads a bounded piece of each
//! client, and a client that does not read is given up by the server.

mod lines;
mod settings;
mod socket;

use crate::log::Log;
use cluster_protocol::api::words::T_QUERY_CLIENT;
use cluster_protocol::api::{Action, ApiEvent, ClientId, RscStatus, Server, View};
use cluster_protocol::core::Core;
use cluster_protocol::event::Event;
use cluster_protocol::message::Message;
use cluster_protocol::time::{Mono, Now};
use ha_config::config::Config;
use ha_sys::poll::{Interest, Poller, Ready};
use ha_sys::process;
use nix::sys::signal::Signal;
use socket::{Accepted, Received, Sent};
use std::collections::BTreeMap;
use std::os::unix::net::{UnixListener, UnixStream};
use std::time::Duration;

/// The listening socket's token; those of connections are larger.
const LISTENER: u64 = 1 << 32;
/// The token of connection 0.
const FIRST_CLIENT: u64 = LISTENER + 1;
/// Connections that are accepted in one turn.
const ACCEPTED_AT_ONCE: usize = 32;
/// What is read of one client in one turn.
const CHUNK: usize = 16_384;
/// How long nothing is accepted after descriptors or memory ran out, and how long a failed opening waits.
const RETRY: Duration = Duration::from_secs(1);
/// How often it is looked whether the clients' processes live.
const AUDIT: Duration = Duration::from_secs(10);
/// How often it is looked whether clients may be listened to again.
const PAUSE: Duration = Duration::from_millis(50);

#[derive(Debug)]
struct Connection {
    stream: UnixStream,
    /// What the poller waits for; nothing if it does not know the descriptor.
    interest: Interest,
}

/// What is known of the daemon at the moment of an event.
#[derive(Clone, Copy, Debug)]
pub struct Around<'a> {
    /// The cluster.
    pub core: &'a Core,
    /// The clocks.
    pub now: Now,
    /// What is waited for.
    pub poller: &'a Poller,
}

impl Around<'_> {
    fn view(&self) -> View<'_> {
        View::of(self.core, self.now.mono)
    }
}

/// The socket and its clients.
#[derive(Debug)]
pub struct Api {
    server: Server,
    log: Log,
    /// Without it (option `-M`) nobody can say what is held.
    manages_resources: bool,
    listener: Option<UnixListener>,
    connections: BTreeMap<ClientId, Connection>,
    /// The socket is to be opened or listened to again then.
    retry: Option<Mono>,
    /// The last attempt to open it failed.
    failed: bool,
    audit: Mono,
    turned: Mono,
}

impl Api {
    /// Without a socket: clients are let in when communication is up.
    #[must_use]
    pub fn new(config: &Config, log: &Log) -> Self {
        Self {
            server: Server::new(settings::build(config)),
            log: log.clone(),
            manages_resources: config.manages_resources,
            listener: None,
            connections: BTreeMap::new(),
            retry: None,
            failed: false,
            audit: Mono::default(),
            turned: Mono::default(),
        }
    }

    /// Whether a token of the poller is one of ours.
    #[must_use]
    pub fn owns(token: u64) -> bool {
        token >= LISTENER
    }

    /// Makes the socket and lets clients in. If that fails it is tried again until it works.
    pub fn open(&mut self, around: Around<'_>) {
        if self.listener.is_some() {
            return;
        }
        match socket::listen().and_then(|listener| {
            around.poller.add(&listener, LISTENER, Interest::READ)?;
            Ok(listener)
        }) {
            Ok(listener) => {
                self.listener = Some(listener);
                self.retry = None;
            }
            Err(failure) => {
                if !self.failed {
                    self.log.error(&lines::cannot_open(&failure));
                }
                self.failed = true;
                self.retry = Some(around.now.mono + RETRY);
            }
        }
    }

    /// Something is ready. Gives the messages that the core shall send.
    #[must_use]
    pub fn take(&mut self, ready: Ready, around: Around<'_>) -> Vec<Message> {
        let mut actions = Vec::new();
        if ready.token == LISTENER {
            self.accept(around, &mut actions);
        } else {
            let id = ClientId(ready.token.saturating_sub(FIRST_CLIENT));
            if ready.readable {
                self.read(id, around, &mut actions);
            }
            if ready.writable {
                self.flush(id, around, &mut actions);
            }
        }
        self.turn(around, actions)
    }

    /// A message that the core delivers. Gives the messages that the core shall send.
    #[must_use]
    pub fn deliver(&mut self, message: &Message, news: bool, around: Around<'_>) -> Vec<Message> {
        // Heartbeats without end, and mostly nobody who listens.
        if self.server.is_empty() && message.kind() != T_QUERY_CLIENT.as_bytes() {
            return Vec::new();
        }
        let mut actions = Vec::new();
        self.server.delivered(message, news, &around.view(), &mut actions);
        self.settle(around, actions)
    }

    /// Something that the core reports: clients hear of links.
    #[must_use]
    pub fn report(&mut self, event: &Event, around: Around<'_>) -> Vec<Message> {
        let Event::Link { node, link, up } = event else { return Vec::new() };
        if self.server.is_empty() {
            return Vec::new();
        }
        let mut actions = Vec::new();
        self.server.link(node, link, *up, &around.view(), &mut actions);
        self.settle(around, actions)
    }

    /// When [`tick`](Self::tick) is wanted; in the past if there is something to do at once.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Mono> {
        let work = self.server.has_work().then_some(Mono::default());
        let pause = self.server.is_paused().then(|| self.turned + PAUSE);
        let audit = (!self.server.is_empty()).then(|| self.audit + AUDIT);
        [work, pause, audit, self.retry].into_iter().flatten().min()
    }

    /// Does what is due. Gives the messages that the core shall send.
    #[must_use]
    pub fn tick(&mut self, around: Around<'_>) -> Vec<Message> {
        let now = around.now.mono;
        let mut actions = Vec::new();
        if self.retry.is_some_and(|at| at <= now) {
            self.retry = None;
            match &self.listener {
                None => self.open(around),
                Some(listener) => {
                    if around.poller.add(listener, LISTENER, Interest::READ).is_err() {
                        self.retry = Some(now + RETRY);
                    }
                }
            }
        }
        if self.audit + AUDIT <= now {
            self.audit = now;
            let gone = |pid: u32| pid > 0 && i32::try_from(pid).is_ok_and(|pid| !process::exists(pid));
            let gone: Vec<ClientId> = self.server.processes().filter(|(_, pid)| gone(*pid)).map(|(id, _)| id).collect();
            for id in gone {
                self.server.vanished(id, &around.view(), &mut actions);
            }
        }
        self.turn(around, actions)
    }

    fn accept(&mut self, around: Around<'_>, actions: &mut Vec<Action>) {
        for _ in 0..ACCEPTED_AT_ONCE {
            let Some(listener) = &self.listener else { return };
            match socket::accept(listener) {
                Accepted::None => return,
                Accepted::Failed => {}
                Accepted::NoRoom => {
                    // Level triggered: it would be reported again and again.
                    let _ = around.poller.remove(listener);
                    self.retry = Some(around.now.mono + RETRY);
                    return;
                }
                Accepted::Peer(stream, peer) => {
                    if self.server.has_room(&around.view(), actions) {
                        let id = self.server.opened(peer);
                        self.connections.insert(id, Connection { stream, interest: Interest::default() });
                    }
                }
            }
        }
    }

    fn read(&mut self, id: ClientId, around: Around<'_>, actions: &mut Vec<Action>) {
        let Some(connection) = self.connections.get_mut(&id).filter(|_| self.server.wants_input(id)) else { return };
        let mut buffer = [0; CHUNK];
        match socket::receive(&connection.stream, &mut buffer) {
            Received::Bytes(bytes) => self.server.received(id, bytes),
            Received::Nothing => {}
            Received::End => self.server.closed(id, &around.view(), actions),
        }
    }

    /// Writes what waits as far as the client takes it.
    fn flush(&mut self, id: ClientId, around: Around<'_>, actions: &mut Vec<Action>) {
        let Some(connection) = self.connections.get(&id) else { return };
        while let Some(bytes) = self.server.output(id) {
            match socket::send(&connection.stream, bytes) {
                Sent::Bytes(count) => self.server.wrote(id, count),
                Sent::Full => {
                    self.server.blocked(id, &around.view(), actions);
                    return;
                }
                Sent::Broken => {
                    self.server.closed(id, &around.view(), actions);
                    return;
                }
            }
        }
    }

    /// Looks at what clients have sent, then does what follows.
    fn turn(&mut self, around: Around<'_>, mut actions: Vec<Action>) -> Vec<Message> {
        self.turned = around.now.mono;
        let status = self.manages_resources.then(|| RscStatus { word: around.core.resource_status().to_owned() });
        self.server.set_resources(status);
        self.server.turn(&around.view(), &mut actions);
        self.settle(around, actions)
    }

    /// Performs actions and writes until there is nothing more to do.
    fn settle(&mut self, around: Around<'_>, mut actions: Vec<Action>) -> Vec<Message> {
        let mut messages = Vec::new();
        loop {
            for action in std::mem::take(&mut actions) {
                match action {
                    Action::Send(message) => messages.push(message),
                    Action::Close(id) => self.close(id),
                    Action::Signal { pid, signal } => send_signal(pid, signal),
                    Action::Log(event) => self.log(&event),
                }
            }
            for id in self.server.take_dirty() {
                self.flush(id, around, &mut actions);
            }
            if actions.is_empty() {
                break;
            }
        }
        self.adjust(around.poller);
        messages
    }

    fn log(&self, event: &ApiEvent) {
        self.log.lines(lines::lines(event));
    }

    /// Writes as much of what waits as the client takes at once, and closes.
    fn close(&mut self, id: ClientId) {
        if let Some(connection) = self.connections.remove(&id) {
            while let Some(Sent::Bytes(count)) =
                self.server.output(id).map(|bytes| socket::send(&connection.stream, bytes))
            {
                self.server.wrote(id, count);
            }
        }
        self.server.forget(id);
    }

    /// Asks the poller for what each connection needs. A descriptor that needs nothing is taken out: a hang-up would be
    /// reported without end.
    fn adjust(&mut self, poller: &Poller) {
        for (id, connection) in &mut self.connections {
            let wanted = Interest { read: self.server.wants_input(*id), write: self.server.output(*id).is_some() };
            if wanted == connection.interest {
                continue;
            }
            let token = FIRST_CLIENT.saturating_add(id.0);
            let result = if wanted == Interest::default() {
                poller.remove(&connection.stream)
            } else if connection.interest == Interest::default() {
                poller.add(&connection.stream, token, wanted)
            } else {
                poller.change(&connection.stream, token, wanted)
            };
            if result.is_ok() {
                connection.interest = wanted;
            }
        }
    }
}

fn send_signal(pid: u32, signal: i32) {
    if let (Ok(pid), Ok(signal)) = (i32::try_from(pid), Signal::try_from(signal)) {
        let _ = process::send(pid, signal);
    }
}
