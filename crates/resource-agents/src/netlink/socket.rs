//! The routing socket of the kernel, in the network namespace of the thread that opens it.

use super::message::{self, Message};
use super::{Address, Link, Result, Route, acknowledgement, messages};
use nix::errno::Errno;
use nix::sys::socket::{self, AddressFamily, MsgFlags, NetlinkAddr, SockFlag, SockProtocol, SockType};
use std::net::IpAddr;
use std::os::fd::{AsRawFd, OwnedFd};

/// The most the kernel puts into one datagram of a dump.
const DATAGRAM: usize = 64 * 1024;

/// How often a dump that changed while it was read is read again.
const ATTEMPTS: u32 = 10;

/// An open routing socket. Requests are made one after the other, so nothing has to be matched.
#[derive(Debug)]
pub struct Socket {
    fd: OwnedFd,
    sequence: u32,
    buffer: Vec<u8>,
}

/// What a dump left behind.
struct Dump {
    bodies: Vec<Vec<u8>>,
    interrupted: bool,
}

impl Socket {
    /// Opens the socket.
    ///
    /// # Errors
    /// Those of `socket(2)`.
    pub fn open() -> Result<Self> {
        let fd =
            socket::socket(AddressFamily::Netlink, SockType::Raw, SockFlag::SOCK_CLOEXEC, SockProtocol::NetlinkRoute)
                .map_err(std::io::Error::from)?;
        Ok(Self { fd, sequence: 0, buffer: vec![0; DATAGRAM] })
    }

    /// All interfaces.
    ///
    /// # Errors
    /// [`super::Error`] if they cannot be read.
    pub fn links(&mut self) -> Result<Vec<Link>> {
        let bodies = self.dump(libc::RTM_GETLINK, libc::RTM_NEWLINK, libc::AF_UNSPEC)?;
        bodies.iter().filter_map(|body| Link::decode(body).transpose()).collect()
    }

    /// All addresses of both families.
    ///
    /// # Errors
    /// [`super::Error`] if they cannot be read.
    pub fn addresses(&mut self) -> Result<Vec<Address>> {
        let mut all = Vec::new();
        for family in [libc::AF_INET, libc::AF_INET6] {
            for body in self.dump(libc::RTM_GETADDR, libc::RTM_NEWADDR, family)? {
                all.extend(Address::decode(&body)?);
            }
        }
        Ok(all)
    }

    /// The routes of the main table of one family.
    ///
    /// # Errors
    /// [`super::Error`] if they cannot be read.
    pub fn routes(&mut self, ipv6: bool) -> Result<Vec<Route>> {
        let family = if ipv6 { libc::AF_INET6 } else { libc::AF_INET };
        let bodies = self.dump(libc::RTM_GETROUTE, libc::RTM_NEWROUTE, family)?;
        let decoded = bodies.iter().filter_map(|body| Route::decode(body).transpose());
        decoded.filter(|route| route.as_ref().map_or(true, Route::is_main)).collect()
    }

    /// Adds an address.
    ///
    /// # Errors
    /// `Refused(EEXIST)` if it is there already, and whatever else the kernel finds.
    pub fn add_address(&mut self, address: &Address) -> Result<()> {
        let flags = libc::NLM_F_CREATE | libc::NLM_F_EXCL;
        self.change(libc::RTM_NEWADDR, flags, &address.encode())
    }

    /// Deletes an address: the one with this prefix length on this interface.
    ///
    /// # Errors
    /// `Refused(EADDRNOTAVAIL)` if there is none.
    pub fn delete_address(&mut self, address: &Address) -> Result<()> {
        self.change(libc::RTM_DELADDR, 0, &address.encode())
    }

    /// Switches an interface on.
    ///
    /// # Errors
    /// [`super::Error`] if the kernel refuses.
    pub fn switch_on(&mut self, index: u32) -> Result<()> {
        self.change(libc::RTM_NEWLINK, 0, &Link::switch_on(index))
    }

    /// Adds a route exactly as it was read.
    ///
    /// # Errors
    /// [`super::Error`] if the kernel refuses.
    pub fn add_route(&mut self, route: &Route) -> Result<()> {
        self.change(libc::RTM_NEWROUTE, libc::NLM_F_CREATE, &route.body)
    }

    /// Replaces the preferred source address of a route.
    ///
    /// # Errors
    /// [`super::Error`] if the kernel refuses.
    pub fn set_source(&mut self, route: &Route, source: Option<IpAddr>) -> Result<()> {
        self.change(libc::RTM_NEWROUTE, libc::NLM_F_CREATE | libc::NLM_F_REPLACE, &route.with_source(source))
    }

    fn send(&mut self, kind: u16, flags: i32, body: &[u8]) -> Result<()> {
        self.sequence = self.sequence.wrapping_add(1);
        let flags = u16::try_from(flags | libc::NLM_F_REQUEST).unwrap_or_default();
        let bytes = message::request(kind, flags, self.sequence, body);
        loop {
            match socket::send(self.fd.as_raw_fd(), &bytes, MsgFlags::empty()) {
                Ok(_) => return Ok(()),
                Err(Errno::EINTR) => {}
                Err(errno) => return Err(std::io::Error::from(errno).into()),
            }
        }
    }

    /// Hands the messages that answer the last request to `each`, until one of them returns a result.
    fn answer<T>(&mut self, mut each: impl FnMut(Message<'_>) -> Option<Result<T>>) -> Result<T> {
        loop {
            let received = socket::recvfrom::<NetlinkAddr>(self.fd.as_raw_fd(), &mut self.buffer);
            let (length, from) = match received {
                Err(Errno::EINTR) => continue,
                other => other.map_err(std::io::Error::from)?,
            };
            // A privileged process can send here too; only the kernel has number 0.
            if from.is_some_and(|from| from.pid() != 0) {
                continue;
            }
            for message in messages(self.buffer.get(..length).unwrap_or_default())? {
                if message.sequence != self.sequence {
                    continue;
                }
                if let Some(result) = each(message) {
                    return result;
                }
            }
        }
    }

    fn change(&mut self, kind: u16, flags: i32, body: &[u8]) -> Result<()> {
        self.send(kind, flags | libc::NLM_F_ACK, body)?;
        self.answer(|message| (i32::from(message.kind) == libc::NLMSG_ERROR).then(|| acknowledgement(message.body)))
    }

    fn dump(&mut self, kind: u16, wanted: u16, family: i32) -> Result<Vec<Vec<u8>>> {
        // The longest of ifinfomsg, ifaddrmsg and rtmsg; only the first byte counts.
        let mut body = [0; 16];
        if let Some(first) = body.first_mut() {
            *first = u8::try_from(family).unwrap_or_default();
        }
        let mut last = Dump { bodies: Vec::new(), interrupted: false };
        for _ in 0..ATTEMPTS {
            last = self.dump_once(kind, wanted, &body)?;
            if !last.interrupted {
                break;
            }
        }
        Ok(last.bodies)
    }

    fn dump_once(&mut self, kind: u16, wanted: u16, body: &[u8]) -> Result<Dump> {
        self.send(kind, libc::NLM_F_DUMP, body)?;
        let mut dump = Dump { bodies: Vec::new(), interrupted: false };
        self.answer(|message| {
            dump.interrupted |= i32::from(message.flags) & libc::NLM_F_DUMP_INTR != 0;
            match i32::from(message.kind) {
                libc::NLMSG_DONE => Some(acknowledgement(message.body)),
                libc::NLMSG_ERROR => Some(acknowledgement(message.body)),
                _ => {
                    if message.kind == wanted {
                        dump.bodies.push(message.body.to_vec());
                    }
                    None
                }
            }
        })?;
        Ok(dump)
    }
}
