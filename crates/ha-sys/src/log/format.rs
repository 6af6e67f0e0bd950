//! The bytes of log lines, for every target. Pure: time, node and process are arguments.

use super::local_time::LocalTime;
use super::severity::Severity;

/// The longest text of one message in bytes; the rest is cut off.
pub const LONGEST: usize = 5119;

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// What a line says and who says it.
#[derive(Clone, Copy, Debug)]
pub struct Line<'a> {
    /// When.
    pub time: LocalTime,
    /// The node's name as `uname -n` prints it.
    pub node: &'a str,
    /// Who: the base name of `argv[0]`.
    pub entity: &'a str,
    /// The process that says it.
    pub pid: u32,
    /// How grave it is.
    pub severity: Severity,
    /// What, without a line end.
    pub text: &'a str,
}

/// Cuts `text` to [`LONGEST`] bytes, at a character's end, and at its first line end or NUL.
///
/// A line end inside would let a peer's field forge a line of the log.
#[must_use]
pub fn clean(text: &str) -> &str {
    let text = text.split(['\n', '\0']).next().unwrap_or_default();
    let mut end = text.len().min(LONGEST);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}

/// `Nov 22 07:11:12`: the day has a leading zero, unlike in most syslog lines.
fn month_day_time(time: LocalTime) -> String {
    let month = usize::from(time.month).checked_sub(1).and_then(|month| MONTHS.get(month)).unwrap_or(&"???");
    format!("{month} {:02} {:02}:{:02}:{:02}", time.day, time.hour, time.minute, time.second)
}

/// A line of a log file or of stderr, with its line end.
///
/// With `syslog_format` (directive `syslogmsgfmt true`, the default of 3.0.x):
/// `Nov 22 07:11:12 node1 heartbeat: [3654]: info: TEXT`. Without, and in 2.1.x always:
/// `heartbeat[3654]: 2026/11/22_07:19:04 info: TEXT`. Source: observed on heartbeat 3.0.6.
#[must_use]
pub fn file_line(line: &Line<'_>, syslog_format: bool) -> String {
    let Line { time, node, entity, pid, severity, text } = line;
    let text = clean(text);
    if syslog_format {
        format!("{} {node} {entity}: [{pid}]: {severity}: {text}\n", month_day_time(*time))
    } else {
        let LocalTime { year, month, day, hour, minute, second } = time;
        let date = format!("{year}/{month:02}/{day:02}_{hour:02}:{minute:02}:{second:02}");
        format!("{entity}[{pid}]: {date} {severity}: {text}\n")
    }
}

/// A datagram for `/dev/log`, with the NUL byte at its end that the original sends.
///
/// `facility` is the number without the shift. The tag carries no pid; the pid is part of the text:
/// `<134>Nov 22 07:21:34 heartbeat: [2802]: info: TEXT` and NUL. Source: observed on heartbeat 3.0.6 with glibc 2.36.
#[must_use]
pub fn syslog_datagram(line: &Line<'_>, facility: u8) -> Vec<u8> {
    let Line { time, entity, pid, severity, text, .. } = line;
    let number = u32::from(facility) * 8 + u32::from(severity.priority());
    let text = clean(text);
    let mut bytes = format!("<{number}>{} {entity}: [{pid}]: {severity}: {text}", month_day_time(*time)).into_bytes();
    bytes.push(0);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str) -> Line<'_> {
        let time = LocalTime { year: 2026, month: 11, day: 2, hour: 7, minute: 1, second: 12 };
        Line { time, node: "node1", entity: "heartbeat", pid: 3654, severity: Severity::Info, text }
    }

    #[test]
    fn a_file_line_in_syslog_format_has_a_day_with_leading_zero() {
        let expected = "Nov 02 07:01:12 node1 heartbeat: [3654]: info: Local status now set to: 'up'\n";
        assert_eq!(file_line(&line("Local status now set to: 'up'"), true), expected);
    }

    #[test]
    fn a_file_line_in_the_old_format_has_the_date_after_the_process() {
        let warning = Line { severity: Severity::Warn, ..line("node brav: is dead") };
        assert_eq!(file_line(&warning, false), "heartbeat[3654]: 2026/11/02_07:01:12 WARN: node brav: is dead\n");
    }

    #[test]
    fn a_syslog_datagram_has_a_tag_without_pid_and_ends_with_nul() {
        assert_eq!(syslog_datagram(&line("TEXT"), 16), b"<134>Nov 02 07:01:12 heartbeat: [3654]: info: TEXT\0");
        let critical = Line { severity: Severity::Crit, ..line("TEXT") };
        assert_eq!(syslog_datagram(&critical, 3), b"<26>Nov 02 07:01:12 heartbeat: [3654]: CRIT: TEXT\0");
    }

    #[test]
    fn a_long_text_is_cut_at_5119_bytes_and_never_inside_a_character() {
        let long = "x".repeat(6000);
        assert_eq!(clean(&long).len(), 5119);
        let wide = "é".repeat(3000);
        assert_eq!(clean(&wide).len(), 5118);
    }

    #[test]
    fn a_line_end_in_the_text_cannot_forge_a_second_line() {
        assert_eq!(clean("first\nNov 22 forged"), "first");
        assert_eq!(clean("first\0rest"), "first");
    }
}
