//! Words and texts for people: quoting for a shell, output with visible ends, two outputs side by side.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::os::unix::ffi::OsStrExt as _;

/// Quotes one word so that a shell (bash, dash where possible) reads it back as it is.
pub fn quote(word: &OsStr) -> String {
    let bytes = word.as_bytes();
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_./:=,+@%[]".contains(byte);
    if !bytes.is_empty() && bytes.iter().all(plain) {
        return word.to_string_lossy().into_owned();
    }
    if bytes.iter().all(|byte| (0x20..0x7f).contains(byte)) {
        return format!("'{}'", word.to_string_lossy().replace('\'', r"'\''"));
    }
    let mut quoted = String::from("$'");
    for byte in bytes {
        match byte {
            b'\'' | b'\\' => {
                quoted.push('\\');
                quoted.push(char::from(*byte));
            }
            0x20..0x7f => quoted.push(char::from(*byte)),
            _ => {
                let _ = write!(quoted, "\\x{byte:02x}");
            }
        }
    }
    quoted.push('\'');
    quoted
}

/// Quotes a list of words, separated by spaces.
pub fn quote_all<W: AsRef<OsStr>>(words: impl IntoIterator<Item = W>) -> String {
    words.into_iter().map(|word| quote(word.as_ref())).collect::<Vec<_>>().join(" ")
}

/// Shows bytes as content lines of a case file: `|text` with, `\text` without a newline at the end.
///
/// Bytes that are not printable ASCII or valid UTF-8 are escaped, so the end of each line is visible.
pub fn content_lines(bytes: &[u8]) -> Vec<String> {
    bytes
        .split_inclusive(|byte| *byte == b'\n')
        .map(|line| match line.strip_suffix(b"\n") {
            Some(text) => format!("|{}", visible(text)),
            None => format!("\\{}", visible(line)),
        })
        .collect()
}

fn visible(bytes: &[u8]) -> String {
    let mut shown = String::new();
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            if character.is_control() {
                let _ = write!(shown, "{}", character.escape_default());
            } else {
                shown.push(character);
            }
        }
        for byte in chunk.invalid() {
            let _ = write!(shown, "\\x{byte:02x}");
        }
    }
    shown
}

/// Lines of a difference shown of each side.
const LONGEST: usize = 12;

/// Two texts compared line by line: `  ` common, `- ` only in `left`, `+ ` only in `right`.
///
/// Common beginning and end are recognised, the part between is shown as a whole: enough for texts that are meant to be
/// equal. Longer parts are shortened.
pub fn difference(left: &[u8], right: &[u8]) -> String {
    let (left, right) = (content_lines(left), content_lines(right));
    let start = left.iter().zip(&right).take_while(|(a, b)| a == b).count();
    let rest = left.len().min(right.len()) - start;
    let end = left.iter().rev().zip(right.iter().rev()).take(rest).take_while(|(a, b)| a == b).count();
    let mut shown = String::new();
    let skipped = start.saturating_sub(3);
    if skipped > 0 {
        let _ = writeln!(shown, "      ({skipped} equal lines)");
    }
    for line in left.iter().take(start).skip(skipped) {
        let _ = writeln!(shown, "      {line}");
    }
    for (sign, side) in [('-', &left), ('+', &right)] {
        let own = side.len() - end - start;
        for line in side.iter().skip(start).take(own.min(LONGEST)) {
            let _ = writeln!(shown, "    {sign} {line}");
        }
        if own > LONGEST {
            let _ = writeln!(shown, "    {sign} ({} more lines)", own - LONGEST);
        }
    }
    for line in left.iter().skip(left.len() - end).take(2) {
        let _ = writeln!(shown, "      {line}");
    }
    if end > 2 {
        let _ = writeln!(shown, "      ({} equal lines)", end - 2);
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_only_where_a_shell_needs_it() {
        let words = ["-A", "10.0.0.1:80", "", " +5", "it's", "a\tb"].map(OsStr::new);
        assert_eq!(quote_all(words), r"-A 10.0.0.1:80 '' ' +5' 'it'\''s' $'a\x09b'");
    }

    #[test]
    fn bytes_outside_utf8_survive_quoting() {
        assert_eq!(quote(OsStr::from_bytes(b"a\xff'")), r"$'a\xff\''");
    }

    #[test]
    fn content_lines_show_trailing_blanks_and_a_missing_newline() {
        assert_eq!(content_lines(b"one  \n\r\ntwo"), ["|one  ", "|\\r", "\\two"]);
        assert!(content_lines(b"").is_empty());
    }

    #[test]
    fn a_difference_names_the_lines_of_both_sides() {
        assert_eq!(difference(b"a\nb\nc\n", b"a\nx\nc\n"), "      |a\n    - |b\n    + |x\n      |c\n");
        assert_eq!(difference(b"a\n", b"a"), "    - |a\n    + \\a\n");
        assert_eq!(difference(b"a\na\n", b"a\n"), "      |a\n    - |a\n");
    }
}
