//! The structures of the socket options (`linux/ip_vs.h`): bytes to send, and bytes received turned into the model.
//! Bytes between fields are sent as zero.

use super::offsets::{DAEMON, DEST, DEST_ENTRY_CONNECTIONS, DESTS_COUNT, HERE, SERVICE, SERVICE_ENTRY_COUNT};
use crate::consts::*;
use crate::model::{
    Daemon, DaemonState, Dest, DestEntry, DestKey, Family, ForwardMethod, Info, InterfaceName, Netmask, Protocol,
    SchedulerName, Service, ServiceEntry, ServiceFlags, ServiceKey, Stats, Timeouts, Tunnel, Version, Weight,
};
use crate::op::Op;
use crate::wire::{Malformed, daemon};
use std::net::{IpAddr, Ipv4Addr};
use std::num::NonZeroU32;

// ---- reading ----

fn array<const N: usize>(block: &[u8], offset: usize) -> Result<[u8; N], Malformed> {
    let bytes = block.get(offset..).and_then(<[u8]>::first_chunk);
    bytes.copied().ok_or(Malformed { what: "truncated structure", offset })
}

fn u32_at(block: &[u8], offset: usize) -> Result<u32, Malformed> {
    array(block, offset).map(u32::from_ne_bytes)
}

fn port_at(block: &[u8], offset: usize) -> Result<u16, Malformed> {
    array(block, offset).map(u16::from_be_bytes)
}

fn addr_at(block: &[u8], offset: usize) -> Result<Ipv4Addr, Malformed> {
    array::<4>(block, offset).map(Ipv4Addr::from)
}

fn stats_at(block: &[u8], offset: usize) -> Result<Stats, Malformed> {
    let narrow = |at| u32_at(block, offset + at).map(u64::from);
    let wide = |at| array(block, offset + at).map(u64::from_ne_bytes);
    Ok(Stats {
        connections: narrow(0)?,
        in_packets: narrow(4)?,
        out_packets: narrow(8)?,
        in_bytes: wide(HERE.stats_bytes)?,
        out_bytes: wide(HERE.stats_bytes + 8)?,
        connection_rate: narrow(HERE.stats_rates)?,
        in_packet_rate: narrow(HERE.stats_rates + 4)?,
        out_packet_rate: narrow(HERE.stats_rates + 8)?,
        in_byte_rate: narrow(HERE.stats_rates + 12)?,
        out_byte_rate: narrow(HERE.stats_rates + 16)?,
    })
}

/// The info structure: version and size, and the number of (IPv4) services.
pub(super) fn info(block: &[u8]) -> Result<(Info, usize), Malformed> {
    let info = Info { version: Version::from_code(u32_at(block, 0)?), connection_table_size: u32_at(block, 4)? };
    Ok((info, usize::try_from(u32_at(block, 8)?).unwrap_or(usize::MAX)))
}

/// A service with counters and number of destinations.
pub(super) fn service_entry(block: &[u8]) -> Result<ServiceEntry, Malformed> {
    let key = match NonZeroU32::new(u32_at(block, 12)?) {
        Some(mark) => ServiceKey::Fwmark { mark, family: Family::V4 },
        None => ServiceKey::Address {
            protocol: Protocol::from_number(array(block, 0).map(u16::from_ne_bytes)?),
            addr: IpAddr::V4(addr_at(block, 4)?),
            port: port_at(block, 8)?,
        },
    };
    let service = Service {
        key,
        scheduler: SchedulerName::truncated(&array::<16>(block, 16)?),
        flags: ServiceFlags::from_bits(u32_at(block, 32)?),
        timeout: u32_at(block, 36)?,
        netmask: Netmask::V4(addr_at(block, 40)?),
        pe: None,
    };
    let dest_count = Some(u32_at(block, SERVICE_ENTRY_COUNT)?);
    Ok(ServiceEntry { service, stats: stats_at(block, HERE.service_entry_stats)?, dest_count })
}

/// The services in a filled `get_services`, up to the first empty place.
pub(super) fn services(block: &[u8]) -> impl Iterator<Item = Result<ServiceEntry, Malformed>> {
    let table = block.get(HERE.services_table..).unwrap_or_default();
    // An entry has a protocol or a mark.
    let used = |entry: &&[u8]| entry.get(..16).is_some_and(|key| key.iter().any(|byte| *byte != 0));
    table.chunks_exact(HERE.service_entry).take_while(used).map(service_entry)
}

fn dest_entry(block: &[u8], with_stats: bool) -> Result<DestEntry, Malformed> {
    let method = match u32_at(block, 8)? & IP_VS_CONN_F_FWD_MASK {
        IP_VS_CONN_F_MASQ => ForwardMethod::Masquerade,
        IP_VS_CONN_F_LOCALNODE => ForwardMethod::Local,
        IP_VS_CONN_F_TUNNEL => ForwardMethod::Tunnel(Tunnel::Ipip),
        IP_VS_CONN_F_DROUTE => ForwardMethod::Route,
        other => ForwardMethod::Other(u8::try_from(other).unwrap_or(u8::MAX)),
    };
    let dest = Dest {
        key: DestKey { addr: IpAddr::V4(addr_at(block, 0)?), port: port_at(block, 4)? },
        method,
        weight: Weight::new(u32_at(block, 12)?).ok_or(Malformed { what: "negative weight", offset: 12 })?,
        upper_threshold: u32_at(block, 16)?,
        lower_threshold: u32_at(block, 20)?,
    };
    Ok(DestEntry {
        dest,
        active_connections: u32_at(block, DEST_ENTRY_CONNECTIONS)?,
        inactive_connections: u32_at(block, DEST_ENTRY_CONNECTIONS + 4)?,
        persistent_connections: u32_at(block, DEST_ENTRY_CONNECTIONS + 8)?,
        stats: if with_stats { stats_at(block, HERE.dest_entry_stats)? } else { Stats::default() },
    })
}

/// The destinations in a filled `get_dests`, up to the first empty place; without statistics those are zero.
pub(super) fn dests(block: &[u8], with_stats: bool) -> impl Iterator<Item = Result<DestEntry, Malformed>> {
    let table = block.get(HERE.dests_table..).unwrap_or_default();
    // The kernel refuses 0.0.0.0 as a destination.
    let used = |entry: &&[u8]| entry.get(..4).is_some_and(|addr| addr != [0; 4]);
    table.chunks_exact(HERE.dest_entry).take_while(used).map(move |entry| dest_entry(entry, with_stats))
}

/// The running daemons in the two places of the answer.
pub(super) fn daemons(block: &[u8]) -> impl Iterator<Item = Result<Daemon, Malformed>> {
    block.chunks_exact(DAEMON).filter_map(|entry| daemon(entry).transpose())
}

fn daemon(block: &[u8]) -> Result<Option<Daemon>, Malformed> {
    let state = match u32_at(block, 0)? {
        0 => return Ok(None),
        IP_VS_STATE_MASTER => DaemonState::Master,
        IP_VS_STATE_BACKUP => DaemonState::Backup,
        _ => return Err(Malformed { what: "unknown daemon state", offset: 0 }),
    };
    let [.., sync_id] = u32_at(block, 20)?.to_be_bytes();
    Ok(Some(Daemon::new(state, InterfaceName::truncated(&array::<16>(block, 4)?), sync_id)))
}

/// The timeouts.
pub(super) fn timeouts(block: &[u8]) -> Result<Timeouts, Malformed> {
    Ok(Timeouts { tcp: u32_at(block, 0)?, tcp_fin: u32_at(block, 4)?, udp: u32_at(block, 8)? })
}

// ---- writing ----

fn put(block: &mut [u8], offset: usize, bytes: &[u8]) {
    debug_assert!(offset + bytes.len() <= block.len(), "field outside its structure");
    for (to, from) in block.iter_mut().skip(offset).zip(bytes) {
        *to = *from;
    }
}

/// Writes a key into a `service_user` or anything that begins like one. `None` for IPv6.
pub(super) fn put_key(block: &mut [u8], key: &ServiceKey) -> Option<()> {
    match key {
        ServiceKey::Address { protocol, addr: IpAddr::V4(addr), port } => {
            put(block, 0, &protocol.number().to_ne_bytes());
            put(block, 4, &addr.octets());
            put(block, 8, &port.to_be_bytes());
        }
        ServiceKey::Fwmark { mark, family: Family::V4 } => {
            // Of no meaning, but the kernel refuses other protocols than the known ones (observed on Linux 6.1: EFAULT).
            put(block, 0, &Protocol::Tcp.number().to_ne_bytes());
            put(block, 12, &mark.get().to_ne_bytes());
        }
        ServiceKey::Address { addr: IpAddr::V6(_), .. } | ServiceKey::Fwmark { family: Family::V6, .. } => return None,
    }
    Some(())
}

fn put_service(block: &mut [u8], service: &Service) -> Option<()> {
    put_key(block, &service.key)?;
    // The kernel looks for a scheduler with an empty name.
    let scheduler = if service.scheduler.is_empty() { b"none" } else { service.scheduler.as_bytes() };
    put(block, 16, scheduler);
    put(block, 32, &service.flags.bits().to_ne_bytes());
    put(block, 36, &service.timeout.to_ne_bytes());
    match (service.netmask, service.pe) {
        (Netmask::V4(mask), None) => put(block, 40, &mask.octets()),
        _ => return None,
    }
    Some(())
}

fn put_dest(block: &mut [u8], dest: &Dest) -> Option<()> {
    put_dest_key(block, &dest.key)?;
    let method = match dest.method {
        ForwardMethod::Masquerade => IP_VS_CONN_F_MASQ,
        ForwardMethod::Local => IP_VS_CONN_F_LOCALNODE,
        ForwardMethod::Tunnel(Tunnel::Ipip) => IP_VS_CONN_F_TUNNEL,
        ForwardMethod::Route => IP_VS_CONN_F_DROUTE,
        ForwardMethod::Other(number) => u32::from(number),
        // Would silently become IP in IP.
        ForwardMethod::Tunnel(_) => return None,
    };
    put(block, SERVICE + 8, &method.to_ne_bytes());
    put(block, SERVICE + 12, &dest.weight.get().to_ne_bytes());
    put(block, SERVICE + 16, &dest.upper_threshold.to_ne_bytes());
    put(block, SERVICE + 20, &dest.lower_threshold.to_ne_bytes());
    Some(())
}

fn put_dest_key(block: &mut [u8], key: &DestKey) -> Option<()> {
    let IpAddr::V4(addr) = key.addr else { return None };
    put(block, SERVICE, &addr.octets());
    put(block, SERVICE + 4, &key.port.to_be_bytes());
    Some(())
}

fn daemon_value(state: DaemonState, interface: &InterfaceName, sync_id: u8) -> Vec<u8> {
    let mut value = vec![0; DAEMON];
    put(&mut value, 0, &daemon::state_number(state).to_ne_bytes());
    put(&mut value, 4, interface.as_bytes());
    put(&mut value, 20, &u32::from(sync_id).to_ne_bytes());
    value
}

/// The value to set for a change; `None` if the interface has no form for it.
///
/// Of a daemon only state, interface and sync id can be told; ipvsadm 1.31 drops the rest as well.
pub(super) fn op(op: &Op) -> Option<Vec<u8>> {
    let mut value = match op {
        Op::NewDest(..) | Op::SetDest(..) | Op::DelDest(..) => vec![0; SERVICE + DEST],
        _ => vec![0; SERVICE],
    };
    match op {
        Op::NewService(service) | Op::SetService(service) => put_service(&mut value, service)?,
        Op::DelService(key) | Op::Zero(Some(key)) => put_key(&mut value, key)?,
        Op::NewDest(key, dest) | Op::SetDest(key, dest) => {
            put_key(&mut value, key)?;
            put_dest(&mut value, dest)?;
        }
        Op::DelDest(key, dest) => {
            put_key(&mut value, key)?;
            put_dest_key(&mut value, dest)?;
        }
        Op::Zero(None) => {}
        Op::Flush => value.clear(),
        Op::SetTimeouts(Timeouts { tcp, tcp_fin, udp }) => {
            value.clear();
            value.extend([*tcp, *tcp_fin, *udp].into_iter().flat_map(u32::to_ne_bytes));
        }
        Op::StartDaemon(daemon) => value = daemon_value(daemon.state, &daemon.interface, daemon.sync_id),
        Op::StopDaemon(state, sync_id) => value = daemon_value(*state, &InterfaceName::EMPTY, *sync_id),
    }
    Some(value)
}

/// A `get_services` with `places` empty places, in `buffer`.
pub(super) fn services_question(mut buffer: Vec<u8>, places: usize) -> Vec<u8> {
    buffer.clear();
    buffer.resize(HERE.services_table.saturating_add(places.saturating_mul(HERE.service_entry)), 0);
    put(&mut buffer, 0, &u32::try_from(places).unwrap_or(u32::MAX).to_ne_bytes());
    buffer
}

/// A `get_dests` for a service with `places` empty places, in `buffer`. `None` for IPv6.
pub(super) fn dests_question(mut buffer: Vec<u8>, key: &ServiceKey, places: usize) -> Option<Vec<u8>> {
    buffer.clear();
    buffer.resize(HERE.dests_table.saturating_add(places.saturating_mul(HERE.dest_entry)), 0);
    put_key(&mut buffer, key)?;
    put(&mut buffer, DESTS_COUNT, &u32::try_from(places).unwrap_or(u32::MAX).to_ne_bytes());
    Some(buffer)
}
