//! Acknowledgements and retransmission on top of [`History`](crate::history::History) and
//! [`Window`](crate::seq::Window): the `NS_` messages.

use super::Core;
use crate::event::Event;
use crate::fields::*;
use crate::message::Message;
use crate::node::{Kind, NodeId};
use std::time::Duration;

impl Core {
    /// A message without a number from a living member, addressed to us.
    pub(super) fn unnumbered(&mut self, from: NodeId, message: &Message) {
        match message.str(F_TYPE) {
            Some(T_ACK) => self.acknowledged(from, message),
            Some(T_REXMIT) => self.asked_again(from, message),
            Some(T_NAK) => self.refused(from, message),
            _ => self.deliver(message.clone(), true),
        }
    }

    fn acknowledged(&mut self, from: NodeId, message: &Message) {
        let Some(sequence) = message.number(F_ACK, 16) else { return };
        let last = self.history.last();
        let Some(node) = self.nodes.get_mut(from) else { return };
        if sequence > last {
            let node = node.name.clone();
            self.log_seldom("ack", Event::CorruptedAck { node, sequence, last });
        } else {
            node.acked = node.acked.max(sequence);
        }
    }

    fn asked_again(&mut self, from: NodeId, message: &Message) {
        let (Some(first), Some(last)) = (message.number(F_FIRST, 10), message.number(F_LAST, 10)) else { return };
        if first == 0 || first > last {
            self.log_seldom("rexmit", Event::InvalidRexmit { first, last });
            return;
        }
        let Some(node) = self.nodes.get(from) else { return };
        let name = node.name.clone();
        let delay = self.settings.max_rexmit_delay;
        let answer = self.history.again(first, last, self.now.mono, delay);
        if let Some(sequence) = answer.beyond {
            let last = self.history.last();
            self.log_seldom("beyond", Event::RexmitBeyondEnd { sequence, last });
        }
        for message in &answer.again {
            self.counters.resent += 1;
            self.transmit(message);
        }
        for sequence in answer.gone {
            let event = Event::CannotRexmit { sequence, node: name.clone(), reason: "seqno too low" };
            self.log_seldom("cannot", event);
            let refusal = Message::of_type(T_NAK)
                .with(F_FIRST, format!("{sequence:x}"))
                .with(F_TO, &name)
                .with(F_COMMENT, "seqno too low");
            self.send_unnumbered(refusal);
        }
    }

    fn refused(&mut self, from: NodeId, message: &Message) {
        let Some(sequence) = message.number(F_FIRST, 16) else { return };
        let Some(node) = self.nodes.get_mut(from) else { return };
        if node.window.give_up(sequence) {
            let node = node.name.clone();
            self.log(Event::Irretrievable { node, sequence });
        }
    }

    pub(super) fn acknowledge(&mut self, node: NodeId, sequence: u64) {
        let Some(node) = self.nodes.get(node) else { return };
        if self.flow_control {
            let name = node.name.clone();
            self.send_unnumbered(Message::of_type(T_ACK).with(F_TO, name).with(F_ACK, format!("{sequence:x}")));
        }
    }

    /// Asks for what is missing and due.
    pub(super) fn ask_for_missing(&mut self) {
        let now = self.now.mono;
        let delay = self.rexmit_delay();
        let mut wanted = Vec::new();
        for node in self.nodes.iter_mut().filter(|node| node.kind == Kind::Normal && node.window.missing() > 0) {
            wanted.push((node.name.clone(), node.window.due(now, delay)));
        }
        for (node, due) in wanted {
            for (first, last) in due.ask {
                self.counters.requests += 1;
                let request = Message::of_type(T_REXMIT)
                    .with(F_TO, &node)
                    .with(F_FIRST, first.to_string())
                    .with(F_LAST, last.to_string());
                self.send_unnumbered(request);
            }
            for sequence in due.give_up {
                self.log(Event::Irretrievable { node: node.clone(), sequence });
            }
        }
    }

    /// Never so short that a request overtakes its answer.
    pub(super) fn rexmit_delay(&self) -> Duration {
        self.settings.max_rexmit_delay.max(Duration::from_millis(1))
    }
}
