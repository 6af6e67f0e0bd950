//! Whole transitions with scripted results.

use super::*;

fn plan(words: &[&str]) -> Plan {
    let members = words.iter().map(|word| Member { word: (*word).to_owned(), address: word.starts_with("IP") });
    Plan {
        shown: format!("alpha {}", words.join(" ")),
        members: members.collect(),
        own: true,
        failed_before: 0,
        stop_retries: 1,
    }
}

/// Runs a transition. `running` are the resources whose status says so; `faults` the calls that fail, as `start b=3`,
/// each time they are made. Gives all steps, one a line.
fn run(mut transition: Transition, running: &str, faults: &[&str]) -> Vec<String> {
    let words: Vec<String> = transition.plan.members.iter().map(|member| member.word.clone()).collect();
    let code = |verb: &str, resource: usize| {
        let call = format!("{verb} {}=", words[resource]);
        faults.iter().find_map(|fault| fault.strip_prefix(call.as_str())).map_or(0, |code| code.parse().unwrap())
    };
    let mut steps = Vec::new();
    let mut answer = Answer::Begin;
    for _ in 0..100 {
        let mut notes = Vec::new();
        let ask = transition.next(answer, &mut notes);
        steps.extend(notes.into_iter().map(|note| match note {
            Note::Log(text) => text,
            Note::State(state) => format!("= {state:?}"),
            Note::Announce(resource) => format!("announce {}", words[resource]),
            Note::Failed { resource, verb, code } => format!("failed {verb} {} {code}", words[resource]),
            Note::DelayedStandby(set) => format!("standby {set}"),
        }));
        answer = match ask {
            Ask::Status(resource) => {
                steps.push(format!("status {}", words[resource]));
                Answer::Running(running.split(' ').any(|word| word == words[resource]))
            }
            Ask::Start(resource) => {
                steps.push(format!("start {}", words[resource]));
                Answer::Code(code("start", resource))
            }
            Ask::Stop(resource) => {
                steps.push(format!("stop {}", words[resource]));
                Answer::Code(code("stop", resource))
            }
            Ask::Wait(time) => {
                steps.push(format!("wait {}", time.as_secs()));
                Answer::Done
            }
            Ask::Reboot => {
                steps.push("reboot".to_owned());
                Answer::Done
            }
            Ask::Finished(exit) => {
                steps.push(format!("exit {exit}"));
                return steps;
            }
        };
    }
    panic!("no end: {steps:#?}");
}

#[test]
fn acquisition_goes_from_left_to_right_and_asks_first() {
    let steps = run(Transition::acquire(plan(&["a", "b"])), "", &[]);
    let expected = [
        "info: Acquiring resource group: alpha a b",
        "= Starting",
        "status a",
        "start a",
        "status b",
        "start b",
        "= Running",
        "exit 0",
    ];
    assert_eq!(steps, expected);
}

#[test]
fn what_runs_is_not_started_and_addresses_are_announced() {
    let steps = run(Transition::acquire(plan(&["IPaddr::1", "b"])), "IPaddr::1 b", &[]);
    assert_eq!(steps[2..], ["status IPaddr::1", "announce IPaddr::1", "status b", "= Running", "exit 0"]);
    let started = run(Transition::acquire(plan(&["IPaddr::1"])), "", &[]);
    assert!(!started.iter().any(|step| step.starts_with("announce")));
}

#[test]
fn release_goes_from_right_to_left_without_asking() {
    let steps = run(Transition::release(plan(&["a", "b"])), "a", &[]);
    let expected =
        ["info: Releasing resource group: alpha a b", "= Stopping", "stop b", "stop a", "= Stopped", "exit 0"];
    assert_eq!(steps, expected);
}

#[test]
fn a_failed_start_releases_the_whole_group_and_lets_the_peer_have_it() {
    let steps = run(Transition::acquire(plan(&["a", "b", "c"])), "", &["start b=4"]);
    let expected = [
        "status a",
        "start a",
        "status b",
        "start b",
        "failed start b 4",
        "CRIT: Giving up resources due to failure of b",
        "info: Releasing resource group: alpha a b c",
        "= Stopping",
        "stop c",
        "stop b",
        "stop a",
        "= Failed",
        "standby local",
        "exit 0",
    ];
    assert_eq!(steps[2..], expected);
    let foreign = run(Transition::acquire(Plan { own: false, ..plan(&["a"]) }), "", &["start a=1"]);
    assert!(foreign.contains(&"standby foreign".to_owned()), "{foreign:?}");
}

#[test]
fn a_second_failed_start_in_a_row_moves_nothing() {
    let steps = run(Transition::acquire(Plan { failed_before: 1, ..plan(&["a"]) }), "", &["start a=1"]);
    assert!(!steps.iter().any(|step| step.starts_with("standby")), "{steps:?}");
    assert!(steps.iter().any(|step| step.ends_with("it stays stopped")), "{steps:?}");
}

#[test]
fn a_failed_stop_is_retried_and_forgiven_if_nothing_runs() {
    let steps = run(Transition::release(Plan { stop_retries: 2, ..plan(&["a", "b"]) }), "a", &["stop b=4"]);
    let expected = [
        "stop b",
        "failed stop b 4",
        "wait 1",
        "info: Retrying failed stop operation [b]",
        "stop b",
        "failed stop b 4",
        "wait 1",
        "info: Retrying failed stop operation [b]",
        "stop b",
        "failed stop b 4",
        "status b",
        "ERROR: Resource script for b probably not LSB-compliant.",
        "WARN: it (b) MUST succeed on a stop when already stopped",
        "WARN: Machine reboot narrowly avoided!",
        "stop a",
        "= Stopped",
        "exit 0",
    ];
    assert_eq!(steps[2..], expected);
}

#[test]
fn a_resource_that_cannot_be_stopped_costs_the_machine_and_the_rest_is_still_stopped() {
    let steps = run(Transition::release(plan(&["a", "b"])), "b", &["stop b=4"]);
    let expected = [
        "status b",
        "= Failed",
        "CRIT: Resource STOP failure. Reboot required!",
        "reboot",
        "stop a",
        "= Failed",
        "exit 4",
    ];
    assert_eq!(steps[steps.len() - expected.len()..], expected);
}

#[test]
fn without_a_limit_stops_are_tried_for_ever() {
    let mut transition = Transition::release(Plan { stop_retries: 0, ..plan(&["a"]) });
    let mut notes = Vec::new();
    assert_eq!(transition.next(Answer::Begin, &mut notes), Ask::Stop(0));
    for _ in 0..1000 {
        assert_eq!(transition.next(Answer::Code(1), &mut notes), Ask::Wait(PAUSE));
        assert_eq!(transition.next(Answer::Done, &mut notes), Ask::Stop(0));
    }
    assert_eq!(transition.next(Answer::Code(0), &mut notes), Ask::Finished(0));
}

#[test]
fn an_answer_to_another_question_ends_it() {
    let mut transition = Transition::acquire(plan(&["a"]));
    assert_eq!(transition.next(Answer::Code(0), &mut Vec::new()), Ask::Finished(1));
}

#[test]
fn no_answer_means_start_it_but_never_that_it_was_stopped() {
    let mut acquire = Transition::acquire(plan(&["a"]));
    assert_eq!(acquire.next(Answer::Begin, &mut Vec::new()), Ask::Status(0));
    assert_eq!(acquire.next(Answer::Unknown, &mut Vec::new()), Ask::Start(0));
    let mut release = Transition::release(plan(&["a"]));
    let mut notes = Vec::new();
    let answers = [Answer::Begin, Answer::Code(1), Answer::Done, Answer::Code(1), Answer::Unknown];
    let asked = answers.map(|answer| release.next(answer, &mut notes));
    assert_eq!(asked, [Ask::Stop(0), Ask::Wait(PAUSE), Ask::Stop(0), Ask::Status(0), Ask::Reboot]);
}
