//! Addresses of interfaces: `struct ifaddrmsg` and its attributes.

use super::Result;
use super::link::text;
use ipvs::wire::attr::{Attr, Attrs, Malformed, Writer};
use std::net::{IpAddr, Ipv4Addr};

/// Length of `struct ifaddrmsg`.
const HEADER: usize = 8;
/// `IFA_FLAGS`: the flags with more than eight bits.
const IFA_FLAGS: u16 = 8;

/// An address on an interface.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// The number of the interface.
    pub index: u32,
    /// The address itself.
    pub ip: IpAddr,
    /// Bits of the network part, 0 to 32 or 128.
    pub prefix: u8,
    /// The broadcast address; never for IPv6.
    pub broadcast: Option<Ipv4Addr>,
    /// The label, `eth0:0`; only for IPv4, where the kernel always has one.
    pub label: Option<String>,
    /// `RT_SCOPE_…`: 0 everywhere, 253 this link, 254 this host.
    pub scope: u8,
    /// `IFA_F_…`.
    pub flags: u32,
    /// Seconds that it is valid and preferred, if not for ever (`struct ifa_cacheinfo`, first two fields reversed).
    pub lifetime: Option<(u32, u32)>,
}

impl Address {
    /// An address to be added, valid for ever.
    #[must_use]
    pub fn new(index: u32, ip: IpAddr, prefix: u8) -> Self {
        let scope = if ip.is_loopback() { libc::RT_SCOPE_HOST } else { libc::RT_SCOPE_UNIVERSE };
        Self { index, ip, prefix, broadcast: None, label: None, scope, flags: 0, lifetime: None }
    }

    /// Whether another address of the same network was there before it (`IFA_F_SECONDARY`).
    #[must_use]
    pub fn is_secondary(&self) -> bool {
        self.ip.is_ipv4() && self.flags & libc::IFA_F_SECONDARY != 0
    }

    /// Whether the kernel still looks for another owner of this IPv6 address.
    #[must_use]
    pub fn is_tentative(&self) -> bool {
        self.flags & libc::IFA_F_TENTATIVE != 0
    }

    /// Whether the kernel has found another owner of this IPv6 address.
    #[must_use]
    pub fn is_duplicate(&self) -> bool {
        self.flags & libc::IFA_F_DADFAILED != 0
    }

    /// Decodes the body of `RTM_NEWADDR`; `None` for other families and addresses without a value.
    ///
    /// # Errors
    /// [`super::Error::Malformed`] if an attribute or the structure is too short.
    pub fn decode(body: &[u8]) -> Result<Option<Self>> {
        let Some(&[family, prefix, flags, scope, i0, i1, i2, i3]) = body.first_chunk::<HEADER>() else {
            return Err(Malformed { what: "truncated address", offset: 0 }.into());
        };
        let ipv6 = i32::from(family) == libc::AF_INET6;
        if !ipv6 && i32::from(family) != libc::AF_INET {
            return Ok(None);
        }
        let (mut local, mut peer) = (None, None);
        let mut found = Self::new(u32::from_ne_bytes([i0, i1, i2, i3]), Ipv4Addr::UNSPECIFIED.into(), prefix);
        found.scope = scope;
        found.flags = u32::from(flags);
        for attribute in Attrs::new(body.get(HEADER..).unwrap_or_default(), HEADER) {
            let attribute = attribute?;
            match attribute.kind {
                libc::IFA_LOCAL => local = Some(ip(&attribute, ipv6)?),
                libc::IFA_ADDRESS => peer = Some(ip(&attribute, ipv6)?),
                libc::IFA_BROADCAST if !ipv6 => found.broadcast = Some(attribute.bytes::<4>()?.into()),
                libc::IFA_LABEL => found.label = Some(text(attribute.payload)),
                libc::IFA_CACHEINFO => {
                    let [p0, p1, p2, p3, v0, v1, v2, v3] = attribute.bytes::<8>()?;
                    let (preferred, valid) =
                        (u32::from_ne_bytes([p0, p1, p2, p3]), u32::from_ne_bytes([v0, v1, v2, v3]));
                    found.lifetime = (valid != u32::MAX).then_some((valid, preferred));
                }
                IFA_FLAGS => found.flags = attribute.u32()?,
                _ => {}
            }
        }
        // On a point-to-point interface IFA_ADDRESS is the other end.
        Ok(local.or(peer).map(|ip| Self { ip, ..found }))
    }

    /// The body of a request about this address.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let family = if self.ip.is_ipv6() { libc::AF_INET6 } else { libc::AF_INET };
        let mut body = vec![u8::try_from(family).unwrap_or_default(), self.prefix, 0, self.scope];
        body.extend_from_slice(&self.index.to_ne_bytes());
        let mut writer = Writer::new(&mut body);
        let bytes = octets(self.ip);
        writer.bytes(libc::IFA_LOCAL, &bytes);
        writer.bytes(libc::IFA_ADDRESS, &bytes);
        if let Some(broadcast) = self.broadcast {
            writer.bytes(libc::IFA_BROADCAST, &broadcast.octets());
        }
        if let Some(label) = &self.label {
            writer.string(libc::IFA_LABEL, label.as_bytes());
        }
        if let Some((valid, preferred)) = self.lifetime {
            let mut cache = [preferred.to_ne_bytes(), valid.to_ne_bytes()].concat();
            cache.extend_from_slice(&[0; 8]);
            writer.bytes(libc::IFA_CACHEINFO, &cache);
        }
        body
    }
}

/// The bytes of an address in network order.
pub(super) fn octets(ip: IpAddr) -> Vec<u8> {
    match ip {
        IpAddr::V4(ip) => ip.octets().to_vec(),
        IpAddr::V6(ip) => ip.octets().to_vec(),
    }
}

/// The address in an attribute.
pub(super) fn ip(attribute: &Attr<'_>, ipv6: bool) -> std::result::Result<IpAddr, Malformed> {
    Ok(if ipv6 { IpAddr::from(attribute.bytes::<16>()?) } else { IpAddr::from(attribute.bytes::<4>()?) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_endian = "little")]
    #[test]
    fn the_body_is_what_ip_sends() {
        // strace of `ip addr add 192.168.7.110/24 brd 192.168.7.255 dev eth0 label eth0:0`, interface 3.
        let mut address = Address::new(3, "192.168.7.110".parse().unwrap(), 24);
        address.broadcast = Some(Ipv4Addr::new(192, 168, 7, 255));
        address.label = Some("eth0:0".into());
        let expected = [
            &[2, 24, 0, 0, 3, 0, 0, 0][..],
            &[8, 0, 2, 0, 192, 168, 7, 110],
            &[8, 0, 1, 0, 192, 168, 7, 110],
            &[8, 0, 4, 0, 192, 168, 7, 255],
            &[11, 0, 3, 0, b'e', b't', b'h', b'0', b':', b'0', 0, 0],
        ];
        assert_eq!(address.encode(), expected.concat());
    }

    #[test]
    fn what_is_written_reads_back() {
        for text in ["192.168.7.110", "127.0.0.3", "fd00:7::1"] {
            let mut address = Address::new(9, text.parse().unwrap(), 29);
            if address.ip.is_ipv4() {
                address.broadcast = Some(Ipv4Addr::new(1, 2, 3, 4));
                address.label = Some("lo:7".into());
            }
            address.lifetime = Some((100, 50));
            assert_eq!(Address::decode(&address.encode()).unwrap().unwrap(), address, "{text}");
        }
    }

    #[test]
    fn long_flags_win_and_short_messages_are_refused() {
        let mut body = Address::new(1, "fd00::1".parse().unwrap(), 64).encode();
        let length = body.len();
        Writer::new(&mut body).u32(IFA_FLAGS, 0x48);
        let address = Address::decode(&body).unwrap().unwrap();
        assert!(address.is_tentative() && address.is_duplicate() && !address.is_secondary());
        for cut in 0..length - 4 {
            assert!(!matches!(Address::decode(&body[..cut]), Ok(Some(_))) || cut >= 28, "{cut}");
        }
        assert_eq!(Address::decode(&[7; 8]).unwrap(), None);
    }
}
