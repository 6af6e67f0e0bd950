//! What we sent: the last messages, kept for retransmission, and who acknowledged how far.
//!
//! Source: wire specification, sections 6.2 and 6.3.

use crate::framing::netstring;
use crate::message::Message;
use crate::seq::CAPACITY;
use crate::time::Mono;
use std::collections::VecDeque;
use std::time::Duration;

/// At most so many messages per request are sent again.
const AT_MOST: u64 = 50;
/// A message is not repeated within the requester's shortest interval minus this.
const TOLERANCE: Duration = Duration::from_millis(10);

#[derive(Clone, Debug)]
struct Sent {
    /// The message as a netstring without a signature: a quarter of the memory that its fields take.
    bytes: Box<[u8]>,
    repeated: Option<Mono>,
}

/// The sending side of our own stream.
#[derive(Clone, Debug, Default)]
pub struct History {
    last: u64,
    kept: VecDeque<Sent>,
}

/// What a request for retransmission comes to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// Messages to send again, as they were.
    pub again: Vec<Message>,
    /// Numbers that are gone.
    pub gone: Vec<u64>,
    /// Numbers above the last one were asked for, up to this one.
    pub beyond: Option<u64>,
}

impl History {
    /// The number of the last message sent; 0 before the first.
    #[must_use]
    pub fn last(&self) -> u64 {
        self.last
    }

    /// Takes the next number.
    pub fn next_sequence(&mut self) -> u64 {
        self.last += 1;
        self.last
    }

    /// Keeps the message that has the number taken last.
    pub fn keep(&mut self, message: &Message) {
        if self.kept.len() as u64 >= CAPACITY {
            self.kept.pop_front();
        }
        self.kept.push_back(Sent { bytes: netstring::encode(message).into(), repeated: None });
    }

    /// Answers a request for `first..=last`, whatever the requester acknowledged. (Originals ignore requests for what was
    /// acknowledged. But an acknowledgement names no generation: one that was meant for our former start, late or replayed,
    /// would make us refuse what the peer really lacks, and an original asks for that without end.)
    pub fn again(&mut self, first: u64, last: u64, now: Mono, delay: Duration) -> Answer {
        let mut answer = Answer::default();
        if last > self.last {
            answer.beyond = Some(last);
        }
        let lowest = self.last + 1 - self.kept.len() as u64;
        let last = last.min(self.last).min(first.saturating_add(AT_MOST - 1));
        for number in first..=last {
            let kept = number.checked_sub(lowest).and_then(|index| usize::try_from(index).ok());
            match kept.and_then(|index| self.kept.get_mut(index)) {
                None => answer.gone.push(number),
                Some(sent) => {
                    let pause = delay.saturating_sub(TOLERANCE);
                    if sent.repeated.is_none_or(|before| now.since(before) >= pause) {
                        sent.repeated = Some(now);
                        // It was encoded here, so it can be decoded.
                        answer.again.extend(netstring::decode(&sent.bytes).ok());
                    }
                }
            }
        }
        answer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DELAY: Duration = Duration::from_millis(250);

    fn history(count: u64) -> History {
        let mut history = History::default();
        for _ in 0..count {
            let sequence = history.next_sequence();
            history.keep(&Message::of_type("x").with("seq", format!("{sequence:x}")));
        }
        history
    }

    fn numbers(answer: &Answer) -> Vec<u64> {
        answer.again.iter().filter_map(|message| message.number("seq", 16)).collect()
    }

    #[test]
    fn what_is_kept_is_sent_again_and_what_is_not_is_gone() {
        let mut history = history(600);
        let answer = history.again(99, 103, Mono(0), DELAY);
        assert_eq!((numbers(&answer), answer.gone, answer.beyond), (vec![101, 102, 103], vec![99, 100], None));
        assert_eq!(numbers(&history.again(600, 600, Mono(0), DELAY)), [600]);
    }

    #[test]
    fn nothing_is_repeated_at_once_or_above_the_limit() {
        let mut history = history(100);
        assert_eq!(numbers(&history.again(1, 100, Mono(0), DELAY)), (1..=50).collect::<Vec<_>>());
        assert_eq!(numbers(&history.again(50, 51, Mono(200_000), DELAY)), [51]);
        assert_eq!(numbers(&history.again(50, 51, Mono(240_000), DELAY)), [50]);
    }

    #[test]
    fn numbers_not_sent_yet_are_reported() {
        let mut history = history(3);
        let answer = history.again(3, 9, Mono(0), DELAY);
        assert_eq!((numbers(&answer), answer.beyond), (vec![3], Some(9)));
        assert_eq!(history.again(u64::MAX, u64::MAX, Mono(0), DELAY).again, []);
    }
}
