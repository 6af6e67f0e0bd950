//! `hb_standby` and `hb_takeover`: ask the cluster to move resources away from this node, or to it.
//!
//! Source: resource specification, section 2.7; texts checked byte for byte against Debian 12's programs.

use crate::call::Call;
use crate::{exit, messages, out};
use resource_manager::halog::HaLog;
use resource_manager::inject::{self, InjectError};

/// What the two programs accept, in the words of their usage.
const WORDS: &str = "[all|foreign|local|failback]";

/// Which of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    /// `hb_standby`: the other node takes.
    Standby,
    /// `hb_takeover`: this node takes.
    Takeover,
}

/// What is wrong with the arguments.
#[derive(Debug, PartialEq, Eq)]
enum Wrong {
    Help,
    TooMany,
    Word(String),
}

/// `hb_standby [all|foreign|local|failback]`. Done when the message is written, not when resources have moved.
pub(crate) fn hb_standby(call: &Call) -> u8 {
    run(call, Direction::Standby)
}

/// `hb_takeover [all|foreign|local|failback]`
pub(crate) fn hb_takeover(call: &Call) -> u8 {
    run(call, Direction::Takeover)
}

fn run(call: &Call, direction: Direction) -> u8 {
    match set(call, direction) {
        Ok(set) => match send(direction, set) {
            Ok(()) => exit::OK,
            Err(error) => messages::failed(&call.program(), &error),
        },
        Err(wrong) => {
            usage(&call.program(), &wrong);
            exit::FAILED
        }
    }
}

/// The set of resources that the arguments ask for.
fn set(call: &Call, direction: Direction) -> Result<&'static str, Wrong> {
    if call.arguments.len() > 1 {
        return Err(Wrong::TooMany);
    }
    let word = call.text(0);
    match word.as_str() {
        "" if call.arguments.is_empty() => Ok("all"),
        "all" => Ok("all"),
        "foreign" => Ok("foreign"),
        "local" => Ok("local"),
        // The original's peers take failback for all. What is meant is that everybody gets back what is theirs.
        "failback" if direction == Direction::Takeover => Ok("local"),
        "failback" => Ok("foreign"),
        "" | "--help" => Err(Wrong::Help),
        _ => Err(Wrong::Word(word)),
    }
}

/// Half of it goes to stdout and half to stderr, as it always did.
fn usage(program: &str, wrong: &Wrong) {
    match wrong {
        Wrong::Help => {}
        Wrong::TooMany => out::stdout(&format!("{program}: too many arguments\n")),
        Wrong::Word(word) => out::stdout(&format!("{program}: wrong resources({word}).\n")),
    }
    out::stdout("usage:\n");
    out::stderr(&format!("{program} {WORDS}\n"));
}

/// Sends the request for `set`.
///
/// # Errors
/// If no daemon reads it.
pub(crate) fn send(direction: Direction, set: &str) -> Result<(), InjectError> {
    match direction {
        Direction::Takeover => inject::send(&[("t", "hb_takeover"), ("rsc_hold", set)]),
        Direction::Standby => {
            let message = inject::prepare(&[("t", "ask_resources"), ("rsc_hold", set), ("info", "me")])?;
            // Before the daemon's own lines about it, and only if there is a daemon.
            HaLog::from_env("hb_standby").log(&format!("Going standby [{set}]."));
            message.send()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(words: &[&str], direction: Direction) -> Result<&'static str, Wrong> {
        set(&Call::new("hb", words.iter().map(|word| (*word).into())), direction)
    }

    #[test]
    fn words_name_sets_and_failback_means_what_is_theirs() {
        for direction in [Direction::Standby, Direction::Takeover] {
            assert_eq!(asked(&[], direction), Ok("all"));
            for word in ["all", "foreign", "local"] {
                assert_eq!(asked(&[word], direction), Ok(word));
            }
        }
        assert_eq!(asked(&["failback"], Direction::Standby), Ok("foreign"));
        assert_eq!(asked(&["failback"], Direction::Takeover), Ok("local"));
    }

    #[test]
    fn too_many_comes_before_what_they_are() {
        assert_eq!(asked(&["--help", "x"], Direction::Standby), Err(Wrong::TooMany));
        assert_eq!(asked(&["--help"], Direction::Standby), Err(Wrong::Help));
        assert_eq!(asked(&["ALL"], Direction::Takeover), Err(Wrong::Word("ALL".to_owned())));
    }
}
