//! The conversation over generic netlink: sequence numbers, single answers and dumps. Batches are in `batch`.
//!
//! # Reading the destinations of many services
//!
//! Each service takes a dump of its own: one `send`, and one `recvmmsg` that reads all parts and the closing message.
//! Under user-mode Linux 6.1 a system call costs about 15 µs more than on bare metal, so calls are what counts there.
//! Reading 1,000 services with 100 destinations each / 10,000 with one each took, least of several runs:
//!
//! | way | ms |
//! |---|---|
//! | one `recvmsg` per part | 160 / 600 |
//! | `recvmmsg`, 4 slots of 32 KiB (kept) | 93 / 400 |
//! | requests, reads and waiting queued with Linux AIO, 32 services per system call | 68 / 40 |
//! | ipvsadm 1.31, whole program | 550 / 3100 |
//!
//! Several requests in one datagram do not work: the kernel begins the second dump only when the first was read to its
//! end, which takes two reads even for one destination, and refuses it otherwise (`EBUSY`). More sockets do not lower the
//! number of calls. AIO needs unsafe code and its own fallback for sandboxes that forbid it; without user-mode Linux it
//! gains little. Where counters are not wanted, socket options are quicker than all of these: see `brief`.

use crate::consts::{CTRL_ATTR_FAMILY_ID, GENL_ID_CTRL, IPVS_GENL_NAME, NLM_F_DUMP_INTR};
use crate::model::ServiceKey;
use crate::op::Command;
use crate::transport::{Expected, Transport};
use crate::wire::attr::Attrs;
use crate::wire::genl::{self, Message, Messages, NLM_F_DUMP, NLMSG_DONE, NLMSG_ERROR, NLMSG_NOOP, NLMSG_OVERRUN};
use crate::wire::{Malformed, request};
use crate::{Error, Result};
use std::io;

/// How often a read is begun before giving up because the table kept changing under it.
const ATTEMPTS: usize = 16;

/// A netlink socket and the number of the family `IPVS` on it.
#[derive(Debug)]
pub(super) struct Netlink {
    pub(super) transport: Box<dyn Transport>,
    pub(super) family: u16,
    pub(super) sequence: u32,
    /// The request being built; kept for its allocation.
    pub(super) out: Vec<u8>,
}

/// Why an attempt to read gave nothing.
enum Failed {
    /// The table changed meanwhile, an answer did not fit or is missing: worth another attempt.
    Again,
    Final(Error),
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self::Final(error)
    }
}

impl Netlink {
    /// Looks the family up. `None` if the kernel does not know it or cannot be asked.
    pub(super) fn resolve(transport: Box<dyn Transport>) -> Result<Option<Self>> {
        let mut netlink = Self { transport, family: GENL_ID_CTRL, sequence: 0, out: Vec::new() };
        let command = Command::GetFamily;
        let family = netlink.attempt(command, |netlink| {
            let sequence = netlink.next_sequence();
            netlink.out.clear();
            genl::encode_get_family(&mut netlink.out, sequence, IPVS_GENL_NAME);
            netlink.transport.send(&netlink.out).map_err(Error::Io)?;
            let number = |attrs: Attrs<'_>| attrs.find(CTRL_ATTR_FAMILY_ID, "no family number")?.u16();
            netlink.answer(command, sequence, None, number)
        });
        match family {
            Ok(family) => {
                netlink.family = family;
                Ok(Some(netlink))
            }
            Err(Error::Kernel { .. } | Error::Io(_) | Error::Interrupted { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Asks for one object. Its answer is not acknowledged: one datagram each way.
    pub(super) fn query<T>(
        &mut self,
        command: Command,
        key: Option<&ServiceKey>,
        decode: impl Fn(Attrs<'_>) -> std::result::Result<T, Malformed>,
    ) -> Result<T> {
        self.attempt(command, |netlink| {
            let sequence = netlink.ask(command, 0, key)?;
            netlink.answer(command, sequence, Some(request::answer_number(command)), &decode)
        })
    }

    /// Replaces what is in `found` by the objects of a dump.
    pub(super) fn dump<T>(
        &mut self,
        command: Command,
        key: Option<&ServiceKey>,
        found: &mut Vec<T>,
        decode: impl Fn(Attrs<'_>) -> std::result::Result<T, Malformed>,
    ) -> Result<()> {
        let outcome = self.attempt(command, |netlink| {
            found.clear();
            let sequence = netlink.ask(command, NLM_F_DUMP, key)?;
            netlink.parts(command, sequence, found, &decode)
        });
        if outcome.is_err() {
            found.clear();
        }
        outcome
    }

    /// Tries until it works, fails for good, or was tried often enough.
    fn attempt<T>(
        &mut self,
        command: Command,
        mut once: impl FnMut(&mut Self) -> std::result::Result<T, Failed>,
    ) -> Result<T> {
        for _ in 0..ATTEMPTS {
            match once(self) {
                Ok(value) => return Ok(value),
                Err(Failed::Again) => {}
                Err(Failed::Final(error)) => return Err(error),
            }
        }
        Err(Error::Interrupted { command })
    }

    pub(super) fn next_sequence(&mut self) -> u32 {
        self.sequence = self.sequence.wrapping_add(1);
        self.sequence
    }

    fn ask(&mut self, command: Command, flags: u16, key: Option<&ServiceKey>) -> Result<u32> {
        let sequence = self.next_sequence();
        self.out.clear();
        request::encode_query(&mut self.out, self.family, sequence, flags, command, key);
        self.transport.send(&self.out)?;
        Ok(sequence)
    }

    /// Reads the one answer to the request `sequence`.
    fn answer<T>(
        &mut self,
        command: Command,
        sequence: u32,
        number: Option<u8>,
        decode: impl Fn(Attrs<'_>) -> std::result::Result<T, Malformed>,
    ) -> std::result::Result<T, Failed> {
        loop {
            let datagram = receive(&mut *self.transport, Expected::Short)?;
            for message in Messages::new(datagram) {
                let message = message.map_err(|what| malformed(command, what))?;
                // Left over from a conversation that ended early.
                if message.sequence != sequence || message.kind == NLMSG_NOOP {
                    continue;
                }
                let attrs = object(command, &message, self.family, number)?;
                return Ok(decode(attrs).map_err(|what| malformed(command, what))?);
            }
        }
    }

    /// Reads the datagrams of a dump up to its end, even after an object that is malformed: a dump that is not read to its
    /// end keeps the socket from beginning another.
    fn parts<T>(
        &mut self,
        command: Command,
        sequence: u32,
        found: &mut Vec<T>,
        decode: impl Fn(Attrs<'_>) -> std::result::Result<T, Malformed>,
    ) -> std::result::Result<(), Failed> {
        let number = Some(request::answer_number(command));
        let mut outcome = Ok(());
        loop {
            let datagram = receive(&mut *self.transport, Expected::Dump)?;
            for message in Messages::new(datagram) {
                // The end may have been in what cannot be read.
                let message = message.map_err(|what| malformed(command, what))?;
                if message.sequence != sequence || message.kind == NLMSG_NOOP {
                    continue;
                }
                if message.flags & NLM_F_DUMP_INTR != 0 && outcome.is_ok() {
                    outcome = Err(Failed::Again);
                }
                match message.kind {
                    NLMSG_DONE => {
                        return outcome.and_then(|()| refusal(command, &message));
                    }
                    NLMSG_ERROR => {
                        refusal(command, &message)?;
                        return Err(malformed_at(command, "dump acknowledged without objects", message.offset).into());
                    }
                    _ if outcome.is_ok() => {
                        let object = object(command, &message, self.family, number);
                        match object.and_then(|attrs| Ok(decode(attrs).map_err(|what| malformed(command, what))?)) {
                            Ok(object) => found.push(object),
                            Err(error) => outcome = Err(error),
                        }
                    }
                    _ => {}
                }
            }
        }
    }
}

/// The next datagram. One that did not fit is a reason to ask again, and so is none: the kernel leaves a request without
/// answer if it was interrupted.
fn receive(transport: &mut dyn Transport, expected: Expected) -> std::result::Result<&[u8], Failed> {
    transport.receive(expected).map_err(|error| match error.raw_os_error() {
        Some(libc::EMSGSIZE) => Failed::Again,
        _ if error.kind() == io::ErrorKind::WouldBlock => Failed::Again,
        _ => Failed::Final(Error::Io(error)),
    })
}

/// The attributes of a message that should be the object asked for.
fn object<'a>(
    command: Command,
    message: &Message<'a>,
    family: u16,
    number: Option<u8>,
) -> std::result::Result<Attrs<'a>, Failed> {
    let wrong = |what| Err(Failed::Final(malformed_at(command, what, message.offset)));
    match message.kind {
        NLMSG_ERROR => {
            refusal(command, message)?;
            wrong("acknowledged without an answer")
        }
        NLMSG_OVERRUN => Err(Failed::Final(Error::Io(io::Error::from_raw_os_error(libc::ENOBUFS)))),
        kind if kind != family => wrong("answer of another type"),
        _ => {
            let (command_found, attrs) = message.generic().map_err(|what| malformed(command, what))?;
            if number.is_some_and(|number| number != command_found) {
                return wrong("answer to another command");
            }
            Ok(attrs)
        }
    }
}

/// The refusal in an error or done message, if it is one. Busy and interrupted reads may succeed next time.
fn refusal(command: Command, message: &Message<'_>) -> std::result::Result<(), Failed> {
    match message.errno().map_err(|what| malformed(command, what))? {
        0 => Ok(()),
        libc::EBUSY | libc::EINTR | libc::EAGAIN => Err(Failed::Again),
        errno => Err(Failed::Final(Error::Kernel { command, errno })),
    }
}

pub(super) fn malformed(command: Command, what: Malformed) -> Error {
    malformed_at(command, what.what, what.offset)
}

fn malformed_at(command: Command, what: &'static str, offset: usize) -> Error {
    Error::Malformed { command, what, offset }
}
