//! From words to an [`Invocation`]: what the user wants, with every value read and every rule checked.
//!
//! Words are read from left to right and the first bad one decides the message; rules that concern several options come
//! after that, in the order the original checks them (observed in ipvsadm 1.31).

use crate::address;
use crate::draft::Draft;
use crate::matrix::{self, TunnelType};
use crate::names::Names;
use crate::number;
use crate::options::{Command, Id, Opt, OptSet};
use crate::popt::{Item, Lexer};
use crate::usage::{BadValue, UsageError};
use ipvs::Op;
use ipvs::model::{DaemonState, InterfaceName, PeName, Protocol, SchedulerName, ServiceKey, Timeouts};
use std::net::Ipv4Addr;

/// What the user wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Invocation {
    /// Show the help text.
    Help,
    /// Show the version line.
    Version,
    /// Change the table.
    Change(Op),
    /// Show something.
    List(Listing),
    /// Print the rules that would make this table.
    Save {
        /// Numbers instead of names.
        numeric: bool,
    },
    /// Read command lines from standard input.
    Restore,
    /// Print the rules that lead from the kernel's table to the file's.
    Plan(RulesSource),
    /// Carry them out.
    Apply(RulesSource),
    /// Check the file without looking at the kernel's table.
    Check {
        /// Where the rules are.
        source: RulesSource,
        /// Say what `-R` would say, and no more.
        legacy: bool,
    },
}

/// Where a rules file comes from: a path, or standard input.
pub type RulesSource = Option<Vec<u8>>;

/// What to list, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listing {
    /// What.
    pub what: What,
    /// Which columns.
    pub format: Format,
    /// Numbers instead of names.
    pub numeric: bool,
    /// No `K`, `M`, `G`, `T`.
    pub exact: bool,
    /// In order of addresses instead of the kernel's order.
    pub sorted: bool,
}

/// What to list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// All services.
    Services,
    /// One service.
    Service(ServiceKey),
    /// All services or one, as JSON.
    Json(Option<ServiceKey>),
    /// Connections; with the columns of persistence engines if set.
    Connections {
        /// Show engine name and data.
        with_pe: bool,
    },
    /// Connection timeouts.
    Timeouts,
    /// Sync daemons.
    Daemons,
}

/// Columns of a service listing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is named like its option")]
pub enum Format {
    Default,
    Stats,
    Rate,
    Thresholds,
    PersistentConn,
    TunInfo,
}

/// How to read a command line.
#[derive(Clone, Copy, Debug, Default)]
pub struct Reading {
    /// Options end at the first plain argument (`POSIXLY_CORRECT`).
    pub posixly_correct: bool,
    /// The line comes from `-R`, inside which `-R` is no command.
    pub nested: bool,
}

/// A refused command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Why.
    pub error: UsageError,
    /// Index of the word at fault; the command's if the line as a whole is.
    pub word: usize,
}

/// Reads the words behind the program's name; none at all mean: list with names.
///
/// # Errors
/// [`Refusal`], for the same reason as the original would report.
pub fn parse(words: &[&[u8]], reading: Reading, names: &dyn Names) -> Result<Invocation, Refusal> {
    let mut word = 0;
    parse_at(words, reading, names, &mut word).map_err(|error| Refusal { error, word })
}

fn parse_at(words: &[&[u8]], reading: Reading, names: &dyn Names, at: &mut usize) -> Result<Invocation, UsageError> {
    if words.is_empty() {
        return Ok(Invocation::List(listing(What::Services, OptSet::default())));
    }
    let mut lexer = Lexer::new(words, reading.posixly_correct);
    let (command, value) = match lexer.next() {
        Ok(Some(Item { id: Id::Command(Command::Restore), .. })) if reading.nested => return Err(UsageError::Try),
        Ok(Some(Item { id: Id::Command(command), value, .. })) => (command, value),
        _ => return Err(UsageError::Try),
    };
    match command {
        Command::Help => return Ok(Invocation::Help),
        Command::Version => return Ok(Invocation::Version),
        _ => {}
    }
    *at = lexer.consumed().saturating_sub(1);
    let state = daemon_state(command, value)?;
    let mut given = OptSet::default();
    let mut draft = Draft::default();
    let command_word = *at;
    loop {
        let item = lexer.next();
        *at = lexer.consumed().saturating_sub(1);
        let Some(item) = item? else { break };
        option(&item, &mut given, &mut draft, names)?;
    }
    *at = command_word;
    let timeouts = rest(command, lexer.plain()).inspect_err(|error| {
        if let UsageError::UnexpectedArgument(word) | UsageError::BadTimeout(word) = error {
            *at = words.iter().position(|other| other == word).unwrap_or(command_word);
        }
    })?;
    let flags = draft.scheduler_flags()?;
    matrix::check(command, given)?;
    let op = match command {
        Command::AddService => Op::NewService(draft.service(given, flags)?),
        Command::EditService => Op::SetService(draft.service(given, flags)?),
        Command::DeleteService => Op::DelService(draft.key()),
        Command::AddServer => Op::NewDest(draft.key(), draft.dest(given)?),
        Command::EditServer => Op::SetDest(draft.key(), draft.dest(given)?),
        Command::DeleteServer => Op::DelDest(draft.key(), draft.dest_key()?),
        Command::Flush => Op::Flush,
        Command::Zero => Op::Zero(draft.zero_key(given)),
        Command::Set => Op::SetTimeouts(timeouts),
        Command::StartDaemon => Op::StartDaemon(draft.daemon(state)),
        Command::StopDaemon => Op::StopDaemon(state, draft.sync_id),
        Command::List => {
            matrix::check_list(given)?;
            return Ok(Invocation::List(listing(what(given, &draft), given)));
        }
        Command::Save => return Ok(Invocation::Save { numeric: given.has(Opt::Numeric) }),
        Command::Restore => return Ok(Invocation::Restore),
        Command::Plan => return Ok(Invocation::Plan(source(lexer.plain()))),
        Command::Apply => return Ok(Invocation::Apply(source(lexer.plain()))),
        Command::Check => {
            return Ok(Invocation::Check { source: source(lexer.plain()), legacy: given.has(Opt::Legacy) });
        }
        Command::Help | Command::Version => return Err(UsageError::Try),
    };
    Ok(Invocation::Change(op))
}

fn daemon_state(command: Command, value: Option<&[u8]>) -> Result<DaemonState, UsageError> {
    let bad = match command {
        Command::StartDaemon => BadValue::StartState,
        Command::StopDaemon => BadValue::StopState,
        _ => return Ok(DaemonState::Master),
    };
    match value {
        Some(b"master") => Ok(DaemonState::Master),
        Some(b"backup") => Ok(DaemonState::Backup),
        _ => Err(bad.into()),
    }
}

/// The plain arguments: values of `--set`, a file of ours, or a mistake.
fn rest(command: Command, plain: &[&[u8]]) -> Result<Timeouts, UsageError> {
    let mut timeouts = Timeouts::default();
    let unexpected = match command {
        Command::Set => {
            let [tcp, tcp_fin, udp, behind @ ..] = plain else { return Err(UsageError::SetNeedsThree) };
            timeouts = Timeouts { tcp: seconds(tcp, 0)?, tcp_fin: seconds(tcp_fin, 0)?, udp: seconds(udp, 0)? };
            behind
        }
        Command::Plan | Command::Apply | Command::Check => plain.get(1..).unwrap_or_default(),
        _ => plain,
    };
    match unexpected {
        [first, ..] => Err(UsageError::UnexpectedArgument(first.to_vec())),
        [] => Ok(timeouts),
    }
}

fn source(plain: &[&[u8]]) -> RulesSource {
    plain.first().filter(|path| **path != b"-").map(|path| path.to_vec())
}

/// Seconds of a timeout: at most 31 days.
fn seconds(text: &[u8], low: i64) -> Result<u32, UsageError> {
    number::between(text, low, 2_678_400).ok_or_else(|| UsageError::BadTimeout(text.to_vec()))
}

fn what(given: OptSet, draft: &Draft) -> What {
    let key = given.has(Opt::ServiceAddress).then(|| draft.key());
    if given.has(Opt::Json) {
        What::Json(key)
    } else if given.has(Opt::Connection) {
        What::Connections { with_pe: given.has(Opt::PersistentConn) }
    } else if let Some(key) = key {
        What::Service(key)
    } else if given.has(Opt::Timeout) {
        What::Timeouts
    } else if given.has(Opt::Daemon) {
        What::Daemons
    } else {
        What::Services
    }
}

fn listing(what: What, given: OptSet) -> Listing {
    let format = [
        (Opt::Stats, Format::Stats),
        (Opt::Rate, Format::Rate),
        (Opt::Thresholds, Format::Thresholds),
        (Opt::PersistentConn, Format::PersistentConn),
        (Opt::TunInfo, Format::TunInfo),
    ];
    Listing {
        what,
        format: format.iter().find(|(option, _)| given.has(*option)).map_or(Format::Default, |(_, format)| *format),
        numeric: given.has(Opt::Numeric),
        exact: given.has(Opt::Exact),
        sorted: !given.has(Opt::Nosort),
    }
}

/// Takes one option behind the command. That an option is repeated is noticed before its value is looked at.
fn option(item: &Item<'_>, given: &mut OptSet, draft: &mut Draft, names: &dyn Names) -> Result<(), UsageError> {
    let value = item.value.unwrap_or_default();
    let mut once = |option| if given.insert(option) { Ok(()) } else { Err(UsageError::Multiple(option)) };
    let number = |low: i64, high: i64, bad: BadValue| number::between(value, low, high).ok_or(bad);
    let max = i64::from(i32::MAX);
    match item.id {
        Id::Command(_) => return Err(UsageError::InvalidOption(item.token.to_vec())),
        Id::Sort => {}
        Id::Tcp | Id::Udp | Id::Sctp => {
            once(Opt::ServiceAddress)?;
            let protocol = match item.id {
                Id::Tcp => Protocol::Tcp,
                Id::Udp => Protocol::Udp,
                _ => Protocol::Sctp,
            };
            let endpoint = address::endpoint(value, Some(protocol), names).ok_or(BadValue::Service)?;
            draft.set_service_address(protocol, endpoint);
        }
        Id::Fwmark => {
            once(Opt::ServiceAddress)?;
            let mark = number::between(value, 1, i64::from(u32::MAX)).unwrap_or(0);
            draft.set_mark(mark).ok_or_else(|| UsageError::BadFwmark(value.to_vec()))?;
        }
        Id::Ipv6 => draft.set_ipv6().ok_or(UsageError::Ipv6BeforeFwmark)?,
        Id::Gatewaying | Id::Masquerading | Id::Ipip => {
            once(Opt::ForwardingMethod)?;
            draft.method = item.id;
        }
        Id::Plain(option) => {
            once(option)?;
            match option {
                Opt::Scheduler => draft.scheduler = SchedulerName::truncated(value),
                Opt::Persistent => {
                    let timeout = item.value.map_or(Ok(360), |text| seconds(text, 1))?;
                    draft.persistent = Some(timeout);
                }
                Opt::Netmask => draft.set_netmask(value, names)?,
                Opt::Pe => draft.pe = PeName::truncated(value),
                Opt::SchedFlags => draft.sched_flags = value.get(..127).unwrap_or(value).to_vec(),
                Opt::RealServer => draft.set_real_server(value, names)?,
                Opt::Weight => draft.weight = number(0, max, BadValue::Weight)?,
                Opt::UThreshold => draft.upper_threshold = number(0, max, BadValue::UThreshold)?,
                Opt::LThreshold => draft.lower_threshold = number(0, max, BadValue::LThreshold)?,
                Opt::TunType => {
                    draft.tunnel = match value {
                        b"ipip" => TunnelType::Ipip,
                        b"gue" => TunnelType::Gue,
                        b"gre" => TunnelType::Gre,
                        _ => return Err(BadValue::TunnelType.into()),
                    }
                }
                Opt::TunPort => draft.tunnel_port = number(1, 65535, BadValue::TunnelPort)?,
                Opt::McastInterface => draft.interface = InterfaceName::truncated(value),
                Opt::SyncId => draft.sync_id = u8::try_from(number(0, 255, BadValue::SyncId)?).unwrap_or(0),
                Opt::SyncMaxlen => draft.sync_maxlen = number(1, 65507, BadValue::SyncMaxlen)?,
                Opt::McastPort => draft.mcast_port = number(1, 65535, BadValue::McastPort)?,
                Opt::McastTtl => draft.mcast_ttl = number(1, 255, BadValue::McastTtl)?,
                Opt::McastGroup => draft.group = Some(group(value)?),
                _ => {}
            }
        }
    }
    Ok(())
}

fn group(text: &[u8]) -> Result<std::net::IpAddr, UsageError> {
    if text.contains(&b':') {
        let addr = address::inet6(text).filter(std::net::Ipv6Addr::is_multicast);
        return addr.map(Into::into).ok_or_else(|| UsageError::BadGroup6(text.to_vec()));
    }
    let addr = std::str::from_utf8(text).ok().and_then(|text| text.parse::<Ipv4Addr>().ok());
    addr.filter(Ipv4Addr::is_multicast).map(Into::into).ok_or_else(|| UsageError::BadGroup4(text.to_vec()))
}

#[cfg(test)]
#[path = "args_tests.rs"]
mod tests;
