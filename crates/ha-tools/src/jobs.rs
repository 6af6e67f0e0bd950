//! What the daemon's children do: `ha-tools --job NAME ...` and `--delayed-standby SECONDS TYPE`.
//!
//! Source: resource specification, section 3.3. The daemon sends the message that ends a job itself, when it sees the
//! exit status.

use crate::call::Call;
use crate::{exit, harc, messages, standby};
use fencing::{Device, Places, Problem, Severity};
use resource_manager::halog::HaLog;
use resource_manager::jobs::{self, Set};
use std::ffi::OsString;
use std::time::Duration;

/// The longest delay in seconds: a day.
const LONGEST_DELAY: u64 = 86_400;
/// Exit status of a call that means nothing.
const MISUSED: u8 = 2;

/// `--job NAME ...`; `words` is what follows `--job`.
pub(crate) fn run(words: &[OsString]) -> u8 {
    let words: Vec<_> = words.iter().map(|word| word.to_string_lossy()).collect();
    let words: Vec<&str> = words.iter().map(|word| &**word).collect();
    match words.as_slice() {
        ["req-our-resources"] => exit::status(jobs::req_our_resources()),
        ["give-up"] => exit::status(jobs::give_up()),
        ["standby", direction, set, rest @ ..] => match (acquires(direction), named(set), only(rest)) {
            (Some(acquire), Some(set), Some(nodes)) => exit::status(jobs::standby(acquire, set, &nodes)),
            _ => misused(),
        },
        ["rc", kind] if is_plain(kind) => harc::job(kind),
        ["fence", node] => fence(|device, places, log| fencing::job_fence(device, node, places, log)),
        ["fence-status"] => fence(fencing::job_status),
        _ => misused(),
    }
}

fn misused() -> u8 {
    let usage = "unknown job. Jobs: req-our-resources; standby acquire|release local|foreign|all [--only NODE]...; \
                 give-up; rc TYPE; fence NODE; fence-status";
    messages::failed("ha-tools", &usage);
    MISUSED
}

fn acquires(word: &str) -> Option<bool> {
    match word {
        "acquire" => Some(true),
        "release" => Some(false),
        _ => None,
    }
}

fn named(word: &str) -> Option<Set> {
    [Set::Local, Set::Foreign, Set::All].into_iter().find(|set| set.word() == word)
}

/// The nodes of `--only NODE...`, in lower case as everywhere.
fn only(words: &[&str]) -> Option<Vec<String>> {
    words
        .chunks(2)
        .map(|pair| match pair {
            ["--only", node] => Some(node.to_lowercase()),
            _ => None,
        })
        .collect()
}

/// A type becomes a file's name: it must not leave the directory.
fn is_plain(kind: &str) -> bool {
    !kind.is_empty() && !kind.starts_with('.') && !kind.contains('/')
}

/// Does something with the device that the daemon gave us in the environment.
fn fence(work: impl FnOnce(&Device, &Places, fencing::Sink<'_>) -> i32) -> u8 {
    let log = HaLog::from_env("heartbeat");
    let mut sink = |severity: Severity, text: &str| log.log(&format!("{severity}: {text}"));
    let done = |device: &Device, sink: fencing::Sink<'_>| work(device, &Places::from_environment(), sink);
    let result: Result<i32, Problem> = Device::from_environment().map(|device| done(&device, &mut sink));
    match result {
        Ok(code) => exit::status(code),
        Err(problem) => {
            log.log(&format!("ERROR: {problem}"));
            exit::status(fencing::FAILED)
        }
    }
}

/// `--delayed-standby SECONDS TYPE`: asks for a standby later, independent of whoever started it.
pub(crate) fn delayed_standby(words: &[OsString]) -> u8 {
    let [seconds, kind] = words else { return delayed_misused() };
    let Some(seconds) = seconds.to_str().and_then(|text| text.parse::<u64>().ok()) else { return delayed_misused() };
    if seconds > LONGEST_DELAY {
        return delayed_misused();
    }
    // A session of its own: the group of the job that started it may be killed. It fails if it has one already.
    let _ = nix::unistd::setsid();
    std::thread::sleep(Duration::from_secs(seconds));
    standby::hb_standby(&Call::new(crate::rc::companion("hb_standby"), [kind.clone()]))
}

fn delayed_misused() -> u8 {
    messages::failed("ha-tools", &"usage: ha-tools --delayed-standby SECONDS all|foreign|local|failback");
    MISUSED
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_nodes_in_pairs() {
        assert_eq!(only(&[]), Some(vec![]));
        assert_eq!(only(&["--only", "A", "--only", "b"]), Some(vec!["a".to_owned(), "b".to_owned()]));
        assert_eq!(only(&["--only"]), None);
        assert_eq!(only(&["x", "y"]), None);
    }

    #[test]
    fn a_type_stays_in_its_directory() {
        assert!(is_plain("ip-request"));
        for bad in ["", ".", "..", ".hidden", "../harc", "a/b"] {
            assert!(!is_plain(bad), "{bad}");
        }
    }
}
