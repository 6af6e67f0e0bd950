//! Tests of the rules for child programs.
#![cfg(test)]
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use super::*;

fn program(command: &str, failfast: bool) -> Respawn {
    Respawn { user: "root".into(), uid: 0, gid: 7, command: command.into(), failfast }
}

fn at(seconds: u64) -> Mono {
    Mono(seconds * 1_000_000)
}

/// A supervisor of these programs, all running under the ids 100, 101, … since second 0.
fn running(programs: &[Respawn]) -> Supervisor {
    let mut supervisor = Supervisor::new(programs);
    let mut actions = Vec::new();
    supervisor.start(at(0), &mut actions);
    for index in 0..programs.len() {
        supervisor.started(index, Ok(100 + i32::try_from(index).unwrap()), at(0), &mut Vec::new());
    }
    supervisor
}

fn texts(actions: &[Action]) -> Vec<String> {
    let text = |action: &Action| match action {
        Action::Log((severity, text)) => format!("{severity}: {text}"),
        other => format!("{other:?}"),
    };
    actions.iter().map(text).collect()
}

#[test]
fn programs_start_in_file_order_with_the_original_s_lines() {
    let mut supervisor = Supervisor::new(&[program("/bin/a x", false), program("/bin/b", false)]);
    let mut actions = Vec::new();
    supervisor.start(at(0), &mut actions);
    supervisor.started(0, Ok(41), at(0), &mut actions);
    supervisor.started(1, Err("No such file or directory".into()), at(0), &mut actions);
    let expected = [
        "info: Starting child client \"/bin/a x\" (0,7)",
        "Start(0)",
        "info: Starting child client \"/bin/b\" (0,7)",
        "Start(1)",
        "info: Starting \"/bin/a x\" as uid 0  gid 7 (pid 41)",
        "ERROR: Cannot exec /bin/b: No such file or directory",
    ];
    assert_eq!(texts(&actions), expected);
    assert_eq!(supervisor.next_deadline(), None, "what cannot be executed is not tried again");
}

#[test]
fn a_quick_end_is_followed_by_a_start_a_second_later() {
    let mut supervisor = running(&[program("/bin/a", false)]);
    let mut actions = Vec::new();
    assert!(supervisor.ended(100, Ended::Signalled(15, false), at(5), &mut actions));
    let expected = [
        "WARN: Managed /bin/a process 100 killed by signal 15 [SIGTERM - Termination (ANSI)].",
        "ERROR: Respawning client \"/bin/a\":",
        "info: Starting child client \"/bin/a\" (0,7)",
    ];
    assert_eq!(texts(&actions), expected);
    assert_eq!(supervisor.next_deadline(), Some(at(6)));
    actions.clear();
    supervisor.tick(at(5), &mut actions);
    assert_eq!(actions, []);
    supervisor.tick(at(6), &mut actions);
    assert_eq!(actions, [Action::Start(0)]);
}

#[test]
fn after_a_long_life_it_starts_again_at_once() {
    let mut supervisor = running(&[program("/bin/a", false)]);
    let mut actions = Vec::new();
    supervisor.ended(100, Ended::Exited(0), at(30), &mut actions);
    assert_eq!(texts(&actions)[0], "info: Managed /bin/a process 100 exited with return code 0.");
    assert_eq!(supervisor.next_deadline(), Some(at(30)));
}

#[test]
fn exit_status_100_is_the_last_word() {
    let mut supervisor = running(&[program("/bin/a", false)]);
    let mut actions = Vec::new();
    supervisor.ended(100, Ended::Exited(100), at(1), &mut actions);
    assert_eq!(texts(&actions), ["WARN: Managed /bin/a process 100 exited with return code 100."]);
    assert_eq!(supervisor.next_deadline(), None);
}

#[test]
fn the_eleventh_quick_end_in_a_row_is_one_too_many_and_a_long_life_begins_the_count_again() {
    let mut supervisor = running(&[program("/bin/a", false)]);
    let mut now = 0;
    let mut end = |life: u64| {
        let mut actions = Vec::new();
        now += life;
        supervisor.ended(100, Ended::Exited(1), at(now), &mut actions);
        let last = texts(&actions).pop().unwrap();
        supervisor.started(0, Ok(100), at(now), &mut actions);
        last
    };
    for _ in 0..10 {
        assert!(end(1).contains("Starting child client"));
    }
    assert!(end(30).contains("Starting child client"));
    for _ in 0..10 {
        assert!(end(29).contains("Starting child client"));
    }
    assert_eq!(end(1), "ERROR: Client /bin/a \"respawning too fast\"");
}

#[test]
fn a_stop_ends_the_last_program_first_and_waits_for_each() {
    let mut supervisor = running(&[program("/bin/a", false), program("/bin/b", true)]);
    let mut actions = Vec::new();
    supervisor.stop(at(1), &mut actions);
    supervisor.ended(101, Ended::Signalled(15, false), at(2), &mut actions);
    supervisor.ended(100, Ended::Exited(0), at(3), &mut actions);
    let expected = [
        "info: killing /bin/b process group 101 with signal 15",
        "Terminate(101)",
        "info: killing /bin/a process group 100 with signal 15",
        "Terminate(100)",
        "AllStopped",
    ];
    assert_eq!(texts(&actions), expected, "and a failfast program that was told to end is no reason to reboot");
    supervisor.start(at(4), &mut actions);
    supervisor.stop(at(4), &mut actions);
    assert_eq!(actions.len(), expected.len(), "nothing starts any more, and it is said once");
}

#[test]
fn who_does_not_stop_in_time_is_killed() {
    let mut supervisor = running(&[program("/bin/a", false)]);
    let mut actions = Vec::new();
    supervisor.stop(at(0), &mut actions);
    actions.clear();
    supervisor.tick(at(29), &mut actions);
    assert_eq!(actions, []);
    supervisor.tick(supervisor.next_deadline().unwrap(), &mut actions);
    assert_eq!(texts(&actions), ["WARN: killing /bin/a process group 100 with signal 9", "Kill(100)"]);
}

#[test]
fn without_programs_a_stop_is_over_at_once() {
    let mut actions = Vec::new();
    Supervisor::new(&[]).stop(at(0), &mut actions);
    assert_eq!(actions, [Action::AllStopped]);
}

#[test]
fn a_failfast_program_that_dies_reboots_the_machine_but_not_one_that_ends_well() {
    let mut supervisor = running(&[program("/bin/a", true)]);
    let mut actions = Vec::new();
    supervisor.ended(100, Ended::Exited(0), at(1), &mut actions);
    assert!(!actions.contains(&Action::Reboot(0)));
    supervisor.started(0, Ok(100), at(2), &mut actions);
    actions.clear();
    supervisor.ended(100, Ended::Signalled(11, false), at(3), &mut actions);
    assert_eq!(texts(&actions)[1..], ["EMERG: Rebooting system.  Reason: /bin/a", "Reboot(0)"]);
}

#[test]
fn a_stranger_s_end_is_not_ours() {
    assert!(!running(&[program("/bin/a", false)]).ended(5, Ended::Exited(0), at(1), &mut Vec::new()));
}
