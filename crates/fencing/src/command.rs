//! Compiled plugins: only the original's tool `stonith` can load them.

use crate::places::Places;
use crate::run::{self, Call, Ended};
use crate::{Severity, Sink};
use std::path::Path;

/// The tool's status for a host that the device does not control.
const BAD_HOST: i32 = 4;

/// What became of a reset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reset {
    Done,
    /// The device cannot reset this host.
    BadHost,
    Failed,
}

/// A compiled plugin with its parameters.
pub(crate) struct Compiled<'a> {
    pub(crate) kind: &'a str,
    pub(crate) tool: &'a Path,
    /// Given in the environment (`-E`): a command line is seen by everybody.
    pub(crate) parameters: &'a [(String, String)],
    pub(crate) places: &'a Places,
}

impl Compiled<'_> {
    /// The names of the parameters it takes.
    pub(crate) fn names(&self, log: Sink<'_>) -> Option<Vec<String>> {
        let (status, output) = self.call(&["-n"], log);
        (status == 0).then(|| output.split_whitespace().map(str::to_owned).collect())
    }

    /// Whether the device works.
    pub(crate) fn status(&self, log: Sink<'_>) -> bool {
        let (status, _) = self.call(&["-E", "-S"], log);
        if status != 0 {
            log(Severity::Warn, &format!("'stonith -t {} -S' failed with rc {status}", self.kind));
        }
        status == 0
    }

    /// Resets a host; returns when that is done.
    pub(crate) fn reset(&self, host: &str, log: Sink<'_>) -> Reset {
        // A name that looks like an option would make the tool do something else, and report success.
        if host.starts_with('-') {
            return Reset::BadHost;
        }
        match self.call(&["-E", "-T", "reset", host], log).0 {
            0 => Reset::Done,
            BAD_HOST => Reset::BadHost,
            status => {
                log(Severity::Error, &format!("'stonith -t {} -T reset {host}' failed with rc {status}", self.kind));
                Reset::Failed
            }
        }
    }

    fn call(&self, arguments: &[&str], log: Sink<'_>) -> (i32, String) {
        let limit = self.places.timeout;
        let arguments: Vec<&str> = ["-t", self.kind].iter().chain(arguments).copied().collect();
        let call = Call { program: self.tool, arguments: &arguments, environment: self.parameters, limit };
        match run::run(&call) {
            Ok((Ended::Exited(status), output)) => (status, output),
            Ok((ended, output)) => {
                log(Severity::Error, &format!("'stonith {}' {}", arguments.join(" "), ended.why(limit)));
                (-1, output)
            }
            Err(failure) => {
                log(Severity::Error, &format!("{}: {failure}", self.tool.display()));
                (-1, String::new())
            }
        }
    }
}
