//! A log file that follows rotation and survives full disks.

use std::fs::{File, Metadata, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How often a written file is compared with its path. Source: observed on heartbeat 3.0.6.
const ROTATION_CHECK: Duration = Duration::from_secs(60);

/// What became of one line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// It is in the file.
    Yes,
    /// It is in the file, and the file is a new one: the path now names another file than before.
    Rotated,
    /// It is lost.
    No,
}

/// One log file, opened at its first line for appending, mode 0644.
#[derive(Debug)]
pub struct LogFile {
    path: PathBuf,
    file: Option<File>,
    identity: (u64, u64),
    checked: Option<Instant>,
}

fn identity(of: &Metadata) -> (u64, u64) {
    (of.dev(), of.ino())
}

impl LogFile {
    /// A file that nobody has opened yet.
    #[must_use]
    pub fn new(path: &Path) -> Self {
        Self { path: path.to_owned(), file: None, identity: (0, 0), checked: None }
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Appends one line. Looks at most once a minute whether the path still names the open file.
    pub fn write(&mut self, line: &[u8], now: Instant) -> Written {
        let due = self.checked.is_none_or(|checked| now.saturating_duration_since(checked) >= ROTATION_CHECK);
        let mut rotated = false;
        if self.file.is_some() && due {
            let current = std::fs::metadata(&self.path).map(|found| identity(&found)).ok();
            rotated = current != Some(self.identity);
            if rotated {
                self.file = None;
            }
        }
        if due {
            self.checked = Some(now);
        }
        if self.file.is_none() && self.open().is_err() {
            return Written::No;
        }
        let Some(file) = &mut self.file else { return Written::No };
        match file.write_all(line) {
            Ok(()) if rotated => Written::Rotated,
            Ok(()) => Written::Yes,
            Err(_) => {
                // Next time through the path again: the file system may have been mounted anew.
                self.file = None;
                Written::No
            }
        }
    }

    fn open(&mut self) -> std::io::Result<()> {
        // Without O_NONBLOCK a FIFO without reader, configured as log file, would hold the writer for ever.
        let mut options = OpenOptions::new();
        options.append(true).create(true).mode(0o644).custom_flags(libc::O_NOCTTY | libc::O_NONBLOCK);
        let file = options.open(&self.path)?;
        self.identity = identity(&file.metadata()?);
        self.file = Some(file);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn a_rotated_file_is_noticed_after_a_minute_and_not_before() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("ha-log");
        let mut log = LogFile::new(&path);
        let start = Instant::now();
        assert_eq!(log.write(b"one\n", start), Written::Yes);
        fs::rename(&path, directory.path().join("ha-log.1")).expect("renamed");
        assert_eq!(log.write(b"two\n", start + Duration::from_secs(59)), Written::Yes);
        assert!(!path.exists());
        assert_eq!(log.write(b"three\n", start + Duration::from_secs(61)), Written::Rotated);
        assert_eq!(fs::read(&path).expect("read"), b"three\n");
        assert_eq!(fs::read(directory.path().join("ha-log.1")).expect("read"), b"one\ntwo\n");
    }

    #[test]
    fn a_missing_directory_loses_lines_until_it_is_there() {
        let directory = tempfile::tempdir().expect("a directory");
        let inside = directory.path().join("log");
        let mut log = LogFile::new(&inside.join("ha-log"));
        assert_eq!(log.write(b"lost\n", Instant::now()), Written::No);
        fs::create_dir(&inside).expect("created");
        assert_eq!(log.write(b"kept\n", Instant::now()), Written::Yes);
        assert_eq!(fs::read(inside.join("ha-log")).expect("read"), b"kept\n");
    }

    #[test]
    fn a_full_disk_loses_the_line_and_nothing_else() {
        let mut log = LogFile::new(Path::new("/dev/full"));
        assert_eq!(log.write(b"lost\n", Instant::now()), Written::No);
        assert_eq!(log.write(b"lost\n", Instant::now()), Written::No);
    }
}
