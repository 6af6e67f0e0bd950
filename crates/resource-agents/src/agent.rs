//! What all resource scripts have in common: their verbs, exit codes, and the lines around them.

use crate::log::log;
use crate::output::{print, reason, report};

/// The result of a resource script, with the numbers of the OCF standard (resource specification, section 11.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// 0: it worked, or it runs.
    Success,
    /// 1.
    Generic,
    /// 2: an argument makes no sense.
    Argument,
    /// 4: we are not allowed to.
    Permission,
    /// 5: a program that is needed is missing.
    Installed,
    /// 6: a parameter makes no sense.
    Configured,
    /// 7: it does not run.
    Stopped,
}

impl Outcome {
    /// The exit status.
    #[must_use]
    pub fn code(self) -> i32 {
        match self {
            Self::Success => 0,
            Self::Generic => 1,
            Self::Argument => 2,
            Self::Permission => 4,
            Self::Installed => 5,
            Self::Configured => 6,
            Self::Stopped => 7,
        }
    }

    /// The line that the original prints and logs. Two blanks: the place of the resource's name is empty.
    #[must_use]
    pub fn line(self, verb: Verb) -> &'static str {
        match self {
            Self::Success if verb == Verb::Status => "INFO:  Running OK",
            Self::Success => "INFO:  Success",
            Self::Generic => "ERROR:  Generic error",
            Self::Argument => "ERROR:  Illegal argument",
            Self::Permission => "ERROR:  User had insufficient privilege",
            Self::Installed => "ERROR:  Program is not installed",
            Self::Configured => "ERROR:  Program is not configured",
            Self::Stopped => "INFO:  Resource is stopped",
        }
    }
}

/// What a script is asked to do. `monitor` is `status` here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// Make it run; success if it does already.
    Start,
    /// Make it stop; success if it does not run.
    Stop,
    /// Whether it runs.
    Status,
}

/// One call of a script: its name for log lines, and where they go.
#[derive(Clone, Debug)]
pub struct Call {
    tag: String,
}

impl Call {
    /// A call for an instance such as `IPaddr_192.0.2.1`.
    #[must_use]
    pub fn new(name: &str, instance: &str) -> Self {
        Self { tag: format!("{name}({instance})") }
    }

    /// Logs progress.
    pub fn info(&self, text: &str) {
        log(&self.tag, &format!("INFO: {text}"));
    }

    /// Logs something odd.
    pub fn warning(&self, text: &str) {
        log(&self.tag, &format!("WARNING: {text}"));
    }

    /// Logs a failure.
    pub fn error(&self, text: &str) {
        log(&self.tag, &format!("ERROR: {text}"));
    }

    /// Logs a failure and says it on standard error, as the reason of the exit status.
    pub fn fail(&self, text: &str, outcome: Outcome) -> Outcome {
        reason(text);
        self.error(text);
        outcome
    }

    /// Says something on standard error and logs it as a failure.
    pub fn complain(&self, text: &str) {
        report(text);
        self.error(text);
    }

    /// Prints and logs the line for an outcome; returns its exit status.
    #[must_use]
    pub fn finish(&self, verb: Verb, outcome: Outcome) -> i32 {
        let line = outcome.line(verb);
        print(line);
        log(&self.tag, line);
        outcome.code()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_lines_are_those_that_heartbeat_and_people_look_for() {
        assert_eq!(Outcome::Success.line(Verb::Status), "INFO:  Running OK");
        assert_eq!(Outcome::Success.line(Verb::Stop), "INFO:  Success");
        assert_eq!((Outcome::Stopped.line(Verb::Status), Outcome::Stopped.code()), ("INFO:  Resource is stopped", 7));
        for (outcome, code) in [
            (Outcome::Generic, 1),
            (Outcome::Argument, 2),
            (Outcome::Permission, 4),
            (Outcome::Installed, 5),
            (Outcome::Configured, 6),
        ] {
            assert_eq!(outcome.code(), code);
            assert!(outcome.line(Verb::Status).starts_with("ERROR:  "), "{outcome:?} must not look like running");
            assert!(!outcome.line(Verb::Start).to_lowercase().contains("running"));
        }
    }
}
