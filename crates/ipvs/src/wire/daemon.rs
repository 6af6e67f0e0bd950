//! `IPVS_CMD_ATTR_DAEMON`.

use super::Malformed;
use super::attr::{Attrs, Writer};
use crate::consts::*;
use crate::model::{Daemon, DaemonState, InterfaceName};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::num::{NonZeroU8, NonZeroU16};

/// The kernel's number of a daemon's role.
#[must_use]
pub fn state_number(state: DaemonState) -> u32 {
    match state {
        DaemonState::Master => IP_VS_STATE_MASTER,
        DaemonState::Backup => IP_VS_STATE_BACKUP,
    }
}

/// Writes the daemon to start; what is `None` is not sent. Order of ipvsadm 1.31.
pub fn encode(writer: &mut Writer<'_>, daemon: &Daemon) {
    writer.nested(IPVS_CMD_ATTR_DAEMON, |writer| {
        key_attributes(writer, daemon.state, daemon.interface.as_bytes(), daemon.sync_id);
        if let Some(length) = daemon.max_length {
            writer.u16(IPVS_DAEMON_ATTR_SYNC_MAXLEN, length.get());
        }
        if let Some(port) = daemon.port {
            writer.u16(IPVS_DAEMON_ATTR_MCAST_PORT, port.get());
        }
        if let Some(ttl) = daemon.ttl {
            writer.u8(IPVS_DAEMON_ATTR_MCAST_TTL, ttl.get());
        }
        match daemon.group {
            Some(IpAddr::V4(group)) => writer.bytes(IPVS_DAEMON_ATTR_MCAST_GROUP, &group.octets()),
            Some(IpAddr::V6(group)) => writer.bytes(IPVS_DAEMON_ATTR_MCAST_GROUP6, &group.octets()),
            None => {}
        }
    });
}

/// Writes the daemon to stop, with an empty interface name as ipvsadm 1.31 does.
pub fn encode_stop(writer: &mut Writer<'_>, state: DaemonState, sync_id: u8) {
    writer.nested(IPVS_CMD_ATTR_DAEMON, |writer| key_attributes(writer, state, b"", sync_id));
}

fn key_attributes(writer: &mut Writer<'_>, state: DaemonState, interface: &[u8], sync_id: u8) {
    writer.u32(IPVS_DAEMON_ATTR_STATE, state_number(state));
    writer.string(IPVS_DAEMON_ATTR_MCAST_IFN, interface);
    writer.u32(IPVS_DAEMON_ATTR_SYNC_ID, u32::from(sync_id));
}

/// Reads the payload of a daemon answer. Zeros count as "not reported".
///
/// # Errors
/// [`Malformed`] if an attribute is broken, or state, interface or sync id is missing.
pub fn decode(attrs: Attrs<'_>) -> Result<Daemon, Malformed> {
    let block = attrs.find(IPVS_CMD_ATTR_DAEMON, "no daemon attribute")?;
    let missing = |what| Malformed { what, offset: block.offset };
    let (mut state, mut interface, mut sync_id) = (None, None, None);
    let (mut max_length, mut group, mut port, mut ttl) = (None, None, None, None);
    for attr in block.nested() {
        let attr = attr?;
        match attr.kind {
            IPVS_DAEMON_ATTR_STATE => {
                state = Some(match attr.u32()? {
                    IP_VS_STATE_MASTER => DaemonState::Master,
                    IP_VS_STATE_BACKUP => DaemonState::Backup,
                    _ => return Err(Malformed { what: "unknown daemon state", offset: attr.offset }),
                });
            }
            IPVS_DAEMON_ATTR_MCAST_IFN => interface = Some(InterfaceName::truncated(attr.payload)),
            IPVS_DAEMON_ATTR_SYNC_ID => {
                // Only the low byte travels in sync messages.
                let [.., low] = attr.u32()?.to_be_bytes();
                sync_id = Some(low);
            }
            IPVS_DAEMON_ATTR_SYNC_MAXLEN => max_length = NonZeroU16::new(attr.u16()?),
            IPVS_DAEMON_ATTR_MCAST_GROUP => {
                let addr = Ipv4Addr::from(attr.bytes::<4>()?);
                group = Some(IpAddr::V4(addr)).filter(|addr| !addr.is_unspecified());
            }
            IPVS_DAEMON_ATTR_MCAST_GROUP6 => {
                let addr = Ipv6Addr::from(attr.bytes::<16>()?);
                group = Some(IpAddr::V6(addr)).filter(|addr| !addr.is_unspecified());
            }
            IPVS_DAEMON_ATTR_MCAST_PORT => port = NonZeroU16::new(attr.u16()?),
            IPVS_DAEMON_ATTR_MCAST_TTL => ttl = NonZeroU8::new(attr.u8()?),
            _ => {}
        }
    }
    Ok(Daemon {
        state: state.ok_or(missing("daemon without state"))?,
        interface: interface.ok_or(missing("daemon without interface"))?,
        sync_id: sync_id.ok_or(missing("daemon without sync id"))?,
        max_length,
        group,
        port,
        ttl,
    })
}
