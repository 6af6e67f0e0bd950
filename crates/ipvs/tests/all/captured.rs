//! Bytes recorded from ipvsadm 1.31 (Debian 1.31-1+b1) and from Linux 6.1, x86-64.
//!
//! Requests: `strace -xx -e trace=sendmsg ipvsadm …` in user-mode Linux, netlink header left out. Where the original also
//! sends settings that the kernel does not look at (of the service when changing a destination or deleting), only the part
//! that counts is compared. Answers, in `captures/`: what the socket received after these commands.
//!
//! ```text
//! ipvsadm -A -t 10.0.0.1:80 -s wrr -p 600 -M 255.255.255.0
//! ipvsadm -a -t 10.0.0.1:80 -r 10.0.0.11:8080 -m -w 4
//! ipvsadm -a -t 10.0.0.1:80 -r 10.0.0.12 -i --tun-type gue --tun-port 5555 --tun-csum
//! ipvsadm -A -f 7 -6 -s sh -b sh-port,sh-fallback
//! ipvsadm -A -u [2001:db8::1]:5060 -p 60 --pe sip -M 64
//! ipvsadm --set 600 0 200
//! ipvsadm --start-daemon master --mcast-interface lo --syncid 3
//! ipvsadm --start-daemon backup --mcast-interface lo --syncid 4 --mcast-group ff02::5 --mcast-ttl 4 --mcast-port 9999 --sync-maxlen 1000
//! ```

use ipvs::consts::CTRL_ATTR_FAMILY_ID;
use ipvs::model::*;
use ipvs::wire::genl::{GENL_HDRLEN, Message, Messages, NLMSG_DONE, NLMSG_HDRLEN};
use ipvs::wire::{config, daemon, dest, request, service};
use ipvs::{Client, Op, transport::Scripted};
use std::net::IpAddr;
use std::num::{NonZeroU8, NonZeroU16, NonZeroU32};

fn bytes(hex: &str) -> Vec<u8> {
    let digits: Vec<u8> = hex.bytes().filter(u8::is_ascii_hexdigit).collect();
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    digits.chunks(2).map(byte).collect()
}

macro_rules! capture {
    ($name:literal) => {
        bytes(include_str!(concat!("captures/", $name, ".hex")))
    };
}

fn sent(op: &Op) -> Vec<u8> {
    let mut out = Vec::new();
    request::encode_op(&mut out, 0x1c, 1, 0, op);
    out.split_off(NLMSG_HDRLEN)
}

fn tcp() -> ServiceKey {
    ServiceKey::Address { protocol: Protocol::Tcp, addr: IpAddr::from([10, 0, 0, 1]), port: 80 }
}

fn scheduler(name: &str) -> SchedulerName {
    SchedulerName::new(name.as_bytes()).unwrap()
}

fn persistent() -> Service {
    Service {
        flags: ServiceFlags::PERSISTENT,
        timeout: 600,
        netmask: Netmask::V4([255, 255, 255, 0].into()),
        ..Service::new(tcp(), scheduler("wrr"))
    }
}

fn marked() -> Service {
    let key = ServiceKey::Fwmark { mark: NonZeroU32::new(7).unwrap(), family: Family::V6 };
    Service { flags: ServiceFlags::SCHED_1.with(ServiceFlags::SCHED_2), ..Service::new(key, scheduler("sh")) }
}

fn sip() -> Service {
    let key = ServiceKey::Address { protocol: Protocol::Udp, addr: "2001:db8::1".parse().unwrap(), port: 5060 };
    Service {
        flags: ServiceFlags::PERSISTENT,
        timeout: 60,
        netmask: Netmask::V6(64),
        pe: Some(PeName::new(b"sip").unwrap()),
        ..Service::new(key, scheduler("wlc"))
    }
}

fn nat(weight: u32) -> Dest {
    let key = DestKey { addr: IpAddr::from([10, 0, 0, 11]), port: 8080 };
    Dest::new(key, ForwardMethod::Masquerade, Weight::new(weight).unwrap())
}

fn gue() -> Dest {
    let tunnel = Tunnel::Gue { port: NonZeroU16::new(5555).unwrap(), checksum: TunnelChecksum::Checksum };
    Dest::new(DestKey { addr: IpAddr::from([10, 0, 0, 12]), port: 80 }, ForwardMethod::Tunnel(tunnel), Weight::ONE)
}

fn backup() -> Daemon {
    Daemon {
        group: Some("ff02::5".parse().unwrap()),
        ttl: NonZeroU8::new(4),
        port: NonZeroU16::new(9999),
        max_length: NonZeroU16::new(1000),
        ..Daemon::new(DaemonState::Backup, InterfaceName::new(b"lo").unwrap(), 4)
    }
}

fn master() -> Daemon {
    Daemon::new(DaemonState::Master, InterfaceName::new(b"lo").unwrap(), 3)
}

const ADDRESS_KEY: &str = "06000100 02000000 06000200 06000000 14000300 0a000001 00000000 00000000 00000000
    06000400 00500000";

#[test]
fn services_are_sent_as_the_original_sends_them() {
    let settings = "08000600 77727200 0c000700 01000000 ffffffff 08000800 58020000 08000900 ffffff00";
    let service = |command: &str| bytes(&format!("{command}010000 54000180 {ADDRESS_KEY} {settings}"));
    assert_eq!(sent(&Op::NewService(persistent())), service("01"));
    assert_eq!(sent(&Op::SetService(persistent())), service("02"));
    assert_eq!(
        sent(&Op::NewService(marked())),
        bytes(
            "01010000 38000180 06000100 0a000000 08000500 07000000 07000600 73680000 0c000700 18000000 ffffffff
             08000800 00000000 08000900 80000000"
        )
    );
    assert_eq!(
        sent(&Op::NewService(sip())),
        bytes(
            "01010000 5c000180 06000100 0a000000 06000200 11000000 14000300 20010db8 00000000 00000000 00000001
             06000400 13c40000 08000600 776c6300 08000b00 73697000 0c000700 01000000 ffffffff 08000800 3c000000
             08000900 40000000"
        )
    );
}

#[test]
fn no_scheduler_is_sent_by_its_name() {
    let of = |name| sent(&Op::NewService(Service::new(tcp(), scheduler(name))));
    assert_eq!(of(""), of("none"));
    assert!(of("").windows(5).any(|bytes| bytes == b"none\0"));
}

#[test]
fn destinations_are_sent_as_the_original_sends_them() {
    let key = format!("30000180 {ADDRESS_KEY}");
    let dest = |command: &str, dest: &str| bytes(&format!("{command}010000 {key} 60000280 {dest}"));
    let limited = Dest { upper_threshold: 10, lower_threshold: 5, ..nat(3) };
    assert_eq!(
        sent(&Op::NewDest(tcp(), limited)),
        dest(
            "05",
            "06000b00 02000000 14000100 0a00000b 00000000 00000000 00000000 06000200 1f900000 08000300 00000000
             08000400 03000000 05000d00 00000000 06000e00 00000000 06000f00 00000000 08000500 0a000000
             08000600 05000000"
        )
    );
    assert_eq!(
        sent(&Op::SetDest(tcp(), gue())),
        dest(
            "06",
            "06000b00 02000000 14000100 0a00000c 00000000 00000000 00000000 06000200 00500000 08000300 02000000
             08000400 01000000 05000d00 01000000 06000e00 15b30000 06000f00 01000000 08000500 00000000
             08000600 00000000"
        )
    );
    let short = "28000280 06000b00 02000000 14000100 0a00000c 00000000 00000000 00000000 06000200 00500000";
    assert_eq!(sent(&Op::DelDest(tcp(), gue().key)), bytes(&format!("07010000 {key} {short}")));
}

#[test]
fn requests_that_name_a_service_send_its_key() {
    let with_key = |command: &str| bytes(&format!("{command}010000 30000180 {ADDRESS_KEY}"));
    assert_eq!(sent(&Op::DelService(tcp())), with_key("03"));
    assert_eq!(sent(&Op::Zero(Some(tcp()))), with_key("10"));
    let mark = bytes("03010000 14000180 06000100 0a000000 08000500 07000000");
    assert_eq!(sent(&Op::DelService(marked().key)), mark);
}

#[test]
fn everything_else_is_sent_as_the_original_sends_it() {
    assert_eq!(sent(&Op::Zero(None)), bytes("10010000"));
    assert_eq!(sent(&Op::Flush), bytes("11010000"));
    assert_eq!(
        sent(&Op::SetTimeouts(Timeouts { tcp: 600, tcp_fin: 0, udp: 200 })),
        bytes("0c010000 08000400 58020000 08000500 00000000 08000600 c8000000")
    );
    assert_eq!(
        sent(&Op::StartDaemon(master())),
        bytes("09010000 1c000380 08000100 01000000 07000200 6c6f0000 08000300 03000000")
    );
    assert_eq!(
        sent(&Op::StartDaemon(backup())),
        bytes(
            "09010000 48000380 08000100 02000000 07000200 6c6f0000 08000300 04000000 06000400 e8030000
             06000700 0f270000 05000800 04000000 14000600 ff020000 00000000 00000000 00000005"
        )
    );
    assert_eq!(
        sent(&Op::StopDaemon(DaemonState::Master, 0)),
        bytes("0a010000 1c000380 08000100 01000000 05000200 00000000 08000300 00000000")
    );
}

/// The messages of a capture but for the closing one.
fn objects(datagram: &[u8]) -> Vec<Message<'_>> {
    Messages::new(datagram).map(Result::unwrap).take_while(|message| message.kind != NLMSG_DONE).collect()
}

#[test]
fn the_kernels_services_are_read() {
    let capture = capture!("services");
    let services: Vec<ServiceEntry> =
        objects(&capture).iter().map(|message| service::decode(message.generic().unwrap().1).unwrap()).collect();
    let hashed = |service: Service| ServiceEntry {
        service: Service { flags: service.flags.with(ServiceFlags::HASHED), ..service },
        stats: Stats::default(),
        dest_count: None,
    };
    assert_eq!(services, [hashed(persistent()), hashed(sip()), hashed(marked())]);
}

#[test]
fn the_kernels_destinations_are_read() {
    let capture = capture!("dests");
    let entry = |dest| DestEntry {
        dest,
        active_connections: 0,
        inactive_connections: 0,
        persistent_connections: 0,
        stats: Stats::default(),
    };
    let dests: Vec<DestEntry> = objects(&capture)
        .iter()
        .map(|message| dest::decode(message.generic().unwrap().1, Family::V4).unwrap())
        .collect();
    assert_eq!(dests, [entry(gue()), entry(nat(4))]);
}

#[test]
fn the_kernels_daemons_are_read_with_the_values_it_chose() {
    let capture = capture!("daemons");
    let daemons: Vec<Daemon> =
        objects(&capture).iter().map(|message| daemon::decode(message.generic().unwrap().1).unwrap()).collect();
    let master = Daemon {
        max_length: NonZeroU16::new(1472),
        group: Some(IpAddr::from([224, 0, 0, 81])),
        port: NonZeroU16::new(8848),
        ttl: NonZeroU8::new(1),
        ..master()
    };
    let backup = Daemon { max_length: NonZeroU16::new(1024), ..backup() };
    assert_eq!(daemons, [master, backup]);
}

#[test]
fn the_kernels_other_answers_are_read() {
    let capture = capture!("timeouts");
    let timeouts = config::decode_timeouts(objects(&capture)[0].generic().unwrap().1);
    assert_eq!(timeouts, Ok(Timeouts { tcp: 600, tcp_fin: 120, udp: 200 }));

    let capture = capture!("family");
    let (_, attrs) = objects(&capture)[0].generic().unwrap();
    assert_eq!(attrs.find(CTRL_ATTR_FAMILY_ID, "").unwrap().u16(), Ok(0x1c));

    let capture = capture!("no-such-service");
    assert_eq!(objects(&capture)[0].errno(), Ok(libc::ESRCH));
    let capture = capture!("acknowledgement");
    assert_eq!(objects(&capture)[0].errno(), Ok(0));
}

#[test]
fn a_whole_listing_plays_back_from_captures() {
    let script = Scripted::lenient()
        .expect_any()
        .reply(capture!("family"))
        .expect_any()
        .reply(capture!("info"))
        .expect_any()
        .reply(capture!("services"))
        .expect_any()
        .reply(capture!("dests"));
    let sent = script.sent();
    let mut client = Client::with_transport(Box::new(script)).unwrap();
    assert_eq!(client.info().version.to_string(), "1.2.1");
    assert_eq!(client.info().connection_table_size, 4096);
    let services = client.services().unwrap();
    assert_eq!(services.len(), 3);
    assert_eq!(client.dests(&services[0]).unwrap().len(), 2);

    // Lengths with header: name lookup 32 (as the original), info 20, services 20, destinations 68.
    let sent = sent.lock().unwrap();
    assert_eq!(sent.iter().map(Vec::len).collect::<Vec<_>>(), [32, 20, 20, 68]);
    assert_eq!(sent[0][NLMSG_HDRLEN..], bytes("03010000 09000200 49505653 00000000"));
    assert_eq!(sent[3][NLMSG_HDRLEN..][..GENL_HDRLEN], bytes("08010000"));
}
