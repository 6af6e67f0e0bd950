//! Media between the hosts: what becomes of a packet on its way.

use cluster_protocol::rng::Rng;

/// Most hosts of one cluster.
pub(crate) const HOSTS: usize = 5;

/// What a medium does to packets. Shares are in thousandths.
#[derive(Clone, Debug, Default)]
pub(crate) struct Medium {
    pub(crate) loss: u64,
    pub(crate) twice: u64,
    pub(crate) corrupt: u64,
    /// Shortest and longest way, in microseconds; a wide range reorders.
    pub(crate) delay: (u64, u64),
    /// How many cuts lie on the way from the first to the second host.
    pub(crate) cuts: [[u32; HOSTS]; HOSTS],
    /// When the way in both directions last became good enough to count on; `None` while it is not.
    good_since: [[Option<u64>; HOSTS]; HOSTS],
    /// The same for a way that loses nothing.
    perfect_since: [[Option<u64>; HOSTS]; HOSTS],
    /// Packets of hosts to each other, not echo requests.
    pub(crate) members: bool,
    /// Senders hear themselves, as with broadcasts.
    pub(crate) loopback: bool,
}

/// Above this loss (thousandths) nobody can count on a medium.
const TOLERABLE: u64 = 250;

impl Medium {
    pub(crate) fn new(members: bool, rng: &mut Rng) -> Self {
        let least = rng.below(2000) + 50;
        let mut medium = Self {
            loss: if rng.below(3) == 0 { rng.below(120) } else { 0 },
            twice: if rng.below(3) == 0 { rng.below(150) } else { 0 },
            corrupt: if rng.below(4) == 0 { rng.below(40) } else { 0 },
            delay: (least, least + rng.below(40_000)),
            good_since: [[Some(0); HOSTS]; HOSTS],
            members,
            loopback: !members || rng.below(4) > 0,
            ..Self::default()
        };
        medium.changed(0);
        medium
    }

    /// As all should be in the end.
    pub(crate) fn heal(&mut self, now: u64) {
        (self.loss, self.twice, self.corrupt) = (0, 0, 0);
        self.delay.1 = self.delay.0 + 500;
        self.cuts = Default::default();
        self.changed(now);
    }

    /// To be called after every change, for [`good_since`](Self::good_since).
    pub(crate) fn changed(&mut self, now: u64) {
        for a in 0..HOSTS {
            for b in 0..HOSTS {
                let good = self.cuts[a][b] == 0 && self.cuts[b][a] == 0 && self.loss + self.corrupt <= TOLERABLE;
                let since = &mut self.good_since[a][b];
                *since = if good { since.or(Some(now)) } else { None };
                let since = &mut self.perfect_since[a][b];
                *since = if good && self.loss + self.corrupt == 0 { since.or(Some(now)) } else { None };
            }
        }
    }

    pub(crate) fn good_since(&self, a: usize, b: usize) -> Option<u64> {
        self.good_since[a][b].filter(|_| self.members)
    }

    pub(crate) fn perfect_since(&self, a: usize, b: usize) -> Option<u64> {
        self.perfect_since[a][b].filter(|_| self.members)
    }

    /// The copies that arrive: after how long, and whether spoiled.
    pub(crate) fn carry(&self, from: usize, to: usize, rng: &mut Rng) -> Vec<(u64, bool)> {
        let mut copies = Vec::with_capacity(1);
        if self.cuts[from][to] > 0 || (from == to && !self.loopback) || rng.below(1000) < self.loss {
            return copies;
        }
        for _ in 0..if rng.below(1000) < self.twice { 2 } else { 1 } {
            let delay = self.delay.0 + rng.below(self.delay.1 - self.delay.0 + 1);
            copies.push((delay, rng.below(1000) < self.corrupt));
        }
        copies
    }
}

/// A copy of `bytes` with something wrong in it.
pub(crate) fn spoil(bytes: &[u8], rng: &mut Rng) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    let length = bytes.len() as u64;
    let place = |rng: &mut Rng| usize::try_from(rng.below(length)).unwrap();
    if bytes.is_empty() {
        return vec![b'#'];
    }
    match rng.below(5) {
        0 => bytes.truncate(place(rng)),
        1 => {
            let (from, to) = (place(rng), place(rng));
            let part = bytes[from.min(to)..from.max(to)].to_vec();
            bytes.splice(from..from, part);
        }
        2 => bytes = (0..rng.below(200)).map(|_| rng.bits().to_be_bytes()[0]).collect(),
        _ => {
            for _ in 0..=rng.below(3) {
                let at = place(rng);
                bytes[at] ^= 1 << rng.below(8);
            }
        }
    }
    bytes
}
