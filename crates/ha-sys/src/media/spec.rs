//! What an endpoint is opened from: one medium of `ha.cf`, as plain data.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6};
use std::path::PathBuf;

/// One medium.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MediumSpec {
    /// `bcast`: UDP to the interface's broadcast address.
    Broadcast {
        /// The interface.
        interface: String,
        /// Port of both sides.
        port: u16,
    },
    /// `mcast`: UDP over IPv4 to a group.
    Multicast {
        /// The interface.
        interface: String,
        /// The group.
        group: Ipv4Addr,
        /// Port of both sides.
        port: u16,
        /// How many routers a datagram may pass, plus one.
        ttl: u8,
        /// Whether we hear ourselves.
        loopback: bool,
    },
    /// `mcast6`: UDP over IPv6 to a group.
    Multicast6 {
        /// The interface.
        interface: String,
        /// The group.
        group: Ipv6Addr,
        /// Port of both sides.
        port: u16,
        /// How many routers a datagram may pass, plus one.
        hops: u8,
        /// Whether we hear ourselves.
        loopback: bool,
    },
    /// `ucast` (an IPv4 peer) and `ucast6`.
    Unicast {
        /// The interface.
        interface: String,
        /// The peer.
        peer: IpAddr,
        /// Scope of an IPv6 peer; 0 for none.
        scope: u32,
        /// Port of both sides.
        port: u16,
    },
    /// `serial`.
    Serial {
        /// The device.
        device: PathBuf,
        /// 9600, 19200, 38400, 57600, 115200, 230400 or 460800.
        baud: u32,
        /// Where the UUCP lock file goes; `/var/lock`, except in tests.
        lock_directory: PathBuf,
    },
    /// `ping`, `ping6` and `ping_group`.
    Ping {
        /// The pseudo node: the host as written, or the group's name.
        name: String,
        /// Its members; one, except in a group.
        members: Vec<IpAddr>,
        /// Whether it was written as a group.
        group: bool,
        /// Marks our echo requests: the low 16 bits of the daemon's pid.
        identifier: u16,
    },
}

impl MediumSpec {
    /// The directive in `ha.cf`, which is also the medium's kind in log lines.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Broadcast { .. } => "bcast",
            Self::Multicast { .. } => "mcast",
            Self::Multicast6 { .. } => "mcast6",
            Self::Unicast { peer: IpAddr::V4(_), .. } => "ucast",
            Self::Unicast { .. } => "ucast6",
            Self::Serial { .. } => "serial",
            Self::Ping { group: true, .. } => "ping_group",
            Self::Ping { members, .. } if members.first().is_some_and(IpAddr::is_ipv6) => "ping6",
            Self::Ping { .. } => "ping",
        }
    }

    /// The link's name, as in `Link node:NAME up.`
    #[must_use]
    pub fn link(&self) -> String {
        match self {
            Self::Broadcast { interface, .. }
            | Self::Multicast { interface, .. }
            | Self::Multicast6 { interface, .. }
            | Self::Unicast { interface, .. } => interface.clone(),
            Self::Serial { device, .. } => device.display().to_string(),
            Self::Ping { name, .. } => name.clone(),
        }
    }

    /// Where UDP datagrams go, as far as it is known without asking the interface.
    #[must_use]
    pub fn destination(&self) -> Option<SocketAddr> {
        match self {
            Self::Multicast { group, port, .. } => Some(SocketAddr::new((*group).into(), *port)),
            Self::Multicast6 { group, port, .. } => Some(SocketAddr::new((*group).into(), *port)),
            Self::Unicast { peer: IpAddr::V6(peer), scope, port, .. } => {
                Some(SocketAddrV6::new(*peer, *port, 0, *scope).into())
            }
            Self::Unicast { peer, port, .. } => Some(SocketAddr::new(*peer, *port)),
            Self::Broadcast { .. } | Self::Serial { .. } | Self::Ping { .. } => None,
        }
    }
}
