//! What all sockets of media have in common: never blocking, closed on exec, bounded reading.

use super::error::{MediaError, Step};
use nix::errno::Errno;
use nix::sys::socket::sockopt as option;
use nix::sys::socket::{
    AddressFamily, MsgFlags, SockFlag, SockProtocol, SockType, SockaddrStorage, recvfrom, sendto, setsockopt, socket,
};
use std::net::{IpAddr, SocketAddr};
use std::os::fd::{AsRawFd, BorrowedFd, OwnedFd};

/// How many datagrams one call reads at most, so that a flooded medium cannot starve the others.
pub const AT_ONCE: usize = 64;
/// The receive buffer we ask for, in bytes: room for a burst of large messages while the daemon is busy.
const RECEIVE_BUFFER: usize = 1 << 20;

pub(super) fn open(
    family: AddressFamily,
    kind: SockType,
    protocol: Option<SockProtocol>,
) -> Result<OwnedFd, MediaError> {
    let flags = SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK;
    socket(family, kind, flags, protocol).map_err(|errno| MediaError::from_errno(Step::Socket, errno))
}

/// Makes the receive buffer large; beyond the system's limit only where we may.
pub(super) fn enlarge(socket: &OwnedFd) {
    if setsockopt(socket, option::RcvBufForce, &RECEIVE_BUFFER).is_err() {
        // Only a wish: the kernel gives what its limits allow.
        let _ = setsockopt(socket, option::RcvBuf, &RECEIVE_BUFFER);
    }
}

/// Sends one datagram, or says at once why not.
pub(super) fn send(socket: BorrowedFd<'_>, bytes: &[u8], to: SocketAddr) -> Result<(), MediaError> {
    let flags = MsgFlags::MSG_DONTWAIT | MsgFlags::MSG_NOSIGNAL;
    loop {
        return match sendto(socket.as_raw_fd(), bytes, &SockaddrStorage::from(to), flags) {
            Ok(_) => Ok(()),
            Err(Errno::EINTR) => continue,
            Err(Errno::EMSGSIZE) => Err(MediaError::TooLong { length: bytes.len() }),
            Err(errno) => Err(MediaError::from_errno(Step::Send, errno)),
        };
    }
}

fn address(from: &SockaddrStorage) -> Option<IpAddr> {
    let four = from.as_sockaddr_in().map(|found| IpAddr::from(found.ip()));
    four.or_else(|| Some(from.as_sockaddr_in6()?.ip().into()))
}

/// Hands over the datagrams that are there, at most [`AT_ONCE`]; returns how many.
///
/// One system call per datagram: `recvmmsg` would need 64 buffers of 64 KiB for messages of 300 bytes.
pub(super) fn receive(
    socket: BorrowedFd<'_>,
    buffer: &mut [u8],
    each: &mut dyn FnMut(&[u8], Option<IpAddr>),
) -> Result<usize, MediaError> {
    for count in 0..AT_ONCE {
        match recvfrom::<SockaddrStorage>(socket.as_raw_fd(), buffer) {
            Ok((length, from)) => {
                let datagram = buffer.get(..length).unwrap_or_default();
                each(datagram, from.as_ref().and_then(address));
            }
            Err(Errno::EAGAIN) => return Ok(count),
            Err(Errno::EINTR) => {}
            // An earlier datagram of ours was refused by its receiver: no matter of the next one that comes in.
            Err(Errno::ECONNREFUSED) => {}
            Err(errno) => return Err(MediaError::from_errno(Step::Receive, errno)),
        }
    }
    Ok(AT_ONCE)
}
