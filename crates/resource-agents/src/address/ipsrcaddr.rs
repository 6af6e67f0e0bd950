//! `IPsrcaddr`: the address that packets through the default route leave with.

use super::Network;
use crate::agent::{Call, Outcome, Verb};
use crate::netlink::{Link, Result, Route, Socket};
use crate::output::{print, reason};
use std::net::{IpAddr, Ipv4Addr};

/// The routes whose source is to change, if the address is up here.
#[derive(Debug)]
enum Place<'a> {
    NotServed,
    NoRoute,
    Routes { default: &'a Route, others: Vec<&'a Route>, link: &'a Link },
}

/// The default route through the interface that has the address, and the route to its own network.
fn place(network: &Network, ip: Ipv4Addr) -> Place<'_> {
    let Some((_, link)) = network.places(ip.into()).find(|(_, link)| !link.loopback) else { return Place::NotServed };
    let through = |route: &&Route| route.interface == Some(link.index);
    let Some(default) = network.routes.iter().filter(through).find(|route| route.prefix == 0) else {
        return Place::NoRoute;
    };
    let connected = |route: &&Route| route.is_direct() && route.covers(ip.into());
    let others = network.routes.iter().filter(through).filter(connected).collect();
    Place::Routes { default, others, link }
}

/// What the source is after a stop: the first address of the interface in the network of the one that goes.
fn successor(network: &Network, link: &Link, others: &[&Route], ip: Ipv4Addr) -> Option<IpAddr> {
    let mut own = network.addresses.iter().filter(|address| address.index == link.index && !address.is_secondary());
    let found = own.find(|address| {
        address.ip.is_ipv4() && (others.is_empty() || others.iter().any(|route| route.covers(address.ip)))
    });
    found.map(|address| address.ip).filter(|found| *found != IpAddr::V4(ip)).or(Some(ip.into()))
}

/// Carries out one verb.
#[must_use]
pub fn act(call: &Call, text: &str, verb: Verb) -> Outcome {
    let Ok(ip) = text.parse::<Ipv4Addr>() else {
        let outcome = call.fail(&format!("Invalid IP address [{text}]"), Outcome::Configured);
        return if verb == Verb::Stop { Outcome::Success } else { outcome };
    };
    let done = Socket::open().and_then(|mut socket| {
        let network = Network::read(&mut socket, false)?;
        change(call, &mut socket, &network, ip, verb)
    });
    done.unwrap_or_else(|error| {
        call.complain(&format!("{ip}: {error}"));
        Outcome::Generic
    })
}

fn change(call: &Call, socket: &mut Socket, network: &Network, ip: Ipv4Addr, verb: Verb) -> Result<Outcome> {
    let place = place(network, ip);
    let ours = matches!(&place, Place::Routes { default, .. } if default.source == Some(ip.into()));
    let not_served = format!("We are not serving [{ip}], hence can not make it a preferred source address");
    match (verb, place) {
        (Verb::Status, _) if ours => {
            print("OK");
            return Ok(Outcome::Success);
        }
        (Verb::Status, _) => {
            print("No preferred source address defined");
            return Ok(Outcome::Stopped);
        }
        (Verb::Start, Place::NotServed) => return Ok(call.fail(&not_served, Outcome::Installed)),
        (Verb::Start, Place::NoRoute) => return Ok(call.fail("no matching route exists", Outcome::Generic)),
        (Verb::Start, Place::Routes { default, others, .. }) => {
            set(socket, &others, default, Some(ip.into()))?;
        }
        (Verb::Stop, Place::Routes { default, others, link }) if ours => {
            set(socket, &others, default, successor(network, link, &others, ip))?;
        }
        (Verb::Stop, Place::NotServed) => reason(&not_served),
        (Verb::Stop, _) => call.info("No preferred source address defined, nothing to stop"),
    }
    Ok(Outcome::Success)
}

fn set(socket: &mut Socket, others: &[&Route], default: &Route, source: Option<IpAddr>) -> Result<()> {
    for route in others.iter().copied().chain([default]).filter(|route| route.source != source) {
        socket.set_source(route, source)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::network::tests::sample;
    use super::*;
    use crate::netlink::Address;

    #[test]
    fn the_default_route_must_lead_through_the_interface_that_has_the_address() {
        let network = sample();
        let ip = |text: &str| text.parse::<Ipv4Addr>().unwrap();
        assert!(matches!(place(&network, ip("192.168.7.99")), Place::NotServed));
        assert!(matches!(place(&network, ip("10.1.0.1")), Place::NoRoute));
        let Place::Routes { default, others, link } = place(&network, ip("192.168.7.10")) else { panic!("routes") };
        assert_eq!((default.prefix, others.len(), others[0].prefix, &*link.name), (0, 1, 24, "eth0"));
    }

    #[test]
    fn after_a_stop_the_first_address_of_the_network_is_the_source() {
        let mut network = sample();
        let ip = Ipv4Addr::new(192, 168, 7, 50);
        let mut second = Address::new(2, ip.into(), 24);
        second.flags = libc::IFA_F_SECONDARY;
        network.addresses.insert(0, second);
        let Place::Routes { others, link, .. } = place(&network, ip) else { panic!("routes") };
        assert_eq!(successor(&network, link, &others, ip), Some("192.168.7.10".parse().unwrap()));
    }
}
