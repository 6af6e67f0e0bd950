//! The pid file: read in the original's tolerant way, created so that it appears complete and belongs to one process.

use nix::fcntl::{Flock, FlockArg};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use thiserror::Error;

/// How many times a file that changes under our hands is looked at.
const ATTEMPTS: u32 = 10;

/// Why there is no pid file of ours.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum PidFileError {
    /// Another process holds it.
    #[error("process {0} runs already")]
    Held(i32),
    /// It cannot be written.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// The process id in the file: any leading blanks, digits, and whatever follows them. `None` if there is no file, no
/// number, or none above 0 (as `heartbeat -s` of 3.0.6 takes it, observed).
#[must_use]
pub fn read(path: &Path) -> Option<i32> {
    read_open(&File::open(path).ok()?)
}

fn read_open(file: &File) -> Option<i32> {
    let mut start = Vec::new();
    file.take(64).read_to_end(&mut start).ok()?;
    parse(&start)
}

fn parse(bytes: &[u8]) -> Option<i32> {
    let text = bytes.trim_ascii_start();
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let number: i32 = std::str::from_utf8(text.get(..digits)?).ok()?.parse().ok()?;
    (number > 0).then_some(number)
}

/// Creates the file for `pid` with 11 bytes, the number right-aligned in ten characters and a line feed. A file whose
/// process does not hold it any more (`holds` says so) is replaced; of two starters that see the same stale file only
/// one wins.
///
/// # Errors
/// [`PidFileError::Held`] if `holds` is true for the process in the file, unless that is `pid` itself.
pub fn create(path: &Path, pid: i32, holds: &dyn Fn(i32) -> bool) -> Result<(), PidFileError> {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{pid}"));
    let own = Temporary(PathBuf::from(name));
    // A file of this name can only be the rest of a process that had our id and died.
    let _ = fs::remove_file(&own.0);
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o644).open(&own.0)?;
    file.write_all(format!("{pid:>10}\n").as_bytes())?;
    for _ in 0..ATTEMPTS {
        match fs::hard_link(&own.0, path) {
            Ok(()) => return Ok(()),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error.into()),
        }
        match read(path) {
            Some(found) if found == pid => return Ok(()),
            Some(found) if holds(found) => return Err(PidFileError::Held(found)),
            _ => remove_stale(path, holds)?,
        }
    }
    Err(io::Error::from(io::ErrorKind::ResourceBusy).into())
}

/// Removes the file, but not one that somebody has put there in the meantime: whoever wants to remove it locks it
/// first, and then looks whether it is still stale and still the one in the directory.
fn remove_stale(path: &Path, holds: &dyn Fn(i32) -> bool) -> io::Result<()> {
    let file = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        other => other?,
    };
    let held = Flock::lock(file, FlockArg::LockExclusive).map_err(|(_, errno)| io::Error::from(errno))?;
    let (ours, now) = (held.metadata()?, fs::metadata(path));
    if read_open(&held).is_some_and(holds) || !now.is_ok_and(|now| (now.dev(), now.ino()) == (ours.dev(), ours.ino())) {
        return Ok(());
    }
    fs::remove_file(path)
}

/// A file that goes with this value.
struct Temporary(PathBuf);

impl Drop for Temporary {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;
    use std::sync::atomic::{AtomicU32, Ordering};

    #[test]
    fn the_number_is_read_as_the_original_reads_it() {
        for (text, expected) in [
            (&b"      3654\n"[..], Some(3654)),
            (b"12abc", Some(12)),
            (b"7", Some(7)),
            (b"hello", None),
            (b"", None),
            (b"0", None),
            (b"-5", None),
            (b"99999999999999999999", None),
        ] {
            assert_eq!(parse(text), expected, "{text:?}");
        }
    }

    #[test]
    fn the_file_has_eleven_bytes_and_nothing_else_is_left_in_the_directory() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("pid");
        create(&path, 4711, &|_| false).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"      4711\n");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o644);
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
        assert_eq!(read(&path), Some(4711));
    }

    #[test]
    fn a_file_that_is_held_stays_and_a_stale_or_broken_one_is_replaced() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("pid");
        create(&path, 1, &|_| false).unwrap();
        assert!(matches!(create(&path, 2, &|pid| pid == 1), Err(PidFileError::Held(1))));
        assert_eq!(read(&path), Some(1));
        create(&path, 1, &|_| true).unwrap();
        create(&path, 2, &|_| false).unwrap();
        assert_eq!(read(&path), Some(2));
        fs::write(&path, "garbage").unwrap();
        create(&path, 3, &|_| true).unwrap();
        assert_eq!(read(&path), Some(3));
    }

    #[test]
    fn of_many_that_replace_a_stale_file_at_once_exactly_one_wins() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("pid");
        for round in 0..20 {
            fs::write(&path, "         1\n").unwrap();
            let winners = AtomicU32::new(0);
            std::thread::scope(|scope| {
                for pid in 100..108 {
                    let (path, winners) = (&path, &winners);
                    scope.spawn(move || {
                        if create(path, pid, &|found| found >= 100).is_ok() {
                            winners.fetch_add(1, Ordering::SeqCst);
                        }
                    });
                }
            });
            assert_eq!(winners.load(Ordering::SeqCst), 1, "round {round}");
        }
    }
}
