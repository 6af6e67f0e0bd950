//! The program `mach_down`: takes over the groups of a node that has died.
//!
//! Resource specification, section 2.7.

use crate::arguments;
use crate::backend::Backend;
use crate::halog::HaLog;
use crate::inject;
use std::env;
use std::ffi::OsString;

/// Where the program is.
pub const PATH: &str = "/usr/share/heartbeat/mach_down";
const NAME: &str = "mach_down";

/// Runs it with the arguments after the program's name, and gives the exit status: 1 if the daemon could not be told.
#[must_use]
pub fn main(arguments: &[OsString]) -> i32 {
    let node = arguments::text(arguments, 0).to_lowercase();
    let variable = |name: &str| env::var(name).unwrap_or_default();
    // The death of a ping node is no takeover, and nobody takes over from itself.
    if node == variable("HA_CURHOST") || variable("HA_info").contains("ping") {
        return 0;
    }
    let log = HaLog::from_env(NAME);
    let backend = Backend::installed();
    for key in backend.keys(&node) {
        log.log(&format!("info: Taking over resource group {key}"));
        backend.take(&key);
    }
    let mut exit = 0;
    if matches!(variable("HA_NICEFAILBACK").as_str(), "yes" | "Yes") {
        let path = arguments::program(PATH);
        log.log(&format!("info: {path}: nice_failback: foreign resources acquired"));
        if let Err(error) = inject::send(&[("t", "resource"), ("rsc_hold", "foreign"), ("info", NAME)]) {
            log.log(&format!("ERROR: Cannot report the takeover of node {node}: {error}"));
            exit = 1;
        }
    }
    log.log(&format!("info: mach_down takeover complete for node {node}."));
    exit
}
