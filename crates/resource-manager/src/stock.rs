//! Whether a file of the cluster software is still the one that was installed. Only then may its work be done without
//! it.
//!
//! Resource specification, section 2: administrators change these files and put others in their places.

use crate::lookup;
use md5::{Digest, Md5};
use std::fmt::Write;
use std::fs::{self, File};
use std::io::{ErrorKind, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// The line that marks a file of this project, among its first lines.
pub const MARKER: &str = "# lvs-ha stock file";
/// In how many lines the marker is looked for.
const MARKED_LINES: usize = 5;
/// No such file is longer than this, in bytes.
const LIMIT: u64 = 1024 * 1024;

/// MD5 sums of the files of Debian 12's packages heartbeat 3.0.6 and resource-agents 4.12: `md5sum FILE`.
const KNOWN: [(&str, &str); 12] = [
    ("ResourceManager", "43532a7d83fbd8433bf683d54b298b6c"),
    ("req_resource", "e88a666329e1874b8f29f669c0bf67a6"),
    ("mach_down", "72cc0d7b7a19ed32cd71d914f7f6735f"),
    ("hb_standby", "7c37ac340f437c5fdb39af94ddbe774e"),
    ("hb_takeover", "f7ac9648cd4e6c89335154da14771707"),
    ("harc", "74ede8fa0846265fe75485ff79c0a9e5"),
    ("shellfuncs", "43c6c9de3de79987190d0dd122617353"),
    ("ask_resources", "75f0bba9a05855ea6928bb52c4d256c4"),
    ("hb_takeover", "a0cc84fff08b1e7cafe901881ff43afe"),
    ("ip-request", "e9d60274532fad2123364cd91dab1be8"),
    ("ip-request-resp", "0b88432734529b255cb6dd14b0a34096"),
    ("status", "8765723352d8d8f00976e27ee1b84d53"),
];

/// What counts as ours.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stock {
    program: Option<PathBuf>,
}

impl Stock {
    /// Links to this program are ours.
    #[must_use]
    pub fn new(program: Option<&Path>) -> Self {
        Self { program: program.map(Path::to_owned) }
    }

    /// Links to the program that [`lookup::install`] was told of are ours.
    #[must_use]
    pub fn installed() -> Self {
        Self::new(lookup::installed().map(|builtins| builtins.program.as_path()))
    }

    /// Whether a file is missing, a link to our program, marked as ours, or one of the original under its own name. A
    /// file that cannot be read is somebody else's.
    #[must_use]
    pub fn is_ours_or_stock(&self, path: &Path) -> bool {
        let found = match fs::metadata(path) {
            Ok(found) => found,
            // A link to nowhere is as good as no file.
            Err(error) => return error.kind() == ErrorKind::NotFound,
        };
        let same = |program: &PathBuf| {
            fs::metadata(program).is_ok_and(|ours| (ours.dev(), ours.ino()) == (found.dev(), found.ino()))
        };
        if self.program.as_ref().is_some_and(same) {
            return true;
        }
        let mut bytes = Vec::new();
        // Only files are read: a pipe could keep us waiting.
        let read =
            found.is_file() && File::open(path).and_then(|file| file.take(LIMIT).read_to_end(&mut bytes)).is_ok();
        read && (is_marked(&bytes) || is_known(path, &bytes))
    }
}

fn is_marked(bytes: &[u8]) -> bool {
    let mut lines = bytes.split(|byte| *byte == b'\n').take(MARKED_LINES);
    lines.any(|line| line.trim_ascii_end() == MARKER.as_bytes())
}

fn is_known(path: &Path, bytes: &[u8]) -> bool {
    let mut sum = String::new();
    for byte in Md5::digest(bytes) {
        let _ = write!(sum, "{byte:02x}");
    }
    let name = path.file_name().unwrap_or_default();
    KNOWN.iter().any(|(known, known_sum)| name == *known && sum == *known_sum)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn ours_are_missing_files_links_and_marked_files() {
        let directory = tempfile::tempdir().unwrap();
        let path = |name: &str| directory.path().join(name);
        let write = |name: &str, text: &str| fs::write(path(name), text).unwrap();
        write("program", "\x7fELF");
        symlink("program", path("harc")).unwrap();
        fs::hard_link(path("program"), path("hard")).unwrap();
        symlink("nowhere", path("dangling")).unwrap();
        write("marked", "#!/bin/sh\n#\n# lvs-ha stock file\n");
        write("late", "1\n2\n3\n4\n5\n# lvs-ha stock file\n");
        write("changed", "#!/bin/sh\n# not a lvs-ha stock file\n");
        fs::create_dir(path("folder")).unwrap();
        let stock = Stock::new(Some(&path("program")));
        for ours in ["missing", "harc", "hard", "dangling", "marked"] {
            assert!(stock.is_ours_or_stock(&path(ours)), "{ours}");
        }
        for foreign in ["late", "changed", "folder"] {
            assert!(!stock.is_ours_or_stock(&path(foreign)), "{foreign}");
        }
        assert!(!Stock::new(None).is_ours_or_stock(&path("harc")));
    }

    #[test]
    fn a_sum_counts_for_its_own_name_only() {
        let sums: Vec<_> = KNOWN.iter().map(|(_, sum)| sum).collect();
        assert!(sums.iter().all(|sum| sum.len() == 32));
        assert!(!is_known(Path::new("/x/harc"), b""));
    }
}
