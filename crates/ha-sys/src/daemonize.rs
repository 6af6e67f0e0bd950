//! Becoming a daemon: a child in a session of its own that still can tell its starter how the start went.

use nix::fcntl::OFlag;
use nix::unistd::{ForkResult, close, dup2_stderr, dup2_stdin, dup2_stdout, fork, pipe2, setsid};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};

/// Which of the two processes this is.
#[derive(Debug)]
pub enum Side {
    /// The starter: waits for the answer, then ends.
    Starter(Answer),
    /// The daemon to be: reports, then goes on.
    Daemon(Report),
}

/// Where the starter hears how the start went.
#[derive(Debug)]
pub struct Answer(File);

impl Answer {
    /// The exit status that the daemon reported; `None` if it died without a word.
    #[must_use]
    pub fn wait(mut self) -> Option<u8> {
        let mut status = [0];
        self.0.read_exact(&mut status).ok()?;
        Some(status[0])
    }
}

/// Where the daemon says how the start went. Dropped without a word it counts as died.
#[derive(Debug)]
pub struct Report(File);

impl Report {
    /// Tells the starter its exit status. A starter that is gone does not matter.
    pub fn send(mut self, status: u8) {
        let _ = self.0.write_all(&[status]);
    }
}

/// Splits the process in two. Must be called while there is one thread only.
///
/// # Errors
/// The kernel's, when processes, memory or descriptors are used up.
#[allow(unsafe_code, reason = "fork has no safe wrapper")]
pub fn split() -> io::Result<Side> {
    let (reader, writer) = pipe2(OFlag::O_CLOEXEC)?;
    // SAFETY: with one thread the child's memory is consistent; the caller promises that, as documented.
    match unsafe { fork() }? {
        ForkResult::Parent { .. } => Ok(Side::Starter(Answer(reader.into()))),
        ForkResult::Child => Ok(Side::Daemon(Report(writer.into()))),
    }
}

/// Leads a session of its own, without terminal. Being the leader already is fine.
pub fn own_session() {
    let _ = setsid();
}

/// Points standard input, output and error at `/dev/null`.
///
/// # Errors
/// The kernel's, where there is no `/dev/null`.
pub fn detach_stdio() -> io::Result<()> {
    let null = OpenOptions::new().read(true).write(true).open("/dev/null")?;
    dup2_stdin(&null)?;
    dup2_stdout(&null)?;
    dup2_stderr(&null)?;
    Ok(())
}

/// Closes everything but standard input, output and error: what a careless starter left open would stay open as long
/// as the daemon lives. To be called before anything is opened.
pub fn close_inherited() {
    let Ok(entries) = fs::read_dir("/proc/self/fd") else { return };
    let open: Vec<i32> = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok()).collect();
    for fd in open.into_iter().filter(|fd| *fd > 2) {
        let _ = close(fd);
    }
}
