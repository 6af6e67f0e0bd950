//! The program: signs on, asks what it has to know, then waits for news until the daemon goes.

use crate::log::Log;
use crate::machine::{Action, Cluster, Ipfail, Level};
use heartbeat_client::{Client, Error, Event, Options};
use std::ffi::OsString;
use std::process;
use std::time::Instant;

/// Under this name `apiauth` lets us in, and the other `ipfail` is found.
const NAME: &str = "ipfail";
/// Cannot sign on.
const NO_SIGN_ON: i32 = 1;
/// Cannot set the filter.
const NO_FILTER: i32 = 8;
/// Cannot list the nodes.
const NO_NODES: i32 = 9;
/// Cannot set the signal.
const NO_SIGNAL: i32 = 13;
/// The daemon went without a sign-off.
const GONE: i32 = 14;
/// There is nothing to do here: the daemon does not start us again.
const USELESS: i32 = 100;
/// Words that `ha.cf` takes for true and for false.
const TRUE: [&str; 5] = ["true", "on", "yes", "y", "1"];
const FALSE: [&str; 5] = ["false", "off", "no", "n", "0"];

/// Runs until the daemon ends; gives the exit status. There are no arguments; what is given is ignored.
#[must_use]
pub fn main(_args: Vec<OsString>) -> i32 {
    let mut log = Log::open();
    match begin(&mut log) {
        Err(status) => status,
        Ok((client, machine)) => follow(client, machine, &mut log),
    }
}

/// Everything before the first event; the error is the exit status.
fn begin(log: &mut Log) -> Result<(Client, Ipfail), i32> {
    log.debug(&format!("PID={}", process::id()));
    log.debug("Signing in with heartbeat");
    let mut client = Client::sign_on(&Options::named(NAME)).map_err(|error| {
        log.error("Cannot sign on with heartbeat");
        log.error(&format!("REASON: {}", reason(&error)));
        NO_SIGN_ON
    })?;
    let me = client.local_node().to_owned();
    log.debug(&format!("[We are {me}]"));
    if client.resources().is_err() {
        log.error("No managed resources");
        return Err(USELESS);
    }
    let auto_failback = auto_failback(&mut client, log)?;
    // The originals change to this directory, to leave core files there.
    if let Ok(Some(root)) = client.parameter("coreroot") {
        let _ = std::env::set_current_dir(format!("{root}/hacluster"));
    }
    log.debug("Setting message filter mode");
    client.set_filter(1).map_err(|error| failed(log, "Cannot set filter mode", &error, NO_FILTER))?;
    log.debug("Starting node walk");
    let nodes = client.nodes().map_err(|error| failed(log, "Cannot start node walk", &error, NO_NODES))?;
    for node in nodes {
        log.debug(&format!("Cluster node: {}: status: {}", node.name, node.status));
        if node.kind == "normal" && node.name != me {
            log.debug(&format!("[They are {}]", node.name));
        }
    }
    log.debug("Setting message signal");
    client.set_signal(0).map_err(|error| failed(log, "Cannot set message signal", &error, NO_SIGNAL))?;
    let machine = Ipfail::new(&me, auto_failback, client.keepalive());
    Ok((client, machine))
}

fn failed(log: &mut Log, text: &str, error: &Error, status: i32) -> i32 {
    log.error(text);
    log.error(&format!("REASON: {}", reason(error)));
    status
}

fn reason(error: &Error) -> String {
    match error {
        Error::Connect(_) => "hb_api_signon: Can't initiate connection to heartbeat".to_owned(),
        Error::Refused(info) | Error::BadRequest { info, .. } => info.clone(),
        other => other.to_string(),
    }
}

/// Whether groups return to their owners.
fn auto_failback(client: &mut Client, log: &mut Log) -> Result<bool, i32> {
    let Ok(Some(value)) = client.parameter("auto_failback") else {
        log.error("Couldn't get auto_failback setting.");
        return Err(USELESS);
    };
    let word = value.to_ascii_lowercase();
    if word == "legacy" {
        log.error("auto_failback set to incompatible legacy option.");
        return Err(USELESS);
    }
    if TRUE.contains(&word.as_str()) {
        return Ok(true);
    }
    if FALSE.contains(&word.as_str()) {
        return Ok(false);
    }
    log.error(&format!(" invalid auto_faiback value({value})"));
    Err(USELESS)
}

/// The daemon, asked before each decision.
struct Daemon<'a>(&'a mut Client);

impl Cluster for Daemon<'_> {
    fn ping_nodes(&mut self) -> Option<usize> {
        Some(self.0.nodes().ok()?.iter().filter(|node| node.status == "ping").count())
    }

    fn resources(&mut self) -> Option<String> {
        self.0.resources().ok()
    }

    fn others(&mut self) -> Vec<String> {
        let me = self.0.local_node().to_owned();
        let nodes = self.0.nodes().unwrap_or_default();
        nodes.into_iter().filter(|node| node.kind == "normal" && node.name != me).map(|node| node.name).collect()
    }
}

fn follow(mut client: Client, mut machine: Ipfail, log: &mut Log) -> i32 {
    log.debug("Waiting for messages...");
    let begun = Instant::now();
    loop {
        let wait = machine.next_deadline().map(|at| at.saturating_sub(begun.elapsed()));
        let message = match client.receive(wait) {
            Ok(message) => message,
            Err(error) => return lost(log, &error),
        };
        let mut actions = Vec::new();
        if let Some(message) = message {
            actions.extend(machine.handle(begun.elapsed(), &Event::from(message), &mut Daemon(&mut client)));
        }
        actions.extend(machine.tick(begun.elapsed(), &mut Daemon(&mut client)));
        for action in actions {
            match action {
                Action::Log(Level::Info, text) => log.info(&text),
                Action::Log(Level::Debug, text) => log.debug(&text),
                Action::Send(message) => {
                    if let Err(error) = client.send(&message) {
                        return lost(log, &error);
                    }
                }
            }
        }
    }
}

fn lost(log: &mut Log, error: &Error) -> i32 {
    log.error("read_hb_msg returned NULL");
    log.error(&format!("REASON: {}", reason(error)));
    GONE
}
