//! Our own words for every finding: what was expected, for people who mend a file.

use ha_config::finding::{ApiAuth, File, Finding, Keys, Multicast, Respawn, Serial, Stonith, Unicast, Unicast6};
use ha_config::keys;

/// What is wrong and what would be right, in one line.
#[must_use]
pub fn words(finding: &Finding) -> String {
    match finding {
        Finding::CannotOpen(File::HaResources) => {
            "cannot be read; it is needed, even if empty, unless resources are not managed (-M)".to_owned()
        }
        Finding::CannotOpen(_) => "cannot be read".to_owned(),
        Finding::NotStarted => "has errors".to_owned(),
        Finding::KeysRefused => "the keys cannot be used".to_owned(),
        Finding::LineTooLong { length } => format!("the line has {length} bytes; at most 5119 are possible"),
        Finding::UnknownDirective { name } => match (keys::nearest(name), keys::glued(name)) {
            (Some(key), _) => format!("`{name}` is no directive; did you mean `{}`?", key.name),
            (None, Some(key)) => format!("`{name}` is no directive; is a blank missing after `{}`?", key.name),
            (None, None) => format!("`{name}` is no directive"),
        },
        Finding::BadValue { directive, value } => {
            let takes = keys::find(directive.as_bytes()).map_or("something else", |key| key.takes);
            format!("{directive}: `{value}` is not possible; expected {takes}")
        }
        Finding::Twice { directive } => format!("{directive} may be given once only (crm is pacemaker)"),
        Finding::UdpReplaced => "udp is the old name of bcast: write bcast".to_owned(),
        Finding::Broadcast { interface, reason } => {
            format!("bcast: expected an interface with a broadcast address; {interface}: {reason}")
        }
        Finding::Unicast(problem) => unicast(problem),
        Finding::Unicast6(problem) => unicast6(problem),
        Finding::Multicast { six, interface, problem } => {
            let name = if *six { "mcast6" } else { "mcast" };
            format!("{name} {interface}: {}", multicast(*six, problem))
        }
        Finding::Serial { device, problem } => match problem {
            Serial::Relative => format!("serial: expected a full path, not `{device}`"),
            Serial::Missing => format!("serial: there is no {device}"),
            Serial::NoDevice => format!("serial: {device} is no character device"),
        },
        Finding::Ping { six: true, host } => format!("ping6: expected an IPv6 address, not `{host}`"),
        Finding::Ping { six: false, host } => format!("ping: `{host}` cannot be resolved to an IPv4 address"),
        Finding::PingGroupMember { host } => {
            format!("ping_group: `{host}` cannot be resolved to an IPv4 address and is left out")
        }
        Finding::PortTaken { port, service } => format!("udpport: port {port} belongs to the service {service}"),
        Finding::TooLate { directive } => {
            format!("{directive} counts only for media after it; move it above the first medium")
        }
        Finding::NodeTwice { node } => format!("node {node} is named twice; the second time is ignored"),
        Finding::TooManyNodes { node } => format!("node {node} is one too many: 100 are possible, ping nodes included"),
        Finding::NiceFailback { meaning, .. } => match meaning {
            Some(true) => "nice_failback is obsolete: write auto_failback off".to_owned(),
            Some(false) => "nice_failback is obsolete: write auto_failback on (this line means legacy)".to_owned(),
            None => "nice_failback is obsolete: write auto_failback on, off or legacy".to_owned(),
        },
        Finding::CoreRoot { path } => format!("coreroot: expected a full path, not `{path}`"),
        Finding::CoreFiles => "the kernel overwrites core files: set kernel.core_uses_pid to 1".to_owned(),
        Finding::TraditionalCompression => "traditional_compression takes time at every long message".to_owned(),
        Finding::Pacemaker { value } => format!("a CRM is not used ({value})"),
        Finding::PacemakerRefused { value } => {
            format!("`{value}`: there is no CRM here; resources come from haresources. Remove the line or say off")
        }
        Finding::TooLateForPacemaker { value, .. } => {
            format!("`{value}` comes after crm or pacemaker and has to come before")
        }
        Finding::Env { pair } => format!("env: expected NAME=value, not `{pair}`"),
        Finding::Respawn(problem) => match problem {
            Respawn::UserTooLong => "expected a user's name of at most 63 bytes".to_owned(),
            Respawn::BadUser(user) => format!("expected a user's name (no number); there is no user `{user}`"),
            Respawn::Relative(path) => format!("expected a command with its full path after the user, not `{path}`"),
            Respawn::NotExecutable(path) => format!("{path} cannot be executed"),
        },
        Finding::ApiAuth { problem, .. } => format!("apiauth: {}", apiauth(problem.as_ref())),
        Finding::Stonith(problem) => stonith(problem),
        other => checks(other),
    }
}

fn unicast(problem: &Unicast) -> String {
    match problem {
        Unicast::NoDevice => "ucast: expected an interface and a host".to_owned(),
        Unicast::NoAddress { interface } => format!("ucast: expected a host after `{interface}`, separated by a blank"),
        Unicast::Unresolved { .. } => "ucast: the host cannot be resolved to an IPv4 address".to_owned(),
    }
}

fn unicast6(problem: &Unicast6) -> String {
    match problem {
        Unicast6::NoDevice => "ucast6: expected an interface and an IPv6 address".to_owned(),
        Unicast6::NoAddress { interface } => format!("ucast6: expected an IPv6 address after `{interface}`"),
        Unicast6::BadAddress { address, .. } => {
            format!("ucast6: `{address}` is no IPv6 address (names are not possible)")
        }
        Unicast6::BadDevice { interface } => format!("ucast6: there is no interface {interface}"),
        Unicast6::OtherZone { interface, address, .. } => format!("ucast6: the zone of {address} is not {interface}"),
        Unicast6::NoZone { address, .. } => format!("ucast6: the zone of {address} is no interface"),
    }
}

fn multicast(six: bool, problem: &Multicast) -> String {
    match problem {
        Multicast::NoDevice => "expected interface, group, port, ttl and loop".to_owned(),
        Multicast::Missing(part) => format!("expected five parts; the {part} is missing"),
        Multicast::BadDevice(Some(reason)) => format!("expected an interface with an IPv4 address: {reason}"),
        Multicast::BadDevice(None) => "there is no such interface".to_owned(),
        Multicast::BadAddress(address) if six => format!("`{address}` is no IPv6 multicast group"),
        Multicast::BadAddress(address) => format!("`{address}` is no multicast group (224.0.0.0 to 239.255.255.255)"),
        Multicast::BadPort(port) => format!("expected a port from 1 to 65535, not {port}"),
        Multicast::BadTtl(ttl) => format!("expected 0 to 4 hops, not {ttl}"),
        Multicast::BadLoop(value) => format!("expected 0 or 1 for the loop, not {value}"),
    }
}

fn apiauth(problem: Option<&ApiAuth>) -> String {
    match problem {
        None => "expected a client, then uid= or gid= with names separated by commas".to_owned(),
        Some(ApiAuth::NameTooLong) => "expected a client's name of at most 31 bytes".to_owned(),
        Some(ApiAuth::BadWord) => "expected uid= or gid= with names separated by commas and no blanks".to_owned(),
        Some(ApiAuth::TwoLists { .. }) => "expected one uid= and one gid= at most".to_owned(),
        Some(ApiAuth::Unknown { group, name, .. }) => {
            format!("there is no {} `{name}`", if *group { "group" } else { "user" })
        }
        Some(ApiAuth::Twice { client }) => format!("client {client} has a line already"),
    }
}

fn stonith(problem: &Stonith) -> String {
    match problem {
        Stonith::NoHost => "stonith_host: expected * or a node, a type and parameters".to_owned(),
        Stonith::HostTooLong => "stonith_host: the host's name is too long".to_owned(),
        Stonith::NoType => "expected a type of fencing devices".to_owned(),
        Stonith::BadType(kind) => format!("`{kind}` is no known type of fencing devices (see `stonith -L`)"),
        Stonith::NoFile(path) => format!("stonith: the device's file `{path}` cannot be read"),
        Stonith::BadFile(path) => format!("stonith: the device's file {path} is empty"),
        Stonith::BadParameters(_) => "stonith_host: expected parameters after the type".to_owned(),
    }
}

/// The checks across directives, and the keys.
fn checks(finding: &Finding) -> String {
    match finding {
        Finding::LogdOn { .. } | Finding::NoLogTarget { .. } => "messages go through the logging daemon".to_owned(),
        Finding::LogdOff => "the logging daemon is not used".to_owned(),
        Finding::NowhereToLog { .. } => {
            "messages go nowhere: give logfile, debugfile or logfacility, or say use_logd on".to_owned()
        }
        Finding::LogdBesides { .. } => {
            "with use_logd on, the log files are those of the logging daemon's file".to_owned()
        }
        Finding::Validated => "ha.cf and authkeys are good".to_owned(),
        Finding::NoMedia => "no medium: give at least one bcast, ucast, mcast or serial".to_owned(),
        Finding::NoNodes => "no node: name all members with node".to_owned(),
        Finding::NotAMember { node } => {
            format!("this node, {node}, is not named with node; the names are those that uname -n prints")
        }
        Finding::Added { node } => format!("this node, {node}, joins because of autojoin any"),
        Finding::DeadtimeTooSmall { deadtime, keepalive } => {
            format!("deadtime ({deadtime} ms) has to be more than twice the keepalive time ({keepalive} ms)")
        }
        Finding::InitdeadTooSmall { initdead, deadtime } => {
            format!("initdead ({initdead} ms) has to be at least the dead time ({deadtime} ms)")
        }
        Finding::InitdeadShort { initdead } => format!("initdead ({initdead} ms) should be 10 seconds at least"),
        Finding::DeadpingTooSmall { deadping, keepalive } => {
            format!("deadping ({deadping} ms) has to be more than twice the keepalive time ({keepalive} ms)")
        }
        Finding::LegacyFailback => "auto_failback is legacy (or not given): better write on or off".to_owned(),
        Finding::AutojoinConflict => "autojoin other and any do not go with haresources".to_owned(),
        Finding::Keys(problem) => keys_words(problem),
        Finding::ResourceNode { name } => format!("`{name}` is no node of ha.cf"),
        other => format!("{other:?}"),
    }
}

fn keys_words(problem: &Keys) -> String {
    match problem {
        Keys::Mode(mode) => format!("mode {mode:o} lets others read the keys: chmod 600"),
        Keys::BadAuth(_) => "expected auth and a number".to_owned(),
        Keys::BadLine(_) => "expected auth and a number, or a number, a method and a key".to_owned(),
        Keys::NoAuth => "no line says which key signs: expected auth and a number".to_owned(),
        Keys::NoKey(number) => format!("key {number} is not given after this line"),
        Keys::BadNumber(number) => format!("expected a number from 0 to 15, not {number}"),
        Keys::BadMethod { method, .. } => format!("`{method}` is no method; expected sha1, md5 or crc"),
        Keys::KeyMissing(method) => format!("{method} needs a key after it"),
        Keys::KeyNotWanted => "crc takes no key".to_owned(),
    }
}
