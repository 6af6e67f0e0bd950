//! The built program where no kernel is needed: `--check`, with its diagnostics, streams and statuses.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise, in its helpers too")]

use assert_cmd::Command;
use std::path::PathBuf;

fn ipvsadm() -> Command {
    Command::new(env!("CARGO_BIN_EXE_ipvsadm"))
}

/// A rules file that lives as long as the test's directory.
fn file(directory: &tempfile::TempDir, content: &str) -> PathBuf {
    let path = directory.path().join("rules");
    std::fs::write(&path, content).unwrap();
    path
}

const GOOD: &str = "# web\n-A -t 10.0.0.1:80 -s wrr\nipvsadm -a -t 10.0.0.1:80 -r 10.0.0.2 -m\n";

#[test]
fn a_good_file_passes_without_a_word() {
    let directory = tempfile::tempdir().unwrap();
    ipvsadm().arg("--check").arg(file(&directory, GOOD)).assert().code(0).stdout("").stderr("");
    ipvsadm().arg("--check").write_stdin(GOOD).assert().code(0).stdout("").stderr("");
    ipvsadm().args(["--check", "-"]).write_stdin(GOOD).assert().code(0).stdout("").stderr("");
}

#[test]
fn every_problem_has_file_line_and_column() {
    let directory = tempfile::tempdir().unwrap();
    let path = file(&directory, "-A -t 10.0.0.1:80\n-A -t 10.0.0.1:80\n\n-a -t 10.0.0.1:80 -r 10.0.0.2 -w -1\n-L\n");
    let shown = path.display();
    let expected = format!(
        "{shown}:2:1: Service already exists by an earlier line; expected each only once\n\
         {shown}:4:34: illegal weight specified; expected a number from 0 to 2147483647\n\
         {shown}:5:1: this command changes nothing; expected -A, -E, -D, -a, -e, -d or -C\n"
    );
    ipvsadm().arg("--check").arg(&path).assert().code(1).stdout("").stderr(expected);
}

#[test]
fn standard_input_is_named_in_diagnostics() {
    let said = "<stdin>:1:1: no command; expected -A, -E, -D, -a, -e, -d or -C as the first word\n";
    ipvsadm().arg("--check").write_stdin("foo\n").assert().code(1).stderr(said);
}

#[test]
fn a_file_that_cannot_be_read_is_status_2() {
    let said = "ipvsadm: /nonexistent: No such file or directory (os error 2)\n";
    ipvsadm().args(["--check", "/nonexistent"]).assert().code(2).stdout("").stderr(said);
}

#[test]
fn legacy_check_says_what_restore_would_say_and_no_more() {
    let hint = "Try `ipvsadm -h' or 'ipvsadm --help' for more information.\n";
    let mut command = ipvsadm();
    command.args(["--check", "--legacy"]).env_clear();
    let text = "-A -t 10.0.0.1:80\n-A -t 10.0.0.1:80\n-A -t 10.0.0.1:81 --bogus\ngarbage\n";
    let program = env!("CARGO_BIN_EXE_ipvsadm");
    let said = format!("--bogus: unknown option\n{}", hint.replace("ipvsadm", program));
    command.write_stdin(text).assert().code(255).stdout("").stderr(said);
    let good_enough = "-A -t 10.0.0.1:80\n-A -t 10.0.0.1:80\n-A -t 10.0.0.1:81 --bogus\n-L\n--set 1 2 3\n";
    ipvsadm().args(["--check", "--legacy"]).write_stdin(good_enough).assert().code(0).stdout("").stderr("");
}

#[test]
fn check_takes_one_file_and_no_other_option() {
    ipvsadm().args(["--check", "a", "b"]).assert().code(2).stderr("unexpected argument b\n");
    ipvsadm().args(["--check", "-n"]).assert().code(2).stderr("Illegal 'numeric' option with the 'check' command\n");
}
