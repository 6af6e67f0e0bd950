//! This node's name: `uname -n`, or the first line of `nodeinfo`; lower case in both cases.

use crate::paths;
use nix::sys::utsname::uname;
use std::fs;

/// `uname -n` as it is; empty if the system has none.
#[must_use]
pub fn host() -> String {
    uname().map(|names| names.nodename().to_string_lossy().into_owned()).unwrap_or_default()
}

/// The node's name in the cluster.
#[must_use]
pub fn local() -> String {
    let file = fs::read(paths::NODE_INFO).ok();
    file.as_deref().and_then(first_line).unwrap_or_else(host).to_lowercase()
}

/// The first line, only if a line feed ends it (observed on heartbeat 3.0.6: without it the file is ignored).
fn first_line(bytes: &[u8]) -> Option<String> {
    let end = bytes.iter().position(|byte| *byte == b'\n')?;
    let name = String::from_utf8_lossy(bytes.get(..end)?).trim().to_owned();
    (!name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_without_its_end_does_not_count() {
        assert_eq!(first_line(b"node1\nnode2\n").as_deref(), Some("node1"));
        assert_eq!(first_line(b"node1"), None);
        assert_eq!(first_line(b"\n"), None);
    }
}
