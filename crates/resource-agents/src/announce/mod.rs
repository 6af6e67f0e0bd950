//! Telling the network where an address is now: gratuitous ARP and unsolicited neighbour advertisements.
//!
//! The first frame leaves before the caller goes on, because failover time is counted to it; the others are sent by a
//! program in the background, which is this one again under the name `send_arp` or `send_ua`.

mod background;
mod frame;
mod packet;
mod program;

pub use background::{announce, kill, pid_file};
pub(crate) use background::{kill_from, lives};
pub use frame::{ADVERTISEMENT, ARP, Hardware, advertisement, arp_reply, arp_request};
pub use packet::PacketSocket;
pub use program::{send_arp, send_ua};

use std::net::IpAddr;
use std::time::Duration;

/// How often and how fast an address is announced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// Milliseconds between two announcements. Each ARP announcement is two frames, half as far apart.
    pub interval_ms: u64,
    /// How many announcements.
    pub count: u32,
}

impl Pace {
    /// What IPaddr does: 20 frames in 4.75 s.
    pub const IPADDR: Self = Self { interval_ms: 500, count: 10 };
    /// What IPaddr2 and SendArp do: 10 frames in 0.9 s.
    pub const IPADDR2: Self = Self { interval_ms: 200, count: 5 };
    /// What IPv6addr does: 5 frames in 4 s.
    pub const IPV6ADDR: Self = Self { interval_ms: 1000, count: 5 };
}

/// The frames that announce an address, repeated in this order until all are sent.
fn frames(hardware: Hardware, ip: IpAddr) -> Vec<Vec<u8>> {
    match ip {
        IpAddr::V4(ip) => vec![arp_request(hardware, ip).to_vec(), arp_reply(hardware, ip).to_vec()],
        IpAddr::V6(ip) => vec![advertisement(hardware, ip).to_vec()],
    }
}

/// How many frames an announcement has, and how far apart they are.
fn rhythm(ip: IpAddr, pace: Pace) -> (u64, Duration) {
    match ip {
        IpAddr::V4(_) => (u64::from(pace.count) * 2, Duration::from_millis(pace.interval_ms / 2)),
        IpAddr::V6(_) => (u64::from(pace.count), Duration::from_millis(pace.interval_ms)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_and_spacing_are_the_originals() {
        let [four, six] = ["192.0.2.1", "fd00::1"].map(|text| text.parse().unwrap());
        assert_eq!(rhythm(four, Pace::IPADDR), (20, Duration::from_millis(250)));
        assert_eq!(rhythm(four, Pace::IPADDR2), (10, Duration::from_millis(100)));
        assert_eq!(rhythm(six, Pace::IPV6ADDR), (5, Duration::from_millis(1000)));
        assert_eq!((frames([1; 6], four).len(), frames([1; 6], six).len()), (2, 1));
    }
}
