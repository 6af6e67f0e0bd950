//! `Delay`: waits. The original waits in `status` too, which delays every takeover by 30 s more; this one does not.

use super::process::{is_started, set_started, set_stopped};
use crate::agent::{Call, Outcome, Verb};
use std::time::Duration;

/// Seconds that `start` waits without an argument, observed.
const START: u64 = 20;
/// Seconds that `stop` waits without an argument, observed.
const STOP: u64 = 30;

/// The seconds for start and stop.
fn parse(words: &[String]) -> Option<(u64, u64)> {
    let number = |place: usize, default| words.get(place).map_or(Some(default), |word| word.parse().ok());
    Some((number(0, START)?, number(1, STOP)?))
}

/// Carries out one verb.
pub(super) fn act(call: &Call, words: &[String], verb: Verb) -> Outcome {
    let state = format!("Delay_Delay_{}", words.first().map_or("10", String::as_str));
    let Some((start, stop)) = parse(words) else {
        return match verb {
            Verb::Start => call.fail("Some of the instance parameters are invalid", Outcome::Argument),
            Verb::Stop => Outcome::Success,
            Verb::Status => Outcome::Stopped,
        };
    };
    match verb {
        Verb::Status if is_started(&state) => return Outcome::Success,
        Verb::Status => return Outcome::Stopped,
        Verb::Start => {
            if let Err(error) = set_started(&state) {
                return call.fail(&error.to_string(), Outcome::Generic);
            }
            std::thread::sleep(Duration::from_secs(start));
        }
        // It is called for everything at a release, also where nothing was started.
        Verb::Stop if set_stopped(&state) => std::thread::sleep(Duration::from_secs(stop)),
        Verb::Stop => {}
    }
    Outcome::Success
}

#[cfg(test)]
mod tests {
    use super as delay;

    #[test]
    fn seconds_have_the_defaults_of_the_original() {
        let parse = |text: &str| delay::parse(&text.split_whitespace().map(str::to_owned).collect::<Vec<_>>());
        assert_eq!(parse(""), Some((20, 30)));
        assert_eq!((parse("1"), parse("1 2")), (Some((1, 30)), Some((1, 2))));
        assert_eq!((parse("a"), parse("1 b"), parse("-1")), (None, None, None));
    }
}
