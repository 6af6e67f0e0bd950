//! What follows from which knowledge.

use super::*;

const FILE: &[u8] = b"alpha IPaddr::10.0.0.1 web\nBeta IPaddr::10.0.0.2\n";

fn truth(key: &str, state: State) -> GroupTruth {
    GroupTruth {
        key: key.to_owned(),
        node: "alpha".to_owned(),
        state,
        since: 100,
        last_transition: Some(90),
        last_failure: None,
        failed_starts: 0,
    }
}

fn engine(peers: &str) -> Engine {
    let text = format!(r#"{{"node":"alpha","pid":1,"stable":true,"holds":"local","peers":[{peers}],"new":1}}"#);
    serde_json::from_str(&text).unwrap()
}

fn report(peers: &str, truth: &[GroupTruth]) -> Report {
    Report::new("alpha", true, Some(&engine(peers)), &ha_config::haresources::groups(FILE), truth)
}

fn verdicts(report: &Report) -> Vec<Verdict> {
    report.groups.iter().map(|group| group.verdict).collect()
}

#[test]
fn a_peer_of_another_kind_is_believed() {
    let peer = r#"{"node":"beta","alive":true,"ours":false,"holds":"local"}"#;
    let report = report(peer, &[truth("IPaddr::10.0.0.1", State::Running)]);
    assert_eq!(verdicts(&report), [Verdict::Running, Verdict::Running]);
    assert!(report.groups[1].places[0].claimed);
    assert_eq!(report.exit_status(), 0);
}

#[test]
fn a_peer_that_reports_is_not_believed_beyond_its_report() {
    let peer = r#"{"node":"beta","alive":true,"ours":true,"holds":"all",
        "groups":[{"key":"IPaddr::10.0.0.2","state":"failed","since":5,"failure":"x start returned 1"}]}"#;
    let report = report(peer, &[truth("IPaddr::10.0.0.1", State::Running)]);
    assert_eq!(verdicts(&report), [Verdict::Running, Verdict::Failed]);
    assert_eq!(report.groups[1].last_failure.as_deref(), Some("beta: x start returned 1"));
    assert_eq!(report.exit_status(), 2);
}

#[test]
fn a_dead_peer_holds_nothing() {
    let peer = r#"{"node":"beta","alive":false,"ours":false,"holds":"all"}"#;
    let report = report(peer, &[truth("IPaddr::10.0.0.1", State::Stopping)]);
    assert_eq!(verdicts(&report), [Verdict::Moving, Verdict::Stopped]);
    assert_eq!(report.exit_status(), 2);
}

#[test]
fn a_group_on_both_nodes_is_an_error() {
    let peer = r#"{"node":"beta","alive":true,"ours":true,
        "groups":[{"key":"IPaddr::10.0.0.1","state":"running"},{"key":"IPaddr::10.0.0.2","state":"running"}]}"#;
    let report = report(peer, &[truth("IPaddr::10.0.0.1", State::Running)]);
    assert_eq!(verdicts(&report), [Verdict::Twice, Verdict::Running]);
    assert_eq!(report.exit_status(), 2);
}

#[test]
fn a_group_that_left_the_file_while_it_ran_is_still_shown() {
    let report = report("", &[truth("old", State::Running), truth("older", State::Stopped)]);
    let last = report.groups.last().unwrap();
    assert_eq!((report.groups.len(), last.key.as_str(), last.home.as_deref()), (3, "old", None));
}

#[test]
fn without_a_daemon_its_old_words_do_not_count() {
    let peer = r#"{"node":"beta","alive":true,"holds":"all"}"#;
    let groups = ha_config::haresources::groups(FILE);
    let report = Report::new("alpha", false, Some(&engine(peer)), &groups, &[]);
    assert_eq!((report.exit_status(), report.peers.len(), report.daemon.is_none()), (1, 0, true));
}

#[test]
fn failures_of_peers_are_worded_and_nonsense_is_shown_as_it_is() {
    assert!(told("Q::a:start:1:1795000009").starts_with("Q::a start returned 1 at "));
    assert_eq!(told("nonsense"), "nonsense");
    assert_eq!(told("a:start:x:y"), "a:start:x:y");
}
