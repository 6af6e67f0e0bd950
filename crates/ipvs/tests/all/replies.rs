//! Datagrams as the kernel sends them, and a client whose family and info are already known.

use ipvs::consts::*;
use ipvs::model::*;
use ipvs::transport::Scripted;
use ipvs::wire::attr::Writer;
use ipvs::wire::genl::{self, Header, NLM_F_MULTI, NLMSG_DONE, NLMSG_ERROR};
use ipvs::wire::{config, dest, service};
use ipvs::{Client, Error};
use std::net::IpAddr;

/// The number the scripted kernel gives the family.
pub(crate) const FAMILY: u16 = 0x1c;
/// Sequence number of the first request after opening.
pub(crate) const FIRST: u32 = 3;

pub(crate) fn message(
    kind: u16,
    flags: u16,
    sequence: u32,
    command: u8,
    fill: impl FnOnce(&mut Writer<'_>),
) -> Vec<u8> {
    let mut out = Vec::new();
    genl::encode(&mut out, Header { family: kind, flags, sequence, command, version: 1 }, fill);
    out
}

/// A message without generic header.
fn plain(kind: u16, sequence: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(16 + payload.len()).unwrap();
    let mut out = length.to_ne_bytes().to_vec();
    out.extend(kind.to_ne_bytes());
    out.extend(0u16.to_ne_bytes());
    out.extend(sequence.to_ne_bytes());
    out.extend([0; 4]);
    out.extend(payload);
    out
}

pub(crate) fn done(sequence: u32, errno: i32) -> Vec<u8> {
    plain(NLMSG_DONE, sequence, &(-errno).to_ne_bytes())
}

/// A refusal with the header of the request, as with NETLINK_CAP_ACK; an acknowledgement if `errno` is 0.
pub(crate) fn error(sequence: u32, errno: i32) -> Vec<u8> {
    let mut payload = (-errno).to_ne_bytes().to_vec();
    payload.extend([0; 16]);
    plain(NLMSG_ERROR, sequence, &payload)
}

pub(crate) fn family() -> Vec<u8> {
    message(GENL_ID_CTRL, 0, 1, 1, |writer| {
        writer.string(CTRL_ATTR_FAMILY_NAME, b"IPVS");
        writer.u16(CTRL_ATTR_FAMILY_ID, FAMILY);
    })
}

pub(crate) fn some_info() -> Info {
    Info { version: Version { major: 1, minor: 2, patch: 1 }, connection_table_size: 4096 }
}

pub(crate) fn info() -> Vec<u8> {
    message(FAMILY, 0, 2, IPVS_CMD_SET_INFO, |writer| config::encode_info(writer, &some_info()))
}

pub(crate) fn service_part(sequence: u32, entry: &ServiceEntry) -> Vec<u8> {
    message(FAMILY, NLM_F_MULTI, sequence, IPVS_CMD_NEW_SERVICE, |writer| service::encode_entry(writer, entry))
}

pub(crate) fn dest_part(sequence: u32, entry: &DestEntry) -> Vec<u8> {
    message(FAMILY, NLM_F_MULTI, sequence, IPVS_CMD_NEW_DEST, |writer| dest::encode_entry(writer, entry))
}

/// TCP service 10.0.0.`last`:80.
pub(crate) fn some_key(last: u8) -> ServiceKey {
    ServiceKey::Address { protocol: Protocol::Tcp, addr: IpAddr::from([10, 0, 0, last]), port: 80 }
}

pub(crate) fn some_service(last: u8) -> ServiceEntry {
    let service = Service::new(some_key(last), SchedulerName::new(b"wlc").unwrap());
    ServiceEntry { service, stats: Stats::default(), dest_count: None }
}

pub(crate) fn some_dest(last: u8) -> DestEntry {
    let key = DestKey { addr: IpAddr::from([10, 1, 0, last]), port: 80 };
    DestEntry {
        dest: Dest::new(key, ForwardMethod::Route, Weight::ONE),
        active_connections: 1,
        inactive_connections: 2,
        persistent_connections: 3,
        stats: Stats { connections: 7, ..Stats::default() },
    }
}

/// A script that has answered the two requests of opening.
pub(crate) fn opened() -> Scripted {
    Scripted::new().expect_any().reply(family()).expect_any().reply(info())
}

pub(crate) fn client(script: Scripted) -> Client {
    Client::with_transport(Box::new(script)).unwrap()
}

/// The errno of a refusal.
pub(crate) fn errno(error: &Error) -> i32 {
    match error {
        Error::Kernel { errno, .. } | Error::Unavailable { errno } => *errno,
        other => panic!("{other}"),
    }
}
