//! Who is there: status messages, silence, links, the start of communication, node lists.
//!
//! Source: wire specification, sections 6.4 and 6.5.

use super::{ASK_AGAIN, Asking, Core, Phase};
use crate::event::Event;
use crate::fields::*;
use crate::message::Message;
use crate::node::{Kind, Node, NodeId};
use crate::output::Output;
use crate::resources::{Death, Engine};
use crate::settings::{Autojoin, MediumId};
use crate::time::Mono;
use std::time::Duration;

/// A node that returns after a partition makes everybody start again after this time.
const PARTITION_GRACE: Duration = Duration::from_secs(2);
/// The longest dead time that a peer may announce for itself.
const LONGEST_DEADTIME: Duration = Duration::from_secs(24 * 3600);

impl Core {
    /// How long this node may be silent.
    fn patience(&self, node: &Node) -> Duration {
        match node.kind {
            _ if self.phase != Phase::Active => self.settings.initdead,
            Kind::Ping => self.settings.deadping,
            Kind::Normal => node.announced.unwrap_or(self.settings.deadtime),
        }
    }

    /// When something about this node is due.
    pub(super) fn node_deadlines(&self, id: NodeId, node: &Node) -> impl Iterator<Item = Mono> {
        let patience = self.patience(node);
        let watched = self.status != ST_INIT;
        let death = (watched && id != self.me && !node.is_dead()).then_some(node.status_at + patience);
        let links = node.links.iter().filter(|link| link.up).map(|link| link.heard + patience).min();
        death.into_iter().chain(links.filter(|_| watched)).chain(node.window.next_deadline())
    }

    /// Declares silent nodes and links dead.
    pub(super) fn watch_nodes(&mut self) {
        let now = self.now.mono;
        for id in 0..self.nodes.len() {
            let Some(node) = self.nodes.get(id).filter(|node| !node.removed) else { continue };
            let patience = self.patience(node);
            if id != self.me && !node.is_dead() && node.status_at + patience <= now {
                self.declare_dead(id);
            }
            let mut died = Vec::new();
            if let Some(node) = self.nodes.get_mut(id) {
                for link in node.links.iter_mut().filter(|link| link.up && link.heard + patience <= now) {
                    link.up = false;
                    died.push(Event::Link { node: node.name.clone(), link: link.name.clone(), up: false });
                }
            }
            self.out.extend(died.into_iter().map(Output::Log));
        }
    }

    /// Something was heard from `node` through `medium`.
    pub(super) fn refresh_link(&mut self, node: NodeId, medium: MediumId) {
        let now = self.now.mono;
        let Some(name) = self.link_of(medium).map(str::to_owned) else { return };
        let Some(node) = self.nodes.get_mut(node) else { return };
        let Some(link) = node.links.iter_mut().find(|link| link.name == name) else { return };
        link.heard = now;
        if !link.up {
            link.up = true;
            let event = Event::Link { node: node.name.clone(), link: name, up: true };
            self.log(event);
        }
    }

    fn declare_dead(&mut self, id: NodeId) {
        let Some(node) = self.nodes.get_mut(id) else { return };
        ST_DEAD.clone_into(&mut node.status);
        node.alive = false;
        let complete = node.missing() == 0;
        node.window.forget();
        let (name, kind) = (node.name.clone(), node.kind);
        self.log(Event::NodeDead(name.clone()));
        self.deliver(Engine::death_notice(&name, kind, self.now), true);
        // What it held is taken over when we take part; until then nobody may be asked.
        if self.phase == Phase::Active {
            self.mourn(id, complete);
        } else {
            self.early_deaths.push(id);
        }
        self.choose_key();
    }

    /// The consequences of a death for resources.
    fn mourn(&mut self, id: NodeId, complete: bool) {
        let Some(node) = self.nodes.get(id).filter(|node| node.is_dead()) else { return };
        // Nobody takes over from a node that was added at run time and never spoke.
        let (name, kind) = (node.name.clone(), node.kind);
        let how = Death { was_there: node.heard || node.configured, complete };
        self.resources.died(&name, kind, how, self.now);
        self.grant_wishes();
    }

    /// A status of the present generation of a node that we declared dead: the cluster was cut and both sides went on.
    pub(super) fn returns_after_partition(&mut self, id: NodeId) -> bool {
        let Some(node) = self.nodes.get(id) else { return false };
        // Zero if no status of the present generation was heard before.
        if !node.is_dead() || node.status_number == 0 {
            return false;
        }
        let name = node.name.clone();
        self.log(Event::ReturnedAfterPartition(name));
        true
    }

    /// A fresh status message of a member.
    pub(super) fn status_of(&mut self, id: NodeId, message: &Message, sequence: u64, returning: bool) {
        let now = self.now.mono;
        let warntime = self.settings.warntime;
        let acknowledges = message.text(F_PROTOCOL).is_some();
        let Some(node) = self.nodes.get_mut(id) else { return };
        // One that was sent again tells how it was. (Originals take it unless its `ts` is smaller too, and so see a node
        // go back from `active` to `up` if both were sent within one second.)
        if sequence < node.status_number {
            return;
        }
        let Some(status) = message.str(F_STATUS) else { return };
        let limit = node.announced.unwrap_or(self.settings.deadtime);
        let gap = now.since(node.status_at);
        let late = node.alive && gap > warntime;
        let announced = message.number(F_DEADTIME, 16).filter(|ms| *ms > 0).map(Duration::from_millis);
        node.announced = announced.map(|span| span.min(LONGEST_DEADTIME));
        node.status_at = now;
        node.status_number = sequence;
        node.acknowledges = acknowledges;
        if !node.alive {
            node.acked = node.acked.max(self.history.last());
        }
        node.alive = status != ST_DEAD;
        let name = node.name.clone();
        let changed = node.status != status;
        if changed {
            status.clone_into(&mut node.status);
        }
        if late {
            let beyond_deadtime = gap > limit;
            self.log(Event::LateHeartbeat { node: name.clone(), interval: gap, beyond_deadtime });
        }
        if !acknowledges && self.flow_control {
            self.flow_control = false;
            self.log(Event::FlowControlDisabled);
        }
        if changed {
            self.log(Event::NodeStatus { node: name, status: status.to_owned() });
        }
        self.deliver(message.clone(), changed);
        let Some(node) = self.nodes.get_mut(id) else { return };
        node.ours |= message.text(F_OURS).is_some();
        let (name, kind, ours) = (node.name.clone(), node.kind, node.ours);
        self.resources.status_of(&name, kind, message, changed, ours, self.now);
        self.grant_wishes();
        if returning && self.leaving.is_none() {
            self.send_status();
            if !self.resources.returned(&name, now) {
                self.partition_ends.get_or_insert(now + PARTITION_GRACE);
            }
            self.grant_wishes();
        }
    }

    pub(super) fn ping_answered(&mut self, id: NodeId, message: &Message) {
        let now = self.now.mono;
        let Some(node) = self.nodes.get_mut(id) else { return };
        node.heard = true;
        node.alive = true;
        node.status_at = now;
        let changed = node.status != ST_PING;
        if changed {
            ST_PING.clone_into(&mut node.status);
            let event = Event::NodeStatus { node: node.name.clone(), status: ST_PING.to_owned() };
            self.log(event);
            let name = self.nodes.get(id).map(|node| node.name.clone()).unwrap_or_default();
            self.resources.status_of(&name, Kind::Ping, message, true, false, self.now);
        }
        self.deliver(message.clone(), changed);
        self.grant_wishes();
    }

    /// Moves the start on as far as it can go.
    pub(super) fn progress(&mut self) {
        if self.status == ST_INIT || self.leaving.is_some() {
            return;
        }
        let now = self.now.mono;
        if self.phase == Phase::Waiting && self.everybody_is_known() {
            self.phase = Phase::Asking;
            self.ask_next(None);
        } else if let Some(asking) = self.asking {
            let silent = self.nodes.get(asking.node).is_none_or(|node| node.is_dead() || node.removed);
            if silent || asking.next <= now {
                self.ask_next(Some(asking.node));
            }
        }
    }

    fn everybody_is_known(&self) -> bool {
        let waited =
            self.settings.autojoin == Autojoin::None || self.now.mono.since(self.started) >= self.settings.initdead;
        let others = self.nodes.iter().enumerate().filter(|(id, node)| *id != self.me && !node.removed);
        waited && others.into_iter().all(|(_, node)| node.heard || node.is_dead())
    }

    /// Asks the next living member for its node list; if there is none, communication is up.
    fn ask_next(&mut self, last: Option<NodeId>) {
        let count = self.nodes.len();
        let first = last.map_or(0, |id| id + 1);
        let lives = |id: &NodeId| {
            *id != self.me
                && self.nodes.get(*id).is_some_and(|node| node.kind == Kind::Normal && !node.removed && !node.is_dead())
        };
        let next = (first..first + count).map(|id| id % count.max(1)).find(lives);
        // Peers older than 2.0 do not know the question.
        let Some(node) = next.filter(|_| self.flow_control) else {
            self.communication_up();
            return;
        };
        self.asking = Some(Asking { node, next: self.now.mono + ASK_AGAIN });
        let name = self.nodes.get(node).map(|node| node.name.clone()).unwrap_or_default();
        self.send(Message::of_type(T_REQNODES).with(F_TO, name));
    }

    fn communication_up(&mut self) {
        self.asking = None;
        self.phase = Phase::Active;
        self.log(Event::CommunicationUp);
        self.set_status(ST_ACTIVE);
        self.send_status();
        self.resources.communication_up(self.now.mono);
        self.grant_wishes();
        let early = std::mem::take(&mut self.early_deaths);
        for name in
            early.iter().filter_map(|id| self.nodes.get(*id)).filter(|node| node.is_dead()).map(|node| &node.name)
        {
            self.resources.is_gone(name);
        }
        for id in early {
            self.mourn(id, false);
        }
        self.out.push(Output::StartClients);
    }

    /// A peer wants our node list.
    pub(super) fn node_list_wanted(&mut self, from: NodeId) {
        let Some(name) = self.nodes.get(from).map(|node| node.name.clone()) else { return };
        let members = self.nodes().filter(|node| node.kind == Kind::Normal);
        let list: String = members.map(|node| format!("{} ", node.name)).collect();
        let mut deleted: String = self.deleted.iter().map(|name| format!("{name} ")).collect();
        if deleted.is_empty() {
            deleted.push(' ');
        }
        let answer = Message::new()
            .with(F_TO, name)
            .with(F_TYPE, T_REPNODES)
            .with(F_NODELIST, list)
            .with(F_DELNODELIST, deleted);
        self.send(answer);
    }

    /// A peer's node list. What we lack is added; what it lacks stays if it is in our own configuration.
    pub(super) fn node_list_told(&mut self, from: NodeId, message: &Message) {
        if self.phase != Phase::Asking || self.leaving.is_some() {
            return;
        }
        let listed: Vec<String> = words(message, F_NODELIST);
        for name in &listed {
            if self.find_name(name).is_none() && self.add_node(name).is_some() {
                self.log(Event::NodeAdded(name.clone()));
            }
        }
        let unlisted = |node: &Node| node.kind == Kind::Normal && !node.removed && !listed.contains(&node.name);
        let missing: Vec<String> =
            self.nodes.iter().filter(|node| unlisted(node)).map(|node| node.name.clone()).collect();
        if !missing.is_empty() && !listed.is_empty() {
            let from = self.nodes.get(from).map(|node| node.name.clone()).unwrap_or_default();
            self.log(Event::ListLacksNodes { from, missing });
        }
        self.deleted =
            words(message, F_DELNODELIST).into_iter().filter(|name| self.find_name(name).is_none()).collect();
        self.communication_up();
    }
}

/// The words of a node list.
pub(super) fn words(message: &Message, field: &str) -> Vec<String> {
    let text = message.str(field).unwrap_or_default();
    text.split_ascii_whitespace().map(str::to_ascii_lowercase).collect()
}
