//! Which sequence numbers of one sender were received: duplicates, gaps, retransmission requests, acknowledgements.
//!
//! | case | outcome |
//! |---|---|
//! | first number ever, or after [`forget`](Window::forget): anything above the floor | fresh |
//! | last + 1 | fresh |
//! | last | duplicate |
//! | above, gap of at most [`CAPACITY`] | fresh; the gap is missing and will be asked for |
//! | above, larger gap | fresh; the past is forgotten |
//! | below and missing | fresh (delivery is not ordered) |
//! | below, not missing | old: dropped |
//!
//! Source: wire specification, section 6.1. One thing is stricter than in the originals: a floor is kept when a node is
//! declared dead, so nothing that was received once is ever accepted again in the same generation.

use crate::rng::Rng;
use crate::time::Mono;
use std::collections::BTreeMap;
use std::time::Duration;

/// The most numbers that may be missing at once; also the size of the sender's history (observed in 3.0.6).
pub const CAPACITY: u64 = 500;
/// Every tenth message is acknowledged.
const ACK_PERIOD: u64 = 10;
/// Requests at full rate before they get rarer.
const FIRST_ROUNDS: u32 = 8;
/// Requests after which a number is given up; with 250 ms that is after a minute and a half.
const LAST_ROUND: u32 = 22;
/// The most numbers in one request; originals answer no more.
const RANGE: u64 = 50;

/// How one number was received.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Never seen: deliver it.
    Fresh,
    /// Seen through another medium: the link lives.
    Duplicate,
    /// Seen long ago, given up, or replayed: drop it.
    Old,
}

/// What receiving one number means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// What to do with the message.
    pub verdict: Verdict,
    /// A new gap: the numbers before and behind it.
    pub gap: Option<(u64, u64)>,
    /// The gap was too large, the past is forgotten.
    pub too_many: bool,
    /// The last missing number arrived.
    pub complete: bool,
    /// A number to acknowledge.
    pub ack: Option<u64>,
}

/// What the window wants done about missing numbers at some moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Due {
    /// Ranges to ask for.
    pub ask: Vec<(u64, u64)>,
    /// Numbers to give up.
    pub give_up: Vec<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Missing {
    rounds: u32,
    next: Mono,
}

/// The receiving side of one sender's stream.
#[derive(Clone, Debug)]
pub struct Window {
    last: Option<u64>,
    floor: u64,
    missing: BTreeMap<u64, Missing>,
    ack_trigger: u64,
}

impl Window {
    /// An empty window; which numbers it acknowledges depends on `rng`.
    #[must_use]
    pub fn new(rng: &mut Rng) -> Self {
        Self { last: None, floor: 0, missing: BTreeMap::new(), ack_trigger: rng.below(ACK_PERIOD) }
    }

    /// The last number in order of arrival, 0 if none.
    #[must_use]
    pub fn last(&self) -> u64 {
        self.last.unwrap_or(self.floor)
    }

    /// How many numbers are missing.
    #[must_use]
    pub fn missing(&self) -> usize {
        self.missing.len()
    }

    /// The sender is dead: whatever is missing will not come, and what was received stays received.
    pub fn forget(&mut self) {
        self.floor = self.last();
        self.last = None;
        self.missing.clear();
    }

    /// The sender has a new generation, whose numbers begin anew.
    pub fn restart(&mut self) {
        self.last = None;
        self.floor = 0;
        self.missing.clear();
    }

    /// Receives one number. The first request for a new gap goes out after at most `delay`.
    pub fn receive(&mut self, sequence: u64, now: Mono, rng: &mut Rng, delay: Duration) -> Outcome {
        let mut outcome = Outcome { verdict: Verdict::Fresh, gap: None, too_many: false, complete: false, ack: None };
        let Some(last) = self.last else {
            if sequence <= self.floor {
                outcome.verdict = Verdict::Old;
                return outcome;
            }
            self.last = Some(sequence);
            outcome.ack = self.ack_for_newest(sequence);
            return outcome;
        };
        if sequence == last {
            outcome.verdict = Verdict::Duplicate;
        } else if sequence < last {
            if self.missing.remove(&sequence).is_none() {
                outcome.verdict = Verdict::Old;
            } else {
                outcome.complete = self.missing.is_empty();
                outcome.ack = self.ack_after_gap();
            }
        } else if sequence - last > CAPACITY || self.missing.len() as u64 + (sequence - last - 1) > CAPACITY {
            outcome.too_many = true;
            self.missing.clear();
            self.last = Some(sequence);
        } else {
            if sequence - last > 1 {
                outcome.gap = Some((last, sequence));
                let micros = u64::try_from(delay.as_micros()).unwrap_or(u64::MAX);
                for number in last + 1..sequence {
                    let next = now + Duration::from_micros(rng.below(micros));
                    self.missing.insert(number, Missing { rounds: 0, next });
                }
            }
            self.last = Some(sequence);
            outcome.ack = self.ack_for_newest(sequence);
        }
        outcome
    }

    /// The sender cannot send this number again. True if it was missing.
    pub fn give_up(&mut self, sequence: u64) -> bool {
        self.missing.remove(&sequence).is_some()
    }

    /// When something is due; `None` while nothing is missing.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Mono> {
        self.missing.values().map(|missing| missing.next).min()
    }

    /// What to ask for now; each number again after `delay`, later less often, at last not at all.
    pub fn due(&mut self, now: Mono, delay: Duration) -> Due {
        let mut due = Due::default();
        for (&number, missing) in &mut self.missing {
            if missing.next > now {
                continue;
            }
            if missing.rounds >= LAST_ROUND {
                due.give_up.push(number);
                continue;
            }
            missing.rounds += 1;
            let factor = 1_u32 << missing.rounds.saturating_sub(FIRST_ROUNDS).min(5);
            missing.next = now + delay * factor;
            match due.ask.last_mut() {
                Some((first, last)) if *last + 1 == number && number - *first < RANGE => *last = number,
                _ => due.ask.push((number, number)),
            }
        }
        for number in &due.give_up {
            self.missing.remove(number);
        }
        due
    }

    fn ack_for_newest(&self, sequence: u64) -> Option<u64> {
        (sequence % ACK_PERIOD == self.ack_trigger && self.missing.is_empty()).then_some(sequence)
    }

    /// The highest trigger number below the first hole.
    fn ack_after_gap(&self) -> Option<u64> {
        let below = match self.missing.keys().next() {
            Some(hole) => hole.checked_sub(1)?,
            None => self.last?,
        };
        let back = (below % ACK_PERIOD + ACK_PERIOD - self.ack_trigger) % ACK_PERIOD;
        below.checked_sub(back).filter(|&sequence| sequence > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DELAY: Duration = Duration::from_millis(250);

    fn window() -> (Window, Rng) {
        let mut rng = Rng::new(3);
        let mut window = Window::new(&mut rng);
        window.ack_trigger = 5;
        (window, rng)
    }

    fn receive(window: &mut Window, rng: &mut Rng, sequence: u64) -> Outcome {
        window.receive(sequence, Mono(0), rng, DELAY)
    }

    #[test]
    fn numbers_in_order_are_fresh_and_the_last_again_is_a_duplicate() {
        let (mut window, mut rng) = window();
        for sequence in 7..20 {
            let outcome = receive(&mut window, &mut rng, sequence);
            assert_eq!((outcome.verdict, outcome.gap), (Verdict::Fresh, None));
            assert_eq!(outcome.ack, (sequence % 10 == 5).then_some(sequence));
            assert_eq!(receive(&mut window, &mut rng, sequence).verdict, Verdict::Duplicate);
        }
        assert_eq!(receive(&mut window, &mut rng, 8).verdict, Verdict::Old);
    }

    #[test]
    fn a_gap_is_asked_for_until_it_is_filled_and_each_number_is_fresh_once() {
        let (mut window, mut rng) = window();
        receive(&mut window, &mut rng, 2);
        assert_eq!(receive(&mut window, &mut rng, 6).gap, Some((2, 6)));
        let late = Mono(1_000_000);
        assert_eq!(window.due(late, DELAY).ask, [(3, 5)]);
        assert_eq!(window.due(late, DELAY), Due::default());
        assert_eq!(window.next_deadline(), Some(Mono(1_250_000)));
        assert_eq!(receive(&mut window, &mut rng, 4).verdict, Verdict::Fresh);
        assert_eq!(window.due(Mono(2_000_000), DELAY).ask, [(3, 3), (5, 5)]);
        assert_eq!(receive(&mut window, &mut rng, 4).verdict, Verdict::Old);
        assert!(!receive(&mut window, &mut rng, 3).complete);
        let filled = receive(&mut window, &mut rng, 5);
        assert_eq!((filled.verdict, filled.complete, filled.ack), (Verdict::Fresh, true, Some(5)));
        assert_eq!(window.next_deadline(), None);
    }

    #[test]
    fn while_something_is_missing_nothing_above_it_is_acknowledged() {
        let (mut window, mut rng) = window();
        receive(&mut window, &mut rng, 13);
        for sequence in 15..=26 {
            assert_eq!(receive(&mut window, &mut rng, sequence).ack, None);
        }
        assert_eq!(receive(&mut window, &mut rng, 14).ack, Some(25));
    }

    #[test]
    fn a_gap_above_the_capacity_is_not_asked_for() {
        let (mut window, mut rng) = window();
        receive(&mut window, &mut rng, 1);
        let outcome = receive(&mut window, &mut rng, 502);
        assert_eq!((outcome.too_many, outcome.gap), (true, None));
        assert!(receive(&mut window, &mut rng, 1003).too_many);
        assert_eq!(receive(&mut window, &mut rng, 1503).gap, Some((1003, 1503)));
        assert_eq!(window.missing(), 499);
    }

    #[test]
    fn after_death_nothing_received_before_is_accepted_again() {
        let (mut window, mut rng) = window();
        receive(&mut window, &mut rng, 40);
        window.forget();
        assert_eq!(receive(&mut window, &mut rng, 40).verdict, Verdict::Old);
        assert_eq!(receive(&mut window, &mut rng, 77).gap, None);
        window.restart();
        assert_eq!(receive(&mut window, &mut rng, 1).verdict, Verdict::Fresh);
    }

    #[test]
    fn requests_get_rarer_and_end() {
        let (mut window, mut rng) = window();
        receive(&mut window, &mut rng, 1);
        receive(&mut window, &mut rng, 3);
        let mut asked = Vec::new();
        let given_up = loop {
            let Some(at) = window.next_deadline() else { panic!("neither asked nor given up") };
            let due = window.due(at, DELAY);
            if !due.give_up.is_empty() {
                break due.give_up;
            }
            asked.push(at.0);
        };
        assert_eq!(given_up, [2]);
        assert_eq!(asked.len(), 22);
        assert!(asked.windows(2).take(8).all(|pair| pair[1] - pair[0] == 250_000));
        assert!(asked.windows(2).skip(9).all(|pair| pair[1] - pair[0] > 250_000));
        assert_eq!(window.next_deadline(), None);
    }
}
