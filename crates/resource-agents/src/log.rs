//! Log lines of the scripts, where the environment wants them (resource specification, section 2.8).
//!
//! With `HA_LOGD=yes` through `ha_logger`; else to the system log if `HA_LOGFACILITY` names a facility, and to the
//! files `HA_LOGFILE` and `HA_DEBUGLOG`. A terminal gets the line instead; with nothing of all this, standard error
//! does.

use crate::output::report;
use crate::place;
use ha_sys::log::{LocalTime, local_time};
use std::fs::OpenOptions;
use std::io::{IsTerminal, Write};
use std::os::unix::net::UnixDatagram;
use std::process::{Command, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

/// The format of dates unless `HA_DATEFMT` says otherwise.
const DATE: &str = "%b %d %T ";
const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
/// `LOG_…` facilities by name.
const FACILITIES: [&str; 24] = [
    "kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp", "", "", "",
    "", "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7",
];

/// Writes a line like `INFO: Resource is stopped`; `tag` is `IPaddr(IPaddr_192.0.2.1)`.
pub(crate) fn log(tag: &str, text: &str) {
    if std::io::stderr().is_terminal() {
        return report(text);
    }
    let tag = format!("{tag}[{}]", std::process::id());
    if place::environment("HA_LOGD").as_deref() == Some("yes") && logger(&tag, text) {
        return;
    }
    let date = now(&place::environment("HA_DATEFMT").unwrap_or_else(|| DATE.to_owned()));
    let facility = place::environment("HA_LOGFACILITY").filter(|facility| facility != "none");
    if let Some(facility) = &facility {
        system_log(facility, &tag, text);
    }
    let file = place::environment("HA_LOGFILE");
    if let Some(file) = &file {
        append(file, &format!("{date} {tag}:    {text}\n"));
    }
    if let Some(debug) = place::environment("HA_DEBUGLOG").filter(|debug| Some(debug) != file.as_ref()) {
        append(&debug, &format!("{tag}:\t{date}{text}\n"));
    }
    if facility.is_none() && file.is_none() {
        report(&format!("{date}{text}"));
    }
}

fn logger(tag: &str, text: &str) -> bool {
    let Some(program) = place::program("ha_logger") else { return false };
    let mut command = Command::new(program);
    command.args(["-t", tag, text]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

fn append(path: &str, line: &str) {
    // Where nobody can write, nothing is left to say it to.
    if let Ok(mut file) = OpenOptions::new().append(true).create(true).open(path) {
        let _ = file.write_all(line.as_bytes());
    }
}

/// The priority of `<…>` before a line for the system log.
fn priority(facility: &str, text: &str) -> usize {
    let facility = FACILITIES.iter().position(|name| *name == facility && !name.is_empty()).unwrap_or(3);
    let severity = match text.split(':').next().unwrap_or_default() {
        "ERROR" => 3,
        "WARN" | "WARNING" => 4,
        "INFO" | "info" => 6,
        _ => 5,
    };
    facility * 8 + severity
}

fn system_log(facility: &str, tag: &str, text: &str) {
    let Ok(socket) = UnixDatagram::unbound() else { return };
    let _ = socket.set_nonblocking(true);
    let line = format!("<{}>{}{tag}: {text}", priority(facility, text), now(DATE));
    let _ = socket.send_to(line.as_bytes(), "/dev/log");
}

fn now(format: &str) -> String {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    i64::try_from(seconds).ok().and_then(local_time).map_or(String::new(), |time| date(format, &time))
}

/// The date now, as in a log line.
pub(crate) fn today() -> String {
    now(DATE).trim_end().to_owned()
}

/// What `date` makes of a format: the usual conversions; others stay as they are.
fn date(format: &str, time: &LocalTime) -> String {
    let mut out = String::new();
    let mut characters = format.chars();
    while let Some(character) = characters.next() {
        if character != '%' {
            out.push(character);
            continue;
        }
        let [month, day, hour, minute, second] =
            [time.month, time.day, time.hour, time.minute, time.second].map(|number| format!("{number:02}"));
        match characters.next() {
            Some('Y') => out.push_str(&time.year.to_string()),
            Some('m') => out.push_str(&month),
            Some('d') => out.push_str(&day),
            Some('e') => out.push_str(&format!("{:2}", time.day)),
            Some('H') => out.push_str(&hour),
            Some('M') => out.push_str(&minute),
            Some('S') => out.push_str(&second),
            Some('T') => out.push_str(&format!("{hour}:{minute}:{second}")),
            Some('F') => out.push_str(&format!("{}-{month}-{day}", time.year)),
            Some('b' | 'h') => {
                out.push_str(MONTHS.get(usize::from(time.month).saturating_sub(1)).unwrap_or(&""));
            }
            Some('t') => out.push('\t'),
            Some('n') => out.push('\n'),
            Some(other) => out.extend(['%', other]),
            None => out.push('%'),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_follow_the_formats_in_use() {
        let time = LocalTime { year: 2026, month: 11, day: 3, hour: 4, minute: 5, second: 6 };
        assert_eq!(date(DATE, &time), "Nov 03 04:05:06 ");
        assert_eq!(date("%Y/%m/%d_%T\t", &time), "2026/11/03_04:05:06\t");
        assert_eq!(date("%e %F %q%%", &time), " 3 2026-11-03 %q%%");
    }

    #[test]
    fn the_word_before_the_colon_decides_the_priority() {
        assert_eq!(priority("local0", "ERROR: x"), 16 * 8 + 3);
        assert_eq!(priority("daemon", "WARNING: x"), 3 * 8 + 4);
        assert_eq!(priority("nonsense", "INFO:  Running OK"), 3 * 8 + 6);
        assert_eq!(priority("", "x"), 3 * 8 + 5);
    }
}
