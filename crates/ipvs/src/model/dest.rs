//! A destination: one real server of one virtual service.

use super::{Family, Stats};
use std::net::IpAddr;
use std::num::NonZeroU16;

/// Share of new connections relative to the other destinations: 0 (no new ones) to 2147483647.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Weight(u32);

impl Weight {
    /// No new connections (quiesced).
    pub const ZERO: Self = Self(0);
    /// The default, 1.
    pub const ONE: Self = Self(1);
    /// The largest weight the kernel takes.
    pub const MAX: Self = Self(i32::MAX.unsigned_abs());

    /// A weight, `None` above [`Weight::MAX`] (the kernel's weight is a signed 32-bit number and must not be negative).
    #[must_use]
    pub fn new(weight: u32) -> Option<Self> {
        (weight <= Self::MAX.0).then_some(Self(weight))
    }

    /// The number.
    #[must_use]
    pub fn get(self) -> u32 {
        self.0
    }
}

/// Checksum of the outer UDP or GRE header of a tunnel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TunnelChecksum {
    /// None (`IP_VS_TUNNEL_ENCAP_FLAG_NOCSUM`, 0).
    #[default]
    None,
    /// Checksummed (`IP_VS_TUNNEL_ENCAP_FLAG_CSUM`, bit 0).
    Checksum,
    /// Remote checksum offload (`IP_VS_TUNNEL_ENCAP_FLAG_REMCSUM`, bit 1); GUE only.
    Remote,
}

/// Encapsulation used by [`ForwardMethod::Tunnel`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Tunnel {
    /// IP in IP.
    #[default]
    Ipip,
    /// Generic UDP encapsulation to this port of the real server.
    Gue {
        /// UDP port, host order.
        port: NonZeroU16,
        /// Outer checksum.
        checksum: TunnelChecksum,
    },
    /// GRE.
    Gre {
        /// Outer checksum: [`TunnelChecksum::None`] or [`TunnelChecksum::Checksum`].
        checksum: TunnelChecksum,
    },
    /// A type that a newer kernel reported and this crate has no name for.
    Other {
        /// Type number.
        kind: u8,
        /// Port, host order, 0 if unused.
        port: u16,
        /// Flag bits.
        flags: u16,
    },
}

/// How packets reach the real server (`IP_VS_CONN_F_FWD_MASK`, `linux/ip_vs.h`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum ForwardMethod {
    /// Network address translation (`-m`, 0). The only method with a port of its own.
    Masquerade,
    /// The real server is this machine (1). Only old kernels report it.
    Local,
    /// Tunnel (`-i`, 2).
    Tunnel(Tunnel),
    /// Direct routing, gatewaying (`-g`, 3).
    Route,
    /// A number (4 to 7) that this crate has no name for.
    Other(u8),
}

/// What tells one destination of a service from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DestKey {
    /// Address of the real server; may be of another family than the service if tunnelled.
    pub addr: IpAddr,
    /// Port, host order.
    pub port: u16,
}

impl DestKey {
    /// The destination's address family.
    #[must_use]
    pub fn family(&self) -> Family {
        Family::of(self.addr)
    }
}

/// A destination with its settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Dest {
    /// Address and port.
    pub key: DestKey,
    /// How packets reach it.
    pub method: ForwardMethod,
    /// Its share of new connections.
    pub weight: Weight,
    /// No new connections above this number of connections; 0 for no limit.
    pub upper_threshold: u32,
    /// New connections again below this number; 0 for three quarters of the upper one. Must not exceed it.
    pub lower_threshold: u32,
}

impl Dest {
    /// A destination without connection thresholds.
    #[must_use]
    pub fn new(key: DestKey, method: ForwardMethod, weight: Weight) -> Self {
        Self { key, method, weight, upper_threshold: 0, lower_threshold: 0 }
    }
}

/// A destination as the kernel reports it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DestEntry {
    /// Key and settings.
    pub dest: Dest,
    /// Connections in the ESTABLISHED state.
    pub active_connections: u32,
    /// Connections in any other state.
    pub inactive_connections: u32,
    /// Persistence templates.
    pub persistent_connections: u32,
    /// Counters and rates.
    pub stats: Stats,
}
