//! Texts of addresses and services as listings and rules show them.

use crate::names::{Cache, Names};
use crate::output::decimal;
use ipvs::Interface;
use ipvs::model::{ForwardMethod, Protocol, ServiceFlags, ServiceKey, Tunnel, TunnelChecksum};
use std::io::Write;
use std::net::{IpAddr, Ipv6Addr};

/// Turns addresses and ports into text: names where there are any, or numbers.
pub struct Texts<'n> {
    names: Option<(&'n dyn Names, Cache)>,
    mark_protocol: Option<Protocol>,
}

impl<'n> Texts<'n> {
    /// Numbers only.
    #[must_use]
    pub fn numeric() -> Self {
        Self { names: None, mark_protocol: None }
    }

    /// Names where `names` has them, else numbers. Each is looked up once.
    #[must_use]
    pub fn named(names: &'n dyn Names) -> Self {
        Self { names: Some((names, Cache::default())), mark_protocol: None }
    }

    /// Numbers if `numeric`, else names.
    #[must_use]
    pub fn choose(numeric: bool, names: &'n dyn Names) -> Self {
        if numeric { Self::numeric() } else { Self::named(names) }
    }

    /// These texts, for what this interface reports: netlink tells no protocol for a firewall mark, so that ports of its
    /// destinations have no names; the socket options tell TCP (observed in ipvsadm 1.31).
    #[must_use]
    pub fn from_interface(self, interface: Interface) -> Self {
        let mark_protocol = (interface == Interface::SocketOptions).then_some(Protocol::Tcp);
        Self { mark_protocol, ..self }
    }

    /// The protocol by which ports of a service's destinations have names.
    #[must_use]
    pub fn dest_protocol(&self, key: &ServiceKey) -> Option<Protocol> {
        match key {
            ServiceKey::Address { protocol, .. } => Some(*protocol),
            ServiceKey::Fwmark { .. } => self.mark_protocol,
        }
    }

    /// Appends `address:port`; IPv6 in brackets. Without a protocol the port is a number.
    pub fn endpoint(&mut self, out: &mut Vec<u8>, addr: IpAddr, port: u16, protocol: Option<Protocol>) {
        let brackets = addr.is_ipv6();
        if brackets {
            out.push(b'[');
        }
        let name = match &mut self.names {
            Some((names, cache)) => cache.host_name(*names, addr),
            None => None,
        };
        match name {
            Some(name) => out.extend_from_slice(name),
            None => address(out, addr),
        }
        out.extend_from_slice(if brackets { b"]:" } else { b":" });
        let name = match (&mut self.names, protocol) {
            (Some((names, cache)), Some(protocol)) => cache.service_name(*names, port, protocol),
            _ => None,
        };
        match name {
            Some(name) => out.extend_from_slice(name),
            None => decimal(out, port.into()),
        }
    }
}

/// Appends an address in the form of the C library's `inet_ntop`.
pub fn address(out: &mut Vec<u8>, addr: IpAddr) {
    match addr {
        IpAddr::V4(addr) => {
            for (index, octet) in addr.octets().into_iter().enumerate() {
                if index > 0 {
                    out.push(b'.');
                }
                decimal(out, octet.into());
            }
        }
        IpAddr::V6(addr) => inet6(out, addr),
    }
}

fn inet6(out: &mut Vec<u8>, addr: Ipv6Addr) {
    // Writing to a vector cannot fail.
    let _ = match addr.segments() {
        // The C library writes IPv4-compatible addresses with dots, the standard library does not.
        [0, 0, 0, 0, 0, 0, high, _] if high != 0 => {
            out.extend_from_slice(b"::");
            let [.., a, b, c, d] = addr.octets();
            write!(out, "{a}.{b}.{c}.{d}")
        }
        _ => write!(out, "{addr}"),
    };
}

/// The protocol's name in listings.
#[must_use]
pub fn protocol(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Tcp => "TCP",
        Protocol::Udp => "UDP",
        Protocol::Sctp => "SCTP",
        _ => "?",
    }
}

/// The forwarding method's name in listings.
#[must_use]
pub fn method(method: ForwardMethod) -> &'static str {
    match method {
        ForwardMethod::Masquerade => "Masq",
        ForwardMethod::Local => "Local",
        ForwardMethod::Tunnel(_) => "Tunnel",
        ForwardMethod::Route => "Route",
        _ => "Unknown",
    }
}

/// The encapsulation as `--tun-info` shows it: `ipip`, `gue:PORT:FLAG`, `gre:FLAG`, or `n/a` if not tunnelled.
#[must_use]
pub fn tunnel(method: ForwardMethod) -> String {
    let flag = |checksum: TunnelChecksum| match checksum {
        TunnelChecksum::None => "-c",
        TunnelChecksum::Checksum => "+c",
        TunnelChecksum::Remote => "r+c",
    };
    match method {
        ForwardMethod::Tunnel(Tunnel::Ipip) => "ipip".to_owned(),
        ForwardMethod::Tunnel(Tunnel::Gue { port, checksum }) => format!("gue:{port}:{}", flag(checksum)),
        ForwardMethod::Tunnel(Tunnel::Gre { checksum }) => format!("gre:{}", flag(checksum)),
        ForwardMethod::Tunnel(Tunnel::Other { kind, .. }) => format!("type {kind}"),
        _ => "n/a".to_owned(),
    }
}

/// The names of scheduler flags, comma-separated; the first two have names of their own with `sh` and `mh`.
///
/// With those two schedulers the third flag has no name in the original: it is left out unless `all`.
#[must_use]
pub fn scheduler_flags(flags: ServiceFlags, scheduler: &[u8], all: bool) -> String {
    let (names, third): ([&str; 2], bool) = match scheduler {
        b"sh" => (["sh-fallback", "sh-port"], all),
        b"mh" => (["mh-fallback", "mh-port"], all),
        _ => (["flag-1", "flag-2"], true),
    };
    let [first, second] = names;
    let shown: Vec<&str> = [
        (ServiceFlags::SCHED_1, first, true),
        (ServiceFlags::SCHED_2, second, true),
        (ServiceFlags::SCHED_3, "flag-3", third),
    ]
    .iter()
    .filter(|(flag, _, named)| *named && flags.contains(*flag))
    .map(|(_, name, _)| *name)
    .collect();
    shown.join(",")
}

/// Whether any scheduler flag is set.
#[must_use]
pub fn has_scheduler_flags(flags: ServiceFlags) -> bool {
    let any = ServiceFlags::SCHED_1.with(ServiceFlags::SCHED_2).with(ServiceFlags::SCHED_3);
    flags.without(any) != flags
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::names::tests::Fixed;

    fn shown(texts: &mut Texts<'_>, addr: &str, port: u16, protocol: Option<Protocol>) -> String {
        let mut out = Vec::new();
        texts.endpoint(&mut out, addr.parse().unwrap(), port, protocol);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn numbers_or_names_are_shown() {
        assert_eq!(shown(&mut Texts::numeric(), "10.0.0.1", 80, Some(Protocol::Tcp)), "10.0.0.1:80");
        assert_eq!(shown(&mut Texts::numeric(), "2001:db8::1", 80, None), "[2001:db8::1]:80");
        let mut named = Texts::named(&Fixed);
        assert_eq!(shown(&mut named, "10.0.0.1", 80, Some(Protocol::Tcp)), "vip.example:http");
        assert_eq!(shown(&mut named, "10.0.0.1", 80, None), "vip.example:80");
        assert_eq!(shown(&mut named, "10.0.0.2", 81, Some(Protocol::Tcp)), "10.0.0.2:81");
    }

    #[test]
    fn ports_behind_a_mark_have_names_only_over_socket_options() {
        let key = ServiceKey::Fwmark { mark: std::num::NonZeroU32::MIN, family: ipvs::model::Family::V4 };
        assert_eq!(Texts::named(&Fixed).from_interface(Interface::Netlink).dest_protocol(&key), None);
        let legacy = Texts::named(&Fixed).from_interface(Interface::SocketOptions);
        assert_eq!(legacy.dest_protocol(&key), Some(Protocol::Tcp));
    }

    #[test]
    fn ipv6_text_is_that_of_the_c_library() {
        for text in ["::", "::1", "::10.0.0.1", "::0.1.0.2", "::ffff:10.0.0.1", "2001:db8:0:1::", "1:0:2:3:4:5:6:7"] {
            let mut out = Vec::new();
            address(&mut out, text.parse().unwrap());
            assert_eq!(String::from_utf8(out).unwrap(), text);
        }
    }

    #[test]
    fn the_third_scheduler_flag_of_sh_shows_only_where_it_must() {
        let flags = ServiceFlags::SCHED_1.with(ServiceFlags::SCHED_3);
        assert_eq!(scheduler_flags(flags, b"wlc", false), "flag-1,flag-3");
        assert_eq!(scheduler_flags(flags, b"sh", false), "sh-fallback");
        assert_eq!(scheduler_flags(flags, b"mh", true), "mh-fallback,flag-3");
        assert!(has_scheduler_flags(ServiceFlags::SCHED_3) && !has_scheduler_flags(ServiceFlags::ONE_PACKET));
    }
}
