//! UDP endpoints: broadcast, multicast and unicast, over IPv4 and IPv6.
//!
//! Every medium has one socket to send and one to receive. Options and addresses are those of heartbeat 3.0.6, read
//! from its system calls; what is added beyond them: both sockets never block and are closed on exec, the receive
//! buffer is large, multicast is received from its own interface only, and IPv6 sockets take IPv6 only.

use super::error::{MediaError, Step};
use super::interface;
use super::socket;
use super::sockopt;
use super::spec::MediumSpec;
use nix::sys::socket::sockopt as option;
use nix::sys::socket::{AddressFamily, IpMembershipRequest, SockType, SockaddrStorage, bind, setsockopt};
use std::ffi::OsString;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};

/// `IPTOS_LOWDELAY`.
const LOW_DELAY: libc::c_int = 0x10;
/// What the original asks for on IPv6, in bytes.
const BUFFER6: usize = 1 << 20;

/// An open UDP medium.
#[derive(Debug)]
pub(super) struct Udp {
    sender: OwnedFd,
    receiver: OwnedFd,
    destination: SocketAddr,
    /// The interface's index and, where it matters, its address, when the sockets were opened.
    interface: (libc::c_uint, Option<Ipv4Addr>),
}

fn failed(name: &'static str, sending: bool) -> impl Fn(nix::errno::Errno) -> MediaError {
    move |errno| MediaError::from_errno(Step::Option(name, sending), errno)
}

/// A pair of sockets: to send, to receive.
fn pair(family: AddressFamily) -> Result<(OwnedFd, OwnedFd), MediaError> {
    let sender = socket::open(family, SockType::Datagram, None)?;
    let receiver = socket::open(family, SockType::Datagram, None)?;
    if family == AddressFamily::Inet6 {
        for socket in [&sender, &receiver] {
            // Only a wish: the kernel gives what its limits allow.
            let _ = setsockopt(socket, option::SndBuf, &BUFFER6);
            let _ = setsockopt(socket, option::RcvBuf, &BUFFER6);
        }
        // Beyond the original, whose IPv6 sockets also take datagrams of the IPv4 media on the same port.
        setsockopt(&receiver, option::Ipv6V6Only, &true).map_err(failed("IPV6_V6ONLY", false))?;
    }
    socket::enlarge(&receiver);
    setsockopt(&receiver, option::ReuseAddr, &true).map_err(failed("SO_REUSEADDR", false))?;
    Ok((sender, receiver))
}

fn to_device(socket: &OwnedFd, interface: &str, sending: bool) -> Result<(), MediaError> {
    setsockopt(socket, option::BindToDevice, &OsString::from(interface)).map_err(failed("SO_BINDTODEVICE", sending))
}

fn bind_to(socket: &OwnedFd, address: IpAddr, port: u16) -> Result<(), MediaError> {
    let address = SockaddrStorage::from(SocketAddr::new(address, port));
    bind(socket.as_raw_fd(), &address).map_err(|errno| MediaError::from_errno(Step::Bind, errno))
}

fn broadcast(interface: &str, port: u16) -> Result<Udp, MediaError> {
    let (index, addresses) = (interface::index(interface)?, interface::addresses(interface)?);
    let (sender, receiver) = pair(AddressFamily::Inet)?;
    setsockopt(&sender, option::Broadcast, &true).map_err(failed("SO_BROADCAST", true))?;
    setsockopt(&sender, option::DontRoute, &true).map_err(failed("SO_DONTROUTE", true))?;
    to_device(&sender, interface, true)?;
    to_device(&receiver, interface, false)?;
    bind_to(&receiver, Ipv4Addr::UNSPECIFIED.into(), port)?;
    let destination = SocketAddr::new(addresses.broadcast.into(), port);
    Ok(Udp { sender, receiver, destination, interface: (index, Some(addresses.broadcast)) })
}

fn multicast(interface: &str, group: Ipv4Addr, port: u16, ttl: u8, loopback: bool) -> Result<Udp, MediaError> {
    let (index, addresses) = (interface::index(interface)?, interface::addresses(interface)?);
    let (sender, receiver) = pair(AddressFamily::Inet)?;
    sockopt::multicast_interface(sender.as_fd(), addresses.address).map_err(failed("IP_MULTICAST_IF", true))?;
    setsockopt(&sender, option::IpMulticastLoop, &loopback).map_err(failed("IP_MULTICAST_LOOP", true))?;
    setsockopt(&sender, option::IpMulticastTtl, &ttl).map_err(failed("IP_MULTICAST_TTL", true))?;
    // The original does not do this and hears the group on every interface. Without effect on an alias like eth0:0.
    let _ = to_device(&receiver, interface, false);
    bind_to(&receiver, group.into(), port)?;
    let request = IpMembershipRequest::new(group, Some(addresses.address));
    setsockopt(&receiver, option::IpAddMembership, &request).map_err(failed("IP_ADD_MEMBERSHIP", false))?;
    let destination = SocketAddr::new(group.into(), port);
    Ok(Udp { sender, receiver, destination, interface: (index, Some(addresses.address)) })
}

fn multicast6(interface: &str, group: Ipv6Addr, port: u16, hops: u8, loopback: bool) -> Result<Udp, MediaError> {
    let index = interface::index(interface)?;
    let (sender, receiver) = pair(AddressFamily::Inet6)?;
    sockopt::multicast_interface6(sender.as_fd(), index).map_err(failed("IPV6_MULTICAST_IF", true))?;
    sockopt::multicast_loop6(sender.as_fd(), loopback).map_err(failed("IPV6_MULTICAST_LOOP", true))?;
    let hops = libc::c_int::from(hops);
    setsockopt(&sender, option::Ipv6MulticastHops, &hops).map_err(failed("IPV6_MULTICAST_HOPS", true))?;
    let _ = to_device(&receiver, interface, false);
    bind_to(&receiver, Ipv6Addr::UNSPECIFIED.into(), port)?;
    sockopt::join6(receiver.as_fd(), group, index).map_err(failed("IPV6_ADD_MEMBERSHIP", false))?;
    let destination = SocketAddr::new(group.into(), port);
    Ok(Udp { sender, receiver, destination, interface: (index, None) })
}

fn unicast(interface: &str, destination: SocketAddr, port: u16) -> Result<Udp, MediaError> {
    let index = interface::index(interface).map_err(|error| match error {
        // The original finds out here: at the device option of the sending socket.
        MediaError::Gone { errno, .. } => MediaError::Gone { step: Step::Option("SO_BINDTODEVICE", true), errno },
        other => other,
    })?;
    let family = if destination.is_ipv4() { AddressFamily::Inet } else { AddressFamily::Inet6 };
    let (sender, receiver) = pair(family)?;
    if destination.is_ipv4() {
        setsockopt(&sender, option::Ipv4Tos, &LOW_DELAY).map_err(failed("IP_TOS", true))?;
    }
    to_device(&sender, interface, true)?;
    if destination.is_ipv4() {
        setsockopt(&sender, option::ReusePort, &true).map_err(failed("SO_REUSEPORT", true))?;
    }
    to_device(&receiver, interface, false)?;
    setsockopt(&receiver, option::ReusePort, &true).map_err(failed("SO_REUSEPORT", false))?;
    let any: IpAddr = if destination.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
    bind_to(&receiver, any, port)?;
    Ok(Udp { sender, receiver, destination, interface: (index, None) })
}

impl Udp {
    /// Opens both sockets. `None`: not a UDP medium.
    pub(super) fn open(spec: &MediumSpec) -> Option<Result<Self, MediaError>> {
        let opened = match spec {
            MediumSpec::Broadcast { interface, port } => broadcast(interface, *port),
            MediumSpec::Multicast { interface, group, port, ttl, loopback } => {
                multicast(interface, *group, *port, *ttl, *loopback)
            }
            MediumSpec::Multicast6 { interface, group, port, hops, loopback } => {
                multicast6(interface, *group, *port, *hops, *loopback)
            }
            MediumSpec::Unicast { interface, port, .. } => unicast(interface, spec.destination()?, *port),
            MediumSpec::Serial { .. } | MediumSpec::Ping { .. } => return None,
        };
        Some(opened)
    }

    pub(super) fn receiver(&self) -> BorrowedFd<'_> {
        self.receiver.as_fd()
    }

    pub(super) fn destination(&self) -> SocketAddr {
        self.destination
    }

    pub(super) fn send(&self, bytes: &[u8]) -> Result<(), MediaError> {
        socket::send(self.sender.as_fd(), bytes, self.destination)
    }

    /// Compares the interface with what it was at opening.
    ///
    /// A new broadcast address is used from now on. Everything else that changed needs new sockets, which is told as
    /// `Gone`: a socket bound to a deleted interface stays deaf when an interface of the same name comes.
    pub(super) fn refresh(&mut self, spec: &MediumSpec) -> Result<(), MediaError> {
        let (name, wanted) = match spec {
            MediumSpec::Broadcast { interface, .. } => (interface, Some(interface::addresses(interface)?.broadcast)),
            MediumSpec::Multicast { interface, .. } => (interface, Some(interface::addresses(interface)?.address)),
            MediumSpec::Multicast6 { interface, .. } | MediumSpec::Unicast { interface, .. } => (interface, None),
            MediumSpec::Serial { .. } | MediumSpec::Ping { .. } => return Ok(()),
        };
        let now = (interface::index(name)?, wanted);
        if now == self.interface {
            return Ok(());
        }
        if let (true, MediumSpec::Broadcast { .. }, Some(address)) = (now.0 == self.interface.0, spec, wanted) {
            self.destination.set_ip(address.into());
            self.interface = now;
            return Ok(());
        }
        Err(MediaError::Gone { step: Step::Interface, errno: libc::ENODEV })
    }
}
