//! One connection: who is at its other end, what was read of it, what waits to be written to it.

use super::frame::FrameReader;
use super::view::Credentials;
use super::words::KEEP_IT;
use std::collections::VecDeque;

/// Messages that may wait for a slow reader (the originals' library default).
const QUEUE: usize = 64;
/// The most that `set_sendqlen` can ask for.
const LONGEST_QUEUE: usize = 4096;
/// Bytes that may wait for a slow reader, whatever their number.
const QUEUE_BYTES: usize = 4 << 20;
/// Requests are looked at only while no more messages than this wait for the client: who does not read gets no answers.
const ANSWERING: usize = 32;

/// Who has signed on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Registration {
    /// Its name; its process in decimal if it is casual.
    pub(super) id: String,
    /// Whether it may only ask and listen.
    pub(super) casual: bool,
    /// Its place in the order of all sign-ons.
    pub(super) generation: u64,
}

/// One connection.
#[derive(Clone, Debug, Default)]
pub(super) struct Client {
    pub(super) peer: Credentials,
    pub(super) registration: Option<Registration>,
    pub(super) reader: FrameReader,
    pub(super) mask: u32,
    pub(super) signal: Option<i32>,
    /// Unreadable messages in a row.
    pub(super) failures: u8,
    /// Only what waits is still written.
    pub(super) ending: bool,
    queue: VecDeque<Vec<u8>>,
    /// How much of the first message in the queue is written.
    written: usize,
    queued: usize,
    limit: usize,
}

impl Client {
    pub(super) fn new(peer: Credentials) -> Self {
        Self { peer, mask: KEEP_IT, limit: QUEUE, ..Self::default() }
    }

    /// The id of one that is signed on and not about to end.
    pub(super) fn id(&self) -> Option<&str> {
        self.registration.as_ref().filter(|_| !self.ending).map(|registration| registration.id.as_str())
    }

    /// Whether it listens to packets of these classes.
    pub(super) fn listens(&self, class: u32) -> bool {
        self.id().is_some() && self.mask & class != 0
    }

    pub(super) fn push(&mut self, bytes: Vec<u8>) {
        self.queued += bytes.len();
        self.queue.push_back(bytes);
    }

    /// What is to be written next.
    pub(super) fn output(&self) -> Option<&[u8]> {
        self.queue.front().and_then(|bytes| bytes.get(self.written..))
    }

    pub(super) fn wrote(&mut self, count: usize) {
        self.written += count;
        while self.queue.front().is_some_and(|bytes| bytes.len() <= self.written) {
            let length = self.queue.pop_front().map_or(0, |bytes| bytes.len());
            self.written -= length;
            self.queued -= length;
        }
    }

    /// Whether more waits than may. One message alone may be of any length.
    pub(super) fn is_too_slow(&self) -> bool {
        self.queue.len() > self.limit || (self.queue.len() > 1 && self.queued > QUEUE_BYTES)
    }

    /// Whether its next request may be looked at.
    pub(super) fn reads_answers(&self) -> bool {
        self.queue.len() < ANSWERING && self.queued < QUEUE_BYTES
    }

    /// Raises the length of the queue; it is never less than the default.
    pub(super) fn set_limit(&mut self, limit: u64) {
        self.limit = usize::try_from(limit).unwrap_or(LONGEST_QUEUE).clamp(QUEUE, LONGEST_QUEUE);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_queue_is_written_in_pieces_of_any_length() {
        let mut client = Client::new(Credentials::default());
        for text in ["abc", "defg", "h"] {
            client.push(text.as_bytes().to_vec());
        }
        client.wrote(2);
        assert_eq!(client.output(), Some(&b"c"[..]));
        client.wrote(3);
        assert_eq!((client.output(), client.queued), (Some(&b"fg"[..]), 5));
        client.wrote(3);
        assert_eq!((client.output(), client.queued, client.written), (None, 0, 0));
    }

    #[test]
    fn too_slow_is_who_has_more_messages_or_bytes_waiting_than_the_limit() {
        let mut client = Client::new(Credentials::default());
        for _ in 0..QUEUE {
            client.push(vec![0]);
        }
        assert!(!client.is_too_slow() && !client.reads_answers());
        client.push(vec![0]);
        assert!(client.is_too_slow());
        client.set_limit(1024);
        assert!(!client.is_too_slow());
        client.set_limit(u64::MAX);
        assert_eq!(client.limit, LONGEST_QUEUE);
        client.set_limit(0);
        assert_eq!(client.limit, QUEUE);
        let mut client = Client::new(Credentials::default());
        client.push(vec![0; QUEUE_BYTES + 1]);
        assert!(!client.is_too_slow());
        client.push(vec![0]);
        assert!(client.is_too_slow());
    }
}
