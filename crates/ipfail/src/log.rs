//! Where the lines go: where the daemon's go, as it says in the environment of its children.

use ha_sys::log::{LOGD_SOCKET, LogSettings, Logger, Severity, facility};
use nix::sys::utsname::uname;
use std::env;
use std::time::Duration;

/// How long the last lines may take.
const LAST_LINES: Duration = Duration::from_secs(2);

/// The log.
pub(crate) struct Log(Logger);

impl Log {
    /// As the environment says; without it, standard error.
    pub(crate) fn open() -> Self {
        let node = uname().map(|name| name.nodename().to_string_lossy().into_owned()).unwrap_or_default();
        let mut settings = LogSettings::stderr_only("ipfail", &node);
        let text = |name| env::var(name).ok().filter(|value| !value.is_empty());
        settings.logfile = text("HA_LOGFILE").map(Into::into);
        settings.debugfile = text("HA_DEBUGLOG").map(Into::into);
        settings.facility = text("HA_LOGFACILITY").and_then(|word| facility(&word));
        settings.logd_socket = text("HA_LOGD").filter(|word| word == "yes").map(|_| LOGD_SOCKET.into());
        settings.syslog_format =
            text("HA_syslogmsgfmt").is_none_or(|word| !matches!(word.as_str(), "off" | "false" | "no" | "0"));
        let nowhere = settings.logfile.is_none() && settings.debugfile.is_none() && settings.facility.is_none();
        settings.stderr = nowhere;
        let mut logger = Logger::new(settings);
        if !nowhere {
            // Without it, lines are written one after the other, which is as good.
            let _ = logger.start_thread();
        }
        Self(logger)
    }

    pub(crate) fn info(&mut self, text: &str) {
        self.0.log(Severity::Info, text);
    }

    pub(crate) fn debug(&mut self, text: &str) {
        self.0.log(Severity::Debug, text);
    }

    pub(crate) fn error(&mut self, text: &str) {
        self.0.log(Severity::Error, text);
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        let _ = self.0.flush(LAST_LINES);
    }
}
