//! Tests of the comparison: each rule can be broken.

use super::*;
use crate::resource_trace::format::Row;
use crate::resource_trace::phases::Phases;

fn conf() -> Conf {
    Conf { ha_cf: "node a\nnode b\n".into(), haresources: "a LabA::1 LabB::1\nb LabC::1\n".into() }
}

/// Rows from lines like `1.5 a script LabA start 0`; an underline stands for a blank.
fn phases(lines: &[&str]) -> Phases {
    let mut rows = vec![Row::event(0.0, "go")];
    for line in lines {
        let [at, node, kind, name, verb, rc] = line.split(' ').collect::<Vec<_>>()[..] else { panic!("{line}") };
        let mut row = Row::event(at.parse().unwrap(), &name.replace('_', " "));
        row.begin -= 0.1;
        row.node = node.into();
        row.kind = crate::resource_trace::Kind::named(kind).unwrap();
        if kind == "script" {
            row.name = format!("/etc/ha.d/resource.d/{name}");
            row.args = "1".into();
        }
        (row.verb, row.detail) = (verb.into(), format!("rc={rc}"));
        rows.push(row);
    }
    Phases::split(&rows, &["a", "b"], &["go".to_owned()]).unwrap()
}

fn same(wanted: &[&str], found: &[&str]) -> bool {
    let seen = ["a", "b"].map(|node| (node.to_owned(), Seen { wrapped: true, asked: true })).into();
    Comparison::new(&phases(wanted), &phases(found), &conf(), &seen).is_same()
}

#[test]
fn the_sequence_of_each_node_counts_but_not_how_nodes_interleave() {
    let recorded = ["1 a script LabA start 0", "2 b script LabC start 0", "3 a script LabB start 0"];
    assert!(same(&recorded, &["1 b script LabC start 0", "2 a script LabA start 0", "3 a script LabB start 0"]));
    assert!(!same(&recorded, &["1 b script LabC start 0", "2 a script LabB start 0", "3 a script LabA start 0"]));
    assert!(!same(&recorded, &["1 b script LabC start 0", "2 a script LabA start 0", "3 a script LabB start 1"]));
    assert!(!same(&recorded, &recorded[..2]));
}

#[test]
fn only_the_status_of_an_own_first_resource_may_come_at_another_place() {
    let recorded = ["1 a script LabA status 0", "2 a script LabC status 3", "3 a script LabC start 0"];
    assert!(same(&recorded, &["1 a script LabC status 3", "2 a script LabA status 0", "3 a script LabC start 0"]));
    assert!(!same(&recorded, &["1 a script LabA status 0", "2 a script LabC start 0", "3 a script LabC status 3"]));
    assert!(!same(&recorded, &["1 a script LabC status 3", "2 a script LabC start 0"]));
}

#[test]
fn what_moves_is_stopped_before_it_is_started() {
    let recorded = ["1 a script LabA stop 0", "2 b script LabA start 0"];
    assert!(same(&recorded, &["1 a script LabA stop 0", "1.1 b script LabA start 0"]));
    assert!(!same(&recorded, &["2 a script LabA stop 0", "1 b script LabA start 0"]));
}

#[test]
fn fencing_comes_first() {
    let recorded = ["1 a stonith-plugin external/labst_reset_b x 0", "2 a script LabC start 0"];
    assert!(same(&recorded, &recorded));
    assert!(!same(&recorded, &recorded[1..]));
    assert!(!same(&recorded, &["0.5 a script LabC start 0", recorded[0]]));
}

#[test]
fn nothing_takes_much_longer() {
    let recorded = ["1 a script LabA start 0"];
    assert!(same(&recorded, &["8.5 a script LabA start 0"]));
    assert!(!same(&recorded, &["9.5 a script LabA start 0"]));
}

#[test]
fn messages_and_calls_of_rc_d_count() {
    for row in ["1 a message stonith x 0", "1 a message shutdone x 0", "1 a rc-script rc.d/ip-request x 0"] {
        assert!(same(&[row], &[row]) && !same(&[row], &[]), "{row}");
    }
    for row in ["1 a message resource x 0", "1 a rc-script rc.d/status x 0"] {
        assert!(same(&[row], &[]), "{row}");
    }
}

#[test]
fn edits_of_the_recorded_run_are_what_is_expected() {
    let mut wanted = phases(&["1 a script LabC status 0", "2 a script LabC status 0", "3 a script LabB start 0"]);
    let seen = ["a", "b"].map(|node| (node.to_owned(), Seen::default())).into();
    let compare = |wanted: &Phases, found: &[&str]| Comparison::new(wanted, &phases(found), &conf(), &seen).is_same();
    let short = ["1 a script LabC status 0", "3 a script LabB start 0"];
    assert!(!compare(&wanted, &short));
    wanted.may_lack(0, "a", "LabC 1 status").unwrap();
    assert!(compare(&wanted, &short));
    assert!(compare(&wanted, &["1 a script LabC status 0", "2 a script LabC status 0", "3 a script LabB start 0"]));
    assert!(!compare(&wanted, &short[1..]));
    assert!(wanted.may_lack(0, "a", "LabC 1 stop").is_err());
    wanted.replace(0, "a", &["LabB 1 start", "LabB 1 stop !"]).unwrap();
    assert!(compare(&wanted, &["1 a script LabB start 0", "2 a script LabB stop 1"]));
    wanted.free(0, "a", &[Free::Interleaving]).unwrap();
    wanted.replace(0, "a", &["LabA 1 start", "LabB 1 start"]).unwrap();
    assert!(compare(&wanted, &["1 a script LabB start 0", "2 a script LabA start 0"]));
}

#[test]
fn what_is_free_is_not_compared_and_the_rest_is() {
    let recorded = ["1 a script LabA status 3", "2 a script LabA start 0", "3 a message stonith x 0"];
    let seen = ["a", "b"].map(|node| (node.to_owned(), Seen::default())).into();
    let with = |what: &[Free], found: &[&str]| {
        let mut wanted = phases(&recorded);
        wanted.free(0, "a", what).unwrap();
        Comparison::new(&wanted, &phases(found), &conf(), &seen).is_same()
    };
    assert!(with(&[Free::Racing], &recorded[1..]) && !with(&[Free::Racing], &[recorded[0], recorded[2]]));
    assert!(with(&[Free::Calls], &recorded[2..]) && !with(&[Free::Calls], &recorded[..2]));
    assert!(with(&[Free::Messages], &recorded[..2]) && !with(&[Free::Messages], &recorded[1..]));
}
