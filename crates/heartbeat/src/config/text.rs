//! The original's words for every finding, to the letter: what operators search for and monitors match.
//!
//! Observed on heartbeat 3.0.6, odd spelling included; lines marked as ours are additions where the original is silent.

mod media;

use crate::messages::VERSION;
use ha_config::finding::{ApiAuth, File, Finding, Keys, Located, Respawn, Stonith};
use ha_sys::log::Severity;
use std::path::Path;

/// Where a line goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    /// To the log, and while there is a terminal to standard error.
    Log,
    /// To standard error only, without time and severity.
    Raw,
}

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextLine {
    /// How grave it is.
    pub severity: Severity,
    /// Where it goes.
    pub channel: Channel,
    /// The words. May hold a line feed: the original quotes lines of `authkeys` with their ends.
    pub text: String,
    /// The original prints no such line.
    pub ours: bool,
}

/// The last line of a start that fails because of the configuration.
pub const NOT_STARTED: &str = "Configuration error, heartbeat not started.";
/// The last line of a reload that fails because of the configuration; `info`.
#[must_use]
pub fn not_reloaded(pid: i32) -> String {
    format!("Config errors: Heartbeat pid {pid} NOT restarted")
}
/// The last line of option `-R` if the configuration is wrong; `info`.
pub const NOT_RESTARTED: &str = "Config errors: Heartbeat NOT restarted";

/// What the words need to know besides the finding.
#[derive(Clone, Copy, Debug)]
pub struct Wording<'a> {
    /// The program's name, as messages without time begin with it.
    pub program: &'a str,
    /// The configuration directory; the original's is `/etc/ha.d/`, so that paths have two slashes.
    pub directory: &'a Path,
}

impl Wording<'_> {
    fn path(&self, file: File) -> String {
        let directory = self.directory.to_string_lossy();
        format!("{}//{}", directory.trim_end_matches('/'), file.name())
    }

    /// The lines of a finding.
    #[must_use]
    pub fn lines(&self, found: &Located) -> Vec<TextLine> {
        let mut lines = Lines::default();
        self.overall(found, &mut lines);
        lines.0
    }

    /// A line of ours: where it is and what would be right.
    fn ours(&self, found: &Located, lines: &mut Lines, severity: Severity) {
        let place = found.span.map_or(String::new(), |span| format!(":{}", span.line));
        let words = super::advice::words(&found.finding);
        let text = format!("{}{place}: {words}", self.path(found.file));
        lines.0.push(TextLine { severity, channel: Channel::Log, text, ours: true });
    }

    fn overall(&self, found: &Located, out: &mut Lines) {
        let program = self.program;
        match &found.finding {
            Finding::CannotOpen(File::AuthKeys) => {
                out.error(format!("Cannot open keyfile [{}].  Stop.", self.path(File::AuthKeys)));
            }
            Finding::CannotOpen(file) => {
                let path = self.path(*file);
                let what = if *file == File::HaCf { "config" } else { "resources" };
                out.error(format!("Cannot open {what} file [{path}]"));
                out.info(format!("An annotated sample {path} file is provided in the documentation."));
                out.info(format!("Please copy it to {path}, read it, customize it, and try again."));
            }
            Finding::NotStarted => out.error("Heartbeat not started: configuration error."),
            Finding::UnknownDirective { name } => {
                out.error(format!("Illegal directive [{name}] in {}", self.path(File::HaCf)));
            }
            Finding::BadValue { directive, value } => match bad_value(program, directive, value) {
                Some(line) => out.0.push(line),
                None => self.ours(found, out, Severity::Error),
            },
            Finding::Twice { directive: "baud" } => out.raw(format!("{program}: Baudrate multiply specified.")),
            Finding::Twice { directive: "watchdog" } => {
                out.raw(format!("{program}: Watchdog device multiply specified."))
            }
            Finding::Twice { .. } => out.error("pacemaker/crm directive used multiple times!"),
            Finding::PortTaken { port, service } => {
                out.warn(format!("{program}: udp port {port} reserved for service \"{service}\"."));
            }
            Finding::TooLate { directive } => {
                let name = if *directive == "baud" { "baudrate" } else { directive };
                out.warn(format!("{program}: {name} setting must precede media statements"));
            }
            Finding::Keys(problem) => self.keys(problem, out),
            Finding::KeysRefused => out.error("Authentication configuration error."),
            Finding::ResourceNode { name } => {
                out.error(format!("Bad nodename in {} [{name}]", self.path(File::HaResources)));
            }
            Finding::LineTooLong { .. } | Finding::PacemakerRefused { .. } | Finding::TooManyNodes { .. } => {
                self.ours(found, out, Severity::Error);
            }
            Finding::NodeTwice { .. } => self.ours(found, out, Severity::Warn),
            other => plain(other, out),
        }
    }

    fn keys(&self, problem: &Keys, out: &mut Lines) {
        let path = self.path(File::AuthKeys);
        match problem {
            Keys::Mode(_) => out.error(format!("Bad permissions on keyfile [{path}], 600 recommended.")),
            Keys::BadAuth(line) => out.error(format!("Invalid auth line [{line}] in {path}")),
            Keys::BadLine(line) => out.error(format!("Auth line [{line}] is invalid.")),
            Keys::NoAuth => out.error(format!("Missing auth directive in keyfile [{path}]")),
            Keys::NoKey(number) => out.error(format!("Auth Key [{number}] not found in keyfile [{path}]")),
            Keys::BadNumber(number) => out.error(format!("Invalid authnum [{number}] in {path}")),
            Keys::BadMethod { method, used } => {
                out.error(format!("LoadPlugin on {method} returned 5: No such plugin/interface/interface type"));
                out.error(format!("Lookup extended#2 returned FALSE for {method}"));
                out.error(format!("Table size: {used}"));
                out.error(format!("Invalid authtype [{method}]"));
            }
            Keys::KeyMissing(method) => out.error(format!("Auth method [{method}] requires a key")),
            Keys::KeyNotWanted => out.info("Auth method [crc] doesn't use a key"),
        }
    }
}

#[derive(Default)]
struct Lines(Vec<TextLine>);

impl Lines {
    fn push(&mut self, severity: Severity, channel: Channel, text: String) {
        self.0.push(TextLine { severity, channel, text, ours: false });
    }

    fn error(&mut self, text: impl Into<String>) {
        self.push(Severity::Error, Channel::Log, text.into());
    }

    fn warn(&mut self, text: impl Into<String>) {
        self.push(Severity::Warn, Channel::Log, text.into());
    }

    fn info(&mut self, text: impl Into<String>) {
        self.push(Severity::Info, Channel::Log, text.into());
    }

    fn raw(&mut self, text: String) {
        self.push(Severity::Error, Channel::Raw, text);
    }
}

/// The words for a value that a directive does not take; `None` where the original has none.
fn bad_value(program: &str, directive: &str, value: &str) -> Option<TextLine> {
    let raw = |text: String| Some(TextLine { severity: Severity::Error, channel: Channel::Raw, text, ours: false });
    let text = match directive {
        "udpport" => return raw(format!("{program}: invalid port [{value}] specified.")),
        "baud" => return raw(format!("{program}: invalid baudrate [{value}] specified.")),
        "warntime" => return raw(format!("Warn time [{value}] is invalid.")),
        "rtprio" => format!("Illegal realtime priority [{value}]"),
        "hbgenmethod" => format!("Illegal hb generation method [{value}]"),
        "uuidfrom" => format!("Invalid uuidfrom directive [{value}]"),
        "autojoin" => format!("Invalid autojoin directive [{value}]"),
        "compression" => format!("Compression module({value}) not found"),
        "compression_threshold" => format!("set_compression_threshold: compress_threshhold({value}) invalid"),
        "traditional_compression" => format!("set_traditional_compression:Invalid directive value {value}"),
        "max_rexmit_delay" => format!("Invalid max_rexmit_delay time({value})"),
        "logfacility" => format!("Log facility({value}) not valid"),
        "crmd_spawns_pengine" | "record_config_changes" | "record_pengine_inputs" | "enable_config_writes" => {
            format!("ha_config_check_boolean:Invalid directive value {value}")
        }
        _ => return None,
    };
    Some(TextLine { severity: Severity::Error, channel: Channel::Log, text, ours: false })
}

const LOGD_UNREACHABLE: &str = "Initializing connection to logging daemon failed. Logging daemon may not be running";
const LOGD_ON: &str = "Enabling logging daemon ";
const LOGD_FILES: &str = "logfile and debug file are those specified in logd config file (default /etc/logd.cf)";

/// Findings whose words need nothing else.
fn plain(finding: &Finding, out: &mut Lines) {
    match finding {
        Finding::UdpReplaced => out.warn("WARNING: directive 'udp' replaced by 'bcast'"),
        Finding::Broadcast { .. }
        | Finding::Unicast(_)
        | Finding::Unicast6(_)
        | Finding::Multicast { .. }
        | Finding::Serial { .. }
        | Finding::Ping { .. }
        | Finding::PingGroupMember { .. } => media::lines(finding, out),
        Finding::NiceFailback { value, meaning } => nice_failback(value, *meaning, out),
        Finding::CoreRoot { path } => {
            out.error(format!("Invalid dir in cl_set_corerootdir() [{path}]: No such file or directory"));
            out.error(format!("Invalid core directory [{path}]: Invalid argument"));
        }
        Finding::CoreFiles => {
            out.warn("Core dumps could be lost if multiple dumps occur.");
            let how = "Consider setting non-default value in /proc/sys/kernel/core_pattern (or equivalent)";
            out.warn(format!("{how} for maximum supportability"));
            let how = "Consider setting /proc/sys/kernel/core_uses_pid (or equivalent) to 1";
            out.warn(format!("{how} for maximum supportability"));
        }
        Finding::TraditionalCompression => {
            out.warn("Traditional compression selected. Realtime behavior will likely be impacted(!)");
            let page = "http://linux-ha.org/wiki/Ha.cf#traditional_compression_-_controls_compression_mode";
            out.info(format!("See {page} for more information."));
        }
        Finding::Pacemaker { value } => out.info(format!("Pacemaker support: {value}")),
        Finding::TooLateForPacemaker { value, .. } => {
            // QUIRK: with a line end of its own.
            out.error(format!("If you specify {value}, it must come before the pacemaker directive\n"));
        }
        Finding::Env { pair } => out.error(format!("set_env: invalid nvpair({pair})")),
        Finding::Respawn(problem) => out.error(match problem {
            Respawn::UserTooLong => "UID specified for client child is too long".to_owned(),
            Respawn::BadUser(user) => format!("Invalid uid [{user}] specified for client child"),
            Respawn::Relative(path) => format!("Client child command [{path}] is not full pathname"),
            Respawn::NotExecutable(path) => format!("Client child command [{path}] is not executable"),
        }),
        Finding::ApiAuth { rest, problem } => apiauth(rest, problem.as_ref(), out),
        Finding::Stonith(problem) => stonith(problem, out),
        other => checks(other, out),
    }
}

fn nice_failback(value: &str, meaning: Option<bool>, out: &mut Lines) {
    out.error("nice_failback flag is obsolete.. Use auto_failback {on, off, legacy} instead.");
    match meaning {
        Some(true) => out.error(format!("'nice_failback {value}' has been changed to 'auto_failback off'")),
        Some(false) => {
            out.error(format!("nice_failback {value} has been strictly interpreted as 'auto_failback legacy'"));
            out.error("Consider converting to 'auto_failback on'.");
            out.error("When you do, then you can use ipfail, and hb_standby");
        }
        None => {}
    }
    out.error("See documentation for details.");
}

fn apiauth(rest: &str, problem: Option<&ApiAuth>, out: &mut Lines) {
    match problem {
        None => {}
        Some(ApiAuth::NameTooLong) => out.error(format!("client name [{rest}] too long")),
        Some(ApiAuth::BadWord) => out.error("Missing uid or gid in apiauth"),
        Some(ApiAuth::TwoLists { groups: false }) => out.error("Duplicate uid list in apiauth"),
        Some(ApiAuth::TwoLists { groups: true }) => out.error("Duplicate gid list in apiauth"),
        Some(ApiAuth::Unknown { group: false, name, list }) => {
            out.error(format!("Invalid user id name [{name}]"));
            out.error(format!("Bad uid list [{list}]"));
        }
        Some(ApiAuth::Unknown { group: true, name, list }) => {
            out.error(format!("Invalid group name [{name}]"));
            out.error(format!("Bad gid list [{list}]"));
        }
        Some(ApiAuth::Twice { client }) => {
            out.error(format!("Duplicate apiauth directive for API client {client}: [{rest}]"));
        }
    }
    out.error(format!("Invalid apiauth directive [{rest}]"));
    out.info("Syntax: apiauth client [uid=uidlist] [gid=gidlist]");
    out.info("Where uidlist is a comma-separated list of uids,");
    out.info("and gidlist is a comma-separated list of gids");
    out.info("One or the other must be specified.");
}

fn stonith(problem: &Stonith, out: &mut Lines) {
    match problem {
        Stonith::NoHost => out.error("No Stonith hostname argument given"),
        Stonith::HostTooLong => out.error("Stonith hostname too long"),
        Stonith::NoType => out.error("No Stonith type given"),
        Stonith::BadType(kind) => out.error(format!("Invalid Stonith type [{kind}]")),
        Stonith::NoFile(path) => {
            out.error(format!("glib: Cannot open {path}"));
            out.error(format!("Invalid Stonith config file [{path}]"));
        }
        Stonith::BadFile(path) => out.error(format!("Invalid Stonith config file [{path}]")),
        Stonith::BadParameters(text) => out.error(format!("Invalid Stonith configuration parameter [{text}]")),
    }
}

/// The checks across directives.
fn checks(finding: &Finding, out: &mut Lines) {
    match finding {
        Finding::LogdOn { unreachable } => {
            out.info(LOGD_ON);
            if *unreachable {
                out.warn(LOGD_UNREACHABLE);
            }
            out.info(LOGD_FILES);
        }
        Finding::LogdOff => out.warn("Logging daemon is disabled --enabling logging daemon is recommended"),
        Finding::NoLogTarget { unreachable } => {
            out.info("No log entry found in ha.cf -- use logd");
            if *unreachable {
                out.warn(LOGD_UNREACHABLE);
            }
            out.info(LOGD_ON);
            out.info(LOGD_FILES);
        }
        Finding::NowhereToLog { unreachable } => {
            out.error("No log entry found in ha.cf and use_logd is set to off");
            if *unreachable {
                out.warn(LOGD_UNREACHABLE);
            }
        }
        Finding::LogdBesides { facility } => {
            let facility = if *facility { "/logfacility" } else { "" };
            out.warn(format!("logd is enabled but logfile/debugfile{facility} is still configured in ha.cf"));
        }
        Finding::NoMedia => out.error("No heartbeat media defined"),
        Finding::NoNodes => out.error("no nodes defined"),
        Finding::NotAMember { node } => {
            out.error(format!("Current node [{node}] not in configuration!"));
            let text = "By default, cluster nodes are named by `uname -n` and must be declared with a 'node' directive";
            out.info(format!("{text} in the ha.cf file."));
            out.info("See also: http://linux-ha.org/wiki/Ha.cf#node_directive");
        }
        Finding::Added { node } => {
            let text = format!("Current node [{node}] added to configuration.");
            out.push(Severity::Notice, Channel::Log, text);
        }
        Finding::DeadtimeTooSmall { deadtime, keepalive } => {
            out.error(format!("Dead time [{deadtime}] is too small compared to keeplive [{keepalive}]"));
        }
        Finding::InitdeadTooSmall { initdead, deadtime } => {
            out.error(format!("Initial dead time [{initdead}] is smaller than deadtime [{deadtime}]"));
        }
        Finding::InitdeadShort { initdead } => {
            out.warn(format!("Initial dead time [{initdead} ms] may be too small!"));
            out.info("Initial dead time accounts for slow network startup time");
            out.info("It should be >= deadtime and >= 10 seconds");
        }
        Finding::DeadpingTooSmall { deadping, keepalive } => {
            out.error(format!("Ping dead time [{deadping}] is too small compared to keeplive [{keepalive}]"));
        }
        Finding::LegacyFailback => {
            out.warn("Deprecated 'legacy' auto_failback option selected.");
            out.warn("Please convert to 'auto_failback on'.");
            out.warn("See documentation for conversion details.");
        }
        Finding::Validated => {
            out.info("*".repeat(26));
            out.info(format!("Configuration validated. Starting heartbeat {VERSION}"));
        }
        Finding::AutojoinConflict => {
            out.error("R1 style resource management conflicts with  autojoin set");
            out.error("You need either unset autojoin or enable crm");
        }
        // Nothing is left, but the enumeration may grow: better odd words than none.
        other => out.error(super::advice::words(other)),
    }
}
