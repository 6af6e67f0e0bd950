//! `heartbeat -k`: asks the daemon to stop and waits until it is gone.
//!
//! The original waits without end and in silence; this one says every ten seconds on standard error that it waits
//! (standard output stays empty), and gives up some time after the daemon's own limit.

use crate::identity::reason;
use crate::master::{self, Master};
use crate::{exit, messages, terminal};
use ha_sys::{clock, process};
use nix::sys::signal::Signal;
use std::thread;
use std::time::Duration;

/// Between two looks.
const STEP: Duration = Duration::from_millis(100);
/// Between two words to the user.
const REPORT: Duration = Duration::from_secs(10);
/// The daemon has 60 minutes to release resources before it stops the hard way, which takes another half a minute.
const LIMIT: Duration = Duration::from_secs(62 * 60);

/// Stops the daemon; returns the exit status.
#[must_use]
pub fn run() -> u8 {
    let Master::Running(pid) = master::find() else {
        terminal::err(messages::ALREADY_STOPPED);
        return exit::OK;
    };
    // The process itself, not only its number: another one could get it while we wait.
    let found = process::Process::find(pid);
    match process::send(pid, Signal::SIGTERM) {
        Err(error) if error.raw_os_error() == Some(libc::ESRCH) => return exit::OK,
        Err(error) => {
            terminal::err(&messages::cannot_kill(pid, &reason(&error)));
            let forbidden = matches!(error.raw_os_error(), Some(libc::EPERM | libc::EACCES));
            return if forbidden { exit::NOT_ALLOWED } else { exit::FAILED };
        }
        Ok(()) => {}
    }
    let mut patience = Patience::new(clock::monotonic());
    while found.as_ref().map_or_else(|| process::exists(pid), process::Process::still_lives) {
        match patience.step(clock::monotonic()) {
            Step::Wait => {}
            Step::Report(seconds) => terminal::err(&messages::waiting(pid, seconds)),
            Step::GiveUp(seconds) => {
                terminal::err(&messages::gave_up(pid, seconds));
                return exit::FAILED;
            }
        }
        thread::sleep(STEP);
    }
    exit::OK
}

/// What to do while the daemon still lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Wait,
    Report(u64),
    GiveUp(u64),
}

/// How long we have waited, and what was said.
struct Patience {
    begun: Duration,
    reported: Duration,
}

impl Patience {
    fn new(now: Duration) -> Self {
        Self { begun: now, reported: now }
    }

    fn step(&mut self, now: Duration) -> Step {
        let waited = now.saturating_sub(self.begun);
        if waited >= LIMIT {
            return Step::GiveUp(waited.as_secs());
        }
        if now.saturating_sub(self.reported) < REPORT {
            return Step::Wait;
        }
        self.reported = now;
        Step::Report(waited.as_secs())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_is_reported_every_ten_seconds_and_ends_after_an_hour() {
        let at = Duration::from_secs;
        let mut patience = Patience::new(at(5));
        assert_eq!(patience.step(at(14)), Step::Wait);
        assert_eq!(patience.step(at(15)), Step::Report(10));
        assert_eq!(patience.step(at(24)), Step::Wait);
        assert_eq!(patience.step(at(26)), Step::Report(21));
        assert_eq!(patience.step(at(3600)), Step::Report(3595));
        assert_eq!(patience.step(at(5) + LIMIT), Step::GiveUp(LIMIT.as_secs()));
    }
}
