//! Recorded configurations of the original heartbeat: `compat-fixtures/heartbeat/config/*.cases`.
//!
//! Each block is a set of configuration files and what heartbeat 3.0.6 said to them before it would have started. The
//! format is described in `compat-fixtures/heartbeat/config/README.md`. [`mod@format`] reads and writes it, [`record`] lets
//! the original run the blocks in namespaces of their own, [`world`] is the machine that it sees there.

pub mod format;
pub mod record;
pub mod world;

/// One file of cases.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseFile {
    /// The comment lines at the top, with their `#`.
    pub head: Vec<String>,
    /// The blocks, in file order.
    pub cases: Vec<Case>,
}

/// A file that is put in place before the daemon is started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    /// Its path; a relative one is below `/etc/ha.d`.
    pub path: String,
    /// Its mode.
    pub mode: u32,
    /// Its content.
    pub content: String,
}

/// One block.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Case {
    /// Unique name.
    pub name: String,
    /// Line of the block's head in its file, from 1.
    pub line: usize,
    /// Comment lines below the head, with their `#`.
    pub notes: Vec<String>,
    /// The host's name, if it is not `node1`.
    pub uname: Option<String>,
    /// The user who starts the daemon, if it is not root.
    pub user: Option<String>,
    /// Options of the daemon.
    pub args: Vec<String>,
    /// Lines of `ha.cf` before the usual ones.
    pub before: Option<String>,
    /// Lines of `ha.cf` after the usual ones.
    pub after: Option<String>,
    /// Files besides the usual ones, or instead of them.
    pub files: Vec<Placed>,
    /// Usual files that are not there.
    pub without: Vec<String>,
    /// What the original did; absent in a draft.
    pub recorded: Option<Expected>,
    /// Where this project differs on purpose.
    pub deviation: Option<Deviation>,
}

/// What the daemon is expected to do. Time, host and process numbers are replaced, see the fixtures' README.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Expected {
    /// Exit status.
    pub exit: i32,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
    /// What is in the log files afterwards: path and content.
    pub logs: Vec<(String, String)>,
}

/// A listed difference. Absent parts are as recorded.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Deviation {
    /// Name of the explanation in `docs/COMPATIBILITY.md`.
    pub name: String,
    /// Our exit status.
    pub exit: Option<i32>,
    /// Our standard error.
    pub stderr: Option<String>,
    /// Our log files.
    pub logs: Option<Vec<(String, String)>>,
}

/// The usual `ha.cf`: what `before` and `after` are added to.
pub const USUAL_HA_CF: &str = "node node1 node2\nbcast eth0\nauto_failback on\nlogfacility local0\n";

/// The usual `authkeys`.
pub const USUAL_AUTHKEYS: &str = "auth 1\n1 crc\n";

impl Case {
    /// All files below `/etc/ha.d` and elsewhere that this case starts with.
    pub fn placed(&self) -> Vec<Placed> {
        let before = self.before.as_deref().unwrap_or_default();
        let after = self.after.as_deref().unwrap_or_default();
        let usual = [
            ("ha.cf", 0o644, format!("{before}{USUAL_HA_CF}{after}")),
            ("authkeys", 0o600, USUAL_AUTHKEYS.to_owned()),
            ("haresources", 0o644, String::new()),
        ];
        let mut all: Vec<Placed> = usual
            .into_iter()
            .filter(|(path, ..)| {
                !self.without.iter().any(|name| name == path) && !self.files.iter().any(|file| file.path == *path)
            })
            .map(|(path, mode, content)| Placed { path: path.to_owned(), mode, content })
            .collect();
        all.extend(self.files.iter().cloned());
        all
    }

    /// What our program has to do; `None` for a draft.
    pub fn expected_of_ours(&self) -> Option<Expected> {
        let mut expected = self.recorded.clone()?;
        if let Some(deviation) = &self.deviation {
            expected.exit = deviation.exit.unwrap_or(expected.exit);
            if let Some(stderr) = &deviation.stderr {
                expected.stderr.clone_from(stderr);
            }
            if let Some(logs) = &deviation.logs {
                expected.logs.clone_from(logs);
            }
        }
        Some(expected)
    }
}
