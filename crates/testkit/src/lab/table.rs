//! Reads and resets the IPVS table of the calling thread's namespace, by the original program.

use anyhow::{Result, ensure};

use super::ORIGINAL;
use super::process::Program;
use super::watchdog::Watchdog;
use crate::text::content_lines;

/// The command lines after which nothing of an earlier case is left.
const RESET: &str = "-C\n--set 900 120 300\n--stop-daemon master\n--stop-daemon backup\n";

/// Everything the original can show, by several listings of one run. Thresholds are not in save files, marks and
/// kernel order not in sorted listings.
const EVERYTHING: &str = "\
-L -n --nosort --thresholds
-L -n --nosort --tun-info
-L -n --nosort --persistent-conn
-S -n
-L --timeout
-L --daemon
";

/// Empties the table, stops the daemons, restores the timeouts, then runs `setup` lines, which must succeed.
///
/// # Errors
///
/// The original cannot be run, or a line of `setup` failed.
pub fn reset(setup: &[String], watchdog: &Watchdog) -> Result<()> {
    let mut lines = RESET.to_owned();
    for line in setup {
        lines.push_str(line);
        lines.push('\n');
    }
    let outcome = Program::new(ORIGINAL).args(["-R"]).stdin(lines).run(watchdog)?;
    let complaints: Vec<_> =
        content_lines(&outcome.stderr).into_iter().filter(|line| line != "|No daemon is running").collect();
    // The status is that of the last line, and stopping a daemon that does not run is a failure.
    ensure!(complaints.is_empty() && (setup.is_empty() || outcome.success()), "setup failed: {complaints:?}");
    Ok(())
}

/// Text with the complete state: services, servers, tunnels, thresholds, timeouts, daemons.
///
/// # Errors
///
/// The original cannot be run.
pub fn dump(watchdog: &Watchdog) -> Result<Vec<u8>> {
    let outcome = Program::new(ORIGINAL).args(["-R"]).stdin(EVERYTHING).run(watchdog)?;
    ensure!(outcome.stderr.is_empty(), "the table cannot be shown: {:?}", content_lines(&outcome.stderr));
    Ok(outcome.stdout)
}
