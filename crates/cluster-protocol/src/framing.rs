//! The two ways a message is written: [`classic`] text and [`netstring`]s; and [`stream`], which finds them in a stream.
//!
//! What both have in common is here: limits, errors, the rules for names and packed lists. The decoders read bytes of
//! strangers; they do not panic, and memory and depth are bounded by the length of the input.

use crate::message::{Field, Message, Value};
use thiserror::Error;

pub mod base64;
pub mod classic;
pub mod netstring;
pub mod stream;

/// Longest message that is sent or accepted, in bytes. Source: the wire specification, section 2.6.
pub const MAX_MESSAGE: usize = 262_144;
/// How deep structs may lie in each other; the structs of the outermost message are at depth 0.
pub const MAX_DEPTH: usize = 16;
/// Longest packed list in bytes.
pub const MAX_LIST: usize = 1023;

/// What is wrong with the bytes of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Why {
    /// It does not start with `>>>` or `###` and a line feed.
    #[error("no message header")]
    NoHeader,
    /// The end marker is missing, or something follows it where nothing may.
    #[error("no end marker where it should be")]
    NoEnd,
    /// A length is not a number, or does not fit.
    #[error("wrong length")]
    BadLength,
    /// A field has no `=`.
    #[error("no '=' in a field")]
    NoEquals,
    /// A name is empty, starts with `(`, or has a line feed or NUL in it.
    #[error("unusable field name")]
    BadName,
    /// The field type is missing, unknown, or must not be written.
    #[error("unusable field type")]
    BadType,
    /// The value does not fit its type.
    #[error("malformed value")]
    BadValue,
    /// Structs lie deeper in each other than [`MAX_DEPTH`].
    #[error("nested too deep")]
    TooDeep,
}

/// Why bytes are not a message, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("{why} at byte {at}")]
pub struct Malformed {
    /// Where the outermost field, line or marker concerned starts, in bytes from the beginning.
    pub at: usize,
    /// What is wrong there.
    pub why: Why,
}

/// Decodes a message without signature, in whichever form it is: what comes from the FIFO or out of a compressed packet.
///
/// # Errors
/// [`Malformed`], as the form's own decoder says.
pub fn decode(bytes: &[u8]) -> Result<Message, Malformed> {
    if bytes.starts_with(netstring::HEADER) { netstring::decode(bytes) } else { classic::decode(bytes) }
}

/// Splits `name=value` and checks the name.
fn split_pair(pair: &[u8]) -> Result<(&[u8], &[u8]), Why> {
    let at = pair.iter().position(|byte| *byte == b'=').ok_or(Why::NoEquals)?;
    let (name, value) = pair.split_at_checked(at).ok_or(Why::NoEquals)?;
    if !is_name(name) {
        return Err(Why::BadName);
    }
    Ok((name, value.get(1..).unwrap_or_default()))
}

/// Whether both forms can hold this name. `(` as the first byte would read as a type in classic text.
fn is_name(name: &[u8]) -> bool {
    !name.is_empty() && !name.starts_with(b"(") && !name.iter().any(|byte| matches!(byte, b'=' | b'\n' | 0))
}

/// Whether a field can be written at this depth; fields that cannot are left out.
fn is_writable(field: &Field, depth: usize) -> bool {
    is_name(&field.name)
        && match &field.value {
            Value::Text(text) => !text.contains(&0),
            Value::Binary(_) | Value::Compressed(_) => true,
            Value::Struct(_) => depth < MAX_DEPTH,
            Value::List(items) => {
                let packed: usize = items.iter().map(|item| item.len().to_string().len() + item.len() + 2).sum();
                packed <= MAX_LIST && !items.iter().any(|item| item.contains(&0))
            }
        }
}

/// Writes a number in decimal digits.
fn push_decimal(out: &mut Vec<u8>, number: usize) {
    out.extend_from_slice(number.to_string().as_bytes());
}

/// Reads `digits:` at the beginning: the number and what follows. At most 7 digits: more is longer than any message.
fn take_length(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let digits = bytes.iter().take(8).position(|byte| *byte == b':')?;
    let (digits, rest) = bytes.split_at_checked(digits)?;
    Some((decimal(digits)?, rest.get(1..)?))
}

/// A number of decimal digits only.
fn decimal(digits: &[u8]) -> Option<usize> {
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0_usize, |number, byte| {
        let digit = byte.is_ascii_digit().then(|| usize::from(byte - b'0'))?;
        number.checked_mul(10)?.checked_add(digit)
    })
}

/// Takes one `length:content,` from the front: the content and what follows.
fn take_netstring(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = take_length(bytes)?;
    let (content, rest) = rest.split_at_checked(length)?;
    Some((content, rest.strip_prefix(b",")?))
}

/// Writes `length:content,`.
fn push_netstring(out: &mut Vec<u8>, content: &[u8]) {
    push_decimal(out, content.len());
    out.push(b':');
    out.extend_from_slice(content);
    out.push(b',');
}

/// Reads a packed list, `length:string,` as often as there are strings.
fn parse_list(mut packed: &[u8]) -> Result<Vec<Vec<u8>>, Why> {
    if packed.len() > MAX_LIST || packed.contains(&0) {
        return Err(Why::BadValue);
    }
    let mut items = Vec::new();
    while !packed.is_empty() {
        let (item, rest) = take_netstring(packed).ok_or(Why::BadValue)?;
        items.push(item.to_vec());
        packed = rest;
    }
    Ok(items)
}

/// Writes a packed list.
fn push_list(out: &mut Vec<u8>, items: &[Vec<u8>]) {
    for item in items {
        push_netstring(out, item);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_digits_before_a_colon_and_nothing_else() {
        assert_eq!(take_length(b"12:rest"), Some((12, &b"rest"[..])));
        assert_eq!(take_length(b"0012:"), Some((12, &b""[..])));
        for bad in [&b""[..], b":", b"+1:", b"-1:", b" 1:", b"1 :", b"1", b"12345678:", b"0x1:"] {
            assert_eq!(take_length(bad), None, "{}", bad.escape_ascii());
        }
    }

    #[test]
    fn packed_lists_are_read_whole_or_not_at_all() {
        assert_eq!(parse_list(b"3:abc,0:,4:d,:g,"), Ok(vec![b"abc".to_vec(), vec![], b"d,:g".to_vec()]));
        assert_eq!(parse_list(b""), Ok(vec![]));
        let length = |items: &[Vec<u8>]| {
            let mut packed = Vec::new();
            push_list(&mut packed, items);
            parse_list(&packed).map(|_| packed.len())
        };
        assert_eq!(length(&[vec![b'x'; 1017]]), Ok(MAX_LIST));
        assert_eq!(length(&[vec![b'x'; 1018]]), Err(Why::BadValue));
        for bad in [&b"3:abc"[..], b"3:ab,", b"2:abc,", b"abc", b"1:\0,"] {
            assert_eq!(parse_list(bad), Err(Why::BadValue), "{}", bad.escape_ascii());
        }
    }

    #[test]
    fn fields_that_no_form_can_hold_are_left_out_of_both() {
        let good = Message::of_type("x");
        let mut bad = good.clone();
        for name in ["", "(1)a", "a\nb", "a=b", "a\0"] {
            bad.push(name, Value::Text(b"v".to_vec()));
        }
        bad.push("nul", Value::Text(b"a\0b".to_vec()));
        bad.push("long", Value::List(vec![vec![b'x'; 1020]]));
        assert_eq!(classic::encode(&bad), classic::encode(&good));
        assert_eq!(netstring::encode(&bad), netstring::encode(&good));
    }
}
