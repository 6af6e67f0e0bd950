//! Running a program to its end, with or without a limit of time.

use nix::errno::Errno;
use nix::sys::signal::{Signal, killpg};
use nix::sys::wait::{Id, WaitPidFlag, WaitStatus, waitid};
use nix::unistd::Pid;
use std::io::{self, Read};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command, ExitStatus};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// The exit status for a program that was killed at its limit, as of the command `timeout`.
const TIMED_OUT: i32 = 124;
/// The exit status of a shell for what cannot be executed.
pub const NOT_EXECUTABLE: i32 = 126;
/// How long a process group may take to end after `SIGTERM`.
const GRACE: Duration = Duration::from_secs(5);
/// How often a program with a limit is looked at.
const LOOK: Duration = Duration::from_millis(20);

/// How a program ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The exit status as a shell has it: 128 more than the number of a signal.
    pub code: i32,
    /// What it wrote, if its standard output was a pipe.
    pub output: Vec<u8>,
    /// It was killed because it took too long; the code is 124 then.
    pub timed_out: bool,
}

/// Runs a program. With a limit it leads a process group of its own, which is what is killed.
///
/// # Errors
/// The kernel's, if the program cannot be executed.
pub fn run(mut command: Command, limit: Option<Duration>) -> io::Result<Outcome> {
    if limit.is_some() {
        command.process_group(0);
    }
    let mut child = command.spawn()?;
    let reader = child.stdout.take().map(|mut pipe| {
        thread::spawn(move || {
            let mut bytes = Vec::new();
            let _ = pipe.read_to_end(&mut bytes);
            bytes
        })
    });
    let end = limit.map(|limit| Instant::now() + limit);
    if let Some(end) = end {
        if !ends_before(&child, end) {
            kill(&child);
            let _ = child.wait();
            return Ok(Outcome { code: TIMED_OUT, output: Vec::new(), timed_out: true });
        }
    }
    let code = child.wait().map_or(NOT_EXECUTABLE, code);
    let output = reader.and_then(|reader| read(reader, end)).unwrap_or_default();
    Ok(Outcome { code, output, timed_out: false })
}

/// What the reader got when the pipe was closed, which somebody in the background may keep open.
fn read(reader: JoinHandle<Vec<u8>>, end: Option<Instant>) -> Option<Vec<u8>> {
    if let Some(end) = end {
        while !reader.is_finished() && Instant::now() < end {
            thread::sleep(LOOK);
        }
        if !reader.is_finished() {
            return None;
        }
    }
    reader.join().ok()
}

/// Whether a child ends in time. It is not reaped: until then its id, and that of its group, stay its own.
fn ends_before(child: &Child, end: Instant) -> bool {
    let flags = WaitPidFlag::WEXITED | WaitPidFlag::WNOHANG | WaitPidFlag::WNOWAIT;
    loop {
        match waitid(Id::Pid(pid(child)), flags) {
            Ok(WaitStatus::StillAlive) | Err(Errno::EINTR) => {}
            _ => return true,
        }
        if Instant::now() >= end {
            return false;
        }
        thread::sleep(LOOK);
    }
}

fn kill(child: &Child) {
    let group = pid(child);
    if group.as_raw() <= 1 {
        return;
    }
    let _ = killpg(group, Signal::SIGTERM);
    ends_before(child, Instant::now() + GRACE);
    let _ = killpg(group, Signal::SIGKILL);
}

fn pid(child: &Child) -> Pid {
    Pid::from_raw(i32::try_from(child.id()).unwrap_or_default())
}

fn code(status: ExitStatus) -> i32 {
    status.code().or_else(|| status.signal().map(|signal| 128 + signal)).unwrap_or(NOT_EXECUTABLE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::process::Stdio;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", script]).stdout(Stdio::piped());
        command
    }

    #[test]
    fn codes_are_those_of_a_shell() {
        let long = Some(Duration::from_secs(600));
        for limit in [None, long] {
            let outcome = run(shell("echo text; exit 7"), limit).unwrap();
            assert_eq!(outcome, Outcome { code: 7, output: b"text\n".to_vec(), timed_out: false });
            assert_eq!(run(shell("kill -9 $$"), limit).unwrap().code, 137);
        }
        assert!(run(Command::new("/nonexistent"), None).is_err());
    }

    #[test]
    fn a_group_that_takes_too_long_is_killed_with_all_its_members() {
        let directory = tempfile::tempdir().unwrap();
        let here = directory.path().display();
        let script = format!(
            "(trap '' TERM; echo > {here}/ready; exec sleep 1000) & echo $! > {here}/pid
            trap 'echo > {here}/told; exit 0' TERM; wait; wait"
        );
        let outcome = run(shell(&script), Some(Duration::from_secs(2))).unwrap();
        assert_eq!((outcome.code, outcome.timed_out), (124, true));
        assert!(directory.path().join("ready").exists() && directory.path().join("told").exists());
        let pid: i32 = fs::read_to_string(directory.path().join("pid")).unwrap().trim().parse().unwrap();
        let limit = Instant::now() + Duration::from_secs(30);
        while ha_sys::process::Process::find(pid).is_some_and(|process| process.name == "sleep") {
            assert!(Instant::now() < limit, "the member lives");
            thread::sleep(LOOK);
        }
    }
}
