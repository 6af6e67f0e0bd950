//! All targets of the log together: where one line goes, and what is done about lines that were lost.

use super::file::{LogFile, Written};
use super::format::{Line, file_line, syslog_datagram};
use super::local_time::{LocalTime, local_time};
use super::logd::{LogdConnection, LogdLine};
use super::settings::LogSettings;
use super::severity::Severity;
use super::syslog::Syslog;
use std::io::Write;
use std::time::Instant;

/// One line on its way to the targets.
#[derive(Clone, Debug)]
pub struct Record {
    /// Seconds since 1970.
    pub seconds: i64,
    /// The process that says it.
    pub pid: u32,
    /// How grave it is.
    pub severity: Severity,
    /// What.
    pub text: String,
}

/// The facility of lines for `ha_logd` while none is configured: user.
const DEFAULT_FACILITY: u8 = 1;

/// The open targets of one configuration.
#[derive(Debug)]
pub struct Sinks {
    settings: LogSettings,
    logfile: Option<LogFile>,
    debugfile: Option<LogFile>,
    syslog: Option<Syslog>,
    logd: Option<LogdConnection>,
    lost: u64,
    /// Whether a slow target may be waited for: only in the log's own thread.
    may_wait: bool,
}

impl Sinks {
    /// Opens nothing yet: each target opens at its first line.
    #[must_use]
    pub fn new(settings: LogSettings, may_wait: bool) -> Self {
        Self {
            logfile: settings.logfile.as_deref().map(LogFile::new),
            debugfile: settings.debugfile.as_deref().map(LogFile::new),
            syslog: settings.facility.map(|_| Syslog::new(&settings.syslog_socket)),
            logd: settings.logd_socket.as_deref().map(|path| LogdConnection::new(path, settings.logd_reconnect)),
            settings,
            lost: 0,
            may_wait,
        }
    }

    /// Lines that some target did not get, and that no line has told of yet.
    #[must_use]
    pub fn lost(&self) -> u64 {
        self.lost
    }

    /// Adds lines that were lost on their way here.
    pub fn add_lost(&mut self, count: u64) {
        self.lost = self.lost.saturating_add(count);
    }

    /// Writes one line to every target that wants it. Never fails: what cannot be written is counted, and the count is
    /// told in a line of its own as soon as a line was written again.
    pub fn write(&mut self, record: &Record, now: Instant) {
        let complete = self.write_one(record, now);
        if !complete {
            self.lost = self.lost.saturating_add(1);
        } else if self.lost > 0 {
            let count = std::mem::take(&mut self.lost);
            let text = format!("{count} messages lost");
            if !self.write_one(&Record { severity: Severity::Warn, text, ..record.clone() }, now) {
                self.lost = count;
            }
        }
    }

    /// `true` if every target that wants the line has got it.
    fn write_one(&mut self, record: &Record, now: Instant) -> bool {
        let Record { seconds, pid, severity, text } = record;
        let LogSettings { entity, node, facility, syslog_format, stderr, .. } = &self.settings;
        let epoch = LocalTime { year: 1970, month: 1, day: 1, hour: 0, minute: 0, second: 0 };
        let time = local_time(*seconds).unwrap_or(epoch);
        let line = Line { time, node, entity, pid: *pid, severity: *severity, text };
        let bytes = file_line(&line, *syslog_format);
        if *stderr {
            // A closed stderr is the caller's wish.
            let _ = std::io::stderr().write_all(bytes.as_bytes());
        }
        if let Some(logd) = &mut self.logd {
            let facility = facility.unwrap_or(DEFAULT_FACILITY);
            let line = LogdLine { facility, severity: *severity, entity, pid: *pid, seconds: *seconds, text };
            if logd.send(&line, now) {
                return true;
            }
        }
        let mut complete = true;
        if let (Some(syslog), Some(facility)) = (&mut self.syslog, facility) {
            complete &= syslog.send(&syslog_datagram(&line, *facility), self.may_wait);
        }
        let is_debug = *severity == Severity::Debug;
        let logfile = self.logfile.as_mut().filter(|_| !is_debug);
        for file in logfile.into_iter().chain(self.debugfile.as_mut()) {
            match file.write(bytes.as_bytes(), now) {
                Written::Yes => {}
                Written::No => complete = false,
                Written::Rotated => {
                    let text = format!("log-rotate detected on logfile {}", file.path().display());
                    let told = Line { severity: Severity::Info, text: &text, ..line };
                    file.write(file_line(&told, *syslog_format).as_bytes(), now);
                }
            }
        }
        complete
    }
}
