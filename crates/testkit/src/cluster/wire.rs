//! A socket that sees every frame at the ports of a namespace and can send frames out of them.

use std::collections::BTreeMap;
use std::os::fd::{AsFd, AsRawFd as _, OwnedFd};
use std::time::Duration;

use anyhow::{Context as _, Result};
use nix::errno::Errno;
use nix::ifaddrs::getifaddrs;
use nix::sys::socket::{
    AddressFamily, LinkAddr, MsgFlags, SockFlag, SockProtocol, SockType, SockaddrLike as _, recvfrom, sendto,
    setsockopt, socket, sockopt,
};

use super::place::NetworkPlace;
use super::worker::wait_for_input;

/// The longest frame with its header.
const LONGEST: usize = 65_536;

/// An open socket, and which port has which number.
#[derive(Debug)]
pub(super) struct Wire {
    socket: OwnedFd,
    ports: BTreeMap<usize, (String, LinkAddr)>,
    buffer: Vec<u8>,
}

impl Wire {
    /// Opens one in `place`, for the ports that there are now.
    pub(super) fn open(place: &NetworkPlace) -> Result<Self> {
        place.inside(|| {
            let flags = SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK;
            let socket = socket(AddressFamily::Packet, SockType::Raw, flags, SockProtocol::EthAll)?;
            setsockopt(&socket, sockopt::RcvBuf, &(4 << 20))?;
            let found = getifaddrs().context("getifaddrs")?.filter_map(|interface| {
                let address = *interface.address.as_ref()?.as_link_addr()?;
                Some((address.ifindex(), (interface.interface_name, address)))
            });
            Ok(Self { ports: found.collect(), socket, buffer: vec![0; LONGEST] })
        })
    }

    /// The next frame that came into a port, if there is one by now: the port, the frame.
    pub(super) fn receive(&mut self) -> Option<(&str, &[u8])> {
        let (length, port) = loop {
            match recvfrom::<LinkAddr>(self.socket.as_raw_fd(), &mut self.buffer) {
                Ok((length, Some(from))) => {
                    let outgoing = from.pkttype() == libc::PACKET_OUTGOING;
                    if !outgoing && self.ports.contains_key(&from.ifindex()) {
                        break (length, from.ifindex());
                    }
                }
                // A port went down, which says nothing about the others.
                Ok((_, None)) | Err(Errno::ENETDOWN | Errno::EINTR) => {}
                Err(_) => return None,
            }
        };
        let (port, _) = self.ports.get(&port)?;
        Some((port, self.buffer.get(..length)?))
    }

    /// Sends a frame out of a port. A port that is down loses it, as a cable would.
    pub(super) fn send(&self, port: &str, frame: &[u8]) {
        if let Some((_, address)) = self.ports.values().find(|(name, _)| name == port) {
            debug_assert!(address.len() > 0);
            let _ = sendto(self.socket.as_raw_fd(), frame, address, MsgFlags::empty());
        }
    }

    /// Sleeps until a frame may be there, at most for `longest`.
    pub(super) fn sleep(&self, longest: Duration) {
        wait_for_input(self.socket.as_fd(), longest);
    }
}
