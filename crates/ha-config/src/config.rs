//! What `ha.cf` means after all checks, as plain data for the daemon.

use cluster_protocol::compress::Compression;
use cluster_protocol::settings::{AutoFailback, Autojoin, MessageFormat};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::PathBuf;
use std::time::Duration;

/// A validated configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// This node, lower case.
    pub node: String,
    /// The cluster's members in the order of the file, lower case, no doubles.
    pub nodes: Vec<String>,
    /// All media in the order of the file, one entry per interface, port or ping node.
    pub media: Vec<Medium>,
    /// `keepalive`.
    pub keepalive: Duration,
    /// `deadtime`.
    pub deadtime: Duration,
    /// `warntime`; half of the deadtime if absent.
    pub warntime: Duration,
    /// `deadping`; the deadtime if absent.
    pub deadping: Duration,
    /// `initdead`, or what follows from the deadtime.
    pub initdead: Duration,
    /// `hopfudge`.
    pub hopfudge: u32,
    /// `auto_failback`, after `nice_failback` was translated.
    pub auto_failback: AutoFailback,
    /// `autojoin`.
    pub autojoin: Autojoin,
    /// `msgfmt`.
    pub msgfmt: MessageFormat,
    /// `compression` and its two companions.
    pub compression: Compression,
    /// `max_rexmit_delay`.
    pub max_rexmit_delay: Duration,
    /// `hbgenmethod time`: the generation is the time, the file is left alone.
    pub generation_is_time: bool,
    /// `uuidfrom nodename`: the id is made from the name, the file is left alone.
    pub uuid_from_name: bool,
    /// Where log lines go.
    pub logging: Logging,
    /// `realtime`.
    pub realtime: bool,
    /// `rtprio`: 1 to 99.
    pub realtime_priority: u8,
    /// `memreserve` in kB.
    pub memory_reserve_kb: u32,
    /// `watchdog`.
    pub watchdog: Option<PathBuf>,
    /// `respawn` and `failfast` lines in the order of the file.
    pub respawn: Vec<Respawn>,
    /// `apiauth` lines, then the defaults for names that have none.
    pub apiauth: Vec<ApiAuth>,
    /// `stonith` and those `stonith_host` lines that are for this node; only the last one counts.
    pub stonith: Vec<Stonith>,
    /// `coredumps`.
    pub coredumps: bool,
    /// `coreroot`.
    pub coreroot: PathBuf,
    /// `use_apphbd`.
    pub use_apphbd: bool,
    /// `false` with option `-M`: no resources are managed and `haresources` is not read.
    pub manages_resources: bool,
    /// Recorded parameters (directive, value as exported in `HA_<directive>`) in the original's order, verbatim or derived.
    pub parameters: Vec<(String, String)>,
    /// `env` directives: (`HA_NAME`, value).
    pub environment: Vec<(String, String)>,
}

/// Where log lines go, and how.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Logging {
    /// `debug`: 0 to 255.
    pub debug: u8,
    /// `logfile`.
    pub logfile: Option<PathBuf>,
    /// `debugfile`.
    pub debugfile: Option<PathBuf>,
    /// `logfacility` as a word; `None` for `none` and if absent.
    pub facility: Option<String>,
    /// `use_logd`, or that nothing else was configured.
    pub use_logd: bool,
    /// `conn_logd_time`.
    pub reconnect: Duration,
    /// `syslogmsgfmt`.
    pub syslog_format: bool,
    /// `log_badpack`.
    pub bad_packets: bool,
}

/// One medium.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Medium {
    /// `bcast`.
    Broadcast {
        /// The interface.
        interface: String,
        /// The port that was in force at this line.
        port: u16,
    },
    /// `mcast`.
    Multicast {
        /// The interface.
        interface: String,
        /// The group.
        group: Ipv4Addr,
        /// The port.
        port: u16,
        /// 0 to 4.
        ttl: u8,
        /// Whether we hear ourselves.
        loopback: bool,
    },
    /// `mcast6`.
    Multicast6 {
        /// The interface.
        interface: String,
        /// The group.
        group: Ipv6Addr,
        /// The port.
        port: u16,
        /// 0 to 4.
        hops: u8,
        /// Whether we hear ourselves.
        loopback: bool,
    },
    /// `ucast` (an IPv4 peer) and `ucast6`.
    Unicast {
        /// The interface.
        interface: String,
        /// The peer, resolved.
        peer: IpAddr,
        /// Scope of an IPv6 peer; 0 for none.
        scope: u32,
        /// The port that was in force at this line.
        port: u16,
    },
    /// `serial`.
    Serial {
        /// The device.
        device: PathBuf,
        /// The baud rate that was in force at this line.
        baud: u32,
    },
    /// `ping`, `ping6` and `ping_group`.
    Ping {
        /// The pseudo node's name: the host as written, or the group's name.
        node: String,
        /// Its members, resolved; one, except in a group, where those that could not be resolved are missing, even all.
        members: Vec<IpAddr>,
        /// Whether it was written as a group.
        group: bool,
    },
}

/// One child that is kept running.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Respawn {
    /// The user's name as written.
    pub user: String,
    /// Its numeric id.
    pub uid: u32,
    /// Its primary group.
    pub gid: u32,
    /// The rest of the line: a shell command beginning with a full path.
    pub command: String,
    /// `failfast`: the machine is rebooted if it dies.
    pub failfast: bool,
}

/// Who may sign on as a client of this name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiAuth {
    /// The client's name; `default` covers all that have no line.
    pub client: String,
    /// User ids.
    pub uids: Vec<u32>,
    /// Group ids.
    pub gids: Vec<u32>,
}

/// One fencing device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stonith {
    /// `*` or this node; `None` for the `stonith` directive.
    pub host: Option<String>,
    /// The plugin.
    pub kind: String,
    /// The parameters, or the configuration file's name for the `stonith` directive.
    pub parameters: String,
}
