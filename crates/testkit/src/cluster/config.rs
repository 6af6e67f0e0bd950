//! What a node is told: its program and the text of its configuration files.

use std::fmt::Write as _;
use std::net::Ipv4Addr;
use std::path::PathBuf;

/// Which heartbeat a node runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Program {
    /// Debian's package, as it is installed.
    Original,
    /// This file, seen by the node in the place of the original, so that scripts find it there.
    Ours(PathBuf),
}

impl Program {
    /// One word for reports.
    pub fn label(&self) -> &'static str {
        match self {
            Self::Original => "original",
            Self::Ours(_) => "ours",
        }
    }
}

/// Whose scripts and companion programs a node has: `harc`, `shellfuncs`, `rc.d`, `/usr/share/heartbeat`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Files {
    /// Those of Debian's packages.
    #[default]
    Original,
    /// Ours; resource scripts are still those of the packages.
    Ours,
    /// Ours, and no resource scripts: those that are built in must do.
    Bare,
}

/// One way to send heartbeats. Numbers count the cluster's networks; a node sees network 0 as `eth0`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Medium {
    /// `bcast`.
    Bcast(usize),
    /// `mcast`, group 239.0.0.42, without a loop to the sender.
    Mcast(usize),
    /// `ucast`, one line for each other node.
    Ucast(usize),
    /// `serial`, the line to the next node; the device is [`SERIAL_DEVICE`]. Only for clusters of two.
    Serial,
}

/// The name of the serial line on every node.
pub const SERIAL_DEVICE: &str = "/dev/ttyS0";

impl Medium {
    /// The name of the link in logs and in `cl_status hblinkstatus`.
    pub fn link(self) -> String {
        match self {
            Self::Bcast(network) | Self::Mcast(network) | Self::Ucast(network) => format!("eth{network}"),
            Self::Serial => SERIAL_DEVICE.to_owned(),
        }
    }

    /// The word of `ha.cf`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Bcast(_) => "bcast",
            Self::Mcast(_) => "mcast",
            Self::Ucast(_) => "ucast",
            Self::Serial => "serial",
        }
    }

    fn lines(self, own: usize, nodes: usize) -> String {
        let device = self.link();
        match self {
            Self::Bcast(_) => format!("bcast {device}\n"),
            Self::Mcast(_) => format!("mcast {device} 239.0.0.42 694 1 0\n"),
            Self::Serial => format!("serial {device}\n"),
            Self::Ucast(network) => (0..nodes)
                .filter(|node| *node != own)
                .map(|node| format!("ucast {device} {}\n", address(network, node)))
                .collect(),
        }
    }
}

/// The address of a node in a network: `10.9.NETWORK.NODE+1`. The place of the bridge is 10.9.NETWORK.254.
pub fn address(network: usize, node: usize) -> Ipv4Addr {
    let byte = |number: usize| u8::try_from(number).unwrap_or(u8::MAX);
    Ipv4Addr::new(10, 9, byte(network), byte(node.saturating_add(1)))
}

/// A method of `authkeys`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signature {
    /// A checksum without a key.
    Crc,
    /// HMAC-MD5.
    Md5,
    /// HMAC-SHA1.
    Sha1,
}

impl Signature {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Crc, Self::Md5, Self::Sha1];

    /// The word of `authkeys`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Crc => "crc",
            Self::Md5 => "md5",
            Self::Sha1 => "sha1",
        }
    }

    /// An `authkeys` with this method alone.
    pub fn authkeys(self) -> String {
        let key = if self == Self::Crc { "" } else { " a shared secret" };
        format!("auth 1\n1 {}{key}\n", self.word())
    }
}

/// The timers of the tests, in the spelling of `ha.cf`: as short as a machine busy with other things allows.
const TIMERS: &str = "keepalive 200ms\nwarntime 1\ndeadtime 2\ninitdead 6\n";

/// One node as it is to be.
#[derive(Debug, Clone)]
pub struct NodeConfig {
    /// Host name and node name.
    pub name: String,
    /// Its heartbeat.
    pub program: Program,
    /// How it sends heartbeats, in the order of `ha.cf`.
    pub media: Vec<Medium>,
    /// Lines of `ha.cf` before media and nodes; they replace the short timers if they begin with `keepalive`.
    pub ha_cf: Vec<String>,
    /// The whole of `authkeys`.
    pub authkeys: String,
    /// The whole of `haresources`.
    pub haresources: String,
    /// The whole of `ha.cf` without the lines about logs, in the place of all that the other fields say about it.
    pub whole_ha_cf: Option<String>,
    /// Files and directories of the system of which the node gets a copy of its own, seen at the same place; the name of the
    /// copy below the node's directory is the last part of the path.
    pub private: Vec<String>,
    /// Whose scripts it has.
    pub files: Files,
}

impl NodeConfig {
    /// A node with broadcasts in the first network, SHA1, and no resources.
    pub fn new(name: &str, program: Program) -> Self {
        Self {
            name: name.to_owned(),
            program,
            media: vec![Medium::Bcast(0)],
            ha_cf: Vec::new(),
            authkeys: Signature::Sha1.authkeys(),
            haresources: String::new(),
            whole_ha_cf: None,
            private: Vec::new(),
            files: Files::Original,
        }
    }

    /// Sends heartbeats in these ways.
    #[must_use]
    pub fn media(mut self, media: &[Medium]) -> Self {
        self.media = media.to_vec();
        self
    }

    /// Signs in this way.
    #[must_use]
    pub fn signature(mut self, signature: Signature) -> Self {
        self.authkeys = signature.authkeys();
        self
    }

    /// Adds a line to `ha.cf`.
    #[must_use]
    pub fn line(mut self, line: &str) -> Self {
        self.ha_cf.push(line.to_owned());
        self
    }

    /// The text of `ha.cf` for the node at place `own` of `names`, which logs into `logfile`.
    pub fn render(&self, own: usize, names: &[&str], logfile: &str) -> String {
        let mut text = format!("logfile {logfile}\nlogfacility none\n");
        if let Some(whole) = &self.whole_ha_cf {
            return text + whole;
        }
        if !self.ha_cf.iter().any(|line| line.starts_with("keepalive")) {
            text.push_str(TIMERS);
        }
        text.push_str("realtime off\nauto_failback on\n");
        for line in &self.ha_cf {
            let _ = writeln!(text, "{line}");
        }
        for medium in &self.media {
            text.push_str(&medium.lines(own, names.len()));
        }
        for name in names {
            let _ = writeln!(text, "node {name}");
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_sends_to_each_other_node_but_not_to_itself() {
        let config = NodeConfig::new("b", Program::Original).media(&[Medium::Ucast(1)]).line("udpport 700");
        let text = config.render(1, &["a", "b", "c"], "/l");
        let end = "udpport 700\nucast eth1 10.9.1.1\nucast eth1 10.9.1.3\nnode a\nnode b\nnode c\n";
        assert!(text.ends_with(end), "{text}");
        assert!(text.starts_with("logfile /l\n") && text.contains("\ndeadtime 2\n"), "{text}");
    }

    #[test]
    fn own_timers_replace_the_short_ones() {
        let config = NodeConfig::new("a", Program::Original).line("keepalive 1").line("deadtime 9");
        let text = config.render(0, &["a"], "/l");
        assert!(text.contains("keepalive 1\n") && !text.contains("200ms"), "{text}");
    }

    #[test]
    fn a_checksum_needs_no_key() {
        assert_eq!(Signature::Crc.authkeys(), "auth 1\n1 crc\n");
        assert_eq!(Signature::Md5.authkeys(), "auth 1\n1 md5 a shared secret\n");
    }
}
