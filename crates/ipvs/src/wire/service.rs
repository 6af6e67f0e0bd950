//! `IPVS_CMD_ATTR_SERVICE`.

use super::attr::{Attr, Attrs, Writer};
use super::stats::{self, Width};
use super::{Malformed, address};
use crate::consts::*;
use crate::model::{Family, Netmask, PeName, Protocol, SchedulerName, Service, ServiceEntry, ServiceFlags, ServiceKey};
use std::net::Ipv4Addr;
use std::num::NonZeroU32;

/// Writes what tells a service from others: enough for everything but adding and editing it.
pub fn encode_key(writer: &mut Writer<'_>, key: &ServiceKey) {
    writer.nested(IPVS_CMD_ATTR_SERVICE, |writer| key_attributes(writer, key));
}

/// Writes a service with all its settings, in the order of ipvsadm 1.31.
pub fn encode(writer: &mut Writer<'_>, service: &Service) {
    writer.nested(IPVS_CMD_ATTR_SERVICE, |writer| attributes(writer, service));
}

/// Writes a service the way the kernel answers. Nothing sends that; it is for scripted replies in tests.
pub fn encode_entry(writer: &mut Writer<'_>, entry: &ServiceEntry) {
    writer.nested(IPVS_CMD_ATTR_SERVICE, |writer| {
        attributes(writer, &entry.service);
        stats::encode(writer, IPVS_SVC_ATTR_STATS, Width::Mixed, &entry.stats);
        stats::encode(writer, IPVS_SVC_ATTR_STATS64, Width::Wide, &entry.stats);
    });
}

fn key_attributes(writer: &mut Writer<'_>, key: &ServiceKey) {
    writer.u16(IPVS_SVC_ATTR_AF, address::encode_family(key.family()));
    match key {
        ServiceKey::Fwmark { mark, .. } => writer.u32(IPVS_SVC_ATTR_FWMARK, mark.get()),
        ServiceKey::Address { protocol, addr, port } => {
            writer.u16(IPVS_SVC_ATTR_PROTOCOL, protocol.number());
            writer.bytes(IPVS_SVC_ATTR_ADDR, &address::encode(*addr));
            writer.be16(IPVS_SVC_ATTR_PORT, *port);
        }
    }
}

fn attributes(writer: &mut Writer<'_>, service: &Service) {
    key_attributes(writer, &service.key);
    // The kernel looks for a scheduler with an empty name.
    let scheduler = if service.scheduler.is_empty() { b"none" } else { service.scheduler.as_bytes() };
    writer.string(IPVS_SVC_ATTR_SCHED_NAME, scheduler);
    if let Some(pe) = &service.pe {
        writer.string(IPVS_SVC_ATTR_PE_NAME, pe.as_bytes());
    }
    let [f0, f1, f2, f3] = service.flags.bits().to_ne_bytes();
    writer.bytes(IPVS_SVC_ATTR_FLAGS, &[f0, f1, f2, f3, 0xff, 0xff, 0xff, 0xff]);
    writer.u32(IPVS_SVC_ATTR_TIMEOUT, service.timeout);
    match service.netmask {
        Netmask::V4(mask) => writer.bytes(IPVS_SVC_ATTR_NETMASK, &mask.octets()),
        Netmask::V6(length) => writer.u32(IPVS_SVC_ATTR_NETMASK, length),
    }
}

/// Reads the payload of a service answer: the attributes after the generic netlink header, at `offset`.
///
/// # Errors
/// [`Malformed`] if an attribute is broken or a required one is missing.
pub fn decode(attrs: Attrs<'_>) -> Result<ServiceEntry, Malformed> {
    let block = attrs.find(IPVS_CMD_ATTR_SERVICE, "no service attribute")?;
    let missing = |what| Malformed { what, offset: block.offset };
    let mut found = Found::default();
    for attr in block.nested() {
        found.take(attr?)?;
    }
    let family = found.family.ok_or(missing("service without family"))?;
    let key = if let Some(mark) = found.mark {
        ServiceKey::Fwmark { mark, family }
    } else {
        ServiceKey::Address {
            protocol: Protocol::from_number(found.protocol.ok_or(missing("service without protocol or mark"))?),
            addr: address::decode(family, found.addr.ok_or(missing("service without address or mark"))?),
            port: found.port.ok_or(missing("service without port or mark"))?,
        }
    };
    let netmask = found.netmask.ok_or(missing("service without netmask"))?;
    let service = Service {
        key,
        scheduler: found.scheduler.ok_or(missing("service without scheduler"))?,
        flags: found.flags.ok_or(missing("service without flags"))?,
        timeout: found.timeout.ok_or(missing("service without timeout"))?,
        netmask: match family {
            Family::V4 => Netmask::V4(Ipv4Addr::from(netmask)),
            Family::V6 => Netmask::V6(u32::from_ne_bytes(netmask)),
        },
        pe: found.pe,
    };
    let stats = match (found.stats64, found.stats) {
        (Some(attr), _) => stats::decode(&attr, Width::Wide)?,
        (None, Some(attr)) => stats::decode(&attr, Width::Mixed)?,
        (None, None) => Default::default(),
    };
    Ok(ServiceEntry { service, stats, dest_count: None })
}

#[derive(Default)]
struct Found<'a> {
    family: Option<Family>,
    protocol: Option<u16>,
    addr: Option<[u8; 16]>,
    port: Option<u16>,
    mark: Option<NonZeroU32>,
    scheduler: Option<SchedulerName>,
    flags: Option<ServiceFlags>,
    timeout: Option<u32>,
    netmask: Option<[u8; 4]>,
    pe: Option<PeName>,
    stats: Option<Attr<'a>>,
    stats64: Option<Attr<'a>>,
}

impl<'a> Found<'a> {
    fn take(&mut self, attr: Attr<'a>) -> Result<(), Malformed> {
        match attr.kind {
            IPVS_SVC_ATTR_AF => self.family = Some(address::decode_family(&attr)?),
            IPVS_SVC_ATTR_PROTOCOL => self.protocol = Some(attr.u16()?),
            IPVS_SVC_ATTR_ADDR => self.addr = Some(attr.bytes()?),
            IPVS_SVC_ATTR_PORT => self.port = Some(attr.be16()?),
            IPVS_SVC_ATTR_FWMARK => self.mark = NonZeroU32::new(attr.u32()?),
            IPVS_SVC_ATTR_SCHED_NAME => self.scheduler = Some(SchedulerName::truncated(attr.payload)),
            IPVS_SVC_ATTR_FLAGS => {
                let [f0, f1, f2, f3, m0, m1, m2, m3] = attr.bytes()?;
                let bits = u32::from_ne_bytes([f0, f1, f2, f3]) & u32::from_ne_bytes([m0, m1, m2, m3]);
                self.flags = Some(ServiceFlags::from_bits(bits));
            }
            IPVS_SVC_ATTR_TIMEOUT => self.timeout = Some(attr.u32()?),
            IPVS_SVC_ATTR_NETMASK => self.netmask = Some(attr.bytes()?),
            IPVS_SVC_ATTR_PE_NAME => self.pe = Some(PeName::truncated(attr.payload)).filter(|name| !name.is_empty()),
            IPVS_SVC_ATTR_STATS => self.stats = Some(attr),
            IPVS_SVC_ATTR_STATS64 => self.stats64 = Some(attr),
            _ => {}
        }
        Ok(())
    }
}
