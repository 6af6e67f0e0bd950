//! What is known of a configuration while its lines are read.

use super::{At, LogChange, Step};
use crate::config::{ApiAuth, Medium, Respawn, Stonith};
use crate::finding::{File, Finding, Gravity, Located};
use crate::keys::{Key, Kind};
use crate::lexer::{Span, Word};
use crate::machine::Machine;
use cluster_protocol::compress::Algorithm;
use cluster_protocol::settings::{AutoFailback, Autojoin, MessageFormat};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

/// The state. Absent means: no line said so.
pub(super) struct Draft<'m> {
    pub(super) machine: &'m dyn Machine,
    pub(super) steps: Vec<Step>,
    /// Something was found that forbids a start.
    pub(super) failed: bool,
    /// This node.
    pub(super) node: String,
    pub(super) nodes: Vec<String>,
    pub(super) media: Vec<Medium>,
    /// Values as written, for scripts; the last one of each directive.
    pub(super) written: BTreeMap<&'static str, String>,
    pub(super) keepalive: Duration,
    pub(super) deadtime: Duration,
    pub(super) warntime: Option<Duration>,
    pub(super) deadping: Option<Duration>,
    pub(super) initdead: Option<Duration>,
    pub(super) hopfudge: u32,
    pub(super) port: u16,
    pub(super) baud: u32,
    pub(super) auto_failback: AutoFailback,
    pub(super) autojoin: Autojoin,
    pub(super) msgfmt: MessageFormat,
    pub(super) algorithm: Algorithm,
    pub(super) threshold_kb: u32,
    pub(super) traditional: bool,
    pub(super) max_rexmit_delay: Duration,
    pub(super) generation_is_time: bool,
    pub(super) uuid_from_name: bool,
    pub(super) realtime: bool,
    pub(super) realtime_priority: u8,
    pub(super) memory_reserve_kb: u32,
    pub(super) watchdog: Option<PathBuf>,
    pub(super) coredumps: bool,
    pub(super) coreroot: Option<PathBuf>,
    pub(super) use_apphbd: bool,
    pub(super) debug: u8,
    pub(super) logfile: Option<PathBuf>,
    pub(super) debugfile: Option<PathBuf>,
    pub(super) facility: Option<String>,
    pub(super) use_logd: Option<bool>,
    /// The logging daemon was asked for and not there: it is told once.
    pub(super) logd_tried: bool,
    pub(super) reconnect: Duration,
    pub(super) syslog_format: bool,
    pub(super) bad_packets: bool,
    pub(super) environment: Vec<(String, String)>,
    pub(super) respawn: Vec<Respawn>,
    pub(super) apiauth: Vec<ApiAuth>,
    pub(super) stonith: Vec<Stonith>,
    /// `crm` or `pacemaker` was seen.
    pub(super) pacemaker_seen: bool,
}

impl<'m> Draft<'m> {
    pub(super) fn new(machine: &'m dyn Machine) -> Self {
        Self {
            machine,
            steps: Vec::new(),
            failed: false,
            node: machine.node_name(),
            nodes: Vec::new(),
            media: Vec::new(),
            written: BTreeMap::new(),
            keepalive: Duration::from_secs(1),
            deadtime: Duration::from_secs(30),
            warntime: None,
            deadping: None,
            initdead: None,
            hopfudge: 1,
            port: machine.udp_port("ha-cluster").unwrap_or(694),
            baud: 19200,
            auto_failback: AutoFailback::Legacy,
            autojoin: Autojoin::None,
            msgfmt: MessageFormat::Classic,
            algorithm: Algorithm::Zlib,
            threshold_kb: 2,
            traditional: false,
            max_rexmit_delay: Duration::from_millis(250),
            generation_is_time: false,
            uuid_from_name: false,
            realtime: true,
            realtime_priority: 1,
            memory_reserve_kb: 6500,
            watchdog: None,
            coredumps: true,
            coreroot: None,
            use_apphbd: false,
            debug: 0,
            logfile: None,
            debugfile: None,
            facility: None,
            use_logd: None,
            logd_tried: false,
            reconnect: Duration::from_secs(60),
            syslog_format: true,
            bad_packets: true,
            environment: Vec::new(),
            respawn: Vec::new(),
            apiauth: Vec::new(),
            stonith: Vec::new(),
            pacemaker_seen: false,
        }
    }

    /// Notes a finding.
    pub(super) fn find(&mut self, file: File, span: Option<Span>, finding: Finding) {
        self.failed |= finding.gravity() == Gravity::Error;
        self.steps.push(Step::Finding(Located { file, span, finding }));
    }

    /// Notes a finding about a place in `ha.cf`.
    pub(super) fn problem(&mut self, at: At, finding: Finding) {
        self.find(File::HaCf, Some(at), finding);
    }

    /// Notes a finding about `ha.cf` as a whole.
    pub(super) fn overall(&mut self, finding: Finding) {
        self.find(File::HaCf, None, finding);
    }

    /// Notes that messages go somewhere else.
    pub(super) fn log(&mut self, change: LogChange) {
        self.steps.push(Step::Log(change));
    }

    /// One value of a directive.
    pub(super) fn value(&mut self, key: &'static Key, at: At, text: &str) {
        match key.kind {
            Kind::MediumValues => self.medium(key, at, text),
            _ => self.scalar(key, at, text),
        }
    }

    /// A directive that takes the whole line.
    pub(super) fn line(&mut self, key: &'static Key, at: At, rest: &Word<'_>) {
        match key.kind {
            Kind::MediumLine => self.medium_line(key, at, rest),
            _ => self.other_line(key, at, rest),
        }
    }

    /// A value that the directive does not take.
    pub(super) fn bad(&mut self, at: At, directive: &'static str, value: &str) {
        self.problem(at, Finding::BadValue { directive, value: value.to_owned() });
    }

    /// Whether `name` is a member or a ping node, in any case.
    pub(super) fn is_node(&self, name: &str) -> bool {
        is_node(&self.nodes, &self.media, name)
    }

    /// How many nodes there are, ping nodes included.
    pub(super) fn node_count(&self) -> usize {
        self.nodes.len() + self.media.iter().filter(|medium| matches!(medium, Medium::Ping { .. })).count()
    }

    /// The logging daemon is to be used: whether this is the first time and it does not answer.
    pub(super) fn logd_unreachable(&mut self) -> bool {
        !std::mem::replace(&mut self.logd_tried, true) && !self.machine.logd()
    }
}

/// Whether `name` is one of the members or of the ping nodes, in any case.
pub(super) fn is_node(nodes: &[String], media: &[Medium], name: &str) -> bool {
    let is_ping = |medium: &Medium| matches!(medium, Medium::Ping { node, .. } if node.eq_ignore_ascii_case(name));
    nodes.iter().any(|node| node.eq_ignore_ascii_case(name)) || media.iter().any(is_ping)
}
