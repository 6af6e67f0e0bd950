//! Options `-D`, `-W` and `-v`: the table of defaults and the configuration in force, as the original prints them.

use super::super::messages::VERSION;
use ha_config::config::{Config, Medium};
use ha_config::keys;
use std::fmt::Write as _;
use std::net::IpAddr;

/// What the original says of its parameters.
const DESCRIPTIONS: &[(&str, &str)] = &[
    ("cluster", "the name of cluster"),
    ("hopfudge", "# of hops above cluster size"),
    ("keepalive", "keepalive time"),
    ("deadtime", "node deadtime"),
    ("deadping", "ping deadtime"),
    ("initdead", "initial deadtime"),
    ("warntime", "warning time"),
    ("watchdog", "watchdog device"),
    ("baud", "baud rate"),
    ("udpport", "UDP port number"),
    ("logfacility", "syslog log facility"),
    ("logfile", "log file"),
    ("debugfile", "debug file"),
    ("auto_failback", "auto failback"),
    ("rtprio", "realtime priority"),
    ("hbgenmethod", "protocol generation computation method"),
    ("realtime", "enable realtime behavior?"),
    ("debug", "debug level"),
    ("msgfmt", "message format in the wire"),
    ("use_logd", "use logging daemon"),
    ("conn_logd_time", "the interval to reconnect to logd"),
    ("log_badpack", "warn about bad packets"),
    ("syslogmsgfmt", "log to files in syslog format"),
    ("coredumps", "enable Linux-HA core dumps"),
    ("coreroot", "set root directory of core dump area"),
    ("crmd_spawns_pengine", "should pengine be spawned directly by heartbeat"),
    ("pacemaker", "enable Pacemaker resource management"),
    ("autojoin", "set automatic join mode/style"),
    ("uuidfrom", "set the source for uuid"),
    ("compression", "set compression module"),
    ("compression_threshold", "set compression threshold"),
    ("traditional_compression", "set traditional_compression"),
    ("max_rexmit_delay", "set the maximum rexmit delay time"),
    ("record_config_changes", "record changes to the cib (valid only with: pacemaker on)"),
    ("record_pengine_inputs", "record the input used by the policy engine (valid only with: pacemaker on)"),
    ("enable_config_writes", "write configuration changes to disk (valid only with: pacemaker on)"),
    ("memreserve", "number of kbytes to preallocate in heartbeat"),
    ("quorum_server", "the name or ip of quorum server"),
];

fn description(name: &str) -> &'static str {
    DESCRIPTIONS.iter().find(|(known, _)| *known == name).map_or("", |(_, text)| text)
}

/// The table of directives with defaults (`-D`), or the same for a wiki (`-D -W`).
#[must_use]
pub fn directives(wiki: bool) -> String {
    let rows: Vec<(&str, &str)> =
        keys::KEYS.iter().filter_map(|key| key.default.map(|default| (key.name, default))).collect();
    let mut text = String::new();
    if wiki {
        text.push_str("##Put this output in the ha.cf/DefaultValues page\n");
        text.push_str("The [wiki:ha.cf ha.cf] directives with default values are shown below");
        text.push_str(" - along with a brief description.\n");
        let _ = writeln!(text, "This was produced by {{{{{{heartbeat -DW}}}}}} ''# (version {VERSION})''\n");
        text.push_str("||''Directive''||''Default''||''Description''||\n");
        for (name, default) in rows {
            let page = wiki_name(name);
            let _ = writeln!(text, "||[wiki:ha.cf/{page} {name}]||{default}||{}||", description(name));
        }
        return text;
    }
    let width = |words: &mut dyn Iterator<Item = &str>| words.map(str::len).max().unwrap_or_default() + 2;
    let names = width(&mut rows.iter().map(|(name, _)| *name));
    let defaults = width(&mut rows.iter().map(|(_, default)| *default));
    let _ = writeln!(text, "{:names$}{:defaults$}Description", "Directive", "Default");
    let _ = writeln!(text, "{}", "-".repeat(80));
    for (name, default) in rows {
        let _ = writeln!(text, "{name:names$}{default:defaults$}{}", description(name));
    }
    text
}

/// `conn_logd_time` is the page `ConnLogdTimeDirective`.
fn wiki_name(name: &str) -> String {
    let mut page = String::new();
    for part in name.split('_') {
        let mut letters = part.chars();
        page.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        page.push_str(letters.as_str());
    }
    page + "Directive"
}

const RULE: &str = "#---------------------------------------------------";

/// The configuration in force (`-v`).
#[must_use]
pub fn effective(config: &Config) -> String {
    let mut text = format!("#\n#\tLinux-HA heartbeat configuration (on {})\n#\n\n{RULE}\n", config.node);
    text.push_str("#\n#\tHA configuration and status\n#\n");
    for (name, value) in &config.parameters {
        let _ = writeln!(text, "{name}\t{value}\t#\t{}", description(name));
    }
    text.push_str("#\n#\tHA Cluster nodes:\n#\n");
    let pings = config.media.iter().filter_map(|medium| match medium {
        Medium::Ping { node, .. } => Some(node),
        _ => None,
    });
    for node in config.nodes.iter().chain(pings) {
        let _ = writeln!(text, "node {node}\t#\t current status: init");
    }
    text.push_str("#\n#\tCommunications media:\n#\n");
    for (index, medium) in config.media.iter().enumerate() {
        if index > 0 {
            text.push_str("#\n");
        }
        let (directive, name, kind) = described(medium);
        let _ = writeln!(text, "# {kind} heartbeat channel -------------\n{directive} {name}");
    }
    text.push_str(RULE);
    text.push('\n');
    text
}

/// The directive, the name and the kind of a medium, in the original's words.
fn described(medium: &Medium) -> (&'static str, String, &'static str) {
    match medium {
        Medium::Broadcast { interface, .. } => ("bcast", interface.clone(), "UDP/IP broadcast"),
        Medium::Multicast { interface, .. } => ("mcast", interface.clone(), "UDP/IP multicast"),
        Medium::Multicast6 { interface, .. } => ("mcast6", interface.clone(), "UDP/IP multicast"),
        Medium::Unicast { interface, peer: IpAddr::V4(_), .. } => ("ucast", interface.clone(), "UDP/IP unicast"),
        Medium::Unicast { interface, peer: IpAddr::V6(_), .. } => ("ucast6", interface.clone(), "UDP/IPv6 unicast"),
        Medium::Serial { device, .. } => ("serial", device.to_string_lossy().into_owned(), "serial ring"),
        Medium::Ping { node, group: true, .. } => ("ping_group", node.clone(), "ping group membership"),
        Medium::Ping { node, members, .. } => match members.first() {
            Some(IpAddr::V6(_)) => ("ping6", node.clone(), "ping6 membership"),
            _ => ("ping", node.clone(), "ping membership"),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_as_wide_as_the_original_s() {
        let table = directives(false);
        let lines: Vec<&str> = table.lines().collect();
        assert_eq!(lines[0], "Directive                Default   Description");
        assert_eq!(lines[2], "cluster                  linux-ha  the name of cluster");
        assert_eq!(
            lines.last(),
            Some(&"memreserve               6500      number of kbytes to preallocate in heartbeat")
        );
        assert_eq!(lines.len(), 26);
    }

    #[test]
    fn the_wiki_s_rows_name_their_pages() {
        let table = directives(true);
        assert!(table.contains(
            "\n||[wiki:ha.cf/ConnLogdTimeDirective conn_logd_time]||60||the interval to reconnect to logd||\n"
        ));
        assert!(table.contains("{{{heartbeat -DW}}} ''# (version 3.0.6)''\n\n||''"));
    }

    #[test]
    fn every_parameter_has_a_description() {
        for key in keys::KEYS.iter().filter(|key| key.exported) {
            assert!(!description(key.name).is_empty(), "{}", key.name);
        }
    }
}
