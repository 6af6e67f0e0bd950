//! Ethernet frames as they pass a port: taking out UDP datagrams, and finishing those with an unfinished checksum.

use std::net::Ipv4Addr;

/// A UDP datagram in IPv4 that is not in pieces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Datagram<'a> {
    /// Where it comes from.
    pub source: (Ipv4Addr, u16),
    /// Where it goes to.
    pub destination: (Ipv4Addr, u16),
    /// What it carries.
    pub payload: &'a [u8],
}

const ETHERNET: usize = 14;
const UDP: u8 = 17;
const UDP_HEADER: usize = 8;

fn number(frame: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes([*frame.get(at)?, *frame.get(at + 1)?]))
}

fn address(frame: &[u8], at: usize) -> Option<Ipv4Addr> {
    let bytes: [u8; 4] = frame.get(at..at + 4)?.try_into().ok()?;
    Some(Ipv4Addr::from(bytes))
}

/// Where the UDP header begins, if the frame is whole and holds one.
fn udp_header(frame: &[u8]) -> Option<usize> {
    let first = *frame.get(ETHERNET)?;
    let header = usize::from(first & 0x0f) * 4;
    let whole = number(frame, ETHERNET + 6)? & 0x3fff == 0;
    let is_udp = number(frame, 12)? == 0x0800 && first >> 4 == 4 && header >= 20 && *frame.get(ETHERNET + 9)? == UDP;
    (is_udp && whole).then_some(ETHERNET + header)
}

/// The datagram in a frame, or `None` if it holds something else.
pub(super) fn datagram(frame: &[u8]) -> Option<Datagram<'_>> {
    let at = udp_header(frame)?;
    let length = usize::from(number(frame, at + 4)?);
    Some(Datagram {
        source: (address(frame, ETHERNET + 12)?, number(frame, at)?),
        destination: (address(frame, ETHERNET + 16)?, number(frame, at + 2)?),
        payload: frame.get(at + UDP_HEADER..at.checked_add(length)?)?,
    })
}

/// Declares that a datagram has no checksum.
///
/// Frames leave a virtual Ethernet port with a checksum that the hardware would finish. A frame that a program passes on
/// would be refused with it; IPv4 allows to have none.
pub(super) fn drop_checksum(frame: &mut [u8]) {
    if let Some(at) = udp_header(frame) {
        if let Some(checksum) = frame.get_mut(at + 6..at + UDP_HEADER) {
            checksum.fill(0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `ab` from 10.9.0.1:4660 to 10.9.0.255:694.
    fn frame() -> Vec<u8> {
        let mut frame = vec![0xff; 12];
        frame.extend([8, 0, 0x45, 0, 0, 30, 0, 1, 0x40, 0, 1, UDP, 9, 9, 10, 9, 0, 1, 10, 9, 0, 255]);
        frame.extend([0x12, 0x34, 2, 0xb6, 0, 10, 0xab, 0xcd, b'a', b'b']);
        frame
    }

    #[test]
    fn the_payload_is_taken_out_without_the_padding() {
        let mut bytes = frame();
        bytes.extend([0; 6]);
        let datagram = datagram(&bytes).unwrap();
        assert_eq!(datagram.source, (Ipv4Addr::new(10, 9, 0, 1), 0x1234));
        assert_eq!(datagram.destination, (Ipv4Addr::new(10, 9, 0, 255), 694));
        assert_eq!(datagram.payload, b"ab");
    }

    #[test]
    fn other_frames_hold_no_datagram() {
        for (at, value) in [(12, 9), (14, 0x60), (20, 0x20), (21, 1), (23, 1), (14, 0x41)] {
            let mut bytes = frame();
            bytes[at] = value;
            assert_eq!(datagram(&bytes), None, "byte {at}");
        }
        let whole = frame();
        assert!((0..whole.len()).all(|length| datagram(&whole[..length]).is_none()));
    }

    #[test]
    fn only_the_checksum_is_dropped() {
        let mut bytes = frame();
        drop_checksum(&mut bytes);
        let mut wanted = frame();
        wanted[40..42].fill(0);
        assert_eq!(bytes, wanted);
        let mut other = vec![1; 60];
        drop_checksum(&mut other);
        assert_eq!(other, vec![1; 60]);
    }
}
