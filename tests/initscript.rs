//! The scripts around `ipvsadm`: `ipvsadm-save`, `ipvsadm-restore`, the start script, and Debian's unchanged ones.
//!
//! `tests/lab/initscript` runs them in the lab kernel, once for all tests here, and prints blocks; these tests compare
//! Debian's scripts on Debian's `ipvsadm` ("theirs") with the same scripts on ours ("driven") and with our scripts
//! ("ours"). `LAB_IPVSADM` names another program to test.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may stop at the first surprise, also in the helpers that clippy does not take for tests"
)]

use std::collections::BTreeMap;
use std::env;
use std::path::PathBuf;
use std::sync::LazyLock;
use std::thread;
use std::time::Duration;

use testkit::build::release_binary;
use testkit::paths::project_root;
use testkit::uml::Lab;

/// Name of a block, and what it printed.
type Blocks = BTreeMap<String, String>;

/// Each side with its blocks.
static SIDES: LazyLock<BTreeMap<&'static str, Blocks>> = LazyLock::new(|| {
    let ours = env::var_os("LAB_IPVSADM").map_or_else(|| release_binary("ipvsadm").unwrap(), PathBuf::from);
    let lab = Lab::default().memory("256M").limit(Duration::from_secs(300)).variable("LAB_IPVSADM", ours);
    let run = |side: &'static str| {
        let output = lab.run(&project_root().join("tests/lab/initscript"), &[side.into()]).unwrap();
        let printed = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{}: {printed}{}", output.status, String::from_utf8_lossy(&output.stderr));
        let parts = printed.split("## ").skip(1).filter_map(|part| part.split_once('\n'));
        (side, parts.map(|(name, rest)| (name.to_owned(), rest.to_owned())).collect())
    };
    // Each machine has one processor, the host more.
    thread::scope(|scope| {
        let machines = ["theirs", "driven", "ours"].map(|side| {
            scope.spawn({
                let run = &run;
                move || run(side)
            })
        });
        machines.into_iter().map(|machine| machine.join().unwrap()).collect()
    })
});

fn block(side: &str, name: &str) -> &'static str {
    let block = SIDES.get(side).and_then(|blocks| blocks.get(name));
    block.unwrap_or_else(|| panic!("no block {name} of {side}"))
}

/// The lines of a block that begin with `mark`, without it.
fn lines(side: &str, name: &str, mark: &str) -> Vec<&'static str> {
    block(side, name).lines().filter_map(|line| line.strip_prefix(mark)).collect()
}

/// Compares each block of `theirs` with the one of `side`, but for those named in `except`.
fn same(side: &str, except: &[&str]) {
    let theirs = &SIDES["theirs"];
    assert!(theirs.len() > 70, "only {} blocks", theirs.len());
    let mut differences = String::new();
    for (name, wanted) in theirs {
        let found = block(side, name);
        match except.contains(&name.as_str()) {
            true => assert_ne!(found, wanted, "{name} is listed as an exception, but is the same"),
            false if found != wanted => {
                differences.push_str(&format!("## {name}\ntheirs:\n{wanted}{side}:\n{found}\n"));
            }
            false => {}
        }
    }
    assert!(differences.is_empty(), "{differences}");
}

/// Rules at which `ipvsadm -R` stops. Debian's script has cleared the table by then.
const STOPS: [&str; 7] =
    ["garbage", "option-first", "illegal", "missing", "trailing-comment", "after-skipped", "nested"];

#[test]
fn debians_scripts_do_the_same_with_our_ipvsadm() {
    same("driven", &[]);
}

#[test]
fn our_scripts_do_the_same_as_debians_but_for_listed_improvements() {
    let stops: Vec<String> = STOPS.iter().map(|name| format!("restore-stops-{name}")).collect();
    let mut except: Vec<&str> = stops.iter().map(String::as_str).collect();
    except.extend([
        // No "done." or "." after "failed".
        "start-master-again",
        "stop-master-again",
        "start-bad-interface",
        "load-garbage-into-empty-table",
        // Only the differences, without clearing.
        "reload-none",
        "reload-both",
    ]);
    same("ours", &except);
}

#[test]
fn restore_keeps_the_table_where_debians_loses_it_and_says_the_same() {
    for name in STOPS.map(|name| format!("restore-stops-{name}")) {
        for mark in ["= ", "o|", "e|"] {
            assert_eq!(lines("ours", &name, mark), lines("theirs", &name, mark), "{name}");
        }
        let kept = ["-A -t 10.0.0.1:80 -s wrr -p 600", "-a -t 10.0.0.1:80 -r 10.0.0.11:80 -m -w 3"];
        assert_eq!(lines("ours", &name, "t|")[..2], kept, "{name}");
        assert!(!lines("theirs", &name, "t|").contains(&kept[0]), "{name}");
    }
}

#[test]
fn the_start_script_keeps_the_table_if_the_rules_are_wrong() {
    let table = ["-A -t 10.0.0.1:80 -s wrr", "-a -t 10.0.0.1:80 -r 10.0.0.11:80 -m -w 3", "-A -u 10.0.0.1:53 -s rr"];
    for verb in ["load", "start", "restart", "reload", "force-reload"] {
        let name = format!("{verb}-keeps-table");
        assert_eq!(lines("ours", &name, "t|"), table, "{name}");
        assert_eq!(lines("ours", &name, "= "), ["0"], "{name}");
        assert!(lines("ours", &name, "o|").contains(&"Loading IPVS configuration...failed."), "{name}");
        let complaint = lines("ours", &name, "e|").join("\n");
        assert!(complaint.starts_with("/etc/ipvsadm.rules:2:"), "{name}: {complaint}");
    }
}

#[test]
fn reload_carries_out_only_the_difference() {
    let name = "reload-applies-difference";
    assert_eq!(lines("ours", name, "= "), ["0"]);
    assert_eq!(lines("ours", name, "o|"), ["Loading IPVS configuration...done.", "UDP  10.0.0.1:53 connections 1"]);
    let table = ["-A -t 10.0.0.5:80 -s wlc", "-A -u 10.0.0.1:53 -s rr", "-a -u 10.0.0.1:53 -r 10.0.0.11:53 -m -w 1"];
    assert_eq!(lines("ours", name, "t|"), table);
    for name in ["reload-none", "reload-both"] {
        for mark in ["= ", "e|", "t|", "d|"] {
            assert_eq!(lines("ours", name, mark), lines("theirs", name, mark), "{name}");
        }
    }
}

#[test]
fn reload_takes_files_with_more_than_rules_as_ever() {
    let name = "reload-falls-back";
    let said = ["Clearing the current IPVS table...done.", "Loading IPVS configuration...done."];
    assert_eq!(lines("ours", name, "o|"), said);
    assert_eq!(lines("ours", name, "t|"), ["-A -t 10.0.0.5:80 -s wlc"]);
}

#[test]
fn the_verbs_of_red_hat_work() {
    assert_eq!(lines("ours", "panic", "= "), ["0"]);
    assert!(lines("ours", "panic", "t|").is_empty());
    assert_eq!(lines("ours", "reload-force", "t|"), ["-A -t 10.0.0.6:80 -s wlc"]);
    assert_eq!(lines("ours", "usage", "= "), ["1"]);
}

#[test]
fn rules_in_sysconfig_need_no_settings() {
    let loaded = ["Clearing the current IPVS table...done.", "Loading IPVS configuration...done."];
    assert_eq!(lines("ours", "sysconfig-start", "o|"), [loaded[0], loaded[1], "lock: /var/lock/subsys/ipvsadm"]);
    assert_eq!(lines("ours", "sysconfig-start", "t|"), ["-A -t 10.0.0.8:80 -s wlc"]);
    let saved = ["Saving IPVS configuration...done.", "-A -t 10.0.0.8:80 -s wlc", "-A -t 10.0.0.9:80 -s wlc"];
    assert_eq!(lines("ours", "sysconfig-save", "o|"), saved);
    assert_eq!(lines("ours", "sysconfig-stop", "o|"), [loaded[0], "lock: /var/lock/subsys/*"]);
}

#[test]
fn a_failure_shows_in_the_status_if_that_is_wanted() {
    assert_eq!(lines("ours", "strict-start", "= "), ["0"]);
    assert_eq!(lines("ours", "strict-start", "t|"), ["-A -t 10.0.0.7:80 -s wlc"]);
    assert_eq!(lines("ours", "strict-failure", "= "), ["1"]);
}

#[test]
fn a_save_that_fails_keeps_the_file() {
    let said = ["Saving IPVS configuration...failed.", "kept", "/etc/ipvsadm.rules"];
    assert_eq!(lines("ours", "save-failure-keeps-file", "o|"), said);
}

#[test]
fn the_commands_of_the_systemd_unit_start_reload_and_stop() {
    let table = ["-A -t 10.0.0.1:80 -s wrr", "-a -t 10.0.0.1:80 -r 10.0.0.11:80 -m -w 3", "-A -u 10.0.0.1:53 -s rr"];
    assert_eq!(lines("ours", "unit-start", "t|"), table);
    let daemons = lines("ours", "unit-start-post", "d|");
    assert_eq!(daemons.len(), 2);
    assert!(daemons.iter().all(|line| line.contains("(mcast=eth0, syncid=7, ")), "{daemons:?}");
    let reloaded = [table[0], "-a -t 10.0.0.1:80 -r 10.0.0.12:80 -m -w 1"];
    assert_eq!(lines("ours", "unit-reload", "t|"), reloaded);
    assert_eq!(lines("ours", "unit-reload-wrong", "= "), ["2"]);
    assert_eq!(lines("ours", "unit-reload-wrong", "t|"), reloaded);
    for name in ["unit-start", "unit-start-post", "unit-reload", "unit-stop"] {
        assert_eq!(lines("ours", name, "= "), ["0"], "{name}");
        assert!(lines("ours", name, "e|").is_empty(), "{name}");
    }
    assert!(lines("ours", "unit-stop", "t|").is_empty() && lines("ours", "unit-stop", "d|").is_empty());
}
