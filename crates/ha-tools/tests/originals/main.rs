//! Every tool beside Debian's original of the same path: message in the pipe, calls of resource scripts, logs, standard
//! output, standard error and exit status must be equal, except where a case says why not.
//!
//! Needs root and Debian 12's packages heartbeat, cluster-glue and resource-agents; each invocation has its own mount
//! namespace. Without the packages there is nothing to compare with, and the tests say so and end.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise, also in helpers")]
#![allow(clippy::print_stderr, reason = "a test that cannot run here must say so")]

mod cases;

use cases::Case;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

const STAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/originals/stage.sh");
const SHIPPED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/ha.d");
/// Date formats differ in nothing but the date: a fixed one makes lines comparable.
const DATE: &str = "DATE\t";
const TRACES: [&str; 7] = ["stdout", "stderr", "status", "message", "calls", "log", "debug"];

/// What one side left behind, without what can never be equal.
fn traces(case: &Case, side: &str) -> BTreeMap<&'static str, String> {
    let directory = tempfile::tempdir().unwrap();
    let place = directory.path().to_str().unwrap();
    let mut command = Command::new("unshare");
    command.args(["--mount", "bash", STAGE]).args(case.command).env_clear();
    let fixed = [
        ("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
        ("SIDE", side),
        ("W", place),
        ("SETUP", case.setup),
        ("RUNNING", case.running),
        ("PROGRAM", env!("CARGO_BIN_EXE_ha-tools")),
        ("SHIPPED", SHIPPED),
        ("HA_DIR", "/etc/ha.d/"),
        ("HA_FUNCS", "/etc/ha.d//shellfuncs"),
        ("HA_CURHOST", "alpha"),
        ("HA_NICEFAILBACK", "yes"),
        ("HA_DATEFMT", DATE),
        ("HA_TRUTHDIR", place),
    ];
    command.envs(fixed).envs(case.environment.iter().map(|(name, value)| (*name, value.replace("$W", place))));
    let output = command.output().unwrap();
    assert!(output.status.success(), "{side} {:?}: {}", case.command, String::from_utf8_lossy(&output.stderr));
    TRACES.map(|name| (name, comparable(&directory.path().join(name), place))).into()
}

/// A trace without process numbers, directories of the test, and doubled slashes.
fn comparable(path: &Path, place: &str) -> String {
    let text = String::from_utf8_lossy(&std::fs::read(path).unwrap_or_default()).into_owned();
    let text = text.replace(place, "PLACE").replace("//", "/");
    let parts: Vec<&str> = text.split(")[").collect();
    let mut all = parts.first().copied().unwrap_or_default().to_owned();
    for part in parts.iter().skip(1) {
        all.push_str(")[");
        all.push_str(part.trim_start_matches(|letter: char| letter.is_ascii_digit()));
    }
    all
}

fn compare(cases: &[Case]) {
    let able = Path::new("/usr/share/heartbeat/hb_standby").is_file() && nix::unistd::geteuid().is_root();
    assert!(able, "needs root and Debian's heartbeat (scripts/setup installs it)");
    let mut wrong = Vec::new();
    for case in cases {
        let (original, ours) = (traces(case, "original"), traces(case, "ours"));
        let (allowed, why) = case.differs.unwrap_or((&[], ""));
        for name in TRACES {
            let equal = original.get(name) == ours.get(name);
            let (what, with) = (case.command, case.environment);
            if !equal && !allowed.contains(&name) {
                wrong.push(format!("{what:?} {with:?} {name}\n{:?}\n{:?}", original.get(name), ours.get(name)));
            }
            if equal && allowed.contains(&name) {
                wrong.push(format!("{what:?} {with:?} {name} no longer differs ({why})"));
            }
        }
    }
    assert!(wrong.is_empty(), "original, then ours:\n{}", wrong.join("\n\n"));
}

#[test]
fn companion_programs() {
    compare(cases::TOOLS);
}

#[test]
fn scripts_for_messages() {
    compare(cases::SCRIPTS);
}

#[test]
fn harc() {
    compare(cases::HARCS);
}

#[test]
fn shell_functions() {
    compare(cases::SHELL);
}

#[test]
fn wrappers_of_ocf_agents() {
    compare(cases::WRAPPERS);
}
