//! The log: lines to files, the system log, `ha_logd` and stderr, in the legacy formats, and never in a heartbeat's way.
//!
//! A disk that hangs must not make a node look dead. So lines go through a bounded queue to a thread of their own, the
//! only one besides the daemon's loop:
//!
//! | state | `log` does | a slow target |
//! |---|---|---|
//! | before [`Logger::start_thread`] | writes the line itself, to stderr and the files | delays the caller; nothing beats yet |
//! | after it | puts the line into the queue | fills the queue; then lines are counted and dropped |
//!
//! Lines that a full queue or a broken target swallowed are counted; the next line that gets through is followed by
//! `WARN: N messages lost`. Start the thread after the daemon has detached: threads do not survive a fork.

mod file;
mod format;
mod local_time;
mod logd;
mod queue;
mod settings;
mod severity;
mod sinks;
mod syslog;

pub use file::{LogFile, Written};
pub use format::{LONGEST, Line, clean, file_line, syslog_datagram};
pub use local_time::{LocalTime, local_time};
pub use logd::{LogdConnection, LogdLine, frame};
pub use settings::{LOGD_SOCKET, LogSettings, SYSLOG_SOCKET};
pub use severity::{Severity, facility};
pub use sinks::{Record, Sinks};
pub use syslog::Syslog;

use queue::{Batch, Job, Queue};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// How many lines may wait for the thread.
const QUEUED: usize = 4096;
/// The thread's stack in bytes. All of it is resident once the daemon has locked its memory.
const STACK: usize = 128 * 1024;

enum Mode {
    Direct(Box<Sinks>),
    Thread(Arc<Queue>),
}

/// The log of one daemon.
pub struct Logger {
    settings: LogSettings,
    mode: Mode,
}

impl std::fmt::Debug for Logger {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let threaded = matches!(self.mode, Mode::Thread(_));
        f.debug_struct("Logger").field("settings", &self.settings).field("threaded", &threaded).finish()
    }
}

impl Logger {
    /// A log without a thread: lines are written by the caller. Safe to use on both sides of a fork.
    #[must_use]
    pub fn new(settings: LogSettings) -> Self {
        let mode = Mode::Direct(Box::new(Sinks::new(settings.clone(), false)));
        Self { settings, mode }
    }

    /// Hands all further lines to a thread of their own. To be called once, after the last fork of daemonizing.
    ///
    /// The thread inherits the caller's blocked signals and its scheduling: block signals before, and ask for real-time
    /// scheduling after, so that the log never competes with a heartbeat.
    ///
    /// # Errors
    /// The system's, if it starts no thread; lines are then written by the caller as before.
    pub fn start_thread(&mut self) -> std::io::Result<()> {
        self.start_with(QUEUED)
    }

    fn start_with(&mut self, limit: usize) -> std::io::Result<()> {
        let Mode::Direct(before) = &self.mode else { return Ok(()) };
        let queue = Arc::new(Queue::new(limit));
        let (shared, mut sinks) = (Arc::clone(&queue), Sinks::new(self.settings.clone(), true));
        sinks.add_lost(before.lost());
        std::thread::Builder::new().name("log".to_owned()).stack_size(STACK).spawn(move || serve(&shared, sinks))?;
        self.mode = Mode::Thread(queue);
        Ok(())
    }

    /// Logs one line with the present time and process. Once the thread runs, this never waits for a target.
    pub fn log(&mut self, severity: Severity, text: &str) {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let seconds = i64::try_from(since.as_secs()).unwrap_or(i64::MAX);
        let record = Record { seconds, pid: std::process::id(), severity, text: clean(text).to_owned() };
        match &mut self.mode {
            Mode::Direct(sinks) => sinks.write(&record, Instant::now()),
            Mode::Thread(queue) => queue.push(record),
        }
    }

    /// The targets in force.
    #[must_use]
    pub fn settings(&self) -> &LogSettings {
        &self.settings
    }

    /// Uses other targets for all further lines; lines logged before still go to the old ones.
    pub fn change(&mut self, settings: LogSettings) {
        if settings == self.settings {
            return;
        }
        self.settings = settings.clone();
        match &mut self.mode {
            Mode::Direct(sinks) => {
                let lost = sinks.lost();
                **sinks = Sinks::new(settings, false);
                sinks.add_lost(lost);
            }
            Mode::Thread(queue) => queue.change(settings),
        }
    }

    /// Waits until all lines are written, at most for `patience`. `false`: some are not yet.
    pub fn flush(&self, patience: Duration) -> bool {
        match &self.mode {
            Mode::Direct(_) => true,
            Mode::Thread(queue) => queue.flush(patience),
        }
    }
}

impl Drop for Logger {
    fn drop(&mut self) {
        if let Mode::Thread(queue) = &self.mode {
            queue.close();
        }
    }
}

/// The thread's whole life.
fn serve(queue: &Queue, mut sinks: Sinks) {
    while let Some(Batch { jobs, dropped }) = queue.take() {
        sinks.add_lost(dropped);
        for job in jobs {
            match job {
                Job::Write(record) => sinks.write(&record, Instant::now()),
                Job::Settings(settings) => {
                    let lost = sinks.lost();
                    sinks = Sinks::new(*settings, true);
                    sinks.add_lost(lost);
                }
            }
        }
    }
}

#[cfg(test)]
#[path = "log/tests.rs"]
mod tests;
