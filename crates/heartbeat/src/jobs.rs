//! Children that work on resources: which program does what the engine wants, with which environment, and how it ended.
//!
//! Every job is a child process in a group of its own: a script that hangs holds up its job, never a heartbeat.

use crate::identity::reason;
use crate::log::Log;
use crate::paths;
use cluster_protocol::fields::{F_STATUS, F_TYPE, ST_DEAD, T_STATUS};
use cluster_protocol::message::{Message, Value};
use cluster_protocol::resources::{Job, JobEnd, JobId, Set};
use fencing::Device;
use ha_sys::child::{self, ChildSpec, Ended};
use nix::sys::signal::Signal;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

/// The program that does the jobs; it lies beside the daemon's or where it is installed.
const TOOLS: &str = "ha-tools";
/// Messages for which there is something to do even without a script in `rc.d`.
const BUILT_IN: [&str; 4] = [T_STATUS, "ip-request", "ip-request-resp", "hb_takeover"];
/// Exit status that means "not done", for jobs that cannot even be started.
const NOT_STARTED: JobEnd = JobEnd::Killed(0);

/// The jobs at work, by process id.
#[derive(Debug)]
pub struct Jobs {
    program: PathBuf,
    environment: Vec<(OsString, OsString)>,
    directory: PathBuf,
    /// The fencing device, for the jobs that use it and no others: it may hold passwords.
    device: Option<String>,
    running: BTreeMap<i32, (JobId, String)>,
}

/// What starting a job came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Started {
    /// It runs; its end comes with `SIGCHLD`.
    Running,
    /// It is over already.
    Ended(JobEnd),
}

impl Jobs {
    /// No job. `environment` is what every script sees, [`crate::environment::build`]; jobs begin in `directory`;
    /// `device` is the fencing device, if there is one.
    #[must_use]
    pub fn new(environment: Vec<(OsString, OsString)>, directory: PathBuf, device: Option<&Device>) -> Self {
        let device = device.map(Device::encode);
        Self { program: find_tools(), environment, directory, device, running: BTreeMap::new() }
    }

    /// Starts a job. `status` is our own status word.
    pub fn start(&mut self, id: JobId, job: &Job, status: &str, log: &Log) -> Started {
        let Some((arguments, extra)) = command(job, status, Path::new(paths::RC_DIRECTORY)) else {
            return Started::Ended(JobEnd::Exited(0));
        };
        let mut environment = self.environment.clone();
        if let (Job::Fence { .. } | Job::CheckDevice, Some(device)) = (job, &self.device) {
            environment.push((fencing::ENVIRONMENT.into(), device.into()));
        }
        for (name, value) in extra {
            match environment.iter_mut().find(|(known, _)| *known == name) {
                Some((_, old)) => *old = value,
                None => environment.push((name, value)),
            }
        }
        let program = std::iter::once(self.program.clone().into_os_string());
        let spec = ChildSpec {
            arguments: program.chain(["--job".into()]).chain(arguments).collect(),
            environment,
            directory: self.directory.clone(),
            user: "root".to_owned(),
            uid: 0,
            gid: 0,
        };
        match child::start(&spec) {
            Ok(pid) => {
                if log.debugs() {
                    log.debug(&format!("Starting child process {} pid {pid}", job.name()));
                }
                self.running.insert(pid, (id, job.name()));
                Started::Running
            }
            Err(failure) => {
                log.error(&format!("Cannot run {} for {}: {}", self.program.display(), job.name(), reason(&failure)));
                Started::Ended(NOT_STARTED)
            }
        }
    }

    /// A process ended; if it was a job: which, and how.
    pub fn ended(&mut self, pid: i32, how: Ended, log: &Log) -> Option<(JobId, JobEnd)> {
        let (id, name) = self.running.remove(&pid)?;
        let end = match how {
            Ended::Exited(status) => {
                log.info(&format!("Managed {name} process {pid} exited with return code {status}."));
                JobEnd::Exited(status)
            }
            Ended::Signalled(signal, _) => {
                log.error(&format!("Managed {name} process {pid} killed by signal {signal}."));
                JobEnd::Killed(signal)
            }
        };
        Some((id, end))
    }

    /// Ends all jobs by force, with everything that they started.
    pub fn kill(&self) {
        for pid in self.running.keys() {
            child::signal_group(*pid, Signal::SIGKILL);
        }
    }
}

/// The program that does the jobs.
fn find_tools() -> PathBuf {
    let beside = std::env::current_exe().ok().and_then(|own| Some(own.parent()?.join(TOOLS)));
    let installed = paths::PROGRAM_DIRECTORIES.iter().map(|directory| Path::new(directory).join(TOOLS));
    let fallback = Path::new(paths::PROGRAM_DIRECTORIES[0]).join(TOOLS);
    beside.into_iter().chain(installed).find(|path| path.is_file()).unwrap_or(fallback)
}

type Variables = Vec<(OsString, OsString)>;

/// Arguments behind `--job`, and what the environment gets in addition; `None` if there is nothing to do.
fn command(job: &Job, status: &str, scripts: &Path) -> Option<(Vec<OsString>, Variables)> {
    let words = |words: &[&str]| words.iter().map(OsString::from).collect::<Vec<_>>();
    let set = |set: &Set| set.word();
    let with_nodes = |mut arguments: Vec<OsString>, only: &[String]| {
        for node in only {
            arguments.extend(["--only".into(), node.into()]);
        }
        arguments
    };
    let own = ("HA_OSTATUS".into(), status.into());
    Some(match job {
        Job::AcquireLocal { dont_ask, .. } => {
            let dont_ask = dont_ask.then(|| ("HA_DONTASK".into(), "yes".into()));
            (words(&["req-our-resources"]), std::iter::once(own).chain(dont_ask).collect())
        }
        Job::Acquire { set: which, only } => (with_nodes(words(&["standby", "acquire", set(which)]), only), vec![own]),
        Job::Release { set: which, only } => (with_nodes(words(&["standby", "release", set(which)]), only), vec![own]),
        Job::GiveUp => (words(&["give-up"]), vec![own]),
        Job::Script { kind, message } => {
            let has_file = has_script(scripts, kind);
            let silent = kind == T_STATUS && message.str(F_STATUS) != Some(ST_DEAD);
            if !has_file && (silent || !BUILT_IN.contains(&kind.as_str())) {
                return None;
            }
            let mut variables = fields(message);
            if kind == T_STATUS {
                // Of a ping node the message is of another type.
                variables.retain(|(name, _)| *name != *"HA_t");
                variables.push((format!("HA_{F_TYPE}").into(), T_STATUS.into()));
            }
            variables.push(own);
            (words(&["rc", kind]), variables)
        }
        Job::Fence { node } => (words(&["fence", node]), vec![own]),
        Job::CheckDevice => (words(&["fence-status"]), vec![own]),
    })
}

/// Whether the directory has a script for messages of this type. Names that could leave the directory have none.
fn has_script(directory: &Path, kind: &str) -> bool {
    let plain = !kind.is_empty() && !kind.starts_with('.') && !kind.contains('/');
    let lower = kind.to_ascii_lowercase();
    plain && [kind, &lower].iter().any(|name| directory.join(name).exists())
}

/// `HA_<name>=<value>` for every text field. Names and values that no environment can hold are left out.
fn fields(message: &Message) -> Variables {
    let fits = |bytes: &[u8]| !bytes.contains(&0);
    let texts = message.fields.iter().filter_map(|field| match &field.value {
        Value::Text(value) if fits(value) && fits(&field.name) && !field.name.contains(&b'=') => {
            let name = [b"HA_", field.name.as_slice()].concat();
            Some((OsString::from_vec(name), OsString::from_vec(value.clone())))
        }
        _ => None,
    });
    texts.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(job: &Job, scripts: &Path) -> Option<String> {
        let (arguments, variables) = command(job, "active", scripts)?;
        let variables = variables.iter().map(|(name, value)| format!("{}={}", name.display(), value.display()));
        let arguments = arguments.iter().map(|word| word.display().to_string());
        Some(arguments.chain(variables).collect::<Vec<_>>().join(" "))
    }

    #[test]
    fn every_job_has_its_command_line() {
        let none = Path::new("/nonexistent");
        let release = Job::Release { set: Set::FOREIGN, only: vec!["a".into()] };
        let acquire = Job::Acquire { set: Set::ALL, only: Vec::new() };
        for (job, expected) in [
            (Job::AcquireLocal { ask: true, dont_ask: false }, "req-our-resources HA_OSTATUS=active"),
            (Job::AcquireLocal { ask: false, dont_ask: true }, "req-our-resources HA_OSTATUS=active HA_DONTASK=yes"),
            (release, "standby release foreign --only a HA_OSTATUS=active"),
            (acquire, "standby acquire all HA_OSTATUS=active"),
            (Job::GiveUp, "give-up HA_OSTATUS=active"),
            (Job::Fence { node: "b".into() }, "fence b HA_OSTATUS=active"),
        ] {
            assert_eq!(shown(&job, none).as_deref(), Some(expected));
        }
    }

    #[test]
    fn scripts_see_the_fields_of_the_message_and_only_existing_ones_are_run() {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("site"), "").unwrap();
        let message = |kind: &str| {
            let mut message = Message::of_type(kind).with("src", "b").with("st", "up");
            message.push("srcuuid", Value::Binary(vec![1]));
            message
        };
        let script = |kind: &str| Job::Script { kind: kind.to_owned(), message: message(kind) };
        let expected = "rc site HA_t=site HA_src=b HA_st=up HA_OSTATUS=active";
        assert_eq!(shown(&script("site"), directory.path()).as_deref(), Some(expected));
        assert_eq!(shown(&script("other"), directory.path()), None);
        assert_eq!(shown(&script("../site"), &directory.path().join("x")), None);
        assert_eq!(shown(&script("status"), directory.path()), None);
        let dead = Job::Script { kind: "status".into(), message: message("NS_st").with("st", "x") };
        assert_eq!(shown(&dead, directory.path()), None);
        let dead = Message::of_type("status").with("src", "b").with("st", "dead");
        let dead = Job::Script { kind: "status".into(), message: dead };
        let expected = "rc status HA_src=b HA_st=dead HA_t=status HA_OSTATUS=active";
        assert_eq!(shown(&dead, directory.path()).as_deref(), Some(expected));
    }
}
