//! The sub-commands.

use crate::getopt::{Found, getopt};
use crate::texts::*;
use ha_sys::log::{LogSettings, Logger, Severity, facility};
use heartbeat_client::{Client, Error, Options};
use nix::sys::utsname::uname;
use std::env;
use std::ffi::OsString;
use std::io::{Write, stderr, stdout};
use std::time::{Duration, Instant};

const NO: i32 = 1;
const WRONG_PARAMETER: i32 = 11;
const TIMED_OUT: i32 = 12;
const UNKNOWN: i32 = 13;

/// After this time the original is killed by its alarm.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long another node may take to answer.
const CLIENT_PATIENCE: u64 = 500;
/// For lines to the system log.
const LAST_LINES: Duration = Duration::from_secs(1);

/// How a command ends early: its status. What there was to say is said.
type Ended = Result<i32, i32>;

struct Session {
    name: String,
    flags: Vec<char>,
    values: Vec<(char, String)>,
    operands: Vec<String>,
    deadline: Instant,
}

/// Runs a command line (without the program's name), gives the exit status.
#[must_use]
pub fn main(args: Vec<OsString>) -> i32 {
    let args: Vec<String> = args.into_iter().map(|arg| arg.to_string_lossy().into_owned()).collect();
    let (name, rest) = match args.split_first() {
        None => return usage(),
        Some((first, [])) if first == "-h" => return usage(),
        Some(split) => split,
    };
    let Some((letters, code)) = letters(name) else {
        log_error(&format!("{name}: invalid sub-command."));
        return WRONG_PARAMETER;
    };
    let deadline = Instant::now() + PATIENCE;
    let client = Client::sign_on(&Options { timeout: None, deadline: Some(deadline), ..Options::default() });
    if let Err(Error::TimedOut) = client {
        return TIMED_OUT;
    }
    let heartbeat = name == "hbstatus";
    let mut client = match client {
        Err(error) if !heartbeat => {
            log_error("Cannot signon with heartbeat");
            log_error(&format!("REASON: {}", reason(&error)));
            return NO;
        }
        other => other,
    };
    let (found, operands) = getopt(rest, letters);
    let mut session = Session { name: name.clone(), flags: Vec::new(), values: Vec::new(), operands, deadline };
    for found in found {
        match found {
            Found::Flag(letter) => session.flags.push(letter),
            Found::Value(letter, value) => session.values.push((letter, value)),
            Found::Wrong(text) => {
                say_error(&format!("{name}: {text}"));
                if !heartbeat {
                    log_error(&format!("Error: getopt returned{code} ?."));
                    return WRONG_PARAMETER;
                }
            }
        }
    }
    let ended = match &mut client {
        Err(error) => Ok(session.not_running(error)),
        Ok(client) => session.run(client),
    };
    if let Ok(client) = client {
        client.sign_off();
    }
    ended.unwrap_or_else(|status| status)
}

/// The options of a sub-command, and how it names a wrong one; `None` if there is no such sub-command.
fn letters(name: &str) -> Option<(&'static str, &'static str)> {
    Some(match name {
        "hbstatus" => ("mv", "character"),
        "listnodes" => ("mnpv", "character code"),
        "listhblinks" => ("mv", "character code"),
        "hbparameter" => ("mp:", "character code"),
        "nodestatus" | "nodeweight" | "nodesite" | "nodetype" | "hblinkstatus" | "clientstatus" | "rscstatus" => {
            ("m", "character")
        }
        "test" => ("", "character"),
        _ => return None,
    })
}

impl Session {
    fn run(&self, client: &mut Client) -> Ended {
        match self.name.as_str() {
            "hbstatus" => self.running(client),
            "listnodes" => self.nodes(client),
            "nodestatus" => self.node_status(client),
            "nodeweight" => {
                let node = self.one(NOT_ENOUGH)?;
                let weight = client.node_weight(node).map_err(|error| plain(&error, WRONG_NODE_WEIGHT))?;
                self.say(&weight.to_string(), &format!("The weight of the cluster node {node} is {weight}"));
                Ok(0)
            }
            "nodesite" => {
                let node = self.one(NOT_ENOUGH)?;
                let site = client.node_site(node).map_err(|error| plain(&error, WRONG_NODE))?;
                self.say(&site, &format!("The site of the cluster node {node} is {site}"));
                Ok(0)
            }
            "nodetype" => {
                let node = self.one(NO_ENOUGH)?;
                let kind = client.node_type(node).map_err(|error| plain(&error, WRONG_NODE))?;
                self.say(&kind, &format!("The node {node}'s type: {kind}"));
                Ok(0)
            }
            "listhblinks" => {
                let node = self.one(NO_ENOUGH)?;
                self.links(client, node)
            }
            "hblinkstatus" => self.link_status(client),
            "clientstatus" => self.client_status(client),
            "rscstatus" => self.resources(client),
            "hbparameter" => self.parameter(client),
            _ => test(client),
        }
    }

    fn has(&self, flag: char) -> bool {
        self.flags.contains(&flag)
    }

    /// Prints one of two texts: for programs, or for people (`-m`).
    fn say(&self, plain: &str, for_people: &str) {
        say(if self.has('m') { for_people } else { plain });
    }

    /// The only operand.
    fn one(&self, missing: &str) -> Result<&str, i32> {
        self.operand(0).ok_or_else(|| {
            say_error(missing);
            WRONG_PARAMETER
        })
    }

    fn operand(&self, index: usize) -> Option<&str> {
        self.operands.get(index).map(String::as_str)
    }

    /// `hbstatus` without a connection.
    fn not_running(&self, error: &Error) -> i32 {
        let refused = matches!(error, Error::Refused(_));
        say(if refused { REFUSED } else { STOPPED });
        let reason = reason(error);
        if self.has('v') && !reason.is_empty() {
            say(&format!("({reason})"));
        }
        if refused { 0 } else { NO }
    }

    fn running(&self, client: &mut Client) -> Ended {
        if !self.has('v') {
            say(RUNNING);
            return Ok(0);
        }
        let unknown = |error: Error| if late(&error) { TIMED_OUT } else { UNKNOWN };
        let version = version(client).map_err(unknown)?.unwrap_or_default();
        self.say(&format!("version:\t{version}"), &format!("Heartbeat version {version}"));
        let manager = client.parameter("pacemaker").map_err(unknown)?.unwrap_or_default();
        if matches!(manager.as_str(), "" | "false" | "off" | "no" | "n" | "0") {
            self.say("managed by:\t\"haresources\"", "Resources controlled by \"haresources\"");
        } else {
            self.say(&format!("managed by:\tpacemaker\t({manager})"), "Resources controlled by Pacemaker.");
        }
        self.nodes(client)
    }

    fn nodes(&self, client: &mut Client) -> Ended {
        let mut nodes = client.nodes().map_err(|error| failed(&error, "Cannot start node walk", true))?;
        nodes.reverse();
        if self.has('m') {
            say("The nodes are as follow:");
        }
        // Both kinds together are all.
        let (normal, ping) = (self.has('n'), self.has('p'));
        nodes.retain(|node| match node.kind.as_str() {
            "normal" => normal || !ping,
            "ping" => ping || !normal,
            _ => normal == ping,
        });
        for node in nodes {
            if !self.has('v') {
                say(&node.name);
                continue;
            }
            say("");
            say(&format!("{}\t{}\t(nodetype: {})", node.name, node.status, node.kind));
            self.links(client, &node.name)?;
        }
        Ok(0)
    }

    fn links(&self, client: &mut Client, node: &str) -> Ended {
        let mut links =
            client.links(node).map_err(|error| failed(&error, "Cannot start heartbeat link interface walk.", true))?;
        links.reverse();
        if self.has('m') {
            say("\tthis node has the following heartbeat links:");
        }
        for link in links {
            let status = if self.has('v') { format!("\t{}", link.status) } else { String::new() };
            say(&format!("\t{}{status}", link.name));
        }
        Ok(0)
    }

    fn node_status(&self, client: &mut Client) -> Ended {
        let node = self.one(NOT_ENOUGH)?;
        let status = client.node_status(node).map_err(|error| plain(&error, WRONG_NODE))?;
        self.say(&status, &format!("The cluster node {node} is {status}"));
        Ok(if matches!(status.as_str(), "active" | "up" | "ping") { 0 } else { NO })
    }

    fn link_status(&self, client: &mut Client) -> Ended {
        let (Some(node), Some(link)) = (self.operand(0), self.operand(1)) else {
            say_error(NO_ENOUGH);
            return Err(WRONG_PARAMETER);
        };
        let status = client
            .link_status(node, link)
            .map_err(|error| failed(&error, "Cannot get heartbeat link status", false))?;
        self.say(&status, &format!("The node {node}'s heartbeat link {link} is {status}"));
        Ok(if status == "up" { 0 } else { NO })
    }

    fn client_status(&self, client: &mut Client) -> Ended {
        let (Some(node), Some(wanted)) = (self.operand(0), self.operand(1)) else {
            say_error(NO_ENOUGH);
            return Err(WRONG_PARAMETER);
        };
        let wait = self.operand(2).map_or(CLIENT_PATIENCE, leading_number);
        match client.client_status(node, wanted, Duration::from_millis(wait)) {
            Ok(true) => {
                say("online");
                Ok(0)
            }
            Ok(false) => {
                say("offline");
                Ok(NO)
            }
            Err(_) if self.deadline <= Instant::now() => Err(TIMED_OUT),
            Err(_) => {
                log_error(&format!("Cannot get heartbeat client {wanted}'s status"));
                log_error("REASON: No timely response.");
                Err(UNKNOWN)
            }
        }
    }

    fn resources(&self, client: &mut Client) -> Ended {
        match client.resources() {
            Ok(set) => {
                self.say(&set, &format!("This node is holding {set} resources."));
                Ok(0)
            }
            Err(error) if late(&error) => Err(TIMED_OUT),
            Err(error) => {
                let pacemaker = reason(&error).starts_with("Resource is managed by crm");
                say_error(if pacemaker { NO_SET_PACEMAKER } else { NO_SET });
                Err(NO)
            }
        }
    }

    fn parameter(&self, client: &mut Client) -> Ended {
        let Some((_, name)) = self.values.last() else {
            log_error("parameter name required");
            return Err(WRONG_PARAMETER);
        };
        let value = if name == "hbversion" { version(client) } else { client.parameter(name) };
        let value = match value {
            Err(error) if late(&error) => return Err(TIMED_OUT),
            other => other.unwrap_or_default(),
        };
        if let Some(value) = value {
            self.say(&value, &format!("Heartbeat parameter {name}'s value: {value}"));
            return Ok(0);
        }
        log_error(&format!("Cannot get parameter {name}'s value"));
        log_error("REASON: ");
        Err(NO)
    }
}

/// The daemon's version. What came with the sign-on says more than the parameter; before 3.0 there is only the latter.
fn version(client: &mut Client) -> Result<Option<String>, Error> {
    match client.version() {
        Some(version) => Ok(Some(version.to_owned())),
        None => client.parameter("hbversion"),
    }
}

/// `test`: what came with the sign-on, and what is held.
fn test(client: &mut Client) -> Ended {
    let set = client.resources().map_err(|error| if late(&error) { TIMED_OUT } else { NO })?;
    say(&format!("Dead time: {}", client.deadtime().as_millis()));
    // QUIRK: the original's spelling, and its blanks.
    say(&format!(" keeplive time: {}", client.keepalive().as_millis()));
    say(&format!(" mynodeid: {}", client.local_node()));
    say(&format!(" rsc: {set}"));
    Ok(0)
}

/// The number that a text begins with, as C's `atoi` reads it; 0 without one.
fn leading_number(text: &str) -> u64 {
    let end = text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len());
    text.get(..end).and_then(|digits| digits.parse().ok()).unwrap_or(0)
}

fn usage() -> i32 {
    let _ = stdout().write_all(USAGE.as_bytes());
    0
}

fn late(error: &Error) -> bool {
    matches!(error, Error::TimedOut)
}

/// A failure of a command about one node: its text, without a prefix.
fn plain(error: &Error, text: &str) -> i32 {
    if late(error) {
        return TIMED_OUT;
    }
    say_error(text);
    WRONG_PARAMETER
}

/// A failure in the words of the original's library, which states its reason in some cases only.
fn failed(error: &Error, text: &str, with_reason: bool) -> i32 {
    if late(error) {
        return TIMED_OUT;
    }
    log_error(text);
    log_error(&format!("REASON: {}", if with_reason { reason(error) } else { String::new() }));
    UNKNOWN
}

/// The daemon's or the library's reason, if there is one.
fn reason(error: &Error) -> String {
    match error {
        Error::Connect(_) => NO_CONNECTION.to_owned(),
        Error::Refused(info) | Error::BadRequest { info, .. } => info.clone(),
        _ => String::new(),
    }
}

fn say(line: &str) {
    let _ = stdout().write_all(format!("{line}\n").as_bytes());
}

fn say_error(line: &str) {
    let _ = stderr().write_all(format!("{line}\n").as_bytes());
}

/// A line as the cluster's programs log: to standard error, and to the system log if the environment names a facility.
fn log_error(text: &str) {
    let node = uname().map(|name| name.nodename().to_string_lossy().into_owned()).unwrap_or_default();
    let mut settings = LogSettings::stderr_only("cl_status", &node);
    let word = env::var("HA_LOGFACILITY").or_else(|_| env::var("HA_logfacility"));
    settings.facility = word.ok().and_then(|word| facility(&word));
    let to_syslog = settings.facility.is_some();
    let mut logger = Logger::new(settings);
    if to_syslog {
        let _ = logger.start_thread();
    }
    logger.log(Severity::Error, text);
    if to_syslog {
        let _ = logger.flush(LAST_LINES);
    }
}
