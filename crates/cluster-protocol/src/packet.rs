//! From a datagram to a trusted message and back: limits, framing, signature, compression, in this order.
//!
//! Nothing but lengths is interpreted before the signature is verified: an unauthenticated sender reaches no parser.

use crate::auth::{AuthKeys, Key, Token};
use crate::compress::{self, Compression};
use crate::framing::{MAX_MESSAGE, classic, netstring};
use crate::message::{Field, Message, Value};
use thiserror::Error;

/// The field that holds a classic message's signature.
const AUTH: &str = "auth";

/// How a whole message is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// `>>>` … `<<<` text with an `auth` field: serial lines.
    Classic,
    /// The same and one NUL byte: datagrams of 2.1.x.
    ClassicNul,
    /// `###` … `%%%` with a trailer and an `auth` field inside: datagrams of 3.0.6 with `msgfmt classic`.
    NetstringWithAuth,
    /// The same without the inner field: `msgfmt netstring`.
    Netstring,
}

/// A message whose signature was right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// The message as it was sent (inflated if it was compressed as a whole), with its `auth` field if it had one.
    pub message: Message,
    /// Which key signed it.
    pub key: u8,
    /// How it was written (of a compressed one: the outer form).
    pub encoding: Encoding,
}

/// Why a packet was dropped. No variant holds anything that an unauthenticated sender could make large.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Error)]
#[non_exhaustive]
pub enum Rejected {
    /// Neither `>>>` nor `###` at the beginning, or empty.
    #[error("no message header")]
    NoHeader,
    /// Longer than a message may be.
    #[error("message too long")]
    TooLong,
    /// The frame does not end, or lengths lie.
    #[error("broken frame")]
    BrokenFrame,
    /// No signature, or one that cannot be read.
    #[error("no readable signature")]
    NoSignature,
    /// Signed with a key that we do not have.
    #[error("unknown key {0}")]
    UnknownKey(u32),
    /// The signature is wrong.
    #[error("wrong signature with key {0}")]
    WrongSignature(u8),
    /// Rightly signed, but a field is malformed.
    #[error("malformed field")]
    MalformedField,
    /// Rightly signed, but it cannot be inflated within the limits.
    #[error("cannot be decompressed")]
    BadCompression,
}

/// Verifies and decodes one datagram or text block.
///
/// Junk behind a classic message or behind a netstring message's signature does not matter. The `auth` field inside of a
/// netstring message is not looked at: the signature behind it covers it. In a classic message it need not be the last
/// field, but it must be the only one of its name; blank lines are not signed.
///
/// # Errors
/// [`Rejected`], for whatever reason; nothing of the packet has been used then.
pub fn open(bytes: &[u8], keys: &AuthKeys) -> Result<Opened, Rejected> {
    if bytes.len() > MAX_MESSAGE {
        return Err(Rejected::TooLong);
    }
    let (message, key, encoding) = if bytes.starts_with(netstring::HEADER) {
        open_netstring(bytes, keys)?
    } else if bytes.starts_with(classic::HEADER) {
        open_classic(bytes, keys)?
    } else {
        return Err(Rejected::NoHeader);
    };
    let message = match compress::unwrap(&message) {
        None => message,
        Some(inner) => inner.map_err(|_| Rejected::BadCompression)?,
    };
    Ok(Opened { message, key, encoding })
}

fn open_netstring(bytes: &[u8], keys: &AuthKeys) -> Result<(Message, u8, Encoding), Rejected> {
    let length = netstring::span(bytes).map_err(|_| Rejected::BrokenFrame)?;
    let (signed, behind) = bytes.split_at_checked(length).ok_or(Rejected::BrokenFrame)?;
    let token = netstring::trailer(behind).and_then(Token::parse).ok_or(Rejected::NoSignature)?;
    let key = verify(keys, token, &[signed])?;
    let message = netstring::decode(signed).map_err(|_| Rejected::MalformedField)?;
    let encoding = if message.get(AUTH).is_some() { Encoding::NetstringWithAuth } else { Encoding::Netstring };
    Ok((message, key, encoding))
}

fn open_classic(bytes: &[u8], keys: &AuthKeys) -> Result<(Message, u8, Encoding), Rejected> {
    let (body, behind) = classic::split(bytes).map_err(|_| Rejected::BrokenFrame)?;
    // The signed parts are what lies between the lines that are not signed: `auth` and blank ones.
    let (mut signed, mut start, mut at) = (Vec::with_capacity(2), 0, 0);
    let mut token = None;
    for line in body.split_inclusive(|byte| *byte == b'\n') {
        let end = at + line.len();
        let auth = line.strip_prefix(b"auth=");
        if auth.is_some() || line == b"\n" {
            signed.push(body.get(start..at).unwrap_or_default());
            start = end;
        }
        if let Some(auth) = auth {
            let text = auth.strip_suffix(b"\n").unwrap_or(auth);
            if token.replace(Token::parse(text).ok_or(Rejected::NoSignature)?).is_some() {
                return Err(Rejected::NoSignature);
            }
        }
        at = end;
    }
    signed.push(body.get(start..).unwrap_or_default());
    let key = verify(keys, token.ok_or(Rejected::NoSignature)?, &signed)?;
    let message = classic::decode_body(body, 0).map_err(|_| Rejected::MalformedField)?;
    Ok((message, key, if behind.first() == Some(&0) { Encoding::ClassicNul } else { Encoding::Classic }))
}

/// By method and secret of the packet's own index. (An original takes the method of the index, but for netstrings the
/// secret of its own `auth` line, and so cannot change keys while running.)
fn verify(keys: &AuthKeys, token: Token<'_>, signed: &[&[u8]]) -> Result<u8, Rejected> {
    let key = keys.key(token.index).ok_or(Rejected::UnknownKey(token.index))?;
    if key.verifies(signed, token.digest) { Ok(key.index) } else { Err(Rejected::WrongSignature(key.index)) }
}

/// Signs a message with key `key` (the active one if there is no such key) and writes it. `auth` fields that the message
/// has are replaced by one at its end.
///
/// A message with struct or compressed fields is written as [`Encoding::Netstring`], except on serial lines
/// ([`Encoding::Classic`]). A message that `compression` wants compressed goes as a signed netstring of two fields, again
/// except on serial lines. Fields that cannot be written are left out, see [`netstring::encode`]. Without any key to
/// sign with, the result is empty and no packet. Source: the wire specification, sections 2.4 and 2.5.
#[must_use]
pub fn seal(message: &Message, keys: &AuthKeys, key: u8, encoding: Encoding, compression: &Compression) -> Vec<u8> {
    let Some(key) = keys.signing(key) else { return Vec::new() };
    let nested = |field: &Field| matches!(field.value, Value::Struct(_) | Value::Compressed(_));
    let encoding = match encoding {
        Encoding::ClassicNul | Encoding::NetstringWithAuth if message.fields.iter().any(nested) => Encoding::Netstring,
        asked => asked,
    };
    if encoding == Encoding::Netstring {
        let written = write_netstring(message, None);
        return match compressed(&written, compression, key) {
            Some(packet) => packet,
            None => with_trailer(written, key),
        };
    }
    let body = classic::signed_body(message);
    let token = key.token(&[&body]);
    let written = [classic::HEADER, &body, b"auth=", token.as_bytes(), b"\n", classic::END, b"\0"].concat();
    match encoding {
        Encoding::Classic => written.strip_suffix(b"\0").unwrap_or_default().to_vec(),
        _ => match compressed(&written, compression, key) {
            Some(packet) => packet,
            None if encoding == Encoding::ClassicNul => written,
            None => with_trailer(write_netstring(message, Some(&token)), key),
        },
    }
}

/// The message without signature, and its `auth` field if there is one to write.
fn write_netstring(message: &Message, token: Option<&str>) -> Vec<u8> {
    let mut out = Vec::with_capacity(512);
    out.extend_from_slice(netstring::HEADER);
    for field in message.fields.iter().filter(|field| field.name != AUTH.as_bytes()) {
        netstring::push_field(&mut out, field);
    }
    if let Some(token) = token {
        netstring::raw_field(&mut out, b'0', AUTH.as_bytes(), token.as_bytes());
    }
    out.extend_from_slice(netstring::END);
    out
}

fn with_trailer(mut written: Vec<u8>, key: &Key) -> Vec<u8> {
    let token = key.token(&[&written]);
    netstring::push_trailer(&mut written, &token);
    written
}

/// The packet that holds the written message compressed, if it is long enough for that.
fn compressed(written: &[u8], compression: &Compression, key: &Key) -> Option<Vec<u8>> {
    let wanted = compression.traditional && written.len() > compression.threshold;
    (wanted || written.len() >= MAX_MESSAGE)
        .then(|| with_trailer(netstring::encode(&compress::wrap(compression.algorithm, written)), key))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::Method;
    use crate::compress::Algorithm;

    const ALL: [Encoding; 4] =
        [Encoding::Classic, Encoding::ClassicNul, Encoding::NetstringWithAuth, Encoding::Netstring];

    fn keys() -> AuthKeys {
        let key = |index, method, secret: &str| Key { index, method, secret: secret.into() };
        AuthKeys {
            active: 1,
            keys: vec![key(1, Method::Sha1, "one"), key(2, Method::Md5, "two"), key(3, Method::Crc, "")],
        }
    }

    fn sealed(message: &Message, key: u8, encoding: Encoding) -> Vec<u8> {
        seal(message, &keys(), key, encoding, &Compression::default())
    }

    fn without_auth(mut message: Message) -> Message {
        message.remove(AUTH);
        message
    }

    #[test]
    fn what_is_sealed_opens_with_the_same_key_and_in_the_same_form() {
        let message = Message::of_type("status").with("src", "alfa").with("nl", "a\nb");
        for encoding in ALL {
            for key in [1, 2, 3] {
                let opened = open(&sealed(&message, key, encoding), &keys()).expect("rightly signed");
                assert_eq!((opened.key, opened.encoding), (key, encoding));
                assert_eq!(opened.message.get(AUTH).is_some(), encoding != Encoding::Netstring);
                assert_eq!(without_auth(opened.message), message);
            }
            assert_eq!(sealed(&message, 9, encoding), sealed(&message, 1, encoding), "the active key signs");
        }
    }

    #[test]
    fn an_old_auth_field_is_replaced_by_one_at_the_end() {
        let message = Message::of_type("x").with("auth", "1 old").with("a", "b").with("auth", "2 older");
        for encoding in ALL {
            assert_eq!(sealed(&message, 1, encoding), sealed(&without_auth(message.clone()), 1, encoding));
        }
    }

    #[test]
    fn each_key_verifies_what_itself_signed_and_no_other_key_does() {
        let message = Message::of_type("x");
        for encoding in ALL {
            let packet = sealed(&message, 2, encoding);
            let mut others = keys();
            others.keys.retain(|key| key.index != 2);
            assert_eq!(open(&packet, &others), Err(Rejected::UnknownKey(2)));
            // Same method, other secret; and the quirk of the originals, the secret of the active key.
            others.keys.push(Key { index: 2, method: Method::Md5, secret: b"one".to_vec() });
            assert_eq!(open(&packet, &others), Err(Rejected::WrongSignature(2)));
        }
    }

    #[test]
    fn in_classic_text_auth_may_stand_anywhere_but_only_once() {
        let packet = sealed(&Message::of_type("x").with("a", "b").with("c", "d"), 1, Encoding::Classic);
        let text = String::from_utf8(packet).expect("text");
        let (auth, rest): (Vec<&str>, Vec<&str>) = text.lines().partition(|line| line.starts_with("auth="));
        let auth = auth[0];
        for place in 1..rest.len() {
            let mut lines = rest.clone();
            lines.insert(place, auth);
            let moved = lines.join("\n") + "\n";
            let opened = open(moved.as_bytes(), &keys()).unwrap_or_else(|error| panic!("{moved}: {error}"));
            assert_eq!(opened.message.fields.get(place - 1).map(|field| field.name.as_slice()), Some(AUTH.as_bytes()));
            let blank = moved.replace("c=d\n", "\nc=d\n\n");
            assert_eq!(open(blank.as_bytes(), &keys()).as_ref(), Ok(&opened), "blank lines are not signed");
            for second in [auth, "auth=1 0", "auth="] {
                let twice = moved.replace(">>>\n", &format!(">>>\n{second}\n"));
                assert_eq!(open(twice.as_bytes(), &keys()), Err(Rejected::NoSignature), "{twice}");
            }
        }
        assert_eq!(open((rest.join("\n") + "\n").as_bytes(), &keys()), Err(Rejected::NoSignature));
    }

    #[test]
    fn a_rightly_signed_packet_with_a_malformed_field_is_rejected_after_the_signature() {
        let netstring = with_trailer(b"###\n6:(7)a=b,%%%\n".to_vec(), &keys().keys[0]);
        assert_eq!(open(&netstring, &keys()), Err(Rejected::MalformedField));
        assert_eq!(open(b"###\n6:(7)a=b,%%%\n", &keys()), Err(Rejected::NoSignature));
        assert_eq!(open(b"###\n6:(7)a=b,%%%\n4:1 00,", &keys()), Err(Rejected::WrongSignature(1)));
        let token = keys().keys[0].token(&[b"(0)a=b\n"]);
        let classic = format!(">>>\n(0)a=b\nauth={token}\n<<<\n");
        assert_eq!(open(classic.as_bytes(), &keys()), Err(Rejected::MalformedField));
    }

    #[test]
    fn structs_go_as_netstrings_without_inner_auth_except_on_serial_lines() {
        let mut message = Message::of_type("x");
        message.push("sub", Value::Struct(Message::of_type("y").with("nl", "a\nb")));
        for (asked, used) in [
            (Encoding::Classic, Encoding::Classic),
            (Encoding::ClassicNul, Encoding::Netstring),
            (Encoding::NetstringWithAuth, Encoding::Netstring),
            (Encoding::Netstring, Encoding::Netstring),
        ] {
            let opened = open(&sealed(&message, 1, asked), &keys()).expect("rightly signed");
            assert_eq!(opened.encoding, used);
            assert_eq!(without_auth(opened.message), message);
        }
        message.fields[1].value = Value::Compressed(vec![1, 2]);
        let opened = open(&sealed(&message, 1, Encoding::ClassicNul), &keys()).expect("rightly signed");
        assert_eq!((opened.encoding, opened.message), (Encoding::Netstring, message));
    }

    #[test]
    fn long_messages_are_compressed_if_wanted_and_if_they_must() {
        let wanted = |threshold| Compression { threshold, traditional: true, algorithm: Algorithm::Bz2 };
        let message = Message::of_type("x").with("long", "abcd".repeat(1000));
        for encoding in ALL {
            let plain = seal(&message, &keys(), 1, encoding, &Compression::default());
            assert!(plain.len() > 4000);
            assert_eq!(seal(&message, &keys(), 1, encoding, &wanted(5000)), plain);
            let packed = seal(&message, &keys(), 1, encoding, &wanted(4000));
            assert_eq!(packed.len() < 1000, encoding != Encoding::Classic);
            let opened = open(&packed, &keys()).expect("rightly signed");
            assert_eq!(opened.message.get(AUTH).is_some(), encoding != Encoding::Netstring);
            assert_eq!(without_auth(opened.message), message);
        }
        let huge = Message::of_type("x").with("long", vec![b'a'; MAX_MESSAGE]);
        let packed = seal(&huge, &keys(), 1, Encoding::NetstringWithAuth, &Compression::default());
        assert!(packed.starts_with(b"###\n") && packed.len() < 2000);
        assert_eq!(open(&packed, &keys()).map(|opened| without_auth(opened.message)), Ok(huge));
    }

    #[test]
    fn bytes_that_are_no_packet_are_named() {
        for (bytes, why) in [
            (&b""[..], Rejected::NoHeader),
            (b"hello", Rejected::NoHeader),
            (b"\n>>>\n", Rejected::NoHeader),
            (b">>>\n", Rejected::BrokenFrame),
            (b"###\n", Rejected::BrokenFrame),
            (b"###\n9:(0)a=b,%%%\n", Rejected::BrokenFrame),
            (b">>>\na=b\n<<<\n", Rejected::NoSignature),
            (b">>>\na=b\nauth=1\n<<<\n", Rejected::NoSignature),
            (b">>>\na=b\nauth=16 ab\n<<<\n", Rejected::UnknownKey(16)),
            (b"###\n6:(0)a=b,%%%\n5:16 ab,", Rejected::UnknownKey(16)),
            (&[b'x'; MAX_MESSAGE + 1], Rejected::TooLong),
        ] {
            assert_eq!(open(bytes, &keys()), Err(why), "{}", bytes.escape_ascii());
        }
        assert_eq!(
            seal(&Message::new(), &AuthKeys { active: 0, keys: vec![] }, 0, Encoding::Classic, &Compression::default()),
            b""
        );
    }
}
