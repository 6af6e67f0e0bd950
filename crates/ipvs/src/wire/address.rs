//! Addresses on the wire: always 16 bytes, an IPv4 address in the first four.

use super::Malformed;
use super::attr::Attr;
use crate::model::Family;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The 16 bytes of an address.
pub(super) fn encode(addr: IpAddr) -> [u8; 16] {
    match addr {
        IpAddr::V4(addr) => {
            let [a, b, c, d] = addr.octets();
            [a, b, c, d, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
        }
        IpAddr::V6(addr) => addr.octets(),
    }
}

/// The address in the 16 bytes of a reply.
pub(super) fn decode(family: Family, bytes: [u8; 16]) -> IpAddr {
    match family {
        Family::V4 => {
            let [a, b, c, d, ..] = bytes;
            IpAddr::V4(Ipv4Addr::new(a, b, c, d))
        }
        Family::V6 => IpAddr::V6(Ipv6Addr::from(bytes)),
    }
}

/// The number of a family, `AF_INET` or `AF_INET6`.
pub(super) fn encode_family(family: Family) -> u16 {
    match family {
        Family::V4 => AF_INET,
        Family::V6 => AF_INET6,
    }
}

/// The family in a u16 attribute.
pub(super) fn decode_family(attr: &Attr<'_>) -> Result<Family, Malformed> {
    match attr.u16()? {
        AF_INET => Ok(Family::V4),
        AF_INET6 => Ok(Family::V6),
        _ => Err(Malformed { what: "unknown address family", offset: attr.offset }),
    }
}

// The attributes are u16, libc's constants i32.
const AF_INET: u16 = 2;
const AF_INET6: u16 = 10;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_have_the_numbers_of_the_system() {
        assert_eq!(i32::from(AF_INET), libc::AF_INET);
        assert_eq!(i32::from(AF_INET6), libc::AF_INET6);
    }

    #[test]
    fn an_ipv4_address_fills_the_first_four_bytes() {
        let addr: IpAddr = "10.0.0.1".parse().unwrap();
        assert_eq!(encode(addr), [10, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        assert_eq!(decode(Family::V4, encode(addr)), addr);
        let addr: IpAddr = "2001:db8::1".parse().unwrap();
        assert_eq!(decode(Family::V6, encode(addr)), addr);
    }
}
