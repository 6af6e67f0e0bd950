//! The resource engine: who holds which groups, and what moves them. Events and a clock go in, wishes come out.
//!
//! | state | means | left by |
//! |---|---|---|
//! | init | communication is not up | communication up |
//! | starting | we said so | any `resource`, a peer's `starting` |
//! | both starting | a peer starts too | any `resource` |
//! | received | somebody told what it holds | a stable peer, 10 s, or nothing left to wait for |
//! | stable | groups are distributed | stop |
//! | shutdown | everything is given up | the end |
//!
//! The rows of the original's tables are in: `dialogue` (start, `resource`), `standby`, `death` (takeover), `fencing`,
//! `leaving` (stop, reload), `heal` (partitions), `queue` (children and scripts). Source: resource specification,
//! sections 3 to 8. What two nodes of ours do better stands in docs/HEARTBEAT.md.

mod audit;
mod death;
mod dialogue;
pub mod event;
mod fencing;
mod heal;
mod job;
mod leaving;
mod orphans;
mod peer;
mod queue;
mod set;
mod standby;
mod view;

use crate::message::Message;
use crate::settings::{AutoFailback, Settings};
use crate::time::{Mono, Now};
pub(crate) use death::Death;
use event::ResourceEvent;
pub use job::{Job, JobEnd, JobId};
use leaving::Leave;
use peer::Peer;
use queue::Queue;
pub use set::Set;
use standby::Standby;
use std::collections::{BTreeMap, BTreeSet};
pub use view::{PeerView, View};

/// The engine's state; the numbers stand in log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// Communication is not up.
    Init = 0,
    /// We said that we start.
    Starting = 1,
    /// A peer starts too.
    BothStarting = 2,
    /// Somebody told what it holds.
    Received = 3,
    /// Groups are distributed.
    Stable = 4,
    /// Everything is given up.
    Shutdown = 5,
}

/// What the engine wants done, in this order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Wish {
    /// Send to everybody, ourselves included.
    Send(Message),
    Log(ResourceEvent),
    /// Start a child; its end is told by [`Engine::job_ended`].
    Run(JobId, Job),
    /// Everything is released and everybody knows.
    Released,
    /// Resources rest: a reload may go on.
    Quiet,
    /// The stop took an hour: end now.
    Emergency,
}

/// The engine of one node.
#[derive(Clone, Debug)]
pub(crate) struct Engine {
    node: String,
    auto_failback: AutoFailback,
    now: Now,
    /// False: somebody else manages resources; the dialogue goes on and moves nothing.
    manages: bool,
    has_device: bool,
    /// Behave as an original even towards nodes of ours.
    as_original: bool,
    state: State,
    holds: Set,
    /// With more than two nodes: whose groups we hold. The words of the sets do not say that.
    homes: BTreeSet<String>,
    /// With more than two nodes: nodes that were dead when we started, to be looked at when all peers have told.
    late_deaths: BTreeSet<String>,
    peers: BTreeMap<String, Peer>,
    /// Dead nodes whose groups are being taken over.
    takeover: BTreeSet<String>,
    /// A takeover whose end was not told although its script ended: when to go on without.
    takeover_ends: Option<Mono>,
    standby: Standby,
    needs_failback: bool,
    failback_at: Option<Mono>,
    /// When to take what nobody holds.
    orphans_at: Option<Mono>,
    /// When to take our groups without waiting any longer for peers.
    local_at: Option<Mono>,
    /// How often peers that did not tell were asked again.
    asked: u32,
    local_done: bool,
    foreign_done: bool,
    announced: bool,
    leave: Option<Leave>,
    /// A reload: we hold what the life before held.
    reloaded: bool,
    /// Groups may run that a daemon left behind which was killed.
    leftovers: bool,
    queue: Queue,
    fencing: BTreeMap<String, fencing::Fence>,
    device_check: Option<Mono>,
    healing: BTreeSet<String>,
    healing_at: Option<Mono>,
    healing_asked: u32,
    /// Our groups are to be acquired as soon as no child releases any.
    acquire_later: bool,
    /// Whether we last said that we are settled.
    said_stable: bool,
    /// What we last said about our groups, for nodes of ours.
    truth: String,
    wishes: Vec<Wish>,
}

impl Engine {
    pub(crate) fn new(settings: &Settings) -> Self {
        let others = settings.nodes.iter().filter(|name| **name != settings.node);
        let resources = &settings.resources;
        Self {
            node: settings.node.clone(),
            auto_failback: settings.auto_failback,
            manages: resources.manages,
            has_device: settings.has_stonith && resources.manages,
            as_original: resources.as_original,
            state: State::Init,
            holds: resources.held.unwrap_or_default(),
            homes: resources.homes.iter().cloned().collect(),
            late_deaths: BTreeSet::new(),
            now: Now::default(),
            peers: others.map(|name| (name.clone(), Peer::default())).collect(),
            takeover: BTreeSet::new(),
            takeover_ends: None,
            standby: Standby::default(),
            needs_failback: false,
            failback_at: None,
            orphans_at: None,
            local_at: None,
            asked: 0,
            local_done: false,
            foreign_done: false,
            announced: false,
            leave: None,
            queue: Queue::default(),
            reloaded: resources.held.is_some(),
            leftovers: resources.leftovers,
            fencing: BTreeMap::new(),
            device_check: None,
            healing: BTreeSet::new(),
            healing_at: None,
            healing_asked: 0,
            acquire_later: false,
            said_stable: false,
            truth: String::new(),
            wishes: Vec::new(),
        }
    }

    /// The clocks, before every event.
    pub(crate) fn at(&mut self, now: Now) {
        self.now = now;
    }

    pub(crate) fn take_wishes(&mut self) -> Vec<Wish> {
        std::mem::take(&mut self.wishes)
    }

    pub(crate) fn has_wishes(&self) -> bool {
        !self.wishes.is_empty()
    }

    fn log(&mut self, event: ResourceEvent) {
        self.wishes.push(Wish::Log(event));
    }

    fn send(&mut self, message: Message) {
        self.wishes.push(Wish::Send(message));
    }

    fn legacy(&self) -> bool {
        self.auto_failback == AutoFailback::Legacy
    }

    fn stopping(&self) -> bool {
        self.state == State::Shutdown || self.leave.as_ref().is_some_and(Leave::is_stop)
    }

    /// Nothing may begin any more: a reload is about to happen.
    fn frozen(&self) -> bool {
        self.leave.as_ref().is_some_and(Leave::is_frozen)
    }

    fn set_state(&mut self, state: State) {
        if self.state != state {
            self.log(ResourceEvent::State { from: self.state as u8, to: state as u8 });
            self.state = state;
        }
    }

    /// Whether nothing moves (resource specification, section 3.2).
    pub(crate) fn stable(&self) -> bool {
        if self.legacy() {
            return self.queue.idle();
        }
        let settled = self.others_stable()
            && self.takeover.is_empty()
            && self.healing.is_empty()
            && self.standby.is_over()
            && self.queue.idle()
            && matches!(self.state, State::Stable | State::Shutdown | State::Init);
        settled || (self.stopping() && self.state == State::Init)
    }

    /// The word that `cl_status rscstatus` shows.
    pub(crate) fn word(&self) -> &'static str {
        if self.stable() { self.holds.word() } else { "transition" }
    }

    pub(crate) fn held(&self) -> Option<Set> {
        (self.reloaded || self.state >= State::Received).then_some(self.holds)
    }

    /// Whether anything may run here that we started. With `auto_failback legacy` nobody knows what is held.
    pub(crate) fn may_hold(&self) -> bool {
        self.held().is_some_and(|held| held != Set::NONE || self.legacy())
    }

    pub(crate) fn homes(&self) -> Vec<String> {
        self.homes.iter().cloned().collect()
    }

    pub(crate) fn next_deadline(&self) -> Option<Mono> {
        if self.frozen() {
            return None;
        }
        let local = self.local_at.filter(|_| self.state == State::Received);
        [
            local,
            self.failback_at,
            self.healing_at,
            self.orphans_at,
            self.takeover_ends,
            self.standby.deadline(),
            self.queue.next_deadline(),
        ]
        .into_iter()
        .chain([self.device_check, self.leave.as_ref().and_then(Leave::deadline)])
        .chain(self.fencing.values().map(fencing::Fence::deadline))
        .flatten()
        .min()
    }

    /// Everything whose time has come.
    pub(crate) fn tick(&mut self, now: Mono) {
        if self.frozen() {
            return;
        }
        let due = |at: Option<Mono>| at.is_some_and(|at| at <= now);
        if self.state == State::Received && due(self.local_at) {
            self.local_transition_completed(now);
        }
        if due(self.takeover_ends) {
            self.takeover_told(now);
        }
        if due(self.standby.deadline()) {
            self.standby_timeout(now);
        }
        if due(self.orphans_at) {
            self.orphans_at = None;
            self.take_orphans(now);
        }
        if due(self.healing_at) {
            self.ask_again(now);
        }
        if due(self.failback_at) {
            self.failback_at = None;
            self.auto_failback(now);
        }
        if due(self.queue.next_deadline()) {
            self.repeat_jobs(now);
        }
        self.fence_again(now);
        if due(self.device_check) {
            self.check_device(now);
        }
        self.leave_tick(now);
        self.settle(now);
    }

    /// After every event: what was waiting for something to end.
    fn settle(&mut self, now: Mono) {
        if self.frozen() {
            return;
        }
        self.end_idle_jobs(now);
        if self.acquire_later && !self.queue.moves_groups() {
            self.acquire_local(true);
        }
        self.pump();
        self.settle_doubles(now);
        self.rest_alone(now);
        if self.state == State::Stable && self.living().all(|(_, peer)| peer.told) {
            self.look_at_late_deaths();
        }
        self.look_for_orphans(now);
        self.leave_if_stable(now);
        self.pump();
        self.say_that_it_is_over();
    }
}
