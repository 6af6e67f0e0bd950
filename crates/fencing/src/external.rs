//! Plugins that are scripts: `external/NAME`, called with a verb, their parameters in the environment.

use crate::places::Places;
use crate::run::{self, Call, Ended};
use crate::{Severity, Sink};
use nix::unistd::{AccessFlags, access};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{env, fs};

/// The status of a script that could not be run, or did not end in time.
const NOT_RUN: i32 = -1;
/// What the original puts in front of `PATH`: its log functions are there.
const FUNCTIONS: &str = "/usr/share/cluster-glue";
/// Limit for the question after the device's name. It stands in a log line only, so it may not delay a reset for long.
const NAME_LIMIT: Duration = Duration::from_secs(10);

/// A script with its parameters.
pub(crate) struct Script<'a> {
    pub(crate) name: &'a str,
    pub(crate) parameters: &'a [(String, String)],
    pub(crate) places: &'a Places,
}

impl Script<'_> {
    /// The names of the parameters it takes.
    pub(crate) fn names(&self, log: Sink<'_>) -> Option<Vec<String>> {
        let (status, output) = self.call(&["getconfignames"], self.places.timeout, log);
        if status != 0 {
            let name = self.name;
            let text = format!("glib: external_get_confignames: '{name} getconfignames' failed with rc {status}");
            log(Severity::Error, &text);
            return None;
        }
        Some(output.split_whitespace().map(str::to_owned).collect())
    }

    /// What it calls the device; what the original prints for nothing if it does not say.
    pub(crate) fn device_name(&self, log: Sink<'_>) -> String {
        let limit = self.places.timeout.map_or(NAME_LIMIT, |limit| limit.min(NAME_LIMIT));
        let (status, output) = self.call(&["getinfo-devid"], Some(limit), log);
        if status != 0 {
            let text = format!("glib: external_getinfo: '{} getinfo-devid' failed with rc {status}", self.name);
            log(Severity::Error, &text);
            return "(null)".to_owned();
        }
        output.trim_end_matches('\n').replace('\n', " ")
    }

    /// Whether the device works.
    pub(crate) fn status(&self, log: Sink<'_>) -> bool {
        let status = self.call_aloud(&["status"], log);
        if status != 0 {
            log(Severity::Warn, &format!("glib: external_status: '{} status' failed with rc {status}", self.name));
        }
        status == 0
    }

    /// Resets a host; returns when that is done. No script can say that a host is not its own: every failure is one.
    pub(crate) fn reset(&self, host: &str, log: Sink<'_>) -> bool {
        let status = self.call_aloud(&["reset", host], log);
        if status != 0 {
            let name = self.name;
            let text = format!("glib: external_reset_req: '{name} reset' for host {host} failed with rc {status}");
            log(Severity::Error, &text);
        }
        status == 0
    }

    /// Like [`Self::call`], with the output in the log.
    fn call_aloud(&self, arguments: &[&str], log: Sink<'_>) -> i32 {
        let (status, output) = self.call(arguments, self.places.timeout, log);
        let command = format!("{} {}", self.path().display(), arguments.join(" "));
        for line in output.lines() {
            log(Severity::Info, &format!("glib: external_run_cmd: '{command}' output: {line}"));
        }
        status
    }

    fn path(&self) -> PathBuf {
        self.places.plugin(&format!("external/{}", self.name))
    }

    fn call(&self, arguments: &[&str], limit: Option<Duration>, log: Sink<'_>) -> (i32, String) {
        let path = self.path();
        if let Err(reason) = may_run(&path) {
            log(Severity::Error, &format!("glib: external_run_cmd: {reason}"));
            return (NOT_RUN, String::new());
        }
        let mut environment = self.parameters.to_vec();
        environment.push(("HA_LOGTAG".to_owned(), format!("external/{}", self.name)));
        let search = env::var("PATH").unwrap_or_else(|_| "/usr/sbin:/usr/bin:/sbin:/bin".to_owned());
        environment.push(("PATH".to_owned(), format!("{FUNCTIONS}:{search}")));
        let call = Call { program: &path, arguments, environment: &environment, limit };
        let failure = match run::run(&call) {
            Ok((Ended::Exited(status), output)) => return (status, output),
            Ok((ended, output)) => {
                log(Severity::Error, &format!("'{} {}' {}", self.name, arguments.join(" "), ended.why(limit)));
                return (NOT_RUN, output);
            }
            Err(failure) => failure,
        };
        log(Severity::Error, &format!("glib: external_run_cmd: {}: {failure}", path.display()));
        (NOT_RUN, String::new())
    }
}

/// The checks of the original before it runs a script, with its texts.
fn may_run(path: &Path) -> Result<(), String> {
    let shown = path.display();
    let found = fs::metadata(path).map_err(|error| {
        let reason = nix::errno::Errno::from_raw(error.raw_os_error().unwrap_or_default()).desc();
        format!("stat(2) of {shown} failed: {reason}")
    })?;
    if !found.is_file() || access(path, AccessFlags::X_OK).is_err() {
        return Err(format!("{shown} found NOT to be executable."));
    }
    if found.permissions().mode() & 0o022 != 0 {
        let text = "found to be writable by group/others, NOT executing for security purposes.";
        return Err(format!("{shown} {text}"));
    }
    Ok(())
}
