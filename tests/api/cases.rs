//! Recorded runs of the original `cl_status`, and how to compare with them.

use std::fmt;
use std::fs;
use std::process::Output;

use testkit::cluster::{Result, ensure};
use testkit::paths::project_root;

/// The ping node of the recordings.
const RECORDED: &str = "10.77.5.1";

/// One run.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Case {
    /// What the cluster was like.
    pub(crate) state: String,
    /// The arguments.
    pub(crate) args: Vec<String>,
    /// What came out.
    pub(crate) result: Outcome,
}

/// What a run gives.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Outcome {
    pub(crate) exit: Option<i32>,
    pub(crate) stdout: Vec<String>,
    pub(crate) stderr: Vec<String>,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "exit {:?}\n  out {:?}\n  err {:?}", self.exit, self.stdout, self.stderr)
    }
}

/// All recorded runs, in their order. `ping` takes the place of the recorded ping node.
pub(crate) fn recorded(ping: &str) -> Vec<Case> {
    let text = fs::read_to_string(project_root().join("compat-fixtures/heartbeat/cl_status.cases")).unwrap();
    let text = text.replace(RECORDED, ping);
    let mut cases: Vec<Case> = Vec::new();
    let mut errors = false;
    for line in text.lines() {
        if let Some(state) = line.strip_prefix("state: ") {
            cases.push(Case { state: state.to_owned(), ..Case::default() });
        }
        let Some(case) = cases.last_mut() else { continue };
        if let Some(command) = line.strip_prefix("$ ") {
            case.args = command.split(' ').skip(1).map(|word| word.trim_matches('\'').to_owned()).collect();
        } else if let Some(exit) = line.strip_prefix("exit: ") {
            case.result.exit = exit.parse().ok();
        } else if line == "stdout:" || line == "stderr:" {
            errors = line == "stderr:";
        } else if let Some(printed) = line.strip_prefix('|') {
            let printed = comparable(printed);
            if errors { case.result.stderr.push(printed) } else { case.result.stdout.push(printed) }
        }
    }
    cases
}

/// Only what must be equal everywhere: no time, host, process or version.
pub(crate) fn comparable(line: &str) -> String {
    let words: Vec<&str> = line.splitn(8, ' ').collect();
    let line = match words.as_slice() {
        // Mon DD HH:MM:SS HOST cl_status: [PID]: ERROR: text
        [_, _, time, _, "cl_status:", _, rest @ ..] if time.matches(':').count() == 2 => {
            format!("@TS@ HOST cl_status: [@PID@]: {}", rest.join(" "))
        }
        ["@TS@", _, "cl_status:", "[@PID@]:", rest @ ..] => format!("@TS@ HOST cl_status: [@PID@]: {}", rest.join(" ")),
        _ => line.to_owned(),
    };
    // Builds differ in what stands behind the number.
    match line.find("3.0.6") {
        Some(at) => format!("{}VERSION", &line[..at]),
        None => line,
    }
}

/// What a program has printed, comparable.
pub(crate) fn outcome(output: &Output) -> Outcome {
    let lines = |bytes: &[u8]| String::from_utf8_lossy(bytes).lines().map(comparable).collect();
    Outcome { exit: output.status.code(), stdout: lines(&output.stdout), stderr: lines(&output.stderr) }
}

/// Fails with all differences.
pub(crate) fn no_differences(found: &[String], of: usize) -> Result<()> {
    ensure!(found.is_empty(), "{} of {of} runs differ:\n{}", found.len(), found.join("\n"));
    Ok(())
}

#[test]
fn recorded_runs_are_read_whole() {
    let cases = recorded("PING");
    assert_eq!(cases.len(), 217);
    assert!(cases.iter().all(|case| case.result.exit.is_some()));
    let bogus = cases.iter().find(|case| case.args == ["bogus"]).unwrap();
    assert_eq!(bogus.result.stderr, ["@TS@ HOST cl_status: [@PID@]: ERROR: bogus: invalid sub-command."]);
    assert_eq!(
        comparable("Nov 22 07:11:12 enode1 cl_status: [3654]: ERROR: REASON: "),
        "@TS@ HOST cl_status: [@PID@]: ERROR: REASON: "
    );
    assert_eq!(comparable("version:\t3.0.6 (node: abc)"), "version:\tVERSION");
}
