//! The respawn children as processes: starts, signals and reaps what the supervisor decides.

use crate::identity::reason;
use crate::log::Log;
use crate::respawn::{Action, Supervisor, executable};
use cluster_protocol::time::Mono;
use ha_config::config::Respawn;
use ha_sys::child::{self, ChildSpec};
use nix::sys::signal::Signal;
use nix::unistd::{AccessFlags, access};
use std::env;
use std::ffi::OsString;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::PathBuf;

/// Names a file that gets a line instead of the machine being rebooted. For tests of `failfast`; nothing else reads it.
const INSTEAD_OF_REBOOT: &str = "HEARTBEAT_INSTEAD_OF_REBOOT";

/// The children and how to start them.
#[derive(Debug)]
pub struct Children {
    supervisor: Supervisor,
    environment: Vec<(OsString, OsString)>,
    directory: PathBuf,
    stopped: bool,
}

impl Children {
    /// Children in the order of the file, none running. Each gets this environment and begins in this directory.
    #[must_use]
    pub fn new(programs: &[Respawn], environment: Vec<(OsString, OsString)>, directory: PathBuf) -> Self {
        Self { supervisor: Supervisor::new(programs), environment, directory, stopped: false }
    }

    /// Starts all of them.
    pub fn start(&mut self, now: Mono, log: &Log) {
        let mut actions = Vec::new();
        self.supervisor.start(now, &mut actions);
        self.perform(actions, now, log);
    }

    /// Stops all of them; [`take_stopped`](Self::take_stopped) says when that is done.
    pub fn stop(&mut self, now: Mono, log: &Log) {
        let mut actions = Vec::new();
        self.supervisor.stop(now, &mut actions);
        self.perform(actions, now, log);
    }

    /// Does what is due.
    pub fn tick(&mut self, now: Mono, log: &Log) {
        let mut actions = Vec::new();
        self.supervisor.tick(now, &mut actions);
        self.perform(actions, now, log);
    }

    /// When [`tick`](Self::tick) is wanted.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Mono> {
        self.supervisor.next_deadline()
    }

    /// A process ended: one of ours, or one that was left to us.
    pub fn ended(&mut self, pid: i32, how: child::Ended, now: Mono, log: &Log) {
        let mut actions = Vec::new();
        self.supervisor.ended(pid, how, now, &mut actions);
        self.perform(actions, now, log);
    }

    /// Whether a stop has been completed since the last question.
    pub fn take_stopped(&mut self) -> bool {
        std::mem::take(&mut self.stopped)
    }

    fn perform(&mut self, actions: Vec<Action>, now: Mono, log: &Log) {
        for action in actions {
            match action {
                Action::Log(line) => log.line(&line),
                Action::Start(index) => {
                    let result = self.supervisor.settings(index).map(|program| self.spawn(program));
                    let mut more = Vec::new();
                    if let Some(result) = result {
                        self.supervisor.started(index, result, now, &mut more);
                    }
                    self.perform(more, now, log);
                }
                Action::Terminate(pid) => child::signal_group(pid, Signal::SIGTERM),
                Action::Kill(pid) => child::signal_group(pid, Signal::SIGKILL),
                Action::Reboot(index) => self.reboot(index, log),
                Action::AllStopped => self.stopped = true,
            }
        }
    }

    /// Through a shell, as the original does: the line in `ha.cf` may hold quotes, redirections and variables. It is
    /// the administrator's own text.
    fn spawn(&self, program: &Respawn) -> Result<i32, String> {
        access(executable(&program.command), AccessFlags::X_OK).map_err(|errno| reason(&errno.into()))?;
        let spec = ChildSpec {
            arguments: vec!["/bin/sh".into(), "-c".into(), format!("exec {}", program.command).into()],
            environment: self.environment.clone(),
            directory: self.directory.clone(),
            user: program.user.clone(),
            uid: program.uid,
            gid: program.gid,
        };
        child::start(&spec).map_err(|failure| reason(&failure))
    }

    fn reboot(&self, index: usize, log: &Log) {
        let Some(path) = env::var_os(INSTEAD_OF_REBOOT) else {
            log.flush();
            if let Err(failure) = ha_sys::reboot::now() {
                log.error(&format!("Cannot reboot: {}", reason(&failure)));
            }
            return;
        };
        let command = self.supervisor.settings(index).map_or("", |program| program.command.as_str());
        let file = OpenOptions::new().create(true).append(true).open(path);
        let _ = file.and_then(|mut file| writeln!(file, "reboot because of {command}"));
    }
}
