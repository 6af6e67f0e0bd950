//! Netstring packets of the cluster protocol.
//!
//! Input: a packet; and the contents of fields with a separator behind each, which get right lengths and a signature, so
//! that they reach the decoder of fields.

use crate::cluster::{check, key, open};
use cluster_protocol::framing::netstring;

/// Ends the content of a field.
pub const SEPARATOR: u8 = 0xfe;

/// Runs the target on one input.
///
/// # Panics
/// If the lengths of a message that is decoded do not add up.
pub fn run(data: &[u8]) {
    open(data);
    if let Ok(message) = netstring::decode(data) {
        check(&message);
        let length = netstring::span(data).expect("it was decoded");
        open(&signed(&data[..length]));
    }
    let mut fields = netstring::HEADER.to_vec();
    for field in data.split(|byte| *byte == SEPARATOR) {
        fields.extend_from_slice(format!("{}:", field.len()).as_bytes());
        fields.extend_from_slice(field);
        fields.push(b',');
    }
    fields.extend_from_slice(netstring::END);
    open(&signed(&fields));
}

fn signed(part: &[u8]) -> Vec<u8> {
    let token = key().token(&[part]);
    [part, format!("{}:{token},", token.len()).as_bytes()].concat()
}
