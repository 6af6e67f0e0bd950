//! Seconds since 1970 as local date and time, after the machine's time zone.
#![allow(unsafe_code, reason = "no safe crate of ours wraps localtime_r, and only libc knows the machine's time zone")]

use std::mem::MaybeUninit;

/// A date and a time of day in the local time zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LocalTime {
    /// Full year, for example 2026.
    pub year: i32,
    /// 1 to 12.
    pub month: u8,
    /// 1 to 31.
    pub day: u8,
    /// 0 to 23.
    pub hour: u8,
    /// 0 to 59.
    pub minute: u8,
    /// 0 to 60.
    pub second: u8,
}

/// Converts seconds since 1970, UTC. `TZ` and `/etc/localtime` count as they were at the first call of the process.
///
/// `None` only if the year does not fit.
#[must_use]
pub fn local_time(seconds: i64) -> Option<LocalTime> {
    let mut broken = MaybeUninit::<libc::tm>::zeroed();
    // SAFETY: both pointers are valid for the call; localtime_r writes only to its second argument.
    let result = unsafe { libc::localtime_r(&raw const seconds, broken.as_mut_ptr()) };
    if result.is_null() {
        return None;
    }
    // SAFETY: zeroed is a valid tm, and localtime_r has filled it in.
    let broken = unsafe { broken.assume_init() };
    let small = |value: libc::c_int| u8::try_from(value).ok();
    Some(LocalTime {
        year: broken.tm_year.checked_add(1900)?,
        month: small(broken.tm_mon.checked_add(1)?)?,
        day: small(broken.tm_mday)?,
        hour: small(broken.tm_hour)?,
        minute: small(broken.tm_min)?,
        second: small(broken.tm_sec)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn local_time_agrees_with_the_date_command() {
        let seconds = 1_795_424_685;
        let output = std::process::Command::new("date")
            .args(["-d", "@1795424685", "+%Y %m %d %H %M %S"])
            .output()
            .expect("date runs");
        let expected = String::from_utf8(output.stdout).expect("ASCII");
        let ours = local_time(seconds).expect("a date");
        let text = format!(
            "{} {:02} {:02} {:02} {:02} {:02}",
            ours.year, ours.month, ours.day, ours.hour, ours.minute, ours.second
        );
        assert_eq!(text, expected.trim());
    }

    #[test]
    fn a_year_that_does_not_fit_is_refused() {
        assert_eq!(local_time(i64::MAX), None);
    }
}
