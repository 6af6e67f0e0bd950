//! Writes the seed corpus below the directory given: one small input for each kind of thing that a target reads.

use ipvs::consts::{CTRL_ATTR_FAMILY_ID, IPVS_CMD_ATTR_DAEMON};
use ipvs::model::{
    Daemon, DaemonState, Dest, DestEntry, DestKey, Family, ForwardMethod, Info, InterfaceName, Netmask, PeName,
    Protocol, SchedulerName, Service, ServiceEntry, ServiceFlags, ServiceKey, Stats, Timeouts, Tunnel, TunnelChecksum,
    Version, Weight,
};
use ipvs::wire::attr::Writer;
use ipvs::wire::{config, daemon, dest, service};
use lvs_ha_fuzz::netlink::{ANSWER, END, ERROR, NEXT_REQUEST, RAW, SAME_DATAGRAM};
use std::io::Write;
use std::net::Ipv4Addr;
use std::num::{NonZeroU16, NonZeroU32};
use std::path::Path;
use std::{env, fs, io};

/// Command lines.
const LINES: [&str; 34] = [
    "-A -t 10.0.0.1:80 -s wrr -p 600 -M 255.255.255.0",
    "-A -t [2001:db8::1]:80 -s sh -b sh-port,sh-fallback -p 60 -M 64",
    "-A -u vip:domain -s rr -o",
    "--add-service --sctp-service 10.0.0.1:3868 --scheduler=mh --sched-flags mh-port",
    "-A -f 7 -6 -s fo -p --pe sip",
    "-A -f 4294967295 -s none -b flag-1,flag-2,flag-3",
    "-E -t 10.0.0.1:0 -p",
    "-D -u 10.0.0.1:53",
    "-D -f 1 -6",
    "-a -t 10.0.0.1:80 -r 10.0.0.11:8080 -m -w 3 -x 10 -y 5",
    "-a -t 10.0.0.1:80 -r [2001:db8::11]:80 -i --tun-type gue --tun-port 5555 --tun-remcsum",
    "-a -t vip:http -r rs -i --tun-type gre --tun-csum",
    "-e -f 7 -r 0x0a00000b:80 -g -w 2147483647",
    "-d -t 10.0.0.1:80 -r 10.1:80",
    "-Ln --stats --exact",
    "-L -t 10.0.0.1:80 -n --rate",
    "--list --json --nosort",
    "-Lnc --persistent-conn",
    "-l --timeout",
    "-L --daemon",
    "-L --thresholds --tun-info --sort",
    "-Z -t 10.0.0.1:80",
    "-Z",
    "-Sn",
    "-C",
    "-R",
    "--set 900 120 300",
    "--start-daemon master --mcast-interface eth0 --syncid 5 --sync-maxlen 1000 --mcast-group 224.0.0.90",
    "--start-daemon=backup --mcast-group=ff02::5 --mcast-port 9000 --mcast-ttl 3",
    "--stop-daemon master --syncid 9",
    "--plan rules",
    "--apply -",
    "--check --legacy rules",
    "foo -L -- -n",
];

const CONNECTIONS: &str = "Pro FromIP   FPrt ToIP     TPrt DestIP   DPrt State       Expires PEName PEData\n\
TCP 0A0000FE 9C43 0A000001 1F91 0A00000C 1F91 SYN_RECV         59\n\
UDP 0A0000FE 0035 0A000001 0035 0A00000B 0035 UDP             300\n\
IP  0A000000 0000 00000007 0000 0A00000B 0000 ASSURED         600\n\
TCP 2001:0db8:0000:0000:0000:0000:0000:00fe 9C43 2001:0db8:0000:0000:0000:0000:0000:0001 0050 10.0.0.11 0050 NONE 9999\n\
UDP 0A0000FE 13C4 0A000001 13C4 0A00000B 13C4 UDP             300 sip 1234@host\n";

fn main() -> io::Result<()> {
    let root = env::args_os().nth(1).ok_or(io::ErrorKind::InvalidInput)?;
    let root = Path::new(&root);
    let write = |target: &str, name: String, bytes: &[u8]| {
        let directory = root.join(target);
        fs::create_dir_all(&directory)?;
        fs::File::create(directory.join(name))?.write_all(bytes)
    };
    for (index, line) in LINES.iter().enumerate() {
        let mut bytes = vec![0];
        bytes.extend(line.bytes().map(|byte| if byte == b' ' { 0 } else { byte }));
        write("args", format!("line-{index:02}"), &bytes)?;
    }
    let all = LINES.join("\nipvsadm ");
    write("rules", "every-command".to_owned(), format!("# all\n{all}\n").as_bytes())?;
    let changes: Vec<&str> =
        LINES.into_iter().filter(|line| line.starts_with("-A") || line.starts_with("-a")).collect();
    write("rules", "table".to_owned(), changes.join("\n").as_bytes())?;
    write("rules", "crlf".to_owned(), changes.join("\r\n\t").as_bytes())?;
    let other = "-A -t 10.0.0.1:80 -s sh -b sh-port\n-a -t 10.0.0.1:80 -r 10.0.0.12 -m -w 0\n-A -u 10.0.0.9:53\n-A -f 8\n\
        -a -f 8 -r 10.0.0.11:80 -i\n-a -f 8 -r 10.0.0.12:80 -i --tun-type gre\n";
    write("rules", "two-tables".to_owned(), format!("{}\x0c{other}", changes.join("\n")).as_bytes())?;
    write("rules", "two-tables-back".to_owned(), format!("{other}\x0c{}", changes.join("\n")).as_bytes())?;
    write("connections", "connections".to_owned(), CONNECTIONS.as_bytes())?;
    for line in CONNECTIONS.lines() {
        let name = line.split_whitespace().take(2).collect::<Vec<_>>().join("-").replace(':', "");
        write("connections", name, line.as_bytes())?;
    }
    for (name, bytes) in netlink() {
        write("netlink", name.to_owned(), &bytes)?;
    }
    let clients = lvs_ha_fuzz::client_api::seeds();
    for (target, name, bytes) in
        lvs_ha_fuzz::cluster::seeds()?.into_iter().chain(lvs_ha_fuzz::config::seeds()?).chain(clients)
    {
        write(target, name, &bytes)?;
    }
    Ok(())
}

/// Adds a piece (see `lvs_ha_fuzz::netlink`) with the bytes that `fill` writes.
fn piece(out: &mut Vec<u8>, head: u16, fill: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = Vec::new();
    fill(&mut bytes);
    let length = u16::try_from(bytes.len()).expect("seeds are short");
    out.extend_from_slice(&(head | length).to_le_bytes());
    out.extend_from_slice(&bytes);
}

fn errno(out: &mut Vec<u8>, head: u16, errno: i32) {
    piece(out, head, |bytes| bytes.extend_from_slice(&(-errno).to_ne_bytes()));
}

fn netlink() -> Vec<(&'static str, Vec<u8>)> {
    let answer = |what: u8, fill: &dyn Fn(&mut Writer<'_>)| {
        let mut out = vec![what];
        piece(&mut out, ANSWER, |bytes| fill(&mut Writer::new(bytes)));
        out
    };
    let dump = |what: u8, fills: &[&dyn Fn(&mut Writer<'_>)]| {
        let mut out = vec![what];
        for (index, fill) in fills.iter().enumerate() {
            piece(&mut out, ANSWER | if index == 0 { 0 } else { SAME_DATAGRAM }, |bytes| fill(&mut Writer::new(bytes)));
        }
        errno(&mut out, END, 0);
        out
    };
    let tcp = ServiceKey::Address { protocol: Protocol::Tcp, addr: Ipv4Addr::new(10, 0, 0, 1).into(), port: 80 };
    let mark = ServiceKey::Fwmark { mark: NonZeroU32::MIN, family: Family::V6 };
    let plain = entry(Service::new(tcp, SchedulerName::truncated(b"wrr")));
    let persistent = entry(Service {
        flags: ServiceFlags::PERSISTENT.with(ServiceFlags::HASHED),
        timeout: 600,
        netmask: Netmask::V6(64),
        pe: Some(PeName::truncated(b"sip")),
        ..Service::new(mark, SchedulerName::truncated(b"sh"))
    });
    let nat = destination(ForwardMethod::Masquerade);
    let gue =
        destination(ForwardMethod::Tunnel(Tunnel::Gue { port: NonZeroU16::MIN, checksum: TunnelChecksum::Remote }));
    let master = Daemon {
        ttl: std::num::NonZeroU8::new(1),
        ..Daemon::new(DaemonState::Master, InterfaceName::truncated(b"eth0"), 5)
    };
    let info = Info { version: Version { major: 1, minor: 2, patch: 1 }, connection_table_size: 4096 };
    let timeouts = Timeouts { tcp: 900, tcp_fin: 120, udp: 300 };
    let mut refused = vec![3];
    errno(&mut refused, ERROR, 3);
    let mut again = vec![2];
    errno(&mut again, ERROR, 4);
    piece(&mut again, NEXT_REQUEST | RAW, |bytes| bytes.extend_from_slice(&[0; 16]));
    let mut batch = vec![8 + 9];
    for errno_of in [0, 3, 0, 17] {
        errno(&mut batch, ERROR, errno_of);
    }
    vec![
        ("family", answer(0, &|writer| writer.u16(CTRL_ATTR_FAMILY_ID, 27))),
        ("info", answer(1, &|writer| config::encode_info(writer, &info))),
        (
            "services",
            dump(
                2,
                &[&|writer| service::encode_entry(writer, &plain), &|writer| {
                    service::encode_entry(writer, &persistent)
                }],
            ),
        ),
        ("service", answer(3, &|writer| service::encode_entry(writer, &plain))),
        ("dests", dump(4, &[&|writer| dest::encode_entry(writer, &nat), &|writer| dest::encode_entry(writer, &gue)])),
        ("dests-of-each", dump(5, &[&|writer| dest::encode_entry(writer, &nat)])),
        ("daemons", dump(6, &[&|writer| writer.nested(IPVS_CMD_ATTR_DAEMON, |inner| daemon::encode(inner, &master))])),
        ("timeouts", answer(7, &|writer| config::encode_timeouts(writer, &timeouts))),
        ("batch", batch),
        ("refused", refused),
        ("interrupted", again),
    ]
}

fn entry(service: Service) -> ServiceEntry {
    ServiceEntry { service, stats: Stats { connections: 1 << 40, ..Stats::default() }, dest_count: None }
}

fn destination(method: ForwardMethod) -> DestEntry {
    let key = DestKey { addr: Ipv4Addr::new(10, 0, 0, 11).into(), port: 80 };
    DestEntry {
        dest: Dest::new(key, method, Weight::ONE),
        active_connections: 1,
        inactive_connections: 2,
        persistent_connections: 3,
        stats: Stats { in_bytes: u64::MAX, ..Stats::default() },
    }
}
