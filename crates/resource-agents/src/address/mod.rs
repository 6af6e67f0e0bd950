//! The resources that are addresses, and what they share.

mod argument;
pub mod findif;
pub mod ipaddr;
pub mod ipaddr2;
pub mod ipsrcaddr;
pub mod ipv6addr;
mod label;
mod loopback;
mod network;
mod removal;
pub mod sendarp;

pub use argument::{Argument, MaskError, join_ipv6, parse_mask};
pub use label::first_free;
pub use network::Network;

use crate::agent::Call;
use crate::announce::{self, Pace};
use std::net::IpAddr;

/// Announces an address in the background. Failing to is logged, but the address is there all the same.
fn announce(call: &Call, interface: &str, ip: IpAddr, pace: Pace) {
    if interface.starts_with("lo") {
        return;
    }
    if let Err(error) = announce::announce(interface, ip, pace) {
        call.warning(&format!("cannot announce {ip} on {interface}: {error}"));
    }
}

/// Stops announcing an address.
fn silence(call: &Call, ip: IpAddr) {
    if announce::kill(ip) {
        call.info(&format!("killed previously running send_arp for {ip}"));
    }
}
