//! Directives with values: ranges, spellings, and what takes effect at its line.

use super::draft::Draft;
use super::{At, LogChange, MOST_NODES};
use crate::config::Medium;
use crate::finding::Finding;
use crate::keys::Key;
use crate::value;
use cluster_protocol::compress::Algorithm;
use cluster_protocol::settings::{AutoFailback, Autojoin, MessageFormat};
use std::path::PathBuf;
use std::time::Duration;

/// The words of syslog facilities, as glibc knows them. `kern` is number 0 and counts like `none`, as in the original.
const FACILITIES: &[&str] = &[
    "auth", "authpriv", "cron", "daemon", "ftp", "kern", "lpr", "mail", "mark", "news", "security", "syslog", "user",
    "uucp", "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7",
];

/// Speeds of serial lines.
const BAUD_RATES: &[i32] = &[9600, 19200, 38400, 57600, 115_200, 230_400, 460_800];

/// Words that would start a CRM.
const PACEMAKER: &[&str] = &["respawn", "manual", "valgrind", "minimal", "ccm-only"];

fn within(text: &str, least: i32, most: i32) -> Option<u32> {
    let number = value::lenient(text);
    if number < least || number > most { None } else { u32::try_from(number).ok() }
}

fn small(text: &str, least: i32, most: i32) -> Option<u8> {
    within(text, least, most).and_then(|number| u8::try_from(number).ok())
}

fn above_zero(time: &Duration) -> bool {
    !time.is_zero()
}

impl Draft<'_> {
    /// One value of a directive that is no medium.
    pub(super) fn scalar(&mut self, key: &'static Key, at: At, text: &str) {
        let taken = match key.name {
            "node" => return self.node(at, text),
            "env" => return self.variable(at, text),
            "crm" | "pacemaker" => return self.pacemaker(at, text),
            "nice_failback" => return self.nice_failback(at, text),
            "udpport" => return self.port(at, text),
            "baud" => return self.baud(at, text),
            "watchdog" => return self.watchdog(at, text),
            "coreroot" => return self.coreroot(at, text),
            "crm_daemon_dir" | "crmd_spawns_pengine" => return self.for_pacemaker(key.name, at, text),
            "logfile" | "debugfile" | "logfacility" | "use_logd" | "syslogmsgfmt" | "debug" => {
                self.log_setting(key.name, at, text)
            }
            "cluster" | "quorum_server" => Some(()),
            "keepalive" | "deadtime" | "deadping" | "initdead" | "warntime" | "conn_logd_time" | "max_rexmit_delay" => {
                self.time(key.name, text)
            }
            "hopfudge" | "rtprio" | "memreserve" | "compression_threshold" => self.number(key.name, text),
            "auto_failback" | "hbgenmethod" | "msgfmt" | "autojoin" | "uuidfrom" | "compression" => {
                self.choice(key.name, text)
            }
            _ => self.boolean(key.name, at, text),
        };
        match taken {
            Some(()) => self.write(key.name, text),
            None => self.bad(at, key.name, text),
        }
    }

    fn write(&mut self, directive: &'static str, text: &str) {
        self.written.insert(directive, text.to_owned());
    }

    fn node(&mut self, at: At, text: &str) {
        let node = text.to_lowercase();
        if self.nodes.contains(&node) {
            self.problem(at, Finding::NodeTwice { node });
        } else if self.node_count() >= MOST_NODES {
            self.problem(at, Finding::TooManyNodes { node });
        } else {
            self.nodes.push(node);
        }
    }

    fn time(&mut self, directive: &str, text: &str) -> Option<()> {
        if directive == "max_rexmit_delay" {
            let millis = within(text, 1, i32::MAX)?;
            self.max_rexmit_delay = Duration::from_millis(u64::from(millis));
            return Some(());
        }
        let time = value::time(text)?;
        match directive {
            "keepalive" => self.keepalive = Some(time).filter(above_zero)?,
            "deadtime" => self.deadtime = time,
            "deadping" => self.deadping = Some(time),
            "initdead" => self.initdead = Some(time),
            "warntime" => self.warntime = Some(Some(time).filter(above_zero)?),
            _ => self.reconnect = Some(time).filter(above_zero)?,
        }
        Some(())
    }

    fn number(&mut self, directive: &str, text: &str) -> Option<()> {
        match directive {
            "hopfudge" => self.hopfudge = within(text, 0, 255)?,
            "rtprio" => self.realtime_priority = small(text, 1, 99)?,
            "memreserve" => self.memory_reserve_kb = within(text, 1, i32::MAX)?,
            _ => self.threshold_kb = within(text, 1, i32::MAX)?,
        }
        Some(())
    }

    fn choice(&mut self, directive: &str, text: &str) -> Option<()> {
        match (directive, text) {
            ("hbgenmethod", "file" | "time") => self.generation_is_time = text == "time",
            ("uuidfrom", "file" | "nodename") => self.uuid_from_name = text == "nodename",
            ("msgfmt", "classic") => self.msgfmt = MessageFormat::Classic,
            ("msgfmt", "netstring") => self.msgfmt = MessageFormat::Netstring,
            ("compression", "zlib") => self.algorithm = Algorithm::Zlib,
            ("compression", "bz2") => self.algorithm = Algorithm::Bz2,
            ("auto_failback", _) => {
                self.auto_failback = match value::boolean(text) {
                    Some(true) => AutoFailback::On,
                    Some(false) => AutoFailback::Off,
                    None if text.eq_ignore_ascii_case("legacy") => AutoFailback::Legacy,
                    None => return None,
                }
            }
            ("autojoin", _) => {
                self.autojoin = match text.to_ascii_lowercase().as_str() {
                    "none" => Autojoin::None,
                    "other" => Autojoin::Other,
                    "any" => Autojoin::Any,
                    _ => return None,
                }
            }
            _ => return None,
        }
        Some(())
    }

    fn boolean(&mut self, directive: &str, at: At, text: &str) -> Option<()> {
        let on = value::boolean(text)?;
        match directive {
            "realtime" => self.realtime = on,
            "log_badpack" => self.bad_packets = on,
            "use_apphbd" => self.use_apphbd = on,
            "traditional_compression" => {
                self.traditional = on;
                // Told only if a module was named before, as observed on heartbeat 3.0.6.
                if on && self.written.contains_key("compression") {
                    self.problem(at, Finding::TraditionalCompression);
                }
            }
            "coredumps" => {
                self.coredumps = on;
                self.check_core_files(Some(at));
            }
            _ => {}
        }
        Some(())
    }

    /// Whether the kernel would overwrite one core file with the next; told for `coredumps off` too, as by the original.
    pub(super) fn check_core_files(&mut self, at: Option<At>) {
        let found = self.machine.core_files();
        if !found.uses_pid && matches!(found.pattern.as_str(), "" | "core") {
            self.find(crate::finding::File::HaCf, at, Finding::CoreFiles);
        }
    }

    /// Settings that count from their line on.
    fn log_setting(&mut self, directive: &str, at: At, text: &str) -> Option<()> {
        match directive {
            "logfile" => {
                self.logfile = Some(PathBuf::from(text));
                self.log(LogChange::LogFile(PathBuf::from(text)));
            }
            "debugfile" => {
                self.debugfile = Some(PathBuf::from(text));
                self.log(LogChange::DebugFile(PathBuf::from(text)));
            }
            "logfacility" => {
                let facility = if text == "none" { None } else { Some(FACILITIES.iter().find(|word| **word == text)?) };
                self.facility = facility.map(|word| (*word).to_owned());
                self.log(LogChange::Facility(self.facility.clone()));
            }
            "debug" => {
                self.debug = small(text, 0, 255)?;
                self.log(LogChange::Debug(self.debug));
            }
            "syslogmsgfmt" => {
                self.syslog_format = value::boolean(text)?;
                self.log(LogChange::SyslogFormat(self.syslog_format));
            }
            _ => {
                let on = value::boolean(text);
                self.use_logd = Some(on == Some(true));
                self.log(LogChange::Logd(on == Some(true)));
                if on == Some(true) {
                    let unreachable = self.logd_unreachable();
                    self.problem(at, Finding::LogdOn { unreachable });
                } else {
                    self.problem(at, Finding::LogdOff);
                }
                on?;
            }
        }
        Some(())
    }

    fn port(&mut self, at: At, text: &str) {
        // 3.0.6 takes ports above 65535, too, and then uses their low 16 bits.
        let Some(port) = within(text, 1, 65535).and_then(|port| u16::try_from(port).ok()) else {
            return self.bad(at, "udpport", text);
        };
        self.port = port;
        self.write("udpport", text);
        if let Some(service) = self.machine.udp_service(port).filter(|service| service != "ha-cluster") {
            self.problem(at, Finding::PortTaken { port, service });
        }
        if self.media.iter().any(|medium| matches!(medium, Medium::Broadcast { .. } | Medium::Unicast { .. })) {
            self.problem(at, Finding::TooLate { directive: "udpport" });
        }
    }

    fn baud(&mut self, at: At, text: &str) {
        if self.written.contains_key("baud") {
            return self.problem(at, Finding::Twice { directive: "baud" });
        }
        let rate = value::lenient(text);
        match u32::try_from(rate) {
            Ok(baud) if BAUD_RATES.contains(&rate) => {
                self.baud = baud;
                self.write("baud", text);
                if self.media.iter().any(|medium| matches!(medium, Medium::Serial { .. })) {
                    self.problem(at, Finding::TooLate { directive: "baud" });
                }
            }
            _ => self.bad(at, "baud", text),
        }
    }

    fn watchdog(&mut self, at: At, text: &str) {
        if self.watchdog.is_some() {
            return self.problem(at, Finding::Twice { directive: "watchdog" });
        }
        self.watchdog = Some(PathBuf::from(text));
        self.write("watchdog", text);
    }

    fn coreroot(&mut self, at: At, text: &str) {
        if text.starts_with('/') {
            self.coreroot = Some(PathBuf::from(text));
            self.write("coreroot", text);
        } else {
            self.problem(at, Finding::CoreRoot { path: text.to_owned() });
        }
    }

    fn variable(&mut self, at: At, text: &str) {
        match text.split_once('=') {
            Some((name, value)) if !name.is_empty() => self.environment.push((format!("HA_{name}"), value.to_owned())),
            _ => self.problem(at, Finding::Env { pair: text.to_owned() }),
        }
    }

    /// Obsolete. By its value, not by what other lines say, as its manual had promised.
    fn nice_failback(&mut self, at: At, text: &str) {
        let meaning = value::boolean(text);
        self.problem(at, Finding::NiceFailback { value: text.to_owned(), meaning });
        if let Some(on) = meaning {
            self.auto_failback = if on { AutoFailback::Off } else { AutoFailback::Legacy };
            self.write("auto_failback", if on { "off" } else { "legacy" });
        }
    }

    fn pacemaker(&mut self, at: At, text: &str) {
        if std::mem::replace(&mut self.pacemaker_seen, true) {
            return self.problem(at, Finding::Twice { directive: "pacemaker" });
        }
        self.problem(at, Finding::Pacemaker { value: text.to_owned() });
        match value::boolean(text) {
            Some(false) => self.write("pacemaker", text),
            None if !PACEMAKER.iter().any(|word| word.eq_ignore_ascii_case(text)) => self.bad(at, "pacemaker", text),
            _ => self.problem(at, Finding::PacemakerRefused { value: text.to_owned() }),
        }
    }

    fn for_pacemaker(&mut self, directive: &'static str, at: At, text: &str) {
        let daemon_directory = directive == "crm_daemon_dir";
        if self.pacemaker_seen {
            let refused = !daemon_directory;
            self.problem(at, Finding::TooLateForPacemaker { value: text.to_owned(), refused });
        } else if daemon_directory || value::boolean(text).is_none() {
            self.bad(at, directive, text);
        } else {
            self.write(directive, text);
        }
    }
}
