//! Runs a plugin: own process group, output kept, killed as a group when it takes too long or we are told to stop.

use ha_sys::child::signal_group;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::memfd::{MFdFlags, memfd_create};
use nix::sys::signal::{SigSet, SigmaskHow, Signal, pthread_sigmask};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use nix::sys::wait::{Id, WaitPidFlag, WaitStatus, waitid};
use nix::unistd::Pid;
use std::fs::File;
use std::os::fd::AsFd;
use std::os::unix::fs::FileExt;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};
use std::{io, thread};

/// How often a running plugin is looked at; stop signals are noticed at once.
const TICK_MS: u8 = 20;
/// How long a plugin may take to end after it was asked to.
const GRACE: Duration = Duration::from_secs(1);
/// The most that is kept of a plugin's output, in bytes.
const LONGEST_OUTPUT: usize = 64 * 1024;
/// `execve` does not know this kind of file.
const ENOEXEC: i32 = 8;

/// How a plugin ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// With this exit status; 128 and its number for a signal, as a shell has it.
    Exited(i32),
    /// It took too long and was killed.
    Expired,
    /// We were told to stop, so it was killed.
    Stopped,
}

impl Ended {
    /// Why the plugin was ended, for the log.
    pub(crate) fn why(self, limit: Option<Duration>) -> String {
        match (self, limit) {
            (Self::Exited(status), _) => format!("ended with rc {status}"),
            (Self::Expired, Some(limit)) => format!("did not end within {} s and was killed", limit.as_secs()),
            (Self::Expired | Self::Stopped, _) => "was killed, because this process is to stop".to_owned(),
        }
    }
}

/// What to run.
pub(crate) struct Call<'a> {
    pub(crate) program: &'a Path,
    pub(crate) arguments: &'a [&'a str],
    /// Added to our own environment.
    pub(crate) environment: &'a [(String, String)],
    pub(crate) limit: Option<Duration>,
}

/// Runs it to its end. Returns how it ended, and what it printed: not its errors, which go where ours go.
///
/// Not a pipe but a file in memory takes the output: a process that the plugin leaves behind (a reset in the
/// background) then cannot keep us waiting by holding the pipe open.
pub(crate) fn run(call: &Call<'_>) -> io::Result<(Ended, String)> {
    let output = File::from(memfd_create(c"stonith", MFdFlags::MFD_CLOEXEC)?);
    let prepare = |mut command: Command| -> io::Result<Command> {
        command.args(call.arguments).env_remove(crate::ENVIRONMENT).process_group(0);
        command.envs(call.environment.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::null()).stdout(Stdio::from(output.try_clone()?));
        Ok(command)
    };
    let child = match prepare(Command::new(call.program))?.spawn() {
        Err(error) if error.raw_os_error() == Some(ENOEXEC) => {
            // Without `#!`: the original runs everything through a shell.
            let mut shell = Command::new("/bin/sh");
            shell.arg(call.program);
            prepare(shell)?.spawn()
        }
        other => other,
    }?;
    let ended = wait(child, call.limit)?;
    Ok((ended, printed(&output)?))
}

/// Everything printed so far. Reads by place, because a process left behind may still write.
fn printed(file: &File) -> io::Result<String> {
    let mut bytes = vec![0; LONGEST_OUTPUT];
    let mut length = 0;
    while let Some(room) = bytes.get_mut(length..).filter(|room| !room.is_empty()) {
        match file.read_at(room, u64::try_from(length).unwrap_or(u64::MAX))? {
            0 => break,
            more => length += more,
        }
    }
    bytes.truncate(length);
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn wait(mut child: Child, limit: Option<Duration>) -> io::Result<Ended> {
    let deadline = limit.and_then(|limit| Instant::now().checked_add(limit));
    let stops = Stops::watch()?;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Ended::Exited(code(status)));
        }
        if stops.arrived()? {
            end(child)?;
            return Ok(Ended::Stopped);
        }
        if deadline.is_some_and(|deadline| Instant::now() >= deadline) {
            end(child)?;
            return Ok(Ended::Expired);
        }
    }
}

fn code(status: ExitStatus) -> i32 {
    status.code().or_else(|| status.signal().map(|signal| 128 + signal)).unwrap_or(-1)
}

/// Ends the whole group. The leader is not reaped before the last signal, so that its number still means this group.
fn end(mut child: Child) -> io::Result<()> {
    let leader = i32::try_from(child.id()).map_err(io::Error::other)?;
    signal_group(leader, Signal::SIGTERM);
    let asked = Instant::now();
    let look = WaitPidFlag::WEXITED | WaitPidFlag::WNOHANG | WaitPidFlag::WNOWAIT;
    while asked.elapsed() < GRACE {
        match waitid(Id::Pid(Pid::from_raw(leader)), look) {
            Ok(WaitStatus::StillAlive) => thread::sleep(Duration::from_millis(TICK_MS.into())),
            _ => break,
        }
    }
    signal_group(leader, Signal::SIGKILL);
    child.wait()?;
    Ok(())
}

/// The signals that end a job, held back while a plugin runs: the plugin has a group of its own, so whoever ends the
/// job's group would otherwise leave the plugin at work.
struct Stops {
    descriptor: SignalFd,
    before: SigSet,
}

impl Stops {
    fn watch() -> io::Result<Self> {
        let signals: SigSet = [Signal::SIGTERM, Signal::SIGINT, Signal::SIGHUP].into_iter().collect();
        let descriptor = SignalFd::with_flags(&signals, SfdFlags::SFD_CLOEXEC | SfdFlags::SFD_NONBLOCK)?;
        let mut before = SigSet::empty();
        // Only now, after the plugin was started: it would inherit the mask.
        pthread_sigmask(SigmaskHow::SIG_BLOCK, Some(&signals), Some(&mut before))?;
        Ok(Self { descriptor, before })
    }

    /// Waits a moment; whether a signal came.
    fn arrived(&self) -> io::Result<bool> {
        let mut wanted = [PollFd::new(self.descriptor.as_fd(), PollFlags::POLLIN)];
        match poll(&mut wanted, PollTimeout::from(TICK_MS)) {
            Ok(0) | Err(nix::errno::Errno::EINTR) => Ok(false),
            Ok(_) => Ok(self.descriptor.read_signal()?.is_some()),
            Err(error) => Err(error.into()),
        }
    }
}

impl Drop for Stops {
    fn drop(&mut self) {
        // Cannot fail: the set came from the kernel.
        let _ = pthread_sigmask(SigmaskHow::SIG_SETMASK, Some(&self.before), None);
    }
}

#[cfg(test)]
mod tests;
