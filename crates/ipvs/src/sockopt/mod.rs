//! The legacy interface: IPVS through socket options, as the kernels of CentOS 5 have it and today's still do.
//!
//! It knows IPv4 only: services of IPv6, destinations of another family than their service, and persistence engines
//! cannot be expressed, and the kernel hides those that exist. Counters are 32 bit but for bytes.

mod layout;
mod offsets;

use crate::client::Failure;
use crate::consts::*;
use crate::model::{Daemon, DestEntry, Info, ServiceEntry, ServiceKey, Timeouts};
use crate::transport::SocketOptions;
use crate::wire::Malformed;
use crate::{Command, Error, Op, Result};
use std::io;

/// How often a table is read before giving up because it kept growing.
const ATTEMPTS: usize = 16;

/// Most entries asked for at once; a larger count cannot be meant.
const MOST: usize = 1 << 24;

/// A socket with the IPVS options.
#[derive(Debug)]
pub(crate) struct Legacy {
    socket: Box<dyn SocketOptions>,
    /// Kept for its allocation.
    buffer: Vec<u8>,
}

impl Legacy {
    pub(crate) fn new(socket: Box<dyn SocketOptions>) -> Self {
        Self { socket, buffer: Vec::new() }
    }

    pub(crate) fn info(&mut self) -> Result<Info> {
        Ok(self.info_and_count()?.0)
    }

    fn info_and_count(&mut self) -> Result<(Info, usize)> {
        let mut value = [0; offsets::INFO];
        self.get(Command::GetInfo, IP_VS_SO_GET_INFO, &mut value)?;
        let (info, count) = layout::info(&value).map_err(|what| malformed(Command::GetInfo, what))?;
        Ok((info, count.min(MOST)))
    }

    pub(crate) fn services(&mut self) -> Result<Vec<ServiceEntry>> {
        self.services_as(|entry| entry)
    }

    /// All services, each turned into what the caller wants to keep of it.
    pub(crate) fn services_as<T>(&mut self, keep: impl Fn(ServiceEntry) -> T) -> Result<Vec<T>> {
        let command = Command::GetService;
        for _ in 0..ATTEMPTS {
            let (_, count) = self.info_and_count()?;
            // The kernel fills as many places as were asked for and does not tell how many that were: an empty place at
            // the end shows that there is nothing more.
            let mut buffer = layout::services_question(std::mem::take(&mut self.buffer), count + 1);
            let outcome = self.get(command, IP_VS_SO_GET_SERVICES, &mut buffer);
            let services: Result<Vec<T>> = outcome.and_then(|()| {
                let entries = layout::services(&buffer);
                entries.map(|entry| entry.map(&keep).map_err(|what| malformed(command, what))).collect()
            });
            // Kept for the next question unless it is large.
            if count < 512 {
                self.buffer = buffer;
            }
            let services = services?;
            if services.len() <= count {
                return Ok(services);
            }
        }
        Err(Error::Interrupted { command })
    }

    pub(crate) fn service(&mut self, key: &ServiceKey) -> Result<ServiceEntry> {
        let command = Command::GetService;
        let mut value = [0; offsets::HERE.service_entry];
        layout::put_key(&mut value, key).ok_or(Error::Unsupported { command })?;
        self.get(command, IP_VS_SO_GET_SERVICE, &mut value)?;
        layout::service_entry(&value).map_err(|what| malformed(command, what))
    }

    /// Replaces `dests` by the destinations of a service; by none if it is gone.
    pub(crate) fn dests(&mut self, service: &ServiceEntry, dests: &mut Vec<DestEntry>) -> Result<()> {
        // Without a count, guess; the loop corrects it.
        let mut count = usize::try_from(service.dest_count.unwrap_or(16)).unwrap_or(usize::MAX);
        for _ in 0..ATTEMPTS {
            self.dests_up_to(&service.service.key, count, true, dests)?;
            if dests.len() <= count {
                return Ok(());
            }
            count = count.saturating_mul(2).max(16);
        }
        dests.clear();
        Err(Error::Interrupted { command: Command::GetDest })
    }

    /// Replaces `dests` by the first destinations of a service: `count` or fewer if that is all, one more if it is not.
    pub(crate) fn dests_up_to(
        &mut self,
        key: &ServiceKey,
        count: usize,
        with_stats: bool,
        dests: &mut Vec<DestEntry>,
    ) -> Result<()> {
        let command = Command::GetDest;
        dests.clear();
        let places = count.saturating_add(1).min(MOST);
        let mut buffer = layout::dests_question(std::mem::take(&mut self.buffer), key, places)
            .ok_or(Error::Unsupported { command })?;
        let outcome = self.get(command, IP_VS_SO_GET_DESTS, &mut buffer);
        let outcome = outcome.and_then(|()| {
            for dest in layout::dests(&buffer, with_stats) {
                dests.push(dest.map_err(|what| malformed(command, what))?);
            }
            Ok(())
        });
        self.buffer = buffer;
        match outcome {
            Err(Error::Kernel { errno: libc::ESRCH, .. }) => Ok(()),
            other => other,
        }
    }

    pub(crate) fn daemons(&mut self) -> Result<Vec<Daemon>> {
        let mut value = [0; 2 * offsets::DAEMON];
        self.get(Command::GetDaemon, IP_VS_SO_GET_DAEMON, &mut value)?;
        let daemons: std::result::Result<_, _> = layout::daemons(&value).collect();
        daemons.map_err(|what| malformed(Command::GetDaemon, what))
    }

    pub(crate) fn timeouts(&mut self) -> Result<Timeouts> {
        let mut value = [0; offsets::TIMEOUTS];
        self.get(Command::GetTimeouts, IP_VS_SO_GET_TIMEOUT, &mut value)?;
        layout::timeouts(&value).map_err(|what| malformed(Command::GetTimeouts, what))
    }

    /// One system call per change: this interface knows no batches.
    pub(crate) fn batch(&mut self, ops: &[Op]) -> Result<Vec<Failure>> {
        let mut failures = Vec::new();
        for (index, op) in ops.iter().enumerate() {
            match self.execute(op) {
                Ok(()) => {}
                Err(error @ (Error::Kernel { .. } | Error::Unsupported { .. })) => {
                    failures.push(Failure { index, error });
                }
                Err(error) => return Err(error),
            }
        }
        Ok(failures)
    }

    fn execute(&mut self, op: &Op) -> Result<()> {
        let command = op.command();
        let name = match command {
            Command::NewService => IP_VS_SO_SET_ADD,
            Command::SetService => IP_VS_SO_SET_EDIT,
            Command::DelService => IP_VS_SO_SET_DEL,
            Command::NewDest => IP_VS_SO_SET_ADDDEST,
            Command::SetDest => IP_VS_SO_SET_EDITDEST,
            Command::DelDest => IP_VS_SO_SET_DELDEST,
            Command::Flush => IP_VS_SO_SET_FLUSH,
            Command::Zero => IP_VS_SO_SET_ZERO,
            Command::SetTimeouts => IP_VS_SO_SET_TIMEOUT,
            Command::NewDaemon => IP_VS_SO_SET_STARTDAEMON,
            Command::DelDaemon => IP_VS_SO_SET_STOPDAEMON,
            _ => return Err(Error::Unsupported { command }),
        };
        let value = layout::op(op).ok_or(Error::Unsupported { command })?;
        match self.socket.set(name, &value) {
            // The daemon's thread had not run yet; it is gone nevertheless (observed on Linux 6.1).
            Err(error) if command == Command::DelDaemon && error.raw_os_error() == Some(libc::EINTR) => Ok(()),
            other => other.map_err(|error| refused(command, error)),
        }
    }

    /// Reads an option whose answer must have the length of the question.
    fn get(&mut self, command: Command, name: i32, value: &mut [u8]) -> Result<()> {
        let length = self.socket.get(name, value).map_err(|error| refused(command, error))?;
        if length == value.len() {
            Ok(())
        } else {
            Err(malformed(command, Malformed { what: "answer of another length", offset: length }))
        }
    }
}

/// Any errno of a socket option is the kernel's verdict on the request, but for those that tell of the socket itself.
fn refused(command: Command, error: io::Error) -> Error {
    match error.raw_os_error() {
        Some(errno) if errno != libc::EBADF && errno != libc::ENOTSOCK => Error::Kernel { command, errno },
        _ => Error::Io(error),
    }
}

fn malformed(command: Command, what: Malformed) -> Error {
    Error::Malformed { command, what: what.what, offset: what.offset }
}
