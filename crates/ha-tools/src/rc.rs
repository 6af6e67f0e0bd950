//! The scripts of `/etc/ha.d/rc.d` that are shipped, without a shell: what a node does when a message arrives.
//!
//! Source: resource specification, sections 2.4 to 2.7; messages, texts and exit statuses checked byte for byte against
//! Debian 12's scripts. The fields of the message are variables of the environment.

mod address;

use crate::call::{Call, PROGRAMS};
use crate::environment::Environment;
use crate::standby::{self, Direction};
use crate::{exit, messages};
use resource_manager::backend::Backend;
use resource_manager::halog::HaLog;
use resource_manager::inject;
use std::ffi::OsString;

/// One script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// `status`: another node's status has changed.
    Status,
    /// `ip-request`: another node wants a group.
    IpRequest,
    /// `ip-request-resp`: the answer.
    IpRequestResponse,
    /// `ask_resources`: the daemon does this itself.
    AskResources,
    /// `hb_takeover`: another node wants resources.
    Takeover,
}

impl Kind {
    /// All, with their file names.
    const ALL: [(&'static str, Self); 5] = [
        ("status", Self::Status),
        ("ip-request", Self::IpRequest),
        ("ip-request-resp", Self::IpRequestResponse),
        ("ask_resources", Self::AskResources),
        ("hb_takeover", Self::Takeover),
    ];

    /// The script of this name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(known, _)| *known == name).map(|(_, kind)| *kind)
    }
}

/// Runs a script.
pub(crate) fn run(kind: Kind, call: &Call, environment: &Environment) -> u8 {
    match kind {
        Kind::Status => status(environment),
        Kind::IpRequest => address::request(call, environment),
        Kind::IpRequestResponse => address::response(call, environment),
        Kind::AskResources => ask_resources(call, environment),
        Kind::Takeover => takeover(call, environment),
    }
}

/// Only a death matters.
fn status(environment: &Environment) -> u8 {
    if environment.text("HA_st") != "dead" {
        return exit::OK;
    }
    let node: OsString = environment.text("HA_src").into();
    exit::status(resource_manager::mach_down::main(&[node]))
}

/// The other node wants what is its own, or ours, or all: we go standby with the mirrored set.
fn takeover(call: &Call, environment: &Environment) -> u8 {
    if environment.text("HA_src") == environment.text("HA_CURHOST") {
        return exit::OK;
    }
    let set = match environment.text("HA_rsc_hold").as_str() {
        // failback: the node that asks gets its own back, and no more.
        "local" | "failback" => "foreign",
        "foreign" => "local",
        _ => "all",
    };
    match standby::send(Direction::Standby, set) {
        Ok(()) => exit::OK,
        Err(error) => messages::failed(&call.program(), &error),
    }
}

/// Takes all groups of the sender. No daemon calls this; sites may.
fn ask_resources(call: &Call, environment: &Environment) -> u8 {
    let log = HaLog::from_env("ask_resources");
    let node = environment.text("HA_src");
    log.log(&format!("info: XXXX standby node {node}"));
    let backend = Backend::installed();
    for key in backend.keys(&node) {
        log.log(&format!("info: Taking over resource group {key}"));
        backend.take(&key);
    }
    if !matches!(environment.text("HA_NICEFAILBACK").as_str(), "yes" | "Yes") {
        return exit::OK;
    }
    log.log(&format!("info: {}: nice_failback: acquiring foreign resources", call.program()));
    match inject::send(&[("t", "resource"), ("rsc_hold", "foreign"), ("info", "standby")]) {
        Ok(()) => exit::OK,
        Err(error) => messages::failed(&call.program(), &error),
    }
}

/// Where a companion program is installed.
pub(crate) fn companion(name: &str) -> String {
    format!("{PROGRAMS}/{name}")
}
