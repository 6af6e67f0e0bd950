//! The conversation with the kernel.

use crate::model::{Daemon, DestEntry, Info, ServiceEntry, ServiceKey, Timeouts};
use crate::{Error, Op, Result};

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
}

impl Client {
    /// Opens the interface: resolves the netlink family and reads [`Info`]; without the family tries socket options.
    ///
    /// Does not load the kernel module.
    ///
    /// # Errors
    /// [`Error::Unavailable`] if neither interface answers.
    pub fn open() -> Result<Self> {
        todo!()
    }
    /// Version and table size, read when opening.
    pub fn info(&self) -> Info {
        self.info
    }
    /// The interface in use.
    pub fn interface(&self) -> Interface {
        todo!()
    }
    /// All services, in kernel order.
    pub fn services(&mut self) -> Result<Vec<ServiceEntry>> {
        todo!()
    }
    /// One service. `Kernel { errno: ESRCH }` if there is none.
    pub fn service(&mut self, _key: &ServiceKey) -> Result<ServiceEntry> {
        todo!()
    }
    /// The destinations of one service, in kernel order (newest first); empty if the service is gone.
    pub fn dests(&mut self, _service: &ServiceEntry) -> Result<Vec<DestEntry>> {
        todo!()
    }
    /// The destinations of many services, pipelined; `each` is called once per service, in the order given, with a
    /// buffer it may sort or drain.
    pub fn dests_of_each<E: From<Error>>(
        &mut self,
        _services: &[ServiceEntry],
        _each: impl FnMut(&ServiceEntry, &mut Vec<DestEntry>) -> std::result::Result<(), E>,
    ) -> std::result::Result<(), E> {
        todo!()
    }
    /// The running sync daemons, master first.
    pub fn daemons(&mut self) -> Result<Vec<Daemon>> {
        todo!()
    }
    /// The connection timeouts.
    pub fn timeouts(&mut self) -> Result<Timeouts> {
        todo!()
    }
    /// Carries out one change.
    pub fn execute(&mut self, _op: &Op) -> Result<()> {
        todo!()
    }
    /// Carries out many changes in order, going on after refusals; returns the refusals in order.
    ///
    /// # Errors
    /// Only if the conversation itself broke down (socket gone, malformed replies).
    pub fn batch(&mut self, _ops: &[Op]) -> Result<Vec<Failure>> {
        todo!()
    }
}
