//! The program `req_resource`: asks for a group, unless it runs here already.
//!
//! Resource specification, section 2.2.

use crate::arguments;
use crate::backend::Backend;
use crate::halog::HaLog;
use crate::inject;
use std::env;
use std::ffi::OsString;

/// Where the program is.
pub const PATH: &str = "/usr/share/heartbeat/req_resource";
const NAME: &str = "req_resource";

/// Runs it with the arguments after the program's name, and gives the exit status.
#[must_use]
pub fn main(arguments: &[OsString]) -> i32 {
    request(&Backend::installed(), &arguments::text(arguments, 0))
}

/// Asks for the group of this key. With automatic failback, or when nobody is there to be asked, the message is the
/// answer already, addressed to ourselves. Gives the exit status: 1 if the message could not be sent.
pub fn request(backend: &Backend, key: &str) -> i32 {
    if backend.is_running(key) {
        return 0;
    }
    let log = HaLog::from_env(NAME);
    let variable = |name: &str| env::var(name).unwrap_or_default();
    let (dont_ask, nice) = (variable("HA_DONTASK"), variable("HA_NICEFAILBACK"));
    // The original writes these two like any other line, so they reach the log file as well.
    if !matches!(variable("HA_debug").as_str(), "" | "0") {
        log.log(&format!("debug: in {} {key}", arguments::program(PATH)));
        log.log(&format!("debug: dont_ask: {dont_ask} nice_failback: {nice}"));
    }
    let node = variable("HA_CURHOST");
    let answer = [("t", "ip-request-resp"), ("dest", node.as_str()), ("ipaddr", key), ("weown", "yes"), ("ok", "OK")];
    let question = [("t", "ip-request"), ("ipaddr", key)];
    let sent = if dont_ask == "yes" || nice == "yes" { inject::send(&answer) } else { inject::send(&question) };
    match sent {
        Ok(()) => 0,
        Err(error) => {
            log.log(&format!("ERROR: Cannot ask for resource group {key}: {error}"));
            1
        }
    }
}
