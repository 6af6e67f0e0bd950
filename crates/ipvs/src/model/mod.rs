//! The IPVS table as plain data: what can exist in the kernel's table, and nothing else.
//!
//! No wire knowledge lives here. Ports are in host order, addresses are [`std::net::IpAddr`], names are bounded byte
//! strings, and a virtual service is keyed either by address or by firewall mark, never by both.

mod daemon;
mod dest;
mod name;
mod service;
mod stats;
mod table;
mod timeouts;

pub use daemon::{Daemon, DaemonState};
pub use dest::{Dest, DestEntry, DestKey, ForwardMethod, Tunnel, TunnelChecksum, Weight};
pub use name::{InterfaceName, Name, NameError, PeName, SchedulerName};
pub use service::{Family, Netmask, Protocol, Service, ServiceEntry, ServiceFlags, ServiceKey};
pub use stats::Stats;
pub use table::{Table, TableService};
pub use timeouts::{Info, Timeouts, Version};
