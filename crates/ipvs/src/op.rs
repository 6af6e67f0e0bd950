//! One change of the table: the unit of batches and plans.

use crate::model::{Daemon, DaemonState, Dest, DestKey, Service, ServiceKey, Timeouts};
use std::fmt;

/// A change. Each is one request to the kernel, which carries it out completely or not at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// Add a virtual service.
    NewService(Service),
    /// Replace all settings of a virtual service; destinations and connections stay.
    SetService(Service),
    /// Delete a virtual service with its destinations.
    DelService(ServiceKey),
    /// Add a destination.
    NewDest(ServiceKey, Dest),
    /// Replace all settings of a destination; connections stay.
    SetDest(ServiceKey, Dest),
    /// Delete a destination.
    DelDest(ServiceKey, DestKey),
    /// Delete all services.
    Flush,
    /// Zero the counters of one service and its destinations, or of everything.
    Zero(Option<ServiceKey>),
    /// Set connection timeouts; zeros stay unchanged.
    SetTimeouts(Timeouts),
    /// Start a sync daemon.
    StartDaemon(Daemon),
    /// Stop a sync daemon. The second value is the sync id to send; kernels ignore it.
    StopDaemon(DaemonState, u8),
}

/// The kind of a request, for error messages and for choosing the legacy text of an errno.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Command {
    /// [`Op::NewService`].
    NewService,
    /// [`Op::SetService`].
    SetService,
    /// [`Op::DelService`].
    DelService,
    /// Read one service or all.
    GetService,
    /// [`Op::NewDest`].
    NewDest,
    /// [`Op::SetDest`].
    SetDest,
    /// [`Op::DelDest`].
    DelDest,
    /// Read the destinations of a service.
    GetDest,
    /// [`Op::StartDaemon`].
    NewDaemon,
    /// [`Op::StopDaemon`].
    DelDaemon,
    /// Read the sync daemons.
    GetDaemon,
    /// [`Op::SetTimeouts`].
    SetTimeouts,
    /// Read the timeouts.
    GetTimeouts,
    /// Read version and table size.
    GetInfo,
    /// [`Op::Zero`].
    Zero,
    /// [`Op::Flush`].
    Flush,
    /// Look up the number of the netlink family; a command of the generic netlink controller, not of IPVS.
    GetFamily,
}

impl Op {
    /// The kind of request that carries this change.
    #[must_use]
    pub fn command(&self) -> Command {
        match self {
            Self::NewService(_) => Command::NewService,
            Self::SetService(_) => Command::SetService,
            Self::DelService(_) => Command::DelService,
            Self::NewDest(..) => Command::NewDest,
            Self::SetDest(..) => Command::SetDest,
            Self::DelDest(..) => Command::DelDest,
            Self::Flush => Command::Flush,
            Self::Zero(_) => Command::Zero,
            Self::SetTimeouts(_) => Command::SetTimeouts,
            Self::StartDaemon(_) => Command::NewDaemon,
            Self::StopDaemon(..) => Command::DelDaemon,
        }
    }
}

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NewService => "NEW_SERVICE",
            Self::SetService => "SET_SERVICE",
            Self::DelService => "DEL_SERVICE",
            Self::GetService => "GET_SERVICE",
            Self::NewDest => "NEW_DEST",
            Self::SetDest => "SET_DEST",
            Self::DelDest => "DEL_DEST",
            Self::GetDest => "GET_DEST",
            Self::NewDaemon => "NEW_DAEMON",
            Self::DelDaemon => "DEL_DAEMON",
            Self::GetDaemon => "GET_DAEMON",
            Self::SetTimeouts => "SET_TIMEOUT",
            Self::GetTimeouts => "GET_TIMEOUT",
            Self::GetInfo => "GET_INFO",
            Self::Zero => "ZERO",
            Self::Flush => "FLUSH",
            Self::GetFamily => "GETFAMILY",
        })
    }
}
