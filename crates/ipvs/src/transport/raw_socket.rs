//! The raw socket that carries the IPVS socket options.

use super::SocketOptions;
use crate::sys;
use nix::sys::socket::{AddressFamily, SockFlag, SockProtocol, SockType, socket};
use std::io;
use std::os::fd::OwnedFd;

/// A raw IPv4 socket (`IPPROTO_RAW`), in the network namespace of the thread that opened it. Nothing is sent over it.
#[derive(Debug)]
pub struct RawSocket {
    fd: OwnedFd,
}

impl RawSocket {
    /// Opens the socket.
    ///
    /// # Errors
    /// Those of `socket(2)`: `EPERM` without the privilege for raw sockets.
    pub fn open() -> io::Result<Self> {
        let fd = socket(AddressFamily::Inet, SockType::Raw, SockFlag::SOCK_CLOEXEC, SockProtocol::Raw)?;
        let fd = super::off_standard_streams(fd)?;
        Ok(Self { fd })
    }
}

impl SocketOptions for RawSocket {
    fn get(&mut self, name: i32, value: &mut [u8]) -> io::Result<usize> {
        sys::get_ip_option(&self.fd, name, value)
    }

    fn set(&mut self, name: i32, value: &[u8]) -> io::Result<()> {
        sys::set_ip_option(&self.fd, name, value)
    }
}
