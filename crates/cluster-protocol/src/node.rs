//! What we know about each node: identity, status, stream, links.

use crate::fields::{ST_DEAD, ST_INIT};
use crate::message::Uuid;
use crate::packet::Encoding;
use crate::rng::Rng;
use crate::seq::Window;
use crate::time::Mono;
use std::time::Duration;

/// A node: its place in the core's table. Places of removed nodes are not used again.
pub(crate) type NodeId = usize;

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A cluster member.
    Normal,
    /// Something that answers echo requests.
    Ping,
}

/// One way to a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The medium's name; several media of one name are one link.
    pub name: String,
    /// Whether it lives.
    pub up: bool,
    /// When a packet came through it last.
    pub heard: Mono,
}

/// One node.
#[derive(Clone, Debug)]
pub struct Node {
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// Its id, once known.
    pub uuid: Option<Uuid>,
    /// Its generation, 0 while unknown.
    pub generation: u64,
    /// Its status as it sent it, `init` before that, `dead` if we say so.
    pub status: String,
    /// Its links.
    pub links: Vec<Link>,
    /// Weight for whoever asks; nothing here uses it.
    pub weight: u32,
    /// Site, likewise.
    pub site: Vec<u8>,
    /// In our configuration: it stays, whatever peers say.
    pub(crate) configured: bool,
    /// Removed from the cluster; kept in the table so that places stay.
    pub(crate) removed: bool,
    /// Heard in this life of ours.
    pub(crate) heard: bool,
    /// When its last status message came, or when we began to wait for it.
    pub(crate) status_at: Mono,
    /// A status message of its present generation was heard, and it was not declared dead since.
    pub(crate) alive: bool,
    /// Number of its newest status message of its present generation, 0 before the first.
    pub(crate) status_number: u64,
    /// The dead time it announced.
    pub(crate) announced: Option<Duration>,
    /// It acknowledges.
    pub(crate) acknowledges: bool,
    /// Its stream.
    pub(crate) window: Window,
    /// How far it acknowledged ours, or what was sent before we heard of it. For flow control only.
    pub(crate) acked: u64,
    /// The key it signs with.
    pub(crate) key: Option<u8>,
    /// The key it would like to sign with, if it ever said so: then it is one of ours.
    pub(crate) wanted_key: Option<u8>,
    /// How it writes.
    pub(crate) encoding: Option<Encoding>,
    /// It said that it is one of ours.
    pub(crate) ours: bool,
}

impl Node {
    pub(crate) fn new(name: &str, kind: Kind, links: Vec<Link>, now: Mono, rng: &mut Rng) -> Self {
        Self {
            name: name.to_owned(),
            kind,
            uuid: None,
            generation: 0,
            status: ST_INIT.to_owned(),
            links,
            weight: 100,
            site: Vec::new(),
            configured: true,
            removed: false,
            heard: false,
            status_at: now,
            alive: false,
            status_number: 0,
            announced: None,
            acknowledges: true,
            window: Window::new(rng),
            acked: 0,
            key: None,
            wanted_key: None,
            encoding: None,
            ours: false,
        }
    }

    /// We declared it dead, or it said so.
    #[must_use]
    pub fn is_dead(&self) -> bool {
        self.status == ST_DEAD
    }

    /// How many of its messages are missing at present, at most [`CAPACITY`](crate::seq::CAPACITY).
    #[must_use]
    pub fn missing(&self) -> usize {
        self.window.missing()
    }

    /// Its present generation begins: what was known about the former one does not count.
    pub(crate) fn begin_generation(&mut self, generation: u64) {
        self.generation = generation;
        self.window.restart();
        self.acked = 0;
        self.status_number = 0;
        self.alive = false;
        self.acknowledges = true;
        self.announced = None;
        self.ours = false;
        self.wanted_key = None;
    }
}
