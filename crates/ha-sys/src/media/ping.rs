//! Ping endpoints: echo requests that carry a message, and the replies that bring it back.

use super::error::{MediaError, Step};
use super::icmp;
use super::socket;
use super::sockopt;
use nix::sys::socket::{AddressFamily, SockProtocol, SockType};
use std::net::{IpAddr, SocketAddr};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

/// An open ping medium. It has a socket for each address family that its members need.
#[derive(Debug)]
pub(super) struct Ping {
    four: Option<OwnedFd>,
    six: Option<OwnedFd>,
    members: Vec<IpAddr>,
    identifier: u16,
    sequence: u16,
}

impl Ping {
    pub(super) fn open(members: &[IpAddr], identifier: u16) -> Result<Self, MediaError> {
        let mut ping = Self { four: None, six: None, members: members.to_vec(), identifier, sequence: 0 };
        if members.iter().any(IpAddr::is_ipv4) {
            let four = socket::open(AddressFamily::Inet, SockType::Raw, Some(SockProtocol::Icmp))?;
            socket::enlarge(&four);
            sockopt::only_icmp_type(four.as_fd(), icmp::REPLY)
                .map_err(|errno| MediaError::from_errno(Step::Option("ICMP_FILTER", false), errno))?;
            ping.four = Some(four);
        }
        if members.iter().any(IpAddr::is_ipv6) {
            let six = socket::open(AddressFamily::Inet6, SockType::Raw, Some(SockProtocol::IcmpV6))?;
            socket::enlarge(&six);
            sockopt::only_icmp6_type(six.as_fd(), icmp::REPLY6)
                .map_err(|errno| MediaError::from_errno(Step::Option("ICMPV6_FILTER", false), errno))?;
            ping.six = Some(six);
        }
        Ok(ping)
    }

    pub(super) fn receivers(&self) -> impl Iterator<Item = BorrowedFd<'_>> {
        self.four.iter().chain(&self.six).map(AsFd::as_fd)
    }

    /// One echo request to every member, all with the same number, as the original does for a group.
    ///
    /// It has worked if one member could be asked.
    pub(super) fn send(&mut self, payload: &[u8]) -> Result<(), MediaError> {
        let mut result = Ok(());
        let mut asked = false;
        for member in &self.members {
            let (socket, bytes) = match member {
                IpAddr::V4(_) => (&self.four, icmp::request(self.identifier, self.sequence, payload)),
                IpAddr::V6(_) => (&self.six, icmp::request6(self.identifier, self.sequence, payload)),
            };
            let Some(socket) = socket else { continue };
            match socket::send(socket.as_fd(), &bytes, SocketAddr::new(*member, 0)) {
                Ok(()) => asked = true,
                Err(error) => result = Err(error),
            }
        }
        self.sequence = self.sequence.wrapping_add(1);
        if asked { Ok(()) } else { result }
    }

    /// Hands over the payloads of replies to our requests, from members only.
    pub(super) fn receive(
        &self,
        buffer: &mut [u8],
        each: &mut dyn FnMut(&[u8], Option<IpAddr>),
    ) -> Result<usize, MediaError> {
        let mut handed = 0;
        let mut hand = |payload: &[u8], from: IpAddr| {
            if self.members.contains(&from) {
                handed += 1;
                each(payload, Some(from));
            }
        };
        if let Some(four) = &self.four {
            socket::receive(four.as_fd(), buffer, &mut |packet, _| {
                if let Some((from, payload)) = icmp::reply(packet, self.identifier) {
                    hand(payload, from.into());
                }
            })?;
        }
        if let Some(six) = &self.six {
            socket::receive(six.as_fd(), buffer, &mut |packet, from| {
                if let (Some(payload), Some(from)) = (icmp::reply6(packet, self.identifier), from) {
                    hand(payload, from);
                }
            })?;
        }
        Ok(handed)
    }
}
