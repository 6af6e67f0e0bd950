//! The daemon as its operator sees it: files, process list, signals, reload, child programs, watchdog, failures.
//!
//! Each test has a node of its own, in namespaces; needs root and the package `heartbeat` (its scripts).
#![cfg(test)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise, also in helpers")]

use std::fs;
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::time::{Duration, SystemTime};

use testkit::build::heartbeat_under_test;
use testkit::cluster::{Cluster, HEARTBEAT, Line, Mark, Network, Node, NodeConfig, Program, wait_until};

/// Far longer than anything takes.
const CEILING: Duration = Duration::from_secs(60);

fn node(name: &str, lines: &[&str], story: impl FnOnce(&Node)) {
    let program = Program::Ours(heartbeat_under_test().unwrap());
    let config = lines.iter().fold(NodeConfig::new("node1", program), |config, line| config.line(line));
    let cluster = Cluster::new(name, &[Network::Bridge], vec![config]).unwrap();
    cluster
        .tell(|cluster| {
            let node = cluster.node(0)?;
            node.switch_on()?;
            story(node);
            Ok(())
        })
        .unwrap();
}

fn sh(node: &Node, script: &str) -> String {
    node.done("bash", &["-c", script]).unwrap().trim().to_owned()
}

fn wait(node: &Node, mark: Mark, text: &str) -> Line {
    node.wait_for_log(mark, text, CEILING).unwrap()
}

/// Gives `ha.cf` a time that no version of it had.
fn touch_ha_cf(node: &Node) {
    let path = node.directory().join("ha.d/ha.cf");
    let later = SystemTime::now() + Duration::from_secs(5);
    fs::File::options().append(true).open(path).unwrap().set_modified(later).unwrap();
}

/// Waits until this shell command succeeds on the node.
fn until(node: &Node, condition: &str) {
    let holds = || Ok(node.run("sh", &["-c", condition])?.status.success().then_some(()));
    wait_until(condition, CEILING, holds).unwrap();
}

fn pid(node: &Node) -> String {
    sh(node, "cat /run/heartbeat.pid")
}

#[test]
fn a_running_daemon_has_the_original_s_files_and_process() {
    node("hb-files", &[], |node| {
        let lib = |name: &str| node.directory().join("lib").join(name);
        fs::write(lib("fifo"), "a script wrote into a file while there was no daemon").unwrap();
        sh(node, "mkdir -p /run/heartbeat/rsctmp; touch /run/heartbeat/rsctmp/old");
        node.start().unwrap();
        let pid = sh(node, "od -An -c /run/heartbeat.pid | tr -d ' \\n'");
        assert!(pid.ends_with("\\n"), "{pid}");
        assert_eq!(
            sh(node, "stat -c '%a %s %U' /run/heartbeat.pid; ls /run | grep -c heartbeat.pid"),
            "644 11 root\n1"
        );
        let generation = fs::read(lib("hb_generation")).unwrap();
        assert_eq!((generation.len(), generation.last()), (16, Some(&b'\n')));
        assert_eq!(fs::read(lib("hb_uuid")).unwrap().len(), 16);
        let fifo = fs::metadata(lib("fifo")).unwrap();
        assert!(fifo.file_type().is_fifo());
        assert_eq!(fifo.permissions().mode() & 0o777, 0o600);
        assert_eq!(sh(node, "stat -c %a /run/heartbeat/rsctmp; ls /run/heartbeat/rsctmp"), "1755");
        assert_eq!(sh(node, "pgrep -x heartbeat | wc -l; tr -d '\\0' < /proc/$(pidof heartbeat)/cmdline"), {
            "1\nheartbeat: master control process"
        });
        assert_eq!(sh(node, "readlink /proc/$(pidof heartbeat)/cwd"), "/var/lib/heartbeat/cores/root");
        assert_eq!(sh(node, "readlink /proc/$(pidof heartbeat)/fd/{0,1,2} | sort -u"), "/dev/null");
        assert_eq!(
            sh(
                node,
                "ps -o pid=,pgid=,sid= -C heartbeat | awk '{ print ($1 == $2 && $2 == $3) }'; grep Umask /proc/$(pidof heartbeat)/status"
            ),
            "1\nUmask:\t0022"
        );
        for text in ["Configuration validated. Starting heartbeat 3.0.6", "heartbeat: version 3.0.6", "Creating FIFO"] {
            wait(node, Mark::default(), text);
        }
    });
}

#[test]
fn every_start_and_every_reload_raises_the_generation_by_one() {
    node("hb-generation", &[], |node| {
        node.start().unwrap();
        let first = node.generation().unwrap();
        node.kill().unwrap();
        assert_eq!(node.run(HEARTBEAT, &["-s"]).unwrap().status.code(), Some(1));
        node.start().unwrap();
        assert_eq!(node.generation(), Some(first + 1));
        let (mark, before) = (node.mark(), pid(node));
        touch_ha_cf(node);
        node.reload().unwrap();
        for text in [
            "node1 Heartbeat shutdown complete.",
            "Heartbeat restart triggered.",
            "Restarting heartbeat.",
            "Performing heartbeat restart exec.",
            "Configuration validated.",
            &format!("Heartbeat generation: {}", first + 2),
        ] {
            wait(node, mark, text);
        }
        assert_eq!(node.generation(), Some(first + 2));
        assert_eq!(pid(node), before, "the process stays");
        assert_eq!(sh(node, "tr -d '\\0' < /proc/$(pidof heartbeat)/cmdline"), "heartbeat: master control process");
        fs::write(node.directory().join("lib/hb_generation"), "garbage").unwrap();
        node.stop().unwrap();
        node.start().unwrap();
        assert!(node.generation().unwrap() > 1_600_000_000, "a broken file is no reason to begin at 1");
    });
}

#[test]
fn a_reload_of_files_that_are_wrong_or_the_same_changes_nothing() {
    node("hb-reload", &[], |node| {
        node.start().unwrap();
        wait(node, Mark::default(), "Local status now set to: 'active'");
        let generation = node.generation();
        let mark = node.mark();
        node.reload().unwrap();
        wait(node, mark, "Configuration unchanged.");
        let mark = node.mark();
        node.write_authkeys("auth 2\n1 sha1 old\n2 sha1 new\n").unwrap();
        node.reload().unwrap();
        wait(node, mark, "Rereading authentication file.");
        let mark = node.mark();
        node.write_authkeys("auth 3\n1 sha1 old\n").unwrap();
        sh(node, "kill -HUP $(pidof heartbeat)");
        wait(node, mark, "Authentication reparsing error, keeping the old keys.");
        node.write_authkeys("auth 2\n2 sha1 new\n").unwrap();
        let path = node.directory().join("ha.d/ha.cf");
        let good = fs::read_to_string(&path).unwrap();
        fs::write(&path, format!("{good}nonsense 1\n")).unwrap();
        touch_ha_cf(node);
        let mark = node.mark();
        sh(node, "kill -HUP $(pidof heartbeat)");
        wait(node, mark, "NOT restarted");
        let refused = node.run(HEARTBEAT, &["-r"]).unwrap();
        assert_eq!(refused.status.code(), Some(1));
        assert!(String::from_utf8_lossy(&refused.stderr).contains("NOT restarted"));
        assert_eq!(node.generation(), generation);
        assert!(node.status().unwrap().contains("heartbeat OK [pid "));
    });
}

#[test]
fn debug_signals_change_the_level_and_interrupts_do_nothing() {
    node("hb-signals", &[], |node| {
        node.start().unwrap();
        wait(node, Mark::default(), "Local status now set to: 'active'");
        let mark = node.mark();
        sh(node, "kill -INT $(pidof heartbeat); kill -PIPE $(pidof heartbeat); kill -USR1 $(pidof heartbeat)");
        wait(node, mark, "heartbeat: version 3.0.6");
        assert!(node.status().unwrap().contains("heartbeat OK"));
    });
}

#[test]
fn words_in_the_fifo_that_are_no_message_are_told_as_by_the_original() {
    node("hb-fifo", &[], |node| {
        node.start().unwrap();
        let mark = node.mark();
        node.write_fifo(b">>>\nt=x\nfoobar\n<<<\n>>>\nfoo=bar\n<<<\n").unwrap();
        wait(node, mark, "WARN: ha_msg_add_nv_depth: line doesn't contain '='");
        wait(node, mark, "info: foobar");
        wait(node, mark, "ERROR: NV failure (msgfromsteam): [foobar");
        wait(node, mark, "ERROR: Invalid message in send_cluster_msg");
        assert!(node.status().unwrap().contains("heartbeat OK"));
    });
}

#[test]
fn child_programs_run_with_the_configuration_s_environment_and_are_started_again() {
    let child = "respawn root /bin/sh -c \"env > /run/child.env; pwd > /run/child.pwd; echo $$ >> /run/child.pids; exec sleep 1000\"";
    node("hb-respawn", &[child, "respawn hacluster /usr/bin/sleep 2000", "respawn root /nonexistent/x"], |node| {
        // A program that is not there is an error of the configuration; one that goes away is not.
        let path = node.directory().join("ha.d/ha.cf");
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, text.replace("respawn root /nonexistent/x\n", "")).unwrap();
        node.start().unwrap();
        wait(node, Mark::default(), "Starting \"/usr/bin/sleep 2000\" as uid ");
        until(node, "test -s /run/child.pids");
        let environment = sh(node, "cat /run/child.env");
        for line in [
            "HA_CURHOST=node1",
            "HA_DIR=/etc/ha.d/",
            "HA_FUNCS=/etc/ha.d//shellfuncs",
            "HA_deadtime=2",
            "HA_auto_failback=on",
            "OCF_ROOT=/usr/lib/ocf",
        ] {
            assert!(environment.lines().any(|found| found == line), "{line} is not in {environment}");
        }
        assert_eq!(sh(node, "cat /run/child.pwd"), "/var/lib/heartbeat/cores/root");
        assert_eq!(sh(node, "ps -o user= -C sleep | sort -u | tr '\\n' ' '").split_whitespace().count(), 2);
        let mark = node.mark();
        sh(node, "kill $(tail -1 /run/child.pids)");
        wait(node, mark, "killed by signal 15 [SIGTERM - Termination (ANSI)].");
        wait(node, mark, "ERROR: Respawning client \"/bin/sh -c");
        wait(node, mark, "info: Starting \"/bin/sh -c");
        let mark = node.mark();
        node.stop().unwrap();
        let lines = node.log_since(mark);
        let place = |text: &str| lines.iter().position(|line| line.text.contains(text)).unwrap();
        assert!(place("killing /usr/bin/sleep 2000 process group") < place("killing /bin/sh -c"), "the last one first");
        assert_eq!(sh(node, "pgrep -c sleep || true"), "0");
    });
}

#[test]
fn a_child_that_dies_again_and_again_is_given_up_after_eleven_lives() {
    node("hb-toofast", &["respawn root /bin/sh -c 'echo >> /run/lives; exit 1'"], |node| {
        node.start().unwrap();
        wait(node, Mark::default(), "\"respawning too fast\"");
        assert_eq!(sh(node, "wc -l < /run/lives"), "11");
    });
}

#[test]
fn a_failfast_child_that_dies_reboots_the_machine_but_not_when_heartbeat_stops() {
    let child = "failfast root /bin/sh -c 'echo $$ > /run/child; exec sleep 1000'";
    node("hb-failfast", &[child], |node| {
        let start = format!("HEARTBEAT_INSTEAD_OF_REBOOT=/run/reboot {HEARTBEAT}");
        sh(node, &start);
        wait(node, Mark::default(), "info: Starting \"/bin/sh -c");
        node.stop().unwrap();
        assert_eq!(sh(node, "cat /run/reboot 2>/dev/null; true"), "");
        let mark = node.mark();
        sh(node, &start);
        wait(node, mark, "info: Starting \"/bin/sh -c");
        sh(node, "kill -9 $(cat /run/child)");
        wait(node, mark, "EMERG: Rebooting system.  Reason: /bin/sh -c");
        until(node, "test -s /run/reboot");
    });
}

#[test]
fn the_watchdog_is_fed_with_nul_bytes_and_disarmed_at_the_end() {
    node("hb-watchdog", &["watchdog /run/watchdog"], |node| {
        sh(node, "touch /run/watchdog");
        node.start().unwrap();
        wait(node, Mark::default(), "notice: Using watchdog device: /run/watchdog");
        wait(node, Mark::default(), "Local status now set to: 'active'");
        until(node, "test $(stat -c %s /run/watchdog) -gt 3");
        node.stop().unwrap();
        assert_eq!(sh(node, "tr '\\0' '0' < /run/watchdog | sed 's/^0*//'"), "V");
    });
}

#[test]
fn a_start_that_cannot_succeed_says_so_and_one_that_can_later_does_not() {
    node("hb-failing", &["ucast nope0 10.9.0.99"], |node| {
        let output = node.run(HEARTBEAT, &[]).unwrap();
        let err = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{err}");
        assert!(err.contains("make_io_childpair: cannot open ucast nope0"), "{err}");
        assert_eq!(node.run(HEARTBEAT, &["-s"]).unwrap().status.code(), Some(1));
    });
    node("hb-foreground", &[], |node| {
        let script = format!(
            "{HEARTBEAT} -f 2>/dev/null & until {HEARTBEAT} -s >/dev/null; do kill -0 $! || exit 9; done; \
                              [ $(cat /run/heartbeat.pid) = $! ] || exit 8; {HEARTBEAT} -k; wait $!; echo status $?"
        );
        assert_eq!(sh(node, &script), "status 0");
    });
}

#[test]
fn members_that_were_added_are_remembered_and_deleted_ones_may_not_join() {
    node("hb-hostcache", &["autojoin any"], |node| {
        let lib = |name: &str| node.directory().join("lib").join(name);
        let active = |mark| wait(node, mark, "Local status now set to: 'active'");
        node.done(HEARTBEAT, &["-M"]).unwrap();
        active(Mark::default());
        node.write_fifo(b">>>\nt=addnode\nnodelist=delta echo\n<<<\n").unwrap();
        until(node, "grep -q '^delta' /var/lib/heartbeat/hostcache");
        let text = fs::read_to_string(lib("hostcache")).unwrap();
        let names: Vec<&str> = text.lines().filter_map(|line| line.split('\t').next()).collect();
        assert_eq!((names, text.matches("\t100\t\n").count()), (vec!["node1", "delta", "echo"], 3), "{text}");
        wait(node, Mark::default(), "node delta: is dead");
        node.write_fifo(b">>>\nt=delnode\nnodelist=delta echo\n<<<\n").unwrap();
        until(node, "grep -q '^delta' /var/lib/heartbeat/delhostcache");
        node.write_fifo(b">>>\nt=addnode\nnodelist=echo\n<<<\n").unwrap();
        until(node, "grep -q '^echo' /var/lib/heartbeat/hostcache");
        node.stop().unwrap();

        let mark = node.mark();
        node.done(HEARTBEAT, &["-M"]).unwrap();
        active(mark);
        // It is waited for, as a member; the deleted one is not.
        wait(node, mark, "node echo: is dead");
        node.never_logged(mark, "node delta: is dead").unwrap();
    });
}
