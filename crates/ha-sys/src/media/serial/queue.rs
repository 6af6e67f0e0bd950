//! Messages waiting for a serial line, and the pace at which they may be written. Pure.
//!
//! The original writes pieces of 512 bytes and pauses after each for the time the line needs for it, 512/(baud/8) s.

use std::collections::VecDeque;
use std::time::Duration;

/// The size of one piece in bytes.
const PIECE: usize = 512;
/// How many bytes may wait: the largest message there is, and some seconds of ordinary ones.
const LIMIT: usize = 512 * 1024;

/// Output of one serial line.
#[derive(Debug)]
pub(super) struct Queue {
    messages: VecDeque<Vec<u8>>,
    /// How much of the first message was written.
    written: usize,
    waiting: usize,
    dropped: u64,
    baud: u32,
    /// No writing before this time of the caller's clock.
    not_before: Duration,
}

impl Queue {
    pub(super) fn new(baud: u32) -> Self {
        Self { messages: VecDeque::new(), written: 0, waiting: 0, dropped: 0, baud, not_before: Duration::ZERO }
    }

    /// Adds a message. If there is no room, the oldest messages of which nothing was written yet are dropped.
    /// `false`: it is larger than the queue.
    pub(super) fn push(&mut self, message: &[u8]) -> bool {
        if message.len() > LIMIT {
            return false;
        }
        while self.waiting + message.len() > LIMIT {
            let begun = usize::from(self.written > 0);
            let Some(oldest) = self.messages.remove(begun) else { break };
            self.waiting -= oldest.len();
            self.dropped += 1;
        }
        if !message.is_empty() {
            self.waiting += message.len();
            self.messages.push_back(message.to_vec());
        }
        true
    }

    /// How many messages were dropped so far.
    pub(super) fn dropped(&self) -> u64 {
        self.dropped
    }

    pub(super) fn is_empty(&self) -> bool {
        self.messages.is_empty()
    }

    /// The bytes to write now; `None`: nothing, or not yet.
    pub(super) fn piece(&self, now: Duration) -> Option<&[u8]> {
        if now < self.not_before {
            return None;
        }
        let rest = self.messages.front()?.get(self.written..)?;
        rest.get(..rest.len().min(PIECE))
    }

    /// Notes that `count` bytes of the piece were written at `now`.
    pub(super) fn wrote(&mut self, count: usize, now: Duration) {
        self.written += count;
        if self.messages.front().is_some_and(|first| first.len() <= self.written) {
            self.waiting -= self.messages.pop_front().map_or(0, |first| first.len());
            self.written = 0;
        }
        let bits = u64::try_from(count).unwrap_or(0).saturating_mul(8);
        self.not_before = now + Duration::from_nanos(bits.saturating_mul(1_000_000_000) / u64::from(self.baud.max(1)));
    }

    /// When the next piece may be written; `None` while nothing waits.
    pub(super) fn due(&self) -> Option<Duration> {
        (!self.messages.is_empty()).then_some(self.not_before)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_message_goes_in_pieces_of_512_bytes_at_the_pace_of_the_line() {
        let mut queue = Queue::new(9600);
        assert!(queue.push(&[b'a'; 1100]));
        let mut now = Duration::from_secs(5);
        let mut lengths = Vec::new();
        while let Some(due) = queue.due() {
            now = now.max(due);
            let length = queue.piece(now).unwrap().len();
            queue.wrote(length, now);
            assert!(queue.piece(now).is_none());
            lengths.push((length, now.as_millis()));
        }
        // 512 bytes of 8 bits at 9600 baud are 426 ms.
        assert_eq!(lengths, [(512, 5000), (512, 5426), (76, 5853)]);
    }

    #[test]
    fn a_piece_that_was_written_in_part_goes_on_where_it_ended() {
        let mut queue = Queue::new(460_800);
        queue.push(b"0123456789");
        queue.wrote(4, Duration::ZERO);
        let due = queue.due().unwrap();
        assert_eq!(queue.piece(due), Some(&b"456789"[..]));
    }

    #[test]
    fn a_full_queue_drops_the_oldest_whole_message_but_never_one_that_has_begun() {
        let mut queue = Queue::new(9600);
        let big = |byte: u8| vec![byte; LIMIT / 4];
        for byte in *b"abcd" {
            assert!(queue.push(&big(byte)));
        }
        queue.wrote(512, Duration::ZERO);
        assert!(queue.push(&big(b'e')));
        assert_eq!(queue.dropped(), 1);
        let firsts: Vec<_> = queue.messages.iter().map(|message| message[0]).collect();
        assert_eq!(firsts, *b"acde");
        assert!(!queue.push(&vec![0; LIMIT + 1]));
    }
}
