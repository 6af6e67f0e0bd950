//! Puts the messages of namesakes into the order in which they were sent.
//!
//! A sender counts its messages to all, and those to each node, in `oseq`, hexadecimal from 1
//! ([`Client::send_ordered`](crate::Client::send_ordered)). On the way a message that was lost and sent again arrives
//! behind younger ones; here the younger ones wait for it. Source: client API specification, section 3.5.

use cluster_protocol::api::words::{F_CLIENT_GENERATION, F_ORDER};
use cluster_protocol::fields::{F_GENERATION, F_ORIG, F_TO};
use cluster_protocol::message::Message;
use std::collections::{BTreeMap, VecDeque};

/// Messages of one sender that wait for an older one; then the older one is given up.
const MOST_WAITING: usize = 500;

/// One sender's messages to all, or to us.
type Key = (Vec<u8>, bool);

#[derive(Debug, Clone, Default)]
struct Sender {
    /// The daemon's generation and the sender's place in its sign-ons.
    life: (u64, u64),
    /// The number of the message that comes next.
    next: u64,
    waiting: BTreeMap<u64, Message>,
}

/// The senders heard so far.
#[derive(Debug, Clone, Default)]
pub struct Reorder {
    senders: BTreeMap<Key, Sender>,
    ready: VecDeque<Message>,
}

impl Reorder {
    /// Takes a message as it came in. One without a number is ready at once.
    pub fn push(&mut self, message: Message) {
        let (Some(number), Some(from)) = (message.number(F_ORDER, 16), message.text(F_ORIG)) else {
            self.ready.push_back(message);
            return;
        };
        let life =
            (message.number(F_GENERATION, 16).unwrap_or(0), message.number(F_CLIENT_GENERATION, 10).unwrap_or(0));
        let key = (from.to_vec(), message.text(F_TO).is_some());
        let sender = self.senders.entry(key).or_default();
        // Whoever starts anew counts from 1. If we came later than it, its first message heard is its first for us.
        let unknown = sender.next == 0;
        if unknown || life > sender.life {
            let first = if unknown { number } else { 1 };
            *sender = Sender { life, next: first, waiting: BTreeMap::new() };
        }
        if life < sender.life || number < sender.next {
            return;
        }
        sender.waiting.insert(number, message);
        if sender.waiting.len() > MOST_WAITING {
            sender.next = sender.waiting.keys().next().copied().unwrap_or(sender.next);
        }
        while let Some(message) = sender.waiting.remove(&sender.next) {
            self.ready.push_back(message);
            sender.next += 1;
        }
    }

    /// The next message whose turn it is.
    pub fn pop(&mut self) -> Option<Message> {
        self.ready.pop_front()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(from: &str, life: u64, number: u64) -> Message {
        Message::of_type("x")
            .with("src", from)
            .with("hg", "1")
            .with("client_gen", life.to_string())
            .with("oseq", format!("{number:x}"))
    }

    fn order(messages: &[(&str, u64, u64)]) -> Vec<(String, u64)> {
        let mut reorder = Reorder::default();
        messages.iter().for_each(|(from, life, number)| reorder.push(message(from, *life, *number)));
        std::iter::from_fn(|| reorder.pop())
            .map(|message| (message.str("src").unwrap().to_owned(), message.number("oseq", 16).unwrap()))
            .collect()
    }

    #[test]
    fn younger_messages_of_a_sender_wait_for_older_ones() {
        let found = order(&[("a", 1, 1), ("a", 1, 3), ("b", 1, 7), ("a", 1, 4), ("a", 1, 2), ("a", 1, 2), ("b", 1, 8)]);
        let wanted = [("a", 1), ("b", 7), ("a", 2), ("a", 3), ("a", 4), ("b", 8)];
        assert_eq!(found, wanted.map(|(from, number)| (from.to_owned(), number)));
    }

    #[test]
    fn a_sender_that_starts_anew_counts_from_one_and_its_former_life_is_over() {
        let found = order(&[("a", 9, 5), ("a", 10, 2), ("a", 9, 6), ("a", 10, 1)]);
        assert_eq!(found, [("a".to_owned(), 5), ("a".to_owned(), 1), ("a".to_owned(), 2)]);
    }

    #[test]
    fn a_message_that_never_comes_is_given_up() {
        // The first one comes twice, and must not be taken for the oldest that waits.
        let mut messages = vec![("a", 1, 1), ("a", 1, 1)];
        messages.extend((0..=500).map(|number| ("a", 1, 3 + number)));
        assert_eq!(order(&messages).len(), 502);
    }

    #[test]
    fn messages_without_number_do_not_wait() {
        let mut reorder = Reorder::default();
        reorder.push(Message::of_type("y"));
        assert_eq!(reorder.pop(), Some(Message::of_type("y")));
        assert_eq!(reorder.pop(), None);
    }
}
