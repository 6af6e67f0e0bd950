//! The members that are remembered over a restart: `hostcache` and, for deleted ones, `delhostcache`.
//!
//! One line for each: name, id, weight and site, with tabs between; files of 2.0 have the first two only. As the original,
//! `hostcache` is written only if nodes may join by themselves, `delhostcache` always (observed on heartbeat 3.0.6).
//! Writing waits for the disk, so a thread does it.

use crate::identity::reason;
use crate::line::{Line, error, warn};
use crate::paths;
use cluster_protocol::core::Core;
use cluster_protocol::message::Uuid;
use cluster_protocol::node::{Kind, Node};
use cluster_protocol::settings::{Autojoin, KnownNode};
use ha_sys::state;
use std::fs;
use std::io;
use std::path::Path;
use std::thread::JoinHandle;

/// A file may be so long, in bytes; 100 nodes need a hundredth of it.
const LONGEST: u64 = 1024 * 1024;

/// A line that is none, with the original's number for what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Malformed {
    line: String,
    number: u8,
}

/// Reads the text of a file.
fn parse(text: &str) -> Result<Vec<KnownNode>, Malformed> {
    text.lines().filter(|line| !line.trim().is_empty()).map(parse_line).collect()
}

fn parse_line(line: &str) -> Result<KnownNode, Malformed> {
    let malformed = |number| Malformed { line: line.to_owned(), number };
    let mut words = line.split('\t');
    let name = words.next().filter(|name| !name.is_empty()).ok_or_else(|| malformed(1))?;
    let uuid = words.next().ok_or_else(|| malformed(2))?;
    let uuid = parse_uuid(uuid.trim_end()).ok_or_else(|| malformed(3))?;
    let weight = words.next().map(str::trim).filter(|word| !word.is_empty());
    let weight = weight.map_or(Some(100), |word| word.parse().ok()).ok_or_else(|| malformed(4))?;
    let site = words.next().unwrap_or_default().as_bytes().to_vec();
    if words.next().is_some() {
        return Err(malformed(5));
    }
    Ok(KnownNode { name: name.to_ascii_lowercase(), uuid, weight, site })
}

fn parse_uuid(text: &str) -> Option<Uuid> {
    let digits: Vec<u8> = text.bytes().filter(|byte| *byte != b'-').collect();
    let mut uuid = Uuid::NIL;
    if digits.len() != 32 || text.len() != 36 {
        return None;
    }
    for (byte, pair) in uuid.0.iter_mut().zip(digits.chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(uuid)
}

fn print<'a>(nodes: impl Iterator<Item = &'a Node>) -> String {
    let line = |node: &Node| {
        let uuid = node.uuid.unwrap_or(Uuid::NIL);
        format!("{}\t{uuid}\t{}\t{}\n", node.name, node.weight, String::from_utf8_lossy(&node.site))
    };
    nodes.filter(|node| node.kind == Kind::Normal).map(line).collect()
}

/// What earlier starts have left behind, and what is to be logged about it.
pub fn recall(core: &mut Core) -> Vec<Line> {
    let mut lines = Vec::new();
    let known = read(Path::new(paths::HOST_CACHE), &mut lines);
    let deleted = read(Path::new(paths::DELETED_HOST_CACHE), &mut lines);
    core.remember(&known, deleted.into_iter().map(|node| node.name).collect());
    lines
}

/// A file that cannot be understood is removed, as by the original.
fn read(path: &Path, lines: &mut Vec<Line>) -> Vec<KnownNode> {
    let Ok(Some(bytes)) = state::read(path, LONGEST) else { return Vec::new() };
    match parse(&String::from_utf8_lossy(&bytes)) {
        Ok(nodes) => nodes,
        Err(Malformed { line, number }) => {
            let _ = fs::remove_file(path);
            lines.push(error(format!("Malformed (short) node/uuid line [{line}] ({number})")));
            lines.push(warn(format!("Invalid host/uuid map file [{}] - removed.", path.display())));
            Vec::new()
        }
    }
}

/// What is to stand in the two files; the first is left alone if it is `None`.
type Contents = (Option<String>, String);

/// Keeps the files up to date.
#[derive(Debug, Default)]
pub struct Keeper {
    wanted: Option<Contents>,
    written: Option<Contents>,
    writing: Option<JoinHandle<io::Result<()>>>,
    failed: bool,
}

impl Keeper {
    /// The membership may have changed.
    pub fn note(&mut self, core: &Core) {
        let joins = core.settings().autojoin != Autojoin::None;
        let line = |name: &str| format!("{name}\t{}\t100\t\n", Uuid::NIL);
        let contents = (joins.then(|| print(core.nodes())), core.deleted().map(line).collect());
        self.wanted = (self.written.as_ref() != Some(&contents)).then_some(contents);
    }

    /// Goes on writing. To be called now and then; returns what is to be logged.
    pub fn go_on(&mut self) -> Option<Line> {
        if self.writing.as_ref().is_some_and(|thread| !thread.is_finished()) {
            return None;
        }
        let result = self.writing.take().map(JoinHandle::join);
        let failure = result.and_then(|joined| joined.unwrap_or_else(|_| Err(io::ErrorKind::Other.into())).err());
        if let Some(contents) = self.wanted.take() {
            let work = contents.clone();
            self.written = Some(contents);
            self.writing = std::thread::Builder::new().stack_size(STACK).spawn(move || write(&work)).ok();
        }
        // Said once; whoever has a full disk knows it by then.
        let news = failure.filter(|_| !self.failed)?;
        self.failed = true;
        Some(warn(format!("Cannot write {}: {}", paths::HOST_CACHE, reason(&news))))
    }
}

/// The writing thread's stack in bytes.
const STACK: usize = 128 * 1024;

fn write((known, deleted): &Contents) -> io::Result<()> {
    if let Some(known) = known {
        state::replace(Path::new(paths::HOST_CACHE), known.as_bytes(), 0o644)?;
    }
    state::replace(Path::new(paths::DELETED_HOST_CACHE), deleted.as_bytes(), 0o644)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "e8983818-0f7f-44c0-9e30-2a7c61120562";

    #[test]
    fn lines_have_two_to_four_fields() {
        let node = |line: &str| parse(line).unwrap().remove(0);
        let full = node(&format!("Node1\t{ID}\t50\tberlin\n"));
        assert_eq!((full.name.as_str(), full.uuid.to_string().as_str()), ("node1", ID));
        assert_eq!((full.weight, &*full.site), (50, &b"berlin"[..]));
        for short in [format!("node1\t{ID}\n"), format!("node1\t{ID}\t100\t\n"), format!("node1\t{ID}\t100\n")] {
            let node = node(&short);
            assert_eq!((node.weight, node.site.len()), (100, 0), "{short}");
        }
    }

    #[test]
    fn a_line_that_is_none_spoils_its_file() {
        let bad = [
            ("\tx".to_owned(), 1),
            ("node1".to_owned(), 2),
            ("node1\tnonsense".to_owned(), 3),
            (format!("node1\t{ID}\tx"), 4),
            (format!("node1\t{ID}\t1\ts\tmore"), 5),
        ];
        for (line, number) in bad {
            let text = format!("good\t{ID}\n{line}\n");
            assert_eq!(parse(&text), Err(Malformed { line, number }));
        }
    }

    #[test]
    fn what_is_printed_is_read_again() {
        let settings = crate::settings::build(
            &crate::sample::config(),
            cluster_protocol::auth::AuthKeys { active: 1, keys: Vec::new() },
            false,
        );
        let identity = cluster_protocol::settings::Identity { uuid: parse_uuid(ID).unwrap(), generation: 1 };
        let core = Core::new(settings, identity, 1);
        let known = parse(&print(core.nodes())).unwrap();
        assert_eq!(known.len(), core.nodes().count());
        assert!(known.iter().any(|node| node.uuid.to_string() == ID));
        let mut keeper = Keeper::default();
        keeper.note(&core);
        assert_eq!(keeper.wanted, Some((None, String::new())), "without autojoin only the deleted ones are kept");
    }
}
