//! The table of commands and options: names, values, and which option may go with which command.
//!
//! Order of [`OPTIONS`] is the order in which the checks of [`crate::matrix`] look at them, which decides the message a
//! user sees when several options are wrong (observed in ipvsadm 1.31).

/// What the program is asked to do; exactly one, and the first option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// `-A`
    AddService,
    /// `-E`
    EditService,
    /// `-D`
    DeleteService,
    /// `-C`
    Flush,
    /// `-L`, `-l`
    List,
    /// `-a`
    AddServer,
    /// `-e`
    EditServer,
    /// `-d`
    DeleteServer,
    /// `--set`
    Set,
    /// `--start-daemon`
    StartDaemon,
    /// `--stop-daemon`
    StopDaemon,
    /// `-R`
    Restore,
    /// `-S`
    Save,
    /// `-Z`
    Zero,
    /// `-h`
    Help,
    /// `-v`
    Version,
    /// `--plan`: not in the original.
    Plan,
    /// `--apply`: not in the original.
    Apply,
    /// `--check`: not in the original.
    Check,
}

impl Command {
    /// The command's name in error messages.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::AddService => "add-service",
            Self::EditService => "edit-service",
            Self::DeleteService => "delete-service",
            Self::Flush => "flush",
            Self::List => "list",
            Self::AddServer => "add-server",
            Self::EditServer => "edit-server",
            Self::DeleteServer => "delete-server",
            Self::Set => "set",
            Self::StartDaemon => "start-daemon",
            Self::StopDaemon => "stop-daemon",
            Self::Restore => "restore",
            Self::Save => "save",
            Self::Zero => "zero",
            Self::Help => "help",
            Self::Version => "version",
            Self::Plan => "plan",
            Self::Apply => "apply",
            Self::Check => "check",
        }
    }
}

/// An option as the checks see it: several spellings (`-t`, `-u`) can be the same option.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
#[expect(missing_docs, reason = "each is named like its long option, see `Opt::name`")]
pub enum Opt {
    Numeric,
    Connection,
    ServiceAddress,
    Scheduler,
    Persistent,
    Netmask,
    RealServer,
    ForwardingMethod,
    Weight,
    UThreshold,
    LThreshold,
    McastInterface,
    Timeout,
    Daemon,
    Stats,
    Rate,
    Thresholds,
    PersistentConn,
    Nosort,
    SyncId,
    Exact,
    Ops,
    Pe,
    SchedFlags,
    McastGroup,
    McastPort,
    McastTtl,
    SyncMaxlen,
    TunInfo,
    TunType,
    TunPort,
    TunNocsum,
    TunCsum,
    TunRemcsum,
    Json,
    Legacy,
}

/// Every [`Opt`] in check order, with its name in error messages.
pub const OPTIONS: [(Opt, &str); 36] = [
    (Opt::Numeric, "numeric"),
    (Opt::Connection, "connection"),
    (Opt::ServiceAddress, "service-address"),
    (Opt::Scheduler, "scheduler"),
    (Opt::Persistent, "persistent"),
    (Opt::Netmask, "netmask"),
    (Opt::RealServer, "real-server"),
    (Opt::ForwardingMethod, "forwarding-method"),
    (Opt::Weight, "weight"),
    (Opt::UThreshold, "u-threshold"),
    (Opt::LThreshold, "l-threshold"),
    (Opt::McastInterface, "mcast-interface"),
    (Opt::Timeout, "timeout"),
    (Opt::Daemon, "daemon"),
    (Opt::Stats, "stats"),
    (Opt::Rate, "rate"),
    (Opt::Thresholds, "thresholds"),
    (Opt::PersistentConn, "persistent-conn"),
    (Opt::Nosort, "nosort"),
    (Opt::SyncId, "syncid"),
    (Opt::Exact, "exact"),
    (Opt::Ops, "ops"),
    (Opt::Pe, "pe"),
    (Opt::SchedFlags, "sched-flags"),
    (Opt::McastGroup, "mcast-group"),
    (Opt::McastPort, "mcast-port"),
    (Opt::McastTtl, "mcast-ttl"),
    (Opt::SyncMaxlen, "sync-maxlen"),
    (Opt::TunInfo, "tun-info"),
    (Opt::TunType, "tun-type"),
    (Opt::TunPort, "tun-port"),
    (Opt::TunNocsum, "tun-nocsum"),
    (Opt::TunCsum, "tun-csum"),
    (Opt::TunRemcsum, "tun-remcsum"),
    (Opt::Json, "json"),
    (Opt::Legacy, "legacy"),
];

impl Opt {
    /// The option's name in error messages.
    #[must_use]
    pub fn name(self) -> &'static str {
        OPTIONS.iter().find(|(opt, _)| *opt == self).map_or("", |(_, name)| name)
    }
}

/// A set of options.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OptSet(u64);

impl OptSet {
    /// The set of these options.
    #[must_use]
    pub const fn of(options: &[Opt]) -> Self {
        let mut bits = 0;
        let mut rest = options;
        while let [first, others @ ..] = rest {
            bits |= 1 << (*first as u8);
            rest = others;
        }
        Self(bits)
    }

    /// Whether `option` is in the set.
    #[must_use]
    pub fn has(self, option: Opt) -> bool {
        self.0 & (1 << (option as u8)) != 0
    }

    /// Whether the two sets share an option.
    #[must_use]
    pub fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Adds an option; `false` if it was there already.
    pub fn insert(&mut self, option: Opt) -> bool {
        let new = !self.has(option);
        self.0 |= 1 << (option as u8);
        new
    }
}

/// What a spelling on the command line means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is named like its long option in `SPELLINGS`")]
pub enum Id {
    Command(Command),
    Tcp,
    Udp,
    Sctp,
    Fwmark,
    Ipv6,
    Gatewaying,
    Masquerading,
    Ipip,
    /// `--sort`: accepted any number of times, without effect.
    Sort,
    /// Everything whose meaning is the option itself.
    Plain(Opt),
}

/// Whether a spelling takes a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value {
    /// Never.
    None,
    /// Always: the rest of the cluster, the text behind `=`, or the next argument whatever it looks like.
    Required,
    /// The next argument only if it does not begin with `-`.
    Optional,
}

/// One spelling: the letter if it has one, the long name, its value and its meaning.
pub type Spelling = (Option<u8>, &'static str, Value, Id);

use Command as C;
use Id::{Command as Cmd, Plain};
use Value::{None as Flag, Optional, Required};

/// Every spelling that the program understands.
pub const SPELLINGS: [Spelling; 63] = [
    (Some(b'A'), "add-service", Flag, Cmd(C::AddService)),
    (Some(b'E'), "edit-service", Flag, Cmd(C::EditService)),
    (Some(b'D'), "delete-service", Flag, Cmd(C::DeleteService)),
    (Some(b'C'), "clear", Flag, Cmd(C::Flush)),
    (Some(b'L'), "list", Flag, Cmd(C::List)),
    (Some(b'l'), "list", Flag, Cmd(C::List)),
    (Some(b'a'), "add-server", Flag, Cmd(C::AddServer)),
    (Some(b'e'), "edit-server", Flag, Cmd(C::EditServer)),
    (Some(b'd'), "delete-server", Flag, Cmd(C::DeleteServer)),
    (None, "set", Flag, Cmd(C::Set)),
    (None, "start-daemon", Required, Cmd(C::StartDaemon)),
    (None, "stop-daemon", Required, Cmd(C::StopDaemon)),
    (Some(b'R'), "restore", Flag, Cmd(C::Restore)),
    (Some(b'S'), "save", Flag, Cmd(C::Save)),
    (Some(b'Z'), "zero", Flag, Cmd(C::Zero)),
    (Some(b'h'), "help", Flag, Cmd(C::Help)),
    (Some(b'v'), "version", Flag, Cmd(C::Version)),
    (Some(b't'), "tcp-service", Required, Id::Tcp),
    (Some(b'u'), "udp-service", Required, Id::Udp),
    (None, "sctp-service", Required, Id::Sctp),
    (Some(b'f'), "fwmark-service", Required, Id::Fwmark),
    (Some(b'6'), "ipv6", Flag, Id::Ipv6),
    (Some(b's'), "scheduler", Required, Plain(Opt::Scheduler)),
    (Some(b'p'), "persistent", Optional, Plain(Opt::Persistent)),
    (Some(b'M'), "netmask", Required, Plain(Opt::Netmask)),
    (Some(b'o'), "ops", Flag, Plain(Opt::Ops)),
    (None, "pe", Required, Plain(Opt::Pe)),
    (Some(b'b'), "sched-flags", Required, Plain(Opt::SchedFlags)),
    (Some(b'r'), "real-server", Required, Plain(Opt::RealServer)),
    (Some(b'g'), "gatewaying", Flag, Id::Gatewaying),
    (Some(b'm'), "masquerading", Flag, Id::Masquerading),
    (Some(b'i'), "ipip", Flag, Id::Ipip),
    (Some(b'w'), "weight", Required, Plain(Opt::Weight)),
    (Some(b'x'), "u-threshold", Required, Plain(Opt::UThreshold)),
    (Some(b'y'), "l-threshold", Required, Plain(Opt::LThreshold)),
    (None, "tun-type", Required, Plain(Opt::TunType)),
    (None, "tun-port", Required, Plain(Opt::TunPort)),
    (None, "tun-nocsum", Flag, Plain(Opt::TunNocsum)),
    (None, "tun-csum", Flag, Plain(Opt::TunCsum)),
    (None, "tun-remcsum", Flag, Plain(Opt::TunRemcsum)),
    (Some(b'n'), "numeric", Flag, Plain(Opt::Numeric)),
    (Some(b'c'), "connection", Flag, Plain(Opt::Connection)),
    (None, "timeout", Flag, Plain(Opt::Timeout)),
    (None, "daemon", Flag, Plain(Opt::Daemon)),
    (None, "stats", Flag, Plain(Opt::Stats)),
    (None, "rate", Flag, Plain(Opt::Rate)),
    (None, "thresholds", Flag, Plain(Opt::Thresholds)),
    (None, "persistent-conn", Flag, Plain(Opt::PersistentConn)),
    (None, "tun-info", Flag, Plain(Opt::TunInfo)),
    (Some(b'X'), "exact", Flag, Plain(Opt::Exact)),
    (None, "nosort", Flag, Plain(Opt::Nosort)),
    (None, "sort", Flag, Id::Sort),
    (None, "mcast-interface", Required, Plain(Opt::McastInterface)),
    (None, "syncid", Required, Plain(Opt::SyncId)),
    (None, "sync-maxlen", Required, Plain(Opt::SyncMaxlen)),
    (None, "mcast-group", Required, Plain(Opt::McastGroup)),
    (None, "mcast-port", Required, Plain(Opt::McastPort)),
    (None, "mcast-ttl", Required, Plain(Opt::McastTtl)),
    // Not in the original. They have no letter, so that no cluster of letters reaches them.
    (None, "json", Flag, Plain(Opt::Json)),
    (None, "legacy", Flag, Plain(Opt::Legacy)),
    (None, "plan", Flag, Cmd(C::Plan)),
    (None, "apply", Flag, Cmd(C::Apply)),
    (None, "check", Flag, Cmd(C::Check)),
];

/// The spelling with this letter.
#[must_use]
pub fn by_letter(letter: u8) -> Option<&'static Spelling> {
    SPELLINGS.iter().find(|spelling| spelling.0 == Some(letter))
}

/// The spelling with exactly this long name; abbreviations are not accepted.
#[must_use]
pub fn by_name(name: &[u8]) -> Option<&'static Spelling> {
    SPELLINGS.iter().find(|spelling| spelling.1.as_bytes() == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_option_table_is_in_the_order_of_the_enum() {
        for (index, (opt, name)) in OPTIONS.iter().enumerate() {
            assert_eq!(*opt as usize, index, "{name}");
            assert_eq!(opt.name(), *name);
        }
    }

    #[test]
    fn a_set_tells_a_second_insertion() {
        let mut set = OptSet::default();
        assert!(set.insert(Opt::Json));
        assert!(!set.insert(Opt::Json));
        assert!(set.has(Opt::Json) && !set.has(Opt::Numeric));
        assert!(set.meets(OptSet::of(&[Opt::Json, Opt::Rate])));
    }

    #[test]
    fn no_letter_is_used_twice() {
        for (index, spelling) in SPELLINGS.iter().enumerate() {
            let Some(letter) = spelling.0 else { continue };
            assert!(!SPELLINGS[index + 1..].iter().any(|other| other.0 == Some(letter)), "{}", char::from(letter));
        }
    }
}
