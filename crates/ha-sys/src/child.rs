//! Children in process groups of their own: started without a way back into the daemon, reaped without waiting.

use nix::errno::Errno;
use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, killpg, sigaction};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::{Gid, Pid, getgrouplist};
use std::ffi::{CString, OsString};
use std::io;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// What to start, and as whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChildSpec {
    /// The program and its arguments.
    pub arguments: Vec<OsString>,
    /// The whole environment.
    pub environment: Vec<(OsString, OsString)>,
    /// Where it begins to work.
    pub directory: PathBuf,
    /// The user's name, for the supplementary groups; they are not touched if it is the user we are.
    pub user: String,
    /// The user.
    pub uid: u32,
    /// The user's own group.
    pub gid: u32,
}

/// How a child ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// By itself, with this exit status.
    Exited(i32),
    /// By this signal; whether it left a core dump.
    Signalled(i32, bool),
}

/// Starts a child: own process group, no standard input and output, umask 022, default signals, core dumps allowed.
/// Returns its process id when the program runs.
///
/// # Errors
/// The kernel's, also if the program cannot be executed.
#[allow(unsafe_code, reason = "changing the user in the child has no safe wrapper that keeps the groups")]
pub fn start(spec: &ChildSpec) -> io::Result<i32> {
    let Some((program, arguments)) = spec.arguments.split_first() else {
        return Err(io::ErrorKind::InvalidInput.into());
    };
    let mut command = Command::new(program);
    command.args(arguments).env_clear().envs(spec.environment.iter().map(|(name, value)| (name, value)));
    command.current_dir(&spec.directory).process_group(0);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let (uid, gid) = (spec.uid, spec.gid);
    // Looked up here: in the child only system calls are allowed.
    let groups: Vec<libc::gid_t> = match CString::new(spec.user.as_str()) {
        Ok(name) => getgrouplist(&name, Gid::from_raw(gid)).unwrap_or_default().into_iter().map(Gid::as_raw).collect(),
        Err(_) => Vec::new(),
    };
    let prepare = move || {
        for signal in [Signal::SIGHUP, Signal::SIGINT, Signal::SIGTERM, Signal::SIGCHLD, Signal::SIGPIPE] {
            let default = SigAction::new(SigHandler::SigDfl, SaFlags::empty(), SigSet::empty());
            // SAFETY: the default disposition runs no code of ours.
            unsafe { sigaction(signal, &default) }?;
        }
        // The daemon blocks the signals that it takes, and a mask outlives exec: scripts could not be ended.
        SigSet::empty().thread_set_mask()?;
        // SAFETY: no memory is involved.
        unsafe { libc::umask(0o022) };
        let unlimited = libc::rlimit { rlim_cur: libc::RLIM_INFINITY, rlim_max: libc::RLIM_INFINITY };
        // SAFETY: the structure lives through the call. Without the privilege the limit stays, which is harmless.
        unsafe { libc::setrlimit(libc::RLIMIT_CORE, &raw const unlimited) };
        // SAFETY: no memory is involved.
        if unsafe { libc::geteuid() } == uid {
            return Ok(());
        }
        // SAFETY: pointer and length belong to the same vector.
        Errno::result(unsafe { libc::setgroups(groups.len(), groups.as_ptr()) })?;
        // SAFETY: no memory is involved.
        Errno::result(unsafe { libc::setgid(gid) })?;
        // SAFETY: no memory is involved.
        Errno::result(unsafe { libc::setuid(uid) })?;
        Ok(())
    };
    // SAFETY: between fork and exec the closure makes system calls only; it neither allocates nor locks.
    unsafe { command.pre_exec(prepare) };
    let child = command.spawn()?;
    i32::try_from(child.id()).map_err(io::Error::other)
}

/// The next child that ended, if there is one; never waits. Descendants that were left to us count too.
#[must_use]
pub fn reap() -> Option<(i32, Ended)> {
    loop {
        return match waitpid(None, Some(WaitPidFlag::WNOHANG)) {
            Ok(WaitStatus::Exited(pid, status)) => Some((pid.as_raw(), Ended::Exited(status))),
            Ok(WaitStatus::Signaled(pid, signal, core)) => Some((pid.as_raw(), Ended::Signalled(signal as i32, core))),
            Ok(WaitStatus::StillAlive) | Err(Errno::ECHILD) => None,
            Ok(_) | Err(Errno::EINTR) => continue,
            Err(_) => None,
        };
    }
}

/// Sends a signal to the whole process group that [`start`] made. A group that is gone does not matter.
pub fn signal_group(leader: i32, signal: Signal) {
    if leader > 1 {
        let _ = killpg(Pid::from_raw(leader), signal);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::path::Path;
    use std::time::{Duration, Instant};

    /// waitpid in these tests must not see children of other tests: so one test does it all.
    fn run(directory: &Path, script: &str) -> (i32, Ended) {
        let spec = ChildSpec {
            arguments: ["/bin/sh", "-c", script].map(OsString::from).to_vec(),
            environment: vec![("HERE".into(), directory.into()), ("PATH".into(), "/usr/bin:/bin".into())],
            directory: directory.to_owned(),
            user: "nobody".into(),
            uid: nix::unistd::getuid().as_raw(),
            gid: nix::unistd::getgid().as_raw(),
        };
        let pid = start(&spec).unwrap();
        let limit = Instant::now() + Duration::from_secs(20);
        loop {
            if let Ok(status) = waitpid(Pid::from_raw(pid), None) {
                return match status {
                    WaitStatus::Exited(pid, status) => (pid.as_raw(), Ended::Exited(status)),
                    WaitStatus::Signaled(pid, signal, core) => (pid.as_raw(), Ended::Signalled(signal as i32, core)),
                    other => panic!("{other:?}"),
                };
            }
            assert!(Instant::now() < limit);
        }
    }

    #[test]
    fn a_child_leads_its_group_has_its_environment_and_nothing_of_ours() {
        let directory = tempfile::tempdir().unwrap();
        let script =
            r#"umask > umask; pwd > pwd; env > env; ls -l /proc/self/fd > fds; echo $$ $(ps -o pgid= -p $$) > ids"#;
        let (pid, ended) = run(directory.path(), script);
        assert_eq!(ended, Ended::Exited(0));
        let file = |name: &str| fs::read_to_string(directory.path().join(name)).unwrap();
        assert_eq!(file("umask").trim(), "0022");
        assert_eq!(Path::new(file("pwd").trim()), directory.path());
        assert!(file("env").contains("HERE=") && !file("env").contains("CARGO"));
        assert!(file("fds").lines().filter(|line| line.contains("/dev/null")).count() >= 2);
        assert_eq!(file("ids").trim(), format!("{pid} {pid}"));
        assert_eq!(run(directory.path(), "kill -9 $$").1, Ended::Signalled(9, false));
        assert_eq!(run(directory.path(), "exit 100").1, Ended::Exited(100));
    }

    #[test]
    fn a_program_that_cannot_be_executed_is_an_error_at_once() {
        let spec = ChildSpec {
            arguments: vec!["/nonexistent".into()],
            environment: Vec::new(),
            directory: "/".into(),
            user: "root".into(),
            uid: nix::unistd::getuid().as_raw(),
            gid: nix::unistd::getgid().as_raw(),
        };
        assert_eq!(start(&spec).unwrap_err().kind(), io::ErrorKind::NotFound);
    }
}
