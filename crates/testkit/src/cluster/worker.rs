//! A thread that does one step after the other until its handle is dropped.

use std::os::fd::BorrowedFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

/// The longest that a step may sleep, so that the end is noticed.
pub(super) const NAP: Duration = Duration::from_millis(100);

/// Ends its thread when it is dropped.
#[derive(Debug)]
pub(crate) struct Worker {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Worker {
    /// Repeats `step`, which sleeps by itself while there is nothing to do, but not for longer than [`NAP`].
    pub(crate) fn new(mut step: impl FnMut() + Send + 'static) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let seen = Arc::clone(&stop);
        let thread = thread::spawn(move || {
            while !seen.load(Ordering::Relaxed) {
                step();
            }
        });
        Self { stop, thread: Some(thread) }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Sleeps until there is something to read, at most for `longest`.
pub(super) fn wait_for_input(input: BorrowedFd<'_>, longest: Duration) {
    // At least a millisecond: else a wait for less would be no wait.
    let milliseconds = u16::try_from(longest.as_millis().max(1)).unwrap_or(u16::MAX);
    let _ = poll(&mut [PollFd::new(input, PollFlags::POLLIN)], PollTimeout::from(milliseconds));
}
