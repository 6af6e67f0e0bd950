//! Services and destinations for the checks.

use ipvs::model::*;
use ipvs::{Client, Op, Result};
use std::net::{IpAddr, Ipv4Addr};
use std::num::{NonZeroU16, NonZeroU32};

pub(crate) fn tcp(addr: impl Into<IpAddr>, port: u16) -> ServiceKey {
    ServiceKey::Address { protocol: Protocol::Tcp, addr: addr.into(), port }
}

/// The n-th service address of a large table.
pub(crate) fn nth_key(n: u32) -> ServiceKey {
    tcp(Ipv4Addr::from(0x0a00_0000 + n), 80)
}

pub(crate) fn mark(mark: NonZeroU32, family: Family) -> ServiceKey {
    ServiceKey::Fwmark { mark, family }
}

pub(crate) fn service(key: ServiceKey, scheduler: &str) -> Service {
    Service::new(key, SchedulerName::truncated(scheduler.as_bytes()))
}

pub(crate) fn dest(addr: impl Into<IpAddr>, port: u16) -> Dest {
    Dest::new(DestKey { addr: addr.into(), port }, ForwardMethod::Route, Weight::ONE)
}

/// The n-th destination of a large table.
pub(crate) fn nth_dest(n: u32) -> Dest {
    dest(Ipv4Addr::from(0xc0a8_0001 + n), 80)
}

pub(crate) fn weight(weight: u32) -> Weight {
    Weight::new(weight).unwrap_or(Weight::MAX)
}

pub(crate) fn v6(last: u16) -> IpAddr {
    IpAddr::from([0x2001, 0xdb8, 0, 0, 0, 0, 0, last])
}

/// Every tunnel that has a name.
pub(crate) fn tunnels() -> Vec<ForwardMethod> {
    let mut all = vec![Tunnel::Ipip];
    for checksum in [TunnelChecksum::None, TunnelChecksum::Checksum, TunnelChecksum::Remote] {
        all.push(Tunnel::Gue { port: NonZeroU16::MAX, checksum });
        all.push(Tunnel::Gre { checksum });
    }
    all.into_iter().map(ForwardMethod::Tunnel).collect()
}

/// A service as the kernel reports it, without the flag it adds itself.
pub(crate) fn plain(entry: &ServiceEntry) -> Service {
    Service { flags: entry.service.flags.without(ServiceFlags::HASHED), ..entry.service }
}

/// The settings of a service's destinations in the order in which they were added.
pub(crate) fn dests(client: &mut Client, key: ServiceKey) -> Result<Vec<Dest>> {
    let entry = client.service(&key)?;
    Ok(client.dests(&entry)?.iter().rev().map(|entry| entry.dest).collect())
}

/// The whole table, destinations in the order in which they were added.
pub(crate) fn table(client: &mut Client) -> Result<Table> {
    let entries = client.services()?;
    let mut table = Table::default();
    client.dests_of_each(&entries, |entry, dests| {
        let dests = dests.iter().rev().map(|entry| entry.dest).collect();
        table.services.push(TableService { service: plain(entry), dests });
        Ok::<(), ipvs::Error>(())
    })?;
    Ok(table)
}

/// Operations that build `services` services with `dests` destinations each.
pub(crate) fn large(services: u32, dests: u32) -> Vec<Op> {
    let mut ops = Vec::new();
    for n in 0..services {
        ops.push(Op::NewService(service(nth_key(n), "wlc")));
        ops.extend((0..dests).map(|m| Op::NewDest(nth_key(n), nth_dest(m))));
    }
    ops
}
