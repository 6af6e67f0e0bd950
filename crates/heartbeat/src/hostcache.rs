//! The members that are remembered over a restart: `hostcache` and, for deleted ones, `delhostcache`.
//!
//! One line for each: name, id, weight and site, with tabs between; files of 2.0 have the first two only. As in the original,
//! `hostcache` is read and written only if nodes may join by themselves, and `delhostcache` is written in any case
//! (observed on heartbeat 3.0.6, which does so when a peer has told its node list).
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

/// The shortest line: a name of one byte, a tab, an id.
const SHORTEST: usize = 38;

/// A line that is none.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Malformed {
    line: String,
}

impl Malformed {
    /// The original's words, observed on 3.0.6; the numbers between are for mistakes that it was not seen to make.
    fn text(&self) -> String {
        let line = &self.line;
        if line.len() < SHORTEST || line.starts_with('\t') {
            format!("Malformed (short) node/uuid line [{line}] (1)")
        } else {
            format!("Malformed node/uuid line [{line}] (3)")
        }
    }
}

/// Reads the text of a file.
fn parse(text: &str) -> Result<Vec<KnownNode>, Malformed> {
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    lines.map(|line| parse_line(line).ok_or_else(|| Malformed { line: line.to_owned() })).collect()
}

/// Whatever stands behind the third tab is the site. A weight that is no number counts as 0, as in the original.
fn parse_line(line: &str) -> Option<KnownNode> {
    let mut words = line.splitn(4, '\t');
    let name = words.next().filter(|name| !name.is_empty())?;
    let uuid = parse_uuid(words.next()?.trim_end())?;
    let weight = words.next().map_or(100, |word| word.trim().parse().unwrap_or(0));
    let site = words.next().unwrap_or_default().as_bytes().to_vec();
    Some(KnownNode { name: name.to_ascii_lowercase(), uuid, weight, site })
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
        let site = String::from_utf8_lossy(&node.site).replace(['\n', '\r'], " ");
        format!("{}\t{uuid}\t{}\t{site}\n", node.name, node.weight)
    };
    nodes.filter(|node| node.kind == Kind::Normal).map(line).collect()
}

/// What earlier starts have left behind, and what is to be logged about it. Without `autojoin` the files are left alone.
pub fn recall(core: &mut Core) -> Vec<Line> {
    let mut lines = Vec::new();
    if core.settings().autojoin == Autojoin::None {
        return lines;
    }
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
        Err(malformed) => {
            let _ = fs::remove_file(path);
            lines.push(error(malformed.text()));
            lines.push(error(format!("Invalid host/uuid map file [{}] - removed.", path.display())));
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
    writing: Option<(Contents, JoinHandle<io::Result<()>>)>,
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
        if self.writing.as_ref().is_some_and(|(_, thread)| !thread.is_finished()) {
            return None;
        }
        let news = self.collect();
        if let Some(contents) = self.wanted.take() {
            let work = contents.clone();
            let thread = std::thread::Builder::new().stack_size(STACK).spawn(move || write(&work));
            match thread {
                Ok(thread) => self.writing = Some((contents, thread)),
                Err(_) => self.wanted = Some(contents),
            }
        }
        news
    }

    /// Writes what is left to write, and waits for it: the daemon ends, and sends no more heartbeats.
    pub fn finish(&mut self) -> Option<Line> {
        let news = self.collect();
        let result = self.wanted.take().map_or(Ok(()), |contents| write(&contents));
        news.or_else(|| self.complaint(&result.err()?))
    }

    /// The end of a thread that wrote. What it could not write is written with the next change.
    fn collect(&mut self) -> Option<Line> {
        let (contents, thread) = self.writing.take()?;
        match thread.join().unwrap_or_else(|_| Err(io::ErrorKind::Other.into())) {
            Ok(()) => {
                self.written = Some(contents);
                None
            }
            Err(failure) => self.complaint(&failure),
        }
    }

    /// Said once; whoever has a full disk knows it by then.
    fn complaint(&mut self, failure: &io::Error) -> Option<Line> {
        let said = std::mem::replace(&mut self.failed, true);
        (!said).then(|| warn(format!("Cannot write {}: {}", paths::HOST_CACHE, reason(failure))))
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
        let long = "node1 without any tabs but longer than a line must be at least";
        let bad = [
            ("\tx", "Malformed (short) node/uuid line [\tx] (1)".to_owned()),
            ("node1", "Malformed (short) node/uuid line [node1] (1)".to_owned()),
            ("node1\tnonsense", "Malformed (short) node/uuid line [node1\tnonsense] (1)".to_owned()),
            (long, format!("Malformed node/uuid line [{long}] (3)")),
        ];
        for (line, text) in bad {
            let failure = parse(&format!("good\t{ID}\n{line}\n")).unwrap_err();
            assert_eq!(failure.text(), text);
        }
    }

    #[test]
    fn a_site_may_hold_tabs_and_a_weight_that_is_none_is_zero() {
        let node = parse_line(&format!("node1\t{ID}\tx\tfirst\tsecond")).unwrap();
        assert_eq!((node.weight, &*node.site), (0, &b"first\tsecond"[..]));
    }

    #[test]
    fn what_is_printed_is_read_again() {
        let settings = crate::settings::build(
            &crate::sample::config(),
            cluster_protocol::auth::AuthKeys { active: 1, keys: Vec::new() },
            false,
            None,
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
