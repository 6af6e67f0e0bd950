//! A named pipe that any number of programs write into and one daemon reads.

use nix::sys::stat::Mode;
use nix::unistd::mkfifo;
use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, ErrorKind, Read};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

/// The reading end.
#[derive(Debug)]
pub struct Fifo(File);

/// Whether there is a pipe under this name already.
#[must_use]
pub fn is_there(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|found| found.file_type().is_fifo())
}

impl Fifo {
    /// Opens the pipe, which is made first if there is none; whatever else has its name is removed. Only the owner
    /// may write.
    ///
    /// # Errors
    /// The kernel's: no directory, a full or read-only disk.
    pub fn open(path: &Path) -> io::Result<Self> {
        if !is_there(path) {
            match fs::remove_file(path) {
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
                _ => mkfifo(path, Mode::S_IRUSR | Mode::S_IWUSR)?,
            }
        }
        fs::set_permissions(path, Permissions::from_mode(0o600))?;
        // With a writing end of our own there is no end of file when the last writer goes.
        let file = OpenOptions::new().read(true).write(true).custom_flags(libc::O_NONBLOCK).open(path)?;
        if !file.metadata()?.file_type().is_fifo() {
            return Err(ErrorKind::InvalidInput.into());
        }
        Ok(Self(file))
    }

    /// What was written, at most a buffer full; 0 if there is nothing at the moment.
    ///
    /// # Errors
    /// The kernel's.
    pub fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.0.read(buffer) {
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => Ok(0),
            other => other,
        }
    }
}

impl AsFd for Fifo {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn a_regular_file_in_the_way_is_replaced_and_writers_may_come_and_go() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("fifo");
        fs::write(&path, "a script wrote this while the daemon was down").unwrap();
        let mut fifo = Fifo::open(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let mut buffer = [0; 64];
        assert_eq!(fifo.read(&mut buffer).unwrap(), 0);
        for text in ["one", "two"] {
            OpenOptions::new().write(true).open(&path).unwrap().write_all(text.as_bytes()).unwrap();
            let count = fifo.read(&mut buffer).unwrap();
            assert_eq!(&buffer[..count], text.as_bytes());
            assert_eq!(fifo.read(&mut buffer).unwrap(), 0);
        }
    }

    #[test]
    fn without_its_directory_there_is_no_pipe() {
        let directory = tempfile::tempdir().unwrap();
        let error = Fifo::open(&directory.path().join("missing/fifo")).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound);
    }
}
