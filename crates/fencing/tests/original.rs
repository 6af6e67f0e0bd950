//! Side by side with cluster-glue, where it is installed: the same scripts, and either side's `meatclient`.
//!
//! Everything happens in a mount namespace of its own, so root is needed.
#![cfg(test)]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may fail anywhere")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

const SCRIPT: &str = r#"#!/bin/sh
echo "$# $* hostlist=<$hostlist> secret=<$secret> $HA_LOGTAG ${PATH%%:*} ${LVS_HA_STONITH-none}" >> "${0%/*}/calls"
case "$1" in getconfignames) echo "hostlist secret";; getinfo-devid) echo Fake;; *) exit ${rc:-0};; esac
"#;

/// The example program. Cargo builds it with all tests of this crate, but not if only this one is asked for.
fn ours() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    test.ancestors().nth(2).unwrap().join("examples/fence")
}

struct Lab {
    folder: TempDir,
}

impl Lab {
    fn new() -> Self {
        let apart = Command::new("unshare").args(["-m", "-p", "-f", "true"]).output();
        let installed = ["/usr/sbin/stonith", "/usr/sbin/meatclient"].iter().all(|path| Path::new(path).exists());
        let able = installed && apart.is_ok_and(|output| output.status.success());
        assert!(able, "cluster-glue (scripts/setup installs it) and root are needed");
        let folder = tempfile::tempdir().unwrap();
        let lab = Self { folder };
        fs::create_dir(lab.scripts()).unwrap();
        let write = r#"printf %s "$2" > "$1" && chmod 755 "$1""#;
        let script = lab.scripts().join("fake");
        assert!(Command::new("sh").args(["-c", write, "sh"]).arg(script).arg(SCRIPT).status().unwrap().success());
        lab
    }

    fn scripts(&self) -> PathBuf {
        self.folder.path().join("external")
    }

    /// Runs a shell script where our scripts stand in for the installed ones, and `/run` is empty. `$ours` is our
    /// program, `$1` and so on are the arguments. Processes left behind end with it.
    fn run(&self, script: &str, arguments: &[&str]) -> Output {
        let prepare = r#"mount --bind "$scripts" /usr/lib/stonith/plugins/external && mount -t tmpfs none /run"#;
        let text = format!("{prepare} || exit 99\n{script}");
        let mut command = Command::new("unshare");
        command.args(["-m", "-p", "-f", "--kill-child", "timeout", "60", "sh", "-c", &text, "sh"]).args(arguments);
        let output = command.env("scripts", self.scripts()).env("ours", ours()).output().unwrap();
        assert!(!matches!(output.status.code(), Some(99 | 124)), "{output:?}");
        output
    }

    /// The calls since the last time.
    fn calls(&self) -> Vec<String> {
        let path = self.scripts().join("calls");
        let calls = fs::read_to_string(&path).unwrap_or_default();
        let _ = fs::remove_file(path);
        calls.lines().map(str::to_owned).collect()
    }
}

#[test]
fn scripts_get_the_same_calls_and_parameters() {
    let lab = Lab::new();
    for line in ["alpha,beta pw", "  alpha,beta\t pw with  blanks", "a", "", "a \"b c\" # d"] {
        let theirs = lab.run(r#"stonith -t external/fake -p "$1" -S"#, &[line]).status.code();
        let expected = lab.calls();
        let own = lab.run(r#""$ours" check external/fake "$1""#, &[line]).status.code();
        assert_eq!((own == Some(0), lab.calls()), (theirs == Some(0), expected), "{line:?}");
    }
}

#[test]
fn resets_end_alike() {
    let lab = Lab::new();
    for (rc, expected) in [("0", (0, 0)), ("1", (5, 1)), ("100", (5, 1)), ("4", (5, 1))] {
        let theirs = lab.run(r#"export rc=$1; stonith -t external/fake -p "a b" -T reset Beta"#, &[rc]);
        let call = lab.calls().pop().unwrap();
        let script = r#"export rc=$1; LVS_HA_STONITH=$("$ours" check external/fake a b) "$ours" fence Beta"#;
        let own = lab.run(script, &[rc]);
        assert_eq!((theirs.status.code().unwrap(), own.status.code().unwrap()), expected, "{own:?}");
        let calls = lab.calls();
        assert!(calls[calls.len() - 2].starts_with("1 getinfo-devid hostlist=<a> secret=<b>"), "{calls:?}");
        assert_eq!(calls[calls.len() - 1], call);
    }
}

#[test]
fn compiled_plugins_work_through_the_original_tool() {
    let lab = Lab::new();
    // No name of a host here is known to any resolver, so that nothing can be reset.
    let script =
        r#"export LVS_HA_STONITH; LVS_HA_STONITH=$("$ours" check ssh nosuch.invalid) && "$ours" fence other.invalid"#;
    let own = lab.run(script, &[]);
    let log = String::from_utf8(own.stderr).unwrap();
    assert_eq!(own.status.code(), Some(100), "{log}");
    assert!(log.contains("ERROR: Device ssh cannot reset host other.invalid."), "{log}");
    let refused = lab.run(r#""$ours" check ssh"#, &[]);
    assert_eq!(refused.stderr, b"ERROR: Invalid Stonith configuration parameter []\n");
}

/// One side waits, one side confirms: what the client says, both statuses, and whether the FIFO is gone.
fn meet(lab: &Lab, plugin: &str, client: &str, answer: &str) -> String {
    let script = format!(
        r#"{plugin} >/dev/null 2>&1 &
        until [ -p /run/meatware.beta ]; do sleep 0.05; done; sleep 0.3
        printf "$1" | {client} -c Beta 2>&1; echo "client=$?"
        wait $! ; [ $? = 0 ] && echo reset || echo not reset
        ls /run"#
    );
    String::from_utf8(lab.run(&script, &[answer]).stdout).unwrap()
}

#[test]
fn either_client_serves_either_side() {
    let lab = Lab::new();
    let plugins = [
        r#"stonith -t meatware -p "alpha beta" -T reset Beta"#,
        r#"LVS_HA_STONITH=$("$ours" check meatware alpha beta) "$ours" fence Beta"#,
    ];
    let clients = ["meatclient", r#""$ours" meatclient"#];
    for answer in ["y\\n", "n\\n", "", "Y\\n", " yes\\n"] {
        let expected = meet(&lab, plugins[0], clients[0], answer);
        assert!(expected.contains("PROCEED? [yN] Meatware_client: "), "{expected}");
        for (plugin, client) in [(0, 1), (1, 0), (1, 1)] {
            let found = meet(&lab, plugins[plugin], clients[client], answer);
            assert_eq!(found, expected, "{answer:?}: {} with {}", plugins[plugin], clients[client]);
        }
    }
}

#[test]
fn clients_refuse_alike() {
    let lab = Lab::new();
    for words in ["", "-h", "-c", "-x -c beta", "-c beta extra", "beta", "-c beta", "-cBETA", "-c a -c b", "--help"] {
        // Unquoted, so that the shell splits the words.
        let script = r#"$client $1 </dev/null; echo "$?""#;
        let say = |client: &str| {
            let output = lab.run(&format!("client={client}; {script}"), &[words]);
            (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
        };
        assert_eq!(say(r#""$ours meatclient""#), say("meatclient"), "{words}");
    }
}
