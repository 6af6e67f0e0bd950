//! `IPv6addr`: an IPv6 address, up only when the kernel has found no other owner of it.
//!
//! The original sends its five advertisements before it returns, which takes five seconds; here they are sent in the
//! background, and once more when the address is found up.

use super::argument::Argument;
use super::{Network, announce, silence};
use crate::agent::{Call, Outcome, Verb};
use crate::announce::Pace;
use crate::netlink::{Address, Result, Socket, same_network};
use std::net::{IpAddr, Ipv6Addr};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How long the kernel may look for another owner. It asks after at most a second, and waits another.
const DETECTION: Duration = Duration::from_secs(8);
/// How often we ask whether it is done.
const STEP: Duration = Duration::from_millis(10);

/// The argument, understood.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Wanted {
    ip: Ipv6Addr,
    prefix: Option<u8>,
    nic: Option<String>,
}

impl Wanted {
    fn parse(text: &str) -> Option<Self> {
        let argument = Argument::parse(text);
        let prefix = argument.mask.map(|mask| mask.parse().ok().filter(|bits| (1..=128).contains(bits)).ok_or(()));
        Some(Self { ip: argument.ip.parse().ok()?, prefix: prefix.transpose().ok()?, nic: argument.nic })
    }

    /// The places where the address is up; one that belongs to somebody else is not.
    fn places<'a>(&'a self, network: &'a Network) -> impl Iterator<Item = (&'a Address, &'a str)> {
        let here = move |name: &str| self.nic.as_ref().is_none_or(|nic| nic == name);
        let all = network.places(IpAddr::V6(self.ip)).map(|(address, link)| (address, &*link.name));
        all.filter(move |(address, name)| here(name) && !address.is_duplicate())
    }

    /// Interface and prefix length: as given, else those of an interface that has a global address in the same network
    /// (resource specification, section 11.4).
    fn home(&self, network: &Network) -> Option<(u32, String, u8)> {
        let neighbour = network.addresses.iter().find(|address| {
            let named = network.link_by_index(address.index).is_some_and(|link| match &self.nic {
                Some(nic) => *nic == link.name,
                None => !link.loopback,
            });
            let length = self.prefix.is_none_or(|prefix| prefix == address.prefix);
            let same = same_network(address.ip, self.ip.into(), address.prefix);
            named && length && same && address.prefix < 128 && address.scope == libc::RT_SCOPE_UNIVERSE
        });
        let index = match &self.nic {
            Some(nic) => network.link(nic)?.index,
            None => neighbour?.index,
        };
        let prefix = self.prefix.or(neighbour.map(|address| address.prefix))?;
        Some((index, network.link_by_index(index)?.name.clone(), prefix))
    }
}

/// Carries out one verb.
#[must_use]
pub fn act(call: &Call, text: &str, verb: Verb) -> Outcome {
    let Some(wanted) = Wanted::parse(text) else {
        // Nothing can be up, so stopping it works.
        if verb == Verb::Stop {
            return Outcome::Success;
        }
        call.error(&format!("[{text}] is not an IPv6 address with prefix and interface"));
        return Outcome::Argument;
    };
    let done = Socket::open().and_then(|mut socket| match verb {
        Verb::Start => start(call, &mut socket, &wanted),
        Verb::Stop => stop(call, &mut socket, &wanted),
        Verb::Status => {
            let network = Network::read_addresses(&mut socket)?;
            let up = wanted.places(&network).next().is_some();
            Ok(if up { Outcome::Success } else { Outcome::Stopped })
        }
    });
    done.unwrap_or_else(|error| {
        call.complain(&format!("{}: {error}", wanted.ip));
        Outcome::Generic
    })
}

/// Announces the address if it is where it should be. For callers that found it running and do not start it.
///
/// # Errors
/// [`crate::netlink::Error`] if the kernel cannot be asked where it is.
pub fn announce_again(call: &Call, text: &str) -> Result<()> {
    let Some(wanted) = Wanted::parse(text) else { return Ok(()) };
    let network = Network::read_addresses(&mut Socket::open()?)?;
    if let Some((_, nic)) = wanted.places(&network).next() {
        announce(call, nic, wanted.ip.into(), Pace::IPV6ADDR);
    }
    Ok(())
}

fn start(call: &Call, socket: &mut Socket, wanted: &Wanted) -> Result<Outcome> {
    let network = Network::read_addresses(socket)?;
    if let Some((_, nic)) = wanted.places(&network).next() {
        announce(call, nic, wanted.ip.into(), Pace::IPV6ADDR);
        return Ok(Outcome::Success);
    }
    let Some((index, nic, prefix)) = wanted.home(&network) else {
        call.error(&format!("no interface for {}: none has an address in the same network", wanted.ip));
        return Ok(Outcome::Generic);
    };
    let address = Address::new(index, wanted.ip.into(), prefix);
    if network.addresses.iter().any(|old| old.ip == address.ip && old.index == index && old.is_duplicate()) {
        // Somebody else had it when it was added last time; perhaps not any more.
        socket.delete_address(&address)?;
    }
    if network.link(&nic).is_some_and(|link| !link.up) {
        socket.switch_on(index)?;
    }
    socket.add_address(&address)?;
    if let Err(why) = settle(socket, &address)? {
        call.error(&format!("{} on {nic}: {why}", wanted.ip));
        let _ = socket.delete_address(&address);
        return Ok(Outcome::Generic);
    }
    announce(call, &nic, wanted.ip.into(), Pace::IPV6ADDR);
    Ok(Outcome::Success)
}

/// What the kernel's search for another owner has come to; `None` while it goes on.
fn verdict(found: Option<&Address>) -> Option<std::result::Result<(), &'static str>> {
    match found {
        None => Some(Err("it vanished")),
        Some(found) if found.is_duplicate() => Some(Err("another machine has this address")),
        Some(found) if found.is_tentative() => None,
        Some(_) => Some(Ok(())),
    }
}

/// Waits until the kernel has made sure that nobody else has the address.
fn settle(socket: &mut Socket, address: &Address) -> Result<std::result::Result<(), &'static str>> {
    let begin = Instant::now();
    loop {
        let now = socket.addresses()?;
        let found = now.iter().find(|found| found.index == address.index && found.ip == address.ip);
        match verdict(found) {
            Some(verdict) => return Ok(verdict),
            None if begin.elapsed() > DETECTION => return Ok(Err("duplicate detection does not end")),
            None => sleep(STEP),
        }
    }
}

fn stop(call: &Call, socket: &mut Socket, wanted: &Wanted) -> Result<Outcome> {
    silence(call, wanted.ip.into());
    let network = Network::read_addresses(socket)?;
    for (address, link) in network.places(wanted.ip.into()) {
        if wanted.nic.as_ref().is_some_and(|nic| *nic != link.name) {
            continue;
        }
        match socket.delete_address(address) {
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

    fn home(network: &Network, text: &str) -> Option<(String, u8)> {
        Wanted::parse(text).unwrap().home(network).map(|(_, nic, prefix)| (nic, prefix))
    }

    #[test]
    fn a_neighbour_in_the_same_network_gives_the_interface() {
        let mut network = sample();
        assert_eq!(home(&network, "fd00:7::1"), None);
        assert_eq!(home(&network, "fd00:7::1/64"), None);
        assert_eq!(home(&network, "fd00:7::1/64/eth0"), Some(("eth0".into(), 64)));
        assert_eq!(home(&network, "fd00:7::1/64/nope"), None);
        network.addresses.push(Address::new(3, "fd00:7::2".parse().unwrap(), 64));
        assert_eq!(home(&network, "fd00:7::1"), Some(("eth1".into(), 64)));
        assert_eq!(home(&network, "fd00:7::1/64"), Some(("eth1".into(), 64)));
        assert_eq!(home(&network, "fd00:7::1/48"), None);
        assert_eq!(home(&network, "fd00:8::1"), None);
    }

    #[test]
    fn an_address_of_somebody_else_is_not_up() {
        let mut network = sample();
        let mut address = Address::new(2, "fd00:7::1".parse().unwrap(), 64);
        let wanted = Wanted::parse("fd00:7::1/64/eth0").unwrap();
        network.addresses.push(address.clone());
        assert_eq!(wanted.places(&network).count(), 1);
        assert_eq!(Wanted::parse("fd00:7::1/64/eth1").unwrap().places(&network).count(), 0);
        address.flags = libc::IFA_F_DADFAILED;
        *network.addresses.last_mut().unwrap() = address;
        assert_eq!(wanted.places(&network).count(), 0);
    }

    #[test]
    fn an_address_counts_when_the_search_for_another_owner_ended_without_one() {
        let with = |flags| Address { flags, ..Address::new(2, "fd00:7::1".parse().unwrap(), 64) };
        assert_eq!(verdict(Some(&with(libc::IFA_F_PERMANENT))), Some(Ok(())));
        assert_eq!(verdict(Some(&with(libc::IFA_F_TENTATIVE))), None);
        assert!(matches!(verdict(Some(&with(libc::IFA_F_TENTATIVE | libc::IFA_F_DADFAILED))), Some(Err(_))));
        assert!(matches!(verdict(None), Some(Err(_))));
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in ["x", "", "192.0.2.1/24", "fd00::1/0", "fd00::1/129", "fd00::1/x"] {
            assert_eq!(Wanted::parse(text), None, "{text}");
        }
    }
}
