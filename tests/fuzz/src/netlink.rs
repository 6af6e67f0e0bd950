//! Replies of the kernel, through the whole client over a scripted transport.
//!
//! Input: a byte that says what is asked, then pieces. A piece is a length and its kind in two bytes (little endian: the
//! low 12 bits are the length), then as many bytes. Kinds make it likely that the bytes reach the decoders: a piece can be
//! a whole datagram, or the payload of an answer, of an error or of the end of a dump, which get a sound header.

use ipvs::consts::{CTRL_ATTR_FAMILY_ID, GENL_ID_CTRL};
use ipvs::model::{DestEntry, Family, Info, SchedulerName, ServiceEntry, ServiceKey, Version};
use ipvs::transport::Scripted;
use ipvs::wire::genl::{self, Header, Messages, NLM_F_MULTI, NLMSG_DONE, NLMSG_ERROR};
use ipvs::wire::{attr::Writer, config, dest, request, service};
use ipvs::{Client, Command, Error, Op};
use std::num::NonZeroU32;

/// The number that the scripted kernel gives the family.
pub const FAMILY: u16 = 27;
/// Bits of a piece's head: the length of what follows.
pub const LENGTH: u16 = 0x0fff;
/// The piece answers the next request, not the one before.
pub const NEXT_REQUEST: u16 = 0x8000;
/// The piece is joined to the datagram before it.
pub const SAME_DATAGRAM: u16 = 0x1000;
/// Kind: the payload of an answer.
pub const ANSWER: u16 = 0x0000;
/// Kind: the payload of an error.
pub const ERROR: u16 = 0x2000;
/// Kind: the payload of the end of a dump.
pub const END: u16 = 0x4000;
/// Kind: the bytes as they are.
pub const RAW: u16 = 0x6000;

/// Runs the target on one input.
pub fn run(data: &[u8]) {
    let Some((&what, pieces)) = data.split_first() else { return };
    let command = match what % 9 {
        0 => Command::GetFamily,
        1 => Command::GetInfo,
        2 | 3 => Command::GetService,
        4 | 5 => Command::GetDest,
        6 => Command::GetDaemon,
        7 => Command::GetTimeouts,
        _ => Command::NewService,
    };
    let mut script = Scripted::lenient();
    if command != Command::GetFamily {
        script = script.expect_any().reply(family_answer());
    }
    if !matches!(command, Command::GetFamily | Command::GetInfo) {
        script = script.expect_any().reply(info_answer());
    }
    let script = fill(script.expect_any(), command, pieces).with_room(usize::from(what) + 1);
    let Ok(mut client) = Client::with_transport(Box::new(script)) else { return };
    let mark = NonZeroU32::MIN;
    let key = ServiceKey::Fwmark { mark, family: if what & 0x80 == 0 { Family::V4 } else { Family::V6 } };
    let asked = ServiceEntry {
        service: ipvs::model::Service::new(key, SchedulerName::EMPTY),
        stats: ipvs::model::Stats::default(),
        dest_count: None,
    };
    match what % 9 {
        2 => client.services().iter().flatten().for_each(service_survives),
        3 => client.service(&key).iter().for_each(service_survives),
        4 => client.dests(&asked).iter().flatten().for_each(|entry| dest_survives(entry, key.family())),
        5 => {
            let services = [asked, asked, asked];
            let _ = client.dests_of_each(&services, |_, dests| {
                dests.iter().for_each(|entry| dest_survives(entry, key.family()));
                Ok::<(), Error>(())
            });
        }
        6 => drop(client.daemons()),
        7 => drop(client.timeouts()),
        8 => drop(client.batch(&[Op::Flush, Op::DelService(key), Op::Zero(None), Op::DelService(key)])),
        _ => {}
    }
}

/// Adds the pieces to a script as replies.
fn fill(mut script: Scripted, command: Command, mut pieces: &[u8]) -> Scripted {
    let mut datagram: Option<Vec<u8>> = None;
    while let [low, high, rest @ ..] = pieces {
        let head = u16::from_le_bytes([*low, *high]);
        let (bytes, behind) = rest.split_at(usize::from(head & LENGTH).min(rest.len()));
        pieces = behind;
        if head & (NEXT_REQUEST | SAME_DATAGRAM) != SAME_DATAGRAM {
            script = datagram.take().into_iter().fold(script, Scripted::reply);
        }
        if head & NEXT_REQUEST != 0 {
            script = script.expect_any();
        }
        piece(datagram.get_or_insert_default(), head & RAW, command, bytes);
    }
    datagram.into_iter().fold(script, Scripted::reply)
}

fn piece(out: &mut Vec<u8>, kind: u16, command: Command, bytes: &[u8]) {
    let number = request::answer_number(command);
    let header = |kind| Header { family: kind, flags: NLM_F_MULTI, sequence: 0, command: number, version: 1 };
    let start = out.len();
    match kind {
        ANSWER => {
            genl::encode(out, header(if command == Command::GetFamily { GENL_ID_CTRL } else { FAMILY }), |_| {});
            out.extend_from_slice(bytes);
        }
        ERROR | END => {
            genl::encode(out, header(if kind == ERROR { NLMSG_ERROR } else { NLMSG_DONE }), |_| {});
            // These have no generic header.
            out.truncate(start + genl::NLMSG_HDRLEN);
            out.extend_from_slice(bytes);
        }
        _ => return out.extend_from_slice(bytes),
    }
    let length = u32::try_from(out.len() - start).expect("pieces are short");
    out[start..start + 4].copy_from_slice(&length.to_ne_bytes());
    out.resize(out.len().next_multiple_of(4), 0);
}

fn family_answer() -> Vec<u8> {
    let mut out = Vec::new();
    let header = Header { family: GENL_ID_CTRL, flags: 0, sequence: 0, command: 1, version: 2 };
    genl::encode(&mut out, header, |writer| writer.u16(CTRL_ATTR_FAMILY_ID, FAMILY));
    out
}

fn info_answer() -> Vec<u8> {
    let info = Info { version: Version { major: 1, minor: 2, patch: 1 }, connection_table_size: 4096 };
    let mut out = Vec::new();
    let command = request::answer_number(Command::GetInfo);
    let header = Header { family: FAMILY, flags: 0, sequence: 0, command, version: 1 };
    genl::encode(&mut out, header, |writer| config::encode_info(writer, &info));
    out
}

/// Encodes as the kernel does and gives the attributes to `check`.
fn encoded(fill: impl FnOnce(&mut Writer<'_>), check: impl FnOnce(ipvs::wire::attr::Attrs<'_>)) {
    let mut out = Vec::new();
    genl::encode(&mut out, Header { family: FAMILY, flags: 0, sequence: 0, command: 1, version: 1 }, fill);
    let message = Messages::new(&out).next().expect("a message").expect("a sound message");
    check(message.generic().expect("a generic message").1);
}

fn service_survives(entry: &ServiceEntry) {
    let mut wanted = *entry;
    if wanted.service.scheduler.is_empty() {
        // Written by its other name.
        wanted.service.scheduler = SchedulerName::truncated(b"none");
    }
    encoded(|writer| service::encode_entry(writer, entry), |attrs| assert_eq!(service::decode(attrs), Ok(wanted)));
}

fn dest_survives(entry: &DestEntry, family: Family) {
    encoded(
        |writer| dest::encode_entry(writer, entry),
        |attrs| assert_eq!(dest::decode(attrs, family).as_ref(), Ok(entry)),
    );
}
