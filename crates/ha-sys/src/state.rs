//! Small files that must survive a crash: replaced as a whole, on the disk when the call returns.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// The file's first bytes, at most `limit`; `None` if there is no such file.
///
/// # Errors
/// The kernel's, for a file that is there and cannot be read.
pub fn read(path: &Path, limit: u64) -> io::Result<Option<Vec<u8>>> {
    let file = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        other => other?,
    };
    let mut bytes = Vec::new();
    file.take(limit).read_to_end(&mut bytes)?;
    Ok(Some(bytes))
}

/// Replaces the file: at any moment, also after a power cut, it holds the old bytes or the new ones. On a full disk an
/// old file of the same length is overwritten in its place, which needs no room.
///
/// # Errors
/// The kernel's; the old file is whole then.
pub fn replace(path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    let mut name = path.as_os_str().to_owned();
    name.push(".tmp");
    let temporary = PathBuf::from(name);
    let written = write_new(&temporary, bytes, mode).and_then(|()| fs::rename(&temporary, path));
    match written {
        Ok(()) => path.parent().map_or(Ok(()), |directory| File::open(directory)?.sync_all()),
        Err(error) => {
            let _ = fs::remove_file(&temporary);
            overwrite(path, bytes).map_err(|_| error)
        }
    }
}

fn write_new(path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    let _ = fs::remove_file(path);
    let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn overwrite(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let file = OpenOptions::new().write(true).open(path)?;
    if usize::try_from(file.metadata()?.len()) != Ok(bytes.len()) {
        return Err(io::ErrorKind::StorageFull.into());
    }
    file.write_all_at(bytes, 0)?;
    file.sync_all()
}

/// Fills `buffer` with random bytes of the kernel.
///
/// # Errors
/// The kernel's, where there is no `/dev/urandom`.
pub fn random(buffer: &mut [u8]) -> io::Result<()> {
    File::open("/dev/urandom")?.read_exact(buffer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_as_a_whole_and_leaves_nothing_behind() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("state");
        assert_eq!(read(&path, 9).unwrap(), None);
        replace(&path, b"one", 0o644).unwrap();
        replace(&path, b"second", 0o644).unwrap();
        assert_eq!(read(&path, 9).unwrap().as_deref(), Some(&b"second"[..]));
        assert_eq!(read(&path, 3).unwrap().as_deref(), Some(&b"sec"[..]));
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
    }

    #[test]
    fn where_no_new_file_can_be_made_an_old_one_of_the_same_length_is_overwritten() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("state");
        fs::write(&path, "12").unwrap();
        // A directory in the temporary file's place cannot be replaced by a file.
        fs::create_dir(directory.path().join("state.tmp")).unwrap();
        replace(&path, b"34", 0o644).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"34");
        assert!(replace(&path, b"567", 0o644).is_err());
        assert_eq!(fs::read(&path).unwrap(), b"34");
    }

    #[test]
    fn random_bytes_differ() {
        let (mut a, mut b) = ([0; 16], [0; 16]);
        random(&mut a).unwrap();
        random(&mut b).unwrap();
        assert_ne!(a, b);
    }
}
