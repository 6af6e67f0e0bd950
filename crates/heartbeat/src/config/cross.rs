//! What no single file or directive can tell: differences between files, and what starts but does not work as meant.

use super::check::Problem;
use super::load::Contents;
use cluster_protocol::auth::Method;
use ha_config::config::Medium;
use ha_config::evaluate::Survey;
use ha_config::finding::{File, Finding, Gravity};
use ha_config::ha_cf::{self, Arguments, Entry};
use ha_config::haresources::{self, Group};
use ha_config::lexer::Span;
use ha_config::machine::{Machine, PathKind};
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;

struct Problems(Vec<Problem>);

impl Problems {
    fn add(&mut self, gravity: Gravity, file: File, span: Option<Span>, words: String) {
        self.0.push(Problem { file, span, gravity, words });
    }

    fn warn(&mut self, file: File, span: Option<Span>, words: impl Into<String>) {
        self.add(Gravity::Warning, file, span, words.into());
    }
}

/// Everything besides the findings of the evaluation.
pub(super) fn problems(contents: &Contents, survey: &Survey, machine: &dyn Machine) -> Vec<Problem> {
    let mut all = Problems(Vec::new());
    if let Ok(text) = &contents.ha_cf.bytes {
        written(text, machine, &mut all);
        line_ends(text, &mut all);
    }
    members(survey, &mut all);
    media(survey, machine, &mut all);
    keys(contents, &mut all);
    if let Ok(text) = &contents.haresources.bytes {
        resources(text, survey, &mut all);
    }
    all.0
}

/// What stands in `ha.cf` and is accepted, but does not mean what it seems to.
fn written(text: &[u8], machine: &dyn Machine, all: &mut Problems) {
    for entry in ha_cf::parse(text) {
        let Entry::Directive { key, span, arguments: Arguments::Values(values) } = entry else { continue };
        if values.is_empty() {
            all.warn(
                File::HaCf,
                Some(span),
                format!("{} without a value does nothing; expected {}", key.name, key.takes),
            );
        }
        for value in values {
            let word = value.lossy();
            let at = Some(value.span);
            match key.name {
                "node" if word.chars().any(char::is_uppercase) => {
                    all.warn(File::HaCf, at, format!("node {word}: names are compared in lower case"));
                }
                "hopfudge"
                | "rtprio"
                | "memreserve"
                | "debug"
                | "compression_threshold"
                | "max_rexmit_delay"
                | "baud"
                | "udpport"
                    if !word.bytes().all(|byte| byte.is_ascii_digit()) =>
                {
                    let words = format!("{}: only the digits at the beginning of `{word}` count", key.name);
                    all.warn(File::HaCf, at, words);
                }
                "logfile" | "debugfile" => log_file(key.name, &word, at, machine, all),
                _ => {}
            }
        }
    }
}

/// Ends of lines that are none, and none that are.
fn line_ends(text: &[u8], all: &mut Problems) {
    for (line, bytes) in ha_config::lexer::numbered(text) {
        let said = bytes.split(|byte| *byte == b'#').next().unwrap_or_default().trim_ascii_end();
        let at = |index: usize| Some(Span { line, column: u32::try_from(index + 1).unwrap_or(u32::MAX) });
        if let Some(index) = said.iter().position(|byte| *byte == b'\r') {
            all.warn(File::HaCf, at(index), "what follows a carriage return is not read");
        }
        if said.ends_with(b"\\") {
            all.warn(File::HaCf, at(said.len() - 1), "a backslash does not continue a line here");
        }
    }
}

fn log_file(directive: &str, path: &str, at: Option<Span>, machine: &dyn Machine, all: &mut Problems) {
    let parent = Path::new(path).parent().and_then(Path::to_str).unwrap_or_default();
    if !path.starts_with('/') {
        all.warn(File::HaCf, at, format!("{directive}: expected a full path, not `{path}`"));
    } else if machine.path(parent) != PathKind::Directory {
        all.warn(File::HaCf, at, format!("{directive}: there is no directory {parent}; messages would be lost"));
    } else if machine.path(path) == PathKind::Directory {
        all.warn(File::HaCf, at, format!("{directive}: {path} is a directory; messages would be lost"));
    }
}

fn members(survey: &Survey, all: &mut Problems) {
    for medium in &survey.media {
        if let Medium::Ping { node, .. } = medium {
            if survey.nodes.iter().any(|member| member.eq_ignore_ascii_case(node)) {
                all.warn(File::HaCf, None, format!("ping node {node} is a member of the cluster, too"));
            }
        }
    }
    if let [only] = survey.nodes.as_slice() {
        all.warn(File::HaCf, None, format!("{only} is the only node: nothing can be taken over"));
    }
    if let Some(config) = &survey.config {
        if config.warntime >= config.deadtime {
            all.warn(File::HaCf, None, "warntime is not below deadtime: nobody will be warned".to_owned());
        }
    }
}

/// Addresses that nobody else can reach.
fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_private() || address.is_link_local() || address.is_loopback(),
        IpAddr::V6(address) => address.is_unique_local() || address.is_unicast_link_local() || address.is_loopback(),
    }
}

fn media(survey: &Survey, machine: &dyn Machine, all: &mut Problems) {
    let crc = survey
        .keys
        .as_ref()
        .is_some_and(|keys| keys.keys.iter().any(|key| key.index == keys.active && key.method == Method::Crc));
    let mut public = None;
    for medium in &survey.media {
        let local = |interface: &str| machine.address(interface).unwrap_or(Ipv4Addr::LOCALHOST);
        let (name, address) = match medium {
            Medium::Unicast { interface, peer, .. } => {
                if machine.interface_index(interface).is_none() {
                    all.warn(
                        File::HaCf,
                        None,
                        format!("ucast: there is no interface {interface}; the daemon will stop"),
                    );
                }
                (interface, *peer)
            }
            Medium::Broadcast { interface, .. } | Medium::Multicast { interface, .. } => {
                (interface, IpAddr::V4(local(interface)))
            }
            _ => continue,
        };
        if !is_private(address) {
            public = Some(name);
        }
    }
    if let Some(interface) = public.filter(|_| crc) {
        let words =
            format!("crc protects from noise, not from people, and {interface} is not a private network: use sha1");
        all.warn(File::AuthKeys, None, words);
    }
}

fn keys(contents: &Contents, all: &mut Problems) {
    let file = &contents.authkeys;
    if file.bytes.is_err() {
        return;
    }
    if file.mode & 0o022 != 0 {
        all.warn(File::AuthKeys, None, format!("mode {:o} lets others change the keys: chmod 600", file.mode & 0o7777));
    }
    if file.owner != 0 {
        all.warn(File::AuthKeys, None, format!("the owner is number {}, not root", file.owner));
    }
}

/// The address that a resource brings up, if it is one that does.
fn address(resource: &str) -> Option<IpAddr> {
    let mut parts = resource.split("::");
    let first = parts.next()?;
    let text = match first {
        "IPaddr" | "IPaddr2" | "IPv6addr" => parts.next()?,
        _ => first,
    };
    text.split('/').next()?.parse().ok()
}

fn resources(text: &[u8], survey: &Survey, all: &mut Problems) {
    let groups = haresources::groups(text);
    let known = |name: &str| survey.is_node(name);
    let reported: Vec<Option<Span>> = survey
        .findings
        .iter()
        .filter(|found| matches!(found.finding, Finding::ResourceNode { .. }))
        .map(|found| found.span)
        .collect();
    for Group { node, resources } in &groups {
        let span = Some(node.span);
        if !known(&node.text) && !survey.nodes.is_empty() && !reported.contains(&span) {
            all.add(Gravity::Error, File::HaResources, span, format!("`{}` is no node of ha.cf", node.text));
        }
        if resources.is_empty() {
            all.warn(File::HaResources, span, format!("{}: a node without resources", node.text));
        }
    }
    let mut words: BTreeMap<&str, Span> = BTreeMap::new();
    let mut addresses: BTreeMap<IpAddr, (Span, &str)> = BTreeMap::new();
    for resource in groups.iter().flat_map(|group| &group.resources) {
        let at = Some(resource.span);
        let name = resource.text.as_str();
        if let Some(first) = words.insert(name, resource.span) {
            let words = format!("`{name}` stands in line {} already: groups are found by their words", first.line);
            all.add(Gravity::Error, File::HaResources, at, words);
        } else if let Some(address) = address(name) {
            if let Some((first, as_)) = addresses.insert(address, (resource.span, name)) {
                let words = format!("address {address} stands in line {} already, as `{as_}`", first.line);
                all.add(Gravity::Error, File::HaResources, at, words);
            }
        }
    }
    continuations(text, all);
}

/// Backslashes that nearly continue a line.
fn continuations(text: &[u8], all: &mut Problems) {
    for (line, bytes) in ha_config::lexer::numbered(text) {
        let trimmed = bytes.trim_ascii_end();
        if trimmed.len() != bytes.len() && trimmed.ends_with(b"\\") && !trimmed.trim_ascii_start().starts_with(b"#") {
            let column = u32::try_from(trimmed.len()).unwrap_or(u32::MAX);
            let words = "blanks after the backslash: the next line is a line of its own for the daemon".to_owned();
            all.warn(File::HaResources, Some(Span { line, column }), words);
        }
    }
}
