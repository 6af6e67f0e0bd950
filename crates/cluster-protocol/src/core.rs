//! The protocol engine: inputs and a clock go in, actions come out. No I/O, no sleeping, no globals.
//!
//! | phase | begins | status sent |
//! |---|---|---|
//! | waiting | at the start | `init` once, then `up` |
//! | asking | every node was heard or is dead | `up` |
//! | active | a peer told its node list, or nobody lives who could | `active` |
//!
//! What a message goes through stands in `accept`, what a node's status means in `membership`, retransmission in
//! `reliable`, outgoing messages in `send`, stopping in `ending`, messages of administrators in `admin`, limits for log
//! lines in `report`.

mod accept;
mod admin;
mod ending;
mod membership;
mod reliable;
mod report;
mod send;
#[cfg(test)]
mod tests;

use crate::event::Event;
use crate::fields::{ST_INIT, ST_UP};
use crate::history::History;
use crate::input::Input;
use crate::message::Uuid;
use crate::node::{Kind, Link, Node, NodeId};
use crate::output::Output;
use crate::resources::{Engine, Set, View};
use crate::rng::Rng;
use crate::settings::{Autojoin, Identity, KnownNode, MediumId, MediumKind, Settings};
use crate::time::{Mono, Now};
use ending::Leaving;
pub use report::Counters;
use report::Reports;
use std::collections::BTreeSet;
use std::time::Duration;

/// How far the node's start has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Not every node was heard or declared dead.
    Waiting,
    /// A peer is asked for its node list.
    Asking,
    /// Communication is up.
    Active,
}

/// For this long after the start a longer dead time is announced.
const START_ALLOWANCE_LASTS: Duration = Duration::from_secs(5);
/// By so much longer.
const START_ALLOWANCE: Duration = Duration::from_secs(2);
/// An unanswered question for the node list goes to the next node after this time.
const ASK_AGAIN: Duration = Duration::from_secs(1);

#[derive(Clone, Copy, Debug)]
struct Asking {
    node: NodeId,
    next: Mono,
}

/// The engine of one node.
#[derive(Clone, Debug)]
pub struct Core {
    settings: Settings,
    identity: Identity,
    rng: Rng,
    now: Now,
    load: String,
    phase: Phase,
    status: &'static str,
    nodes: Vec<Node>,
    me: NodeId,
    /// Names that may not join by themselves.
    deleted: BTreeSet<String>,
    history: History,
    resources: Engine,
    /// Nodes that died before communication was up.
    early_deaths: Vec<NodeId>,
    started: Mono,
    next_status: Mono,
    allowance_ends: Option<Mono>,
    asking: Option<Asking>,
    partition_ends: Option<Mono>,
    leaving: Option<Leaving>,
    flow_control: bool,
    signing: u8,
    reports: Reports,
    counters: Counters,
    out: Vec<Output>,
}

impl Core {
    /// An engine that has not started. Equal arguments and inputs give equal outputs.
    #[must_use]
    pub fn new(settings: Settings, identity: Identity, seed: u64) -> Self {
        let mut rng = Rng::new(seed);
        let begin = Mono::default();
        let mut nodes = Vec::new();
        for name in &settings.nodes {
            nodes.push(Node::new(name, Kind::Normal, member_links(&settings), begin, &mut rng));
        }
        let me = nodes.iter().position(|node| node.name == settings.node).unwrap_or_else(|| {
            nodes.push(Node::new(&settings.node, Kind::Normal, member_links(&settings), begin, &mut rng));
            nodes.len() - 1
        });
        for medium in &settings.media {
            if let MediumKind::Ping(name) = &medium.kind {
                let link = Link { name: medium.name.clone(), up: false, heard: begin };
                nodes.push(Node::new(name, Kind::Ping, vec![link], begin, &mut rng));
            }
        }
        if let Some(node) = nodes.get_mut(me) {
            node.uuid = Some(identity.uuid);
            node.generation = identity.generation;
        }
        let resources = Engine::new(&settings);
        Self {
            signing: settings.keys.active,
            settings,
            identity,
            rng,
            now: Now::default(),
            load: "n/a".to_owned(),
            phase: Phase::Waiting,
            status: ST_INIT,
            nodes,
            me,
            deleted: BTreeSet::new(),
            history: History::default(),
            resources,
            early_deaths: Vec::new(),
            started: begin,
            next_status: begin,
            allowance_ends: None,
            asking: None,
            partition_ends: None,
            leaving: None,
            flow_control: true,
            reports: Reports::default(),
            counters: Counters::default(),
            out: Vec::new(),
        }
    }

    /// What is remembered from earlier starts; to be said before [`Input::Start`]. Ids, weights and sites of our nodes are
    /// taken over; other nodes are members again, and waited for, only if nodes may join by themselves. `deleted` are
    /// names that may not.
    pub fn remember(&mut self, known: &[KnownNode], deleted: Vec<String>) {
        self.deleted = deleted.into_iter().collect();
        for known in known {
            let may_join = self.settings.autojoin != Autojoin::None && !self.deleted.contains(&known.name);
            let found = self.find_name(&known.name);
            let id = if found.is_none() && may_join { self.add_node(&known.name) } else { found };
            let Some(node) = id.and_then(|id| self.nodes.get_mut(id)).filter(|node| node.kind == Kind::Normal) else {
                continue;
            };
            node.weight = known.weight;
            node.site.clone_from(&known.site);
            if known.uuid != Uuid::NIL && id != Some(self.me) {
                node.uuid = Some(known.uuid);
            }
        }
    }

    /// Feeds one input at `now`, which never goes back. Appends to `out` what is to be done, in order.
    pub fn handle(&mut self, now: Now, input: Input<'_>, out: &mut Vec<Output>) {
        self.now = Now { mono: now.mono.max(self.now.mono), wall: now.wall };
        self.resources.at(self.now);
        match input {
            Input::Start => self.start(),
            Input::Datagram { medium, bytes, from } => self.datagram(medium, bytes, from),
            Input::Local(message) => self.local(message),
            Input::NewKeys(keys) => {
                self.settings.keys = keys;
                self.choose_key();
            }
            Input::Load(text) => text.clone_into(&mut self.load),
            Input::JobEnded { id, end } => self.resources.job_ended(id, end, now.mono),
            Input::Groups(text) => self.resources.truth(text),
            Input::Shutdown => self.shutdown(),
            Input::Restart => self.restart(),
            Input::ClientsStopped => self.clients_stopped(),
            Input::Tick => self.tick(),
        }
        self.grant_wishes();
        self.progress();
        out.append(&mut self.out);
    }

    /// The earliest instant at which [`Input::Tick`] is wanted.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Mono> {
        let nodes = self.nodes.iter().enumerate().filter(|(_, node)| !node.removed);
        nodes
            .flat_map(|(id, node)| self.node_deadlines(id, node))
            .chain(self.allowance_ends)
            .chain(self.asking.map(|asking| asking.next))
            .chain(self.partition_ends)
            .chain(self.leaving.as_ref().and_then(Leaving::next_deadline))
            .chain(self.resources.next_deadline())
            .chain(self.reports.next_deadline())
            .chain((self.status != ST_INIT).then_some(self.next_status))
            .min()
    }

    /// All nodes that are part of the cluster, ping nodes too, in the order of the configuration.
    pub fn nodes(&self) -> impl Iterator<Item = &Node> {
        self.nodes.iter().filter(|node| !node.removed)
    }

    /// Names of deleted nodes, which may not join by themselves.
    pub fn deleted(&self) -> impl Iterator<Item = &str> {
        self.deleted.iter().map(String::as_str)
    }

    /// How far the start has come.
    #[must_use]
    pub fn phase(&self) -> Phase {
        self.phase
    }

    /// Our own status, as others see it.
    #[must_use]
    pub fn status(&self) -> &'static str {
        self.status
    }

    /// What is held here and elsewhere.
    #[must_use]
    pub fn resources(&self) -> View {
        self.resources.view()
    }

    /// What we claim to hold: for a start after a reload. `None` if this life never took part.
    #[must_use]
    pub fn held(&self) -> Option<Set> {
        self.resources.held()
    }

    /// Whose groups these are; needed with more than two nodes only.
    #[must_use]
    pub fn homes(&self) -> Vec<String> {
        self.resources.homes()
    }

    /// The word for `cl_status rscstatus`: the set that we hold, or `transition`.
    #[must_use]
    pub fn resource_status(&self) -> &'static str {
        self.resources.word()
    }

    /// What was received, dropped and sent.
    #[must_use]
    pub fn counters(&self) -> &Counters {
        &self.counters
    }

    /// The settings it runs with.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Messages sent that some living peer has not acknowledged. Above 250 the originals pause their local clients.
    #[must_use]
    pub fn unacknowledged(&self) -> u64 {
        let peers = self.nodes.iter().enumerate().filter(|(id, node)| {
            *id != self.me && !node.removed && node.kind == Kind::Normal && node.alive && node.acknowledges
        });
        let lowest = peers.map(|(_, node)| node.acked).min();
        lowest.map_or(0, |acked| self.history.last().saturating_sub(acked))
    }

    fn start(&mut self) {
        if self.status != ST_INIT {
            return;
        }
        let now = self.now.mono;
        self.started = now;
        for node in &mut self.nodes {
            node.status_at = now;
        }
        self.allowance_ends = Some(now + START_ALLOWANCE_LASTS);
        self.send_status();
        self.set_status(ST_UP);
        self.send_status();
        self.next_status = now + self.settings.keepalive;
    }

    fn set_status(&mut self, status: &'static str) {
        self.status = status;
        if let Some(node) = self.nodes.get_mut(self.me) {
            status.clone_into(&mut node.status);
        }
        self.log(Event::LocalStatus(status));
    }

    fn log(&mut self, event: Event) {
        self.out.push(Output::Log(event));
    }

    /// Everything whose time has come.
    fn tick(&mut self) {
        let now = self.now.mono;
        self.watch_nodes();
        self.ask_for_missing();
        if self.allowance_ends.is_some_and(|at| at <= now) {
            self.allowance_ends = None;
            self.send_status();
        }
        if self.status != ST_INIT && self.next_status <= now {
            self.send_status();
            // Not from `now`: the rhythm stays, unless we were stopped for longer than a beat.
            let next = self.next_status + self.settings.keepalive;
            self.next_status = if next <= now { now + self.settings.keepalive } else { next };
        }
        self.resources.tick(now);
        self.grant_wishes();
        if self.partition_ends.is_some_and(|at| at <= now) {
            self.partition_ends = None;
            self.leave_after_partition();
        }
        self.continue_leaving();
        self.flush_reports();
    }

    fn link_of(&self, medium: MediumId) -> Option<&str> {
        self.settings.media.get(medium.0).map(|medium| medium.name.as_str())
    }
}

/// The links of a cluster member: one per name, ping media are no links of members.
fn member_links(settings: &Settings) -> Vec<Link> {
    let mut links: Vec<Link> = Vec::new();
    for medium in &settings.media {
        let known = links.iter().any(|link| link.name == medium.name);
        if !known && !matches!(medium.kind, MediumKind::Ping(_)) {
            links.push(Link { name: medium.name.clone(), up: false, heard: Mono::default() });
        }
    }
    links
}
