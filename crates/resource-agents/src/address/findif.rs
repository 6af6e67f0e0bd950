//! Which interface, netmask and broadcast address belong to an address: the rules of IPaddr, and the program `findif`.

use super::Network;
use super::argument::{Argument, parse_mask};
use crate::netlink::Socket;
use crate::output::{print, report};
use crate::place;
use std::ffi::OsString;
use std::net::Ipv4Addr;

const USAGE: &str = "Usage: findif [-C]
Options:
    -C: print the netmask as a number of bits.
Environment:
OCF_RESKEY_ip            the address (mandatory)
OCF_RESKEY_cidr_netmask  its netmask, bits or dotted
OCF_RESKEY_broadcast     its broadcast address
OCF_RESKEY_nic           its interface
";

/// Where an address belongs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Home {
    /// The interface.
    pub nic: String,
    /// Bits of the network part.
    pub prefix: u8,
    /// The broadcast address.
    pub broadcast: Ipv4Addr,
}

/// Why there is no place for an address. The texts are the original's, observed, as far as there are any.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Homeless {
    /// No address was given.
    #[error("ERROR: IP address parameter is mandatory.")]
    NoAddress,
    /// Not an address.
    #[error("IP address [{0}] not valid.")]
    BadAddress(String),
    /// Not a netmask.
    #[error("Invalid netmask specification [{0}]")]
    BadMask(String),
    /// Not a broadcast address.
    #[error("Invalid broadcast address [{0}].")]
    BadBroadcast(String),
    /// No such interface.
    #[error("{0}: unknown interface: No such device")]
    NoInterface(String),
    /// Only the default route leads there, and that says nothing about the netmask.
    #[error("ERROR: Cannot use default route w/o netmask [{0}]")]
    DefaultRoute(Ipv4Addr),
    /// No route leads there.
    #[error("ERROR: no route to [{0}]")]
    NoRoute(Ipv4Addr),
}

impl Homeless {
    /// The exit status of `findif`: 6 for what is written wrongly, 1 for what the network lacks.
    #[must_use]
    pub fn status(&self) -> i32 {
        match self {
            Self::DefaultRoute(_) | Self::NoRoute(_) => 1,
            _ => 6,
        }
    }
}

/// The highest address of a network.
#[must_use]
pub fn highest(ip: Ipv4Addr, prefix: u8) -> Ipv4Addr {
    Ipv4Addr::from_bits(ip.to_bits() | u32::MAX.checked_shr(u32::from(prefix)).unwrap_or(0))
}

/// The netmask with this many bits.
#[must_use]
pub fn netmask(prefix: u8) -> Ipv4Addr {
    Ipv4Addr::from_bits(!u32::MAX.checked_shr(u32::from(prefix)).unwrap_or(0))
}

/// Finds the place of an address: the interface that is given or that the best route leads through, default routes
/// included; the netmask that is given or the route's; the broadcast address that is given or the highest of the
/// network (resource specification, section 11.2). Without a route an interface that is given gets the address alone.
///
/// # Errors
/// [`Homeless`].
pub fn find(network: &Network, wanted: &Argument) -> Result<Home, Homeless> {
    if wanted.ip.is_empty() {
        return Err(Homeless::NoAddress);
    }
    let ip: Ipv4Addr = wanted.ip.parse().map_err(|_| Homeless::BadAddress(wanted.ip.clone()))?;
    let given = wanted.prefix().map_err(|_| Homeless::BadMask(wanted.mask.clone().unwrap_or_default()))?;
    if let Some(nic) = &wanted.nic {
        network.link(nic).ok_or_else(|| Homeless::NoInterface(nic.clone()))?;
    }
    let bad = |text: &String| Homeless::BadBroadcast(text.clone());
    let broadcast = wanted.broadcast.as_ref().map(|text| text.parse().map_err(|_| bad(text))).transpose()?;
    let routes = network.routes_to(ip.into());
    let best = match &wanted.nic {
        Some(nic) => routes.iter().find(|(route, link)| link.name == *nic && route.prefix > 0),
        None => routes.first(),
    };
    let prefix = match (given, best) {
        (Some(bits), _) => bits,
        (None, Some((route, _))) if route.prefix == 0 => return Err(Homeless::DefaultRoute(ip)),
        (None, Some((route, _))) => route.prefix,
        (None, None) => 32,
    };
    let nic = match (&wanted.nic, best) {
        (Some(nic), _) => nic.clone(),
        (None, Some((_, link))) => link.name.clone(),
        (None, None) => return Err(Homeless::NoRoute(ip)),
    };
    Ok(Home { nic, prefix, broadcast: broadcast.unwrap_or_else(|| highest(ip, prefix)) })
}

/// The program `findif`; returns its exit status.
#[must_use]
pub fn run(arguments: &[OsString]) -> i32 {
    let bits = match arguments {
        [] => false,
        [option] if option == "-C" => true,
        _ => {
            report(USAGE);
            return 2;
        }
    };
    let name = |name: &str| place::environment(&format!("OCF_RESKEY_{name}"));
    let nic = name("nic").map(|nic| nic.split(':').next().unwrap_or_default().to_owned());
    let (mask, broadcast) = (name("cidr_netmask"), name("broadcast"));
    let wanted = Argument { ip: name("ip").unwrap_or_default(), mask, nic, label: None, broadcast };
    if let Some((quad, length)) = converted(&wanted) {
        report(&format!("Converted dotted-quad netmask {quad} to CIDR as: {length}"));
    }
    let network = match Socket::open().and_then(|mut socket| Network::read(&mut socket, false)) {
        Ok(network) => network,
        Err(error) => {
            report(&format!("ERROR: cannot read the routing table: {error}"));
            return 1;
        }
    };
    match find(&network, &wanted) {
        Ok(home) => {
            let mask = if bits { home.prefix.to_string() } else { netmask(home.prefix).to_string() };
            print(&format!("{}\tnetmask {mask}\tbroadcast {}", home.nic, home.broadcast));
            0
        }
        Err(problem) => {
            report(&problem.to_string());
            problem.status()
        }
    }
}

/// A dotted netmask, and how many bits it has.
pub(super) fn converted(wanted: &Argument) -> Option<(&str, u8)> {
    let quad = wanted.mask.as_deref().filter(|mask| mask.contains('.'))?;
    Some((quad, parse_mask(quad).ok()?))
}

#[cfg(test)]
mod tests {
    use super::super::network::tests::{route, sample};
    use super::*;

    fn found(network: &Network, text: &str) -> String {
        match find(network, &Argument::parse(text)) {
            Ok(home) => format!("{}/{} {}", home.nic, home.prefix, home.broadcast),
            Err(problem) => problem.to_string(),
        }
    }

    #[test]
    fn defaults_come_from_the_best_route() {
        let network = sample();
        for (text, expected) in [
            ("192.168.7.110", "eth0/24 192.168.7.255"),
            ("10.1.0.5", "eth1/16 10.1.255.255"),
            ("10.1.0.5/24", "eth1/24 10.1.0.255"),
            ("192.168.7.110/255.255.255.0", "eth0/24 192.168.7.255"),
            ("10.2.0.3/24", "eth0/24 10.2.0.255"),
            ("10.2.0.3", "ERROR: Cannot use default route w/o netmask [10.2.0.3]"),
            ("10.99.0.1/24/eth1", "eth1/24 10.99.0.255"),
            ("10.99.0.1/24/eth1:7", "eth1/24 10.99.0.255"),
            ("192.168.7.110/24/192.168.7.200", "eth0/24 192.168.7.200"),
            ("192.168.7.110/24/eth0/192.168.7.200", "eth0/24 192.168.7.200"),
            ("192.168.7.110/32", "eth0/32 192.168.7.110"),
            ("192.168.7.110/24/nope", "nope: unknown interface: No such device"),
            ("192.168.7.110/33", "Invalid netmask specification [33]"),
            ("192.168.7.110/24/eth0/foo", "Invalid broadcast address [foo]."),
            ("192.168.7.300", "IP address [192.168.7.300] not valid."),
            ("", "ERROR: IP address parameter is mandatory."),
        ] {
            assert_eq!(found(&network, text), expected, "{text}");
        }
    }

    #[test]
    fn without_a_default_route_there_may_be_no_way() {
        let mut network = sample();
        network.routes.retain(|route| route.prefix > 0);
        assert_eq!(found(&network, "10.2.0.3/24"), "ERROR: no route to [10.2.0.3]");
        let alone = Argument { nic: Some("eth1".into()), ..Argument::parse("10.2.0.3") };
        let home = find(&network, &alone).unwrap();
        assert_eq!((home.prefix, home.broadcast), (32, Ipv4Addr::new(10, 2, 0, 3)));
        assert_eq!((Homeless::NoAddress.status(), Homeless::DefaultRoute(home.broadcast).status()), (6, 1));
    }

    #[test]
    fn a_route_through_the_loopback_interface_leads_nowhere() {
        let mut network = sample();
        network.routes.push(route("192.168.7.110", 32, 1, 0));
        assert_eq!(found(&network, "192.168.7.110"), "eth0/24 192.168.7.255");
    }

    #[test]
    fn masks_of_all_lengths() {
        assert_eq!((netmask(0), netmask(32)), (Ipv4Addr::UNSPECIFIED, Ipv4Addr::BROADCAST));
        assert_eq!(netmask(20), Ipv4Addr::new(255, 255, 240, 0));
        assert_eq!(highest(Ipv4Addr::new(10, 0, 16, 1), 20), Ipv4Addr::new(10, 0, 31, 255));
    }
}
