//! The random numbers of the generator: one seed decides everything, on every machine and for ever.

/// A small generator (SplitMix64) with the choices the command-line generator needs.
///
/// Source of the constants: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014.
#[derive(Debug, Clone)]
pub struct Rng {
    state: u64,
}

impl Rng {
    /// Starts the sequence of one seed.
    pub fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// The generator of the `index`th part of a run, independent of how much the other parts used.
    pub fn part(seed: u64, index: u64) -> Self {
        let mut first = Self::new(seed);
        let base = first.next();
        Self::new(base ^ index.wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    /// The next 64 random bits.
    #[expect(clippy::should_implement_trait, reason = "an endless stream of bits is not an iterator to loop over")]
    pub fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.state;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    /// A number from 0 up to and without `bound`; 0 if `bound` is 0.
    pub fn below(&mut self, bound: usize) -> usize {
        let wide = u128::from(self.next()) * (bound as u128);
        usize::try_from(wide >> 64).unwrap_or(0)
    }

    /// A number of the closed range.
    pub fn between(&mut self, low: usize, high: usize) -> usize {
        low + self.below(high.saturating_sub(low) + 1)
    }

    /// True in `percent` of 100 cases.
    pub fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// One of `items`.
    ///
    /// # Panics
    ///
    /// If `items` is empty, which is a mistake in the generator's tables.
    #[expect(clippy::indexing_slicing, reason = "the index is below the length")]
    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }

    /// One of `items`, as text.
    ///
    /// # Panics
    ///
    /// If `items` is empty.
    pub fn word(&mut self, items: &[&str]) -> String {
        (*self.pick(items)).to_owned()
    }

    /// One of some names that are known when this is compiled.
    ///
    /// # Panics
    ///
    /// If `names` is empty.
    pub fn name(&mut self, names: &[&'static str]) -> &'static str {
        self.pick::<&str>(names)
    }

    /// One of the weighted `items`.
    ///
    /// # Panics
    ///
    /// If `items` is empty.
    pub fn weighted<T: Copy>(&mut self, items: &[(usize, T)]) -> T {
        let mut rest = self.below(items.iter().map(|(weight, _)| weight).sum());
        for (weight, item) in items {
            if rest < *weight {
                return *item;
            }
            rest -= weight;
        }
        self.pick(items).1
    }

    /// Puts `items` into a random order.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_of_a_seed_never_change() {
        let mut rng = Rng::new(0);
        // Published first outputs of SplitMix64 for seed 0.
        assert_eq!([rng.next(), rng.next()], [0xe220_a839_7b1d_cdaf, 0x6e78_9e6a_a1b9_65f4]);
    }

    #[test]
    fn parts_of_a_run_differ_and_repeat() {
        assert_eq!(Rng::part(7, 3).next(), Rng::part(7, 3).next());
        assert_ne!(Rng::part(7, 3).next(), Rng::part(7, 4).next());
        assert_ne!(Rng::part(7, 3).next(), Rng::part(8, 3).next());
    }

    #[test]
    fn choices_stay_in_their_bounds_and_reach_all_of_them() {
        let mut rng = Rng::new(1);
        let mut seen = [0; 4];
        for _ in 0..400 {
            seen[rng.between(3, 5) - 3] += 1;
            assert_ne!(rng.weighted(&[(1, 'a'), (0, 'b')]), 'b');
        }
        assert!(seen[..3].iter().all(|count| *count > 50), "{seen:?}");
        assert_eq!(seen[3], 0);
    }

    #[test]
    fn shuffling_keeps_every_item() {
        let mut items: Vec<_> = (0..20).collect();
        Rng::new(5).shuffle(&mut items);
        assert_ne!(items, (0..20).collect::<Vec<_>>());
        items.sort_unstable();
        assert_eq!(items, (0..20).collect::<Vec<_>>());
    }
}
