//! Addresses and ports, and the many ways to write one.

use crate::rng::Rng;

/// The protocol of a service, which decides which names of ports are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
    /// SCTP.
    Sctp,
}

/// One address: its plain form, then other spellings of the same.
type Spellings = &'static [&'static str];

const SERVICES_V4: &[Spellings] = &[
    &["10.0.0.1", "vip.example", "10.1", "0x0a000001", "012.0.0.1", "10.0.1", "VIP.example", "167772161", "10.0.0.01"],
    &["10.0.0.2", "10.0.2", "10.2", "0xa.0.0.2"],
    &["10.0.0.3"],
    &["192.168.7.1", "inside.example"],
    &["172.16.0.1"],
    &["172.31.255.254"],
    &["200.0.0.1"],
    &["223.255.255.254"],
    &["1.0.0.1"],
    &["127.0.0.1", "localhost", "127.1"],
    &["128.0.0.1"],
    &["9.255.255.255"],
];

const SERVERS_V4: &[Spellings] = &[
    &["10.0.0.11", "rs1.example", "10.11", "0x0a00000b", "10.0.0.013"],
    &["10.0.0.12", "rs2.example", "RS2.EXAMPLE"],
    &["10.0.0.13", "rs3.example", "rs3", "web"],
    &["10.0.0.14"],
    &["10.0.0.78", "quite-a-long-host-name-of-a-server.example"],
    &["10.0.0.1", "vip.example"],
    &["127.0.0.1", "localhost"],
    &["172.16.5.5"],
    &["192.168.1.1"],
    &["203.0.113.99"],
    &["1.1.1.1"],
    &["126.0.0.1"],
    &["138.0.0.11"],
];

const SERVICES_V6: &[Spellings] = &[
    &["2001:db8::1", "2001:0db8:0:0::1", "2001:DB8::0001", "2001:db8:0:0:0:0:0:1"],
    &["2001:db8::2"],
    &["fd00::1"],
    &["2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"],
    &["3fff::7"],
    &["::ffff:10.0.0.1", "::ffff:a00:1"],
    &["::1"],
    &["a000::1"],
];

const SERVERS_V6: &[Spellings] = &[
    &["2001:db8::11", "2001:DB8:0::11", "2001:db8::0.0.0.17"],
    &["2001:db8::12"],
    &["2001:db8:0:1::13"],
    &["fd00::12"],
    &["2001:db8::1"],
    &["3fff:ffff::1"],
    &["b000::1"],
    &["::1"],
];

/// Texts that are no address with port, or only to a lenient reader.
const STRANGE: &[&str] = &[
    "",
    ":",
    ":80",
    "80",
    "10.0.0.1:",
    "10.0.0.1:65536",
    "10.0.0.1:-1",
    "10.0.0.1:99999999999",
    "10.0.0.1:80:90",
    "10.0.0.1:8o",
    "10.0.0.1 :80",
    " 10.0.0.1:80",
    "10.0.0.1:80 ",
    "10.0.0.1: 80",
    "10.0.0.1:+80",
    "10.0.0.1:0x50",
    "256.0.0.1:80",
    "10.0.0:80",
    "10.0.0.1.:80",
    "10.0.0.1.1:80",
    "10..1:80",
    "0:80",
    "0.0.0.0:80",
    "255.255.255.255:80",
    "224.0.0.1:80",
    "0x:80",
    "09.0.0.1:80",
    "4294967295:80",
    "4294967296:80",
    "-1:80",
    "nosuch.example:80",
    "vip.example.:80",
    "vip6.example:80",
    "rs1.example:nosuch",
    "rs1.example:HTTP",
    "rs1.example",
    "10.0.0.1:http ",
    "[::1]",
    "[::1",
    "::1]:80",
    "[::1]80",
    "[::1]:",
    "[]:80",
    "[",
    "[:80",
    "[]",
    "]:80",
    "[10.0.0.1]:80",
    "[vip.example]:80",
    "[2001:db8::1]:http",
    "[2001:db8::1]:65536",
    "[2001:db8::1]:80:80",
    "[fe80::1%lo]:80",
    "fe80::1%lo",
    "[fe80::1]:80",
    "fe80::1",
    "[ff02::1]:80",
    "::",
    "[::]:80",
    "2001:db8::1:80",
    "2001:db8::g",
    "1:2:3:4:5:6:7:8:9",
    "[2001:db8::1]]:80",
    "[[2001:db8::1]]:80",
    "::ffff:1.2.3.4",
    "@:80",
    "10.0.0.1/32:80",
    "10.0.0.1,80",
    "http",
    "localhost:ftp",
    "tcp",
];

/// An address of a service, in its plain form.
pub fn service(rng: &mut Rng, v6: bool) -> String {
    plain(rng, if v6 { SERVICES_V6 } else { SERVICES_V4 })
}

/// An address of a server, in its plain form.
pub fn server(rng: &mut Rng, v6: bool) -> String {
    match (rng.below(8), v6) {
        (0, false) => format!("10.{}.{}.{}", rng.below(3), rng.below(256), rng.between(1, 254)),
        (0, true) => format!("2001:db8::{:x}:{:x}", rng.between(1, 0xffff), rng.below(0x10000)),
        (_, false) => plain(rng, SERVERS_V4),
        (_, true) => plain(rng, SERVERS_V6),
    }
}

fn plain(rng: &mut Rng, pool: &[Spellings]) -> String {
    rng.pick(pool).first().copied().unwrap_or_default().to_owned()
}

/// A port as services use it; seldom 0, which needs persistence.
pub fn port(rng: &mut Rng) -> u16 {
    match rng.below(40) {
        0 => u16::try_from(rng.between(1, 65_535)).unwrap_or(80),
        1..=2 => 0,
        _ => *rng.pick(&[80, 80, 80, 443, 21, 53, 5060, 3868, 8080, 8081, 1, 65_535]),
    }
}

/// Something that is hardly an address.
pub fn strange(rng: &mut Rng) -> String {
    rng.word(STRANGE)
}

/// Writes an address with its port, or without if `port` is `None`, in one of its spellings.
///
/// `protocol` is absent where names of ports are not known.
pub fn spelled(rng: &mut Rng, plain: &str, port: Option<u16>, protocol: Option<Protocol>) -> String {
    if rng.chance(2) {
        return strange(rng);
    }
    let pools = [SERVICES_V4, SERVERS_V4, SERVICES_V6, SERVERS_V6];
    let mut address = plain.to_owned();
    if rng.chance(20) {
        let all = pools.iter().flat_map(|pool| pool.iter()).find(|all| all.first() == Some(&plain));
        address = all.map_or(address, |all| rng.word(all));
    }
    let port = port.map(|port| spelled_port(rng, port, protocol));
    match (address.contains(':'), port) {
        (false, Some(port)) => format!("{address}:{port}"),
        (true, Some(port)) => format!("[{address}]:{port}"),
        (_, None) => address,
    }
}

fn spelled_port(rng: &mut Rng, port: u16, protocol: Option<Protocol>) -> String {
    use Protocol::{Sctp, Tcp, Udp};
    let names: &[&str] = match (port, protocol) {
        (80, Some(Tcp)) => &["http", "www"],
        (443, Some(Tcp)) => &["https"],
        (21, Some(Tcp)) => &["ftp"],
        (53, Some(Tcp | Udp)) => &["domain"],
        (5060, Some(Tcp | Udp)) => &["sip"],
        (3868, Some(Tcp | Sctp)) => &["diameter"],
        _ => &[],
    };
    match rng.below(20) {
        0..=3 if !names.is_empty() => rng.word(names),
        4 => format!("{}{port}", rng.word(&["0", "00", "+", " ", "000000"])),
        _ => port.to_string(),
    }
}
