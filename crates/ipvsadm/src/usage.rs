//! What can be wrong with a command line. The texts are in [`crate::messages`].

use crate::options::Opt;
use crate::popt::{Bad, Problem};

/// Why a command line is refused, with the facts its message needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UsageError {
    /// The first option is no command, or the command's own value is missing.
    Try,
    /// An argument behind the command is no option.
    BadOption {
        /// The whole argument.
        token: Vec<u8>,
        /// What is wrong with it.
        problem: Problem,
    },
    /// A second command.
    InvalidOption(Vec<u8>),
    /// A plain argument where none is expected.
    UnexpectedArgument(Vec<u8>),
    /// `--set` with fewer than three values.
    SetNeedsThree,
    /// An option given twice.
    Multiple(Opt),
    /// An option the command cannot do without.
    Missing {
        /// The option.
        option: Opt,
        /// The command or tunnel type.
        of: &'static str,
        /// Whether `of` is a tunnel type.
        tunnel: bool,
    },
    /// An option the command does not take.
    Illegal {
        /// The option.
        option: Opt,
        /// The command or tunnel type.
        of: &'static str,
        /// Whether `of` is a tunnel type.
        tunnel: bool,
    },
    /// Two options of which only one can be given.
    Conflict {
        /// The one later in check order.
        later: Opt,
        /// The one earlier in check order.
        earlier: Opt,
        /// The command or tunnel type.
        of: &'static str,
        /// Whether `of` is a tunnel type.
        tunnel: bool,
    },
    /// Listing formats that do not go with the listing asked for.
    ListConflict,
    /// A tunnel option without `-i`.
    TunnelWithoutIpip,
    /// A value that is refused with a fixed sentence.
    BadValue(BadValue),
    /// `-p` or `--set`: no number of seconds from 1 (or 0) to 2678400.
    BadTimeout(Vec<u8>),
    /// `-f`: no number from 1 to 4294967295.
    BadFwmark(Vec<u8>),
    /// `--mcast-group` with a colon, but no IPv6 multicast address.
    BadGroup6(Vec<u8>),
    /// `--mcast-group` without a colon, but no IPv4 multicast address.
    BadGroup4(Vec<u8>),
    /// A scheduler flag that does not exist.
    UnknownFlag(Vec<u8>),
    /// A scheduler flag of another scheduler.
    IncompatibleFlag(Vec<u8>),
    /// Port 0 without persistence.
    ZeroPort,
    /// One-packet scheduling of TCP or SCTP.
    OpsNotUdp,
    /// A real server of another family without tunnel.
    FamilyMismatch,
    /// `-6` without a firewall mark before it.
    Ipv6BeforeFwmark,
}

/// Values whose message does not repeat them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the value it names")]
pub enum BadValue {
    StartState,
    StopState,
    Service,
    RealServer,
    Netmask4,
    Netmask6,
    Weight,
    UThreshold,
    LThreshold,
    SyncId,
    McastPort,
    McastTtl,
    SyncMaxlen,
    TunnelType,
    TunnelPort,
}

impl UsageError {
    /// The exit status: 255 where the option parser itself stopped, 2 otherwise.
    #[must_use]
    pub fn status(&self) -> u8 {
        match self {
            Self::Try | Self::BadOption { .. } => 255,
            _ => 2,
        }
    }

    /// Whether `-R` stops at a line with this error; otherwise it skips the line.
    #[must_use]
    pub fn stops_restore(&self) -> bool {
        !matches!(self, Self::BadOption { .. })
    }
}

impl From<BadValue> for UsageError {
    fn from(value: BadValue) -> Self {
        Self::BadValue(value)
    }
}

impl From<Bad<'_>> for UsageError {
    fn from(bad: Bad<'_>) -> Self {
        Self::BadOption { token: bad.token.to_vec(), problem: bad.problem }
    }
}
