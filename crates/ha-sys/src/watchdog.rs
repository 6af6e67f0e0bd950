//! A watchdog device: it resets the machine unless it is written to in time. Any writable file will do for tests.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::fd::AsRawFd;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::Duration;

/// An open device.
#[derive(Debug)]
pub struct Watchdog(File);

/// The request of `linux/watchdog.h` that changes the time-out.
mod request {
    #![allow(unsafe_code, missing_docs, reason = "the macro makes an unsafe function without documentation")]
    nix::ioctl_readwrite!(set_timeout, b'W', 6, libc::c_int);
}

impl Watchdog {
    /// Opens the device, which starts its clock.
    ///
    /// # Errors
    /// The kernel's: no such device, somebody else has it.
    pub fn open(path: &Path) -> io::Result<Self> {
        OpenOptions::new().write(true).custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY).open(path).map(Self)
    }

    /// Asks for this time-out, rounded up to seconds.
    ///
    /// # Errors
    /// The kernel's; `ENOTTY` if it is no watchdog.
    #[allow(unsafe_code, reason = "an ioctl")]
    pub fn set_timeout(&self, timeout: Duration) -> io::Result<()> {
        let mut seconds = i32::try_from(seconds(timeout)).unwrap_or(i32::MAX);
        // SAFETY: the request reads and writes one int, which lives through the call.
        unsafe { request::set_timeout(self.0.as_raw_fd(), &raw mut seconds) }?;
        Ok(())
    }

    /// Says that all is well: one NUL byte, as the original writes.
    ///
    /// # Errors
    /// The kernel's.
    pub fn feed(&mut self) -> io::Result<()> {
        self.0.write_all(&[0])
    }

    /// Stops the clock (`V`) and closes the device.
    ///
    /// # Errors
    /// The kernel's; the clock may be running then.
    pub fn stop(mut self) -> io::Result<()> {
        self.0.write_all(b"V")
    }
}

/// The time-out in whole seconds, rounded up.
#[must_use]
pub fn seconds(timeout: Duration) -> u64 {
    timeout.as_secs() + u64::from(timeout.subsec_nanos() > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn feeding_writes_a_nul_byte_and_stopping_the_magic_letter() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let mut watchdog = Watchdog::open(file.path()).unwrap();
        assert_eq!(watchdog.set_timeout(Duration::from_secs(1)).unwrap_err().raw_os_error(), Some(libc::ENOTTY));
        watchdog.feed().unwrap();
        watchdog.feed().unwrap();
        watchdog.stop().unwrap();
        assert_eq!(std::fs::read(file.path()).unwrap(), b"\0\0V");
    }

    #[test]
    fn a_part_of_a_second_counts_as_a_whole_one() {
        assert_eq!(seconds(Duration::from_millis(4010)), 5);
        assert_eq!(seconds(Duration::from_secs(4)), 4);
    }
}
