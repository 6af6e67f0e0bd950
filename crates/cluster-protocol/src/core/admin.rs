//! Messages that mean something beyond liveness: who dispatches them, and those of administrators (daemon specification,
//! section 7.3).

use super::Core;
use super::membership::words;
use crate::event::Event;
use crate::fields::*;
use crate::message::Message;
use crate::node::{Kind, Link, Node, NodeId};
use crate::output::Output;
use crate::time::Mono;

/// The most nodes of a cluster, ping nodes included (observed in 3.0.6).
const MOST_NODES: usize = 100;
/// The most places in the table: those of removed nodes stay taken, so this bounds what a flood of names can use up.
const MOST_PLACES: usize = 1000;

impl Core {
    /// A fresh message, addressed to us, of a peer or of ourselves.
    pub(super) fn dispatch(&mut self, from: NodeId, message: &Message) {
        let own = from == self.me;
        match message.str(F_TYPE) {
            Some(T_REQNODES) if !own => self.node_list_wanted(from),
            Some(T_REPNODES) if !own => self.node_list_told(from, message),
            Some(T_ADDNODE) => self.add_nodes(message),
            Some(T_DELNODE) => self.delete_nodes(message),
            Some(T_SETWEIGHT) => self.set_weight(message),
            Some(T_SETSITE) => self.set_site(message),
            _ => {
                let name = self.nodes.get(from).map(|node| node.name.clone()).unwrap_or_default();
                self.resources.message(message, &name, own, self.now.mono);
            }
        }
        if !own {
            self.deliver(message.clone(), true);
        }
        self.grant_wishes();
    }

    /// Adds a member whose first silence is counted from now, and which nobody waits for; `None`, with a log line, if
    /// there are too many already.
    pub(super) fn add_node(&mut self, name: &str) -> Option<NodeId> {
        if self.nodes().count() >= MOST_NODES || self.nodes.len() >= MOST_PLACES {
            self.log_seldom("many", Event::TooManyNodes(name.to_owned()));
            return None;
        }
        let links = super::member_links(&self.settings);
        let links = links.into_iter().map(|link| Link { heard: Mono::default(), ..link }).collect();
        let mut node = Node::new(name, Kind::Normal, links, self.now.mono, &mut self.rng);
        node.configured = false;
        self.deleted.remove(name);
        self.nodes.push(node);
        self.resources.node_added(name);
        Some(self.nodes.len() - 1)
    }

    fn add_nodes(&mut self, message: &Message) {
        for name in words(message, F_NODELIST) {
            if self.find_name(&name).is_some() {
                self.log(Event::NodeExists(name));
            } else if self.add_node(&name).is_some() {
                self.log(Event::NodeAdded(name));
            }
        }
    }

    fn delete_nodes(&mut self, message: &Message) {
        let names = words(message, F_NODELIST);
        for name in &names {
            let Some(id) = self.find_name(name) else {
                self.log(Event::NodeUnknown(name.clone()));
                continue;
            };
            if id == self.me {
                self.log(Event::DeletingMyself);
                self.shutdown();
                return;
            }
            let lives = self.nodes.get(id).is_some_and(|node| !node.is_dead());
            let other_dead =
                self.nodes().find(|node| node.kind == Kind::Normal && node.is_dead() && !names.contains(&node.name));
            if lives {
                self.log(Event::DeleteLiving(name.clone()));
            } else if let Some(other) = other_dead.map(|node| node.name.clone()) {
                self.log(Event::DeleteNeeds(other));
            } else {
                if let Some(node) = self.nodes.get_mut(id) {
                    node.removed = true;
                }
                self.resources.node_removed(name);
                self.deleted.insert(name.clone());
                self.log(Event::NodeRemoved(name.clone()));
            }
        }
    }

    fn set_weight(&mut self, message: &Message) {
        let Some(name) = message.str(F_NODE) else { return };
        let weight = message.number(F_WEIGHT, 10).and_then(|weight| u32::try_from(weight).ok());
        match self.find_name(name).and_then(|id| self.nodes.get_mut(id)) {
            Some(node) => node.weight = weight.unwrap_or(node.weight),
            None => self.out.push(Output::Log(Event::NoSuchNode { what: "weight", node: name.to_owned() })),
        }
    }

    fn set_site(&mut self, message: &Message) {
        let Some(name) = message.str(F_NODE) else { return };
        let site = message.text(F_SITE).unwrap_or_default().to_vec();
        match self.find_name(name).and_then(|id| self.nodes.get_mut(id)) {
            Some(node) => node.site = site,
            None => self.out.push(Output::Log(Event::NoSuchNode { what: "site", node: name.to_owned() })),
        }
    }
}
