//! Classic packets of the cluster protocol.
//!
//! Input: a packet; its lines are signed afresh, too, so that they reach the decoder of fields.

use crate::cluster::{check, key, open};
use cluster_protocol::framing::classic;

/// Runs the target on one input.
pub fn run(data: &[u8]) {
    open(data);
    if let Ok(message) = classic::decode(data) {
        check(&message);
    }
    let body = classic::split(data).map_or(data, |(body, _)| body);
    // The signature covers neither blank lines nor itself.
    let lines: Vec<&[u8]> = body
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty() && !line.starts_with(b"auth="))
        .flat_map(|line| [line, b"\n"])
        .collect();
    let token = key().token(&lines);
    open(&[classic::HEADER, &lines.concat(), b"auth=", token.as_bytes(), b"\n", classic::END].concat());
}
