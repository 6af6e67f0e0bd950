//! heartbeat's small programs in one: what cron jobs, monitoring and the daemon itself call.
//!
//! The program is installed once, and every name is a link to it: see [`run`]. Texts on the terminal, messages to the
//! cluster and exit statuses are those of the programs that it replaces (resource specification, section 2, and daemon
//! specification, section 7.2).

mod agents;
mod call;
mod clustermsg;
mod dispatch;
mod environment;
mod exit;
mod harc;
mod hbstatus;
mod jobs;
mod membership;
mod messages;
mod out;
mod propagate;
mod rc;
mod standby;

use resource_manager::lookup::{self, Builtins};
use std::ffi::OsString;

/// Runs the tool that the command line means, and gives the exit status. `words` begins with the program's own name.
#[must_use]
pub fn run(words: Vec<OsString>) -> u8 {
    if let Ok(program) = std::env::current_exe() {
        lookup::install(Builtins { program, names: agents::resources() });
    }
    dispatch::run(words)
}

/// Every name under which the program can be called, in order. The rc.d scripts, which are no commands, are left out.
#[must_use]
pub fn names() -> Vec<&'static str> {
    dispatch::names()
}
