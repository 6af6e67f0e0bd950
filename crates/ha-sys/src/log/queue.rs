//! The bounded queue between the daemon and the log's thread.

use super::settings::LogSettings;
use super::sinks::Record;
use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// What the log's thread gets to do.
#[derive(Debug)]
pub(super) enum Job {
    /// Write a line.
    Write(Record),
    /// Use other targets from here on.
    Settings(Box<LogSettings>),
}

/// Jobs taken out at once, and the number of lines that found no room since the last time.
pub(super) struct Batch {
    pub(super) jobs: VecDeque<Job>,
    pub(super) dropped: u64,
}

#[derive(Debug, Default)]
struct State {
    jobs: VecDeque<Job>,
    dropped: u64,
    /// The thread is writing a batch.
    busy: bool,
    closed: bool,
}

/// The queue. Its lock is held for moments only, never while something is written.
#[derive(Debug)]
pub(super) struct Queue {
    state: Mutex<State>,
    wake: Condvar,
    idle: Condvar,
    limit: usize,
}

impl Queue {
    pub(super) fn new(limit: usize) -> Self {
        Self { state: Mutex::default(), wake: Condvar::new(), idle: Condvar::new(), limit }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // No code panics while it holds the lock, and the state is valid after every statement.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a line, or counts it as dropped if the queue is full.
    pub(super) fn push(&self, record: Record) {
        let mut state = self.lock();
        if state.jobs.len() >= self.limit {
            state.dropped = state.dropped.saturating_add(1);
        } else {
            state.jobs.push_back(Job::Write(record));
            self.wake.notify_one();
        }
    }

    /// Adds a change of the targets; it is never dropped.
    pub(super) fn change(&self, settings: LogSettings) {
        self.lock().jobs.push_back(Job::Settings(Box::new(settings)));
        self.wake.notify_one();
    }

    /// Ends the thread after what is queued now.
    pub(super) fn close(&self) {
        self.lock().closed = true;
        self.wake.notify_one();
    }

    /// Waits for jobs and takes them all. `None`: closed and empty. Asking again says that the last batch is done.
    pub(super) fn take(&self) -> Option<Batch> {
        let mut state = self.lock();
        state.busy = false;
        loop {
            if !state.jobs.is_empty() || state.dropped > 0 {
                state.busy = true;
                let (jobs, dropped) = (std::mem::take(&mut state.jobs), std::mem::take(&mut state.dropped));
                return Some(Batch { jobs, dropped });
            }
            self.idle.notify_all();
            if state.closed {
                return None;
            }
            state = self.wake.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Waits until everything is written, at most for `patience`. `false`: it is not.
    pub(super) fn flush(&self, patience: Duration) -> bool {
        let deadline = Instant::now() + patience;
        let mut state = self.lock();
        while state.busy || !state.jobs.is_empty() || state.dropped > 0 {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            state = self.idle.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        true
    }
}
