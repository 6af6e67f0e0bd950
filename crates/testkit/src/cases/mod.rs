//! The recorded behaviour of an original, one block per command: `compat-fixtures/<tool>/<topic>.cases`.
//!
//! The format is described in `compat-fixtures/README.md`. [`parse`] reads it, [`render`] writes it back byte for byte,
//! [`judge`] compares what a program did with what was expected.

pub mod judge;
pub mod load;
pub mod parse;
pub mod render;

/// One file of cases.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseFile {
    /// The comment lines at the top, with their `#`.
    pub head: Vec<String>,
    /// The blocks, in file order.
    pub cases: Vec<Case>,
}

/// One block: an environment, a command, and what the original did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Case {
    /// Unique name.
    pub name: String,
    /// Line of the block's head in its file, from 1.
    pub line: usize,
    /// Comment lines below the head, with their `#`.
    pub notes: Vec<String>,
    /// Tags; their meanings are listed in the fixtures' README.
    pub tags: Vec<String>,
    /// Commands that prepare the table; each is a plain `ipvsadm` line without shell syntax.
    pub setup: Vec<String>,
    /// Standard input of the command; absent means empty.
    pub stdin: Option<String>,
    /// What the command is to read instead of the kernel's connection table.
    pub connfile: Option<String>,
    /// Ten counters that replace those of the only service, in the order of the statistics columns then the rates.
    pub inject: Option<Vec<u64>>,
    /// The command, for `sh -c`.
    pub run: String,
    /// A command run afterwards, for `sh -c`.
    pub after: Option<String>,
    /// What the original did.
    pub recorded: Expected,
    /// Where this project differs on purpose.
    pub deviation: Option<Deviation>,
}

/// How a process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// With this exit status.
    Code(i32),
    /// Killed by this signal.
    Signal(i32),
}

impl Default for Exit {
    fn default() -> Self {
        Self::Code(0)
    }
}

impl std::fmt::Display for Exit {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Code(code) => write!(out, "{code}"),
            Self::Signal(signal) => write!(out, "signal {signal}"),
        }
    }
}

/// What a command is expected to do.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Expected {
    /// Exit status.
    pub exit: Exit,
    /// Standard output, exactly.
    pub stdout: String,
    /// Standard error, exactly.
    pub stderr: String,
    /// Standard output of the command run afterwards, if there is one.
    pub after: String,
}

/// A listed difference between this project and the original. Absent parts are as recorded.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Deviation {
    /// Name of the explanation in `docs/COMPATIBILITY.md`.
    pub name: String,
    /// Our exit status.
    pub exit: Option<Exit>,
    /// Our standard output.
    pub stdout: Option<String>,
    /// Our standard error.
    pub stderr: Option<String>,
    /// Our version of the output of the command run afterwards.
    pub after: Option<String>,
}

/// Whose behaviour is expected of a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// The original's, as recorded.
    Original,
    /// Ours: as recorded but for the listed deviations.
    Ours,
}

impl Case {
    /// What this program has to do.
    pub fn expected(&self, whose: Whose) -> Expected {
        let mut expected = self.recorded.clone();
        if let (Whose::Ours, Some(deviation)) = (whose, &self.deviation) {
            let Deviation { name: _, exit, stdout, stderr, after } = deviation.clone();
            expected.exit = exit.unwrap_or(expected.exit);
            expected.stdout = stdout.unwrap_or(expected.stdout);
            expected.stderr = stderr.unwrap_or(expected.stderr);
            expected.after = after.unwrap_or(expected.after);
        }
        expected
    }

    /// Whether the block carries a tag.
    pub fn has_tag(&self, tag: &str) -> bool {
        self.tags.iter().any(|own| own == tag)
    }

    /// Whether a real kernel can run this: injected counters exist only in unit tests.
    pub fn runs_on_a_kernel(&self) -> bool {
        self.inject.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deviation_replaces_only_what_it_names() {
        let case = Case {
            recorded: Expected { exit: Exit::Signal(11), stdout: "a\n".into(), ..Expected::default() },
            deviation: Some(Deviation { exit: Some(Exit::Code(2)), ..Deviation::default() }),
            ..Case::default()
        };
        assert_eq!(case.expected(Whose::Original), case.recorded);
        assert_eq!(case.expected(Whose::Ours), Expected { exit: Exit::Code(2), ..case.recorded.clone() });
    }
}
