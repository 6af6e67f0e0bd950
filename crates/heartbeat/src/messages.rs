//! What the commands print. Every text here was observed on heartbeat 3.0.6, unless it says otherwise.

use crate::master::Master;

/// The version, as start lines and clients see it.
pub const VERSION: &str = "3.0.6";
/// The answer to `-V`, to the letter: scripts take it apart.
pub const VERSION_LINE: &str = "3.0.6 (node: 958e11be8686759f1b99204c17812f2c2633b169)";
/// The answer to `-k` without a daemon.
pub const ALREADY_STOPPED: &str = "INFO: Heartbeat already stopped.";
/// The answer to `-R` without a daemon.
pub const NOT_RUNNING: &str = "ERROR: heartbeat is not running.";

/// The usage text, which begins with an empty line.
#[must_use]
pub fn usage(program: &str) -> String {
    format!(
        "\nUsage: {program} [-dDkMrRsvWlVf] [-C Current-resource-state]\n\
         \t-C only valid with -R\n\
         \t-r is mutually exclusive with -R"
    )
}

/// The answer to `-s`: `host` is `uname -n`, `node` the name in the cluster.
#[must_use]
pub fn status(program: &str, found: &Master, host: &str, node: &str) -> String {
    match found {
        Master::Running(pid) => format!("{program} OK [pid {pid} et al] is running on {host} [{node}]..."),
        Master::Gone | Master::None => format!("{program} is stopped. No process"),
    }
}

/// `-k` may not.
#[must_use]
pub fn cannot_kill(pid: i32, reason: &str) -> String {
    format!("ERROR: Could not kill pid {pid} : {reason}")
}

/// `-R` while another daemon runs.
#[must_use]
pub fn already_running(pid: i32) -> String {
    format!("ERROR: Heartbeat already running [pid {pid}].")
}

/// `-k` waits. Ours: the original is silent, and waits for ever.
#[must_use]
pub fn waiting(pid: i32, seconds: u64) -> String {
    format!("INFO: Waiting for heartbeat pid {pid} to stop, {seconds} seconds so far.")
}

/// `-k` has waited long enough. Ours.
#[must_use]
pub fn gave_up(pid: i32, seconds: u64) -> String {
    format!("ERROR: Heartbeat pid {pid} did not stop within {seconds} seconds.")
}

/// A second start.
#[must_use]
pub fn second_start(pid: i32) -> String {
    format!("heartbeat: already running [pid {pid}].")
}

/// A reload is refused.
#[must_use]
pub fn not_restarted(pid: i32) -> String {
    format!("Config errors: Heartbeat pid {pid} NOT restarted")
}

/// More nodes than the resource protocol was made for.
#[must_use]
pub fn many_nodes(count: usize) -> String {
    format!(
        "haresources is for two nodes, and ha.cf names {count}: nodes of ours elect one that takes over, but every original \
         among them starts the groups of a dead node."
    )
}
