//! The words for media.

use super::Lines;
use ha_config::finding::{Finding, Multicast, Serial, Unicast, Unicast6};

/// Adds the lines of a finding about a medium.
pub(super) fn lines(finding: &Finding, out: &mut Lines) {
    match finding {
        Finding::Broadcast { interface, reason } => {
            out.error(format!("glib: Get broadcast for interface {interface} failed: {reason}"));
            out.error(format!("glib: IP interface [{interface}] does not exist"));
            out.error(format!("Illegal bcast [UDP/IP broadcast] in config file [{interface}]"));
        }
        Finding::Unicast(problem) => unicast(problem, out),
        Finding::Unicast6(problem) => unicast6(problem, out),
        Finding::Multicast { six, interface, problem } => multicast(*six, interface, problem, out),
        Finding::Serial { device, problem } => {
            out.error(match problem {
                Serial::Relative => format!("glib: Serial port not full pathname [{device}] in config file"),
                Serial::Missing => format!("glib: Nonexistent serial port [{device}] in config file"),
                Serial::NoDevice => format!("glib: Serial port [{device}] not a char device in config file"),
            });
            out.error(format!("Illegal serial [serial ring] in config file [{device}]"));
        }
        Finding::Ping { six: true, host } => {
            out.error(format!("Illegal ping6 [ping6 membership] in config file [{host}]"))
        }
        Finding::Ping { six: false, host } => {
            out.error(unknown_host(host));
            out.error(format!("Illegal ping [ping membership] in config file [{host}]"));
        }
        Finding::PingGroupMember { host } => out.error(unknown_host(host)),
        _ => {}
    }
}

/// 3.0.6 adds the text of whatever error number was left over, mostly that of none.
fn unknown_host(host: &str) -> String {
    format!("glib: unknown host: {host}: Success")
}

fn unicast(problem: &Unicast, out: &mut Lines) {
    match problem {
        Unicast::NoDevice => out.error("glib: ucast statement without device"),
        Unicast::NoAddress { interface } => {
            out.error(format!("glib: ucast: [{interface}] missing target IP address/hostname"));
        }
        Unicast::Unresolved { interface } => {
            out.error("glib: ucast: cannot resolve hostname");
            out.error(format!("glib: ucast: interface [{interface}] does not exist"));
        }
    }
}

fn unicast6(problem: &Unicast6, out: &mut Lines) {
    let creating =
        |interface: &str, address: &str| format!("glib: Error creating ucast6_private({interface}, {address})");
    match problem {
        Unicast6::NoDevice => out.error("glib: ucast6 statement without device"),
        Unicast6::NoAddress { interface } => out.error(format!("glib: ucast6 [{interface}] missing ucast6 address")),
        Unicast6::BadAddress { interface, address } => {
            out.error(format!("glib: ucast6 [{interface}] bad addr [{address}]"))
        }
        Unicast6::BadDevice { interface } => {
            out.error(format!("glib: ucast6 device [{interface}] is invalid or not set up properly"));
        }
        Unicast6::OtherZone { interface, index, scope, address } => {
            let numbers = format!("index {index} does not match scope id {scope}");
            out.error(format!("glib: ucast6: {numbers} for device {interface}"));
            out.warn(creating(interface, address));
        }
        Unicast6::NoZone { interface, address, port } => {
            out.error(format!("glib: getaddrinfo([{address}]:{port}): Name or service not known"));
            out.warn(creating(interface, address));
        }
    }
}

fn multicast(six: bool, interface: &str, problem: &Multicast, out: &mut Lines) {
    let name = if six { "mcast6" } else { "mcast" };
    match problem {
        Multicast::NoDevice => out.error(format!("glib: {name} statement without device")),
        Multicast::Missing("address") => out.error(format!("glib: {name} [{interface}] missing {name} address")),
        Multicast::Missing(part) => out.error(format!("glib: {name} [{interface}] missing {part}")),
        Multicast::BadDevice(reason) => {
            if let Some(reason) = reason {
                let what = "Unable to retrieve local interface address for interface";
                out.error(format!("glib: {what} [{interface}] using ioctl(SIOCGIFADDR): {reason}"));
            }
            out.error(format!("glib: {name} device [{interface}] is invalid or not set up properly"));
        }
        // QUIRK: two blanks after `glib:`, here for mcast6 only and below for both.
        Multicast::BadAddress(address) => {
            let blank = if six { " " } else { "" };
            out.error(format!("glib: {blank}{name} [{interface}] bad addr [{address}]"));
        }
        Multicast::BadPort(port) => out.error(format!("glib:  {name} [{interface}] bad port [{port}]")),
        Multicast::BadTtl(ttl) => {
            let what = if six { "hops" } else { "ttl" };
            out.error(format!("glib:  {name} [{interface}] bad {what} [{ttl}]"));
        }
        Multicast::BadLoop(value) => out.error(format!("glib:  {name} [{interface}] bad loop [{value}]")),
    }
}
