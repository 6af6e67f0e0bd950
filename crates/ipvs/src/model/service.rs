//! A virtual service: what clients connect to.

use super::{PeName, SchedulerName, Stats};
use std::net::{IpAddr, Ipv4Addr};
use std::num::NonZeroU32;

/// Address family of a service or destination.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Family {
    /// IPv4 (`AF_INET`, 2).
    V4,
    /// IPv6 (`AF_INET6`, 10).
    V6,
}

impl Family {
    /// The family of an address.
    #[must_use]
    pub fn of(addr: IpAddr) -> Self {
        if addr.is_ipv4() { Self::V4 } else { Self::V6 }
    }
}

/// Transport protocol of an address-keyed service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Protocol {
    /// TCP, 6.
    Tcp,
    /// UDP, 17.
    Udp,
    /// SCTP, 132.
    Sctp,
    /// A number that a newer kernel reported and this crate has no name for.
    Other(u16),
}

impl Protocol {
    /// The IP protocol number.
    #[must_use]
    pub fn number(self) -> u16 {
        match self {
            Self::Tcp => 6,
            Self::Udp => 17,
            Self::Sctp => 132,
            Self::Other(number) => number,
        }
    }

    /// The protocol with this IP protocol number.
    #[must_use]
    pub fn from_number(number: u16) -> Self {
        match number {
            6 => Self::Tcp,
            17 => Self::Udp,
            132 => Self::Sctp,
            other => Self::Other(other),
        }
    }
}

/// What tells one virtual service from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ServiceKey {
    /// Packets to this address, port and protocol. Port 0 stands for all ports of a persistent service.
    Address {
        /// Transport protocol.
        protocol: Protocol,
        /// Virtual address; its family is the service's family.
        addr: IpAddr,
        /// Virtual port, host order.
        port: u16,
    },
    /// Packets that the packet filter gave this mark.
    Fwmark {
        /// The firewall mark.
        mark: NonZeroU32,
        /// Which packets: the same mark can serve both families.
        family: Family,
    },
}

impl ServiceKey {
    /// The service's address family.
    #[must_use]
    pub fn family(&self) -> Family {
        match self {
            Self::Address { addr, .. } => Family::of(*addr),
            Self::Fwmark { family, .. } => *family,
        }
    }

    /// The virtual port (host order), 0 for a firewall mark.
    #[must_use]
    pub fn port(&self) -> u16 {
        match self {
            Self::Address { port, .. } => *port,
            Self::Fwmark { .. } => 0,
        }
    }
}

/// Flags of a service, numbers as in `linux/ip_vs.h` (`IP_VS_SVC_F_*`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ServiceFlags(u32);

impl ServiceFlags {
    /// No flag.
    pub const NONE: Self = Self(0);
    /// `IP_VS_SVC_F_PERSISTENT`: connections of one client go to one server.
    pub const PERSISTENT: Self = Self(0x1);
    /// `IP_VS_SVC_F_HASHED`: set by the kernel on every service it reports, of no meaning to users.
    pub const HASHED: Self = Self(0x2);
    /// `IP_VS_SVC_F_ONEPACKET`: one-packet scheduling.
    pub const ONE_PACKET: Self = Self(0x4);
    /// `IP_VS_SVC_F_SCHED1`: flag-1, sh-fallback, mh-fallback.
    pub const SCHED_1: Self = Self(0x8);
    /// `IP_VS_SVC_F_SCHED2`: flag-2, sh-port, mh-port.
    pub const SCHED_2: Self = Self(0x10);
    /// `IP_VS_SVC_F_SCHED3`: flag-3.
    pub const SCHED_3: Self = Self(0x20);

    /// Flags with exactly these bits.
    #[must_use]
    pub fn from_bits(bits: u32) -> Self {
        Self(bits)
    }

    /// The bits.
    #[must_use]
    pub fn bits(self) -> u32 {
        self.0
    }

    /// Whether all of `other` are set here.
    #[must_use]
    pub fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// These flags and those of `other`.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// These flags less those of `other`.
    #[must_use]
    pub fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }
}

/// Which clients count as one for persistence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Netmask {
    /// Bits of the IPv4 client address that count; need not be contiguous.
    V4(Ipv4Addr),
    /// Leading bits of the IPv6 client address that count; the kernel takes 1 to 128.
    V6(u32),
}

impl Netmask {
    /// Every client address for itself: 255.255.255.255 or 128.
    #[must_use]
    pub fn host(family: Family) -> Self {
        match family {
            Family::V4 => Self::V4(Ipv4Addr::BROADCAST),
            Family::V6 => Self::V6(128),
        }
    }
}

/// A virtual service with its settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Service {
    /// What tells it from other services.
    pub key: ServiceKey,
    /// Scheduling algorithm; empty or `none` for none. The kernel loads the module `ip_vs_NAME`.
    pub scheduler: SchedulerName,
    /// Persistence, one-packet scheduling and scheduler flags.
    pub flags: ServiceFlags,
    /// Persistence timeout in seconds; 0 if not persistent.
    pub timeout: u32,
    /// Persistence granularity.
    pub netmask: Netmask,
    /// Persistence engine, `None` for plain address persistence.
    pub pe: Option<PeName>,
}

impl Service {
    /// A service without persistence, flags or engine.
    #[must_use]
    pub fn new(key: ServiceKey, scheduler: SchedulerName) -> Self {
        Self { key, scheduler, flags: ServiceFlags::NONE, timeout: 0, netmask: Netmask::host(key.family()), pe: None }
    }
}

/// A virtual service as the kernel reports it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServiceEntry {
    /// Key and settings. The flags include [`ServiceFlags::HASHED`].
    pub service: Service,
    /// Counters and rates.
    pub stats: Stats,
    /// Number of destinations, where the interface tells it (socket options do, netlink does not).
    pub dest_count: Option<u32>,
}
