//! The log of heartbeat's scripts and small programs: what the shell functions `ha_log` and `ha_debug` write.
//!
//! Source: resource specification, section 2.8, checked byte for byte against Debian 12's shell functions. The first
//! row that fits is used:
//!
//! | when | target | line |
//! |---|---|---|
//! | stdin is a terminal | stderr | `HA_LOGTAG: TEXT`, without the tag if the variable is not set |
//! | `HA_LOGD=yes` and `ha_logd` takes it | `ha_logd` | `TEXT` |
//! | otherwise, all that apply | syslog, if `HA_LOGFACILITY` is set and not `none` | `TAG: TEXT` |
//! | | `HA_LOGFILE` | `DATE TAG:    TEXT` (not for debug lines) |
//! | | `HA_DEBUGLOG`, unless it is the same file | `TAG:<TAB>DATETEXT` |
//! | | stderr, with neither facility nor `HA_LOGFILE` | `DATETEXT` (not for debug lines) |
//!
//! TAG is `HA_LOGTAG`, or else `NAME(INSTANCE)[PID]`. Nothing here fails, and nothing waits longer than half a second.

mod date;
mod logd;

use ha_sys::log::{LOGD_SOCKET, SYSLOG_SOCKET, Syslog, clean, facility, local_time};
use nix::fcntl::OFlag;
use std::fs::OpenOptions;
use std::io::{IsTerminal, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

/// The date of a line if `HA_DATEFMT` does not say otherwise. Observed with Debian 12's shell functions.
const DATE_FORMAT: &str = "%b %d %T ";
/// A target that stands for none.
const NOWHERE: &str = "/dev/null";

/// The log of one program, with the targets that its environment names.
#[derive(Clone, Debug)]
pub struct HaLog {
    /// `HA_LOGTAG`, which also stands before lines for a terminal.
    chosen_tag: Option<String>,
    tag: String,
    terminal: bool,
    debug: bool,
    logd: Option<PathBuf>,
    /// The facility's number without the shift.
    facility: Option<u8>,
    /// Whether a facility is named at all: then stderr is not the last resort, even if syslog does not know the name.
    facility_named: bool,
    logfile: Option<PathBuf>,
    debuglog: Option<PathBuf>,
    date_format: String,
    syslog: PathBuf,
}

/// What kind of line it is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Log,
    Debug,
}

impl HaLog {
    /// The log of the program `name` with the targets of this process's environment.
    ///
    /// Read: `HA_LOGTAG`, `HA_debug`, `HA_LOGD`, `HA_LOGFACILITY`, `HA_LOGFILE`, `HA_DEBUGLOG`, `HA_DATEFMT`, and
    /// `OCF_RESOURCE_INSTANCE`, which is `default` for plain scripts.
    #[must_use]
    pub fn from_env(name: &str) -> Self {
        let lookup = |variable: &str| std::env::var_os(variable).map(|value| value.to_string_lossy().into_owned());
        Self::new(name, lookup, std::io::stdin().is_terminal())
    }

    fn new(name: &str, lookup: impl Fn(&str) -> Option<String>, terminal: bool) -> Self {
        // The shell functions do not tell an empty variable from one that is not set.
        let set = |variable: &str| lookup(variable).filter(|value| !value.is_empty());
        let file = |variable: &str| set(variable).filter(|value| value != NOWHERE).map(PathBuf::from);
        let chosen_tag = set("HA_LOGTAG");
        let instance = set("OCF_RESOURCE_INSTANCE").unwrap_or_else(|| "default".to_owned());
        let named = set("HA_LOGFACILITY").filter(|word| word != "none");
        Self {
            tag: chosen_tag.clone().unwrap_or_else(|| format!("{name}({instance})[{}]", std::process::id())),
            chosen_tag,
            terminal,
            debug: set("HA_debug").is_some_and(|level| level != "0"),
            logd: set("HA_LOGD").filter(|word| word == "yes").map(|_| LOGD_SOCKET.into()),
            facility: named.as_deref().and_then(facility),
            facility_named: named.is_some(),
            logfile: set("HA_LOGFILE").map(PathBuf::from),
            debuglog: file("HA_DEBUGLOG"),
            date_format: set("HA_DATEFMT").unwrap_or_else(|| DATE_FORMAT.to_owned()),
            syslog: SYSLOG_SOCKET.into(),
        }
    }

    /// Logs one line, for example `info: Running /etc/init.d/httpd  start`. The severity word, if any, is part of it.
    pub fn log(&self, text: &str) {
        self.write(Kind::Log, text);
    }

    /// The same for lines that only debugging asks for: silent unless `HA_debug` is set and not 0.
    pub fn debug(&self, text: &str) {
        if self.debug {
            self.write(Kind::Debug, text);
        }
    }

    fn write(&self, kind: Kind, text: &str) {
        let text = clean(text);
        if self.terminal {
            let tag = self.chosen_tag.iter().map(|tag| format!("{tag}: ")).collect::<String>();
            return to_stderr(&format!("{tag}{text}\n"));
        }
        let seconds = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let seconds = i64::try_from(seconds).unwrap_or(i64::MAX);
        let handed_over =
            self.logd.as_deref().is_some_and(|path| logd::send(path, &self.tag, kind == Kind::Debug, text, seconds));
        if handed_over {
            return;
        }
        if let Some(facility) = self.facility {
            let datagram = syslog_datagram(facility, priority(kind, text), seconds, &self.tag, text);
            Syslog::new(&self.syslog).send(&datagram, true);
        }
        // The shell splits the date into words before it joins them again.
        let date = joined(&date::format(&self.date_format, seconds));
        if kind == Kind::Log {
            if let Some(path) = &self.logfile {
                append(path, &format!("{date} {}:    {text}\n", self.tag));
            }
            if self.logfile.is_none() && !self.facility_named {
                to_stderr(&format!("{date}{text}\n"));
            }
        }
        let doubled = kind == Kind::Log && self.debuglog == self.logfile;
        if let Some(path) = self.debuglog.as_deref().filter(|_| !doubled) {
            append(path, &format!("{}:\t{date}{text}\n", self.tag));
        }
    }
}

/// Runs of blanks as one blank, at the end too.
fn joined(text: &str) -> String {
    let mut words = text.split_ascii_whitespace().collect::<Vec<_>>().join(" ");
    if text.ends_with([' ', '\t', '\n']) && !words.is_empty() {
        words.push(' ');
    }
    words
}

/// The syslog priority, 0 to 7. The shell functions look for the words anywhere in the line, gravest first.
fn priority(kind: Kind, text: &str) -> u8 {
    match kind {
        Kind::Debug => 7,
        Kind::Log if text.contains("ERROR") => 3,
        Kind::Log if text.contains("WARN") => 4,
        Kind::Log if text.contains("INFO") => 6,
        Kind::Log => 5,
    }
}

/// What the `logger` command sends for one line: the day is padded with a blank, and no NUL ends it.
fn syslog_datagram(facility: u8, priority: u8, seconds: i64, tag: &str, text: &str) -> Vec<u8> {
    let number = u32::from(facility) * 8 + u32::from(priority);
    let date = local_time(seconds).map(|_| date::format("%b %e %T", seconds)).unwrap_or_default();
    format!("<{number}>{date} {tag}: {text}").into_bytes()
}

/// Appends one line with one write, so that lines of several programs do not mix. A lost line is no reason to fail.
fn append(path: &Path, line: &str) {
    // Without waiting: the file may be a pipe that nobody reads.
    let flags = (OFlag::O_NONBLOCK | OFlag::O_NOCTTY).bits();
    let file = OpenOptions::new().append(true).create(true).custom_flags(flags).open(path);
    if let Ok(mut file) = file {
        let _ = file.write_all(line.as_bytes());
    }
}

fn to_stderr(line: &str) {
    let _ = std::io::stderr().write_all(line.as_bytes());
}

#[cfg(test)]
mod tests;
