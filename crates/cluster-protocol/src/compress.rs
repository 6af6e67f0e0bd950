//! Compression of messages and fields: zlib and bzip2, with bounded output (wire specification, section 2.5).

use crate::framing::{self, Malformed};
use crate::message::{Message, Value};
use bzip2::read::BzEncoder;
use flate2::read::ZlibEncoder;
use std::io::Read;
use thiserror::Error;

/// The `compression` directive's algorithms.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Algorithm {
    /// RFC 1950.
    #[default]
    Zlib,
    /// A plain bzip2 stream.
    Bz2,
}

/// When and how outgoing messages are compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Compression {
    /// The algorithm.
    pub algorithm: Algorithm,
    /// Messages longer than this many bytes are compressed, if `traditional`.
    pub threshold: usize,
    /// Compress whole messages above the threshold; otherwise only those that would be too long to send at all.
    pub traditional: bool,
}

impl Default for Compression {
    fn default() -> Self {
        Self { algorithm: Algorithm::Zlib, threshold: 2048, traditional: false }
    }
}

/// Longest result of decompression, in bytes. Source: the wire specification, section 2.5.
pub const MAX_INFLATED: usize = 2_097_152;
/// The field that holds a message that was compressed as a whole.
pub const PAYLOAD: &str = "_compressed_payload";
/// The field that names the algorithm, of such a message and of single compressed fields.
pub const ALGORITHM: &str = "_compression_algorithm";

/// Why compressed bytes could not be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CompressError {
    /// The message names no algorithm, or one that we do not know.
    #[error("unknown compression algorithm")]
    UnknownAlgorithm,
    /// The bytes are damaged or end early.
    #[error("damaged compressed data")]
    Damaged,
    /// More than [`MAX_INFLATED`] bytes come out.
    #[error("too long after decompression")]
    TooLong,
    /// What comes out is not a message.
    #[error("no message after decompression: {0}")]
    NoMessage(#[from] Malformed),
    /// There is no compressed field of that name.
    #[error("no such compressed field")]
    NoSuchField,
}

impl Algorithm {
    /// Its name in `ha.cf` and on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Zlib => "zlib",
            Self::Bz2 => "bz2",
        }
    }

    /// The algorithm of that name.
    #[must_use]
    pub fn from_name(name: &[u8]) -> Option<Self> {
        [Self::Zlib, Self::Bz2].into_iter().find(|algorithm| algorithm.name().as_bytes() == name)
    }

    /// What a message's [`ALGORITHM`] field says.
    ///
    /// # Errors
    /// [`CompressError::UnknownAlgorithm`].
    pub fn of(message: &Message) -> Result<Self, CompressError> {
        message.text(ALGORITHM).and_then(Self::from_name).ok_or(CompressError::UnknownAlgorithm)
    }
}

/// Compresses.
#[must_use]
pub fn deflate(algorithm: Algorithm, bytes: &[u8]) -> Vec<u8> {
    // Reading from a slice and compressing in memory do not fail.
    let mut out = Vec::new();
    let _ = match algorithm {
        Algorithm::Zlib => ZlibEncoder::new(bytes, flate2::Compression::default()).read_to_end(&mut out),
        Algorithm::Bz2 => BzEncoder::new(bytes, bzip2::Compression::best()).read_to_end(&mut out),
    };
    out
}

/// Decompresses, to at most [`MAX_INFLATED`] bytes. What follows the end of the compressed stream does not matter.
///
/// # Errors
/// [`CompressError::Damaged`] or [`CompressError::TooLong`].
pub fn inflate(algorithm: Algorithm, bytes: &[u8]) -> Result<Vec<u8>, CompressError> {
    match algorithm {
        Algorithm::Zlib => {
            let mut stream = flate2::Decompress::new(true);
            pump(bytes, |input, out| {
                let before = (stream.total_in(), stream.total_out());
                let status = stream.decompress(input, out, flate2::FlushDecompress::None).ok()?;
                let after = (stream.total_in(), stream.total_out());
                Some((after.0 - before.0, after.1 - before.1, status == flate2::Status::StreamEnd))
            })
        }
        Algorithm::Bz2 => {
            let mut stream = bzip2::Decompress::new(false);
            pump(bytes, |input, out| {
                let before = (stream.total_in(), stream.total_out());
                let status = stream.decompress(input, out).ok()?;
                let after = (stream.total_in(), stream.total_out());
                Some((after.0 - before.0, after.1 - before.1, status == bzip2::Status::StreamEnd))
            })
        }
    }
}

/// Calls `step` with input and room until it says that the stream ended. It returns how much was read, how much written.
fn pump(
    mut input: &[u8],
    mut step: impl FnMut(&[u8], &mut [u8]) -> Option<(u64, u64, bool)>,
) -> Result<Vec<u8>, CompressError> {
    let mut out = Vec::new();
    let mut room = vec![0_u8; 16_384];
    loop {
        let (read, written, ended) = step(input, &mut room).ok_or(CompressError::Damaged)?;
        let (read, written) = (usize::try_from(read), usize::try_from(written));
        let (Ok(read), Ok(written)) = (read, written) else { return Err(CompressError::Damaged) };
        input = input.get(read..).ok_or(CompressError::Damaged)?;
        let fresh = room.get(..written).ok_or(CompressError::Damaged)?;
        if out.len() + fresh.len() > MAX_INFLATED {
            return Err(CompressError::TooLong);
        }
        out.extend_from_slice(fresh);
        if ended {
            return Ok(out);
        }
        if read == 0 && written == 0 {
            return Err(CompressError::Damaged);
        }
    }
}

/// The message in a compressed field (type 4). One that holds compressed fields itself keeps them compressed.
///
/// # Errors
/// Any of [`CompressError`].
pub fn open_field(message: &Message, name: &str) -> Result<Message, CompressError> {
    match message.get(name) {
        Some(Value::Compressed(bytes)) => Ok(framing::decode(&inflate(Algorithm::of(message)?, bytes)?)?),
        _ => Err(CompressError::NoSuchField),
    }
}

/// The message that was compressed as a whole; `None` if this one is not such a wrapping.
///
/// # Errors
/// Any of [`CompressError`]. A wrapping in a wrapping is none of the originals' and counts as damaged.
pub fn unwrap(message: &Message) -> Option<Result<Message, CompressError>> {
    let Some(Value::Binary(bytes)) = message.get(PAYLOAD) else { return None };
    let inner = || {
        let inner = framing::decode(&inflate(Algorithm::of(message)?, bytes)?)?;
        if inner.get(PAYLOAD).is_some() { Err(CompressError::Damaged) } else { Ok(inner) }
    };
    Some(inner())
}

/// Wraps a written message.
#[must_use]
pub fn wrap(algorithm: Algorithm, written: &[u8]) -> Message {
    let mut message = Message::new();
    message.push(PAYLOAD, Value::Binary(deflate(algorithm, written)));
    message.with(ALGORITHM, algorithm.name())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_deflated_inflates_again_with_its_own_algorithm_only() {
        let bytes: Vec<u8> = b"t=status\nst=active\n".repeat(5000);
        for (own, other) in [(Algorithm::Zlib, Algorithm::Bz2), (Algorithm::Bz2, Algorithm::Zlib)] {
            let packed = deflate(own, &bytes);
            assert!(packed.len() < bytes.len() / 20);
            assert_eq!(inflate(own, &packed), Ok(bytes.clone()));
            assert_eq!(inflate(other, &packed), Err(CompressError::Damaged));
            assert_eq!(inflate(own, &[&packed[..], b"junk"].concat()), Ok(bytes.clone()));
            assert_eq!(inflate(own, &deflate(own, b"")), Ok(Vec::new()));
        }
        assert!(deflate(Algorithm::Zlib, &bytes).starts_with(&[0x78, 0x9c]));
        assert!(deflate(Algorithm::Bz2, &bytes).starts_with(b"BZh"));
    }

    #[test]
    fn data_cut_anywhere_is_damaged() {
        for algorithm in [Algorithm::Zlib, Algorithm::Bz2] {
            let packed = deflate(algorithm, b"t=status\nst=active\nsrc=alfa\nt=status\n");
            for length in 0..packed.len() {
                assert_eq!(
                    inflate(algorithm, &packed[..length]),
                    Err(CompressError::Damaged),
                    "{algorithm:?} {length}"
                );
            }
        }
    }

    #[test]
    fn two_mebibytes_come_out_and_not_one_byte_more() {
        for algorithm in [Algorithm::Zlib, Algorithm::Bz2] {
            let length = |wanted| inflate(algorithm, &deflate(algorithm, &vec![0; wanted])).map(|bytes| bytes.len());
            assert_eq!(length(MAX_INFLATED), Ok(MAX_INFLATED));
            assert_eq!(length(MAX_INFLATED + 1), Err(CompressError::TooLong));
        }
    }

    #[test]
    fn compressed_fields_open_when_asked_for() {
        let inner = Message::of_type("inner").with("a", "b");
        for (algorithm, written) in
            [(Algorithm::Zlib, framing::netstring::encode(&inner)), (Algorithm::Bz2, framing::classic::encode(&inner))]
        {
            let mut message = Message::of_type("x");
            message.push("xml", Value::Compressed(deflate(algorithm, &written)));
            assert_eq!(open_field(&message, "xml"), Err(CompressError::UnknownAlgorithm));
            assert_eq!(
                open_field(&message.clone().with(ALGORITHM, "lzo"), "xml"),
                Err(CompressError::UnknownAlgorithm)
            );
            let message = message.with(ALGORITHM, algorithm.name());
            assert_eq!(open_field(&message, "xml"), Ok(inner.clone()));
            assert_eq!(open_field(&message, "t"), Err(CompressError::NoSuchField));
        }
    }

    #[test]
    fn a_wrapped_wrapping_is_refused() {
        let once = wrap(Algorithm::Zlib, &framing::netstring::encode(&Message::of_type("x")));
        assert_eq!(unwrap(&once), Some(Ok(Message::of_type("x"))));
        let twice = wrap(Algorithm::Bz2, &framing::netstring::encode(&once));
        assert_eq!(unwrap(&twice), Some(Err(CompressError::Damaged)));
        assert_eq!(unwrap(&Message::of_type("x")), None);
    }
}
