//! What `/proc` says about another process: whether it lives, what it is called, when it started.

use nix::errno::Errno;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::fs;
use std::io;

/// A process as seen at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Process {
    /// Its id.
    pub pid: i32,
    /// The name shown by `ps -o comm`, at most 15 bytes.
    pub name: String,
    /// Its command line, arguments separated by NUL bytes; empty for kernel threads.
    pub command_line: Vec<u8>,
    /// When it started, in clock ticks since boot: tells two processes apart that had the same id.
    pub started: u64,
}

impl Process {
    /// The process with this id, unless it is gone or only waits for its parent to notice its end (a zombie).
    #[must_use]
    pub fn find(pid: i32) -> Option<Self> {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        let (name, state, started) = fields(&stat)?;
        if matches!(state, 'Z' | 'X' | 'x') {
            return None;
        }
        let command_line = fs::read(format!("/proc/{pid}/cmdline")).ok()?;
        Some(Self { pid, name: name.to_owned(), command_line, started })
    }

    /// Whether this very process, and not a later one with the same id, still lives.
    #[must_use]
    pub fn still_lives(&self) -> bool {
        Self::find(self.pid).is_some_and(|now| now.started == self.started)
    }
}

/// Name, state and start time out of a line of `/proc/PID/stat`. The name may hold blanks and parentheses.
fn fields(stat: &str) -> Option<(&str, char, u64)> {
    let open = stat.find('(')?;
    let close = stat.rfind(')')?;
    let mut rest = stat.get(close + 1..)?.split_whitespace();
    let state = rest.next()?.chars().next()?;
    // Field 22 of proc(5); the state is field 3.
    Some((stat.get(open + 1..close)?, state, rest.nth(18)?.parse().ok()?))
}

/// Whether there is a process with this id at all, also one that `/proc` hides from us.
#[must_use]
pub fn exists(pid: i32) -> bool {
    !matches!(kill(Pid::from_raw(pid), None), Err(Errno::ESRCH))
}

/// Sends a signal to one process.
///
/// # Errors
/// The kernel's: `ESRCH` if it is gone, `EPERM` if it belongs to somebody else. Ids that mean groups are refused.
pub fn send(pid: i32, signal: Signal) -> io::Result<()> {
    if pid <= 0 {
        return Err(Errno::ESRCH.into());
    }
    Ok(kill(Pid::from_raw(pid), signal)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::{Command, id};

    #[test]
    fn we_find_ourselves_and_still_live() {
        let own = Process::find(i32::try_from(id()).unwrap()).unwrap();
        assert!(!own.command_line.is_empty() && own.started > 0 && own.still_lives());
        assert!(!Process { started: own.started - 1, ..own }.still_lives());
    }

    #[test]
    fn a_zombie_is_gone() {
        let mut child = Command::new("true").spawn().unwrap();
        let pid = i32::try_from(child.id()).unwrap();
        while Process::find(pid).is_some() {
            std::thread::yield_now();
        }
        assert!(exists(pid), "it is a zombie");
        child.wait().unwrap();
        assert!(!exists(pid));
    }

    #[test]
    fn a_name_with_parentheses_and_blanks_does_not_shift_the_fields() {
        let stat = "12 (a) S (b) R 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 4711 20 21";
        assert_eq!(fields(stat), Some(("a) S (b", 'R', 4711)));
        assert_eq!(fields("12 (x"), None);
    }

    #[test]
    fn ids_that_mean_process_groups_are_never_signalled() {
        assert!(send(0, Signal::SIGKILL).is_err() && send(-1, Signal::SIGKILL).is_err());
    }
}
