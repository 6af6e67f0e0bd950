//! Messages over the socket, with a limit for every wait.

use crate::error::Error;
use cluster_protocol::api::frame::{self, FrameReader};
use cluster_protocol::message::Message;
use std::io::{ErrorKind, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::{Duration, Instant};

/// The connection.
#[derive(Debug)]
pub(crate) struct Stream {
    socket: UnixStream,
    reader: FrameReader,
}

/// What is left until `deadline`; `Err` if that is nothing.
fn left(deadline: Option<Instant>) -> Result<Option<Duration>, Error> {
    let Some(deadline) = deadline else { return Ok(None) };
    let left = deadline.saturating_duration_since(Instant::now());
    if left.is_zero() { Err(Error::TimedOut) } else { Ok(Some(left)) }
}

impl Stream {
    pub(crate) fn connect(path: &Path) -> Result<Self, Error> {
        let socket = UnixStream::connect(path).map_err(Error::Connect)?;
        Ok(Self { socket, reader: FrameReader::default() })
    }

    pub(crate) fn send(&mut self, message: &Message, deadline: Option<Instant>) -> Result<(), Error> {
        let bytes = frame::encode(message, false);
        let mut rest = bytes.as_slice();
        while !rest.is_empty() {
            self.socket.set_write_timeout(left(deadline)?).map_err(Error::Io)?;
            match self.socket.write(rest) {
                Ok(count) => rest = rest.get(count..).unwrap_or_default(),
                Err(error) => self.again(error)?,
            }
        }
        Ok(())
    }

    /// The next message. What is no message, though its header is right, is left out.
    pub(crate) fn receive(&mut self, deadline: Option<Instant>) -> Result<Message, Error> {
        let mut buffer = [0; 16_384];
        loop {
            while let Some(body) = self.reader.next() {
                if let Ok(message) = frame::decode(&body?) {
                    return Ok(message);
                }
            }
            self.socket.set_read_timeout(left(deadline)?).map_err(Error::Io)?;
            match self.socket.read(&mut buffer) {
                Ok(0) => return Err(Error::Closed),
                Ok(count) => self.reader.feed(buffer.get(..count).unwrap_or_default()),
                Err(error) => self.again(error)?,
            }
        }
    }

    /// Whether something is waiting to be read: only then may a wait of no length be begun.
    pub(crate) fn try_receive(&mut self) -> Result<Option<Message>, Error> {
        let mut buffer = [0; 16_384];
        self.socket.set_nonblocking(true).map_err(Error::Io)?;
        let read = self.socket.read(&mut buffer);
        self.socket.set_nonblocking(false).map_err(Error::Io)?;
        match read {
            Ok(0) if !self.reader.has_next() => return Err(Error::Closed),
            Ok(count) => self.reader.feed(buffer.get(..count).unwrap_or_default()),
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(error) => self.again(error)?,
        }
        while let Some(body) = self.reader.next() {
            if let Ok(message) = frame::decode(&body?) {
                return Ok(Some(message));
            }
        }
        Ok(None)
    }

    /// An interruption is none; a time-out of the kernel is looked at once more by [`left`].
    fn again(&self, error: std::io::Error) -> Result<(), Error> {
        match error.kind() {
            ErrorKind::Interrupted | ErrorKind::WouldBlock | ErrorKind::TimedOut => Ok(()),
            ErrorKind::BrokenPipe | ErrorKind::ConnectionReset => Err(Error::Closed),
            _ => Err(Error::Io(error)),
        }
    }
}

impl AsFd for Stream {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}
