//! One machine: its engine while it runs, its disk (generation, id), its clocks, what waits in its sockets.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use cluster_protocol::core::Core;
use cluster_protocol::message::{Message, Uuid};
use cluster_protocol::resources::{JobEnd, JobId};
use cluster_protocol::rng::Rng;
use cluster_protocol::settings::{AutoFailback, Identity, Settings};
use cluster_protocol::time::{Mono, Now, WallSeconds};

use crate::machine::{Group, Machine};

/// So many datagrams fit into the sockets of a stalled process; the rest is lost.
const SOCKET: usize = 900;

/// One packet on its last step.
#[derive(Clone, Debug)]
pub(crate) struct Packet {
    pub(crate) medium: usize,
    pub(crate) bytes: Arc<[u8]>,
    /// Put in by the attacker.
    pub(crate) injected: bool,
}

/// What waits for a stalled process.
#[derive(Clone, Debug)]
pub(crate) enum Waiting {
    Packet(Packet),
    /// In the FIFO.
    Message(Message),
    /// A child of the daemon of this number ended.
    Ended(u64, JobId, JobEnd),
}

/// An engine from its start to its end.
#[derive(Debug)]
pub(crate) struct Life {
    pub(crate) core: Core,
    pub(crate) number: u64,
    pub(crate) born: u64,
    /// The announced deadline, in time of the world, with the shell's delay.
    pub(crate) tick: Option<u64>,
    /// What was delivered: id, generation, number.
    pub(crate) delivered: BTreeSet<(Uuid, u64, u64)>,
    /// Nodes of which an injected packet was the first to come: nothing follows from what is thought about them.
    pub(crate) fooled: BTreeSet<String>,
    pub(crate) leaving: bool,
    /// When it saw a dead node return, which must make it start again.
    pub(crate) partition: Option<u64>,
    pub(crate) clients: bool,
    /// It came from a reload, and nothing has happened yet that would let groups move.
    pub(crate) undisturbed: bool,
    /// Children that it started and whose end it was not told.
    pub(crate) jobs: BTreeSet<JobId>,
}

/// A machine.
#[derive(Debug)]
pub(crate) struct Host {
    pub(crate) name: String,
    pub(crate) settings: Settings,
    pub(crate) uuid: Uuid,
    pub(crate) generation: u64,
    /// Its monotonic clock is ahead of the world's by so much (microseconds).
    mono: u64,
    /// Its wall clock is wrong by so many seconds.
    pub(crate) wall: i64,
    pub(crate) life: Option<Life>,
    /// Incarnations so far; outdated events are known by it.
    pub(crate) lives: u64,
    /// No process since, in time of the world.
    pub(crate) down_since: u64,
    pub(crate) stalled: bool,
    pub(crate) awake_since: u64,
    pub(crate) inbox: VecDeque<Waiting>,
    pub(crate) machine: Machine,
    /// Application messages of the final round that came here, by sender.
    pub(crate) finals: Vec<Vec<u8>>,
}

impl Host {
    pub(crate) fn new(index: usize, settings: Settings, groups: &[Group], rng: &mut Rng) -> Self {
        Self {
            name: settings.node.clone(),
            settings,
            uuid: Uuid([u8::try_from(index).unwrap() + 1; 16]),
            generation: 1000 + rng.below(1000),
            mono: rng.below(1_000_000_000),
            wall: i64::try_from(rng.below(100)).unwrap() - 50,
            life: None,
            lives: 0,
            down_since: 0,
            stalled: false,
            awake_since: 0,
            inbox: VecDeque::new(),
            machine: Machine::new(groups),
            finals: Vec::new(),
        }
    }

    /// The host's clocks at a moment of the world.
    pub(crate) fn clocks(&self, now: u64) -> Now {
        let wall = 1_700_000_000 + i64::try_from(now / 1_000_000).unwrap() + self.wall;
        Now { mono: Mono(now + self.mono), wall: WallSeconds(u64::try_from(wall).unwrap()) }
    }

    /// A moment of the host's monotonic clock in time of the world.
    pub(crate) fn in_world(&self, at: Mono) -> u64 {
        at.0.saturating_sub(self.mono)
    }

    /// A new process with a new generation.
    pub(crate) fn begin(&mut self, now: u64, seed: u64) {
        self.generation += 1;
        self.lives += 1;
        self.inbox.clear();
        self.stalled = false;
        self.awake_since = now;
        let identity = Identity { uuid: self.uuid, generation: self.generation };
        let held = self.machine.held.take();
        if held.is_none() {
            self.machine.lineage += 1;
        }
        self.machine.unfenced.clear();
        let mut settings = self.settings.clone();
        settings.resources.held = held;
        settings.resources.homes = std::mem::take(&mut self.machine.homes);
        self.life = Some(Life {
            core: Core::new(settings, identity, seed),
            number: self.lives,
            born: now,
            tick: None,
            delivered: BTreeSet::new(),
            fooled: BTreeSet::new(),
            leaving: false,
            partition: None,
            clients: false,
            // With the protocol of 1.x every start asks for what does not run yet.
            undisturbed: held.is_some() && self.settings.resources.manages && !self.legacy(),
            jobs: BTreeSet::new(),
        });
    }

    pub(crate) fn end(&mut self, now: u64) {
        self.life = None;
        self.stalled = false;
        self.inbox.clear();
        self.down_since = now;
    }

    /// Waits in the socket of a stalled process.
    pub(crate) fn queue(&mut self, waiting: Waiting) {
        if self.inbox.len() < SOCKET || !matches!(waiting, Waiting::Packet(_)) {
            self.inbox.push_back(waiting);
        }
    }

    /// With the protocol of 1.x nobody says what it holds.
    pub(crate) fn legacy(&self) -> bool {
        self.settings.auto_failback == AutoFailback::Legacy
    }

    /// The running engine of that number.
    pub(crate) fn life_of(&mut self, number: u64) -> Option<&mut Life> {
        self.life.as_mut().filter(|life| life.number == number)
    }
}

/// Id, generation and number of a message that has all three.
pub(crate) fn mark(message: &Message) -> Option<(Uuid, u64, u64)> {
    Some((message.uuid("srcuuid")?, message.number("hg", 16)?, message.number("seq", 16)?))
}
