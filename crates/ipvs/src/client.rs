//! The conversation with the kernel.

mod batch;
mod brief;
mod netlink;

use crate::model::{Daemon, DestEntry, Info, ServiceEntry, ServiceKey, Timeouts};
use crate::sockopt::Legacy;
use crate::transport::{NetlinkSocket, RawSocket, SocketOptions, Transport};
use crate::wire::{config, daemon, dest, service};
use crate::{Command, Error, Op, Result};
use netlink::Netlink;

/// Which kernel interface a [`Client`] uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interface {
    /// Generic netlink family `IPVS`.
    Netlink,
    /// Socket options 1152 and up on a raw socket; IPv4 only.
    SocketOptions,
}

/// A failed operation of a batch.
#[derive(Debug)]
pub struct Failure {
    /// Index into the operations given to [`Client::batch`].
    pub index: usize,
    /// Why it failed.
    pub error: Error,
}

/// An open connection to the kernel's IPVS, in the current network namespace.
#[derive(Debug)]
pub struct Client {
    info: Info,
    backend: Backend,
}

#[derive(Debug)]
enum Backend {
    Netlink(Netlink, Beside),
    SocketOptions(Legacy),
}

/// The socket options beside netlink, see `brief`.
#[derive(Debug)]
enum Beside {
    /// Not to be used.
    None,
    /// To be opened when needed.
    Kernel,
    Open(Legacy),
}

impl Client {
    /// Opens the interface: resolves the netlink family and reads [`Info`]; without the family tries socket options.
    ///
    /// Does not load the kernel module.
    ///
    /// # Errors
    /// [`Error::Unavailable`] if neither interface answers, or the family is there but refuses. In the second case the
    /// socket options are not tried, as in ipvsadm 1.31: they would refuse as well.
    pub fn open() -> Result<Self> {
        match Self::open_netlink()? {
            Some(client) => Ok(client),
            None => Self::open_interface(Interface::SocketOptions),
        }
    }

    /// Opens one interface only.
    ///
    /// # Errors
    /// [`Error::Unavailable`] if it does not answer.
    pub fn open_interface(interface: Interface) -> Result<Self> {
        match interface {
            Interface::Netlink => Self::open_netlink()?.ok_or(Error::Unavailable { errno: libc::ENOPROTOOPT }),
            Interface::SocketOptions => match RawSocket::open() {
                Ok(socket) => Self::with_socket_options(Box::new(socket)),
                Err(error) => Err(unavailable(Error::Io(error))),
            },
        }
    }

    /// Talks netlink over a transport of the caller's: looks the family up and reads [`Info`].
    ///
    /// # Errors
    /// As [`Client::open_interface`].
    pub fn with_transport(transport: Box<dyn Transport>) -> Result<Self> {
        Self::over_netlink(transport, Beside::None)?.ok_or(Error::Unavailable { errno: libc::ENOPROTOOPT })
    }

    /// As [`Client::with_transport`], and [`Client::dests_of_each_without_stats`] may use `socket`.
    ///
    /// # Errors
    /// As [`Client::open_interface`].
    pub fn with_both(transport: Box<dyn Transport>, socket: Box<dyn SocketOptions>) -> Result<Self> {
        let beside = Beside::Open(Legacy::new(socket));
        Self::over_netlink(transport, beside)?.ok_or(Error::Unavailable { errno: libc::ENOPROTOOPT })
    }

    /// Uses socket options on a socket of the caller's: reads [`Info`].
    ///
    /// # Errors
    /// As [`Client::open_interface`].
    pub fn with_socket_options(socket: Box<dyn SocketOptions>) -> Result<Self> {
        let mut legacy = Legacy::new(socket);
        let info = legacy.info().map_err(unavailable)?;
        Ok(Self { info, backend: Backend::SocketOptions(legacy) })
    }

    fn open_netlink() -> Result<Option<Self>> {
        match NetlinkSocket::open() {
            Ok(socket) => Self::over_netlink(Box::new(socket), Beside::Kernel),
            Err(_) => Ok(None),
        }
    }

    fn over_netlink(transport: Box<dyn Transport>, beside: Beside) -> Result<Option<Self>> {
        let Some(mut netlink) = Netlink::resolve(transport)? else {
            return Ok(None);
        };
        let info = netlink.query(Command::GetInfo, None, config::decode_info).map_err(unavailable)?;
        Ok(Some(Self { info, backend: Backend::Netlink(netlink, beside) }))
    }

    /// Version and table size, read when opening.
    #[must_use]
    pub fn info(&self) -> Info {
        self.info
    }

    /// The interface in use.
    #[must_use]
    pub fn interface(&self) -> Interface {
        match self.backend {
            Backend::Netlink(..) => Interface::Netlink,
            Backend::SocketOptions(_) => Interface::SocketOptions,
        }
    }

    /// All services, in kernel order.
    ///
    /// # Errors
    /// [`Error`] if they cannot be read.
    pub fn services(&mut self) -> Result<Vec<ServiceEntry>> {
        match &mut self.backend {
            Backend::Netlink(netlink, _) => {
                let mut services = Vec::new();
                netlink.dump(Command::GetService, None, &mut services, service::decode)?;
                Ok(services)
            }
            Backend::SocketOptions(legacy) => legacy.services(),
        }
    }

    /// One service.
    ///
    /// # Errors
    /// `Kernel { errno: ESRCH }` if there is none.
    pub fn service(&mut self, key: &ServiceKey) -> Result<ServiceEntry> {
        match &mut self.backend {
            Backend::Netlink(netlink, _) => netlink.query(Command::GetService, Some(key), service::decode),
            Backend::SocketOptions(legacy) => legacy.service(key),
        }
    }

    /// The destinations of one service, in kernel order (newest first); empty if the service is gone.
    ///
    /// # Errors
    /// [`Error`] if they cannot be read.
    pub fn dests(&mut self, service: &ServiceEntry) -> Result<Vec<DestEntry>> {
        let mut dests = Vec::new();
        self.dests_into(service, &mut dests)?;
        Ok(dests)
    }

    /// The destinations of many services; `each` is called once per service, in the order given, with a buffer it may
    /// sort or drain.
    ///
    /// # Errors
    /// [`Error`] if they cannot be read, and whatever `each` returns; reading stops there.
    pub fn dests_of_each<E: From<Error>>(
        &mut self,
        services: &[ServiceEntry],
        mut each: impl FnMut(&ServiceEntry, &mut Vec<DestEntry>) -> std::result::Result<(), E>,
    ) -> std::result::Result<(), E> {
        let mut dests = Vec::new();
        for service in services {
            self.dests_into(service, &mut dests)?;
            each(service, &mut dests)?;
        }
        Ok(())
    }

    fn dests_into(&mut self, service: &ServiceEntry, dests: &mut Vec<DestEntry>) -> Result<()> {
        let key = &service.service.key;
        match &mut self.backend {
            Backend::Netlink(netlink, _) => {
                let family = key.family();
                netlink.dump(Command::GetDest, Some(key), dests, |attrs| dest::decode(attrs, family))
            }
            Backend::SocketOptions(legacy) => legacy.dests(service, dests),
        }
    }

    /// The running sync daemons, master first.
    ///
    /// # Errors
    /// [`Error`] if they cannot be read.
    pub fn daemons(&mut self) -> Result<Vec<Daemon>> {
        match &mut self.backend {
            Backend::Netlink(netlink, _) => {
                let mut daemons = Vec::new();
                netlink.dump(Command::GetDaemon, None, &mut daemons, daemon::decode)?;
                Ok(daemons)
            }
            Backend::SocketOptions(legacy) => legacy.daemons(),
        }
    }

    /// The connection timeouts.
    ///
    /// # Errors
    /// [`Error`] if they cannot be read.
    pub fn timeouts(&mut self) -> Result<Timeouts> {
        match &mut self.backend {
            Backend::Netlink(netlink, _) => netlink.query(Command::GetTimeouts, None, config::decode_timeouts),
            Backend::SocketOptions(legacy) => legacy.timeouts(),
        }
    }

    /// Carries out one change.
    ///
    /// # Errors
    /// [`Error::Kernel`] if the kernel refuses, [`Error::Unsupported`] if the interface has no form for it.
    pub fn execute(&mut self, op: &Op) -> Result<()> {
        match self.batch(std::slice::from_ref(op))?.pop() {
            Some(failure) => Err(failure.error),
            None => Ok(()),
        }
    }

    /// Carries out many changes in order, going on after refusals; returns the refusals in order.
    ///
    /// # Errors
    /// Only if the conversation itself broke down (socket gone, malformed replies). What was carried out is then unknown.
    pub fn batch(&mut self, ops: &[Op]) -> Result<Vec<Failure>> {
        match &mut self.backend {
            Backend::Netlink(netlink, _) => netlink.batch(ops),
            Backend::SocketOptions(legacy) => legacy.batch(ops),
        }
    }
}

/// A refusal while opening means that IPVS cannot be used at all.
fn unavailable(error: Error) -> Error {
    match error {
        Error::Kernel { errno, .. } => Error::Unavailable { errno },
        Error::Io(error) => match error.raw_os_error() {
            Some(errno) => Error::Unavailable { errno },
            None => Error::Io(error),
        },
        other => other,
    }
}
