//! `###` … `%%%` netstrings: each field is `length:(type)name=value,`; values are raw bytes.
//!
//! Source of the facts: the wire specification, section 2.3. The signature that follows the outermost message belongs
//! to [`packet`](crate::packet).

use super::{
    MAX_DEPTH, Malformed, Why, is_writable, parse_list, push_decimal, push_list, push_netstring, split_pair,
    take_netstring,
};
use crate::message::{Field, Message, Value};

/// How a message starts.
pub const HEADER: &[u8] = b"###\n";
/// How a message ends, before the signature.
pub const END: &[u8] = b"%%%\n";

/// The length of the message at the front, header and end marker included, by walking the lengths of its fields only.
///
/// # Errors
/// [`Malformed`] if there is no header, a length lies, or the end is missing.
pub fn span(bytes: &[u8]) -> Result<usize, Malformed> {
    let mut fields = Fields::new(bytes)?;
    for field in &mut fields {
        field?;
    }
    Ok(bytes.len() - fields.rest.len())
}

/// Decodes the message at the front. What follows its end marker does not matter.
///
/// # Errors
/// [`Malformed`], with the position of the first field that cannot be read.
pub fn decode(bytes: &[u8]) -> Result<Message, Malformed> {
    decode_at(bytes, 0).map(|(message, _)| message)
}

fn decode_at(bytes: &[u8], depth: usize) -> Result<(Message, &[u8]), Malformed> {
    let mut message = Message::new();
    let mut fields = Fields::new(bytes)?;
    for field in &mut fields {
        let (at, field) = field?;
        message.fields.push(decode_field(field, depth).map_err(|why| Malformed { at, why })?);
    }
    Ok((message, fields.rest))
}

fn decode_field(field: &[u8], depth: usize) -> Result<Field, Why> {
    let [b'(', kind, b')', pair @ ..] = field else { return Err(Why::BadType) };
    let kind = match kind {
        b'0'..=b'4' => *kind,
        _ => return Err(Why::BadType),
    };
    let (name, value) = split_pair(pair)?;
    let value = match kind {
        b'0' if value.contains(&0) => return Err(Why::BadValue),
        b'0' => Value::Text(value.to_vec()),
        b'1' => Value::Binary(value.to_vec()),
        b'2' if depth >= MAX_DEPTH => return Err(Why::TooDeep),
        b'2' => match decode_at(value, depth + 1) {
            Ok((message, [])) => Value::Struct(message),
            Ok(_) => return Err(Why::NoEnd),
            Err(Malformed { why, .. }) => return Err(why),
        },
        b'3' => Value::List(parse_list(value)?),
        _ => Value::Compressed(value.to_vec()),
    };
    Ok(Field { name: name.to_vec(), value })
}

/// The fields of a message with their positions, undecoded. After the end, `rest` is what follows the end marker.
struct Fields<'a> {
    all: usize,
    rest: &'a [u8],
    done: bool,
}

impl<'a> Fields<'a> {
    fn new(bytes: &'a [u8]) -> Result<Self, Malformed> {
        let rest = bytes.strip_prefix(HEADER).ok_or(Malformed { at: 0, why: Why::NoHeader })?;
        Ok(Self { all: bytes.len(), rest, done: false })
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Result<(usize, &'a [u8]), Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.done {
            return None;
        }
        let at = self.all - self.rest.len();
        if let Some(rest) = self.rest.strip_prefix(END) {
            (self.done, self.rest) = (true, rest);
            return None;
        }
        if let Some((field, rest)) = take_netstring(self.rest) {
            self.rest = rest;
            return Some(Ok((at, field)));
        }
        self.done = true;
        let why = if self.rest.first().is_some_and(u8::is_ascii_digit) { Why::BadLength } else { Why::NoEnd };
        Some(Err(Malformed { at, why }))
    }
}

/// Writes the message, without signature. Fields that no form can hold are left out: unusable names, texts or list items
/// with NUL, lists longer than [`MAX_LIST`](super::MAX_LIST), structs deeper than [`MAX_DEPTH`].
#[must_use]
pub fn encode(message: &Message) -> Vec<u8> {
    let mut out = Vec::with_capacity(512);
    out.extend_from_slice(HEADER);
    for field in &message.fields {
        push_field(&mut out, field);
    }
    out.extend_from_slice(END);
    out
}

/// Writes one field of an outermost message.
pub(crate) fn push_field(out: &mut Vec<u8>, field: &Field) {
    field_at(out, field, 0);
}

fn field_at(out: &mut Vec<u8>, field: &Field, depth: usize) {
    if !is_writable(field, depth) {
        return;
    }
    match &field.value {
        Value::Text(text) => raw_field(out, b'0', &field.name, text),
        Value::Binary(bytes) => raw_field(out, b'1', &field.name, bytes),
        Value::Compressed(bytes) => raw_field(out, b'4', &field.name, bytes),
        Value::Struct(message) => {
            let mut inner = HEADER.to_vec();
            for field in &message.fields {
                field_at(&mut inner, field, depth + 1);
            }
            inner.extend_from_slice(END);
            raw_field(out, b'2', &field.name, &inner);
        }
        Value::List(items) => {
            let mut packed = Vec::new();
            push_list(&mut packed, items);
            raw_field(out, b'3', &field.name, &packed);
        }
    }
}

/// Writes one field whose value is already in its written form.
pub(crate) fn raw_field(out: &mut Vec<u8>, kind: u8, name: &[u8], value: &[u8]) {
    push_decimal(out, name.len() + value.len() + 4);
    out.extend_from_slice(&[b':', b'(', kind, b')']);
    out.extend_from_slice(name);
    out.push(b'=');
    out.extend_from_slice(value);
    out.push(b',');
}

/// Writes the signature behind a message.
pub(crate) fn push_trailer(out: &mut Vec<u8>, token: &str) {
    push_netstring(out, token.as_bytes());
}

/// The signature at the front of what follows a message; what follows the signature does not matter.
pub(crate) fn trailer(bytes: &[u8]) -> Option<&[u8]> {
    take_netstring(bytes).map(|(token, _)| token)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first fields of the fixture `netstring-sha1-mystruct.bin`, and one of each other kind.
    const NESTED: &[u8] =
        b"###\n13:(0)t=mystruct,64:(2)sub=###\n6:(0)a=b,8:(0)c=d e,25:(2)deep=###\n6:(0)k=v,%%%\n,%%%\n,\
20:(3)lst=3:abc,4:defg,,10:(1)bin=\0\n,,5:(1)e=,6:(4)z=\x01,%%%\n";

    fn nested() -> Message {
        let deep = Message::new().with("k", "v");
        let mut sub = Message::new().with("a", "b").with("c", "d e");
        sub.push("deep", Value::Struct(deep));
        let mut message = Message::of_type("mystruct");
        message.push("sub", Value::Struct(sub));
        message.push("lst", Value::List(vec![b"abc".to_vec(), b"defg".to_vec()]));
        message.push("bin", Value::Binary(b"\0\n,".to_vec()));
        message.push("e", Value::Binary(Vec::new()));
        message.push("z", Value::Compressed(vec![1]));
        message
    }

    #[test]
    fn every_type_is_read_and_written() {
        assert_eq!(decode(NESTED), Ok(nested()));
        assert_eq!(encode(&nested()).escape_ascii().to_string(), NESTED.escape_ascii().to_string());
    }

    #[test]
    fn what_follows_the_end_is_ignored_outside_and_refused_inside() {
        assert_eq!(decode(b"###\n6:(0)a=b,%%%\njunk"), Ok(Message::new().with("a", "b")));
        assert_eq!(span(b"###\n6:(0)a=b,%%%\njunk"), Ok(17));
        let why = |bytes: &[u8]| decode(bytes).map_err(|error| (error.at, error.why));
        assert_eq!(why(b"###\n13:(2)a=###\n%%%\n,%%%\n").map(|message| message.fields.len()), Ok(1));
        assert_eq!(why(b"###\n14:(2)a=###\n%%%\nx,%%%\n"), Err((4, Why::NoEnd)));
    }

    #[test]
    fn each_defect_is_named_with_its_place() {
        for (bytes, at, why) in [
            (&b""[..], 0, Why::NoHeader),
            (b"##\n%%%\n", 0, Why::NoHeader),
            (b"###\n", 4, Why::NoEnd),
            (b"###\n%%%", 4, Why::NoEnd),
            (b"###\n6:(0)a=b,", 13, Why::NoEnd),
            (b"###\n7:(0)a=b,%%%\n", 4, Why::BadLength),
            (b"###\n99999999:(0)a=b,%%%\n", 4, Why::BadLength),
            (b"###\n6:(0)a=b,5:(0)ab,%%%\n", 13, Why::NoEquals),
            (b"###\n5:(0)=b,%%%\n", 4, Why::BadName),
            (b"###\n9:(0)(1)a=b,%%%\n", 4, Why::BadName),
            (b"###\n8:(0)a\nb=b,%%%\n", 4, Why::BadName),
            // The one that ends an original node: a type digit from 6 to 9.
            (b"###\n6:(7)a=b,%%%\n", 4, Why::BadType),
            (b"###\n6:(5)a=b,%%%\n", 4, Why::BadType),
            (b"###\n6:(x)a=b,%%%\n", 4, Why::BadType),
            (b"###\n3:a=b,%%%\n", 4, Why::BadType),
            (b"###\n0:,%%%\n", 4, Why::BadType),
            (b"###\n6:(0)a=\0,%%%\n", 4, Why::BadValue),
            (b"###\n7:(3)a=xx,%%%\n", 4, Why::BadValue),
            (b"###\n6:(2)a=b,%%%\n", 4, Why::NoHeader),
        ] {
            assert_eq!(decode(bytes), Err(Malformed { at, why }), "{}", bytes.escape_ascii());
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
        assert_eq!(decode(&encode(&tower(MAX_DEPTH))), Ok(tower(MAX_DEPTH)));
        assert_ne!(decode(&encode(&tower(MAX_DEPTH + 1))), Ok(tower(MAX_DEPTH + 1)));
        let by_hand = (0..=MAX_DEPTH).fold(b"###\n%%%\n".to_vec(), |inner, _| {
            let mut outer = HEADER.to_vec();
            raw_field(&mut outer, b'2', b"s", &inner);
            outer.extend_from_slice(END);
            outer
        });
        assert_eq!(decode(&by_hand), Err(Malformed { at: 4, why: Why::TooDeep }));
    }
}
