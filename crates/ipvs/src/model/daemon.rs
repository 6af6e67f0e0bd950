//! The connection synchronisation daemons (sync daemons).

use super::InterfaceName;
use std::net::IpAddr;
use std::num::{NonZeroU8, NonZeroU16};

/// Role of a sync daemon; at most one of each can run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DaemonState {
    /// Sends connections (`IP_VS_STATE_MASTER`, 1).
    Master,
    /// Receives connections (`IP_VS_STATE_BACKUP`, 2).
    Backup,
}

/// A sync daemon. Fields that are `None` are left to the kernel when starting and were not reported when reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Daemon {
    /// Its role.
    pub state: DaemonState,
    /// Interface for the multicast traffic.
    pub interface: InterfaceName,
    /// Messages with another id are ignored; a backup with id 0 takes all.
    pub sync_id: u8,
    /// Longest sync message in bytes, 1 to 65507.
    pub max_length: Option<NonZeroU16>,
    /// Multicast group, IPv4 or IPv6.
    pub group: Option<IpAddr>,
    /// UDP port, host order.
    pub port: Option<NonZeroU16>,
    /// Multicast time to live.
    pub ttl: Option<NonZeroU8>,
}

impl Daemon {
    /// A daemon with the kernel's defaults (group 224.0.0.81, port 8848, ttl 1).
    #[must_use]
    pub fn new(state: DaemonState, interface: InterfaceName, sync_id: u8) -> Self {
        Self { state, interface, sync_id, max_length: None, group: None, port: None, ttl: None }
    }
}
