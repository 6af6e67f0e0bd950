//! The reader of serial lines and of the FIFO.
//!
//! Input: a byte that chooses the limits and how the stream is cut, then the stream.

use crate::cluster::check;
use cluster_protocol::framing::stream::{Limits, TextReader};
use cluster_protocol::framing::{self, classic, netstring};

/// Runs the target on one input.
///
/// # Panics
/// If cutting the stream changes what is found, if more is held than the limits allow, or if what is found is no block.
pub fn run(data: &[u8]) {
    let Some((how, stream)) = data.split_first() else { return };
    let limits = match how & 3 {
        0 => Limits::SERIAL,
        1 => Limits::FIFO,
        2 => Limits { line: 40, block: 100, suspended: 0, netstrings: true },
        _ => Limits { line: 100, block: 300, suspended: 2, netstrings: true },
    };
    let most = limits.line.max(limits.block) + (limits.suspended + 1) * limits.block;
    let mut whole = TextReader::new(limits);
    let found = whole.feed(stream);
    let mut pieces = TextReader::new(limits);
    let mut again = Vec::new();
    for piece in stream.chunks(usize::from(how >> 2) + 1) {
        again.extend(pieces.feed(piece));
        assert!(pieces.held() <= most, "{} bytes held", pieces.held());
    }
    assert_eq!(again, found);
    assert_eq!((pieces.dropped(), pieces.held()), (whole.dropped(), whole.held()));
    for block in found {
        assert!(block.len() <= limits.block);
        assert!(
            classic::split(&block).is_ok_and(|(_, rest)| rest.is_empty()) || netstring::span(&block) == Ok(block.len())
        );
        if let Ok(message) = framing::decode(&block) {
            check(&message);
        }
    }
}
