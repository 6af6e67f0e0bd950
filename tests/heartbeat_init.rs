//! The start script of Debian's heartbeat, unchanged, driving ours: what it prints and returns is what it prints and
//! returns with the original. And a script in the manner of Red Hat, which looks for processes by name.
//!
//! Each runs on a node of its own, in namespaces; needs root and the package `heartbeat`.
#![cfg(test)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise, also in helpers")]

use std::thread;
use std::time::Duration;

use testkit::build::heartbeat_under_test;
use testkit::cluster::{Cluster, Mark, Network, Node, NodeConfig, Program};

/// Far longer than anything takes.
const CEILING: Duration = Duration::from_secs(60);

const SCRIPT: &str = "/etc/init.d/heartbeat";

/// The verbs in their order. `restart` waits for the dead time and ten seconds more: the script's own pace.
const VERBS: [&str; 11] =
    ["status", "stop", "start", "status", "start", "reload", "force-reload", "restart", "stop", "status", "nonsense"];

/// What a verb printed and returned, process numbers replaced.
#[derive(Debug, PartialEq, Eq)]
struct Answer {
    verb: &'static str,
    out: String,
    status: Option<i32>,
}

fn ours() -> Program {
    Program::Ours(heartbeat_under_test().unwrap())
}

/// The first node of a cluster whose second node stays off: the dead peer's groups are taken over, and all is settled.
fn one_node<T>(name: &str, program: &Program, lines: &[&str], story: impl FnOnce(&Node) -> T) -> T {
    let config = |node| lines.iter().fold(NodeConfig::new(node, program.clone()), |config, line| config.line(line));
    let cluster = Cluster::new(name, &[Network::Bridge], vec![config("node1"), config("node2")]).unwrap();
    let node = cluster.node(0).unwrap();
    node.switch_on().unwrap();
    story(node)
}

fn without_numbers(text: &str) -> String {
    let mut result = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("[pid ") {
        result.push_str(before);
        result.push_str("[pid N");
        rest = after.trim_start_matches(|c: char| c.is_ascii_digit());
    }
    result + rest
}

/// Runs the verbs. `settled` is the line after which a stop has nothing to wait for: an original that is stopped before
/// it may wait for ever (observed on heartbeat 3.0.6).
fn verbs(node: &Node, settled: &str) -> Vec<Answer> {
    let mut mark: Option<Mark> = None;
    let mut answer = |verb: &'static str| {
        if let (Some(from), "stop" | "restart") = (mark, verb) {
            node.wait_for_log(from, settled, CEILING).unwrap();
            mark = Some(node.mark());
        } else if verb == "start" && mark.is_none() {
            mark = Some(node.mark());
        }
        let output = node.run(SCRIPT, &[verb]).unwrap();
        let out = without_numbers(&String::from_utf8(output.stdout).unwrap());
        Answer { verb, out, status: output.status.code() }
    };
    VERBS.map(&mut answer).into()
}

#[test]
fn the_unchanged_start_script_cannot_tell_ours_from_the_original() {
    let [theirs, ours] = thread::scope(|scope| {
        let sides = [
            ("init-theirs", Program::Original, "Initial resource acquisition complete"),
            ("init-ours", ours(), "Local status now set to: 'active'"),
        ];
        let sides = sides.map(|(name, program, settled)| {
            scope.spawn(move || one_node(name, &program, &[], |node| verbs(node, settled)))
        });
        sides.map(|side| side.join().unwrap())
    });
    let statuses: Vec<_> = theirs.iter().map(|answer| answer.status).collect();
    assert_eq!(statuses, [3, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1].map(Some), "the original has changed: {theirs:?}");
    assert!(theirs.iter().all(|answer| !answer.out.is_empty()), "{theirs:?}");
    assert_eq!(ours, theirs);
}

#[test]
fn the_start_script_reports_a_broken_configuration_as_with_the_original() {
    let broken = |node: &Node| {
        let output = node.run(SCRIPT, &["start"]).unwrap();
        let out = String::from_utf8(output.stdout).unwrap();
        // The script prints what the program wrote on standard error, with times and process numbers.
        let end = |line: &str| line.split("]: ").last().unwrap_or_default().to_owned();
        (out.lines().map(end).collect::<Vec<_>>(), output.status.code())
    };
    let lines = ["nonsense 1"];
    let theirs = one_node("init-broken-theirs", &Program::Original, &lines, broken);
    assert_eq!(theirs.1, Some(6));
    assert_eq!(one_node("init-broken-ours", &ours(), &lines, broken), theirs);
}

/// What scripts of Red Hat's 2.1.x packages do: `status`, `killproc` and `pidof` go by the name of the process, and the
/// pid file must agree. Written from section 4.4 of the daemon's description, not from such a script.
const RED_HAT: &str = r#"
HEARTBEAT=/usr/libexec/heartbeat/heartbeat
status() {
  pid=$(pidof -o $$ -o $PPID -o %PPID -x "$1")
  if [ -n "$pid" ]; then echo "$1 (pid $pid) is running..."; return 0; fi
  if [ -f "/var/run/$1.pid" ]; then echo "$1 dead but pid file exists"; return 1; fi
  echo "$1 is stopped"; return 3
}
case "$1" in
  start) printf 'Starting High-Availability services: '
    if $HEARTBEAT >/dev/null 2>&1; then echo '[  OK  ]'; touch /run/subsys; else echo '[FAILED]'; exit 1; fi ;;
  stop) printf 'Stopping High-Availability services: '
    if $HEARTBEAT -k >/dev/null 2>&1; then echo '[  OK  ]'; rm -f /run/subsys; else echo '[FAILED]'; exit 1; fi ;;
  status) status heartbeat ;;
esac
"#;

#[test]
fn a_script_that_looks_for_processes_by_name_finds_the_master() {
    one_node("init-redhat", &ours(), &[], |node| {
        let run = |verb| {
            let output = node.run("sh", &["-c", RED_HAT, "heartbeat-init", verb]).unwrap();
            (String::from_utf8(output.stdout).unwrap(), output.status.code().unwrap())
        };
        assert_eq!(run("status"), ("heartbeat is stopped\n".to_owned(), 3));
        assert_eq!(run("start"), ("Starting High-Availability services: [  OK  ]\n".to_owned(), 0));
        let pid = node.done("cat", &["/run/heartbeat.pid"]).unwrap();
        assert_eq!(run("status"), (format!("heartbeat (pid {}) is running...\n", pid.trim()), 0));
        assert_eq!(run("start"), ("Starting High-Availability services: [  OK  ]\n".to_owned(), 0));
        assert_eq!(run("stop"), ("Stopping High-Availability services: [  OK  ]\n".to_owned(), 0));
        assert_eq!(run("status"), ("heartbeat dead but pid file exists\n".to_owned(), 1));
        assert_eq!(run("stop"), ("Stopping High-Availability services: [  OK  ]\n".to_owned(), 0));
    });
}
