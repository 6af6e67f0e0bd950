//! Words in one value of the environment: separated by blanks, everything unusual as `%` and two digits.

/// One word without blanks; the empty word stays empty.
fn escape(word: &str) -> String {
    let mut escaped = String::with_capacity(word.len());
    for byte in word.bytes() {
        if byte.is_ascii_alphanumeric() || b"_-./,:@*=".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            escaped.push_str(&format!("%{byte:02x}"));
        }
    }
    escaped
}

/// The word that [`escape`] was given; `None` if it never made this.
fn unescape(escaped: &str) -> Option<String> {
    let mut pieces = escaped.split('%');
    let mut bytes = pieces.next().unwrap_or_default().as_bytes().to_vec();
    for piece in pieces {
        let digits = piece.get(..2).filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))?;
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
        bytes.extend_from_slice(piece.get(2..)?.as_bytes());
    }
    String::from_utf8(bytes).ok()
}

/// All words as one value.
pub(crate) fn join(words: &[&str]) -> String {
    words.iter().map(|word| escape(word)).collect::<Vec<_>>().join(" ")
}

/// The words of a value.
pub(crate) fn split(value: &str) -> Option<Vec<String>> {
    value.split(' ').map(unescape).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_words_come_back() {
        for words in [vec!["external/x", "", "a b", "p%ss w\u{f6}rd\n"], vec![""], vec!["%", "%4", "=="]] {
            let value = join(&words);
            assert!(value.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' '), "{value}");
            assert_eq!(split(&value).unwrap(), words);
        }
    }

    #[test]
    fn damaged_values_are_refused() {
        for value in ["%", "a %4", "%zz", "%+1", "%ff"] {
            assert_eq!(split(value), None, "{value}");
        }
    }
}
