//! What happens to a datagram on a bad line: decided by a seed, not by the machine.

use std::time::Duration;

use crate::rng::Rng;

/// How bad a line is. The default is a perfect one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Weather {
    /// Of 100 datagrams, how many are lost.
    pub loss: usize,
    /// Of 100 that are not lost, how many come twice.
    pub duplicates: usize,
    /// Each copy is held back for up to so many milliseconds; later ones may overtake it.
    pub delay: usize,
    /// Decides the rest.
    pub seed: u64,
}

impl Weather {
    /// Lost, doubled and overtaken datagrams, one in eight each or more, as the cluster must live with.
    ///
    /// At five heartbeats per second, two seconds without any are about as likely as 1 in 10^9.
    pub fn bad(seed: u64) -> Self {
        Self { loss: 12, duplicates: 15, delay: 300, seed }
    }
}

/// The fates of the datagrams of one line, one after the other.
#[derive(Debug, Clone)]
pub(super) struct Fates {
    weather: Weather,
    rng: Rng,
}

impl Fates {
    /// Begins the sequence of a weather.
    pub(super) fn new(weather: Weather) -> Self {
        Self { weather, rng: Rng::new(weather.seed) }
    }

    /// After how long each copy of the next datagram arrives; none if it is lost.
    pub(super) fn next_copies(&mut self) -> Vec<Duration> {
        let Weather { loss, duplicates, delay, .. } = self.weather;
        let lost = self.rng.chance(loss);
        let copies = 1 + usize::from(self.rng.chance(duplicates));
        let mut delays = (0..copies).map(|_| self.rng.between(0, delay));
        if lost {
            return Vec::new();
        }
        delays.by_ref().map(|delay| Duration::from_millis(u64::try_from(delay).unwrap_or(0))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_good_weather_all_arrive_once_at_once() {
        let mut fates = Fates::new(Weather::default());
        assert!((0..100).all(|_| fates.next_copies() == [Duration::ZERO]));
    }

    #[test]
    fn a_seed_decides_and_bad_weather_does_everything() {
        let of = |seed| {
            let mut fates = Fates::new(Weather::bad(seed));
            (0..1000).map(|_| fates.next_copies()).collect::<Vec<_>>()
        };
        let all = of(7);
        assert_eq!(all, of(7));
        assert_ne!(all, of(8));
        let count = |copies: usize| all.iter().filter(|fate| fate.len() == copies).count();
        assert!((80..160).contains(&count(0)) && (90..180).contains(&count(2)), "{} {}", count(0), count(2));
        assert!(all.iter().flatten().any(|delay| delay.as_millis() > 250));
    }
}
