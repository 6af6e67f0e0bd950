//! Calling the script of one resource: what is logged about it, where its output goes, how long it may take.
//!
//! Resource specification, sections 1.6 to 1.9. There is no limit of time unless `HA_SCRIPT_TIMEOUT` sets one: taking
//! over a large filesystem takes long. At the limit the script's process group gets `SIGTERM`, and 5 s later
//! `SIGKILL`.

use crate::halog::HaLog;
use crate::lookup::Script;
use crate::process::{self, NOT_EXECUTABLE, Outcome};
use crate::resource::Resource;
use crate::settings::{REMOVED, Settings};
use crate::status;
use nix::errno::Errno;
use nix::sys::statvfs::fstatvfs;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::process::{Command, Stdio};

/// The exit status of a script that is not there.
const NOT_FOUND: i32 = 1;

/// Where the standard error of scripts goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stderr {
    /// Into the debug log.
    DebugLog,
    /// Where ours goes.
    Inherited,
}

/// What a script says about its resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Running {
    /// It runs.
    Yes,
    /// It does not run, or there is no such script.
    No,
    /// The script did not answer in time.
    Unknown,
}

/// Calls scripts.
#[derive(Clone, Copy, Debug)]
pub struct Runner<'a> {
    /// Where scripts are, what they get, how long they may take.
    pub settings: &'a Settings,
    /// Where lines go.
    pub log: &'a HaLog,
    /// Where the errors of `status` calls go.
    pub stderr: Stderr,
}

impl Runner<'_> {
    /// Whether a resource runs, as its script's text says.
    #[must_use]
    pub fn status(&self, resource: &Resource) -> Running {
        let Some(script) = self.find(resource, 1) else { return Running::No };
        let outcome = self.call(&script, resource, "status", &|command| {
            command.stdout(Stdio::piped());
            if self.stderr == Stderr::DebugLog {
                command.stderr(sink(self.settings));
            }
        });
        if outcome.timed_out {
            self.too_late(&script, resource, "status");
            return Running::Unknown;
        }
        let runs = match script {
            Script::Unit(_) => outcome.output.trim_ascii() == b"active",
            Script::File(_) | Script::Builtin(..) => status::is_running(&outcome.output),
        };
        if runs { Running::Yes } else { Running::No }
    }

    /// Calls a script with `start` or `stop`, and gives its exit status.
    #[must_use]
    pub fn operate(&self, resource: &Resource, verb: &str) -> i32 {
        // Two lines, as in the original: its search and its caller both complain.
        let Some(script) = self.find(resource, 2) else { return NOT_FOUND };
        let (path, call) = (script.shown(), line(&script, resource, verb));
        self.log.log(&format!("info: Running {call}"));
        self.log.debug(&format!("debug: Starting {call}"));
        let Outcome { code, timed_out, .. } = self.call(&script, resource, verb, &|command| {
            command.stdout(sink(self.settings)).stderr(sink(self.settings));
        });
        if timed_out {
            self.too_late(&script, resource, verb);
        }
        self.log.debug(&format!("debug: {call} done. RC={code}"));
        if code != 0 {
            self.log.log(&format!("ERROR: Return code {code} from {path}"));
        }
        code
    }

    fn find(&self, resource: &Resource, complaints: usize) -> Option<Script> {
        let found = Script::find(&resource.script, self.settings);
        if found.is_none() {
            let text = format!("ERROR: Cannot locate resource script {}", resource.script);
            (0..complaints).for_each(|_| self.log.log(&text));
        }
        found
    }

    /// Runs a script to its end. One without a first line that names its interpreter is for the shell, as a shell has
    /// it.
    fn call(&self, script: &Script, resource: &Resource, verb: &str, output: &dyn Fn(&mut Command)) -> Outcome {
        let start = |mut command: Command| {
            surround(&mut command, self.settings);
            output(&mut command);
            process::run(command, self.settings.script_timeout)
        };
        let not_a_program = |error: &io::Error| error.raw_os_error() == Some(Errno::ENOEXEC as i32);
        let ended = match (start(script.command(&resource.arguments, verb)), script) {
            (Err(error), Script::File(path)) if not_a_program(&error) => {
                let mut command = Command::new("/bin/sh");
                command.arg(path).args(&resource.arguments).arg(verb);
                start(command)
            }
            (ended, _) => ended,
        };
        ended.unwrap_or_else(|error| {
            self.log.log(&format!("ERROR: Cannot execute {}: {error}", script.shown()));
            Outcome { code: NOT_EXECUTABLE, output: Vec::new(), timed_out: false }
        })
    }

    fn too_late(&self, script: &Script, resource: &Resource, verb: &str) {
        let seconds = self.settings.script_timeout.unwrap_or_default().as_secs();
        let call = line(script, resource, verb);
        self.log.log(&format!("ERROR: {call} did not end within {seconds} s and was killed"));
    }
}

/// A call as log lines show it. Without arguments there are two blanks.
fn line(script: &Script, resource: &Resource, verb: &str) -> String {
    format!("{} {} {verb}", script.shown(), resource.shown)
}

/// Gives a command the environment of scripts.
pub fn surround(command: &mut Command, settings: &Settings) {
    command.envs(settings.environment.iter().map(|(name, value)| (name, value)));
    for name in REMOVED {
        command.env_remove(name);
    }
}

/// Where the output of scripts goes: to the end of the debug log. Nowhere if it cannot be opened or if its disk is
/// full, because a script that cannot write a line may fail for that.
#[must_use]
pub fn sink(settings: &Settings) -> Stdio {
    open(settings).map_or_else(Stdio::null, Stdio::from)
}

/// The debug log, opened for appending, unless its disk is full.
#[must_use]
pub fn open(settings: &Settings) -> Option<File> {
    let file = OpenOptions::new().append(true).create(true).mode(0o644).open(&settings.debug_log).ok()?;
    let room = fstatvfs(&file).map_or(true, |disk| disk.blocks() == 0 || disk.blocks_available() > 0);
    room.then_some(file)
}

#[cfg(test)]
#[path = "run_tests.rs"]
mod tests;
