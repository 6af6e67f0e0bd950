//! `portblock`: drops packets to ports while addresses and services come up.
//!
//! In a group `portblock::tcp::80::block … portblock::tcp::80::unblock` the first blocks and the last opens again; the
//! first still counts as running then. So a file, not the rule, says what was started (observed). Where the original of
//! Debian 12 cannot recognise its own rule in the listing of a newer `iptables`, and so never opens a port, this one
//! asks `iptables` itself.

use super::process::{is_started, run, run_quietly, set_started, set_stopped};
use crate::agent::{Call, Outcome, Verb};
use crate::output::print;
use crate::place;
use std::path::{Path, PathBuf};

/// What it is to do when it starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Action {
    Block,
    Unblock,
}

/// The words of the rule.
fn rule<'a>(protocol: &'a str, ports: &'a str) -> [&'a str; 9] {
    ["INPUT", "-p", protocol, "-m", "multiport", "--dports", ports, "-j", "DROP"]
}

/// The firewall, through its program.
struct Firewall(PathBuf);

impl Firewall {
    fn blocked(&self, protocol: &str, ports: &str) -> bool {
        let mut arguments = vec!["-w", "-C"];
        arguments.extend(rule(protocol, ports));
        run_quietly(&self.0, &arguments).is_ok_and(|status| status == 0)
    }

    /// Makes the rule be there once or not at all; `false` if that fails.
    fn set(&self, protocol: &str, ports: &str, blocked: bool) -> bool {
        let change = |command| {
            let mut arguments = vec!["-w", command];
            arguments.extend(rule(protocol, ports));
            run(&self.0, &arguments).is_ok_and(|status| status == 0)
        };
        if blocked {
            return self.blocked(protocol, ports) || change("-I");
        }
        while self.blocked(protocol, ports) {
            if !change("-D") {
                return false;
            }
        }
        true
    }
}

/// The line of `status`; one of them has two blanks (observed).
fn status_line(words: &[String], started: bool, as_wanted: bool) -> String {
    let [protocol, ports, action] = [0, 1, 2].map(|at| words.get(at).map_or("", String::as_str));
    let what = match (started, as_wanted) {
        (false, _) => "is inactive",
        (true, true) => " is running (OK)",
        (true, false) => "considered to be running (OK)",
    };
    format!("portblock DROP rule [{protocol} {ports} 0.0.0.0/0 in {action}] {what}")
}

/// Carries out one verb.
pub(super) fn act(call: &Call, words: &[String], verb: Verb) -> Outcome {
    let [protocol, ports, action] = [0, 1, 2].map(|at| words.get(at).map_or("", String::as_str));
    if ports.is_empty() {
        call.error("Please set OCF_RESKEY_portno");
        return if verb == Verb::Stop { Outcome::Success } else { Outcome::Configured };
    }
    let action = match action {
        "block" => Action::Block,
        "unblock" => Action::Unblock,
        other => {
            call.error(&format!("Invalid action {other}"));
            return match verb {
                Verb::Start => Outcome::Generic,
                Verb::Stop => Outcome::Success,
                Verb::Status => Outcome::Stopped,
            };
        }
    };
    let state = format!("portblock_{}", words.join("_"));
    let Some(firewall) = place::program("iptables").map(Firewall) else {
        return match verb {
            Verb::Start => call.fail("Setup problem: couldn't find command: iptables", Outcome::Installed),
            Verb::Stop => Outcome::Success,
            Verb::Status => Outcome::Stopped,
        };
    };
    match verb {
        Verb::Status => {
            let started = is_started(&state);
            let as_wanted = started && firewall.blocked(protocol, ports) == (action == Action::Block);
            print(&status_line(words, started, as_wanted));
            if started { Outcome::Success } else { Outcome::Stopped }
        }
        Verb::Start | Verb::Stop => {
            let blocked = (verb == Verb::Start) == (action == Action::Block);
            if !firewall.set(protocol, ports, blocked) {
                // A rule that cannot be made cannot have been made either.
                let removing = verb == Verb::Stop && action == Action::Block;
                return if removing { Outcome::Success } else { Outcome::Argument };
            }
            note(call, &state, verb)
        }
    }
}

fn note(call: &Call, state: &str, verb: Verb) -> Outcome {
    if verb == Verb::Stop {
        set_stopped(state);
        return Outcome::Success;
    }
    match set_started(state) {
        Ok(()) => Outcome::Success,
        Err(error) => call.fail(&format!("{}: {error}", Path::new(state).display()), Outcome::Generic),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_lines_are_the_originals() {
        let words: Vec<String> = ["tcp", "80,443", "block"].map(str::to_owned).to_vec();
        let start = "portblock DROP rule [tcp 80,443 0.0.0.0/0 in block] ";
        assert_eq!(status_line(&words, false, true), format!("{start}is inactive"));
        assert_eq!(status_line(&words, true, true), format!("{start} is running (OK)"));
        assert_eq!(status_line(&words, true, false), format!("{start}considered to be running (OK)"));
    }
}
