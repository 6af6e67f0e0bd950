//! Who this start of the node is: the generation, larger at every start, and the node's id, kept for ever.
//!
//! Neither may stop a node from starting: without usable files both are made up, and the log says so.

use crate::line::{Line, error, info, warn};
use crate::paths;
use cluster_protocol::message::Uuid;
use cluster_protocol::settings::Identity;
use ha_sys::state;
use std::io;
use std::path::Path;

/// The generation file as it was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Previous {
    Missing,
    Broken,
    Number(u64),
}

/// Decides the generation. `seconds` since 1970 are larger than any count of starts, so a node whose file was lost is
/// not taken for its own past (the original starts a broken file at 1, and is).
fn next_generation(previous: Previous, seconds: u64) -> (u64, Option<Line>) {
    let fresh = seconds.saturating_add(1);
    match previous {
        Previous::Number(last) => (last.saturating_add(1), None),
        Previous::Missing => (fresh, Some(warn(format!("No Previous generation - starting at {fresh}")))),
        Previous::Broken => (fresh, Some(warn(format!("BROKEN previous generation - starting at {fresh}")))),
    }
}

fn parse_generation(bytes: &[u8]) -> Previous {
    let number =
        std::str::from_utf8(bytes).ok().and_then(|text| text.trim_matches([' ', '\n', '\r', '\t']).parse().ok());
    // The last number of all leaves no room for a next one.
    number.filter(|number| (1..u64::MAX).contains(number)).map_or(Previous::Broken, Previous::Number)
}

/// Reads, counts up and writes the generation.
fn generation(path: &Path, by_time: bool, seconds: u64, lines: &mut Vec<Line>) -> u64 {
    if by_time {
        return seconds;
    }
    let failed = |lines: &mut Vec<Line>, failure: &io::Error| {
        lines.push(error(format!("Cannot get/increment generation number: {}", reason(failure))));
    };
    let previous = match state::read(path, 64) {
        Ok(bytes) => bytes.map_or(Previous::Missing, |bytes| parse_generation(&bytes)),
        Err(failure) => {
            failed(lines, &failure);
            Previous::Broken
        }
    };
    let (next, line) = next_generation(previous, seconds);
    lines.extend(line);
    match state::replace(path, format!("{next:>15}\n").as_bytes(), 0o644) {
        Ok(()) => next,
        Err(failure) => {
            // The next start would count up to the same number again: the time is the only thing that grows.
            failed(lines, &failure);
            next.max(seconds.saturating_add(1))
        }
    }
}

/// Reads the node's id, or makes one and writes it.
fn uuid(path: &Path, from_name: Option<&str>, lines: &mut Vec<Line>) -> Uuid {
    if let Some(name) = from_name {
        let mut id = [0; 16];
        id.iter_mut().zip(name.bytes()).for_each(|(to, from)| *to = from);
        return Uuid(id);
    }
    let found = state::read(path, 17).ok().flatten().and_then(|bytes| <[u8; 16]>::try_from(bytes).ok()).map(Uuid);
    if let Some(id) = found.filter(|id| *id != Uuid::NIL) {
        return id;
    }
    lines.push(info("No uuid found for current node - generating a new uuid."));
    let mut id = [0; 16];
    if let Err(failure) = state::random(&mut id) {
        lines.push(error(format!("Cannot generate uuid: {}", reason(&failure))));
    }
    // A random id says so: version 4, variant of RFC 4122.
    id[6] = id[6] & 0x0f | 0x40;
    id[8] = id[8] & 0x3f | 0x80;
    if let Err(failure) = state::replace(path, &id, 0o644) {
        lines.push(error(format!("Cannot write {}: {}", path.display(), reason(&failure))));
    }
    Uuid(id)
}

/// How this start gets its generation and id.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sources<'a> {
    /// `hbgenmethod time`.
    pub generation_is_time: bool,
    /// `uuidfrom nodename`: the name.
    pub uuid_from_name: Option<&'a str>,
}

/// The identity of this start, from the files and back into them. The lines are in the order in which they are to be
/// logged.
#[must_use]
pub fn take(sources: Sources<'_>, seconds: u64) -> (Identity, Vec<Line>) {
    let mut lines = Vec::new();
    let generation = generation(Path::new(paths::GENERATION), sources.generation_is_time, seconds, &mut lines);
    lines.push(info(format!("Heartbeat generation: {generation}")));
    let uuid = uuid(Path::new(paths::UUID), sources.uuid_from_name, &mut lines);
    (Identity { uuid, generation }, lines)
}

/// The system's words for an error, without the number that Rust adds.
#[must_use]
pub fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error ").next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn the_generation_counts_up_from_the_file_and_starts_from_the_time_without_one() {
        assert_eq!(next_generation(Previous::Number(7), 1000), (8, None));
        let (next, line) = next_generation(Previous::Missing, 1000);
        assert_eq!((next, line.unwrap().1.as_str()), (1001, "No Previous generation - starting at 1001"));
        let (next, line) = next_generation(Previous::Broken, 1000);
        assert_eq!((next, line.unwrap().1.as_str()), (1001, "BROKEN previous generation - starting at 1001"));
    }

    #[test]
    fn a_file_of_anything_but_one_usable_number_is_broken() {
        assert_eq!(parse_generation(b"     1795424613\n"), Previous::Number(1_795_424_613));
        for bytes in [&b""[..], b"x", b"-1", b"0", b"1 2", b"\xff", b"18446744073709551615"] {
            assert_eq!(parse_generation(bytes), Previous::Broken, "{bytes:?}");
        }
    }

    #[test]
    fn the_file_has_sixteen_bytes_and_grows_by_one_at_every_start() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("hb_generation");
        let mut lines = Vec::new();
        assert_eq!(generation(&path, false, 1_795_424_612, &mut lines), 1_795_424_613);
        assert_eq!(fs::read(&path).unwrap(), b"     1795424613\n");
        assert_eq!(generation(&path, false, 5, &mut lines), 1_795_424_614);
        assert_eq!(generation(&path, true, 5, &mut lines), 5);
        assert_eq!(fs::read(&path).unwrap(), b"     1795424614\n");
        assert_eq!(lines.len(), 1);
    }

    #[test]
    fn where_nothing_can_be_written_the_time_is_the_generation_and_the_log_says_so() {
        let mut lines = Vec::new();
        assert_eq!(generation(Path::new("/nonexistent/hb_generation"), false, 1000, &mut lines), 1001);
        assert_eq!(lines[1].1, "Cannot get/increment generation number: No such file or directory");
        assert_ne!(uuid(Path::new("/nonexistent/hb_uuid"), None, &mut lines), Uuid::NIL);
    }

    #[test]
    fn the_id_stays_once_it_is_made_and_a_broken_file_is_replaced() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("hb_uuid");
        let mut lines = Vec::new();
        let first = uuid(&path, None, &mut lines);
        assert_eq!(uuid(&path, None, &mut lines), first);
        assert_eq!(lines.len(), 1);
        fs::write(&path, "too short").unwrap();
        assert_ne!(uuid(&path, None, &mut lines), first);
        assert_eq!(fs::read(&path).unwrap().len(), 16);
        assert_eq!(uuid(&path, Some("node1"), &mut lines), Uuid(*b"node1\0\0\0\0\0\0\0\0\0\0\0"));
    }
}
