//! Serial lines: attributes, lock and paced output of one device.
//!
//! Input is handed over as the raw bytes that came. Where a message begins and ends in them is the matter of the
//! protocol's reader of text streams, not of this file.

mod lock;
mod queue;

use super::error::{MediaError, Step};
use lock::{Lock, NoLock};
use nix::errno::Errno;
use nix::fcntl::{OFlag, open};
use nix::sys::stat::Mode;
use nix::sys::termios::{
    BaudRate, ControlFlags, FlushArg, InputFlags, LocalFlags, OutputFlags, SetArg, SpecialCharacterIndices, Termios,
    cfsetspeed, tcflush, tcgetattr, tcsendbreak, tcsetattr,
};
use nix::unistd::{read, write};
use queue::Queue;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;
use std::time::Duration;

/// How many reads one call does at most.
const READS: usize = 64;

/// An open serial line.
#[derive(Debug)]
pub(super) struct Serial {
    device: OwnedFd,
    queue: Queue,
    _lock: Lock,
}

fn rate(baud: u32) -> Result<BaudRate, MediaError> {
    match baud {
        9600 => Ok(BaudRate::B9600),
        19200 => Ok(BaudRate::B19200),
        38400 => Ok(BaudRate::B38400),
        57600 => Ok(BaudRate::B57600),
        115_200 => Ok(BaudRate::B115200),
        230_400 => Ok(BaudRate::B230400),
        460_800 => Ok(BaudRate::B460800),
        _ => Err(MediaError::Baud { baud }),
    }
}

/// 8 data bits, no parity, raw, RTS/CTS, no modem lines; input `BRKINT INPCK ISTRIP IGNCR`.
///
/// Source: the system calls of heartbeat 3.0.6 on a terminal in its ordinary mode.
fn line_attributes(termios: &mut Termios) {
    termios.input_flags = InputFlags::BRKINT | InputFlags::INPCK | InputFlags::ISTRIP | InputFlags::IGNCR;
    let framing = ControlFlags::CSIZE | ControlFlags::PARENB | ControlFlags::CSTOPB;
    termios.control_flags.remove(framing);
    let wanted = ControlFlags::CS8 | ControlFlags::CREAD | ControlFlags::CLOCAL | ControlFlags::CRTSCTS;
    termios.control_flags.insert(wanted);
    termios.local_flags.remove(LocalFlags::ICANON | LocalFlags::ECHO | LocalFlags::ISIG);
    termios.output_flags.remove(OutputFlags::OPOST);
    for (index, value) in [(SpecialCharacterIndices::VMIN, 1), (SpecialCharacterIndices::VTIME, 1)] {
        if let Some(place) = termios.control_chars.get_mut(index as usize) {
            *place = value;
        }
    }
}

impl Serial {
    /// Opens and sets up the line. `with_break` sends a break, which takes a quarter of a second on real lines.
    pub(super) fn open(device: &Path, baud: u32, lock_directory: &Path, with_break: bool) -> Result<Self, MediaError> {
        let rate = rate(baud)?;
        let lock = Lock::take(lock_directory, device).map_err(|why| match why {
            NoLock::Held(pid) => MediaError::Locked { pid },
            NoLock::Failed(errno) => MediaError::Io { step: Step::Open, errno: errno as i32 },
        })?;
        let flags = OFlag::O_RDWR | OFlag::O_NOCTTY | OFlag::O_NONBLOCK | OFlag::O_CLOEXEC;
        let gone_or = |step| {
            move |errno| match errno {
                Errno::ENOENT => MediaError::Gone { step, errno: errno as i32 },
                other => MediaError::from_errno(step, other),
            }
        };
        let device = open(device, flags, Mode::empty()).map_err(gone_or(Step::Open))?;
        let attributes = gone_or(Step::Attributes);
        let mut termios = tcgetattr(&device).map_err(attributes)?;
        line_attributes(&mut termios);
        cfsetspeed(&mut termios, rate).map_err(attributes)?;
        // First away with old output: setting attributes waits until it is out.
        tcflush(&device, FlushArg::TCIOFLUSH).map_err(attributes)?;
        tcsetattr(&device, SetArg::TCSAFLUSH, &termios).map_err(attributes)?;
        tcflush(&device, FlushArg::TCIOFLUSH).map_err(attributes)?;
        if with_break {
            // A line without breaks works as well.
            let _ = tcsendbreak(&device, 0);
        }
        Ok(Self { device, queue: Queue::new(baud), _lock: lock })
    }

    pub(super) fn device(&self) -> BorrowedFd<'_> {
        self.device.as_fd()
    }

    /// Whether output waits and may be written now.
    pub(super) fn wants_to_write(&self, now: Duration) -> bool {
        self.queue.piece(now).is_some()
    }

    pub(super) fn due(&self) -> Option<Duration> {
        self.queue.due()
    }

    pub(super) fn dropped(&self) -> u64 {
        self.queue.dropped()
    }

    pub(super) fn idle(&self) -> bool {
        self.queue.is_empty()
    }

    /// Queues one message. A full queue drops its oldest messages.
    pub(super) fn send(&mut self, bytes: &[u8]) -> Result<(), MediaError> {
        if self.queue.push(bytes) { Ok(()) } else { Err(MediaError::TooLong { length: bytes.len() }) }
    }

    /// Writes what the pace allows and the line takes.
    pub(super) fn write(&mut self, now: Duration) -> Result<(), MediaError> {
        while let Some(piece) = self.queue.piece(now) {
            match write(&self.device, piece) {
                Ok(0) | Err(Errno::EAGAIN) => return Ok(()),
                Ok(count) => self.queue.wrote(count, now),
                Err(Errno::EINTR) => {}
                Err(errno) => return Err(MediaError::from_errno(Step::Send, errno)),
            }
        }
        Ok(())
    }

    /// Hands over what came in; returns the number of chunks.
    pub(super) fn receive(&self, buffer: &mut [u8], each: &mut dyn FnMut(&[u8])) -> Result<usize, MediaError> {
        for count in 0..READS {
            match read(&self.device, buffer) {
                Ok(0) => return Err(MediaError::HungUp),
                Ok(length) => each(buffer.get(..length).unwrap_or_default()),
                Err(Errno::EAGAIN) => return Ok(count),
                Err(Errno::EINTR) => {}
                Err(errno) => return Err(MediaError::from_errno(Step::Receive, errno)),
            }
        }
        Ok(READS)
    }
}

impl Drop for Serial {
    fn drop(&mut self) {
        // Closing a line whose other end does not read would wait up to 30 s for its output.
        let _ = tcflush(&self.device, FlushArg::TCOFLUSH);
    }
}
