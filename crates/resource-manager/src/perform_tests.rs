//! Whole groups with real scripts that record their calls.

use super::*;
use crate::table::Table;
use crate::truth::State;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use tempfile::TempDir;

/// Records each call; arguments say what fails.
const RECORDER: &str = r#"#!/bin/sh
for verb; do :; done
echo "$(basename "$0") $*" >> "$RECORD/calls"
case "$verb:$1" in
status:up*) echo running ;;
start:bad|stop:up-stuck|stop:stuck) exit 3 ;;
esac
exit 0
"#;

fn place() -> (TempDir, Settings) {
    let directory = tempfile::tempdir().unwrap();
    for name in ["Q", "reboot"] {
        let path = directory.path().join(name);
        fs::write(&path, RECORDER).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o755)).unwrap();
    }
    let mut settings = Settings::from_env();
    settings.node = "alpha".to_owned();
    settings.stop_retries = 1;
    settings.resource_directory = directory.path().to_owned();
    settings.truth_directory = directory.path().join("truth");
    settings.debug_log = "/dev/null".into();
    settings.reboot_command = Some(directory.path().join("reboot"));
    settings.reboot_kills = false;
    settings.environment.push(("RECORD".into(), directory.path().into()));
    (directory, settings)
}

/// Does it for the only group of this text; gives the exit status, the calls and the record.
fn run(text: &str, goal: Goal, directory: &TempDir, settings: &Settings) -> (i32, Vec<String>, GroupTruth) {
    let table = Table::parse(text.as_bytes());
    let group = &table.groups()[0];
    let _ = fs::remove_file(directory.path().join("calls"));
    let code = perform(group, goal, settings, &HaLog::from_env("test"));
    let calls = fs::read_to_string(directory.path().join("calls")).unwrap();
    let truth = GroupTruth::load(&settings.truth_directory, table::key(group), &group.node.text);
    (code, calls.lines().map(str::to_owned).collect(), truth)
}

#[test]
fn a_group_is_started_and_recorded() {
    let (directory, settings) = place();
    let (code, calls, truth) = run("alpha Q::a Q::up", Goal::Acquire, &directory, &settings);
    assert_eq!((code, truth.state), (0, State::Running));
    assert_eq!(calls, ["Q a status", "Q a start", "Q up status"]);
    let (code, calls, truth) = run("alpha Q::a Q::up", Goal::Release, &directory, &settings);
    assert_eq!((code, truth.state), (0, State::Stopped));
    assert_eq!(calls, ["Q up stop", "Q a stop"]);
}

#[test]
fn a_failed_start_is_recorded_and_counted() {
    let (directory, settings) = place();
    let text = "beta Q::a Q::bad";
    let (code, calls, truth) = run(text, Goal::Acquire, &directory, &settings);
    assert_eq!((code, truth.state, truth.failed_starts), (0, State::Failed, 1));
    assert_eq!(calls[3..], ["Q bad start", "Q bad stop", "Q a stop"]);
    let failure = truth.last_failure.unwrap();
    assert_eq!((failure.resource.as_str(), failure.verb.as_str(), failure.code), ("Q::bad", "start", 3));
    let (_, _, truth) = run(text, Goal::Acquire, &directory, &settings);
    assert_eq!((truth.failed_starts, truth.node.as_str()), (2, "beta"));
}

#[test]
fn what_cannot_be_stopped_reboots_by_the_command_that_was_given() {
    let (directory, settings) = place();
    let (code, calls, truth) = run("alpha Q::a Q::up-stuck", Goal::Release, &directory, &settings);
    assert_eq!((code, truth.state), (3, State::Failed));
    let expected = ["Q up-stuck stop", "Q up-stuck stop", "Q up-stuck status", "reboot -nf", "Q a stop"];
    assert_eq!(calls, expected);
    let (code, calls, _) = run("alpha Q::stuck", Goal::Release, &directory, &settings);
    assert_eq!((code, calls.last().map(String::as_str)), (0, Some("Q stuck status")));
}
