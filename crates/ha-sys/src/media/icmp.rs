//! ICMP echo messages as bytes. Pure.
//!
//! The identifier stands in the host's byte order and the sequence number in the network's, as in heartbeat 3.0.6.

use std::net::Ipv4Addr;

/// ICMP type of an echo request; its code is 0.
const REQUEST: u8 = 8;
/// ICMP type of an echo reply.
pub(super) const REPLY: u8 = 0;
/// ICMPv6 type of an echo request.
const REQUEST6: u8 = 128;
/// ICMPv6 type of an echo reply.
pub(super) const REPLY6: u8 = 129;
/// Bytes before the payload.
const HEADER: usize = 8;

/// The Internet checksum: the complement of the one's complement sum of 16-bit words.
fn checksum(bytes: &[u8]) -> u16 {
    let mut sum: u32 = 0;
    for pair in bytes.chunks(2) {
        let high = pair.first().copied().unwrap_or(0);
        let low = pair.get(1).copied().unwrap_or(0);
        sum += u32::from(u16::from_be_bytes([high, low]));
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !u16::try_from(sum).unwrap_or(u16::MAX)
}

fn message(kind: u8, identifier: u16, sequence: u16, payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![kind, 0, 0, 0];
    bytes.extend(identifier.to_ne_bytes());
    bytes.extend(sequence.to_be_bytes());
    bytes.extend_from_slice(payload);
    bytes
}

/// An echo request for IPv4.
pub(super) fn request(identifier: u16, sequence: u16, payload: &[u8]) -> Vec<u8> {
    let mut bytes = message(REQUEST, identifier, sequence, payload);
    let sum = checksum(&bytes).to_be_bytes();
    if let Some(place) = bytes.get_mut(2..4) {
        place.copy_from_slice(&sum);
    }
    bytes
}

/// An echo request for IPv6; the kernel fills the checksum in.
pub(super) fn request6(identifier: u16, sequence: u16, payload: &[u8]) -> Vec<u8> {
    message(REQUEST6, identifier, sequence, payload)
}

/// The payload of an echo reply with this identifier. `None`: something else.
fn reply_payload(bytes: &[u8], kind: u8, identifier: u16) -> Option<&[u8]> {
    let header = bytes.get(..HEADER)?;
    let ours = header.first() == Some(&kind) && header.get(1) == Some(&0);
    (ours && header.get(4..6)? == identifier.to_ne_bytes()).then(|| bytes.get(HEADER..)).flatten()
}

/// The sender and payload of an echo reply, out of what a raw IPv4 socket hands over: the IP header comes first.
pub(super) fn reply(packet: &[u8], identifier: u16) -> Option<(Ipv4Addr, &[u8])> {
    let header_length = usize::from(packet.first()? & 0x0f) * 4;
    let source: [u8; 4] = packet.get(12..16)?.try_into().ok()?;
    let message = packet.get(header_length.max(20)..)?;
    if checksum(message) != 0 {
        return None;
    }
    Some((source.into(), reply_payload(message, REPLY, identifier)?))
}

/// The payload of an echo reply out of what a raw ICMPv6 socket hands over. The kernel has checked the checksum.
pub(super) fn reply6(packet: &[u8], identifier: u16) -> Option<&[u8]> {
    reply_payload(packet, REPLY6, identifier)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(request: &[u8]) -> Vec<u8> {
        let mut packet = vec![0x45; 20];
        packet[12..16].copy_from_slice(&[10, 9, 0, 2]);
        let mut reply = request.to_vec();
        reply[0] = REPLY;
        reply[2..4].fill(0);
        let sum = checksum(&reply).to_be_bytes();
        reply[2..4].copy_from_slice(&sum);
        packet.extend(reply);
        packet
    }

    #[cfg(target_endian = "little")]
    #[test]
    fn a_request_is_what_the_original_sends() {
        // First bytes of an echo request of heartbeat 3.0.6, pid 57, second request.
        let bytes = request(57, 1, b"###\n");
        assert_eq!(bytes[..2], [8, 0]);
        assert_eq!(bytes[4..], [0x39, 0, 0, 1, b'#', b'#', b'#', b'\n']);
        assert_eq!(checksum(&bytes), 0);
        assert_eq!(request6(57, 0, b"")[..], [0x80, 0, 0, 0, 0x39, 0, 0, 0]);
    }

    #[test]
    fn a_reply_gives_its_sender_and_payload() {
        let packet = answered(&request(57, 1, b"odd payload"));
        assert_eq!(reply(&packet, 57), Some((Ipv4Addr::new(10, 9, 0, 2), &b"odd payload"[..])));
        assert_eq!(reply(&packet, 58), None);
    }

    #[test]
    fn requests_damaged_and_short_packets_are_no_replies() {
        let mut packet = answered(&request(57, 1, b"payload"));
        for length in 0..28 {
            assert_eq!(reply(&packet[..length], 57), None, "{length}");
        }
        packet[30] ^= 1;
        assert_eq!(reply(&packet, 57), None);
        assert_eq!(reply6(&request6(57, 0, b"x"), 57), None);
        let mut six = request6(57, 0, b"x");
        six[0] = REPLY6;
        assert_eq!(reply6(&six, 57), Some(&b"x"[..]));
        assert_eq!(reply6(&six[..7], 57), None);
    }
}
