//! UUCP lock files: who uses a serial line.

use nix::errno::Errno;
use nix::sys::signal::kill;
use nix::unistd::Pid;
use std::fs;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// A held lock; the file goes with it.
///
/// The original removes the file as soon as its children have the line, so its lock is void while it runs; ours stays.
#[derive(Debug)]
pub(super) struct Lock {
    path: PathBuf,
}

/// Why there is no lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoLock {
    /// This living process has it.
    Held(u32),
    /// The file cannot be made.
    Failed(Errno),
}

/// The file's name: `LCK..` and the device's path without its first part and without slashes, so that `/dev/ttyS0`
/// gives `LCK..ttyS0` and `/dev/pts/3` gives `LCK..pts3`. Source: observed on heartbeat 3.0.6.
fn name(device: &Path) -> String {
    let text = device.to_string_lossy();
    let rest = text.strip_prefix('/').and_then(|text| text.split_once('/')).map_or(&*text, |(_, rest)| rest);
    rest.replace('/', "")
}

/// The living process other than ours that a lock file names. An unreadable file names none.
fn holder(path: &Path) -> Option<u32> {
    let content = fs::read_to_string(path).ok()?;
    let number: u32 = content.trim().parse().ok()?;
    let pid = Pid::from_raw(i32::try_from(number).ok().filter(|pid| *pid > 0)?);
    let lives = !matches!(kill(pid, None), Err(Errno::ESRCH));
    (lives && number != std::process::id()).then_some(number)
}

impl Lock {
    /// Takes the lock, replacing the file of a process that is gone.
    pub(super) fn take(directory: &Path, device: &Path) -> Result<Self, NoLock> {
        let failed = |error: std::io::Error| NoLock::Failed(error.raw_os_error().map_or(Errno::EIO, Errno::from_raw));
        let name = name(device);
        let path = directory.join(format!("LCK..{name}"));
        let own = directory.join(format!("tmp{}-{name}", std::process::id()));
        // Complete before it has its name, so that nobody reads half of it.
        let _ = fs::remove_file(&own);
        let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o644).open(&own).map_err(failed)?;
        let written = file.write_all(format!("{:>10}\n", std::process::id()).as_bytes());
        let linked = written.map_err(failed).and_then(|()| link(&own, &path));
        let _ = fs::remove_file(&own);
        linked.map(|()| Self { path })
    }
}

fn link(own: &Path, path: &Path) -> Result<(), NoLock> {
    for _ in 0..2 {
        match fs::hard_link(own, path) {
            Ok(()) => return Ok(()),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
                if let Some(pid) = holder(path) {
                    return Err(NoLock::Held(pid));
                }
                let _ = fs::remove_file(path);
            }
            Err(error) => return Err(NoLock::Failed(error.raw_os_error().map_or(Errno::EIO, Errno::from_raw))),
        }
    }
    Err(NoLock::Failed(Errno::EEXIST))
}

impl Drop for Lock {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_file_is_named_after_the_device_without_its_first_directory() {
        assert_eq!(name(Path::new("/dev/ttyS0")), "ttyS0");
        assert_eq!(name(Path::new("/dev/pts/3")), "pts3");
        assert_eq!(name(Path::new("ttyS0")), "ttyS0");
    }

    #[test]
    fn a_lock_holds_our_pid_in_ten_columns_and_goes_with_its_value() {
        let directory = tempfile::tempdir().unwrap();
        let lock = Lock::take(directory.path(), Path::new("/dev/ttyS0")).unwrap();
        let path = directory.path().join("LCK..ttyS0");
        assert_eq!(fs::read_to_string(&path).unwrap(), format!("{:>10}\n", std::process::id()));
        drop(lock);
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_living_holder_keeps_its_lock_and_a_dead_one_loses_it() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("LCK..ttyS0");
        fs::write(&path, "         1\n").unwrap();
        assert_eq!(Lock::take(directory.path(), Path::new("/dev/ttyS0")).unwrap_err(), NoLock::Held(1));
        assert!(path.exists());
        fs::write(&path, "4194999999\n").unwrap();
        assert!(Lock::take(directory.path(), Path::new("/dev/ttyS0")).is_ok());
        // Left behind by an earlier process that had our number.
        fs::write(&path, format!("{:>10}\n", std::process::id())).unwrap();
        assert!(Lock::take(directory.path(), Path::new("/dev/ttyS0")).is_ok());
    }
}
