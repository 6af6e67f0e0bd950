//! `IPaddr`: an address with a label of its own, as `ifconfig` would add it.
//!
//! Differences from the original, all on purpose (resource specification, sections 11.2 and 13): without an interface
//! in the argument the route decides, not `eth0`; an address counts whatever its label; exactly one address is
//! deleted; `monitor` works; and an address that is found up is announced once more.

use super::argument::Argument;
use super::findif::{Home, converted, find, netmask};
use super::{Network, announce, label, removal, silence};
use crate::agent::{Call, Outcome, Verb};
use crate::announce::Pace;
use crate::netlink::{Address, Link, Result, Socket};
use crate::output::report;
use crate::place;
use std::net::Ipv4Addr;

/// Where an address is.
#[derive(Debug, PartialEq, Eq)]
enum Standing<'a> {
    /// Where it should be, on this interface.
    Here(&'a str),
    /// Only on this interface, which is another one.
    Elsewhere(&'a str),
    Absent,
}

/// Looks for an address. Without an interface in the argument every one is right except the loopback interface: then a
/// route that changed in the meantime cannot hide an address that is up.
fn standing<'a>(network: &'a Network, ip: Ipv4Addr, nic: Option<&str>) -> Standing<'a> {
    let mut standing = Standing::Absent;
    for (_, link) in network.places(ip.into()) {
        if nic.map_or(!link.loopback, |nic| link.name == nic) {
            return Standing::Here(&link.name);
        }
        standing = Standing::Elsewhere(&link.name);
    }
    standing
}

/// Carries out one verb.
#[must_use]
pub fn act(call: &Call, text: &str, verb: Verb) -> Outcome {
    let wanted = Argument::parse(text);
    let Ok(ip) = wanted.ip.parse::<Ipv4Addr>() else {
        // Nothing can be up, so stopping it works.
        return match verb {
            Verb::Start => {
                call.error(&format!("Parameter OCF_RESKEY_ip [{}] not an IP address", wanted.ip));
                Outcome::Configured
            }
            Verb::Stop => Outcome::Success,
            Verb::Status => Outcome::Stopped,
        };
    };
    let done = Socket::open().and_then(|mut socket| match verb {
        Verb::Start => start(call, &mut socket, &wanted, ip),
        Verb::Stop => stop(call, &mut socket, &wanted, ip),
        Verb::Status => status(call, &mut socket, &wanted, ip),
    });
    done.unwrap_or_else(|error| {
        call.complain(&format!("{ip}: {error}"));
        Outcome::Generic
    })
}

/// Announces the address if it is where it should be. For callers that found it running and do not start it.
///
/// # Errors
/// [`crate::netlink::Error`] if the kernel cannot be asked where it is.
pub fn announce_again(call: &Call, text: &str) -> Result<()> {
    let wanted = Argument::parse(text);
    let Ok(ip) = wanted.ip.parse::<Ipv4Addr>() else { return Ok(()) };
    let network = Network::read_addresses(&mut Socket::open()?)?;
    if let Standing::Here(nic) = standing(&network, ip, wanted.nic.as_deref()) {
        announce(call, nic, ip.into(), pace());
    }
    Ok(())
}

/// How it is announced, unless the environment says otherwise.
fn pace() -> Pace {
    let number = |name: &str| place::environment(&format!("OCF_RESKEY_{name}"));
    Pace {
        interval_ms: number("ARP_INTERVAL_MS").and_then(|text| text.parse().ok()).unwrap_or(Pace::IPADDR.interval_ms),
        count: number("ARP_REPEAT").and_then(|text| text.parse().ok()).unwrap_or(Pace::IPADDR.count),
    }
}

fn misplaced(call: &Call, ip: Ipv4Addr, found: &str, configured: &str) {
    call.error(&format!("{ip} is running an interface ({found}) instead of the configured one ({configured})"));
}

fn status(call: &Call, socket: &mut Socket, wanted: &Argument, ip: Ipv4Addr) -> Result<Outcome> {
    let network = Network::read_addresses(socket)?;
    Ok(match standing(&network, ip, wanted.nic.as_deref()) {
        Standing::Here(_) => Outcome::Success,
        Standing::Absent => Outcome::Stopped,
        Standing::Elsewhere(found) => {
            let network = Network::read(socket, false)?;
            let configured = find(&network, wanted).map(|home| home.nic).unwrap_or_default();
            misplaced(call, ip, found, &configured);
            Outcome::Generic
        }
    })
}

fn start(call: &Call, socket: &mut Socket, wanted: &Argument, ip: Ipv4Addr) -> Result<Outcome> {
    let network = Network::read(socket, false)?;
    if let Some((_, bits)) = converted(wanted) {
        report(&format!("Converted dotted-quad netmask to CIDR as: {bits}"));
    }
    let home = match find(&network, wanted) {
        Ok(home) => home,
        Err(problem) => {
            report(&problem.to_string());
            call.error(&format!("findif failed [rc={}].", problem.status()));
            return Ok(Outcome::Generic);
        }
    };
    match standing(&network, ip, wanted.nic.as_deref()) {
        Standing::Here(nic) => {
            announce(call, nic, ip.into(), pace());
            return Ok(Outcome::Success);
        }
        Standing::Elsewhere(found) => misplaced(call, ip, found, &home.nic),
        Standing::Absent => {}
    }
    match add(call, socket, &network, &home, ip) {
        Ok(()) => announce(call, &home.nic, ip.into(), pace()),
        Err(error) => {
            call.complain(&format!("Could not add {ip} to {}: {error}", home.nic));
            return Ok(Outcome::Generic);
        }
    }
    Ok(Outcome::Success)
}

fn add(call: &Call, socket: &mut Socket, network: &Network, home: &Home, ip: Ipv4Addr) -> Result<()> {
    let Some(link) = network.link(&home.nic) else { return Ok(()) };
    let lock = label::lock(&home.nic);
    if let Err(error) = &lock {
        // Two starts at once are rare, and an address without its neighbour's number is better than none.
        call.warning(&format!("cannot lock the labels of {}: {error}", home.nic));
    }
    let addresses = socket.addresses()?;
    let labels = addresses.iter().filter_map(|address| address.label.as_deref());
    let label = super::first_free(&home.nic, labels);
    let shown = label.as_deref().unwrap_or(&home.nic);
    let (mask, broadcast) = (netmask(home.prefix), home.broadcast);
    call.info(&format!("eval ifconfig {shown} {ip} netmask {mask} broadcast {broadcast}"));
    let mut address = Address::new(link.index, ip.into(), home.prefix);
    address.broadcast = Some(broadcast);
    address.label = label;
    match socket.add_address(&address) {
        // Somebody else was faster; it is there.
        Err(error) if error.is(libc::EEXIST) => {}
        other => other?,
    }
    if link.up { Ok(()) } else { socket.switch_on(link.index) }
}

/// What a stop deletes: the address where it should be; else, as the original does, wherever it is. A hidden address
/// of a real server on the loopback interface stays.
fn to_delete<'a>(network: &'a Network, ip: Ipv4Addr, nic: Option<&str>) -> Vec<(&'a Address, &'a Link)> {
    let all: Vec<_> = network.places(ip.into()).filter(|(_, link)| !link.loopback || nic == Some(&link.name)).collect();
    let here: Vec<_> = all.iter().copied().filter(|(_, link)| nic.is_none_or(|nic| nic == link.name)).collect();
    if here.is_empty() { all } else { here }
}

fn stop(call: &Call, socket: &mut Socket, wanted: &Argument, ip: Ipv4Addr) -> Result<Outcome> {
    silence(call, ip.into());
    let network = Network::read_addresses(socket)?;
    for (address, link) in to_delete(&network, ip, wanted.nic.as_deref()) {
        call.info(&format!("ifconfig {} down", address.label.as_ref().unwrap_or(&link.name)));
        match removal::delete_only(socket, &network.addresses, address) {
            Err(error) if error.is(libc::EADDRNOTAVAIL) => {}
            other => other?,
        }
    }
    Ok(Outcome::Success)
}

#[cfg(test)]
mod tests {
    use super::super::network::tests::sample;
    use super::*;

    #[test]
    fn an_address_is_here_elsewhere_or_absent() {
        let mut network = sample();
        let ip = Ipv4Addr::new(192, 168, 7, 120);
        assert_eq!(standing(&network, ip, None), Standing::Absent);
        network.addresses.push(Address::new(1, ip.into(), 32));
        assert_eq!(standing(&network, ip, None), Standing::Elsewhere("lo"));
        assert_eq!(standing(&network, ip, Some("eth0")), Standing::Elsewhere("lo"));
        network.addresses.push(Address::new(3, ip.into(), 24));
        assert_eq!(standing(&network, ip, None), Standing::Here("eth1"));
        assert_eq!(standing(&network, ip, Some("eth1")), Standing::Here("eth1"));
        assert_eq!(standing(&network, ip, Some("eth0")), Standing::Elsewhere("eth1"));
    }

    #[test]
    fn a_stop_deletes_the_address_where_it_should_be_else_where_it_is_but_not_a_hidden_one() {
        let mut network = sample();
        let ip = Ipv4Addr::new(192, 168, 7, 120);
        network.addresses.push(Address::new(1, ip.into(), 32));
        let names = |network: &Network, nic| -> Vec<String> {
            to_delete(network, ip, nic).iter().map(|(_, link)| link.name.clone()).collect()
        };
        assert_eq!(names(&network, None).len() + names(&network, Some("eth0")).len(), 0);
        network.addresses.push(Address::new(3, ip.into(), 24));
        assert_eq!((names(&network, None), names(&network, Some("eth0"))), (vec!["eth1".into()], vec!["eth1".into()]));
        network.addresses.push(Address::new(2, ip.into(), 24));
        assert_eq!(
            (names(&network, Some("eth0")), names(&network, Some("lo"))),
            (vec!["eth0".into()], vec!["lo".into()])
        );
    }
}
