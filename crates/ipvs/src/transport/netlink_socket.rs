//! The generic netlink socket of the kernel.

use super::{Expected, Transport};
use crate::sys;
use nix::errno::Errno;
use nix::sys::socket::{
    self, AddressFamily, MsgFlags, MultiHeaders, NetlinkAddr, SockFlag, SockProtocol, SockType, recvmmsg, recvmsg,
    sockopt,
};
use std::io::{self, IoSliceMut};
use std::os::fd::{AsRawFd, OwnedFd};

/// Room for one object or an acknowledgement. A refusal repeats the request, which is shorter than 400 bytes.
const SHORT: usize = 4096;
/// The most the kernel puts into one datagram of a dump (Linux 4.4 and later; before, 16 KiB). It fills parts so far only
/// if the datagrams before were offered as much; else a part is below 4 KiB.
const DUMP: usize = 32 * 1024;
/// Datagrams of a dump read by one system call. Every dump ends with one that says only that; two more hold about 160
/// destinations.
const DUMP_SLOTS: usize = 4;
/// Room for a refusal.
const REFUSAL: usize = 1024;
/// Refusals read by one system call.
const REFUSAL_SLOTS: usize = 32;
/// All of these use one buffer. It is large enough that the allocator maps it: then only what the kernel wrote to takes
/// memory, and no time is spent on clearing it. (A page touched for the first time costs more than a system call.)
const BUFFER: usize = DUMP * DUMP_SLOTS;
/// What a waiting refusal counts against the receive buffer: its block of memory plus the kernel's bookkeeping. On Linux
/// 6.1 (x86-64) 768 bytes, or 1280 if it repeats the request; the rest is a reserve for other kernels.
const REFUSAL_COST: usize = 2048;

/// A socket of the protocol `NETLINK_GENERIC`, in the network namespace of the thread that opened it.
///
/// It is not bound: the kernel gives it a port with the first message. No option is set before it is needed.
#[derive(Debug)]
pub struct NetlinkSocket {
    fd: OwnedFd,
    /// Slots of `slot` bytes each, and what is left over.
    buffer: Vec<u8>,
    slot: usize,
    /// Lengths of the datagrams in the first slots; longer than a slot if the rest did not fit and is lost.
    lengths: Vec<usize>,
    /// The next of them to hand out.
    next: usize,
    /// Longest datagram that did not fit so far.
    missed: usize,
    /// For how many refusals the receive buffer is known to have room.
    room: usize,
}

impl NetlinkSocket {
    /// Opens the socket.
    ///
    /// # Errors
    /// Those of `socket(2)`, such as `EPROTONOSUPPORT` without netlink in the kernel.
    pub fn open() -> io::Result<Self> {
        let netlink = AddressFamily::Netlink;
        let fd = socket::socket(netlink, SockType::Raw, SockFlag::SOCK_CLOEXEC, SockProtocol::NetlinkGeneric)?;
        Ok(Self { fd, buffer: Vec::new(), slot: 0, lengths: Vec::new(), next: 0, missed: 0, room: 0 })
    }

    /// Reads the datagrams that are there, up to `slots`.
    fn fill(&mut self, slot: usize, slots: usize) -> nix::Result<()> {
        self.slot = slot.max(self.missed);
        self.next = 0;
        self.lengths.clear();
        let size = (self.slot * slots).max(BUFFER);
        if self.buffer.len() < size {
            self.buffer = vec![0; size];
        }
        let fd = self.fd.as_raw_fd();
        let flags = MsgFlags::MSG_DONTWAIT | MsgFlags::MSG_TRUNC;
        let mut slices = self.buffer.chunks_exact_mut(self.slot).map(|slot| [IoSliceMut::new(slot)]);
        if slots == 1 {
            let mut slice = slices.next().unwrap_or([IoSliceMut::new(&mut [])]);
            let received = recvmsg::<NetlinkAddr>(fd, &mut slice, None, flags)?;
            self.lengths.push(length(received.bytes, received.address));
        } else {
            let mut headers = MultiHeaders::<NetlinkAddr>::preallocate(slots, None);
            let mut slices: Vec<_> = slices.take(slots).collect();
            let received = recvmmsg(fd, &mut headers, slices.iter_mut(), flags, None)?;
            self.lengths.extend(received.map(|received| length(received.bytes, received.address)));
        }
        Ok(())
    }
}

/// The length of a datagram, or 0 if it is not the kernel's: a privileged process can send here too.
fn length(bytes: usize, from: Option<NetlinkAddr>) -> usize {
    if from.is_some_and(|from| from.pid() != 0) { 0 } else { bytes }
}

impl Transport for NetlinkSocket {
    fn send(&mut self, datagram: &[u8]) -> io::Result<()> {
        loop {
            match socket::send(self.fd.as_raw_fd(), datagram, MsgFlags::empty()) {
                Ok(sent) if sent == datagram.len() => return Ok(()),
                Ok(_) => return Err(io::ErrorKind::WriteZero.into()),
                Err(Errno::EINTR) => {}
                Err(errno) => return Err(errno.into()),
            }
        }
    }

    fn receive(&mut self, expected: Expected) -> io::Result<&[u8]> {
        let (slot, slots) = match expected {
            Expected::Short => (SHORT, 1),
            Expected::Dump => (DUMP, DUMP_SLOTS),
            Expected::Refusals => (REFUSAL, REFUSAL_SLOTS),
        };
        let (index, length) = loop {
            match self.lengths.get(self.next) {
                Some(0) => self.next += 1,
                Some(length) => break (self.next, *length),
                None => match self.fill(slot, slots) {
                    Ok(()) | Err(Errno::EINTR) => {}
                    Err(errno) => return Err(errno.into()),
                },
            }
        };
        self.next += 1;
        if length > self.slot {
            self.missed = self.missed.max(length);
            return Err(Errno::EMSGSIZE.into());
        }
        let start = index * self.slot;
        Ok(self.buffer.get(start..start + length).unwrap_or_default())
    }

    fn reserve(&mut self, wanted: usize) -> io::Result<usize> {
        if self.room < wanted {
            // Neither needs to succeed: the size read afterwards decides. The kernel doubles the number it is given; the
            // form that may exceed the system's limit needs CAP_NET_ADMIN, as changes of the table do anyway.
            let _ = sys::cap_netlink_acknowledgements(&self.fd);
            let _ = socket::setsockopt(&self.fd, sockopt::RcvBufForce, &(wanted.saturating_mul(REFUSAL_COST / 2)));
            self.room = (socket::getsockopt(&self.fd, sockopt::RcvBuf)? / REFUSAL_COST).max(1);
        }
        Ok(self.room)
    }
}
