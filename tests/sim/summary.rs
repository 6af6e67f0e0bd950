//! What runs came to, to see how far the bounds are.

/// What a run came to, for the bounds.
#[derive(Clone, Debug, Default)]
pub(crate) struct Summary {
    /// Seconds from the repair to a whole cluster, with its seed.
    pub(crate) whole_after: (f64, u64),
    /// Outputs of one input.
    pub(crate) outputs: (usize, u64),
    /// Seconds that two connected nodes disagreed.
    pub(crate) disagreed: (f64, u64),
    /// Packets that engines were fed with.
    pub(crate) packets: u64,
    /// Starts of members of groups; of those, while the group ran elsewhere and nobody could know.
    pub(crate) starts: u64,
    pub(crate) unknowing_starts: u64,
    /// Children that worked for the daemon, resets of machines, reloads.
    pub(crate) children: u64,
    pub(crate) resets: u64,
    pub(crate) reloads: u64,
}

impl Summary {
    pub(crate) fn take_most(&mut self, seed: u64, other: &Self) {
        if other.whole_after.0 > self.whole_after.0 {
            self.whole_after = (other.whole_after.0, seed);
        }
        if other.outputs.0 > self.outputs.0 {
            self.outputs = (other.outputs.0, seed);
        }
        if other.disagreed.0 > self.disagreed.0 {
            self.disagreed = (other.disagreed.0, seed);
        }
        self.packets += other.packets;
        self.starts += other.starts;
        self.unknowing_starts += other.unknowing_starts;
        self.children += other.children;
        self.resets += other.resets;
        self.reloads += other.reloads;
    }
}

/// Microseconds as seconds.
pub(crate) fn seconds(micros: u64) -> f64 {
    f64::from(u32::try_from(micros).unwrap_or(u32::MAX)) / 1e6
}
