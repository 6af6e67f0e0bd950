//! A serial line between two nodes: two pseudo-terminals and a thread that carries the bytes.

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::os::fd::AsFd as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use anyhow::{Context as _, Result};
use nix::fcntl::OFlag;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::pty::{PtyMaster, grantpt, posix_openpt, ptsname_r, unlockpt};
use nix::sys::termios::{SetArg, cfmakeraw, tcgetattr, tcsetattr};

use super::worker::Worker;

/// One end, as the node sees it.
#[derive(Debug)]
struct End {
    device: PathBuf,
    /// Held open: without any user, reading the other side fails.
    _user: File,
}

/// A line with two ends.
#[derive(Debug)]
pub struct SerialLine {
    ends: [End; 2],
    cut: Arc<AtomicBool>,
    lost: Arc<AtomicUsize>,
    _worker: Worker,
}

impl SerialLine {
    /// Makes a line.
    ///
    /// # Errors
    ///
    /// The host gives no pseudo-terminals.
    pub fn new() -> Result<Self> {
        let ((mut left, one), (mut right, other)) = (terminal()?, terminal()?);
        let cut = Arc::new(AtomicBool::new(false));
        let lost = Arc::new(AtomicUsize::new(0));
        let (is_cut, count) = (Arc::clone(&cut), Arc::clone(&lost));
        let worker = Worker::new(move || {
            let wanted = |master: &PtyMaster| -> bool {
                // The other end's turn comes with the next step.
                poll(&mut [PollFd::new(master.as_fd(), PollFlags::POLLIN)], PollTimeout::ZERO)
                    .is_ok_and(|ready| ready > 0)
            };
            let both = [left.as_fd(), right.as_fd()].map(|master| PollFd::new(master, PollFlags::POLLIN));
            let _ = poll(&mut { both }, PollTimeout::from(100_u8));
            if wanted(&left) {
                carry(&mut left, &mut right, &is_cut, &count);
            }
            if wanted(&right) {
                carry(&mut right, &mut left, &is_cut, &count);
            }
        });
        Ok(Self { ends: [one, other], cut, lost, _worker: worker })
    }

    /// The device of the first or second node.
    pub fn device(&self, second: bool) -> &PathBuf {
        let [one, other] = &self.ends;
        if second { &other.device } else { &one.device }
    }

    /// Cuts the line (bytes are lost) or mends it.
    pub fn set_cut(&self, cut: bool) {
        self.cut.store(cut, Ordering::Relaxed);
    }

    /// How many bytes were lost because the line was cut.
    pub fn lost(&self) -> usize {
        self.lost.load(Ordering::Relaxed)
    }
}

/// The line's side of a new pseudo-terminal that changes no byte, and the node's.
fn terminal() -> Result<(PtyMaster, End)> {
    let flags = OFlag::O_RDWR | OFlag::O_NOCTTY | OFlag::O_CLOEXEC | OFlag::O_NONBLOCK;
    let master = posix_openpt(flags).context("posix_openpt")?;
    grantpt(&master)?;
    unlockpt(&master)?;
    let device = PathBuf::from(ptsname_r(&master)?);
    let user = OpenOptions::new().read(true).write(true).custom_flags(libc::O_NOCTTY).open(&device)?;
    let mut settings = tcgetattr(&user)?;
    cfmakeraw(&mut settings);
    tcsetattr(&user, SetArg::TCSANOW, &settings)?;
    Ok((master, End { device, _user: user }))
}

/// Carries what is there. Bytes that the other side has no room for are lost, as on a line without flow control.
fn carry(from: &mut PtyMaster, to: &mut PtyMaster, cut: &AtomicBool, lost: &AtomicUsize) {
    let mut buffer = [0; 4096];
    let Some(bytes) = from.read(&mut buffer).ok().and_then(|length| buffer.get(..length)) else { return };
    if cut.load(Ordering::Relaxed) {
        lost.fetch_add(bytes.len(), Ordering::Relaxed);
    } else {
        let _ = to.write_all(bytes);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::place::wait_until;
    use super::*;

    #[test]
    fn bytes_pass_unchanged_in_both_directions_until_the_line_is_cut() {
        let line = SerialLine::new().unwrap();
        let open = |second| OpenOptions::new().read(true).write(true).open(line.device(second)).unwrap();
        let (mut one, mut other) = (open(false), open(true));
        let mut buffer = [0; 5];
        one.write_all(b"\x03a\r\n\xff").unwrap();
        other.read_exact(&mut buffer).unwrap();
        assert_eq!(&buffer, b"\x03a\r\n\xff");
        other.write_all(b"other").unwrap();
        one.read_exact(&mut buffer).unwrap();
        assert_eq!(&buffer, b"other");
        line.set_cut(true);
        one.write_all(b"gone.").unwrap();
        wait_until("the loss", Duration::from_secs(20), || Ok((line.lost() == 5).then_some(()))).unwrap();
        line.set_cut(false);
        one.write_all(b"again").unwrap();
        other.read_exact(&mut buffer).unwrap();
        assert_eq!(&buffer, b"again");
    }
}
