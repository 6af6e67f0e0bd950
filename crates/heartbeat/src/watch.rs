//! Keeping the machine's watchdog quiet as long as our own status messages come back to us.

use crate::identity::reason;
use crate::line::{Line, Severity, error};
use ha_sys::watchdog::{Watchdog, seconds};
use std::path::Path;
use std::time::Duration;

/// Added to the dead time, so that the peers take over first.
const MARGIN: Duration = Duration::from_millis(10);

/// Opens the device and sets its time-out; the lines say how that went. A device that cannot be opened is no reason
/// not to start (observed on heartbeat 3.0.6).
#[must_use]
pub fn open(path: &Path, deadtime: Duration) -> (Option<Watchdog>, Vec<Line>) {
    let name = path.display();
    let watchdog = match Watchdog::open(path) {
        Ok(watchdog) => watchdog,
        Err(failure) => {
            return (None, vec![error(format!("Cannot open watchdog device: {name}: {}", reason(&failure)))]);
        }
    };
    let mut lines = vec![(Severity::Notice, format!("Using watchdog device: {name}"))];
    let timeout = deadtime + MARGIN;
    if let Err(failure) = watchdog.set_timeout(timeout) {
        lines.push(error(format!(
            "WDIOC_SETTIMEOUT: Failed to set watchdog timer to {} seconds.: {}",
            seconds(timeout),
            reason(&failure)
        )));
    }
    (Some(watchdog), lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_writable_file_serves_and_a_missing_one_is_only_logged() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let (watchdog, lines) = open(file.path(), Duration::from_secs(2));
        assert!(watchdog.is_some());
        let expected = "WDIOC_SETTIMEOUT: Failed to set watchdog timer to 3 seconds.: Inappropriate ioctl for device";
        assert_eq!(lines[1].1, expected);
        let (watchdog, lines) = open(Path::new("/nonexistent/watchdog"), Duration::from_secs(2));
        assert!(watchdog.is_none());
        assert_eq!(lines[0].1, "Cannot open watchdog device: /nonexistent/watchdog: No such file or directory");
    }
}
