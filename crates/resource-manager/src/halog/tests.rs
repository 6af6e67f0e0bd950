//! The lines of every target, with the targets in a directory of the test.

use super::*;
use std::os::unix::net::{UnixDatagram, UnixListener};

/// A log as `tool(default)[PID]` that has no terminal, and an environment of these variables only.
fn log_with(variables: &[(&str, &str)]) -> HaLog {
    let find = |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
    HaLog::new("tool", find, false)
}

fn text(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_default()
}

#[test]
fn both_files_get_a_line_in_their_own_order() {
    let directory = tempfile::tempdir().unwrap();
    let (file, debug) = (directory.path().join("log"), directory.path().join("debug"));
    let (file_name, debug_name) = (file.to_str().unwrap(), debug.to_str().unwrap());
    let log = log_with(&[("HA_LOGFILE", file_name), ("HA_DEBUGLOG", debug_name), ("HA_DATEFMT", "DATE\t")]);
    log.log("info: Running x  start");
    log.debug("debug: silent");
    let pid = std::process::id();
    assert_eq!(text(&file), format!("DATE  tool(default)[{pid}]:    info: Running x  start\n"));
    assert_eq!(text(&debug), format!("tool(default)[{pid}]:\tDATE info: Running x  start\n"));
}

#[test]
fn debug_lines_go_to_the_debug_file_alone() {
    let directory = tempfile::tempdir().unwrap();
    let (file, debug) = (directory.path().join("log"), directory.path().join("debug"));
    let names = (file.to_str().unwrap(), debug.to_str().unwrap());
    let variables = [("HA_LOGFILE", names.0), ("HA_DEBUGLOG", names.1), ("HA_DATEFMT", "D "), ("HA_debug", "1")];
    let mut log = log_with(&variables);
    log.tag = "T".to_owned();
    log.debug("debug: one");
    assert_eq!((text(&file), text(&debug)), (String::new(), "T:\tD debug: one\n".to_owned()));
}

#[test]
fn one_file_for_both_gets_a_line_once() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("log");
    let name = file.to_str().unwrap();
    let variables = [("HA_LOGFILE", name), ("HA_DEBUGLOG", name), ("HA_DATEFMT", "D_"), ("HA_debug", "2")];
    let mut log = log_with(&variables);
    log.tag = "T".to_owned();
    log.log("one");
    log.debug("two");
    assert_eq!(text(&file), "D_ T:    one\nT:\tD_two\n");
}

#[test]
fn syslog_gets_the_priority_of_the_gravest_word() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("syslog");
    let socket = UnixDatagram::bind(&path).unwrap();
    let mut log = log_with(&[("HA_LOGFACILITY", "local0"), ("HA_debug", "1"), ("HA_LOGTAG", "T")]);
    log.syslog = path;
    let mut numbers = Vec::new();
    for line in ["ERROR: a", "WARN: a", "an INFO", "info: a", "CRIT: a", "INFO: no WARN", "WARN ERROR"] {
        log.log(line);
        numbers.push(first_and_end(&socket, line));
    }
    log.debug("debug: a");
    numbers.push(first_and_end(&socket, "debug: a"));
    assert_eq!(numbers, ["<131>", "<132>", "<134>", "<133>", "<133>", "<132>", "<131>", "<135>"]);
}

/// Reads one datagram, checks its end and gives its beginning.
fn first_and_end(socket: &UnixDatagram, line: &str) -> String {
    let mut buffer = [0; 200];
    let length = socket.recv(&mut buffer).unwrap();
    let datagram = String::from_utf8(buffer[..length].to_vec()).unwrap();
    assert!(datagram.ends_with(&format!(" T: {line}")), "{datagram}");
    datagram[..5].to_owned()
}

#[test]
fn ha_logd_gets_the_line_alone_and_without_a_second_severity() {
    let directory = tempfile::tempdir().unwrap();
    let (socket, file) = (directory.path().join("logd"), directory.path().join("log"));
    let mut log = log_with(&[("HA_LOGD", "yes"), ("HA_LOGFILE", file.to_str().unwrap())]);
    log.logd = Some(socket.clone());
    log.log("info: nobody listens");
    assert!(text(&file).ends_with("info: nobody listens\n"));
    let listener = UnixListener::bind(&socket).unwrap();
    log.log("info: taken");
    assert!(!text(&file).contains("taken"));
    let mut frame = Vec::new();
    std::io::Read::read_to_end(&mut listener.accept().unwrap().0, &mut frame).unwrap();
    assert!(frame.ends_with(b"info: taken\0"));
    assert_eq!(frame.get(24..28), Some(&[0; 4][..]));
}

#[test]
fn empty_variables_are_as_good_as_none() {
    let log =
        log_with(&[("HA_LOGFILE", ""), ("HA_LOGFACILITY", "none"), ("HA_DEBUGLOG", "/dev/null"), ("HA_debug", "0")]);
    assert_eq!((log.logfile, log.facility_named, log.debuglog, log.debug), (None, false, None, false));
    assert_eq!(log.date_format, DATE_FORMAT);
}

#[test]
fn blanks_of_the_date_are_joined_as_the_shell_does() {
    assert_eq!(joined("A\t\tb  c\t"), "A b c ");
    assert_eq!(joined("2026_"), "2026_");
    assert_eq!(joined(" \t"), "");
}
