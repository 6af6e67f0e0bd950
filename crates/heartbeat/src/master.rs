//! The daemon that runs on this machine, ours or an original: found through the pid file, and never mixed up with
//! another process that happens to have its old number.

use crate::paths;
use ha_sys::{pidfile, process};
use std::path::Path;
use std::process::id;

/// How a running daemon shows itself in the process list.
pub const TITLE: &str = "heartbeat: master control process";
/// The name of its process.
pub const NAME: &str = "heartbeat";

/// What the pid file leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Master {
    /// A daemon that runs.
    Running(i32),
    /// A pid file of a daemon that is gone.
    Gone,
    /// No pid file, or nothing usable in it.
    None,
}

/// Looks for the daemon.
#[must_use]
pub fn find() -> Master {
    match pidfile::read(Path::new(paths::PID_FILE)) {
        None => Master::None,
        Some(pid) if is_master(pid) => Master::Running(pid),
        Some(_) => Master::Gone,
    }
}

/// Whether this process is a daemon. Where `/proc` hides the processes of other users, any living process counts: the
/// pid file's word is all there is.
#[must_use]
pub fn is_master(pid: i32) -> bool {
    if u32::try_from(pid) == Ok(id()) {
        return false;
    }
    match process::Process::find(pid) {
        Some(found) => looks_like_a_master(&found.name, &found.command_line),
        None => hidden() && process::exists(pid),
    }
}

/// An ordinary process sees process 1, unless `/proc` is mounted with `hidepid` or not at all.
fn hidden() -> bool {
    process::Process::find(1).is_none()
}

/// A daemon has its title, or, for the moment between the start of the program and the title, the program's name
/// together with a command line that is not one of the other processes of an original.
fn looks_like_a_master(name: &str, command_line: &[u8]) -> bool {
    command_line.starts_with(TITLE.as_bytes()) || (name == NAME && !command_line.starts_with(b"heartbeat: "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_master_counts_and_not_its_helpers_or_strangers() {
        for (name, command_line, expected) in [
            ("heartbeat", &b"heartbeat: master control process"[..], true),
            ("heartbeat", b"heartbeat: master control process\0\0\0", true),
            ("heartbeat", b"/usr/libexec/heartbeat/heartbeat\0-R\0-C\0none\0", true),
            ("heartbeat", b"heartbeat: FIFO reader", false),
            ("heartbeat", b"heartbeat: write: bcast eth0", false),
            ("sleep", b"sleep\x001000\0", false),
            ("kworker/0:1", b"", false),
        ] {
            assert_eq!(looks_like_a_master(name, command_line), expected, "{name}");
        }
    }

    #[test]
    fn we_are_not_the_daemon_that_we_look_for() {
        assert!(!is_master(i32::try_from(id()).unwrap()));
    }
}
