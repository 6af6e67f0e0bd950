//! The only reader of the system's clocks: monotonic time for decisions, wall-clock seconds for what is shown or sent.

use nix::time::{ClockId, clock_gettime};
use std::time::Duration;

/// Time since an arbitrary beginning; never goes back, unaffected by changes of the date.
#[must_use]
pub fn monotonic() -> Duration {
    read(ClockId::CLOCK_MONOTONIC)
}

/// Seconds since 1970; 0 if the clock is set before that.
#[must_use]
pub fn wall_seconds() -> u64 {
    read(ClockId::CLOCK_REALTIME).as_secs()
}

fn read(clock: ClockId) -> Duration {
    // Linux refuses neither clock.
    clock_gettime(clock).map_or(Duration::ZERO, |time| {
        Duration::new(u64::try_from(time.tv_sec()).unwrap_or(0), u32::try_from(time.tv_nsec()).unwrap_or(0))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_monotonic_clock_does_not_go_back_and_the_wall_clock_is_in_this_century() {
        let first = monotonic();
        assert!(monotonic() >= first && first > Duration::ZERO);
        assert!(wall_seconds() > 1_600_000_000);
    }
}
