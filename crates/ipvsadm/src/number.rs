//! Numbers as the C library reads them, since scripts were written against that.

/// Reads a decimal number the way `strtol` does over the whole text: leading white space, one sign, digits, nothing
/// behind. Saturates at the limits of 64 bits.
///
/// `None` if there is no digit or anything else is behind the number.
#[must_use]
pub fn whole(text: &[u8]) -> Option<i64> {
    let (value, rest) = prefix(text)?;
    rest.is_empty().then_some(value)
}

/// Like [`whole`], but only a number from `low` to `high`.
#[must_use]
pub fn between(text: &[u8], low: i64, high: i64) -> Option<u32> {
    let value = whole(text)?;
    if (low..=high).contains(&value) { u32::try_from(value).ok() } else { None }
}

/// Reads the number at the start of the text as `atoi` does: 0 without digits, anything behind is ignored, and only the
/// low 32 bits count.
#[must_use]
#[expect(clippy::cast_possible_truncation, reason = "atoi keeps the low 32 bits; scripts may see it")]
pub fn leading(text: &[u8]) -> i32 {
    prefix(text).map_or(0, |(value, _)| value as i32)
}

fn prefix(text: &[u8]) -> Option<(i64, &[u8])> {
    let is_space = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n' | 0x0b | 0x0c | b'\r');
    let start = text.iter().position(|byte| !is_space(byte))?;
    let (negative, digits) = match text.get(start..)? {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        rest => (false, rest),
    };
    let count = digits.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if count == 0 {
        return None;
    }
    let (number, rest) = digits.split_at_checked(count)?;
    let value = number.iter().fold(0_i64, |value, digit| {
        let digit = i64::from(digit - b'0');
        let step = if negative { -digit } else { digit };
        value.saturating_mul(10).saturating_add(step)
    });
    Some((value, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_white_space_and_a_sign_before_and_nothing_behind() {
        assert_eq!(whole(b" \t+007"), Some(7));
        assert_eq!(whole(b"-3"), Some(-3));
        for bad in [&b""[..], b" ", b"+", b"5 ", b"5x", b"0x10", b"- 5"] {
            assert_eq!(whole(bad), None, "{}", bad.escape_ascii());
        }
        assert_eq!(whole(b"99999999999999999999"), Some(i64::MAX));
        assert_eq!(whole(b"-99999999999999999999"), Some(i64::MIN));
    }

    #[test]
    fn ranges_include_both_ends() {
        assert_eq!(between(b"0", 0, 65535), Some(0));
        assert_eq!(between(b"65535", 0, 65535), Some(65535));
        assert_eq!(between(b"65536", 0, 65535), None);
        assert_eq!(between(b"-1", 0, 65535), None);
    }

    #[test]
    fn a_leading_number_ignores_what_follows_and_wraps() {
        assert_eq!(leading(b"64abc"), 64);
        assert_eq!(leading(b"x"), 0);
        assert_eq!(leading(b""), 0);
        assert_eq!(leading(b"4294967360"), 64);
    }
}
