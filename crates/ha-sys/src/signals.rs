//! Signals as something to read: they are blocked and come out of a descriptor, one at a time, in the loop.

use nix::sys::signal::{SigHandler, SigSet, Signal, signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use std::io;
use std::os::fd::{AsFd, BorrowedFd};

/// A source of the signals it was opened for.
#[derive(Debug)]
pub struct Signals {
    fd: SignalFd,
}

impl Signals {
    /// Takes these signals out of ordinary delivery, for this thread and every thread it starts afterwards. Programs
    /// started by `std::process` get an empty mask again.
    ///
    /// # Errors
    /// The kernel's.
    pub fn open(which: &[Signal]) -> io::Result<Self> {
        let mut set = SigSet::empty();
        for signal in which {
            set.add(*signal);
        }
        set.thread_block()?;
        Ok(Self { fd: SignalFd::with_flags(&set, SfdFlags::SFD_NONBLOCK | SfdFlags::SFD_CLOEXEC)? })
    }

    /// The next signal that came, if there is one.
    pub fn next(&self) -> Option<Signal> {
        let info = self.fd.read_signal().ok().flatten()?;
        i32::try_from(info.ssi_signo).ok().and_then(|number| Signal::try_from(number).ok())
    }
}

impl AsFd for Signals {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

/// Gives these signals their default effect, whatever the starter (`nohup`, a careless parent) had set: an ignored
/// `SIGCHLD` would hide how children end, and children would inherit an ignored `SIGHUP`.
///
/// # Errors
/// The kernel's, for signals that cannot be changed.
#[allow(unsafe_code, reason = "sigaction has no safe wrapper")]
pub fn reset(which: &[Signal]) -> io::Result<()> {
    for number in which {
        // SAFETY: the default disposition runs no code of ours, so no handler can be called at a bad moment.
        unsafe { signal(*number, SigHandler::SigDfl) }?;
    }
    Ok(())
}

/// What log lines show in brackets for the signal that ended a child, as observed on heartbeat 3.0.6; `None` for the
/// numbers where it shows nothing, the real-time signals.
#[must_use]
pub fn description(signal: i32) -> Option<String> {
    let known = Signal::try_from(signal).ok()?;
    let text = match known {
        Signal::SIGHUP => "Hangup",
        Signal::SIGINT => "Interrupt",
        Signal::SIGQUIT => "Quit",
        Signal::SIGILL => "Illegal instruction",
        Signal::SIGTRAP => "Trace",
        Signal::SIGABRT => "Abort",
        Signal::SIGBUS => "BUS error",
        Signal::SIGFPE => "Floating-point exception",
        Signal::SIGKILL => "Kill, unblockable",
        Signal::SIGUSR1 => "User-defined signal 1",
        Signal::SIGSEGV => "Segmentation violation",
        Signal::SIGUSR2 => "User-defined signal 2",
        Signal::SIGPIPE => "Broken pipe (POSIX)",
        Signal::SIGALRM => "Alarm clock (POSIX)",
        Signal::SIGTERM => "Termination (ANSI)",
        Signal::SIGSTKFLT => "Stack fault",
        Signal::SIGXCPU => "CPU limit exceeded",
        Signal::SIGXFSZ => "File size limit exceeded",
        Signal::SIGVTALRM => "Virtual alarm clock",
        Signal::SIGPROF => "Profiling alarm clock",
        Signal::SIGIO => return Some("SIGPOLL - Pollable event occurred".to_owned()),
        Signal::SIGPWR => "Power failure restart",
        Signal::SIGSYS => "Bad system call",
        _ => return None,
    };
    Some(format!("{known} - {text}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use nix::sys::signal::raise;

    #[test]
    fn a_blocked_signal_is_read_once() {
        // Blocked for this thread only; raised for this thread only.
        let signals = Signals::open(&[Signal::SIGUSR2]).unwrap();
        assert_eq!(signals.next(), None);
        raise(Signal::SIGUSR2).unwrap();
        assert_eq!((signals.next(), signals.next()), (Some(Signal::SIGUSR2), None));
    }

    #[test]
    fn the_description_of_a_signal_is_the_one_in_the_original_s_log() {
        assert_eq!(description(15).as_deref(), Some("SIGTERM - Termination (ANSI)"));
        assert_eq!(description(7).as_deref(), Some("SIGBUS - BUS error"));
        assert_eq!((description(34), description(64), description(0)), (None, None, None));
    }
}
