//! `IPaddr2`: an address as `ip addr add` would add it, with the loopback interface taken into account.
//!
//! Differences from the original, all on purpose (resource specification, sections 11.3 and 13): the label of an
//! address on the loopback interface comes back; exactly one address is deleted; an address that is found up is
//! announced once more; an IPv6 address, which the original refuses here, is handled as by `IPv6addr`.

use super::argument::Argument;
use super::findif::converted;
use super::label::LONGEST;
use super::loopback::Hidden;
use super::{Network, announce, ipv6addr, removal, silence};
use crate::agent::{Call, Outcome, Verb};
use crate::announce::Pace;
use crate::netlink::{Address, Link, Result, Socket};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Where an address belongs.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Home {
    index: u32,
    nic: String,
    up: bool,
    prefix: u8,
    broadcast: Option<Ipv4Addr>,
    label: Option<String>,
}

/// What is wrong with the argument or the network; the outcome is that of `start`.
#[derive(Debug, PartialEq, Eq)]
struct Problem {
    text: String,
    outcome: Outcome,
}

impl Problem {
    fn configured(text: String) -> Self {
        Self { text, outcome: Outcome::Configured }
    }
}

/// Finds the place of an address: the interface that is given, else that of the best direct route; the prefix that is
/// given, else the route's; the broadcast address that is given, else that of the interface in the route's network.
fn find(network: &Network, wanted: &Argument, ip: Ipv4Addr) -> std::result::Result<Home, Problem> {
    let mask = || wanted.mask.clone().unwrap_or_default();
    let bad_mask = |_| Problem::configured(format!("Invalid netmask specification [{}].", mask()));
    let given = wanted.prefix().map_err(bad_mask)?;
    let bad_broadcast = |text: &String| Problem::configured(format!("Invalid broadcast address [{text}]."));
    let broadcast = wanted.broadcast.as_ref().map(|text| text.parse().map_err(|_| bad_broadcast(text))).transpose()?;
    let chosen = match &wanted.nic {
        None => None,
        Some(nic) => Some(network.link(nic).ok_or_else(|| {
            Problem::configured(format!("Invalid interface name [{nic}]: Device \"{nic}\" does not exist."))
        })?),
    };
    let routes = network.routes_to(ip.into());
    let best =
        routes.iter().find(|(route, link)| route.is_direct() && chosen.is_none_or(|chosen| chosen.index == link.index));
    let nowhere = || Problem { text: "Unable to find nic or netmask.".into(), outcome: Outcome::Generic };
    let link = chosen.or(best.map(|(_, link)| *link)).ok_or_else(nowhere)?;
    let prefix = given.or(best.map(|(route, _)| route.prefix)).ok_or_else(nowhere)?;
    let nearby = |address: &&Address| {
        address.index == link.index && best.is_some_and(|(route, _)| route.covers(address.ip) && address.ip != ip)
    };
    let default = || network.addresses.iter().filter(nearby).find_map(|address| address.broadcast);
    let label = wanted.label.as_ref().filter(|label| !label.is_empty());
    Ok(Home {
        index: link.index,
        nic: link.name.clone(),
        up: link.up,
        prefix,
        broadcast: broadcast.or_else(default),
        label: label.map(|label| format!("{}:{label}", link.name)),
    })
}

/// The places where an address is up: on its interface with its prefix, given or found by the routes.
///
/// If the routes tell nothing any more, every place counts except the loopback interface: a network that is in disorder
/// must not hide an address that is up.
fn places<'a>(network: &'a Network, wanted: &Argument, ip: Ipv4Addr) -> Vec<(&'a Address, &'a Link)> {
    let home = find(network, wanted, ip).ok();
    let lost = home.is_none() && wanted.nic.is_none() && wanted.mask.is_none();
    let found = network.places(ip.into()).filter(|(address, link)| match &home {
        Some(home) => address.prefix == home.prefix && link.index == home.index,
        None => lost && !link.loopback,
    });
    found.collect()
}

/// Carries out one verb.
#[must_use]
pub fn act(call: &Call, text: &str, verb: Verb) -> Outcome {
    let wanted = Argument::parse(text);
    if wanted.ip.is_empty() && verb != Verb::Stop {
        return call.fail("IP address (the ip parameter) is mandatory", Outcome::Configured);
    }
    if wanted.ip.parse::<Ipv6Addr>().is_ok() {
        return ipv6addr::act(call, text, verb);
    }
    let full = wanted.label.as_ref().zip(wanted.nic.as_ref()).map(|(label, nic)| format!("{nic}:{label}"));
    if let Some(label) = full.filter(|label| label.len() > LONGEST && verb != Verb::Stop) {
        let text = format!("Interface label [{label}] exceeds maximum character limit of {LONGEST}");
        return call.fail(&text, Outcome::Configured);
    }
    if let Some((quad, bits)) = converted(&wanted) {
        call.warning(&format!("Please convert dotted quad netmask {quad} to CIDR notation {bits}!"));
    }
    let Ok(ip) = wanted.ip.parse::<Ipv4Addr>() else {
        // Nothing can be up, so stopping it works.
        return match verb {
            Verb::Start => {
                call.error(&format!("IP address [{}] not valid.", wanted.ip));
                call.fail("[findif] failed", Outcome::Configured)
            }
            Verb::Stop => Outcome::Success,
            Verb::Status => Outcome::Stopped,
        };
    };
    let done = Socket::open().and_then(|mut socket| match verb {
        Verb::Start => start(call, &mut socket, &wanted, ip),
        Verb::Stop => stop(call, &mut socket, &wanted, ip),
        Verb::Status => {
            let network = Network::read(&mut socket, false)?;
            let up = !places(&network, &wanted, ip).is_empty();
            Ok(if up { Outcome::Success } else { Outcome::Stopped })
        }
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
    let Ok(ip) = wanted.ip.parse::<Ipv4Addr>() else { return ipv6addr::announce_again(call, text) };
    let network = Network::read(&mut Socket::open()?, false)?;
    if let Some((_, link)) = places(&network, &wanted, ip).first() {
        announce(call, &link.name, ip.into(), Pace::IPADDR2);
    }
    Ok(())
}

fn start(call: &Call, socket: &mut Socket, wanted: &Argument, ip: Ipv4Addr) -> Result<Outcome> {
    let network = Network::read(socket, false)?;
    let home = match find(&network, wanted, ip) {
        Ok(home) => home,
        Err(problem) => {
            call.error(&problem.text);
            return Ok(call.fail("[findif] failed", problem.outcome));
        }
    };
    if let Some((_, link)) = places(&network, wanted, ip).first() {
        announce(call, &link.name, ip.into(), Pace::IPADDR2);
        return Ok(Outcome::Success);
    }
    if !home.nic.starts_with("lo") {
        hide(call, socket, &network, ip)?;
    }
    let mut address = Address::new(home.index, ip.into(), home.prefix);
    address.broadcast = home.broadcast;
    address.label = home.label.clone();
    let with_broadcast = home.broadcast.map(|broadcast| format!(" with broadcast address {broadcast}"));
    let with_label = home.label.map(|label| format!(" (with label {label})")).unwrap_or_default();
    let with_broadcast = with_broadcast.unwrap_or_default();
    call.info(&format!("Adding inet address {ip}/{}{with_broadcast} to device {}{with_label}", home.prefix, home.nic));
    match socket.add_address(&address) {
        // Somebody else was faster; it is there.
        Err(error) if error.is(libc::EEXIST) => {}
        Err(error) => {
            call.complain(&format!("Could not add {ip}/{} to {}: {error}", home.prefix, home.nic));
            return Ok(Outcome::Generic);
        }
        Ok(()) => {}
    }
    if !home.up {
        call.info(&format!("Bringing device {} up", home.nic));
        socket.switch_on(home.index)?;
    }
    announce(call, &home.nic, ip.into(), Pace::IPADDR2);
    Ok(Outcome::Success)
}

/// Takes the address from the loopback interface and remembers what it was.
fn hide(call: &Call, socket: &mut Socket, network: &Network, ip: Ipv4Addr) -> Result<()> {
    let ip = IpAddr::V4(ip);
    let found = network.places(ip).find_map(|(address, link)| Some((address, Hidden::of(address, link)?)));
    let Some((address, hidden)) = found else { return Ok(()) };
    call.info(&format!("Removing conflicting loopback {}.", hidden.interface));
    if let Err(error) = hidden.save(ip) {
        call.warning(&format!("cannot remember that {ip} was on {}: {error}", hidden.interface));
    }
    removal::delete_only(socket, &network.addresses, address)
}

/// Puts the address back onto the loopback interface if it came from there.
fn restore(call: &Call, socket: &mut Socket, network: &Network, ip: Ipv4Addr) -> Result<()> {
    let Some(hidden) = Hidden::take(ip.into()) else { return Ok(()) };
    call.info(&format!("Restoring loopback IP Address  {}.", hidden.line(ip.into())));
    let Some(link) = network.link(&hidden.interface) else {
        call.error(&format!("no interface {}", hidden.interface));
        return Ok(());
    };
    let mut address = Address::new(link.index, ip.into(), 32);
    address.broadcast = hidden.broadcast;
    address.label = hidden.label;
    match socket.add_address(&address) {
        Err(error) if error.is(libc::EEXIST) => Ok(()),
        other => other,
    }
}

fn stop(call: &Call, socket: &mut Socket, wanted: &Argument, ip: Ipv4Addr) -> Result<Outcome> {
    silence(call, ip.into());
    let network = Network::read(socket, false)?;
    for (address, _) in places(&network, wanted, ip) {
        match removal::delete_only(socket, &network.addresses, address) {
            Err(error) if error.is(libc::EADDRNOTAVAIL) => {}
            other => other?,
        }
    }
    restore(call, socket, &network, ip)?;
    Ok(Outcome::Success)
}

#[cfg(test)]
mod tests {
    use super::super::network::tests::{route, sample};
    use super::*;

    fn found(network: &Network, text: &str) -> String {
        let wanted = Argument::parse(text);
        match find(network, &wanted, wanted.ip.parse().unwrap()) {
            Ok(home) => {
                let [broadcast, label] = [home.broadcast.map(|b| b.to_string()), home.label];
                let dash = |text: Option<String>| text.unwrap_or_else(|| "-".into());
                format!("{}/{} {} {}", home.nic, home.prefix, dash(broadcast), dash(label))
            }
            Err(problem) => format!("{} {}", problem.outcome.code(), problem.text),
        }
    }

    #[test]
    fn defaults_come_from_direct_routes_only() {
        let network = sample();
        for (text, expected) in [
            ("192.168.7.110", "eth0/24 192.168.7.255 -"),
            ("10.1.0.5", "eth1/16 10.1.255.255 -"),
            ("10.1.0.5/32/eth1", "eth1/32 10.1.255.255 -"),
            ("192.168.7.110/24/eth0:5", "eth0/24 192.168.7.255 eth0:5"),
            ("192.168.7.110/24/eth0/192.168.7.250", "eth0/24 192.168.7.250 -"),
            ("192.168.7.110/24/192.168.7.200", "eth0/24 192.168.7.200 -"),
            ("10.99.0.1/24/eth0", "eth0/24 - -"),
            ("192.168.7.110/24/eth1", "eth1/24 - -"),
            ("10.99.0.1", "1 Unable to find nic or netmask."),
            ("10.99.0.1/24", "1 Unable to find nic or netmask."),
            ("192.168.7.110/24/nope", "6 Invalid interface name [nope]: Device \"nope\" does not exist."),
            ("192.168.7.110/33", "6 Invalid netmask specification [33]."),
            ("192.168.7.110/24/eth0/foo", "6 Invalid broadcast address [foo]."),
        ] {
            assert_eq!(found(&network, text), expected, "{text}");
        }
    }

    #[test]
    fn an_address_is_up_with_the_same_prefix_only_and_not_on_the_loopback_interface() {
        let mut network = sample();
        let ip = Ipv4Addr::new(192, 168, 7, 120);
        network.addresses.push(Address::new(1, ip.into(), 32));
        network.addresses.push(Address::new(2, ip.into(), 24));
        network.routes.push(route("192.168.7.120", 32, 1, 0));
        for (text, count) in [
            ("192.168.7.120", 1),
            ("192.168.7.120/24", 1),
            ("192.168.7.120/32", 0),
            ("192.168.7.120/24/eth0", 1),
            ("192.168.7.120/24/eth1", 0),
            ("192.168.7.120/32/lo", 1),
            ("192.168.7.120/33", 0),
            ("192.168.7.120/24/nope", 0),
        ] {
            assert_eq!(places(&network, &Argument::parse(text), ip).len(), count, "{text}");
        }
        network.routes.clear();
        assert_eq!(places(&network, &Argument::parse("192.168.7.120"), ip).len(), 1);
        assert_eq!(places(&network, &Argument::parse("192.168.7.120/24/eth1"), ip).len(), 0);
    }
}
