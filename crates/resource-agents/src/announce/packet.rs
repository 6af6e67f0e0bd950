//! The socket that sends whole Ethernet frames.

use super::Hardware;
use nix::ifaddrs::getifaddrs;
use nix::sys::socket::{self, AddressFamily, LinkAddr, MsgFlags, SockFlag, SockType};
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};

/// A packet socket for one interface. It receives nothing.
#[derive(Debug)]
pub struct PacketSocket {
    fd: OwnedFd,
    address: LinkAddr,
    hardware: Hardware,
}

impl PacketSocket {
    /// Opens a socket for an interface, in the network namespace of the calling thread.
    ///
    /// # Errors
    /// `NotFound` if there is no such interface or it has no Ethernet address; those of `socket(2)`, as without rights.
    pub fn open(interface: &str) -> io::Result<Self> {
        // The kernel's own list is the safe way to the structure that `sendto` wants: it holds the interface's number.
        let address = getifaddrs()?
            .filter(|entry| entry.interface_name == interface)
            .find_map(|entry| entry.address.as_ref().and_then(|address| address.as_link_addr().copied()))
            .ok_or(io::ErrorKind::NotFound)?;
        let hardware = address.addr().ok_or(io::ErrorKind::NotFound)?;
        let fd = socket::socket(AddressFamily::Packet, SockType::Raw, SockFlag::SOCK_CLOEXEC, None)?;
        Ok(Self { fd, address, hardware })
    }

    /// The Ethernet address of the interface.
    #[must_use]
    pub fn hardware(&self) -> Hardware {
        self.hardware
    }

    /// Sends one frame.
    ///
    /// # Errors
    /// Those of `sendto(2)`, such as `ENETDOWN` for an interface that is switched off.
    pub fn send(&self, frame: &[u8]) -> io::Result<()> {
        socket::sendto(self.fd.as_raw_fd(), frame, &self.address, MsgFlags::empty())?;
        Ok(())
    }
}

impl From<PacketSocket> for OwnedFd {
    fn from(socket: PacketSocket) -> Self {
        socket.fd
    }
}
