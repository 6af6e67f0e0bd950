//! The commands that add, change and delete a server.

use super::address::{self, Protocol};
use super::command::{Kind, service_options};
use super::option::Opt;
use super::state::{Key, Server, State};
use super::values;
use crate::rng::Rng;

/// The options of a line that adds, changes or deletes a server, the command itself not included.
pub fn options(rng: &mut Rng, state: &mut State, kind: Kind) -> Vec<Opt> {
    let key = if kind == Kind::AddServer { state.known_key(rng) } else { state.busy_key(rng) };
    let mut options = service_options(rng, &key);
    let servers = state.find(&key).map(|service| service.servers.clone()).unwrap_or_default();
    let known = (!servers.is_empty() && rng.chance(92)).then(|| rng.pick(&servers).clone());
    if kind == Kind::DeleteServer {
        let server = known.unwrap_or_else(|| stranger(rng, key.v6()));
        let port = (Some(server.port) != service_port(&key) || rng.chance(50)).then_some(server.port);
        options.push(Opt::with("real-server", spelled(rng, &server.address, port, &key)));
        if let Some(service) = state.find(&key) {
            service.servers.retain(|other| *other != server);
        }
        return options;
    }
    let mut method = rng.weighted(&[(2, ""), (2, "gatewaying"), (5, "masquerading"), (3, "ipip")]);
    if let (Kind::EditServer, Some(server)) = (kind, &known) {
        // Other methods would speak of the server with the service's own port.
        if service_port(&key).is_some_and(|port| port != server.port) && rng.chance(90) {
            method = "masquerading";
        }
    }
    let server = match known {
        Some(server) if kind == Kind::EditServer => server,
        _ => {
            let other_family = rng.chance(if method == "ipip" { 15 } else { 2 });
            stranger(rng, key.v6() ^ other_family)
        }
    };
    let fixed = method != "masquerading" && service_port(&key).is_some();
    let port = (kind == Kind::EditServer && !fixed || rng.chance(50)).then_some(server.port);
    options.push(Opt::with("real-server", spelled(rng, &server.address, port, &key)));
    if !method.is_empty() {
        options.push(Opt::flag(method));
    }
    if rng.chance(60) {
        options.push(Opt::with("weight", values::weight(rng)));
    }
    thresholds(rng, &mut options);
    if method == "ipip" && rng.chance(60) || rng.chance(1) {
        tunnel(rng, &mut options);
    }
    if kind == Kind::AddServer {
        let port = if fixed { service_port(&key) } else { port.or(service_port(&key)) }.unwrap_or(0);
        if let Some(service) = state.find(&key) {
            service.servers.push(Server { address: server.address, port });
        }
    }
    options
}

fn stranger(rng: &mut Rng, v6: bool) -> Server {
    Server { address: address::server(rng, v6), port: address::port(rng) }
}

/// The port that servers inherit; marks have none.
fn service_port(key: &Key) -> Option<u16> {
    match key {
        Key::Address(_, _, port) => Some(*port),
        Key::Mark(..) => None,
    }
}

fn spelled(rng: &mut Rng, address: &str, port: Option<u16>, key: &Key) -> String {
    let protocol = match key {
        Key::Address(protocol, ..) => Some(*protocol),
        Key::Mark(..) => rng.chance(5).then_some(Protocol::Tcp),
    };
    address::spelled(rng, address, port, protocol)
}

fn thresholds(rng: &mut Rng, options: &mut Vec<Opt>) {
    // The kernel refuses a lower threshold above the upper one, or without one.
    match rng.below(40) {
        0..=2 => options.push(Opt::with("u-threshold", values::threshold(rng))),
        3 => options.push(Opt::with("l-threshold", values::threshold(rng))),
        4..=5 => {
            options.push(Opt::with("u-threshold", values::threshold(rng)));
            options.push(Opt::with("l-threshold", values::threshold(rng)));
        }
        6..=9 => {
            options.push(Opt::with("u-threshold", "1000"));
            options.push(Opt::with("l-threshold", "10"));
        }
        _ => {}
    }
}

fn tunnel(rng: &mut Rng, options: &mut Vec<Opt>) {
    let port = |rng: &mut Rng| Opt::with("tun-port", values::number(rng, 1, 65_535));
    let checksum = |rng: &mut Rng, all: &[&'static str]| Opt::flag(rng.name(all));
    const GRE: &[&str] = &["tun-nocsum", "tun-csum"];
    const GUE: &[&str] = &["tun-nocsum", "tun-csum", "tun-remcsum"];
    match rng.below(12) {
        0..=1 => options.push(Opt::with("tun-type", "ipip")),
        2..=5 => {
            options.push(Opt::with("tun-type", "gue"));
            options.push(port(rng));
            if rng.chance(70) {
                options.push(checksum(rng, GUE));
            }
        }
        6..=8 => {
            options.push(Opt::with("tun-type", "gre"));
            if rng.chance(70) {
                options.push(checksum(rng, GRE));
            }
        }
        // Anything with anything.
        _ => {
            if rng.chance(80) {
                options
                    .push(Opt::with("tun-type", rng.word(&["ipip", "gue", "gre", "GUE", "", "ipi", "vxlan", "gue "])));
            }
            if rng.chance(50) {
                options.push(port(rng));
            }
            for flag in GUE {
                if rng.chance(30) {
                    options.push(Opt::flag(flag));
                }
            }
        }
    }
}
