//! Values of `ha.cf`: booleans, times, and numbers as the original reads them.

use std::time::Duration;

/// Reads a boolean: `true on yes y 1`, `false off no n 0`, in any case.
#[must_use]
pub fn boolean(text: &str) -> Option<bool> {
    let is = |word: &&str| word.eq_ignore_ascii_case(text);
    if ["true", "on", "yes", "y", "1"].iter().any(is) {
        Some(true)
    } else if ["false", "off", "no", "n", "0"].iter().any(is) {
        Some(false)
    } else {
        None
    }
}

/// Reads a time: digits and dots, then nothing for seconds, `ms…` or `us…`; the rest of the unit does not matter.
///
/// Rounded to whole milliseconds. What follows a second dot is ignored. Source: observed on heartbeat 3.0.6.
#[must_use]
pub fn time(text: &str) -> Option<Duration> {
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.').len();
    let (amount, unit) = text.split_at_checked(digits)?;
    if amount.is_empty() {
        return None;
    }
    let unit = unit.as_bytes();
    let micros_per_unit: u128 = match unit {
        [] => 1_000_000,
        [a, b, ..] if [*a, *b].eq_ignore_ascii_case(b"ms") => 1000,
        [a, b, ..] if [*a, *b].eq_ignore_ascii_case(b"us") => 1,
        _ => return None,
    };
    let mut parts = amount.split('.');
    let whole = parts.next().unwrap_or_default();
    let fraction = parts.next().unwrap_or_default();
    let whole: u128 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    // Nine places are a thousandth of the smallest unit.
    let fraction = fraction.get(..9).unwrap_or(fraction);
    let scale = 10_u128.checked_pow(u32::try_from(fraction.len()).ok()?)?;
    let fraction: u128 = if fraction.is_empty() { 0 } else { fraction.parse().ok()? };
    let scaled = whole.checked_mul(scale)?.checked_add(fraction)?.checked_mul(micros_per_unit)?;
    let divisor = scale.checked_mul(1000)?;
    let millis = scaled.checked_add(divisor / 2)? / divisor;
    // The original's type for times is a signed 64 bit number of milliseconds.
    i64::try_from(millis).ok().and_then(|millis| u64::try_from(millis).ok()).map(Duration::from_millis)
}

/// Reads a number like C's `atoi`: blanks, a sign, digits; what follows is ignored and no digits mean 0.
///
/// Numbers too large for 32 bits lose their high bits, as observed on heartbeat 3.0.6.
#[must_use]
pub fn lenient(text: &str) -> i32 {
    leading_number(text).unwrap_or(0)
}

/// Like [`lenient`], but `None` if there are no digits.
#[must_use]
pub fn leading_number(text: &str) -> Option<i32> {
    let text = text.trim_start_matches([' ', '\t', '\r', '\n', '\u{b}', '\u{c}']);
    let (negative, digits) = match text.as_bytes().first() {
        Some(b'-') => (true, text.get(1..)?),
        Some(b'+') => (false, text.get(1..)?),
        _ => (false, text),
    };
    let end = digits.len() - digits.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let digits = digits.get(..end).filter(|digits| !digits.is_empty())?;
    let mut value: i64 = 0;
    for digit in digits.bytes() {
        value = value.saturating_mul(10).saturating_add(i64::from(digit.wrapping_sub(b'0')));
    }
    if negative {
        value = value.saturating_neg();
    }
    let [a, b, c, d, ..] = value.to_le_bytes();
    Some(i32::from_le_bytes([a, b, c, d]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_the_original_reads_them() {
        let millis = |text: &str| time(text).map(|time| time.as_millis());
        for (text, expected) in [
            ("2", 2000),
            ("1.5", 1500),
            (".5", 500),
            ("2.", 2000),
            (".", 0),
            ("1.2.3", 1200),
            ("500msecs", 500),
            ("500MSfoo", 500),
            ("499us", 0),
            ("501us", 1),
            ("1500500us", 1501),
            ("2.0005", 2001),
            ("99999999999", 99_999_999_999_000),
        ] {
            assert_eq!(millis(text), Some(expected), "{text}");
        }
        for text in ["", "2s", "2m", "-1", "+1", "ms", "1e3", "soon", "99999999999999999999ms", "500m"] {
            assert_eq!(millis(text), None, "{text}");
        }
    }

    #[test]
    fn booleans_have_ten_spellings() {
        assert_eq!(boolean("YeS"), Some(true));
        assert_eq!(boolean("0"), Some(false));
        for text in ["2", "t", "", "onn", "01"] {
            assert_eq!(boolean(text), None, "{text}");
        }
    }

    #[test]
    fn numbers_end_where_their_digits_end() {
        assert_eq!(lenient("12x"), 12);
        assert_eq!(lenient("x"), 0);
        assert_eq!(lenient("-5"), -5);
        assert_eq!(lenient("4294967297"), 1);
        assert_eq!(leading_number("x"), None);
    }
}
