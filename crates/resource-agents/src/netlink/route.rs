//! Routes: `struct rtmsg` and its attributes.

use super::Result;
use super::address::{ip, octets};
use ipvs::wire::attr::{Attrs, Malformed, Writer};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Length of `struct rtmsg`.
const HEADER: usize = 12;

/// A unicast route as the kernel reported it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// The network it leads to.
    pub destination: IpAddr,
    /// Bits of the network part; 0 is the default route.
    pub prefix: u8,
    /// The interface it leads through; of several the first.
    pub interface: Option<u32>,
    /// The next router.
    pub gateway: Option<IpAddr>,
    /// The address that packets leave with.
    pub source: Option<IpAddr>,
    /// The lower, the better.
    pub metric: u32,
    /// `RT_SCOPE_…`: 253 for a network that is reached directly.
    pub scope: u8,
    /// `RT_TABLE_…`; the main table is 254.
    pub table: u32,
    /// `RTPROT_…`: who made it; 2 is the kernel.
    pub protocol: u8,
    /// The message without its header, to make the same route again.
    pub body: Vec<u8>,
}

impl Route {
    /// Decodes the body of `RTM_NEWROUTE`; `None` for other families and for anything but unicast routes.
    ///
    /// # Errors
    /// [`super::Error::Malformed`] if an attribute or the structure is too short.
    pub fn decode(body: &[u8]) -> Result<Option<Self>> {
        let Some(&[family, prefix, _, _, table, protocol, scope, kind, ..]) = body.first_chunk::<HEADER>() else {
            return Err(Malformed { what: "truncated route", offset: 0 }.into());
        };
        let ipv6 = i32::from(family) == libc::AF_INET6;
        if (!ipv6 && i32::from(family) != libc::AF_INET) || kind != libc::RTN_UNICAST {
            return Ok(None);
        }
        let destination = if ipv6 { Ipv6Addr::UNSPECIFIED.into() } else { Ipv4Addr::UNSPECIFIED.into() };
        let mut route = Self {
            destination,
            prefix,
            interface: None,
            gateway: None,
            source: None,
            metric: 0,
            scope,
            table: u32::from(table),
            protocol,
            body: body.to_vec(),
        };
        for attribute in Attrs::new(body.get(HEADER..).unwrap_or_default(), HEADER) {
            let attribute = attribute?;
            match attribute.kind {
                libc::RTA_DST => route.destination = ip(&attribute, ipv6)?,
                libc::RTA_GATEWAY => route.gateway = Some(ip(&attribute, ipv6)?),
                libc::RTA_PREFSRC => route.source = Some(ip(&attribute, ipv6)?),
                libc::RTA_OIF => route.interface = Some(attribute.u32()?),
                libc::RTA_PRIORITY => route.metric = attribute.u32()?,
                libc::RTA_TABLE => route.table = attribute.u32()?,
                libc::RTA_MULTIPATH if route.interface.is_none() => {
                    // struct rtnexthop: length u16, flags u8, hops u8, interface i32.
                    let [.., i0, i1, i2, i3] = attribute.bytes::<8>()?;
                    route.interface = Some(u32::from_ne_bytes([i0, i1, i2, i3]));
                }
                _ => {}
            }
        }
        Ok(Some(route))
    }

    /// Whether it stands in the main table, where `ip route` and `/proc/net/route` look.
    #[must_use]
    pub fn is_main(&self) -> bool {
        self.table == u32::from(libc::RT_TABLE_MAIN)
    }

    /// Whether it leads to a network that is reached without a router.
    #[must_use]
    pub fn is_direct(&self) -> bool {
        self.gateway.is_none() && self.prefix > 0
    }

    /// Whether an address lies in the network that it leads to.
    #[must_use]
    pub fn covers(&self, address: IpAddr) -> bool {
        same_network(self.destination, address, self.prefix)
    }

    /// The body of the request that makes this route with another preferred source address.
    #[must_use]
    pub fn with_source(&self, source: Option<IpAddr>) -> Vec<u8> {
        let mut body = self.body.get(..HEADER).unwrap_or_default().to_vec();
        let mut writer = Writer::new(&mut body);
        for attribute in Attrs::new(self.body.get(HEADER..).unwrap_or_default(), HEADER).flatten() {
            if attribute.kind != libc::RTA_PREFSRC {
                writer.bytes(attribute.kind, attribute.payload);
            }
        }
        if let Some(source) = source {
            writer.bytes(libc::RTA_PREFSRC, &octets(source));
        }
        body
    }
}

/// Whether two addresses agree in the first `prefix` bits. Addresses of different families never do.
#[must_use]
pub fn same_network(a: IpAddr, b: IpAddr, prefix: u8) -> bool {
    let (a, b, bits) = match (a, b) {
        (IpAddr::V4(a), IpAddr::V4(b)) => (u128::from(a.to_bits()), u128::from(b.to_bits()), 32_u32),
        (IpAddr::V6(a), IpAddr::V6(b)) => (a.to_bits(), b.to_bits(), 128),
        _ => return false,
    };
    let host = bits.saturating_sub(u32::from(prefix));
    (a ^ b).checked_shr(host).unwrap_or(0) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body() -> Vec<u8> {
        let mut body = vec![2, 24, 0, 0, 254, 2, 253, 1, 0, 0, 0, 0];
        let mut writer = Writer::new(&mut body);
        writer.bytes(libc::RTA_DST, &[192, 168, 7, 0]);
        writer.bytes(libc::RTA_PREFSRC, &[192, 168, 7, 10]);
        writer.u32(libc::RTA_OIF, 3);
        body
    }

    #[test]
    fn a_route_is_read_and_its_source_replaced() {
        let route = Route::decode(&body()).unwrap().unwrap();
        assert!(route.is_main() && route.is_direct() && route.covers("192.168.7.255".parse().unwrap()));
        assert!(!route.covers("192.168.8.0".parse().unwrap()) && !route.covers("fd00::1".parse().unwrap()));
        assert_eq!((route.interface, route.prefix, route.scope), (Some(3), 24, 253));
        let source = "192.168.7.50".parse().unwrap();
        let changed = Route::decode(&route.with_source(Some(source))).unwrap().unwrap();
        assert_eq!(changed.source, Some(source));
        let removed = Route::decode(&route.with_source(None)).unwrap().unwrap();
        assert_eq!((removed.source, removed.destination), (None, route.destination));
    }

    #[test]
    fn other_kinds_are_left_out_and_short_ones_refused() {
        let mut local = body();
        local[7] = 2;
        assert_eq!(Route::decode(&local).unwrap(), None);
        assert!(Route::decode(&body()[..11]).is_err());
        assert!(Route::decode(&body()[..14]).is_err());
    }

    #[test]
    fn networks_compare_by_their_first_bits() {
        let ip = |text: &str| text.parse::<IpAddr>().unwrap();
        assert!(same_network(ip("10.0.0.1"), ip("11.0.0.1"), 7));
        assert!(!same_network(ip("10.0.0.1"), ip("11.0.0.1"), 8));
        assert!(same_network(ip("1.2.3.4"), ip("9.9.9.9"), 0) && same_network(ip("::"), ip("ffff::"), 0));
        assert!(!same_network(ip("fd00::1"), ip("fd00::2"), 128));
    }
}
