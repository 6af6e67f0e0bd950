//! `heartbeat -s`: whether the daemon runs. Works without configuration and for any user.

use crate::master::{self, Master};
use crate::{exit, messages, node_name, terminal};

/// Prints the answer; returns the exit status.
#[must_use]
pub fn run(program: &str) -> u8 {
    let found = master::find();
    terminal::out(&messages::status(program, &found, &node_name::host().to_lowercase(), &node_name::local()));
    status(&found)
}

/// After a clean stop the pid file stays, as with the original: 1. Before the first start since boot: 3.
fn status(found: &Master) -> u8 {
    match found {
        Master::Running(_) => exit::OK,
        Master::Gone => exit::FAILED,
        Master::None => exit::NOT_RUNNING,
    }
}
