//! Waiting for many descriptors at once (epoll), each under a number of the caller's choice.

use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};
use std::io;
use std::os::fd::AsFd;
use std::time::Duration;

/// What to wait for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Interest {
    /// Something to read, or the end of the stream.
    pub read: bool,
    /// Room for writing.
    pub write: bool,
}

impl Interest {
    /// Reading only.
    pub const READ: Self = Self { read: true, write: false };

    fn flags(self) -> EpollFlags {
        let mut flags = EpollFlags::empty();
        flags.set(EpollFlags::EPOLLIN, self.read);
        flags.set(EpollFlags::EPOLLOUT, self.write);
        flags
    }
}

/// One descriptor that is ready. Errors and hang-ups count as both, so that the next call finds out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ready {
    /// The number given to [`Poller::add`].
    pub token: u64,
    /// Reading will not block.
    pub readable: bool,
    /// Writing will not block.
    pub writable: bool,
}

/// A set of descriptors to wait for. Level triggered: what is not read is reported again.
#[derive(Debug)]
pub struct Poller {
    epoll: Epoll,
    buffer: Vec<EpollEvent>,
}

impl Poller {
    /// An empty set that reports at most `at_once` descriptors per wait.
    ///
    /// # Errors
    /// The kernel's, when descriptors or memory are used up.
    pub fn new(at_once: usize) -> io::Result<Self> {
        let epoll = Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)?;
        Ok(Self { epoll, buffer: vec![EpollEvent::empty(); at_once.max(1)] })
    }

    /// Waits for `fd` from now on. Closing the descriptor takes it out again.
    ///
    /// # Errors
    /// The kernel's; `EEXIST` if it is in already.
    pub fn add(&self, fd: impl AsFd, token: u64, interest: Interest) -> io::Result<()> {
        Ok(self.epoll.add(fd, EpollEvent::new(interest.flags(), token))?)
    }

    /// Changes what is waited for.
    ///
    /// # Errors
    /// The kernel's; `ENOENT` if it was not in.
    pub fn change(&self, fd: impl AsFd, token: u64, interest: Interest) -> io::Result<()> {
        Ok(self.epoll.modify(fd, &mut EpollEvent::new(interest.flags(), token))?)
    }

    /// Waits for `fd` no longer.
    ///
    /// # Errors
    /// The kernel's; `ENOENT` if it was not in.
    pub fn remove(&self, fd: impl AsFd) -> io::Result<()> {
        Ok(self.epoll.delete(fd)?)
    }

    /// Waits until something is ready or `timeout` is over (`None`: for ever), and appends what is ready to `out`.
    /// The timeout is rounded up to milliseconds, so that a deadline is really over when nothing is reported.
    ///
    /// # Errors
    /// The kernel's, but an interruption by a signal is an early return.
    pub fn wait(&mut self, timeout: Option<Duration>, out: &mut Vec<Ready>) -> io::Result<()> {
        let timeout = timeout.map_or(EpollTimeout::NONE, |span| {
            let rounded = span.saturating_add(Duration::from_micros(999)).as_millis();
            EpollTimeout::try_from(i32::try_from(rounded).unwrap_or(i32::MAX)).unwrap_or(EpollTimeout::MAX)
        });
        let count = match self.epoll.wait(&mut self.buffer, timeout) {
            Err(nix::Error::EINTR) => 0,
            other => other?,
        };
        out.extend(self.buffer.iter().take(count).map(|event| {
            let flags = event.events();
            let broken = flags.intersects(EpollFlags::EPOLLERR | EpollFlags::EPOLLHUP);
            Ready {
                token: event.data(),
                readable: broken || flags.contains(EpollFlags::EPOLLIN),
                writable: broken || flags.contains(EpollFlags::EPOLLOUT),
            }
        }));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use std::os::unix::net::UnixStream;

    #[test]
    fn a_descriptor_is_reported_under_its_number_as_long_as_there_is_something_to_read() {
        let (mut ours, theirs) = UnixStream::pair().unwrap();
        let mut poller = Poller::new(4).unwrap();
        poller.add(&theirs, 7, Interest::READ).unwrap();
        let mut ready = Vec::new();
        poller.wait(Some(Duration::ZERO), &mut ready).unwrap();
        assert!(ready.is_empty());
        ours.write_all(b"x").unwrap();
        for _ in 0..2 {
            ready.clear();
            poller.wait(None, &mut ready).unwrap();
            assert_eq!(ready, [Ready { token: 7, readable: true, writable: false }]);
        }
    }

    #[test]
    fn waiting_for_room_can_be_switched_on_and_a_descriptor_be_taken_out() {
        let (ours, _theirs) = UnixStream::pair().unwrap();
        let mut poller = Poller::new(4).unwrap();
        poller.add(&ours, 1, Interest::READ).unwrap();
        poller.change(&ours, 1, Interest { read: true, write: true }).unwrap();
        let mut ready = Vec::new();
        poller.wait(Some(Duration::ZERO), &mut ready).unwrap();
        assert_eq!(ready, [Ready { token: 1, readable: false, writable: true }]);
        ready.clear();
        poller.remove(&ours).unwrap();
        poller.wait(Some(Duration::ZERO), &mut ready).unwrap();
        assert!(ready.is_empty());
    }

    #[test]
    fn a_timeout_is_never_cut_short() {
        let mut poller = Poller::new(1).unwrap();
        let begun = std::time::Instant::now();
        poller.wait(Some(Duration::from_micros(1200)), &mut Vec::new()).unwrap();
        assert!(begun.elapsed() >= Duration::from_micros(1200));
    }
}
