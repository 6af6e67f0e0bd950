//! Everything that can be found in a configuration, without words: the texts are the caller's.

mod problem;

use crate::lexer::Span;

pub use problem::{ApiAuth, Keys, Multicast, Respawn, Serial, Stonith, Unicast, Unicast6};

/// One of the three files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum File {
    /// `ha.cf`
    HaCf,
    /// `authkeys`
    AuthKeys,
    /// `haresources`
    HaResources,
}

impl File {
    /// Its name in the configuration directory.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::HaCf => "ha.cf",
            Self::AuthKeys => "authkeys",
            Self::HaResources => "haresources",
        }
    }
}

/// A finding and where it was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Located {
    /// The file.
    pub file: File,
    /// The place; `None` if it is about the file as a whole.
    pub span: Option<Span>,
    /// What was found.
    pub finding: Finding,
}

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Gravity {
    /// Good to know.
    Note,
    /// The daemon starts, but probably not as meant.
    Warning,
    /// The daemon does not start.
    Error,
}

/// What was found. Facts only; each is one problem, which the original may report in several lines.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Finding {
    /// A file cannot be opened.
    CannotOpen(File),
    /// The syntax of `ha.cf` is wrong: nothing else is looked at.
    NotStarted,
    /// A line is longer than can be read. Ours: the original splits it.
    LineTooLong {
        /// Its length in bytes.
        length: usize,
    },
    /// No such directive.
    UnknownDirective {
        /// As written.
        name: String,
    },
    /// A value is not what the directive takes.
    BadValue {
        /// The directive.
        directive: &'static str,
        /// The value as written.
        value: String,
    },
    /// A directive may be given once.
    Twice {
        /// The directive.
        directive: &'static str,
    },
    /// `udp` is an old name of `bcast`.
    UdpReplaced,
    /// `bcast`: the interface has no broadcast address.
    Broadcast {
        /// The interface.
        interface: String,
        /// What the kernel says.
        reason: String,
    },
    /// `ucast`
    Unicast(Unicast),
    /// `ucast6`
    Unicast6(Unicast6),
    /// `mcast` and `mcast6`
    Multicast {
        /// `mcast6`
        six: bool,
        /// The interface.
        interface: String,
        /// What is wrong.
        problem: Multicast,
    },
    /// `serial`
    Serial {
        /// The device.
        device: String,
        /// What is wrong.
        problem: Serial,
    },
    /// `ping` and `ping6`: the host is not known.
    Ping {
        /// `ping6`
        six: bool,
        /// The host.
        host: String,
    },
    /// A member of a `ping_group` is not known; the others are used.
    PingGroupMember {
        /// The host.
        host: String,
    },
    /// The port belongs to another service.
    PortTaken {
        /// The port.
        port: u16,
        /// The service.
        service: String,
    },
    /// A setting comes after media that have already read it.
    TooLate {
        /// `udpport` or `baud`.
        directive: &'static str,
    },
    /// A node is named twice. Ours: the original makes two entries.
    NodeTwice {
        /// The node.
        node: String,
    },
    /// More than [`crate::evaluate::MOST_NODES`] nodes.
    TooManyNodes {
        /// The first that is too many.
        node: String,
    },
    /// `nice_failback` is obsolete; `None`: its value is none either.
    NiceFailback {
        /// As written.
        value: String,
        /// What it now means: `true` for `auto_failback off`, `false` for `legacy`.
        meaning: Option<bool>,
    },
    /// The logging daemon is used.
    LogdOn {
        /// This is the first line for it and it does not answer.
        unreachable: bool,
    },
    /// The logging daemon is not used.
    LogdOff,
    /// `coreroot` is no full path.
    CoreRoot {
        /// As written.
        path: String,
    },
    /// The kernel overwrites core files.
    CoreFiles,
    /// `traditional_compression` is on.
    TraditionalCompression,
    /// Whether there is a CRM, as written.
    Pacemaker {
        /// As written.
        value: String,
    },
    /// There is no CRM here. Ours.
    PacemakerRefused {
        /// As written.
        value: String,
    },
    /// It must come before `crm` and `pacemaker`.
    TooLateForPacemaker {
        /// The value.
        value: String,
        /// Whether it is refused, or only complained of.
        refused: bool,
    },
    /// `env` without a name or without `=`.
    Env {
        /// As written.
        pair: String,
    },
    /// `respawn` and `failfast`
    Respawn(Respawn),
    /// `apiauth`
    ApiAuth {
        /// The rest of the line.
        rest: String,
        /// What is wrong; `None`: neither users nor groups.
        problem: Option<ApiAuth>,
    },
    /// `stonith` and `stonith_host`
    Stonith(Stonith),
    /// No media.
    NoMedia,
    /// No nodes.
    NoNodes,
    /// This node is not a member.
    NotAMember {
        /// This node.
        node: String,
    },
    /// This node was added (`autojoin any`).
    Added {
        /// This node.
        node: String,
    },
    /// `deadtime` is not above twice `keepalive`. Milliseconds.
    DeadtimeTooSmall {
        /// The dead time.
        deadtime: u64,
        /// The keepalive time.
        keepalive: u64,
    },
    /// `initdead` is below `deadtime`. Milliseconds.
    InitdeadTooSmall {
        /// The initial dead time.
        initdead: u64,
        /// The dead time.
        deadtime: u64,
    },
    /// `initdead` is below ten seconds. Milliseconds.
    InitdeadShort {
        /// The initial dead time.
        initdead: u64,
    },
    /// `deadping` is not above twice `keepalive`. Milliseconds.
    DeadpingTooSmall {
        /// The dead time of ping nodes.
        deadping: u64,
        /// The keepalive time.
        keepalive: u64,
    },
    /// `auto_failback legacy`, or nothing.
    LegacyFailback,
    /// No log target: the logging daemon is used.
    NoLogTarget {
        /// This is the first line for it and it does not answer.
        unreachable: bool,
    },
    /// No log target, and no logging daemon is wanted.
    NowhereToLog {
        /// This is the first line for the logging daemon and it does not answer.
        unreachable: bool,
    },
    /// The logging daemon and other targets.
    LogdBesides {
        /// One of them is a facility.
        facility: bool,
    },
    /// `autojoin` does not go with `haresources`.
    AutojoinConflict,
    /// `ha.cf` and the keys are good.
    Validated,
    /// `authkeys`
    Keys(Keys),
    /// The keys cannot be used.
    KeysRefused,
    /// A line of `haresources` begins with a node that is not in `ha.cf`.
    ResourceNode {
        /// The word.
        name: String,
    },
}

impl Finding {
    /// How much it matters.
    #[must_use]
    pub fn gravity(&self) -> Gravity {
        match self {
            Self::Pacemaker { .. } | Self::Added { .. } | Self::Validated => Gravity::Note,
            Self::UdpReplaced
            | Self::PingGroupMember { .. }
            | Self::PortTaken { .. }
            | Self::TooLate { .. }
            | Self::NodeTwice { .. }
            | Self::CoreFiles
            | Self::TraditionalCompression
            | Self::InitdeadShort { .. }
            | Self::LegacyFailback
            | Self::LogdBesides { .. }
            | Self::TooLateForPacemaker { refused: false, .. }
            | Self::NiceFailback { meaning: Some(_), .. } => Gravity::Warning,
            Self::LogdOn { unreachable } | Self::NoLogTarget { unreachable } => {
                if *unreachable {
                    Gravity::Warning
                } else {
                    Gravity::Note
                }
            }
            Self::LogdOff => Gravity::Note,
            _ => Gravity::Error,
        }
    }
}
