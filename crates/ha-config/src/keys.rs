//! The table of every `ha.cf` directive: what it takes, what it does, and what it does not do here.
//!
//! The order is the one in which the original lists parameters and applies defaults (observed with its option `-v`).

/// How the rest of the line is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Values separated by blanks and commas; each counts.
    Values,
    /// The whole line.
    Line,
    /// A medium per value.
    MediumValues,
    /// A medium from the whole line.
    MediumLine,
}

/// What a directive does in this implementation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// What it says.
    Full,
    /// It is checked and shown, and does nothing more.
    None,
    /// Only values that switch it off are taken.
    Refused,
}

/// One directive.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// Its name; case matters.
    pub name: &'static str,
    /// How the rest of the line is read.
    pub kind: Kind,
    /// The default as text, if it has a fixed one.
    pub default: Option<&'static str>,
    /// What a value has to be.
    pub takes: &'static str,
    /// What it has to precede, or why its place matters otherwise.
    pub order: Option<&'static str>,
    /// Whether children see it as `HA_<name>`.
    pub exported: bool,
    /// What it does here.
    pub effect: Effect,
    /// What it is for.
    pub about: &'static str,
}

const BOOLEAN: &str = "true, on, yes, y, 1, false, off, no, n or 0";
const TIME: &str = "a time: a number of seconds, or a number followed by ms or us";

/// A parameter: takes values and is exported.
const fn parameter(name: &'static str, default: Option<&'static str>, takes: &'static str, about: &'static str) -> Key {
    Key { name, kind: Kind::Values, default, takes, order: None, exported: true, effect: Effect::Full, about }
}

/// Anything else.
const fn other(name: &'static str, kind: Kind, takes: &'static str, about: &'static str) -> Key {
    Key { name, kind, default: None, takes, order: None, exported: false, effect: Effect::Full, about }
}

impl Key {
    const fn without_effect(self) -> Self {
        Self { effect: Effect::None, ..self }
    }

    const fn ordered(self, order: &'static str) -> Self {
        Self { order: Some(order), ..self }
    }
}

const AT_ITS_LINE: &str = "counts from its line on";
const BEFORE_MEDIA: &str = "before the media that use it";

/// The directives.
pub const KEYS: &[Key] = &[
    parameter("cluster", Some("linux-ha"), "a word", "the cluster's name, for programs that ask").without_effect(),
    parameter("hopfudge", Some("1"), "0 to 255", "how many hops a message may make beyond the number of nodes"),
    parameter("keepalive", Some("1000ms"), TIME, "the interval between two heartbeats; above zero"),
    parameter(
        "deadtime",
        Some("30000ms"),
        TIME,
        "silence after which a node is dead; more than twice the keepalive time",
    ),
    parameter("deadping", None, TIME, "silence after which a ping node is dead; the dead time if absent"),
    parameter("initdead", None, TIME, "used for the dead time until communication is up; not below the dead time"),
    parameter("warntime", None, TIME, "silence worth a warning; half the dead time if absent"),
    parameter("watchdog", None, "a device", "the watchdog to feed; once only"),
    parameter(
        "baud",
        Some("19200"),
        "9600, 19200, 38400, 57600, 115200, 230400 or 460800",
        "speed of serial lines; once only",
    )
    .ordered(BEFORE_MEDIA),
    parameter("udpport", None, "1 to 65535", "the port of bcast, ucast and ucast6; 694 if absent")
        .ordered(BEFORE_MEDIA),
    parameter("logfacility", None, "a syslog facility, or none", "where in syslog messages go").ordered(AT_ITS_LINE),
    parameter("logfile", None, "a path", "a file for all messages except those for debugging").ordered(AT_ITS_LINE),
    parameter("debugfile", None, "a path", "a file for all messages").ordered(AT_ITS_LINE),
    parameter("auto_failback", Some("legacy"), "on, off or legacy", "whether a returning node gets its resources back"),
    parameter("rtprio", None, "1 to 99", "realtime priority"),
    parameter("hbgenmethod", Some("file"), "file or time", "where the generation number comes from"),
    parameter("realtime", Some("true"), BOOLEAN, "realtime scheduling, and locking into memory"),
    parameter("debug", None, "0 to 255", "how much is told for debugging; 0 if absent").ordered(AT_ITS_LINE),
    parameter("msgfmt", Some("classic"), "classic or netstring", "how messages are written"),
    parameter("use_logd", None, BOOLEAN, "messages go through the logging daemon").ordered(AT_ITS_LINE),
    parameter("conn_logd_time", Some("60"), TIME, "interval between attempts to reach the logging daemon; above zero"),
    parameter("log_badpack", Some("true"), BOOLEAN, "tell of packets that make no sense"),
    parameter("syslogmsgfmt", Some("true"), BOOLEAN, "lines of log files look like those of syslog")
        .ordered(AT_ITS_LINE),
    parameter("coredumps", Some("true"), BOOLEAN, "leave core files"),
    parameter("coreroot", None, "a directory with its full path", "where core files go"),
    parameter("crmd_spawns_pengine", None, BOOLEAN, "for the CRM, which is not here").without_effect(),
    Key {
        effect: Effect::Refused,
        ..parameter(
            "pacemaker",
            Some("false"),
            "false, off, no, n or 0",
            "the CRM, which is not here; haresources is used",
        )
    },
    parameter("autojoin", Some("none"), "none, other or any", "whether nodes may join that are not listed"),
    parameter("uuidfrom", Some("file"), "file or nodename", "where the node's id comes from"),
    parameter("compression", Some("zlib"), "zlib or bz2", "how long messages are compressed"),
    parameter("compression_threshold", Some("2"), "a number of kB above 0", "from which length on"),
    parameter("traditional_compression", Some("no"), BOOLEAN, "compress all long messages, and not just too long ones"),
    parameter(
        "max_rexmit_delay",
        Some("250"),
        "a number of milliseconds above 0",
        "longest delay of a request for lost packets",
    ),
    parameter("record_config_changes", Some("on"), BOOLEAN, "for the CRM, which is not here").without_effect(),
    parameter("record_pengine_inputs", Some("on"), BOOLEAN, "for the CRM, which is not here").without_effect(),
    parameter("enable_config_writes", Some("on"), BOOLEAN, "for the CRM, which is not here").without_effect(),
    parameter("memreserve", Some("6500"), "a number of kB above 0", "memory set aside at the start"),
    parameter("quorum_server", None, "a host", "for the CRM, which is not here").without_effect(),
    other("crm", Kind::Values, "false, off, no, n or 0", "the old name of pacemaker"),
    other("crm_daemon_dir", Kind::Values, "nothing that we know", "for the CRM, which is not here"),
    other("node", Kind::Values, "names as uname -n prints them", "the members of the cluster"),
    other("nice_failback", Kind::Values, BOOLEAN, "obsolete: on is auto_failback off, off is auto_failback legacy"),
    other("env", Kind::Values, "NAME=value", "a variable HA_NAME for scripts"),
    other("use_apphbd", Kind::Values, BOOLEAN, "watched over by apphbd").without_effect(),
    other("bcast", Kind::MediumValues, "interfaces with a broadcast address", "heartbeats by broadcast"),
    other("udp", Kind::MediumValues, "interfaces with a broadcast address", "the old name of bcast"),
    other("serial", Kind::MediumValues, "character devices with their full path", "heartbeats over serial lines"),
    other(
        "ping",
        Kind::MediumValues,
        "hosts that can be resolved",
        "hosts outside the cluster that show whether the net works",
    ),
    other("ping6", Kind::MediumValues, "IPv6 addresses", "the same over IPv6"),
    other("ucast", Kind::MediumLine, "an interface and a host", "heartbeats to one peer"),
    other("ucast6", Kind::MediumLine, "an interface and an IPv6 address", "the same over IPv6"),
    other(
        "mcast",
        Kind::MediumLine,
        "interface, group, port, ttl (0 to 4) and loop (0 or 1)",
        "heartbeats by multicast",
    ),
    other("mcast6", Kind::MediumLine, "interface, group, port, hops (0 to 4) and loop (0 or 1)", "the same over IPv6"),
    other("ping_group", Kind::MediumLine, "a name and one or more hosts", "one ping node of several hosts"),
    other("stonith", Kind::Line, "a type and a file", "a fencing device"),
    other("stonith_host", Kind::Line, "* or a node, a type and parameters", "a fencing device for some nodes"),
    other("respawn", Kind::Line, "a user and a command with its full path", "a child that is kept running"),
    other(
        "failfast",
        Kind::Line,
        "a user and a command with its full path",
        "a child without which the node must not live",
    ),
    other(
        "apiauth",
        Kind::Line,
        "a client, then uid= or gid= with names separated by commas",
        "who may be this client",
    ),
];

/// Finds a directive by its exact name.
#[must_use]
pub fn find(name: &[u8]) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.name.as_bytes() == name)
}

/// The directive whose name is nearest to `name`, if any is near enough to be what was meant.
#[must_use]
pub fn nearest(name: &str) -> Option<&'static Key> {
    let lower = name.to_lowercase();
    let lower = lower.split([',', '=']).next().unwrap_or_default();
    let near = KEYS.iter().map(|key| (distance(lower, key.name), key)).min_by_key(|(distance, _)| *distance);
    near.filter(|(distance, key)| *distance <= key.name.len().div_ceil(3)).map(|(_, key)| key)
}

/// The longest directive that `name` begins with: a blank may be missing after it.
#[must_use]
pub fn glued(name: &str) -> Option<&'static Key> {
    let glued = KEYS.iter().filter(|key| name.len() > key.name.len() && name.starts_with(key.name));
    glued.max_by_key(|key| key.name.len())
}

/// How many letters have to be inserted, removed or replaced to get from one word to the other.
fn distance(left: &str, right: &str) -> usize {
    let mut row: Vec<usize> = (0..=right.chars().count()).collect();
    for (above, a) in left.chars().enumerate() {
        let mut diagonal = above;
        let mut before = above + 1;
        let mut next = vec![before];
        for (cell, b) in row.iter().skip(1).zip(right.chars()) {
            before = (before + 1).min(cell + 1).min(diagonal + usize::from(a != b));
            diagonal = *cell;
            next.push(before);
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_directive_is_listed_twice() {
        for (index, key) in KEYS.iter().enumerate() {
            assert!(KEYS.iter().skip(index + 1).all(|other| other.name != key.name), "{}", key.name);
        }
    }

    #[test]
    fn the_nearest_directive_is_the_one_that_was_meant() {
        for (written, meant) in [
            ("keepalve", "keepalive"),
            ("Keepalive", "keepalive"),
            ("dead_time", "deadtime"),
            ("udp_port", "udpport"),
            ("keepalive,2", "keepalive"),
            ("nodes", "node"),
            ("log_facilty", "logfacility"),
        ] {
            assert_eq!(nearest(written).map(|key| key.name), Some(meant));
        }
        assert!(nearest("completely-different").is_none());
        assert_eq!(glued("ping6fe80::1").map(|key| key.name), Some("ping6"));
        assert!(glued("ping").is_none());
        assert_eq!(distance("kitten", "sitting"), 3);
    }
}
