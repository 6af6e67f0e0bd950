//! The table as JSON (`--list --json`). The schema is described in `docs/JSON.md` and only ever grows.

use crate::output::Output;
use ipvs::model::{
    Daemon, DaemonState, DestEntry, Family, ForwardMethod, Info, Netmask, Protocol, ServiceEntry, ServiceFlags,
    ServiceKey, Stats, Timeouts, Tunnel, TunnelChecksum,
};
use serde::Serialize;
use std::borrow::Cow;
use std::io;
use std::num::NonZero;

/// Version of the schema.
const SCHEMA: u32 = 1;

#[derive(Serialize)]
struct Persistence {
    timeout: u32,
    netmask: Mask,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Mask {
    V4(String),
    V6(u32),
}

#[derive(Serialize)]
struct Counters {
    connections: u64,
    in_packets: u64,
    out_packets: u64,
    in_bytes: u64,
    out_bytes: u64,
}

#[derive(Serialize)]
struct Encapsulation {
    r#type: Cow<'static, str>,
    port: Option<u16>,
    checksum: Option<&'static str>,
}

#[derive(Serialize)]
struct ConnectionTimeouts {
    tcp: u32,
    tcp_fin: u32,
    udp: u32,
}

#[derive(Serialize)]
struct SyncDaemon {
    role: &'static str,
    interface: String,
    sync_id: u8,
    max_length: Option<u16>,
    group: Option<String>,
    port: Option<u16>,
    ttl: Option<u8>,
}

#[derive(Serialize)]
struct Destination {
    address: String,
    port: u16,
    family: &'static str,
    forward: Cow<'static, str>,
    tunnel: Option<Encapsulation>,
    weight: u32,
    upper_threshold: u32,
    lower_threshold: u32,
    active_connections: u32,
    inactive_connections: u32,
    persistent_connections: u32,
    stats: Counters,
    rates: Counters,
}

#[derive(Serialize)]
struct VirtualService<'a> {
    protocol: Cow<'static, str>,
    address: Option<String>,
    port: Option<u16>,
    fwmark: Option<u32>,
    family: &'static str,
    scheduler: String,
    flags: Vec<&'a str>,
    one_packet: bool,
    persistent: Option<Persistence>,
    pe: Option<String>,
    stats: Counters,
    rates: Counters,
    destinations: Vec<Destination>,
}

/// Appends everything before the first service.
///
/// # Errors
/// None in practice: the text goes to memory.
pub fn begin(out: &mut Vec<u8>, info: Info, timeouts: Timeouts, daemons: &[Daemon]) -> io::Result<()> {
    let Timeouts { tcp, tcp_fin, udp } = timeouts;
    let head = format!(
        "{{\n  \"schema\": {SCHEMA},\n  \"version\": \"{}\",\n  \"connection_table_size\": {},\n  \"timeouts\": ",
        info.version, info.connection_table_size
    );
    out.extend_from_slice(head.as_bytes());
    serde_json::to_writer(&mut *out, &ConnectionTimeouts { tcp, tcp_fin, udp })?;
    out.extend_from_slice(b",\n  \"daemons\": ");
    let daemons: Vec<SyncDaemon> = daemons.iter().map(sync_daemon).collect();
    serde_json::to_writer(&mut *out, &daemons)?;
    out.extend_from_slice(b",\n  \"services\": [");
    Ok(())
}

fn sync_daemon(daemon: &Daemon) -> SyncDaemon {
    SyncDaemon {
        role: match daemon.state {
            DaemonState::Master => "master",
            DaemonState::Backup => "backup",
        },
        interface: daemon.interface.to_string(),
        sync_id: daemon.sync_id,
        max_length: daemon.max_length.map(NonZero::get),
        group: daemon.group.map(|group| group.to_string()),
        port: daemon.port.map(NonZero::get),
        ttl: daemon.ttl.map(NonZero::get),
    }
}

/// Appends a service with its destinations, on a line of its own.
///
/// # Errors
/// What writing to standard output says.
pub fn service(out: &mut Output, entry: &ServiceEntry, dests: &[DestEntry], first: bool) -> io::Result<()> {
    out.buffer().extend_from_slice(if first { b"\n    " } else { b",\n    " });
    serde_json::to_writer(out.buffer(), &virtual_service(entry, dests))?;
    out.settle()
}

/// Appends everything behind the last service.
pub fn end(out: &mut Vec<u8>, empty: bool) {
    out.extend_from_slice(if empty { b"]\n}\n" } else { b"\n  ]\n}\n" });
}

fn virtual_service<'a>(entry: &ServiceEntry, dests: &[DestEntry]) -> VirtualService<'a> {
    let service = &entry.service;
    let (protocol, address, port, fwmark) = match service.key {
        ServiceKey::Address { protocol, addr, port } => {
            let name = match protocol {
                Protocol::Tcp => Cow::from("tcp"),
                Protocol::Udp => "udp".into(),
                Protocol::Sctp => "sctp".into(),
                other => other.number().to_string().into(),
            };
            (name, Some(addr.to_string()), Some(port), None)
        }
        ServiceKey::Fwmark { mark, .. } => ("fwmark".into(), None, None, Some(mark.get())),
    };
    let [first, second] = match service.scheduler.as_bytes() {
        b"sh" => ["sh-fallback", "sh-port"],
        b"mh" => ["mh-fallback", "mh-port"],
        _ => ["flag-1", "flag-2"],
    };
    let names = [(ServiceFlags::SCHED_1, first), (ServiceFlags::SCHED_2, second), (ServiceFlags::SCHED_3, "flag-3")];
    VirtualService {
        protocol,
        address,
        port,
        fwmark,
        family: family(service.key.family()),
        scheduler: if service.scheduler.is_empty() { "none".to_owned() } else { service.scheduler.to_string() },
        flags: names.iter().filter(|(flag, _)| service.flags.contains(*flag)).map(|(_, name)| *name).collect(),
        one_packet: service.flags.contains(ServiceFlags::ONE_PACKET),
        persistent: service.flags.contains(ServiceFlags::PERSISTENT).then(|| Persistence {
            timeout: service.timeout,
            netmask: match service.netmask {
                Netmask::V4(mask) => Mask::V4(mask.to_string()),
                Netmask::V6(prefix) => Mask::V6(prefix),
            },
        }),
        pe: service.pe.map(|pe| pe.to_string()),
        stats: counters(&entry.stats),
        rates: rates(&entry.stats),
        destinations: dests.iter().map(destination).collect(),
    }
}

fn destination(entry: &DestEntry) -> Destination {
    let dest = &entry.dest;
    Destination {
        address: dest.key.addr.to_string(),
        port: dest.key.port,
        family: family(dest.key.family()),
        forward: match dest.method {
            ForwardMethod::Masquerade => Cow::from("masquerade"),
            ForwardMethod::Local => "local".into(),
            ForwardMethod::Tunnel(_) => "tunnel".into(),
            ForwardMethod::Route => "route".into(),
            ForwardMethod::Other(number) => number.to_string().into(),
            _ => "unknown".into(),
        },
        tunnel: match dest.method {
            ForwardMethod::Tunnel(tunnel) => Some(encapsulation(tunnel)),
            _ => None,
        },
        weight: dest.weight.get(),
        upper_threshold: dest.upper_threshold,
        lower_threshold: dest.lower_threshold,
        active_connections: entry.active_connections,
        inactive_connections: entry.inactive_connections,
        persistent_connections: entry.persistent_connections,
        stats: counters(&entry.stats),
        rates: rates(&entry.stats),
    }
}

fn encapsulation(tunnel: Tunnel) -> Encapsulation {
    let name = |checksum: TunnelChecksum| match checksum {
        TunnelChecksum::None => "nocsum",
        TunnelChecksum::Checksum => "csum",
        TunnelChecksum::Remote => "remcsum",
    };
    let (kind, port, checksum) = match tunnel {
        Tunnel::Ipip => (Cow::from("ipip"), None, None),
        Tunnel::Gue { port, checksum } => ("gue".into(), Some(port.get()), Some(name(checksum))),
        Tunnel::Gre { checksum } => ("gre".into(), None, Some(name(checksum))),
        Tunnel::Other { kind, .. } => (kind.to_string().into(), None, None),
    };
    Encapsulation { r#type: kind, port, checksum }
}

fn family(family: Family) -> &'static str {
    match family {
        Family::V4 => "ipv4",
        Family::V6 => "ipv6",
    }
}

fn counters(stats: &Stats) -> Counters {
    Counters {
        connections: stats.connections,
        in_packets: stats.in_packets,
        out_packets: stats.out_packets,
        in_bytes: stats.in_bytes,
        out_bytes: stats.out_bytes,
    }
}

fn rates(stats: &Stats) -> Counters {
    Counters {
        connections: stats.connection_rate,
        in_packets: stats.in_packet_rate,
        out_packets: stats.out_packet_rate,
        in_bytes: stats.in_byte_rate,
        out_bytes: stats.out_byte_rate,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ipvs::model::{Dest, DestKey, SchedulerName, Service, Version, Weight};
    use std::num::NonZeroU32;

    #[test]
    fn the_document_has_every_key_of_the_schema() {
        let info = Info { version: Version { major: 1, minor: 2, patch: 1 }, connection_table_size: 4096 };
        let mark = NonZeroU32::new(u32::MAX).unwrap();
        let mut service =
            Service::new(ServiceKey::Fwmark { mark, family: Family::V6 }, SchedulerName::new(b"sh").unwrap());
        service.flags = ServiceFlags::PERSISTENT.with(ServiceFlags::SCHED_2).with(ServiceFlags::HASHED);
        service.timeout = 360;
        let stats = Stats { in_bytes: u64::MAX, ..Stats::default() };
        let entry = ServiceEntry { service, stats, dest_count: None };
        let key = DestKey { addr: "2001:db8::1".parse().unwrap(), port: 80 };
        let dest = DestEntry {
            dest: Dest::new(key, ForwardMethod::Tunnel(Tunnel::Ipip), Weight::ONE),
            active_connections: 1,
            inactive_connections: 2,
            persistent_connections: 3,
            stats,
        };
        let mut out = Output::default();
        begin(out.buffer(), info, Timeouts { tcp: 1, tcp_fin: 2, udp: 3 }, &[]).unwrap();
        super::service(&mut out, &entry, &[dest], true).unwrap();
        end(out.buffer(), false);
        let value: serde_json::Value = serde_json::from_slice(out.buffer()).unwrap();
        let want = serde_json::json!({
            "schema": 1, "version": "1.2.1", "connection_table_size": 4096,
            "timeouts": {"tcp": 1, "tcp_fin": 2, "udp": 3}, "daemons": [],
            "services": [{
                "protocol": "fwmark", "address": null, "port": null, "fwmark": 4_294_967_295_u32, "family": "ipv6",
                "scheduler": "sh", "flags": ["sh-port"], "one_packet": false,
                "persistent": {"timeout": 360, "netmask": 128}, "pe": null,
                "stats": {"connections": 0, "in_packets": 0, "out_packets": 0, "in_bytes": u64::MAX, "out_bytes": 0},
                "rates": {"connections": 0, "in_packets": 0, "out_packets": 0, "in_bytes": 0, "out_bytes": 0},
                "destinations": [{
                    "address": "2001:db8::1", "port": 80, "family": "ipv6", "forward": "tunnel",
                    "tunnel": {"type": "ipip", "port": null, "checksum": null},
                    "weight": 1, "upper_threshold": 0, "lower_threshold": 0, "active_connections": 1,
                    "inactive_connections": 2, "persistent_connections": 3,
                    "stats": {"connections": 0, "in_packets": 0, "out_packets": 0, "in_bytes": u64::MAX, "out_bytes": 0},
                    "rates": {"connections": 0, "in_packets": 0, "out_packets": 0, "in_bytes": 0, "out_bytes": 0},
                }],
            }],
        });
        assert_eq!(value, want);
    }
}
