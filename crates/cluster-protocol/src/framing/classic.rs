//! `>>>` … `<<<` text: one field a line, `name=value` or `(type)name=value`; binary values in base64.
//!
//! Source of the facts: the wire specification, section 2.2. The `auth` field is a field like others here; what it
//! says is checked by [`packet`](crate::packet).

use super::{MAX_DEPTH, Malformed, Why, base64, is_writable, parse_list, push_list, split_pair};
use crate::message::{Field, Message, Value};
use std::borrow::Cow;

/// How a message starts.
pub const HEADER: &[u8] = b">>>\n";
/// How a message ends.
pub const END: &[u8] = b"<<<\n";

/// Stands for a line feed inside of a text. A real one of these comes back as a line feed: the format has no escape.
const LINE_FEED: u8 = 0x13;
/// Stand for the line feeds of a struct, by its depth.
const DEPTH_SYMBOLS: [u8; MAX_DEPTH] = [20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 15, 16, 17, 18];

/// Cuts the message at the front into its lines and what follows, without looking into the lines.
///
/// # Errors
/// [`Malformed`] if there is no header or no end marker.
pub fn split(bytes: &[u8]) -> Result<(&[u8], &[u8]), Malformed> {
    let text = bytes.strip_prefix(HEADER).ok_or(Malformed { at: 0, why: Why::NoHeader })?;
    let mut length = 0;
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        if line == END {
            let (body, rest) = text.split_at_checked(length).unwrap_or((text, &[]));
            return Ok((body, rest.get(END.len()..).unwrap_or_default()));
        }
        length += line.len();
    }
    Err(Malformed { at: bytes.len(), why: Why::NoEnd })
}

/// Decodes the message at the front. What follows its end marker does not matter.
///
/// # Errors
/// [`Malformed`], with the position of the first line that cannot be read.
pub fn decode(bytes: &[u8]) -> Result<Message, Malformed> {
    let (body, _) = split(bytes)?;
    decode_body(body, 0)
}

/// Decodes the lines between header and end marker.
pub(crate) fn decode_body(body: &[u8], depth: usize) -> Result<Message, Malformed> {
    let mut message = Message::new();
    let mut at = HEADER.len();
    for line in body.split_inclusive(|byte| *byte == b'\n') {
        let text = line.strip_suffix(b"\n").unwrap_or(line);
        if !text.is_empty() {
            message.fields.push(decode_line(text, depth).map_err(|why| Malformed { at, why })?);
        }
        at += line.len();
    }
    Ok(message)
}

fn decode_line(line: &[u8], depth: usize) -> Result<Field, Why> {
    let (kind, pair) = match line {
        // A string has no type in front, and writing it is an error.
        [b'(', kind @ b'1'..=b'4', b')', pair @ ..] => (*kind, pair),
        [b'(', ..] => return Err(Why::BadType),
        _ => (b'0', line),
    };
    let (name, value) = split_pair(pair)?;
    if value.contains(&0) {
        return Err(Why::BadValue);
    }
    let value = match kind {
        b'0' => Value::Text(replaced(value, LINE_FEED, b'\n').into_owned()),
        b'1' => Value::Binary(base64::decode(value).ok_or(Why::BadValue)?),
        b'2' => Value::Struct(decode_struct(value, depth)?),
        b'3' => Value::List(parse_list(&replaced(value, LINE_FEED, b'\n'))?),
        _ => Value::Compressed(base64::decode(value).ok_or(Why::BadValue)?),
    };
    Ok(Field { name: name.to_vec(), value })
}

fn decode_struct(value: &[u8], depth: usize) -> Result<Message, Why> {
    let symbol = DEPTH_SYMBOLS.get(depth).ok_or(Why::TooDeep)?;
    let text = replaced(value, *symbol, b'\n');
    match split(&text) {
        Ok((body, [])) => decode_body(body, depth + 1).map_err(|error| error.why),
        Ok(_) => Err(Why::NoEnd),
        Err(error) => Err(error.why),
    }
}

/// The bytes with every `from` made a `to`; copied only if there is one.
fn replaced(bytes: &[u8], from: u8, to: u8) -> Cow<'_, [u8]> {
    if !bytes.contains(&from) {
        return Cow::Borrowed(bytes);
    }
    Cow::Owned(bytes.iter().map(|byte| if *byte == from { to } else { *byte }).collect())
}

/// Writes the message. Fields that no form can hold are left out, as by [`netstring::encode`](super::netstring::encode).
#[must_use]
pub fn encode(message: &Message) -> Vec<u8> {
    let mut out = Vec::with_capacity(512);
    out.extend_from_slice(HEADER);
    push_fields(&mut out, &message.fields, 0);
    out.extend_from_slice(END);
    out
}

/// The bytes that an `auth` field signs: all fields but those named `auth`, without header and end marker.
#[must_use]
pub fn signed_body(message: &Message) -> Vec<u8> {
    let mut out = Vec::with_capacity(512);
    push_fields(&mut out, message.fields.iter().filter(|field| field.name != b"auth"), 0);
    out
}

fn push_fields<'a>(out: &mut Vec<u8>, fields: impl IntoIterator<Item = &'a Field>, depth: usize) {
    for field in fields.into_iter().filter(|field| is_writable(field, depth)) {
        push_field(out, field, depth);
    }
}

fn push_field(out: &mut Vec<u8>, field: &Field, depth: usize) {
    let kind: &[u8] = match &field.value {
        Value::Text(_) => b"",
        Value::Binary(_) => b"(1)",
        Value::Struct(_) => b"(2)",
        Value::List(_) => b"(3)",
        Value::Compressed(_) => b"(4)",
    };
    out.extend_from_slice(kind);
    out.extend_from_slice(&field.name);
    out.push(b'=');
    match &field.value {
        Value::Text(text) => out.extend_from_slice(&replaced(text, b'\n', LINE_FEED)),
        Value::Binary(bytes) | Value::Compressed(bytes) => base64::encode(out, bytes),
        Value::Struct(message) => {
            let start = out.len();
            out.extend_from_slice(HEADER);
            push_fields(out, &message.fields, depth + 1);
            out.extend_from_slice(END);
            // A struct that is too deep is not writable and does not come here.
            let symbol = DEPTH_SYMBOLS.get(depth).copied().unwrap_or(b'\n');
            for byte in out.iter_mut().skip(start).filter(|byte| **byte == b'\n') {
                *byte = symbol;
            }
        }
        Value::List(items) => {
            let mut packed = Vec::new();
            push_list(&mut packed, items);
            out.extend_from_slice(&replaced(&packed, b'\n', LINE_FEED));
        }
    }
    out.push(b'\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_is_read_and_written() {
        let mut deep = Message::new().with("k", "v\nw");
        deep.push("deeper", Value::Struct(Message::new().with("x", "")));
        let mut sub = Message::new().with("a", "b");
        sub.push("deep", Value::Struct(deep));
        let mut message = Message::of_type("my=type").with("nl", "line1\nline2").with("delnodelist", " ");
        message.push("sub", Value::Struct(sub));
        message.push("lst", Value::List(vec![b"abc".to_vec(), b"defg".to_vec()]));
        message.push("bin", Value::Binary(vec![0, 10, 255]));
        message.push("none", Value::Binary(Vec::new()));
        message.push("z", Value::Compressed(vec![1]));
        let text =
            b">>>\nt=my=type\nnl=line1\x13line2\ndelnodelist= \n(2)sub=>>>\x14a=b\x14(2)deep=>>>\x15k=v\x13w\x15\
(2)deeper=>>>\x16x=\x16<<<\x16\x15<<<\x15\x14<<<\x14\n(3)lst=3:abc,4:defg,\n(1)bin=AAr/\n(1)none=\n(4)z=AQ==\n<<<\n";
        assert_eq!(encode(&message).escape_ascii().to_string(), text.escape_ascii().to_string());
        assert_eq!(decode(text), Ok(message));
    }

    #[test]
    fn blank_lines_and_what_follows_the_end_do_not_matter() {
        let message = Message::of_type("x").with("a", "");
        for text in [
            &b">>>\nt=x\na=\n<<<\n"[..],
            b">>>\n\nt=x\n\n\na=\n\n<<<\n",
            b">>>\nt=x\na=\n<<<\n\0",
            b">>>\nt=x\na=\n<<<\n<<<",
        ] {
            assert_eq!(decode(text), Ok(message.clone()), "{}", text.escape_ascii());
        }
    }

    #[test]
    fn each_defect_is_named_with_its_place() {
        for (text, at, why) in [
            (&b""[..], 0, Why::NoHeader),
            (b">>\n<<<\n", 0, Why::NoHeader),
            (b"\n>>>\n<<<\n", 0, Why::NoHeader),
            (b">>>\na=b\n", 8, Why::NoEnd),
            (b">>>\na=b\n<<<", 11, Why::NoEnd),
            (b">>>\na=b<<<\n", 11, Why::NoEnd),
            (b">>>\na=b\nab\n<<<\n", 8, Why::NoEquals),
            (b">>>\na=b\n>>>\n<<<\n", 8, Why::NoEquals),
            (b">>>\n=b\n<<<\n", 4, Why::BadName),
            (b">>>\n(1)=b\n<<<\n", 4, Why::BadName),
            (b">>>\n(1)(1)a=b\n<<<\n", 4, Why::BadName),
            (b">>>\n(0)a=b\n<<<\n", 4, Why::BadType),
            (b">>>\n(7)a=b\n<<<\n", 4, Why::BadType),
            (b">>>\n(12)a=b\n<<<\n", 4, Why::BadType),
            (b">>>\n(a=b\n<<<\n", 4, Why::BadType),
            (b">>>\na=\0\n<<<\n", 4, Why::BadValue),
            (b">>>\n(1)a=b\n<<<\n", 4, Why::BadValue),
            (b">>>\n(3)a=b\n<<<\n", 4, Why::BadValue),
            (b">>>\n(2)a=b\n<<<\n", 4, Why::NoHeader),
            (b">>>\n(2)a=>>>\x14<<<\n<<<\n", 4, Why::NoEnd),
            (b">>>\n(2)a=>>>\x14<<<\x14x\n<<<\n", 4, Why::NoEnd),
            (b">>>\n(2)a=>>>\x15<<<\x15\n<<<\n", 4, Why::NoHeader),
        ] {
            assert_eq!(decode(text), Err(Malformed { at, why }), "{}", text.escape_ascii());
        }
    }

    #[test]
    fn sixteen_structs_in_each_other_are_the_limit() {
        let tower = |levels: usize| {
            (0..levels).fold(Message::new().with("k", "v"), |inner, _| {
                let mut outer = Message::new();
                outer.push("s", Value::Struct(inner));
                outer
            })
        };
        let text = encode(&tower(MAX_DEPTH));
        assert_eq!(decode(&text), Ok(tower(MAX_DEPTH)));
        assert_ne!(decode(&encode(&tower(MAX_DEPTH + 1))), Ok(tower(MAX_DEPTH + 1)));
        let deeper = String::from_utf8(text).unwrap().replace("k=v", "(2)k=v");
        assert_eq!(decode(deeper.as_bytes()), Err(Malformed { at: 4, why: Why::TooDeep }));
    }

    #[test]
    fn the_signed_body_is_all_but_auth() {
        let message = Message::of_type("x").with("auth", "1 ab").with("a", "b").with("auth", "2 cd");
        assert_eq!(signed_body(&message), b"t=x\na=b\n");
    }
}
