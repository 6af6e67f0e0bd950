//! `IPVS_CMD_ATTR_DEST`.

use super::attr::{Attr, Attrs, Writer};
use super::stats::{self, Width};
use super::{Malformed, address};
use crate::consts::*;
use crate::model::{Dest, DestEntry, DestKey, Family, ForwardMethod, Tunnel, TunnelChecksum, Weight};
use std::num::NonZeroU16;

/// Writes what tells a destination from the others of its service: enough for deleting it.
pub fn encode_key(writer: &mut Writer<'_>, key: &DestKey) {
    writer.nested(IPVS_CMD_ATTR_DEST, |writer| key_attributes(writer, key));
}

/// Writes a destination with all its settings, in the order of ipvsadm 1.31. The tunnel attributes are sent whatever the
/// method, as ipvsadm does; kernels before 5.2 ignore them.
pub fn encode(writer: &mut Writer<'_>, dest: &Dest) {
    writer.nested(IPVS_CMD_ATTR_DEST, |writer| attributes(writer, dest));
}

/// Writes a destination the way the kernel answers. Nothing sends that; it is for scripted replies in tests.
pub fn encode_entry(writer: &mut Writer<'_>, entry: &DestEntry) {
    writer.nested(IPVS_CMD_ATTR_DEST, |writer| {
        attributes(writer, &entry.dest);
        writer.u32(IPVS_DEST_ATTR_ACTIVE_CONNS, entry.active_connections);
        writer.u32(IPVS_DEST_ATTR_INACT_CONNS, entry.inactive_connections);
        writer.u32(IPVS_DEST_ATTR_PERSIST_CONNS, entry.persistent_connections);
        stats::encode(writer, IPVS_DEST_ATTR_STATS, Width::Mixed, &entry.stats);
        stats::encode(writer, IPVS_DEST_ATTR_STATS64, Width::Wide, &entry.stats);
    });
}

fn key_attributes(writer: &mut Writer<'_>, key: &DestKey) {
    writer.u16(IPVS_DEST_ATTR_ADDR_FAMILY, address::encode_family(key.family()));
    writer.bytes(IPVS_DEST_ATTR_ADDR, &address::encode(key.addr));
    writer.be16(IPVS_DEST_ATTR_PORT, key.port);
}

fn attributes(writer: &mut Writer<'_>, dest: &Dest) {
    key_attributes(writer, &dest.key);
    let (method, tunnel) = method_numbers(dest.method);
    writer.u32(IPVS_DEST_ATTR_FWD_METHOD, method);
    writer.u32(IPVS_DEST_ATTR_WEIGHT, dest.weight.get());
    writer.u8(IPVS_DEST_ATTR_TUN_TYPE, tunnel.kind);
    writer.be16(IPVS_DEST_ATTR_TUN_PORT, tunnel.port);
    writer.u16(IPVS_DEST_ATTR_TUN_FLAGS, tunnel.flags);
    writer.u32(IPVS_DEST_ATTR_U_THRESH, dest.upper_threshold);
    writer.u32(IPVS_DEST_ATTR_L_THRESH, dest.lower_threshold);
}

/// Reads the payload of a destination answer. Kernels before 3.18 do not tell the family: then it is the `service`'s.
///
/// # Errors
/// [`Malformed`] if an attribute is broken, a required one is missing, or the weight is negative.
pub fn decode(attrs: Attrs<'_>, service: Family) -> Result<DestEntry, Malformed> {
    let block = attrs.find(IPVS_CMD_ATTR_DEST, "no destination attribute")?;
    let missing = |what| Malformed { what, offset: block.offset };
    let mut found = Found::default();
    for attr in block.nested() {
        found.take(attr?)?;
    }
    let addr = found.addr.ok_or(missing("destination without address"))?;
    let dest = Dest {
        key: DestKey {
            addr: address::decode(found.family.unwrap_or(service), addr),
            port: found.port.ok_or(missing("destination without port"))?,
        },
        method: method(found.method.ok_or(missing("destination without forwarding method"))?, found.tunnel),
        weight: found.weight.ok_or(missing("destination without weight"))?,
        upper_threshold: found.upper.ok_or(missing("destination without upper threshold"))?,
        lower_threshold: found.lower.ok_or(missing("destination without lower threshold"))?,
    };
    let stats = match (found.stats64, found.stats) {
        (Some(attr), _) => stats::decode(&attr, Width::Wide)?,
        (None, Some(attr)) => stats::decode(&attr, Width::Mixed)?,
        (None, None) => Default::default(),
    };
    Ok(DestEntry {
        dest,
        active_connections: found.active.ok_or(missing("destination without active connections"))?,
        inactive_connections: found.inactive.ok_or(missing("destination without inactive connections"))?,
        persistent_connections: found.persistent.ok_or(missing("destination without persistent connections"))?,
        stats,
    })
}

#[derive(Default)]
struct Found<'a> {
    family: Option<Family>,
    addr: Option<[u8; 16]>,
    port: Option<u16>,
    method: Option<u32>,
    tunnel: TunnelNumbers,
    weight: Option<Weight>,
    upper: Option<u32>,
    lower: Option<u32>,
    active: Option<u32>,
    inactive: Option<u32>,
    persistent: Option<u32>,
    stats: Option<Attr<'a>>,
    stats64: Option<Attr<'a>>,
}

impl<'a> Found<'a> {
    fn take(&mut self, attr: Attr<'a>) -> Result<(), Malformed> {
        match attr.kind {
            IPVS_DEST_ATTR_ADDR_FAMILY => self.family = Some(address::decode_family(&attr)?),
            IPVS_DEST_ATTR_ADDR => self.addr = Some(attr.bytes()?),
            IPVS_DEST_ATTR_PORT => self.port = Some(attr.be16()?),
            IPVS_DEST_ATTR_FWD_METHOD => self.method = Some(attr.u32()?),
            IPVS_DEST_ATTR_WEIGHT => {
                let negative = Malformed { what: "negative weight", offset: attr.offset };
                self.weight = Some(Weight::new(attr.u32()?).ok_or(negative)?);
            }
            IPVS_DEST_ATTR_TUN_TYPE => self.tunnel.kind = attr.u8()?,
            IPVS_DEST_ATTR_TUN_PORT => self.tunnel.port = attr.be16()?,
            IPVS_DEST_ATTR_TUN_FLAGS => self.tunnel.flags = attr.u16()?,
            IPVS_DEST_ATTR_U_THRESH => self.upper = Some(attr.u32()?),
            IPVS_DEST_ATTR_L_THRESH => self.lower = Some(attr.u32()?),
            IPVS_DEST_ATTR_ACTIVE_CONNS => self.active = Some(attr.u32()?),
            IPVS_DEST_ATTR_INACT_CONNS => self.inactive = Some(attr.u32()?),
            IPVS_DEST_ATTR_PERSIST_CONNS => self.persistent = Some(attr.u32()?),
            IPVS_DEST_ATTR_STATS => self.stats = Some(attr),
            IPVS_DEST_ATTR_STATS64 => self.stats64 = Some(attr),
            _ => {}
        }
        Ok(())
    }
}

/// The tunnel attributes as numbers, zero where absent.
#[derive(Clone, Copy, Default)]
struct TunnelNumbers {
    kind: u8,
    port: u16,
    flags: u16,
}

/// The method as it would come back from the kernel: numbers that have a name by their name.
pub(crate) fn as_reported(sent: ForwardMethod) -> ForwardMethod {
    let (number, tunnel) = method_numbers(sent);
    method(number, tunnel)
}

/// The forwarding method as its number and tunnel attributes.
fn method_numbers(method: ForwardMethod) -> (u32, TunnelNumbers) {
    let none = TunnelNumbers::default();
    match method {
        ForwardMethod::Masquerade => (IP_VS_CONN_F_MASQ, none),
        ForwardMethod::Local => (IP_VS_CONN_F_LOCALNODE, none),
        ForwardMethod::Route => (IP_VS_CONN_F_DROUTE, none),
        ForwardMethod::Other(number) => (u32::from(number), none),
        ForwardMethod::Tunnel(tunnel) => (IP_VS_CONN_F_TUNNEL, tunnel_numbers(tunnel)),
    }
}

fn tunnel_numbers(tunnel: Tunnel) -> TunnelNumbers {
    let flags = |checksum| match checksum {
        TunnelChecksum::None => IP_VS_TUNNEL_ENCAP_FLAG_NOCSUM,
        TunnelChecksum::Checksum => IP_VS_TUNNEL_ENCAP_FLAG_CSUM,
        TunnelChecksum::Remote => IP_VS_TUNNEL_ENCAP_FLAG_REMCSUM,
    };
    match tunnel {
        Tunnel::Ipip => TunnelNumbers { kind: IP_VS_CONN_F_TUNNEL_TYPE_IPIP, port: 0, flags: 0 },
        Tunnel::Gue { port, checksum } => {
            TunnelNumbers { kind: IP_VS_CONN_F_TUNNEL_TYPE_GUE, port: port.get(), flags: flags(checksum) }
        }
        Tunnel::Gre { checksum } => {
            TunnelNumbers { kind: IP_VS_CONN_F_TUNNEL_TYPE_GRE, port: 0, flags: flags(checksum) }
        }
        Tunnel::Other { kind, port, flags } => TunnelNumbers { kind, port, flags },
    }
}

/// The method from its number; the tunnel attributes of other methods are noise.
fn method(number: u32, tunnel: TunnelNumbers) -> ForwardMethod {
    match number & IP_VS_CONN_F_FWD_MASK {
        IP_VS_CONN_F_MASQ => ForwardMethod::Masquerade,
        IP_VS_CONN_F_LOCALNODE => ForwardMethod::Local,
        IP_VS_CONN_F_TUNNEL => ForwardMethod::Tunnel(tunnel_of(tunnel)),
        IP_VS_CONN_F_DROUTE => ForwardMethod::Route,
        other => ForwardMethod::Other(u8::try_from(other).unwrap_or(u8::MAX)),
    }
}

fn tunnel_of(numbers: TunnelNumbers) -> Tunnel {
    let TunnelNumbers { kind, port, flags } = numbers;
    let checksum = match flags {
        IP_VS_TUNNEL_ENCAP_FLAG_NOCSUM => Some(TunnelChecksum::None),
        IP_VS_TUNNEL_ENCAP_FLAG_CSUM => Some(TunnelChecksum::Checksum),
        IP_VS_TUNNEL_ENCAP_FLAG_REMCSUM => Some(TunnelChecksum::Remote),
        _ => None,
    };
    match (kind, NonZeroU16::new(port), checksum) {
        // A port or flags left over from earlier settings mean nothing to IP in IP.
        (IP_VS_CONN_F_TUNNEL_TYPE_IPIP, _, _) => Tunnel::Ipip,
        (IP_VS_CONN_F_TUNNEL_TYPE_GUE, Some(port), Some(checksum)) => Tunnel::Gue { port, checksum },
        (IP_VS_CONN_F_TUNNEL_TYPE_GRE, _, Some(checksum)) => Tunnel::Gre { checksum },
        _ => Tunnel::Other { kind, port, flags },
    }
}
