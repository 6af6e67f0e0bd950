//! How bytes reach the kernel and come back: traits, their kernel implementations, and scripted ones for tests.

mod netlink_socket;
mod raw_socket;
mod scripted;
mod scripted_options;

pub use netlink_socket::NetlinkSocket;
pub use raw_socket::RawSocket;
pub use scripted::Scripted;
pub use scripted_options::ScriptedOptions;

use std::fmt;
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};

/// What kind of answer is awaited; decides how much room is offered for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// One object or one acknowledgement.
    Short,
    /// The parts of a dump, up to 32 KiB each. The kernel fills later parts as far as there was room for earlier ones.
    Dump,
    /// Possibly many refusals, one per datagram.
    Refusals,
}

/// A netlink socket, or something that behaves like one.
pub trait Transport: fmt::Debug + Send {
    /// Sends one datagram of one or more whole messages. When it returns, the kernel has carried them all out.
    ///
    /// # Errors
    /// Those of `send(2)`, except `EINTR`. After `EMSGSIZE` nothing was carried out.
    fn send(&mut self, datagram: &[u8]) -> io::Result<()>;

    /// The next datagram from the kernel. Does not wait: the kernel answers before [`Transport::send`] returns, and the
    /// next part of a dump is made while the one before is read.
    ///
    /// # Errors
    /// Those of `recv(2)`, except `EINTR`. `EAGAIN`: there is none. `ENOBUFS`: replies were lost because too many were
    /// waiting. `EMSGSIZE`: the datagram was larger than the room for it and is lost; there will be more room next time.
    fn receive(&mut self, expected: Expected) -> io::Result<&[u8]>;

    /// Makes room for `wanted` unread refusals; returns for how many there is room, at least 1.
    ///
    /// # Errors
    /// If the room cannot be found out.
    fn reserve(&mut self, wanted: usize) -> io::Result<usize>;
}

/// A socket with the IPVS socket options of level `IPPROTO_IP`, or something that behaves like one.
pub trait SocketOptions: fmt::Debug + Send {
    /// Reads option `name` into `value`, whose content is part of the question. Returns how many bytes were filled.
    ///
    /// # Errors
    /// Those of `getsockopt(2)`.
    fn get(&mut self, name: i32, value: &mut [u8]) -> io::Result<usize>;

    /// Sets option `name`.
    ///
    /// # Errors
    /// Those of `setsockopt(2)`.
    fn set(&mut self, name: i32, value: &[u8]) -> io::Result<()>;
}

/// Gives a socket a number above 2, so that a program started with a closed standard stream does not take it for one.
fn off_standard_streams(fd: OwnedFd) -> io::Result<OwnedFd> {
    // The standard library never clones to the numbers of standard streams.
    if fd.as_raw_fd() > libc::STDERR_FILENO { Ok(fd) } else { fd.try_clone() }
}
