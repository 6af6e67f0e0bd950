//! How many clusters of one process run side by side. They mostly wait, but heartbeats must not come late.

use std::sync::{Condvar, Mutex, PoisonError};

/// The most at a time.
const MOST: usize = 12;

static RUNNING: Mutex<usize> = Mutex::new(0);
static FREED: Condvar = Condvar::new();

/// The right to run a cluster.
#[derive(Debug)]
pub(super) struct Turn(());

impl Turn {
    /// Waits for it.
    pub(super) fn take() -> Self {
        let mut running = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
        while *running >= MOST {
            running = FREED.wait(running).unwrap_or_else(PoisonError::into_inner);
        }
        *running += 1;
        Self(())
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        *RUNNING.lock().unwrap_or_else(PoisonError::into_inner) -= 1;
        FREED.notify_one();
    }
}
