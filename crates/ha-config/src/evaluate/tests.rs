//! Tests of the evaluation as a whole. What the original says to hundreds of files is compared elsewhere, with its words.
#![cfg(test)]

use super::*;
use crate::scripted::{Interface, Scripted};
use cluster_protocol::settings::AutoFailback;
use std::time::Duration;

fn machine() -> Scripted {
    let mut machine = Scripted { node: "node1".into(), root: true, ..Scripted::default() };
    machine.core_files.uses_pid = true;
    let address = Some(([10, 9, 0, 1].into(), [10, 9, 0, 255].into()));
    machine.interfaces.insert("eth0".into(), Interface { index: 2, address });
    machine
}

fn judge(ha_cf: &str, haresources: &str) -> Evaluation {
    let files = Files {
        ha_cf: Source::Content(ha_cf.as_bytes()),
        authkeys: Source::Content(b"auth 1\n1 crc\n"),
        authkeys_mode: 0o600,
        haresources: Source::Content(haresources.as_bytes()),
    };
    evaluate(&files, Options { manages_resources: true }, &machine())
}

const USUAL: &str = "node node1 Node2\nbcast eth0\nauto_failback on\nlogfacility local0\n";

#[test]
fn a_good_file_becomes_a_configuration() {
    let result = judge(&format!("udpport 695\n{USUAL}keepalive 500ms\ndeadtime 8\nudpport 696\n"), "node1 a b\n");
    let config = result.config.unwrap();
    assert_eq!(config.nodes, ["node1", "node2"]);
    assert_eq!(config.media, [crate::config::Medium::Broadcast { interface: "eth0".into(), port: 695 }]);
    assert_eq!((config.keepalive, config.warntime), (Duration::from_millis(500), Duration::from_secs(4)));
    assert_eq!((config.initdead, config.deadping), (Duration::from_secs(16), Duration::from_secs(8)));
    assert_eq!(config.auto_failback, AutoFailback::On);
    assert_eq!(result.groups[0].resources.len(), 2);
    assert!(
        result.steps.iter().any(|step| matches!(
            step,
            Step::Finding(Located { finding: Finding::TooLate { directive: "udpport" }, .. })
        ))
    );
}

#[test]
fn every_problem_has_its_place() {
    let result = judge("node node1\n  keepalive 1 2s\nnonsense\n", "");
    assert!(result.config.is_none());
    let places: Vec<_> =
        result.findings().filter_map(|found| found.span).map(|span| (span.line, span.column)).collect();
    assert_eq!(places, [(2, 15), (3, 1)]);
    assert_eq!(result.exit, 6);
}

#[test]
fn changes_of_the_log_stand_between_the_findings() {
    let result = judge("nonsense\nlogfile /var/log/x\nnonsense\n", "");
    let kinds: Vec<bool> = result.steps.iter().map(|step| matches!(step, Step::Log(_))).collect();
    assert_eq!(kinds, [false, true, false, false]);
}

#[test]
fn nice_failback_counts_by_its_value() {
    let failback = |lines: &str| judge(&format!("{USUAL}{lines}"), "").config.unwrap().auto_failback;
    assert_eq!(failback("nice_failback on\n"), AutoFailback::Off);
    assert_eq!(failback("nice_failback off\n"), AutoFailback::Legacy);
    assert_eq!(failback("nice_failback on\nauto_failback on\n"), AutoFailback::On);
}

#[test]
fn resources_of_strangers_are_refused_where_they_stand() {
    let result = judge(USUAL, "node1 a\n  zeta b\n");
    let found = result.findings().last().unwrap();
    assert_eq!(found.finding, Finding::ResourceNode { name: "zeta".into() });
    assert_eq!(found.span, Some(Span { line: 2, column: 3 }));
}

#[test]
fn whoever_is_not_root_learns_it_by_the_exit_status() {
    let files = Files {
        ha_cf: Source::Content(USUAL.as_bytes()),
        authkeys: Source::Missing { denied: false },
        authkeys_mode: 0,
        haresources: Source::Missing { denied: false },
    };
    let mut machine = machine();
    assert_eq!(evaluate(&files, Options { manages_resources: true }, &machine).exit, 6);
    machine.root = false;
    assert_eq!(evaluate(&files, Options { manages_resources: true }, &machine).exit, 4);
}
