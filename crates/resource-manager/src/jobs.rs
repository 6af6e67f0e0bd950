//! What the daemon's resource children run. The message at their end is the daemon's, which sees them end.
//!
//! Resource specification, section 3.3. The lines are the daemon's too: whoever wants them in its own format gives a
//! function for them.

use crate::backend::{self, Backend, Lines, succeeds};
use crate::halog::HaLog;
use crate::req_resource;
use crate::stock::Stock;
use std::env;
use std::path::Path;

/// The name of the daemon in the log.
const DAEMON: &str = "heartbeat";

/// Which groups move, as seen from the node that acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Set {
    /// This node's.
    Local,
    /// All others'.
    Foreign,
    /// All.
    All,
}

impl Set {
    /// Its word in messages and log lines.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::Foreign => "foreign",
            Self::All => "all",
        }
    }

    fn lines(self) -> Lines {
        match self {
            Self::Local => Lines::Own,
            Self::Foreign => Lines::Others,
            Self::All => Lines::All,
        }
    }
}

/// Asks for each group of this node. Gives the exit status.
pub fn req_our_resources() -> i32 {
    let log = HaLog::from_env(DAEMON);
    req_our_resources_with(&|line| log.log(line))
}

/// Releases or acquires all groups of a set in the order of the file. Only groups of `only_nodes` are acquired, unless
/// that is empty. Gives the exit status.
pub fn standby(acquire: bool, set: Set, only_nodes: &[String]) -> i32 {
    let log = HaLog::from_env(DAEMON);
    standby_with(acquire, set, only_nodes, &|line| log.log(line))
}

/// Releases every group that there is, held or not. Gives the exit status.
pub fn give_up() -> i32 {
    let log = HaLog::from_env(DAEMON);
    give_up_with(&|line| log.log(line))
}

/// [`req_our_resources`] with another log.
pub fn req_our_resources_with(log: &dyn Fn(&str)) -> i32 {
    let backend = Backend::installed();
    let node = env::var("HA_CURHOST").unwrap_or_default();
    let keys = backend.keys(&node);
    if keys.is_empty() {
        log(&format!("info: No local resources [{} listkeys {node}] to acquire.", backend::PATH));
    }
    let program = Path::new(req_resource::PATH);
    let native = Stock::installed().is_ours_or_stock(program);
    for key in keys {
        if native {
            req_resource::request(&backend, &key);
        } else {
            succeeds(program, &[&key]);
        }
    }
    0
}

/// [`standby`] with another log.
pub fn standby_with(acquire: bool, set: Set, only_nodes: &[String], log: &dyn Fn(&str)) -> i32 {
    let backend = Backend::installed();
    let word = set.word();
    log(&format!("info: {} {word} HA resources (standby).", if acquire { "acquire" } else { "give up" }));
    for key in backend.lines(set.lines()) {
        if !acquire {
            backend.give(&key);
        } else if is_wanted(&backend, &key, only_nodes) {
            backend.take(&key);
        }
    }
    let done = if acquire { "acquisition" } else { "release" };
    log(&format!("info: {word} HA resource {done} completed (standby)."));
    0
}

/// [`give_up`] with another log.
pub fn give_up_with(log: &dyn Fn(&str)) -> i32 {
    let backend = Backend::installed();
    log("info: Giving up all HA resources.");
    for key in backend.lines(Lines::All) {
        backend.give(&key);
    }
    log("info: All HA resources relinquished.");
    0
}

fn is_wanted(backend: &Backend, key: &str, only_nodes: &[String]) -> bool {
    let table = backend.table();
    let node = table.find(key).map(|found| &found.group.node.text);
    only_nodes.is_empty() || node.is_some_and(|node| only_nodes.iter().any(|only| only.to_lowercase() == *node))
}
