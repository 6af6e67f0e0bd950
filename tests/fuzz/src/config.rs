//! What the targets for heartbeat's configuration files share: a machine made of tables, places in a file, and seeds.

use ha_config::lexer::Span;
use ha_config::machine::{PathKind, User};
use ha_config::scripted::{Interface, Scripted};
use std::path::Path;
use std::{fs, io};

/// A machine on which something of everything is known.
#[must_use]
pub fn machine() -> Scripted {
    let mut machine = Scripted { node: "node1".into(), root: true, ..Scripted::default() };
    for (name, index, last) in [("eth0", 2, 1), ("eth1", 3, 2)] {
        let address = Some(([10, 9, 0, last].into(), [10, 9, 0, 255].into()));
        machine.interfaces.insert(name.to_owned(), Interface { index, address });
    }
    machine.hosts.insert("node2".to_owned(), [10, 9, 0, 2].into());
    machine.users.insert("root".to_owned(), User { uid: 0, gid: 0 });
    machine.groups.insert("haclient".to_owned(), 106);
    machine.services.insert("domain".to_owned(), 53);
    machine.paths.insert("/dev/null".to_owned(), PathKind::Device);
    machine.executables.insert("/bin/true".to_owned());
    machine.stonith_types.insert("null".to_owned());
    machine.stonith_files.insert("/x".to_owned(), "node1".to_owned());
    machine
}

/// A place has to lie in the file.
///
/// # Panics
/// If it does not.
pub fn lies_inside(content: &[u8], span: Span) {
    let lines: Vec<&[u8]> = content.split(|byte| *byte == b'\n').collect();
    let index = usize::try_from(span.line).expect("a line number fits").wrapping_sub(1);
    let line = lines.get(index).unwrap_or_else(|| panic!("{span:?} is behind the last line"));
    let column = usize::try_from(span.column).expect("a column fits");
    assert!((1..=line.len() + 1).contains(&column), "{span:?} of {:?}", line.escape_ascii());
}

/// The files of the recorded cases: name of the target, of the seed, and its bytes.
///
/// # Errors
/// If they cannot be read.
pub fn seeds() -> io::Result<Vec<(&'static str, String, Vec<u8>)>> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../compat-fixtures/heartbeat/config");
    let mut seeds = Vec::new();
    for (topic, target) in [
        ("article", "ha_cf"),
        ("lines", "ha_cf"),
        ("media", "ha_cf"),
        ("authkeys", "authkeys"),
        ("article", "authkeys"),
        ("haresources", "haresources"),
        ("article", "haresources"),
    ] {
        let text = fs::read_to_string(directory.join(format!("{topic}.cases")))?;
        let mut all = String::new();
        let mut inside = false;
        for line in text.lines() {
            let file = target.replace("ha_cf", "ha.cf");
            let wanted = |line: &str| line == format!("file {file}") || line.starts_with(&format!("file {file} "));
            match line.strip_prefix('|') {
                Some(content) if inside => all = all + content + "\n",
                Some(_) => {}
                None => inside = wanted(line) || (target == "ha_cf" && matches!(line, "before" | "after")),
            }
        }
        // In pieces, so that the inputs stay small.
        let lines: Vec<&str> = all.lines().collect();
        for (index, piece) in lines.chunks(24).enumerate() {
            seeds.push((target, format!("{topic}-{index:02}"), (piece.join("\n") + "\n").into_bytes()));
        }
    }
    Ok(seeds)
}
