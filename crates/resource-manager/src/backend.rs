//! `ResourceManager` for the other programs: done here, or by the administrator's file if that replaced ours.

use crate::halog::HaLog;
use crate::perform::{Goal, perform};
use crate::resource::Resource;
use crate::run::{Runner, Running, Stderr};
use crate::settings::Settings;
use crate::stock::Stock;
use crate::table::Table;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Where the program is.
pub const PATH: &str = "/usr/share/heartbeat/ResourceManager";
/// Its name in the log.
pub const NAME: &str = "ResourceManager";

/// Which nodes' groups are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lines {
    /// This node's.
    Own,
    /// All others'.
    Others,
    /// All.
    All,
}

/// The resource manager as it is installed.
#[derive(Clone, Debug)]
pub struct Backend {
    settings: Settings,
    log: HaLog,
    stderr: Stderr,
    /// The file that does it instead of us.
    foreign: Option<PathBuf>,
}

impl Backend {
    /// What is to be used according to the environment and the file at [`PATH`].
    #[must_use]
    pub fn installed() -> Self {
        let path = Path::new(PATH);
        let foreign = (!Stock::installed().is_ours_or_stock(path)).then(|| path.to_owned());
        Self { foreign, ..Self::native(Stderr::Inherited) }
    }

    /// This crate's own, with the settings of the environment.
    #[must_use]
    pub fn native(stderr: Stderr) -> Self {
        Self { settings: Settings::from_env(), log: HaLog::from_env(NAME), stderr, foreign: None }
    }

    /// The settings.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The log.
    #[must_use]
    pub fn log(&self) -> &HaLog {
        &self.log
    }

    /// The groups as they are now.
    #[must_use]
    pub fn table(&self) -> Table {
        Table::read(&self.settings.haresources)
    }

    /// `listkeys NODE`: the keys of a node's groups.
    #[must_use]
    pub fn keys(&self, node: &str) -> Vec<String> {
        match &self.foreign {
            Some(path) => listed(path, &["listkeys", node]),
            None => self.table().keys(node).into_iter().filter(|key| !key.is_empty()).collect(),
        }
    }

    /// The key of each of these groups: `ourkeys`, `otherkeys`, `allkeys`.
    #[must_use]
    pub fn lines(&self, which: Lines) -> Vec<String> {
        let lines = match (&self.foreign, which) {
            (Some(path), Lines::Own) => listed(path, &["ourkeys"]),
            (Some(path), Lines::Others) => listed(path, &["otherkeys"]),
            (Some(path), Lines::All) => listed(path, &["allkeys"]),
            (None, Lines::Own) => self.table().lines(&self.settings.node, true),
            (None, Lines::Others) => self.table().lines(&self.settings.node, false),
            (None, Lines::All) => self.table().keys(".*"),
        };
        lines.iter().filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect()
    }

    /// `status RES`: whether one resource runs.
    #[must_use]
    pub fn is_running(&self, word: &str) -> bool {
        if let Some(path) = &self.foreign {
            return succeeds(path, &["status", word]) == 0;
        }
        let runner = Runner { settings: &self.settings, log: &self.log, stderr: self.stderr };
        runner.status(&Resource::parse(word)) == Running::Yes
    }

    /// `takegroup KEY`.
    pub fn take(&self, key: &str) -> i32 {
        self.transition(key, Goal::Acquire)
    }

    /// `givegroup KEY`.
    pub fn give(&self, key: &str) -> i32 {
        self.transition(key, Goal::Release)
    }

    fn transition(&self, key: &str, goal: Goal) -> i32 {
        if let Some(path) = &self.foreign {
            return succeeds(path, &[if goal == Goal::Acquire { "takegroup" } else { "givegroup" }, key]);
        }
        let table = self.table();
        let Some(found) = table.find(key) else { return 0 };
        for line in found.also {
            let first = found.group.node.span.line;
            self.log.log(&format!(
                "ERROR: Resource {key} is in lines {first} and {line} of haresources: line {first} counts"
            ));
        }
        perform(found.group, goal, &self.settings, &self.log)
    }
}

fn listed(path: &Path, arguments: &[&str]) -> Vec<String> {
    let output = Command::new(path).args(arguments).stderr(Stdio::inherit()).output();
    let bytes = output.map(|output| output.stdout).unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    text.lines().filter(|line| !line.trim().is_empty()).map(str::to_owned).collect()
}

/// Runs a replaced program; 1 if it does not end by itself.
pub(crate) fn succeeds(path: &Path, arguments: &[&str]) -> i32 {
    Command::new(path).args(arguments).status().ok().and_then(|status| status.code()).unwrap_or(1)
}
