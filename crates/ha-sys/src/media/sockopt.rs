//! Socket options that nix does not know.
#![allow(unsafe_code, reason = "nix has no types for these options; one call of setsockopt serves all")]

use nix::errno::Errno;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::os::fd::{AsRawFd, BorrowedFd};

fn set<T>(socket: BorrowedFd<'_>, level: libc::c_int, option: libc::c_int, value: &T) -> nix::Result<()> {
    let size = libc::socklen_t::try_from(size_of::<T>()).map_err(|_| Errno::EINVAL)?;
    // SAFETY: the pointer is valid for `size` bytes during the call, and the kernel only reads them.
    let result = unsafe { libc::setsockopt(socket.as_raw_fd(), level, option, std::ptr::from_ref(value).cast(), size) };
    Errno::result(result).map(drop)
}

/// `IP_MULTICAST_IF`: multicasts leave through the interface with this address.
pub(super) fn multicast_interface(socket: BorrowedFd<'_>, address: Ipv4Addr) -> nix::Result<()> {
    set(socket, libc::IPPROTO_IP, libc::IP_MULTICAST_IF, &address.octets())
}

/// `IPV6_MULTICAST_IF`: multicasts leave through the interface with this index.
pub(super) fn multicast_interface6(socket: BorrowedFd<'_>, index: libc::c_uint) -> nix::Result<()> {
    set(socket, libc::IPPROTO_IPV6, libc::IPV6_MULTICAST_IF, &index)
}

/// `IPV6_MULTICAST_LOOP`: whether we hear ourselves.
pub(super) fn multicast_loop6(socket: BorrowedFd<'_>, on: bool) -> nix::Result<()> {
    set(socket, libc::IPPROTO_IPV6, libc::IPV6_MULTICAST_LOOP, &libc::c_int::from(on))
}

/// `IPV6_ADD_MEMBERSHIP`: receives a group's datagrams that come in on the interface with this index.
pub(super) fn join6(socket: BorrowedFd<'_>, group: Ipv6Addr, index: libc::c_uint) -> nix::Result<()> {
    let ipv6mr_multiaddr = libc::in6_addr { s6_addr: group.octets() };
    let request = libc::ipv6_mreq { ipv6mr_multiaddr, ipv6mr_interface: index };
    set(socket, libc::IPPROTO_IPV6, libc::IPV6_ADD_MEMBERSHIP, &request)
}

/// `ICMPV6_FILTER` (number 1 of the protocol's level): lets only this type in.
pub(super) fn only_icmp6_type(socket: BorrowedFd<'_>, kind: u8) -> nix::Result<()> {
    const ICMPV6_FILTER: libc::c_int = 1;
    let mut blocked = [u32::MAX; 8];
    if let Some(word) = blocked.get_mut(usize::from(kind >> 5)) {
        *word &= !(1 << (kind & 31));
    }
    set(socket, libc::IPPROTO_ICMPV6, ICMPV6_FILTER, &blocked)
}

/// `ICMP_FILTER` (number 1 of `SOL_RAW`): lets only this type, 0 to 31, in.
pub(super) fn only_icmp_type(socket: BorrowedFd<'_>, kind: u8) -> nix::Result<()> {
    const SOL_RAW: libc::c_int = 255;
    const ICMP_FILTER: libc::c_int = 1;
    set(socket, SOL_RAW, ICMP_FILTER, &!(1_u32 << (kind & 31)))
}
