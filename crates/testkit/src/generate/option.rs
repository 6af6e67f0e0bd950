//! The options a line can carry, before it is decided how they are written.

/// One option.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opt {
    /// Long name without dashes; empty for a plain argument.
    pub long: &'static str,
    /// Short name, if there is one.
    pub short: Option<char>,
    /// Its value.
    pub value: Option<String>,
    /// The value may be absent, so a short option takes it only from its own word or a next word without a dash.
    pub optional: bool,
}

impl Opt {
    /// An option without a value.
    pub fn flag(long: &'static str) -> Self {
        Self { long, short: short_of(long), value: None, optional: long == "persistent" }
    }

    /// An option with a value.
    pub fn with(long: &'static str, value: impl Into<String>) -> Self {
        Self { value: Some(value.into()), ..Self::flag(long) }
    }

    /// A plain argument.
    pub fn argument(value: impl Into<String>) -> Self {
        Self { long: "", short: None, value: Some(value.into()), optional: false }
    }
}

/// Long and short names; options without a short name are not listed.
const SHORT: &[(&str, char)] = &[
    ("add-service", 'A'),
    ("edit-service", 'E'),
    ("delete-service", 'D'),
    ("clear", 'C'),
    ("list", 'L'),
    ("add-server", 'a'),
    ("edit-server", 'e'),
    ("delete-server", 'd'),
    ("restore", 'R'),
    ("save", 'S'),
    ("zero", 'Z'),
    ("help", 'h'),
    ("version", 'v'),
    ("tcp-service", 't'),
    ("udp-service", 'u'),
    ("fwmark-service", 'f'),
    ("ipv6", '6'),
    ("scheduler", 's'),
    ("persistent", 'p'),
    ("netmask", 'M'),
    ("ops", 'o'),
    ("sched-flags", 'b'),
    ("real-server", 'r'),
    ("gatewaying", 'g'),
    ("masquerading", 'm'),
    ("ipip", 'i'),
    ("weight", 'w'),
    ("u-threshold", 'x'),
    ("l-threshold", 'y'),
    ("numeric", 'n'),
    ("connection", 'c'),
    ("exact", 'X'),
];

fn short_of(long: &str) -> Option<char> {
    SHORT.iter().find(|(name, _)| *name == long).map(|(_, short)| *short)
}

/// Long options that take a value, for damaging lines.
pub const VALUED: &[&str] = &[
    "--tcp-service",
    "--udp-service",
    "--sctp-service",
    "--fwmark-service",
    "--scheduler",
    "--persistent",
    "--netmask",
    "--pe",
    "--sched-flags",
    "--real-server",
    "--weight",
    "--u-threshold",
    "--l-threshold",
    "--tun-type",
    "--tun-port",
    "--mcast-interface",
    "--syncid",
    "--sync-maxlen",
    "--mcast-group",
    "--mcast-port",
    "--mcast-ttl",
    "--start-daemon",
    "--stop-daemon",
];
