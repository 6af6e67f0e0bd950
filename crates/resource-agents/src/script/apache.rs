//! `apache`: the web server, where it is installed without a script of its own.

use crate::agent::{Call, Outcome, Verb};
use crate::output::reason;
use crate::place;
use ha_sys::pidfile;
use ha_sys::process::{self, Process};
use nix::sys::signal::Signal;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const PROGRAMS: &[&str] = &["httpd2", "httpd", "apache2", "apache"];
const CONFIGURATIONS: &[&str] =
    &["/etc/apache2/apache2.conf", "/etc/apache2/httpd.conf", "/etc/httpd/conf/httpd.conf", "/etc/apache/httpd.conf"];
/// Debian's variables for the configuration.
const VARIABLES: &str = "/etc/apache2/envvars";
const PID_FILES: &[&str] = &["/run/apache2/apache2.pid", "/run/httpd/httpd.pid", "/run/httpd.pid", "/run/apache2.pid"];
/// How long it may take to come up, and how long it may finish requests before it is killed.
const PATIENCE: Duration = Duration::from_secs(30);
const STEP: Duration = Duration::from_millis(20);

struct Server {
    program: PathBuf,
    configuration: Option<PathBuf>,
    variables: Vec<(String, String)>,
}

/// Replaces `${NAME}` by variables; `None` if one is unknown.
fn expand(text: &str, variables: &[(String, String)]) -> Option<String> {
    let Some((before, rest)) = text.split_once("${") else { return Some(text.to_owned()) };
    let (name, after) = rest.split_once('}')?;
    let (_, value) = variables.iter().rev().find(|(known, _)| known == name)?;
    Some(format!("{before}{value}{}", expand(after, variables)?))
}

/// The pid file that a configuration names; a relative one lies below `ServerRoot`.
fn pid_file(configuration: &str, variables: &[(String, String)]) -> Option<PathBuf> {
    let directive = |name: &str| {
        let mut found = None;
        for line in configuration.lines() {
            let mut words = line.split_whitespace();
            if words.next().is_some_and(|word| word.eq_ignore_ascii_case(name)) {
                found = words.next().and_then(|word| expand(word.trim_matches('"'), variables));
            }
        }
        found
    };
    let file = PathBuf::from(directive("PidFile")?);
    Some(directive("ServerRoot").map_or(file.clone(), |root| Path::new(&root).join(&file)))
}

impl Server {
    fn find(words: &[String]) -> Option<Self> {
        let program = PROGRAMS.iter().find_map(|name| place::program(name))?;
        let given = words.first().map(PathBuf::from);
        let configuration = given.or_else(|| CONFIGURATIONS.iter().map(PathBuf::from).find(|path| path.exists()));
        let text = fs::read_to_string(VARIABLES).unwrap_or_default();
        let mut variables = place::assignments(&text);
        for (_, value) in &mut variables {
            // Debian allows several instances; this is the plain one.
            *value = value.replace("$SUFFIX", "").replace("${SUFFIX}", "");
        }
        Some(Self { program, configuration, variables })
    }

    /// The process id of the server, if it runs.
    fn pid(&self) -> Option<i32> {
        let text = self.configuration.as_ref().and_then(|path| fs::read_to_string(path).ok()).unwrap_or_default();
        let named = pid_file(&text, &self.variables);
        let files = named.into_iter().chain(PID_FILES.iter().map(PathBuf::from));
        let name = self.program.file_name()?.to_string_lossy().into_owned();
        let mut pids = files.filter_map(|file| pidfile::read(&file));
        pids.find(|pid| Process::find(*pid).is_some_and(|found| name.starts_with(&found.name)))
    }

    fn start(&self) -> std::io::Result<bool> {
        let mut command = Command::new(&self.program);
        command.args(["-k", "start"]).envs(self.variables.iter().cloned()).stdin(Stdio::null());
        if let Some(path) = &self.configuration {
            command.arg("-f").arg(path);
        }
        Ok(command.status()?.success())
    }
}

fn wait(until: impl Fn() -> bool) -> bool {
    let begin = Instant::now();
    while !until() {
        if begin.elapsed() > PATIENCE {
            return false;
        }
        std::thread::sleep(STEP);
    }
    true
}

/// Carries out one verb.
pub(super) fn act(call: &Call, words: &[String], verb: Verb) -> Outcome {
    let Some(server) = Server::find(words) else {
        let text = "apache httpd program not found";
        reason(text);
        call.error(text);
        return match verb {
            Verb::Start => call.fail("environment is invalid, resource considered stopped", Outcome::Installed),
            Verb::Stop => Outcome::Success,
            Verb::Status => Outcome::Stopped,
        };
    };
    match (verb, server.pid()) {
        (Verb::Status | Verb::Start, Some(_)) => Outcome::Success,
        (Verb::Status, None) => Outcome::Stopped,
        (Verb::Stop, None) => Outcome::Success,
        (Verb::Start, None) => {
            let begun = server.start().unwrap_or(false);
            if begun && wait(|| server.pid().is_some()) {
                Outcome::Success
            } else {
                call.fail("could not start apache", Outcome::Generic)
            }
        }
        (Verb::Stop, Some(pid)) => {
            let _ = process::send(pid, Signal::SIGTERM);
            if wait(|| Process::find(pid).is_none()) {
                return Outcome::Success;
            }
            call.warning("apache does not end; killing it");
            let _ = process::send(pid, Signal::SIGKILL);
            if wait(|| Process::find(pid).is_none()) { Outcome::Success } else { Outcome::Generic }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pid_file_is_the_configurations() {
        let variables = [("APACHE_PID_FILE".to_owned(), "/run/a.pid".to_owned())];
        let file = |text: &str| pid_file(text, &variables).map(|path| path.display().to_string());
        assert_eq!(file("# PidFile x\npidfile ${APACHE_PID_FILE}\n").as_deref(), Some("/run/a.pid"));
        assert_eq!(file("ServerRoot \"/etc/httpd\"\nPidFile run/h.pid\n").as_deref(), Some("/etc/httpd/run/h.pid"));
        assert_eq!((file("PidFile ${X}\n"), file("")), (None, None));
    }
}
