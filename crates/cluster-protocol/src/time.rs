//! Time as an argument: monotonic microseconds for decisions, wall-clock seconds only for the `ts` field.
//!
//! Nothing here reads a clock. A step of the wall clock must never cause a takeover, so no decision uses [`WallSeconds`].

use std::ops::Add;
use std::time::Duration;

/// An instant of a clock that never goes back, in microseconds since an arbitrary beginning.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mono(pub u64);

impl Mono {
    /// The time since `earlier`; zero if `earlier` is later.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(self.0.saturating_sub(earlier.0))
    }
}

impl Add<Duration> for Mono {
    type Output = Self;

    fn add(self, span: Duration) -> Self {
        Self(self.0.saturating_add(u64::try_from(span.as_micros()).unwrap_or(u64::MAX)))
    }
}

/// Seconds since 1970, as the originals write them into `ts`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WallSeconds(pub u64);

/// The two clocks at one moment, read by the shell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Now {
    /// For every decision.
    pub mono: Mono,
    /// For the `ts` field only.
    pub wall: WallSeconds,
}
