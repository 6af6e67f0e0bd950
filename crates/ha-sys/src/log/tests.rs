//! The log as a whole: which target gets which line, with and without the thread.
#![cfg(test)]
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use super::*;
use std::fs;
use std::os::unix::net::UnixDatagram;
use std::path::Path;

const PATIENCE: Duration = Duration::from_secs(20);

fn settings(directory: &Path) -> LogSettings {
    LogSettings {
        logfile: Some(directory.join("ha-log")),
        debugfile: Some(directory.join("ha-debug")),
        stderr: false,
        ..LogSettings::stderr_only("heartbeat", "node1")
    }
}

/// The texts of a log file's lines: what stands after the severity.
fn texts(path: &Path) -> Vec<String> {
    let content = fs::read_to_string(path).unwrap_or_default();
    content.lines().map(|line| line.splitn(6, ": ").last().unwrap().to_owned()).collect()
}

#[test]
fn debug_lines_go_to_the_debug_file_only() {
    let directory = tempfile::tempdir().unwrap();
    let mut log = Logger::new(settings(directory.path()));
    log.log(Severity::Info, "seen");
    log.log(Severity::Debug, "detail");
    assert_eq!(texts(&directory.path().join("ha-log")), ["seen"]);
    assert_eq!(texts(&directory.path().join("ha-debug")), ["seen", "detail"]);
}

#[test]
fn a_line_carries_date_node_entity_and_process() {
    let directory = tempfile::tempdir().unwrap();
    let mut log = Logger::new(settings(directory.path()));
    log.log(Severity::Warn, "node brav: is dead");
    let line = fs::read_to_string(directory.path().join("ha-log")).unwrap();
    let (date, rest) = line.split_at(15);
    assert_eq!(rest, format!(" node1 heartbeat: [{}]: WARN: node brav: is dead\n", std::process::id()));
    assert!(date.as_bytes()[3] == b' ' && date.as_bytes()[9] == b':', "{date}");
}

#[test]
fn with_the_thread_lines_keep_their_order_and_flush_waits_for_them() {
    let directory = tempfile::tempdir().unwrap();
    let mut log = Logger::new(settings(directory.path()));
    log.log(Severity::Info, "0");
    log.start_thread().unwrap();
    for number in 1..500 {
        log.log(Severity::Info, &number.to_string());
    }
    assert!(log.flush(PATIENCE));
    let expected: Vec<_> = (0..500).map(|number| number.to_string()).collect();
    assert_eq!(texts(&directory.path().join("ha-log")), expected);
}

#[test]
fn a_change_of_the_targets_takes_effect_between_the_lines_around_it() {
    let directory = tempfile::tempdir().unwrap();
    let mut log = Logger::new(settings(directory.path()));
    log.start_thread().unwrap();
    log.log(Severity::Info, "old");
    log.change(LogSettings { logfile: Some(directory.path().join("new")), ..settings(directory.path()) });
    log.log(Severity::Info, "new");
    assert!(log.flush(PATIENCE));
    assert_eq!(texts(&directory.path().join("ha-log")), ["old"]);
    assert_eq!(texts(&directory.path().join("new")), ["new"]);
}

#[test]
fn lines_lost_while_the_directory_was_missing_are_counted_and_told() {
    let directory = tempfile::tempdir().unwrap();
    let inside = directory.path().join("log");
    let mut log = Logger::new(LogSettings { debugfile: None, ..settings(&inside) });
    log.log(Severity::Info, "lost");
    log.start_thread().unwrap();
    log.log(Severity::Info, "lost as well");
    assert!(log.flush(PATIENCE));
    fs::create_dir(&inside).unwrap();
    log.log(Severity::Info, "kept");
    assert!(log.flush(PATIENCE));
    assert_eq!(texts(&inside.join("ha-log")), ["kept", "2 messages lost"]);
}

#[test]
fn a_system_log_that_hangs_never_delays_the_caller_and_a_full_queue_counts_lines() {
    let directory = tempfile::tempdir().unwrap();
    let socket = directory.path().join("log");
    let hanging = UnixDatagram::bind(&socket).unwrap();
    let mut log = Logger::new(LogSettings {
        facility: Some(16),
        syslog_socket: socket,
        logfile: None,
        debugfile: None,
        ..settings(directory.path())
    });
    log.start_with(10).unwrap();
    let start = Instant::now();
    for number in 0..10_000 {
        log.log(Severity::Info, &number.to_string());
    }
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    assert!(!log.flush(Duration::from_millis(1)));
    // Once it is read again, the lines that are left come, and then the number of those that were lost.
    hanging.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut buffer = [0; 200];
    let start = Instant::now();
    let told = std::iter::repeat_with(|| {
        log.log(Severity::Info, "more");
        let length = hanging.recv(&mut buffer).unwrap();
        String::from_utf8(buffer[..length].to_vec()).unwrap()
    })
    .take_while(|_| start.elapsed() < PATIENCE)
    .any(|line| line.starts_with("<132>") && line.ends_with(" messages lost\0"));
    assert!(told);
}

#[test]
fn a_missing_ha_logd_makes_the_files_take_over() {
    let directory = tempfile::tempdir().unwrap();
    let logd_socket = Some(directory.path().join("log_daemon"));
    let mut log = Logger::new(LogSettings { logd_socket, ..settings(directory.path()) });
    log.log(Severity::Info, "direct");
    assert_eq!(texts(&directory.path().join("ha-log")), ["direct"]);
}

#[test]
fn flush_waits_for_the_line_that_is_being_written() {
    let directory = tempfile::tempdir().unwrap();
    let socket = directory.path().join("log");
    let _hanging = UnixDatagram::bind(&socket).unwrap();
    let filler = UnixDatagram::unbound().unwrap();
    filler.set_nonblocking(true).unwrap();
    while filler.send_to(b"full", &socket).is_ok() {}
    let log_settings = LogSettings { facility: Some(16), syslog_socket: socket, ..settings(directory.path()) };
    let mut log = Logger::new(LogSettings { logfile: None, debugfile: None, ..log_settings });
    log.start_thread().unwrap();
    log.log(Severity::Info, "waits half a second for room");
    let start = Instant::now();
    assert!(!log.flush(Duration::from_millis(100)));
    assert!(start.elapsed() >= Duration::from_millis(100));
    assert!(log.flush(PATIENCE));
}
