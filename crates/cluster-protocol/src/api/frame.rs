//! How messages lie on the socket: eight bytes of header in the machine's byte order (length, magic), then the text and
//! a NUL, which the length counts.
//!
//! Source: client API specification, sections 1.3 and 1.4.

use crate::framing::{self, Malformed, classic, netstring};
use crate::message::Message;
use thiserror::Error;

/// The second word of every header.
pub const MAGIC: u32 = 0xabcd;
/// Length of the header in bytes.
pub const HEADER: usize = 8;
/// Longest body in bytes.
pub const LONGEST: usize = framing::MAX_MESSAGE;

/// Why a stream cannot be read any further: nobody knows where its next message begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum FrameError {
    /// The second word of the header.
    #[error("magic={0:x}, expected value={MAGIC:x}")]
    Magic(u32),
    /// The stated length, more than [`LONGEST`] or negative.
    #[error("a message of {0} bytes is too long")]
    Length(u32),
}

/// Finds the messages in a stream, however it is cut.
#[derive(Clone, Debug, Default)]
pub struct FrameReader {
    buffer: Vec<u8>,
    start: usize,
}

impl FrameReader {
    /// Takes what was read. At most one unfinished message and the pieces given are held.
    pub fn feed(&mut self, bytes: &[u8]) {
        if self.start > 0 {
            self.buffer.drain(..self.start);
            self.start = 0;
        }
        self.buffer.extend_from_slice(bytes);
    }

    /// The body of the next message, if it is complete.
    ///
    /// # Errors
    /// [`FrameError`], again and again.
    #[allow(clippy::should_implement_trait, reason = "an iterator would end for ever where a stream may go on")]
    pub fn next(&mut self) -> Option<Result<Vec<u8>, FrameError>> {
        let rest = self.rest();
        let length = match length(rest)? {
            Ok(length) => length,
            Err(error) => return Some(Err(error)),
        };
        let body = rest.get(HEADER..HEADER + length)?.to_vec();
        self.start += HEADER + length;
        if self.start >= self.buffer.len() {
            // A large message must not keep its memory for ever.
            self.buffer = Vec::new();
            self.start = 0;
        }
        Some(Ok(body))
    }

    /// Whether [`next`](Self::next) has something to say.
    #[must_use]
    pub fn has_next(&self) -> bool {
        let rest = self.rest();
        match length(rest) {
            None => false,
            Some(Err(_)) => true,
            Some(Ok(length)) => rest.len() >= HEADER + length,
        }
    }

    /// How many bytes are held.
    #[must_use]
    pub fn held(&self) -> usize {
        self.rest().len()
    }

    fn rest(&self) -> &[u8] {
        self.buffer.get(self.start..).unwrap_or_default()
    }
}

/// The length that a complete header states.
fn length(bytes: &[u8]) -> Option<Result<usize, FrameError>> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    let (magic, _) = rest.split_first_chunk::<4>()?;
    let (length, magic) = (u32::from_ne_bytes(*length), u32::from_ne_bytes(*magic));
    if magic != MAGIC {
        return Some(Err(FrameError::Magic(magic)));
    }
    let fits = usize::try_from(length).ok().filter(|length| *length <= LONGEST);
    Some(fits.ok_or(FrameError::Length(length)))
}

/// Puts a header before a body. A body that is too long is refused by whoever reads it.
#[must_use]
pub fn wrap(body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len()).unwrap_or(u32::MAX);
    let mut out = Vec::with_capacity(HEADER + body.len());
    out.extend_from_slice(&length.to_ne_bytes());
    out.extend_from_slice(&MAGIC.to_ne_bytes());
    out.extend_from_slice(body);
    out
}

/// A message with header and NUL, in classic text or in netstrings.
#[must_use]
pub fn encode(message: &Message, netstrings: bool) -> Vec<u8> {
    let mut body = if netstrings { netstring::encode(message) } else { classic::encode(message) };
    body.push(0);
    wrap(&body)
}

/// Reads a body: either form, with or without NULs at the end.
///
/// # Errors
/// [`Malformed`], as the form's own decoder says.
pub fn decode(body: &[u8]) -> Result<Message, Malformed> {
    let end = body.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    framing::decode(body.get(..end).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The request of the reference exchange, section 2.3.
    const SIGN_ON: &[u8] =
        b">>>\nt=hbapi-req\nreqtype=signon\ndest=enode1\npid=233\nfrom_id=233\nuid=0\ngid=106\n<<<\n\0";

    #[test]
    fn the_captured_request_is_read_and_written_to_the_byte() {
        let mut bytes = vec![0x52, 0, 0, 0, 0xcd, 0xab, 0, 0];
        bytes.extend_from_slice(SIGN_ON);
        let mut reader = FrameReader::default();
        reader.feed(&bytes);
        let body = reader.next().unwrap().unwrap();
        assert_eq!(body, SIGN_ON);
        let message = decode(&body).unwrap();
        assert_eq!((message.str("reqtype"), message.str("gid")), (Some("signon"), Some("106")));
        assert_eq!(encode(&message, false), bytes);
        assert!(reader.next().is_none());
        assert_eq!(reader.held(), 0);
    }

    #[test]
    fn messages_are_found_however_the_stream_is_cut() {
        let messages = [Message::of_type("a"), Message::of_type("b").with("x", "y"), Message::new()];
        let stream: Vec<u8> =
            messages.iter().enumerate().flat_map(|(index, message)| encode(message, index == 1)).collect();
        for size in 1..stream.len() {
            let mut reader = FrameReader::default();
            let mut found = Vec::new();
            for piece in stream.chunks(size) {
                reader.feed(piece);
                while reader.has_next() {
                    found.push(decode(&reader.next().unwrap().unwrap()).unwrap());
                }
                assert!(reader.next().is_none());
            }
            assert_eq!(found, messages, "{size}");
        }
    }

    #[test]
    fn a_wrong_header_is_an_error_before_its_body_comes() {
        for (length, magic, wanted) in [
            (5, 0x1234, FrameError::Magic(0x1234)),
            (307_200, MAGIC, FrameError::Length(307_200)),
            (u32::MAX, MAGIC, FrameError::Length(u32::MAX)),
        ] {
            let mut reader = FrameReader::default();
            reader.feed(&[length.to_ne_bytes(), magic.to_ne_bytes()].concat());
            assert!(reader.has_next());
            assert_eq!(reader.next(), Some(Err(wanted)));
            assert_eq!(reader.next(), Some(Err(wanted)));
        }
        assert_eq!(FrameError::Magic(0x1234).to_string(), "magic=1234, expected value=abcd");
    }

    #[test]
    fn bodies_come_with_and_without_nul_and_in_both_forms() {
        let message = Message::of_type("x").with("a", "b=c");
        for body in [&b">>>\nt=x\na=b=c\n<<<\n"[..], b">>>\nt=x\na=b=c\n<<<\n\0", b"###\n6:(0)t=x,8:(0)a=b=c,%%%\n\0"] {
            assert_eq!(decode(body).as_ref(), Ok(&message), "{}", body.escape_ascii());
        }
        assert!(decode(b"").is_err() && decode(b"\0").is_err());
    }
}
