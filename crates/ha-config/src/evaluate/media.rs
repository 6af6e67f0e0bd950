//! Media: each reads the port or the baud rate that is in force at its line.

use super::draft::Draft;
use super::{At, MOST_NODES};
use crate::config::Medium;
use crate::finding::{Finding, Multicast, Serial, Unicast, Unicast6};
use crate::keys::Key;
use crate::lexer::{self, Word};
use crate::machine::{self, PathKind};
use crate::value;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::PathBuf;

/// What the kernel says, without the number that Rust adds.
fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    text.split_once(" (os error").map_or(text.clone(), |(words, _)| words.to_owned())
}

impl Draft<'_> {
    /// One value of `bcast`, `udp`, `serial`, `ping` or `ping6`.
    pub(super) fn medium(&mut self, key: &'static Key, at: At, text: &str) {
        match key.name {
            "serial" => self.serial(at, text),
            "ping" => match self.machine.resolve4(text) {
                Some(address) => self.ping(at, text, vec![IpAddr::V4(address)], false),
                None => self.problem(at, Finding::Ping { six: false, host: text.to_owned() }),
            },
            "ping6" => match machine::ipv6_with_zone(text) {
                Some((address, _)) => self.ping(at, text, vec![IpAddr::V6(address)], false),
                None => self.problem(at, Finding::Ping { six: true, host: text.to_owned() }),
            },
            _ => match self.machine.broadcast(text) {
                Ok(_) => self.media.push(Medium::Broadcast { interface: text.to_owned(), port: self.port }),
                Err(error) => {
                    let interface = text.to_owned();
                    self.problem(at, Finding::Broadcast { interface, reason: reason(&error) });
                }
            },
        }
    }

    fn ping(&mut self, at: At, node: &str, members: Vec<IpAddr>, group: bool) {
        if self.node_count() >= MOST_NODES {
            return self.problem(at, Finding::TooManyNodes { node: node.to_owned() });
        }
        self.media.push(Medium::Ping { node: node.to_owned(), members, group });
    }

    fn serial(&mut self, at: At, text: &str) {
        let problem = match self.machine.path(text) {
            _ if !text.starts_with('/') => Serial::Relative,
            PathKind::Nothing => Serial::Missing,
            PathKind::Device => {
                return self.media.push(Medium::Serial { device: PathBuf::from(text), baud: self.baud });
            }
            PathKind::Directory | PathKind::Other => Serial::NoDevice,
        };
        self.problem(at, Finding::Serial { device: text.to_owned(), problem });
    }

    /// `ucast`, `ucast6`, `mcast`, `mcast6` or `ping_group`.
    pub(super) fn medium_line(&mut self, key: &'static Key, at: At, rest: &Word<'_>) {
        let words: Vec<String> = lexer::words(rest).iter().map(Word::lossy).collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let found = match key.name {
            "ucast" => self.unicast(&words).map_err(Finding::Unicast),
            "ucast6" => self.unicast6(&words).map_err(Finding::Unicast6),
            "ping_group" => return self.ping_group(at, &words, rest),
            name => {
                let six = name == "mcast6";
                let interface = words.first().copied().unwrap_or_default().to_owned();
                let found = if six { self.multicast6(&words) } else { self.multicast(&words) };
                found.map_err(|problem| Finding::Multicast { six, interface, problem })
            }
        };
        match found {
            Ok(medium) => self.media.push(medium),
            Err(finding) => self.problem(at, finding),
        }
    }

    /// A group needs members, but they need not be known: names may not be there yet when a machine boots.
    fn ping_group(&mut self, at: At, words: &[&str], rest: &Word<'_>) {
        let Some((name, hosts)) = words.split_first().filter(|(_, hosts)| !hosts.is_empty()) else {
            return self.bad(at, "ping_group", &rest.lossy());
        };
        let mut members = Vec::new();
        for host in hosts {
            match self.machine.resolve4(host) {
                Some(address) => members.push(IpAddr::V4(address)),
                None => self.problem(at, Finding::PingGroupMember { host: (*host).to_owned() }),
            }
        }
        self.ping(at, name, members, true);
    }

    fn unicast(&self, words: &[&str]) -> Result<Medium, Unicast> {
        let interface = (*words.first().ok_or(Unicast::NoDevice)?).to_owned();
        let Some(host) = words.get(1) else { return Err(Unicast::NoAddress { interface }) };
        match self.machine.resolve4(host) {
            Some(peer) => Ok(Medium::Unicast { interface, peer: IpAddr::V4(peer), scope: 0, port: self.port }),
            None => Err(Unicast::Unresolved { interface }),
        }
    }

    fn unicast6(&self, words: &[&str]) -> Result<Medium, Unicast6> {
        let interface = (*words.first().ok_or(Unicast6::NoDevice)?).to_owned();
        let Some(text) = words.get(1) else { return Err(Unicast6::NoAddress { interface }) };
        let address = (*text).to_owned();
        let Some((peer, zone)) = machine::ipv6_with_zone(text) else {
            return Err(Unicast6::BadAddress { interface, address });
        };
        let Some(index) = self.machine.interface_index(&interface) else {
            return Err(Unicast6::BadDevice { interface });
        };
        let scope = match zone {
            None if peer.is_unicast_link_local() => index,
            None => 0,
            Some(zone) => match zone.parse().ok().or_else(|| self.machine.interface_index(zone)) {
                None => return Err(Unicast6::NoZone { interface, address, port: self.port }),
                Some(scope) if scope != index => return Err(Unicast6::OtherZone { interface, index, scope, address }),
                Some(scope) => scope,
            },
        };
        Ok(Medium::Unicast { interface, peer: IpAddr::V6(peer), scope, port: self.port })
    }

    fn multicast(&self, words: &[&str]) -> Result<Medium, Multicast> {
        let interface = (*words.first().ok_or(Multicast::NoDevice)?).to_owned();
        self.machine.address(&interface).map_err(|error| Multicast::BadDevice(Some(reason(&error))))?;
        let address = part(words, 1, "address")?;
        let group = address.parse::<Ipv4Addr>().ok().filter(Ipv4Addr::is_multicast);
        let group = group.ok_or_else(|| Multicast::BadAddress(address.to_owned()))?;
        let (port, ttl, loopback) = port_ttl_loop(words, "ttl")?;
        Ok(Medium::Multicast { interface, group, port, ttl, loopback })
    }

    fn multicast6(&self, words: &[&str]) -> Result<Medium, Multicast> {
        let interface = (*words.first().ok_or(Multicast::NoDevice)?).to_owned();
        self.machine.interface_index(&interface).ok_or(Multicast::BadDevice(None))?;
        let address = part(words, 1, "address")?;
        let group = address.parse::<Ipv6Addr>().ok().filter(Ipv6Addr::is_multicast);
        let group = group.ok_or_else(|| Multicast::BadAddress(address.to_owned()))?;
        let (port, hops, loopback) = port_ttl_loop(words, "hops")?;
        Ok(Medium::Multicast6 { interface, group, port, hops, loopback })
    }
}

fn part<'a>(words: &[&'a str], index: usize, name: &'static str) -> Result<&'a str, Multicast> {
    words.get(index).copied().ok_or(Multicast::Missing(name))
}

/// The low eight bits of a number, which is what the original looks at.
fn low_bits(text: &str) -> u8 {
    let [low, ..] = value::lenient(text).to_le_bytes();
    low
}

/// The last three parts of a multicast line. 3.0.6 uses the low 16 bits of any port; we refuse what is none.
fn port_ttl_loop(words: &[&str], ttl_name: &'static str) -> Result<(u16, u8, bool), Multicast> {
    let port = i64::from(value::lenient(part(words, 2, "port")?));
    let port = u16::try_from(port).ok().filter(|port| *port > 0).ok_or(Multicast::BadPort(port))?;
    let ttl = low_bits(part(words, 3, ttl_name)?);
    if ttl > 4 {
        return Err(Multicast::BadTtl(ttl));
    }
    let loopback = low_bits(part(words, 4, "loop")?);
    if loopback > 1 {
        return Err(Multicast::BadLoop(loopback));
    }
    Ok((port, ttl, loopback == 1))
}
