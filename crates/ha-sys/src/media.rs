//! The media that heartbeats travel over: opening them as the original does, bytes out, bytes in.
//!
//! One [`Endpoint`] per line of `ha.cf`. Nothing here blocks and nothing here knows what the bytes mean. For a datagram
//! medium (`bcast`, `mcast`, `mcast6`, `ucast`, `ucast6`, `ping`, `ping6`, `ping_group`) one message is one datagram.
//! A serial line hands over chunks as they come; the owner feeds them to the protocol's reader of text streams.
//!
//! | medium | sends to | listens on | needs a clock |
//! |---|---|---|---|
//! | UDP | broadcast address, group or peer | its own socket, bound to the interface | every ten seconds, to see a changed interface |
//! | serial | the device, in pieces of 512 bytes | the same descriptor | for the pace of its output |
//! | ping | every member, one echo request each | raw sockets that let echo replies in only | no |
//!
//! [`Link`] decides when a broken endpoint is opened again; [`text()`] has the log's words for what happened.

mod error;
mod event;
mod icmp;
mod interface;
mod link;
mod ping;
mod serial;
mod socket;
mod sockopt;
mod spec;
mod text;
mod udp;

pub use error::{MediaError, Step};
pub use event::{Detail, MediaEvent, opened};
pub use link::{Link, RETRY};
pub use socket::AT_ONCE;
pub use spec::MediumSpec;
pub use text::{errno_text, text};

use ping::Ping;
use serial::Serial;
use std::net::{IpAddr, SocketAddr};
use std::os::fd::BorrowedFd;
use std::time::Duration;
use udp::Udp;

/// A buffer of this size receives every message; UDP over IPv4 ends at 65507 bytes, and a raw packet has headers.
pub const BUFFER: usize = 65_536;
/// How often a UDP medium compares the interface with its sockets.
const REFRESH: Duration = Duration::from_secs(10);

#[derive(Debug)]
enum Kind {
    Udp(Udp),
    Serial(Serial),
    Ping(Ping),
    Closed,
}

/// A descriptor to wait for.
#[derive(Clone, Copy, Debug)]
pub struct Interest<'a> {
    /// The descriptor.
    pub descriptor: BorrowedFd<'a>,
    /// Wait until it can be read; always true.
    pub read: bool,
    /// Wait until it can be written: output of a serial line waits and its pace allows it.
    pub write: bool,
}

/// One open medium.
#[derive(Debug)]
pub struct Endpoint {
    spec: MediumSpec,
    kind: Kind,
    /// The time of the last call that told it.
    now: Duration,
    refresh: Duration,
}

fn open(spec: &MediumSpec, first: bool) -> Result<Kind, MediaError> {
    if let Some(udp) = Udp::open(spec) {
        return udp.map(Kind::Udp);
    }
    match spec {
        MediumSpec::Serial { device, baud, lock_directory } => {
            Serial::open(device, *baud, lock_directory, first).map(Kind::Serial)
        }
        MediumSpec::Ping { members, identifier, .. } => Ping::open(members, *identifier).map(Kind::Ping),
        // Udp::open has taken all others.
        _ => Err(MediaError::Io { step: Step::Open, errno: libc::EINVAL }),
    }
}

impl Endpoint {
    /// Opens a medium. A serial line gets a break here, which takes a quarter of a second; all else is immediate.
    ///
    /// # Errors
    /// `Gone` while the interface or device is missing, `Busy` while the port is taken, `Locked` while the line is.
    pub fn open(spec: &MediumSpec) -> Result<Self, MediaError> {
        let kind = open(spec, true)?;
        Ok(Self { spec: spec.clone(), kind, now: Duration::ZERO, refresh: Duration::ZERO })
    }

    /// Opens it anew after a failure, without the break on a serial line. What waited to be written is lost.
    ///
    /// # Errors
    /// As [`Endpoint::open`]; it is closed then.
    pub fn reopen(&mut self) -> Result<(), MediaError> {
        // Closed first: nobody can lock a serial line twice.
        self.close();
        self.kind = open(&self.spec, false)?;
        self.refresh = Duration::ZERO;
        Ok(())
    }

    /// Closes it. A descriptor of a dead line would wake the daemon's loop without end.
    pub fn close(&mut self) {
        self.kind = Kind::Closed;
    }

    /// An endpoint that is closed, to be opened with [`Endpoint::reopen`].
    #[must_use]
    pub fn closed(spec: &MediumSpec) -> Self {
        Self { spec: spec.clone(), kind: Kind::Closed, now: Duration::ZERO, refresh: Duration::ZERO }
    }

    /// What it was opened from.
    #[must_use]
    pub fn spec(&self) -> &MediumSpec {
        &self.spec
    }

    /// Where UDP datagrams go; `None` for other media.
    #[must_use]
    pub fn destination(&self) -> Option<SocketAddr> {
        match &self.kind {
            Kind::Udp(udp) => Some(udp.destination()),
            Kind::Serial(_) | Kind::Ping(_) | Kind::Closed => None,
        }
    }

    /// The descriptors to wait for: one, two for a group of both address families, none while closed.
    #[must_use]
    pub fn descriptors(&self) -> Vec<Interest<'_>> {
        let reading = |descriptor| Interest { descriptor, read: true, write: false };
        match &self.kind {
            Kind::Udp(udp) => vec![reading(udp.receiver())],
            Kind::Serial(serial) => {
                vec![Interest { write: serial.wants_to_write(self.now), ..reading(serial.device()) }]
            }
            Kind::Ping(ping) => ping.receivers().map(reading).collect(),
            Kind::Closed => Vec::new(),
        }
    }

    /// Sends one message, or queues it for a serial line. A message without room is lost, as on any network.
    ///
    /// # Errors
    /// `Full` and `TooLong` concern this message only. `Gone` and `Io`: see [`Link`].
    pub fn send(&mut self, bytes: &[u8]) -> Result<(), MediaError> {
        match &mut self.kind {
            Kind::Udp(udp) => udp.send(bytes),
            Kind::Ping(ping) => ping.send(bytes),
            Kind::Closed => Err(MediaError::Gone { step: Step::Send, errno: libc::ENODEV }),
            Kind::Serial(serial) => {
                let idle = serial.idle();
                serial.send(bytes)?;
                // A line at rest gets its first piece at once.
                if idle { serial.write(self.now) } else { Ok(()) }
            }
        }
    }

    /// Hands over what came in: datagrams with their sender, or chunks of a serial line. At most [`AT_ONCE`] of them,
    /// so that one flooded medium cannot starve the others. Returns how many; `buffer` should have [`BUFFER`] bytes.
    ///
    /// # Errors
    /// `HungUp` for a serial line without other end, `Gone` and `Io` for the rest.
    pub fn receive(
        &mut self,
        buffer: &mut [u8],
        each: &mut dyn FnMut(&[u8], Option<IpAddr>),
    ) -> Result<usize, MediaError> {
        match &self.kind {
            Kind::Udp(udp) => socket::receive(udp.receiver(), buffer, each),
            Kind::Ping(ping) => ping.receive(buffer, each),
            Kind::Serial(serial) => serial.receive(buffer, &mut |chunk| each(chunk, None)),
            Kind::Closed => Ok(0),
        }
    }

    /// Does what is due at `now`: writes waiting output of a serial line, compares a UDP medium with its interface. To
    /// be called at [`Endpoint::next_deadline`], and when the descriptor can be written. All calls use one clock.
    ///
    /// # Errors
    /// As [`Endpoint::send`]; `Gone` also if the interface was replaced by another one of the same name.
    pub fn tick(&mut self, now: Duration) -> Result<(), MediaError> {
        self.now = self.now.max(now);
        match &mut self.kind {
            Kind::Serial(serial) => serial.write(self.now),
            Kind::Udp(udp) if self.refresh <= self.now => {
                self.refresh = self.now + REFRESH;
                udp.refresh(&self.spec)
            }
            Kind::Udp(_) | Kind::Ping(_) | Kind::Closed => Ok(()),
        }
    }

    /// When [`Endpoint::tick`] is wanted; `None` while nothing is due.
    ///
    /// A serial line whose output waits for the other end asks to be written instead: see [`Endpoint::descriptors`].
    #[must_use]
    pub fn next_deadline(&self) -> Option<Duration> {
        match &self.kind {
            Kind::Udp(_) => Some(self.refresh),
            Kind::Serial(serial) => serial.due().filter(|due| *due > self.now),
            Kind::Ping(_) | Kind::Closed => None,
        }
    }

    /// How many messages a full serial queue has dropped.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        match &self.kind {
            Kind::Serial(serial) => serial.dropped(),
            Kind::Udp(_) | Kind::Ping(_) | Kind::Closed => 0,
        }
    }
}
