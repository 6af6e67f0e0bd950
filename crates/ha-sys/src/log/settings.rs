//! Where log lines go, as plain data.

use std::path::PathBuf;
use std::time::Duration;

/// The targets of the log and the names in its lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogSettings {
    /// Who speaks: the base name of `argv[0]`.
    pub entity: String,
    /// The node's name as `uname -n` prints it.
    pub node: String,
    /// The line format of files: `true` as syslog's, `false` as 2.1.x (directive `syslogmsgfmt`).
    pub syslog_format: bool,
    /// Gets everything but debug lines.
    pub logfile: Option<PathBuf>,
    /// Gets everything.
    pub debugfile: Option<PathBuf>,
    /// The facility's number without the shift, 0 to 23; `None`: no syslog. See [`super::facility`].
    pub facility: Option<u8>,
    /// The system log's socket.
    pub syslog_socket: PathBuf,
    /// The socket of `ha_logd`; `None`: not used. While it cannot be reached, the other targets are used.
    pub logd_socket: Option<PathBuf>,
    /// The shortest time between two attempts to reach `ha_logd`.
    pub logd_reconnect: Duration,
    /// Whether lines also go to stderr: until the daemon has detached.
    pub stderr: bool,
}

/// Where `ha_logd` listens.
pub const LOGD_SOCKET: &str = "/var/lib/heartbeat/log_daemon";
/// Where the system log listens.
pub const SYSLOG_SOCKET: &str = "/dev/log";

impl LogSettings {
    /// Only stderr, in syslog's format: what a daemon has before it has read its configuration.
    #[must_use]
    pub fn stderr_only(entity: &str, node: &str) -> Self {
        Self {
            entity: entity.to_owned(),
            node: node.to_owned(),
            syslog_format: true,
            logfile: None,
            debugfile: None,
            facility: None,
            syslog_socket: SYSLOG_SOCKET.into(),
            logd_socket: None,
            logd_reconnect: Duration::from_secs(60),
            stderr: true,
        }
    }
}
