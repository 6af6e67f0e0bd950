//! `authkeys`: keys survive printing.

use crate::config::lies_inside;
use cluster_protocol::auth::{AuthKeys, Method};
use ha_config::authkeys;

/// Runs the target on one input.
///
/// # Panics
/// If a place lies outside the file, or keys change by printing.
pub fn run(data: &[u8]) {
    let parsed = authkeys::parse(data);
    assert_eq!(parsed.keys.is_some(), parsed.problems.is_empty());
    for span in parsed.problems.iter().filter_map(|(span, _)| *span) {
        lies_inside(data, span);
    }
    if let Some(keys) = parsed.keys {
        assert!(keys.keys.iter().any(|key| key.index == keys.active));
        let text = printed(&keys);
        assert_eq!(authkeys::parse(&text).keys, Some(keys), "printed as {}", text.escape_ascii());
    }
}

fn printed(keys: &AuthKeys) -> Vec<u8> {
    let mut text = format!("auth {}\n", keys.active).into_bytes();
    for key in &keys.keys {
        let method = match key.method {
            Method::Crc => "crc",
            Method::Md5 => "md5",
            Method::Sha1 => "sha1",
        };
        text.extend_from_slice(format!("{} {method} ", key.index).as_bytes());
        text.extend_from_slice(&key.secret);
        text.push(b'\n');
    }
    text
}
