//! What happened, as a hash of everything and, if wanted, as text.

/// The event log of one run.
#[derive(Debug)]
pub(crate) struct Log {
    hash: u64,
    trace: bool,
}

impl Log {
    pub(crate) fn new(trace: bool) -> Self {
        Self { hash: 0xcbf2_9ce4_8422_2325, trace }
    }

    /// Equal logs have equal hashes.
    pub(crate) fn hash(&self) -> u64 {
        self.hash
    }

    /// Takes bytes into the hash (FNV-1a over words of up to eight bytes).
    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let word = chunk.iter().fold(0_u64, |word, byte| word << 8 | u64::from(*byte));
            self.number(word);
        }
    }

    pub(crate) fn number(&mut self, number: u64) {
        self.hash = (self.hash ^ number).wrapping_mul(0x0000_0100_0000_01b3).rotate_left(23);
    }

    /// One thing at `time` (microseconds). The text is made only if somebody reads it.
    pub(crate) fn say(&mut self, time: u64, text: impl FnOnce() -> String) {
        self.number(time);
        if self.trace {
            println!("{:>11.6} {}", f64::from(u32::try_from(time).unwrap_or(u32::MAX)) / 1e6, text());
        }
    }
}
