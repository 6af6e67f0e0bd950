//! Which nodes have the address, and since when, as the kernel of each node tells it.

use std::net::Ipv4Addr;
use std::os::fd::{AsFd as _, AsRawFd as _, OwnedFd};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Instant;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::socket::{AddressFamily, MsgFlags, NetlinkAddr, SockFlag, SockProtocol, SockType, bind, recv, socket};
use testkit::cluster::{Context as _, NetworkPlace, Result};

use crate::probe::prefer_this_thread;

/// The kernel's group for IPv4 addresses that come and go (`RTMGRP_IPV4_IFADDR`).
const GROUP: u32 = 0x10;
/// The longest that a thread does not look whether it is to end, in milliseconds.
const NAP: u16 = 100;
const MESSAGE_HEADER: usize = 16;
const ADDRESS_HEADER: usize = 8;

/// An address came to a node or went from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Change {
    /// When it was told, less than a millisecond later on a machine with time.
    pub(crate) at: Instant,
    /// True if the node has it now.
    pub(crate) held: bool,
}

/// Watches one node for one address until it is dropped. The node must not have it at the beginning.
#[derive(Debug)]
pub(crate) struct Watch {
    changes: Arc<Mutex<Vec<Change>>>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Watch {
    pub(crate) fn start(place: &NetworkPlace, address: Ipv4Addr) -> Result<Self> {
        let socket = place.inside(|| {
            let flags = SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK;
            let socket = socket(AddressFamily::Netlink, SockType::Raw, flags, SockProtocol::NetlinkRoute)?;
            bind(socket.as_raw_fd(), &NetlinkAddr::new(0, GROUP)).context("netlink")?;
            Ok(socket)
        })?;
        let changes = Arc::new(Mutex::new(Vec::new()));
        let stop = Arc::new(AtomicBool::new(false));
        let (log, ended) = (Arc::clone(&changes), Arc::clone(&stop));
        let thread = thread::spawn(move || {
            prefer_this_thread();
            while !ended.load(Ordering::Relaxed) {
                listen(&socket, address, &log);
            }
        });
        Ok(Self { changes, stop, thread: Some(thread) })
    }

    /// Everything so far.
    pub(crate) fn changes(&self) -> Vec<Change> {
        self.changes.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The last change, if there was one.
    pub(crate) fn last(&self) -> Option<Change> {
        self.changes.lock().unwrap_or_else(PoisonError::into_inner).last().copied()
    }

    /// True if the node has the address.
    pub(crate) fn holds(&self) -> bool {
        self.last().is_some_and(|change| change.held)
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn listen(socket: &OwnedFd, address: Ipv4Addr, log: &Mutex<Vec<Change>>) {
    let _ = poll(&mut [PollFd::new(socket.as_fd(), PollFlags::POLLIN)], PollTimeout::from(NAP));
    let mut buffer = [0; 8192];
    while let Ok(length) = recv(socket.as_raw_fd(), &mut buffer, MsgFlags::empty()) {
        let at = Instant::now();
        for held in changes(buffer.get(..length).unwrap_or_default(), address) {
            log.lock().unwrap_or_else(PoisonError::into_inner).push(Change { at, held });
        }
    }
}

/// What a datagram of the kernel says about the address: true for each time that it came, false for each that it went.
fn changes(mut messages: &[u8], address: Ipv4Addr) -> Vec<bool> {
    let mut found = Vec::new();
    while let Some((length, kind)) = header(messages) {
        let Some(message) = messages.get(..length) else { break };
        let held = match kind {
            libc::RTM_NEWADDR => Some(true),
            libc::RTM_DELADDR => Some(false),
            _ => None,
        };
        let attributes = message.get(MESSAGE_HEADER + ADDRESS_HEADER..).unwrap_or_default();
        if let (Some(held), true) = (held, has_local(attributes, address)) {
            found.push(held);
        }
        messages = messages.get(length.next_multiple_of(4)..).unwrap_or_default();
    }
    found
}

/// Length and type of the first message.
fn header(messages: &[u8]) -> Option<(usize, u16)> {
    let length = u32::from_ne_bytes(messages.get(..4)?.try_into().ok()?);
    let kind = u16::from_ne_bytes(messages.get(4..6)?.try_into().ok()?);
    let length = usize::try_from(length).ok()?;
    (length >= MESSAGE_HEADER).then_some((length, kind))
}

/// True if an attribute says that the address of this end is `address`.
fn has_local(mut attributes: &[u8], address: Ipv4Addr) -> bool {
    while let [low, high, first, second, ..] = attributes {
        let length = usize::from(u16::from_ne_bytes([*low, *high]));
        let kind = u16::from_ne_bytes([*first, *second]);
        if length < 4 {
            break;
        }
        if kind == libc::IFA_LOCAL && attributes.get(4..length) == Some(address.octets().as_slice()) {
            return true;
        }
        attributes = attributes.get(length.next_multiple_of(4)..).unwrap_or_default();
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attribute(kind: u16, value: &[u8]) -> Vec<u8> {
        let mut bytes = u16::try_from(4 + value.len()).unwrap().to_ne_bytes().to_vec();
        bytes.extend(kind.to_ne_bytes());
        bytes.extend(value);
        bytes.resize(bytes.len().next_multiple_of(4), 0);
        bytes
    }

    fn message(kind: u16, local: [u8; 4]) -> Vec<u8> {
        let attributes = [attribute(libc::IFA_LABEL, b"eth0:0\0"), attribute(libc::IFA_LOCAL, &local)].concat();
        let length = u32::try_from(MESSAGE_HEADER + ADDRESS_HEADER + attributes.len()).unwrap();
        let mut bytes = length.to_ne_bytes().to_vec();
        bytes.extend(kind.to_ne_bytes());
        bytes.extend([0; 18]);
        bytes.extend(attributes);
        bytes
    }

    #[test]
    fn only_the_address_itself_counts() {
        let wanted = Ipv4Addr::new(10, 9, 0, 100);
        let all = [
            message(libc::RTM_DELADDR, [10, 9, 0, 100]),
            message(libc::RTM_NEWADDR, [10, 9, 0, 1]),
            message(libc::RTM_NEWLINK, [10, 9, 0, 100]),
            message(libc::RTM_NEWADDR, [10, 9, 0, 100]),
        ]
        .concat();
        assert_eq!(changes(&all, wanted), [false, true]);
        assert_eq!(changes(&all[..60], wanted), [false], "the second message is cut off");
        assert!(changes(&[0; 40], wanted).is_empty());
    }
}
