//! Ends programs that hang, so that the rest of a run still tells something.

use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// Longest time one program may take. The slow machine needs some ten milliseconds for most of them.
const LIMIT: Duration = Duration::from_secs(40);

#[derive(Debug, Default)]
struct Watched {
    running: Option<(Pid, Instant)>,
    killed: bool,
}

/// Watches one program at a time.
#[derive(Debug, Clone)]
pub struct Watchdog(Arc<Mutex<Watched>>);

impl Default for Watchdog {
    fn default() -> Self {
        let watched = Arc::new(Mutex::new(Watched::default()));
        let weak = Arc::downgrade(&watched);
        thread::spawn(move || {
            loop {
                thread::sleep(Duration::from_secs(1));
                let Some(watched) = weak.upgrade() else { break };
                let mut watched = watched.lock().unwrap_or_else(PoisonError::into_inner);
                if let Some((process, since)) = watched.running {
                    if since.elapsed() > LIMIT {
                        watched.killed = kill(process, Signal::SIGKILL).is_ok();
                    }
                }
            }
        });
        Self(watched)
    }
}

impl Watchdog {
    /// From now on this process must end in time.
    pub fn watch(&self, process: u32) {
        let process = i32::try_from(process).unwrap_or(i32::MAX);
        self.0.lock().unwrap_or_else(PoisonError::into_inner).running = Some((Pid::from_raw(process), Instant::now()));
    }

    /// The process has ended; says whether it was killed for taking too long.
    pub fn release(&self) -> bool {
        let mut watched = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        watched.running = None;
        std::mem::take(&mut watched.killed)
    }
}
