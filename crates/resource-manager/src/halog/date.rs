//! Dates in the format of the `date` command, as far as log lines use it.

use ha_sys::log::{LocalTime, local_time};
use std::fmt::Write;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const DAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/// `seconds` since 1970 in local time, as `date +FORMAT` prints it with English names.
///
/// A conversion that is not known here stays as it stands in the format.
pub(super) fn format(format: &str, seconds: i64) -> String {
    let Some(time) = local_time(seconds) else { return String::new() };
    let mut out = String::new();
    let mut rest = format.chars();
    while let Some(letter) = rest.next() {
        if letter != '%' {
            out.push(letter);
            continue;
        }
        match rest.next() {
            Some(conversion) => convert(&mut out, conversion, &time, seconds),
            None => out.push('%'),
        }
    }
    out
}

/// One conversion. Writing to a string cannot fail.
fn convert(out: &mut String, conversion: char, time: &LocalTime, seconds: i64) {
    let LocalTime { year, month, day, hour, minute, second } = *time;
    let month_name = usize::from(month).checked_sub(1).and_then(|month| MONTHS.get(month)).copied().unwrap_or("?");
    let day_name = DAYS.get(week_day(time)).copied().unwrap_or("?");
    let short = |name: &'static str| name.get(..3).unwrap_or(name);
    let twelve = if hour % 12 == 0 { 12 } else { hour % 12 };
    let _ = match conversion {
        'Y' => write!(out, "{year}"),
        'y' => write!(out, "{:02}", year.rem_euclid(100)),
        'm' => write!(out, "{month:02}"),
        'd' => write!(out, "{day:02}"),
        'e' => write!(out, "{day:2}"),
        'j' => write!(out, "{:03}", day_of_year(time)),
        'H' => write!(out, "{hour:02}"),
        'k' => write!(out, "{hour:2}"),
        'I' => write!(out, "{twelve:02}"),
        'l' => write!(out, "{twelve:2}"),
        'M' => write!(out, "{minute:02}"),
        'S' => write!(out, "{second:02}"),
        'p' => write!(out, "{}", if hour < 12 { "AM" } else { "PM" }),
        'T' | 'X' => write!(out, "{hour:02}:{minute:02}:{second:02}"),
        'R' => write!(out, "{hour:02}:{minute:02}"),
        'F' => write!(out, "{year}-{month:02}-{day:02}"),
        'D' | 'x' => write!(out, "{month:02}/{day:02}/{:02}", year.rem_euclid(100)),
        'B' => write!(out, "{month_name}"),
        'b' | 'h' => write!(out, "{}", short(month_name)),
        'A' => write!(out, "{day_name}"),
        'a' => write!(out, "{}", short(day_name)),
        'u' => write!(out, "{}", if week_day(time) == 0 { 7 } else { week_day(time) }),
        'w' => write!(out, "{}", week_day(time)),
        's' => write!(out, "{seconds}"),
        't' => write!(out, "\t"),
        'n' => writeln!(out),
        '%' => write!(out, "%"),
        other => write!(out, "%{other}"),
    };
}

fn leap(year: i32) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

/// 1 to 366.
fn day_of_year(time: &LocalTime) -> u16 {
    let before = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];
    let month = usize::from(time.month).saturating_sub(1);
    let extra = u16::from(time.month > 2 && leap(time.year));
    before.get(month).copied().unwrap_or(0) + u16::from(time.day) + extra
}

/// 0 is Sunday. The first day of the common era's year 1 was a Monday in this calendar.
fn week_day(time: &LocalTime) -> usize {
    let years = i64::from(time.year) - 1;
    let days = years * 365 + years.div_euclid(4) - years.div_euclid(100) + years.div_euclid(400);
    let day = days + i64::from(day_of_year(time));
    usize::try_from(day.rem_euclid(7)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_agree_with_the_date_command() {
        let conversions = "%Y|%y|%m|%d|%e|%j|%H|%k|%I|%l|%M|%S|%p|%T|%R|%F|%D|%B|%b|%h|%A|%a|%u|%w|%s|%t|%%|100";
        for seconds in [0, 951_782_400, 1_583_020_799, 1_795_424_685, 1_798_761_599, 2_000_000_000] {
            let output = std::process::Command::new("date")
                .env("LC_ALL", "C")
                .args(["-d", &format!("@{seconds}"), &format!("+{conversions}")])
                .output()
                .unwrap();
            let expected = String::from_utf8(output.stdout).unwrap();
            assert_eq!(format(conversions, seconds), expected.trim_end_matches('\n'), "{seconds}");
        }
    }

    #[test]
    fn what_is_no_conversion_stays() {
        assert_eq!(format("a%Qb %", 0), "a%Qb %");
        assert_eq!(format("", 0), "");
    }
}
