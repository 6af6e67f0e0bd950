//! The type `suicide`: it can reset the node that runs it and nothing else.

use crate::places::Places;
use crate::{Severity, Sink};
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};

/// What it is called in the log.
pub(crate) const NAME: &str = "Suicide STONITH device";

/// Starts the reboot of this node, two seconds from now so that the success can still be told, and says so.
///
/// Another host is a failure, not [`crate::BAD_HOST`]: so does the original.
pub(crate) fn reset(node: &str, host: &str, places: &Places, log: Sink<'_>) -> bool {
    if !node.eq_ignore_ascii_case(host) {
        log(Severity::Error, &format!("glib: {node} doesn't control host [{host}]"));
        return false;
    }
    let mut command = Command::new("/bin/sh");
    // The text of the command comes as an argument, so that nothing in it can end the line early.
    command.args(["-c", r#"sleep 2; eval "$1""#, "sh", &places.reboot]).process_group(0);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).env_remove(crate::ENVIRONMENT);
    match command.spawn() {
        Ok(_) => true,
        Err(failure) => {
            log(Severity::Error, &format!("Cannot run [{}]: {failure}", places.reboot));
            false
        }
    }
}
