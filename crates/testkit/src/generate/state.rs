//! A rough memory of the table, so that most lines speak of something that exists.
//!
//! It only steers the choice of words: that a line which looks good fails after all does no harm.

use super::address::{self, Protocol};
use crate::rng::Rng;

/// How a service is named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Key {
    /// By protocol, address in its plain form, and port.
    Address(Protocol, String, u16),
    /// By firewall mark; true for IPv6.
    Mark(u32, bool),
}

/// A server of a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// Address in its plain form.
    pub address: String,
    /// Port as the kernel has it.
    pub port: u16,
}

/// A service that should be in the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    /// Its name.
    pub key: Key,
    /// Its servers.
    pub servers: Vec<Server>,
}

/// What should be in the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    /// The services.
    pub services: Vec<Service>,
    /// The daemons that should run.
    pub daemons: Vec<&'static str>,
    /// How many of 100 new services are named by an IPv6 address.
    v6: usize,
    /// How many of 100 new services are named by a mark.
    marks: usize,
}

impl Key {
    /// Whether its family is IPv6.
    pub fn v6(&self) -> bool {
        match self {
            Self::Address(_, address, _) => address.contains(':'),
            Self::Mark(_, v6) => *v6,
        }
    }
}

impl State {
    /// An empty table; how mixed it becomes is decided here.
    pub fn new(rng: &mut Rng) -> Self {
        let v6 = rng.weighted(&[(3, 0), (4, 25), (2, 60)]);
        let marks = rng.weighted(&[(2, 0), (4, 20), (1, 60)]);
        Self { services: Vec::new(), daemons: Vec::new(), v6, marks }
    }

    /// The name of a service that may be new.
    pub fn new_key(&self, rng: &mut Rng) -> Key {
        let v6 = rng.chance(self.v6);
        if rng.chance(self.marks) {
            let mark = match rng.below(10) {
                0 => u32::try_from(rng.between(1, 2_147_483_647)).unwrap_or(1),
                1 => *rng.pick(&[2_147_483_647, 2_147_483_646, 1_000_000_000]),
                _ => u32::try_from(rng.between(1, 9)).unwrap_or(1),
            };
            return Key::Mark(mark, v6);
        }
        let protocol = rng.weighted(&[(6, Protocol::Tcp), (3, Protocol::Udp), (1, Protocol::Sctp)]);
        let (address, port) = (address::service(rng, v6), address::port(rng));
        Key::Address(protocol, address, port)
    }

    /// The name of a service that should exist, mostly.
    pub fn known_key(&self, rng: &mut Rng) -> Key {
        if self.services.is_empty() || rng.chance(4) {
            return self.new_key(rng);
        }
        rng.pick(&self.services).key.clone()
    }

    /// The name of a service that should have servers, mostly.
    pub fn busy_key(&self, rng: &mut Rng) -> Key {
        let busy: Vec<_> = self.services.iter().filter(|service| !service.servers.is_empty()).collect();
        if busy.is_empty() || rng.chance(8) { self.known_key(rng) } else { rng.pick(&busy).key.clone() }
    }

    /// The service of that name.
    pub fn find(&mut self, key: &Key) -> Option<&mut Service> {
        self.services.iter_mut().find(|service| service.key == *key)
    }

    /// Remembers a new service.
    pub fn add(&mut self, key: Key) {
        if self.find(&key).is_none() {
            self.services.push(Service { key, servers: Vec::new() });
        }
    }

    /// Forgets a service.
    pub fn remove(&mut self, key: &Key) {
        self.services.retain(|service| service.key != *key);
    }

    /// Replaces the services by those of a save file.
    pub fn correct(&mut self, saved: &str) {
        self.services.clear();
        for words in saved.lines().map(|line| line.split(' ').collect::<Vec<_>>()) {
            let [command, option, name, rest @ ..] = words.as_slice() else { continue };
            let Some(key) = key(option, name, rest) else { continue };
            let server = rest.iter().skip_while(|word| **word != "-r").nth(1);
            match (*command, server.and_then(|text| ends(text))) {
                ("-A", _) => self.add(key),
                ("-a", Some((address, port))) => {
                    if let Some(service) = self.find(&key) {
                        service.servers.push(Server { address, port });
                    }
                }
                _ => {}
            }
        }
    }
}

fn key(option: &str, name: &str, rest: &[&str]) -> Option<Key> {
    let protocol = match option {
        "-t" => Protocol::Tcp,
        "-u" => Protocol::Udp,
        "--sctp-service" => Protocol::Sctp,
        "-f" => return Some(Key::Mark(name.parse().ok()?, rest.first() == Some(&"-6"))),
        _ => return None,
    };
    let (address, port) = ends(name)?;
    Some(Key::Address(protocol, address, port))
}

/// Splits a numeric address from its port.
fn ends(text: &str) -> Option<(String, u16)> {
    let (address, port) = text.rsplit_once(':')?;
    Some((address.trim_start_matches('[').trim_end_matches(']').to_owned(), port.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_save_file_corrects_what_is_remembered() {
        let mut state = State::new(&mut Rng::new(1));
        state.add(Key::Mark(1, false));
        state.correct(
            "IP Virtual Server version 1.2.1 (size=4096)\n-A -u [2001:db8::1]:53 -s rr\n\
             -a -u [2001:db8::1]:53 -r 10.0.0.11:53 -i -w 1 --tun-type ipip\n-A -f 7 -6 -s wlc\n",
        );
        let server = Server { address: "10.0.0.11".into(), port: 53 };
        let first = Key::Address(Protocol::Udp, "2001:db8::1".into(), 53);
        let wanted =
            [Service { key: first, servers: vec![server] }, Service { key: Key::Mark(7, true), servers: Vec::new() }];
        assert_eq!(state.services, wanted);
    }
}
