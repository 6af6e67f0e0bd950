//! Reads the texts of virtual and real server addresses: `host[:port]`, `[v6]:port`, bare IPv6.

use crate::names::Names;
use crate::number;
use ipvs::model::Protocol;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What an address text says. A port that it does not name is `None`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// The address.
    pub addr: IpAddr,
    /// The port, host order.
    pub port: Option<u16>,
}

/// Reads `text`; `None` if it is no address. `protocol` decides which service names count; without one none does.
///
/// Host names give IPv4 addresses only, as in the original.
#[must_use]
pub fn endpoint(text: &[u8], protocol: Option<Protocol>, names: &dyn Names) -> Option<Endpoint> {
    if text.iter().all(u8::is_ascii_digit) {
        return None;
    }
    if let [b'[', rest @ ..] = text {
        let close = rest.iter().position(|byte| *byte == b']')?;
        let (inside, behind) = rest.split_at_checked(close)?;
        let port = behind.strip_prefix(b"]:")?;
        if let Some(addr) = inet6(inside) {
            return Some(Endpoint { addr: addr.into(), port: Some(port_number(port, protocol, names)?) });
        }
        // QUIRK: what is in brackets may also be IPv4; then the port behind the brackets is never looked at.
        return host_and_port(inside, protocol, names);
    }
    if let Some(addr) = inet6(text) {
        return Some(Endpoint { addr: addr.into(), port: None });
    }
    host_and_port(text, protocol, names)
}

/// Reads an IPv4 address in any form of the C library's `inet_aton`, or a host name.
#[must_use]
pub fn host(text: &[u8], names: &dyn Names) -> Option<Ipv4Addr> {
    inet_aton(text).or_else(|| names.host(text))
}

/// Reads an IPv6 address without brackets or zone.
#[must_use]
pub fn inet6(text: &[u8]) -> Option<Ipv6Addr> {
    std::str::from_utf8(text).ok()?.parse().ok()
}

fn host_and_port(text: &[u8], protocol: Option<Protocol>, names: &dyn Names) -> Option<Endpoint> {
    let colon = text.iter().rposition(|byte| *byte == b':');
    let (name, port) = match colon.and_then(|at| text.split_at_checked(at)) {
        Some((name, port)) => (name, Some(port_number(port.get(1..)?, protocol, names)?)),
        None => (text, None),
    };
    Some(Endpoint { addr: host(name, names)?.into(), port })
}

fn port_number(text: &[u8], protocol: Option<Protocol>, names: &dyn Names) -> Option<u16> {
    match number::between(text, 0, 65535) {
        Some(port) => u16::try_from(port).ok(),
        None => names.service(text, protocol?),
    }
}

/// Reads an IPv4 address as the C library's `inet_aton` does: one to four parts, the last filling what is left, each
/// decimal, octal with a leading 0 or hexadecimal with 0x; white space may follow, and anything behind that.
#[must_use]
pub fn inet_aton(text: &[u8]) -> Option<Ipv4Addr> {
    let mut value: u32 = 0;
    let mut rest = text;
    for shift in [24_u32, 16, 8, 0] {
        let (part, behind) = c_integer(rest)?;
        if let [b'.', next @ ..] = behind {
            if shift == 0 || part > 0xff {
                return None;
            }
            value |= part << shift;
            rest = next;
            continue;
        }
        let ends = behind.first().is_none_or(|byte| matches!(byte, b' ' | b'\t'..=b'\r'));
        // The last part fills the bytes that the parts before it left.
        let room = u64::from(u32::MAX) >> (24 - shift);
        return (ends && u64::from(part) <= room).then(|| Ipv4Addr::from(value | part));
    }
    None
}

/// Reads an unsigned C integer at the start of `text`, which must begin with a digit.
fn c_integer(text: &[u8]) -> Option<(u32, &[u8])> {
    if !text.first()?.is_ascii_digit() {
        return None;
    }
    let (radix, digits) = match text {
        [b'0', b'x' | b'X', digit, ..] if digit.is_ascii_hexdigit() => (16, text.get(2..)?),
        [b'0', ..] => (8, text),
        _ => (10, text),
    };
    let is_digit = |byte: &u8| char::from(*byte).is_digit(radix);
    let count = digits.iter().take_while(|byte| is_digit(byte)).count();
    let (number, rest) = digits.split_at_checked(count)?;
    let mut value: u32 = 0;
    for digit in number {
        value = value.checked_mul(radix)?.checked_add(char::from(*digit).to_digit(radix)?)?;
    }
    Some((value, rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::names::tests::Fixed;

    fn v4(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn read(text: &str) -> Option<(IpAddr, Option<u16>)> {
        endpoint(text.as_bytes(), Some(Protocol::Tcp), &Fixed).map(|endpoint| (endpoint.addr, endpoint.port))
    }

    #[test]
    fn inet_aton_forms_are_those_of_the_c_library() {
        let cases: [(&str, Option<&str>); 20] = [
            ("10.0.0.1", Some("10.0.0.1")),
            ("10.1", Some("10.0.0.1")),
            ("10.0.256", Some("10.0.1.0")),
            ("10.16777215", Some("10.255.255.255")),
            ("10.16777216", None),
            ("0x0a000001", Some("10.0.0.1")),
            ("010.0.0.012", Some("8.0.0.10")),
            ("4294967295", Some("255.255.255.255")),
            ("4294967296", None),
            ("10.0.0.256", None),
            ("10.08.0.1", None),
            ("0x.1", None),
            ("10.0.0.1 foo", Some("10.0.0.1")),
            ("10.0.0.1\t", Some("10.0.0.1")),
            (" 10.0.0.1", None),
            ("10.0.0.1x", None),
            ("10.0.0.1.", None),
            ("10.0.0.1.1", None),
            ("+1", None),
            ("", None),
        ];
        for (text, want) in cases {
            assert_eq!(inet_aton(text.as_bytes()).map(|addr| addr.to_string()).as_deref(), want, "{text:?}");
        }
    }

    #[test]
    fn the_last_colon_splits_host_and_port() {
        assert_eq!(read("10.0.0.1:80"), Some((v4("10.0.0.1"), Some(80))));
        assert_eq!(read("10.0.0.1"), Some((v4("10.0.0.1"), None)));
        assert_eq!(read("vip.example:http"), Some((v4("10.0.0.1"), Some(80))));
        assert_eq!(read("10.0.0.1: +90"), Some((v4("10.0.0.1"), Some(90))));
        for bad in
            ["", "80", ":80", "10.0.0.1:", "10.0.0.1:65536", "10.0.0.1:-1", "10.0.0.1:0x50", "10.0.0.1:90 ", "a:b:80"]
        {
            assert_eq!(read(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn ipv6_needs_brackets_and_a_port_or_neither() {
        assert_eq!(read("[2001:db8::1]:80"), Some((v4("2001:db8::1"), Some(80))));
        assert_eq!(read("2001:db8::1:80"), Some((v4("2001:db8::1:80"), None)));
        for bad in ["[2001:db8::1]", "[2001:db8::1]:", "[2001:db8::1]80", "[2001:db8::1", "fe80::1%lo", "[]:80"] {
            assert_eq!(read(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn the_port_behind_bracketed_ipv4_is_not_looked_at() {
        assert_eq!(read("[10.0.0.5]:80"), Some((v4("10.0.0.5"), None)));
        assert_eq!(read("[10.0.0.5]:zz"), Some((v4("10.0.0.5"), None)));
        assert_eq!(read("[10.0.0.5:90]:80"), Some((v4("10.0.0.5"), Some(90))));
        assert_eq!(read("[10.0.0.5]"), None);
    }

    #[test]
    fn service_names_need_a_protocol() {
        assert_eq!(endpoint(b"10.0.0.1:http", None, &Fixed), None);
        assert_eq!(endpoint(b"10.0.0.1:http", Some(Protocol::Udp), &Fixed), None);
        assert_eq!(endpoint(b"10.0.0.1:80", None, &Fixed).and_then(|endpoint| endpoint.port), Some(80));
    }
}
