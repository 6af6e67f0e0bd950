//! From what was seen to figures: how long an address was away, and the middle and the end of a row of numbers.

use std::time::{Duration, Instant};

use crate::probe::Probe;

/// An answer that took longer did not come in time. It was held back somewhere, as the kernel does with packets to an
/// address whose hardware address it is asking for; for the client the address was away.
const IN_TIME: Duration = Duration::from_millis(50);

impl Probe {
    fn good(&self) -> bool {
        self.answered.is_some_and(|at| at.saturating_duration_since(self.sent) <= IN_TIME)
    }
}

/// How long the address was away for a client, judged by the probes sent from `from` to `to`: from the last good probe
/// before the first bad one to the first good one after the last bad one. Zero if there was no bad one.
///
/// A time that is too long by up to the distance of two probes, never too short. `None` if the address was away already
/// at the beginning or still at the end.
pub(crate) fn interruption(probes: &[Probe], from: Instant, to: Instant) -> Option<Duration> {
    let probes: Vec<&Probe> = probes.iter().filter(|probe| (from..=to).contains(&probe.sent)).collect();
    let Some(first) = probes.iter().position(|probe| !probe.good()) else {
        return (!probes.is_empty()).then_some(Duration::ZERO);
    };
    let last = probes.iter().rposition(|probe| !probe.good())?;
    let before = probes.get(first.checked_sub(1)?)?.sent;
    let after = probes.get(last.checked_add(1)?)?.sent;
    Some(after.saturating_duration_since(before))
}

/// How many of the probes sent from `from` to `to` were bad.
pub(crate) fn missed(probes: &[Probe], from: Instant, to: Instant) -> usize {
    probes.iter().filter(|probe| (from..=to).contains(&probe.sent) && !probe.good()).count()
}

/// The middle of some numbers, the mean of the two middle ones if they are even in number; 0 of none.
pub(crate) fn median(numbers: &[f64]) -> f64 {
    let sorted = sorted(numbers);
    let middle = sorted.len() / 2;
    let upper = sorted.get(middle).copied().unwrap_or_default();
    match middle.checked_sub(1).and_then(|lower| sorted.get(lower)) {
        Some(lower) if sorted.len() % 2 == 0 => f64::midpoint(*lower, upper),
        _ => upper,
    }
}

/// The smallest of the numbers that `percent` of 100 of them do not exceed; 0 of none. Of less than a hundred numbers,
/// the 99th percentile is the largest.
pub(crate) fn percentile(numbers: &[f64], percent: usize) -> f64 {
    let sorted = sorted(numbers);
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted.get(rank.saturating_sub(1)).copied().unwrap_or_default()
}

fn sorted(numbers: &[f64]) -> Vec<f64> {
    let mut sorted = numbers.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One probe every 10 ms; a number is the milliseconds until the answer.
    fn probes(begin: Instant, answers: &[Option<u64>]) -> Vec<Probe> {
        let sent = (0..).map(|number| begin + Duration::from_millis(10 * number));
        let answered = |sent: Instant, after: &Option<u64>| after.map(|after| sent + Duration::from_millis(after));
        answers.iter().zip(sent).map(|(after, sent)| Probe { sent, answered: answered(sent, after) }).collect()
    }

    fn milliseconds(answers: &[Option<u64>]) -> Option<u128> {
        let begin = Instant::now();
        interruption(&probes(begin, answers), begin, begin + Duration::from_secs(1)).map(|length| length.as_millis())
    }

    #[test]
    fn an_interruption_lasts_from_the_last_good_probe_to_the_next_good_one() {
        assert_eq!(milliseconds(&[Some(0), Some(0), None, None, None, Some(1), Some(0)]), Some(40));
        assert_eq!(milliseconds(&[Some(0), None, Some(0)]), Some(20));
    }

    #[test]
    fn no_bad_probe_is_no_interruption_and_no_probe_is_no_measurement() {
        assert_eq!(milliseconds(&[Some(0), Some(50)]), Some(0));
        assert_eq!(milliseconds(&[]), None);
    }

    #[test]
    fn several_gaps_count_as_one_from_the_first_to_the_last() {
        assert_eq!(milliseconds(&[Some(0), None, Some(0), Some(0), None, Some(0)]), Some(50));
    }

    #[test]
    fn an_answer_that_was_held_back_is_none() {
        assert_eq!(milliseconds(&[Some(0), Some(900), Some(51), Some(0)]), Some(30));
    }

    #[test]
    fn an_address_that_is_away_at_an_end_gives_no_figure() {
        assert_eq!(milliseconds(&[None, Some(0)]), None);
        assert_eq!(milliseconds(&[Some(0), None]), None);
    }

    #[test]
    fn only_the_probes_of_the_time_count() {
        let begin = Instant::now();
        let all = probes(begin, &[None, Some(0), None, Some(0), None]);
        let at = |milliseconds| begin + Duration::from_millis(milliseconds);
        assert_eq!(interruption(&all, at(10), at(30)), Some(Duration::from_millis(20)));
        assert_eq!((missed(&all, at(10), at(30)), missed(&all, at(0), at(30))), (1, 2));
    }

    #[test]
    fn the_middle_and_the_end() {
        assert!((median(&[5.0, 1.0, 3.0]) - 3.0).abs() < 1e-9);
        assert!((median(&[4.0, 1.0, 3.0, 2.0]) - 2.5).abs() < 1e-9);
        assert!(median(&[]).abs() < 1e-9);
        let hundred: Vec<f64> = (1..=200).rev().map(f64::from).collect();
        assert!((percentile(&hundred, 99) - 198.0).abs() < 1e-9);
        assert!((percentile(&[7.0, 9.0, 8.0], 99) - 9.0).abs() < 1e-9);
        assert!((percentile(&[7.0, 9.0, 8.0], 50) - 8.0).abs() < 1e-9);
        assert!(percentile(&[], 99).abs() < 1e-9);
    }
}
