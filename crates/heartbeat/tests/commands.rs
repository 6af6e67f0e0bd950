//! What the commands print and return without a daemon, to the byte as Debian's heartbeat 3.0.6 does (recorded by running
//! it with the same words), each in a mount namespace with an empty `/run`, a host name and process numbers of its own.
//! Needs root, as the daemon does.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise, also in helpers")]

use std::process::{Command, Output};

const PROGRAM: &str = env!("CARGO_BIN_EXE_heartbeat");
const STOPPED: &str = "heartbeat is stopped. No process\n";
const ALREADY: &str = "INFO: Heartbeat already stopped.\n";
const VERSION: &str = "3.0.6 (node: 958e11be8686759f1b99204c17812f2c2633b169)\n";
const USAGE: &str = "\nUsage: heartbeat [-dDkMrRsvWlVf] [-C Current-resource-state]\n\
                     \t-C only valid with -R\n\
                     \t-r is mutually exclusive with -R\n";

/// Runs a shell script with the program as `$HB`.
fn shell(script: &str) -> Output {
    let prepare = "mount --make-rprivate / && mount -t tmpfs run /run && hostname Node1 && ";
    let namespaces = ["--mount", "--uts", "--pid", "--fork", "--kill-child", "--mount-proc"];
    let mut command = Command::new("unshare");
    command.args(namespaces).args(["bash", "-c", &format!("{prepare}{{ {script}\n}}")]);
    command.env("HB", PROGRAM).output().unwrap()
}

/// Standard output, standard error and exit status.
fn answer(script: &str) -> (String, String, i32) {
    let output = shell(script);
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (text(&output.stdout), text(&output.stderr), output.status.code().unwrap())
}

fn complaint(letters: &str) -> String {
    letters.chars().map(|letter| format!("{PROGRAM}: invalid option -- '{letter}'\n")).collect()
}

#[test]
fn the_answers_are_the_original_s() {
    let missing = format!("{PROGRAM}: option requires an argument -- 'C'\n");
    for (words, out, err, status) in [
        ("-V", VERSION, String::new(), 0),
        ("foo -V", VERSION, String::new(), 0),
        ("-xV", VERSION, complaint("x"), 0),
        ("-Z -V", VERSION, complaint("Z"), 0),
        ("-s -V", VERSION, String::new(), 0),
        ("-x", "", complaint("x") + USAGE, 2),
        ("-h", "", complaint("h") + USAGE, 2),
        ("--help", "", complaint("-hep") + USAGE, 2),
        ("--version", "", complaint("-eion") + USAGE, 2),
        ("-C", "", missing.clone() + USAGE, 2),
        ("-R -C", "", missing + USAGE, 2),
        ("-C all", "", USAGE.to_owned(), 2),
        ("-C none -s", "", USAGE.to_owned(), 2),
        ("-s", STOPPED, String::new(), 3),
        ("foo -s", STOPPED, String::new(), 3),
        ("-k", "", ALREADY.to_owned(), 0),
        ("-s -k", "", ALREADY.to_owned(), 0),
        ("-R", "", "ERROR: heartbeat is not running.\n".to_owned(), 6),
        ("-R -C bogus", "", "ERROR: heartbeat is not running.\n".to_owned(), 6),
    ] {
        assert_eq!(answer(&format!("$HB {words}")), (out.to_owned(), err, status), "{words}");
    }
}

#[test]
fn the_name_in_the_answer_is_the_last_part_of_the_program_s_name() {
    let renamed = |name: &str, word: &str| answer(&format!("exec -a '{name}' $HB {word}"));
    assert_eq!(renamed("/a/b/hb", "-s").0, "hb is stopped. No process\n");
    assert_eq!(renamed("", "-s").0, " is stopped. No process\n");
    assert_eq!(renamed("x/", "-s").0, " is stopped. No process\n");
    let (_, err, _) = renamed("/a/b/hb", "-C all");
    assert!(err.starts_with("\nUsage: hb ["), "{err}");
}

#[test]
fn a_pid_file_without_its_process_is_another_status_than_none() {
    for (content, status) in
        [("     99999\\n", 1), ("12abc", 1), ("99999", 1), ("", 3), ("hello\\n", 3), ("0\\n", 3), ("-5\\n", 3)]
    {
        let script = format!("printf -- '{content}' > /run/heartbeat.pid; $HB -s");
        assert_eq!(answer(&script), (STOPPED.to_owned(), String::new(), status), "{content:?}");
    }
}

#[test]
fn a_process_that_got_the_old_number_is_neither_reported_nor_killed() {
    let script = "sleep 1000 & printf '%10d\\n' $! > /run/heartbeat.pid; $HB -s; $HB -k; kill -0 $! && echo alive";
    let (out, err, _) = answer(script);
    assert_eq!((out, err), (format!("{STOPPED}alive\n"), ALREADY.to_owned()));
}

#[test]
fn an_original_daemon_is_known_by_its_title_and_a_dead_one_that_nobody_reaped_is_gone() {
    // A shell that calls itself what the original's master calls itself.
    let daemon = "(exec -a 'heartbeat: master control process' sleep 1000) & printf '%10d\\n' $! > /run/heartbeat.pid; \
                  until grep -q master /proc/$!/cmdline; do :; done; ";
    let (out, _, status) = answer(&format!("{daemon} $HB -s"));
    assert!(
        out.starts_with("heartbeat OK [pid ") && out.ends_with(" et al] is running on node1 [node1]...\n"),
        "{out}"
    );
    assert_eq!(status, 0);
    // `exec` keeps bash from waiting: the killed process stays as a zombie of the program under test.
    let (out, err, status) = answer(&format!("{daemon} exec $HB -k"));
    assert_eq!((out.as_str(), err.as_str(), status), ("", "", 0));
    let (_, err, status) = answer(&format!("{daemon} $HB -R"));
    assert!(err.starts_with("ERROR: Heartbeat already running [pid "), "{err}");
    assert_eq!(status, 1);
}

#[test]
fn any_user_may_ask_and_only_root_may_stop() {
    let daemon = "(exec -a 'heartbeat: master control process' sleep 1000) & printf '%10d\\n' $! > /run/heartbeat.pid; \
                  until grep -q master /proc/$!/cmdline; do :; done; cp $HB /run/heartbeat; ";
    let nobody = "setpriv --reuid 65534 --clear-groups /run/heartbeat";
    let (out, _, status) = answer(&format!("{daemon} {nobody} -s"));
    assert!(out.starts_with("heartbeat OK "), "{out}");
    assert_eq!(status, 0);
    let (_, err, status) = answer(&format!("{daemon} {nobody} -k"));
    assert!(err.starts_with("ERROR: Could not kill pid ") && err.ends_with(" : Operation not permitted\n"), "{err}");
    assert_eq!(status, 4);
}
