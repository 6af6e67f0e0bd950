//! What the kernel knows about interfaces, addresses and routes, at one moment.

use crate::netlink::{Address, Link, Result, Route, Socket};
use std::net::IpAddr;

/// The network of this machine, or of its network namespace.
#[derive(Clone, Debug, Default)]
pub struct Network {
    /// All interfaces.
    pub links: Vec<Link>,
    /// All addresses.
    pub addresses: Vec<Address>,
    /// The main table's routes of one family.
    pub routes: Vec<Route>,
}

impl Network {
    /// Reads it from the kernel; the routes are those for IPv6 or for IPv4.
    ///
    /// # Errors
    /// [`crate::netlink::Error`] if the kernel cannot be asked.
    pub fn read(socket: &mut Socket, ipv6: bool) -> Result<Self> {
        let (links, addresses) = (socket.links()?, socket.addresses()?);
        Ok(Self { links, addresses, routes: socket.routes(ipv6)? })
    }

    /// Reads interfaces and addresses only.
    ///
    /// # Errors
    /// [`crate::netlink::Error`] if the kernel cannot be asked.
    pub fn read_addresses(socket: &mut Socket) -> Result<Self> {
        Ok(Self { links: socket.links()?, addresses: socket.addresses()?, routes: Vec::new() })
    }

    /// The interface of this name.
    #[must_use]
    pub fn link(&self, name: &str) -> Option<&Link> {
        self.links.iter().find(|link| link.name == name)
    }

    /// The interface with this number.
    #[must_use]
    pub fn link_by_index(&self, index: u32) -> Option<&Link> {
        self.links.iter().find(|link| link.index == index)
    }

    /// Every place of an address, with its interface.
    pub fn places(&self, ip: IpAddr) -> impl Iterator<Item = (&Address, &Link)> {
        let found = self.addresses.iter().filter(move |address| address.ip == ip);
        found.filter_map(|address| Some((address, self.link_by_index(address.index)?)))
    }

    /// The routes to an address that may lead anywhere but to this machine, the best first.
    #[must_use]
    pub fn routes_to(&self, ip: IpAddr) -> Vec<(&Route, &Link)> {
        let mut all: Vec<_> = self
            .routes
            .iter()
            .filter(|route| route.covers(ip))
            .filter_map(|route| Some((route, self.link_by_index(route.interface?)?)))
            // A real server has a route to its hidden address through the loopback interface: not where it shall go.
            .filter(|(_, link)| !link.loopback)
            .collect();
        all.sort_by_key(|(route, _)| (u8::MAX - route.prefix, route.metric));
        all
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::netlink::same_network;

    /// `lo`, `eth0` 192.168.7.10/24 and `eth1` 10.1.0.1/16, with a default route through `eth0`.
    pub(crate) fn sample() -> Network {
        let link = |index, name: &str| Link { index, name: name.into(), up: true, loopback: name == "lo" };
        let address = |index, ip: &str, prefix| {
            let mut address = Address::new(index, ip.parse().unwrap(), prefix);
            let IpAddr::V4(ip) = address.ip else { panic!("IPv4 only") };
            address.broadcast = Some((ip.to_bits() | (u32::MAX >> prefix)).into());
            address
        };
        Network {
            links: vec![link(1, "lo"), link(2, "eth0"), link(3, "eth1")],
            addresses: vec![address(2, "192.168.7.10", 24), address(3, "10.1.0.1", 16)],
            routes: vec![
                route("192.168.7.0", 24, 2, 0),
                route("10.1.0.0", 16, 3, 0),
                Route { gateway: Some("192.168.7.1".parse().unwrap()), scope: 0, ..route("0.0.0.0", 0, 2, 0) },
            ],
        }
    }

    pub(crate) fn route(destination: &str, prefix: u8, interface: u32, metric: u32) -> Route {
        Route {
            destination: destination.parse().unwrap(),
            prefix,
            interface: Some(interface),
            gateway: None,
            source: None,
            metric,
            scope: 253,
            table: 254,
            protocol: 2,
            body: Vec::new(),
        }
    }

    #[test]
    fn the_longest_route_is_the_best_then_the_lowest_metric() {
        let mut network = sample();
        network.routes.push(route("192.168.7.0", 25, 3, 9));
        network.routes.push(route("192.168.7.0", 25, 2, 5));
        network.routes.push(route("192.168.7.9", 32, 1, 0));
        let ip: IpAddr = "192.168.7.9".parse().unwrap();
        let names: Vec<_> = network.routes_to(ip).iter().map(|(route, link)| (route.prefix, &*link.name)).collect();
        assert_eq!(names, [(25, "eth0"), (25, "eth1"), (24, "eth0"), (0, "eth0")]);
        assert!(same_network(ip, "192.168.7.1".parse().unwrap(), 24));
    }
}
