//! One call of a tool: under which name and path, and with which arguments.

use std::ffi::{OsStr, OsString};
use std::path::Path;

/// Where the companion programs are installed; their own path in texts when no path is known.
pub(crate) const PROGRAMS: &str = "/usr/share/heartbeat";

/// A call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Call {
    /// `$0` of the script that this replaces: it stands in messages.
    pub(crate) program: OsString,
    /// What follows.
    pub(crate) arguments: Vec<OsString>,
}

impl Call {
    /// A call as `program` with these arguments.
    pub(crate) fn new(program: impl Into<OsString>, arguments: impl IntoIterator<Item = OsString>) -> Self {
        Self { program: program.into(), arguments: arguments.into_iter().collect() }
    }

    /// `$0` for messages.
    pub(crate) fn program(&self) -> String {
        self.program.to_string_lossy().into_owned()
    }

    /// The argument at `index` as text, empty if there is none, as a shell script sees it.
    pub(crate) fn text(&self, index: usize) -> String {
        self.arguments.get(index).map(|word| word.to_string_lossy().into_owned()).unwrap_or_default()
    }
}

/// The last part of a path.
pub(crate) fn base_name(path: &OsStr) -> String {
    Path::new(path).file_name().unwrap_or(path).to_string_lossy().into_owned()
}
