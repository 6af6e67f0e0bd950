//! The Ethernet frames of announcements as bytes. Pure.

use std::net::{Ipv4Addr, Ipv6Addr};

/// An Ethernet address.
pub type Hardware = [u8; 6];

/// Length of an ARP frame.
pub const ARP: usize = 42;
/// Length of a frame with a neighbour advertisement.
pub const ADVERTISEMENT: usize = 86;

const EVERYBODY: Hardware = [0xff; 6];
/// The group `ff02::1` on Ethernet.
const ALL_NODES: Hardware = [0x33, 0x33, 0, 0, 0, 1];
/// Bytes of an ICMPv6 neighbour advertisement with one option.
const ICMP: u8 = 32;
/// The `override` flag: replaces what neighbours remember.
const OVERRIDE: u8 = 0x20;

/// Appends to an array of fixed size; what does not fit is dropped, which the tests would see.
struct Bytes<const N: usize> {
    array: [u8; N],
    used: usize,
}

impl<const N: usize> Bytes<N> {
    fn put(&mut self, bytes: &[u8]) {
        let end = self.used + bytes.len();
        if let Some(place) = self.array.get_mut(self.used..end) {
            place.copy_from_slice(bytes);
        }
        self.used = end;
    }
}

/// The broadcast question who has `ip`, asked by `ip` itself: 10 of the 20 frames of `send_arp`, observed.
#[must_use]
pub fn arp_request(hardware: Hardware, ip: Ipv4Addr) -> [u8; ARP] {
    arp(1, hardware, ip, [0; 6])
}

/// The broadcast answer to nobody's question that `ip` is at `hardware`.
#[must_use]
pub fn arp_reply(hardware: Hardware, ip: Ipv4Addr) -> [u8; ARP] {
    arp(2, hardware, ip, hardware)
}

fn arp(operation: u8, hardware: Hardware, ip: Ipv4Addr, target: Hardware) -> [u8; ARP] {
    let mut frame = Bytes { array: [0; ARP], used: 0 };
    frame.put(&EVERYBODY);
    frame.put(&hardware);
    // ARP; Ethernet, IPv4, lengths of their addresses.
    frame.put(&[0x08, 0x06, 0, 1, 0x08, 0x00, 6, 4, 0, operation]);
    frame.put(&hardware);
    frame.put(&ip.octets());
    frame.put(&target);
    frame.put(&ip.octets());
    frame.array
}

/// The unsolicited advertisement to all nodes that `ip` is at `hardware`, as the original's `IPv6addr` sends it
/// (observed; it has a flow label, which means nothing here).
#[must_use]
pub fn advertisement(hardware: Hardware, ip: Ipv6Addr) -> [u8; ADVERTISEMENT] {
    let group = Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0, 1);
    let mut message = Bytes { array: [0; ICMP as usize], used: 0 };
    message.put(&[136, 0, 0, 0, OVERRIDE, 0, 0, 0]);
    message.put(&ip.octets());
    // Option 2: the target's link-layer address, one unit of 8 bytes.
    message.put(&[2, 1]);
    message.put(&hardware);
    let mut checked = Vec::with_capacity(72);
    checked.extend_from_slice(&ip.octets());
    checked.extend_from_slice(&group.octets());
    checked.extend_from_slice(&[0, 0, 0, ICMP, 0, 0, 0, 58]);
    checked.extend_from_slice(&message.array);
    let sum = checksum(&checked).to_be_bytes();
    if let Some(place) = message.array.get_mut(2..4) {
        place.copy_from_slice(&sum);
    }
    let mut frame = Bytes { array: [0; ADVERTISEMENT], used: 0 };
    frame.put(&ALL_NODES);
    frame.put(&hardware);
    // IPv6: version, length, ICMPv6, hop limit 255, which proves that no router has touched it.
    frame.put(&[0x86, 0xdd, 0x60, 0, 0, 0, 0, ICMP, 58, 255]);
    frame.put(&ip.octets());
    frame.put(&group.octets());
    frame.put(&message.array);
    frame.array
}

/// The Internet checksum of an even number of bytes.
fn checksum(bytes: &[u8]) -> u16 {
    let mut sum: u32 = 0;
    for pair in bytes.chunks_exact(2) {
        if let [high, low] = *pair {
            sum += u32::from(u16::from_be_bytes([high, low]));
        }
    }
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !u16::try_from(sum).unwrap_or(u16::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(text: &str) -> Vec<u8> {
        let digits: String = text.split_whitespace().collect();
        (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap()).collect()
    }

    #[test]
    fn arp_frames_are_those_of_the_original() {
        // Captured from `send_arp -i 200 -r 2 eth0 192.168.7.10 auto not not` of resource-agents 4.12.
        let hardware = [0xba, 0x62, 0xf9, 0x66, 0xd6, 0x8a];
        let ip = Ipv4Addr::new(192, 168, 7, 10);
        let request = "ffff ffff ffff ba62 f966 d68a 0806 0001 0800 0604 0001 ba62 f966 d68a c0a8 070a
            0000 0000 0000 c0a8 070a";
        let reply = "ffff ffff ffff ba62 f966 d68a 0806 0001 0800 0604 0002 ba62 f966 d68a c0a8 070a
            ba62 f966 d68a c0a8 070a";
        assert_eq!(arp_request(hardware, ip)[..], hex(request));
        assert_eq!(arp_reply(hardware, ip)[..], hex(reply));
    }

    #[test]
    fn an_advertisement_is_that_of_the_original_but_for_the_flow_label() {
        // Captured from `IPv6addr fd00:7::1/64/eth0 start` of resource-agents 4.12.
        let captured = "3333 0000 0001 f65f 8d09 ccce 86dd 6000 0000 0020 3aff fd00 0007 0000 0000 0000
            0000 0000 0001 ff02 0000 0000 0000 0000 0000 0000 0001 8800 0c56 2000 0000 fd00
            0007 0000 0000 0000 0000 0000 0001 0201 f65f 8d09 ccce";
        let hardware = [0xf6, 0x5f, 0x8d, 0x09, 0xcc, 0xce];
        assert_eq!(advertisement(hardware, "fd00:7::1".parse().unwrap())[..], hex(captured));
    }
}
