//! Calls of real scripts in a directory of their own.

use super::*;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;
use tempfile::TempDir;

fn place(script: &str) -> (TempDir, Settings) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("Q");
    fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(&path, Permissions::from_mode(0o755)).unwrap();
    let mut settings = Settings::from_env();
    settings.resource_directory = directory.path().to_owned();
    settings.init_directory = directory.path().join("init.d");
    settings.debug_log = directory.path().join("debug");
    (directory, settings)
}

fn status(settings: &Settings, word: &str) -> Running {
    let log = HaLog::from_env("test");
    Runner { settings, log: &log, stderr: Stderr::DebugLog }.status(&Resource::parse(word))
}

fn operate(settings: &Settings, word: &str, verb: &str) -> i32 {
    let log = HaLog::from_env("test");
    Runner { settings, log: &log, stderr: Stderr::DebugLog }.operate(&Resource::parse(word), verb)
}

#[test]
fn arguments_come_before_the_verb_and_output_goes_to_the_debug_log() {
    let (directory, settings) = place(r#"echo "$#:$*"; echo "$LC_ALL,$LANG,$HA_DIR" >&2; exit 5"#);
    assert_eq!(operate(&settings, "Q::*::b", "start"), 5);
    assert_eq!(fs::read_to_string(directory.path().join("debug")).unwrap(), "3:* b start\nC,,/etc/ha.d\n");
}

#[test]
fn only_standard_output_is_the_status() {
    let (directory, settings) = place("echo $2; echo running >&2; exit $1");
    // The verb is the last argument, so the text is the second.
    for (word, expected) in [("Q::0::stopped", Running::No), ("Q::7::running", Running::Yes)] {
        assert_eq!(status(&settings, word), expected, "{word}");
    }
    assert_eq!(status(&settings, "missing"), Running::No);
    assert_eq!(operate(&settings, "missing", "stop"), 1);
    assert_eq!(fs::read_to_string(directory.path().join("debug")).unwrap(), "running\n".repeat(2));
}

#[test]
fn a_log_that_cannot_be_written_does_not_fail_the_script() {
    let (directory, mut settings) = place("set -e; echo text; echo more >&2");
    settings.debug_log = directory.path().join("missing/debug");
    assert_eq!(operate(&settings, "Q", "start"), 0);
}

#[test]
fn a_limit_ends_a_call_and_leaves_the_status_unknown() {
    let (_directory, mut settings) = place("exec sleep 1000");
    settings.script_timeout = Some(Duration::from_millis(200));
    assert_eq!(operate(&settings, "Q", "start"), 124);
    assert_eq!(status(&settings, "Q"), Running::Unknown);
}

#[test]
fn a_script_without_an_interpreter_is_run_by_the_shell() {
    let (directory, settings) = place("");
    fs::write(directory.path().join("Q"), "echo running $1\necho more >&2; exit 3\n").unwrap();
    assert_eq!(status(&settings, "Q"), Running::Yes);
    assert_eq!(operate(&settings, "Q::x", "start"), 3);
    assert_eq!(fs::read_to_string(directory.path().join("debug")).unwrap(), "more\nrunning x\nmore\n");
    fs::write(directory.path().join("Q"), "#!/nonexistent/interpreter\n").unwrap();
    assert_eq!((status(&settings, "Q"), operate(&settings, "Q", "stop")), (Running::No, 126));
}
