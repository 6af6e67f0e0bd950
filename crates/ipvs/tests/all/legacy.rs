//! The socket options over a scripted socket. Lengths and offsets are those of 64-bit machines, as observed with strace on
//! ipvsadm 1.31 (x86-64, Linux 6.1) with the netlink family hidden.
#![cfg(target_pointer_width = "64")]

use crate::replies::{errno, some_dest, some_key, some_service};
use ipvs::consts::*;
use ipvs::model::*;
use ipvs::transport::ScriptedOptions;
use ipvs::{Client, Command, Error, Interface, Op};
use std::num::NonZeroU32;

/// Version 1.2.1, 4096 buckets.
fn info(services: u32) -> Vec<u8> {
    [0x0001_0201, 4096, services].into_iter().flat_map(u32::to_ne_bytes).collect()
}

fn opened() -> ScriptedOptions {
    ScriptedOptions::new().get(IP_VS_SO_GET_INFO, [], Ok(info(0)))
}

fn client(script: ScriptedOptions) -> Client {
    Client::with_socket_options(Box::new(script)).unwrap()
}

fn place(block: &mut [u8], offset: usize, bytes: &[u8]) {
    block[offset..offset + bytes.len()].copy_from_slice(bytes);
}

/// 10.0.0.`last`:80 tcp.
fn key_bytes(last: u8) -> Vec<u8> {
    let mut block = vec![0; 44];
    place(&mut block, 0, &6u16.to_ne_bytes());
    place(&mut block, 4, &[10, 0, 0, last]);
    place(&mut block, 8, &80u16.to_be_bytes());
    block
}

fn service_bytes(last: u8, dests: u32) -> Vec<u8> {
    let mut block = key_bytes(last);
    block.resize(104, 0);
    place(&mut block, 16, b"wlc");
    place(&mut block, 32, &2u32.to_ne_bytes());
    place(&mut block, 40, &[255; 4]);
    place(&mut block, 44, &dests.to_ne_bytes());
    for (field, offset) in [48, 52, 56, 80, 84, 88, 92, 96].into_iter().enumerate() {
        place(&mut block, offset, &(u32::try_from(field).unwrap() + 1).to_ne_bytes());
    }
    place(&mut block, 64, &(1u64 << 40).to_ne_bytes());
    place(&mut block, 72, &(1u64 << 41).to_ne_bytes());
    block
}

fn service_entry(last: u8, dests: u32) -> ServiceEntry {
    let mut entry = some_service(last);
    entry.service.flags = ServiceFlags::HASHED;
    entry.dest_count = Some(dests);
    entry.stats = Stats {
        connections: 1,
        in_packets: 2,
        out_packets: 3,
        in_bytes: 1 << 40,
        out_bytes: 1 << 41,
        connection_rate: 4,
        in_packet_rate: 5,
        out_packet_rate: 6,
        in_byte_rate: 7,
        out_byte_rate: 8,
    };
    entry
}

/// A destination 10.1.0.`last`:80, method route with the high bits real kernels leave in.
fn dest_bytes(last: u8) -> Vec<u8> {
    let mut block = vec![0; 96];
    place(&mut block, 0, &[10, 1, 0, last]);
    place(&mut block, 4, &80u16.to_be_bytes());
    place(&mut block, 8, &0x183u32.to_ne_bytes());
    for (offset, value) in [(12, 1u32), (24, 1), (28, 2), (32, 3), (40, 7)] {
        place(&mut block, offset, &value.to_ne_bytes());
    }
    block
}

fn table(header: usize, places: usize, size: usize, entries: &[Vec<u8>]) -> Vec<u8> {
    let mut block = vec![0; header + places * size];
    for (index, entry) in entries.iter().enumerate() {
        place(&mut block, header + index * size, entry);
    }
    block
}

#[test]
fn opening_reads_the_info() {
    let client = client(opened());
    assert_eq!(client.interface(), Interface::SocketOptions);
    assert_eq!(client.info().version.to_string(), "1.2.1");
    let script = ScriptedOptions::new().get(IP_VS_SO_GET_INFO, [], Err(libc::ENOPROTOOPT));
    let missing = Client::with_socket_options(Box::new(script)).unwrap_err();
    assert!(matches!(missing, Error::Unavailable { errno: libc::ENOPROTOOPT }), "{missing}");
}

#[test]
fn services_are_read_with_their_numbers_of_destinations() {
    let script = opened().get(IP_VS_SO_GET_INFO, [], Ok(info(2))).get(
        IP_VS_SO_GET_SERVICES,
        3u32.to_ne_bytes(),
        Ok(table(8, 3, 104, &[service_bytes(1, 5), service_bytes(2, 0)])),
    );
    assert_eq!(client(script).services().unwrap(), [service_entry(1, 5), service_entry(2, 0)]);
}

#[test]
fn a_mark_goes_with_a_protocol_and_comes_back_as_a_mark() {
    let mut block = service_bytes(0, 0);
    place(&mut block, 4, &[0; 6]);
    place(&mut block, 12, &7u32.to_ne_bytes());
    let key = ServiceKey::Fwmark { mark: NonZeroU32::new(7).unwrap(), family: Family::V4 };
    let script = opened().get(IP_VS_SO_GET_SERVICE, block[..16].to_vec(), Ok(block));
    assert_eq!(client(script).service(&key).unwrap().service.key, key);
}

#[test]
fn a_table_that_grew_is_read_again() {
    let three = [service_bytes(1, 0), service_bytes(2, 0), service_bytes(3, 0)];
    let script = opened()
        .get(IP_VS_SO_GET_INFO, [], Ok(info(1)))
        .get(IP_VS_SO_GET_SERVICES, 2u32.to_ne_bytes(), Ok(table(8, 2, 104, &three[..2])))
        .get(IP_VS_SO_GET_INFO, [], Ok(info(3)))
        .get(IP_VS_SO_GET_SERVICES, 4u32.to_ne_bytes(), Ok(table(8, 4, 104, &three)));
    assert_eq!(client(script).services().unwrap().len(), 3);
}

#[test]
fn a_table_that_keeps_growing_is_given_up() {
    let mut script = opened();
    for _ in 0..100 {
        let full = table(8, 2, 104, &[service_bytes(1, 0), service_bytes(2, 0)]);
        script = script.get(IP_VS_SO_GET_INFO, [], Ok(info(1))).get(IP_VS_SO_GET_SERVICES, [], Ok(full));
    }
    let given_up = client(script).services().unwrap_err();
    assert!(matches!(given_up, Error::Interrupted { command: Command::GetService }), "{given_up}");
}

#[test]
fn destinations_are_read_and_asked_again_if_there_are_more() {
    let entries: Vec<_> = (1..=4).map(dest_bytes).collect();
    let script = opened()
        .get(IP_VS_SO_GET_DESTS, key_bytes(1)[..16].to_vec(), Ok(table(24, 2, 96, &entries[..2])))
        .get(IP_VS_SO_GET_DESTS, key_bytes(1)[..16].to_vec(), Ok(table(24, 17, 96, &entries)))
        .get(IP_VS_SO_GET_DESTS, key_bytes(1)[..16].to_vec(), Err(libc::ESRCH));
    let mut client = client(script);
    let dests = client.dests(&service_entry(1, 1)).unwrap();
    assert_eq!(dests, [some_dest(1), some_dest(2), some_dest(3), some_dest(4)]);
    assert_eq!(client.dests(&service_entry(1, 1)).unwrap(), []);
}

#[test]
fn an_answer_of_another_length_is_malformed() {
    let script = opened().get(IP_VS_SO_GET_TIMEOUT, [], Ok(vec![0; 11]));
    assert!(matches!(client(script).timeouts(), Err(Error::Malformed { command: Command::GetTimeouts, .. })));
}

#[test]
fn changes_are_sent_as_structures() {
    let mut service = key_bytes(1);
    place(&mut service, 16, b"wlc");
    place(&mut service, 40, &[255; 4]);
    let mut dest = key_bytes(1);
    dest.extend([0; 24]);
    place(&mut dest, 44, &[10, 1, 0, 1]);
    place(&mut dest, 48, &80u16.to_be_bytes());
    let dest_key = dest.clone();
    place(&mut dest, 52, &3u32.to_ne_bytes());
    place(&mut dest, 56, &1u32.to_ne_bytes());
    let mut daemon = vec![0; 24];
    place(&mut daemon, 0, &1u32.to_ne_bytes());
    place(&mut daemon, 20, &9u32.to_ne_bytes());
    let mut stop = daemon.clone();
    place(&mut daemon, 4, b"eth0");
    place(&mut stop, 0, &2u32.to_ne_bytes());
    let timeouts: Vec<u8> = [1u32, 2, 3].into_iter().flat_map(u32::to_ne_bytes).collect();
    let (key, new, server) = (some_key(1), some_service(1).service, some_dest(1).dest);
    let interface = InterfaceName::new(b"eth0").unwrap();
    let changes = [
        (Op::NewService(new), IP_VS_SO_SET_ADD, service.clone()),
        (Op::SetService(new), IP_VS_SO_SET_EDIT, service),
        (Op::DelService(key), IP_VS_SO_SET_DEL, key_bytes(1)),
        (Op::NewDest(key, server), IP_VS_SO_SET_ADDDEST, dest.clone()),
        (Op::SetDest(key, server), IP_VS_SO_SET_EDITDEST, dest),
        (Op::DelDest(key, server.key), IP_VS_SO_SET_DELDEST, dest_key),
        (Op::Flush, IP_VS_SO_SET_FLUSH, vec![]),
        (Op::Zero(Some(key)), IP_VS_SO_SET_ZERO, key_bytes(1)),
        (Op::Zero(None), IP_VS_SO_SET_ZERO, vec![0; 44]),
        (Op::SetTimeouts(Timeouts { tcp: 1, tcp_fin: 2, udp: 3 }), IP_VS_SO_SET_TIMEOUT, timeouts),
        (Op::StartDaemon(Daemon::new(DaemonState::Master, interface, 9)), IP_VS_SO_SET_STARTDAEMON, daemon),
        (Op::StopDaemon(DaemonState::Backup, 9), IP_VS_SO_SET_STOPDAEMON, stop),
    ];
    let mut script = opened();
    for (index, (_, name, value)) in changes.iter().enumerate() {
        script = script.set(*name, value.clone(), if index % 4 == 3 { Err(libc::EEXIST) } else { Ok(()) });
    }
    let ops: Vec<Op> = changes.iter().map(|(op, ..)| *op).collect();
    let failures = client(script).batch(&ops).unwrap();
    assert_eq!(failures.iter().map(|failure| failure.index).collect::<Vec<_>>(), [3, 7, 11]);
    assert!(failures.iter().all(|failure| errno(&failure.error) == libc::EEXIST));
}

#[test]
fn no_scheduler_is_sent_by_its_name() {
    let mut value = key_bytes(1);
    place(&mut value, 16, b"none");
    place(&mut value, 40, &[255; 4]);
    let mut client = client(opened().set(IP_VS_SO_SET_ADD, value, Ok(())));
    client.execute(&Op::NewService(Service::new(some_key(1), SchedulerName::EMPTY))).unwrap();
}

#[test]
fn what_has_no_form_here_is_unsupported_and_sends_nothing() {
    let v6 = "2001:db8::1".parse().unwrap();
    let key6 = ServiceKey::Address { protocol: Protocol::Tcp, addr: v6, port: 80 };
    let service = some_service(1).service;
    let dest = some_dest(1).dest;
    let gre = ForwardMethod::Tunnel(Tunnel::Gre { checksum: TunnelChecksum::None });
    let ops = [
        Op::NewService(Service::new(key6, service.scheduler)),
        Op::DelService(ServiceKey::Fwmark { mark: NonZeroU32::MIN, family: Family::V6 }),
        Op::NewService(Service { pe: PeName::new(b"sip").ok(), ..service }),
        Op::NewDest(key6, dest),
        Op::NewDest(service.key, Dest { key: DestKey { addr: v6, port: 80 }, ..dest }),
        Op::NewDest(service.key, Dest { method: gre, ..dest }),
    ];
    let mut client = client(opened());
    let failures = client.batch(&ops).unwrap();
    assert_eq!(failures.len(), ops.len());
    assert!(failures.iter().all(|failure| matches!(failure.error, Error::Unsupported { .. })));
    assert!(matches!(client.service(&key6), Err(Error::Unsupported { command: Command::GetService })));
}

#[test]
fn running_daemons_and_timeouts_are_read() {
    let mut daemons = vec![0; 48];
    place(&mut daemons, 24, &2u32.to_ne_bytes());
    place(&mut daemons, 28, b"eth1\0junk");
    place(&mut daemons, 44, &5u32.to_ne_bytes());
    let timeouts: Vec<u8> = [900u32, 120, 300].into_iter().flat_map(u32::to_ne_bytes).collect();
    let script = opened().get(IP_VS_SO_GET_DAEMON, [], Ok(daemons)).get(IP_VS_SO_GET_TIMEOUT, [], Ok(timeouts));
    let mut client = client(script);
    let backup = Daemon::new(DaemonState::Backup, InterfaceName::new(b"eth1").unwrap(), 5);
    assert_eq!(client.daemons().unwrap(), [backup]);
    assert_eq!(client.timeouts().unwrap(), Timeouts { tcp: 900, tcp_fin: 120, udp: 300 });
}
