//! A netlink transport that plays back a script, for tests and fuzzing without a kernel.

use super::{Expected, Transport};
use crate::wire::genl::NLMSG_HDRLEN;
use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

/// What was sent so far, shared with the test that made the transport.
type Sent = Arc<Mutex<Vec<Vec<u8>>>>;

/// A netlink conversation known in advance.
///
/// Replies become readable with the request they follow. In a lenient script any request is taken, and the sequence
/// number of the latest one is written into the replies, so that captured replies can be used as they are.
#[derive(Debug, Default)]
pub struct Scripted {
    exchanges: VecDeque<Exchange>,
    waiting: VecDeque<Reply>,
    current: Vec<u8>,
    sent: Sent,
    lenient: bool,
    room: usize,
}

#[derive(Debug, Default)]
struct Exchange {
    request: Option<Vec<u8>>,
    replies: VecDeque<Reply>,
}

#[derive(Debug)]
enum Reply {
    Datagram(Vec<u8>),
    Errno(i32),
}

impl Scripted {
    /// A strict script: each request must have exactly the bytes given with [`Scripted::expect`].
    #[must_use]
    pub fn new() -> Self {
        Self { room: usize::MAX, ..Self::default() }
    }

    /// A lenient script.
    #[must_use]
    pub fn lenient() -> Self {
        Self { lenient: true, ..Self::new() }
    }

    /// The next request must be these bytes (in a lenient script: whatever it is).
    #[must_use]
    pub fn expect(mut self, request: impl Into<Vec<u8>>) -> Self {
        self.exchanges.push_back(Exchange { request: Some(request.into()), replies: VecDeque::new() });
        self
    }

    /// The next request may be anything.
    #[must_use]
    pub fn expect_any(mut self) -> Self {
        self.exchanges.push_back(Exchange::default());
        self
    }

    /// The last expected request is answered with this datagram, after those already given.
    #[must_use]
    pub fn reply(self, datagram: impl Into<Vec<u8>>) -> Self {
        self.answer(Reply::Datagram(datagram.into()))
    }

    /// Reading after the last expected request fails with this errno.
    #[must_use]
    pub fn fail(self, errno: i32) -> Self {
        self.answer(Reply::Errno(errno))
    }

    /// What [`Transport::reserve`] returns at most.
    #[must_use]
    pub fn with_room(mut self, room: usize) -> Self {
        self.room = room.max(1);
        self
    }

    /// A handle to the requests sent, one vector per datagram.
    #[must_use]
    pub fn sent(&self) -> Arc<Mutex<Vec<Vec<u8>>>> {
        Arc::clone(&self.sent)
    }

    fn answer(mut self, reply: Reply) -> Self {
        match self.exchanges.back_mut() {
            Some(exchange) => exchange.replies.push_back(reply),
            None => self.waiting.push_back(reply),
        }
        self
    }
}

impl Transport for Scripted {
    fn send(&mut self, datagram: &[u8]) -> io::Result<()> {
        self.sent.lock().unwrap_or_else(PoisonError::into_inner).push(datagram.to_vec());
        let Some(mut exchange) = self.exchanges.pop_front() else {
            return Err(io::Error::other("a request after the end of the script"));
        };
        if exchange.request.is_some_and(|request| request != datagram) && !self.lenient {
            return Err(io::Error::other("not the request the script expects"));
        }
        if let (true, Some(sequence)) = (self.lenient, datagram.get(8..12)) {
            for reply in &mut exchange.replies {
                if let Reply::Datagram(reply) = reply {
                    stamp(reply, sequence);
                }
            }
        }
        self.waiting.extend(exchange.replies);
        Ok(())
    }

    fn receive(&mut self, _expected: Expected) -> io::Result<&[u8]> {
        match self.waiting.pop_front() {
            Some(Reply::Datagram(datagram)) => self.current = datagram,
            Some(Reply::Errno(errno)) => return Err(io::Error::from_raw_os_error(errno)),
            None => return Err(io::ErrorKind::WouldBlock.into()),
        }
        Ok(&self.current)
    }

    fn reserve(&mut self, _wanted: usize) -> io::Result<usize> {
        Ok(self.room)
    }
}

/// Writes a sequence number into every message of a datagram, as far as their lengths make sense.
fn stamp(datagram: &mut [u8], sequence: &[u8]) {
    let mut rest = datagram;
    while let Some(header) = rest.first_chunk_mut::<NLMSG_HDRLEN>() {
        let [l0, l1, l2, l3, _, _, _, _, s @ .., _, _, _, _] = header;
        let length = u32::from_ne_bytes([*l0, *l1, *l2, *l3]);
        s.copy_from_slice(sequence);
        let next = usize::try_from(length).unwrap_or(usize::MAX).max(NLMSG_HDRLEN).checked_next_multiple_of(4);
        rest = next.and_then(|next| rest.get_mut(next..)).unwrap_or_default();
    }
}
