//! Random values of the model.

use ipvs::Op;
use ipvs::model::*;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::num::{NonZeroU8, NonZeroU16, NonZeroU32};

pub(crate) fn family() -> impl Strategy<Value = Family> {
    prop_oneof![Just(Family::V4), Just(Family::V6)]
}

pub(crate) fn addr_of(family: Family) -> BoxedStrategy<IpAddr> {
    match family {
        Family::V4 => any::<[u8; 4]>().prop_map(|octets| IpAddr::V4(Ipv4Addr::from(octets))).boxed(),
        Family::V6 => any::<[u8; 16]>().prop_map(|octets| IpAddr::V6(Ipv6Addr::from(octets))).boxed(),
    }
}

pub(crate) fn addr() -> impl Strategy<Value = IpAddr> {
    family().prop_flat_map(addr_of)
}

pub(crate) fn name<const N: usize>() -> impl Strategy<Value = Name<N>> {
    vec(1..=255u8, 1..=N).prop_map(|bytes| Name::new(&bytes).unwrap())
}

fn protocol() -> impl Strategy<Value = Protocol> {
    any::<u16>().prop_map(Protocol::from_number)
}

pub(crate) fn service_key() -> impl Strategy<Value = ServiceKey> {
    prop_oneof![
        (protocol(), addr(), any::<u16>()).prop_map(|(protocol, addr, port)| ServiceKey::Address {
            protocol,
            addr,
            port
        }),
        (any::<NonZeroU32>(), family()).prop_map(|(mark, family)| ServiceKey::Fwmark { mark, family }),
    ]
}

fn netmask(family: Family) -> BoxedStrategy<Netmask> {
    match family {
        Family::V4 => any::<[u8; 4]>().prop_map(|octets| Netmask::V4(Ipv4Addr::from(octets))).boxed(),
        Family::V6 => (1..=128u32).prop_map(Netmask::V6).boxed(),
    }
}

pub(crate) fn service_of(key: ServiceKey) -> impl Strategy<Value = Service> {
    let flags = any::<u32>().prop_map(ServiceFlags::from_bits);
    (name(), flags, any::<u32>(), netmask(key.family()), option::of(name())).prop_map(
        move |(scheduler, flags, timeout, netmask, pe)| Service { key, scheduler, flags, timeout, netmask, pe },
    )
}

pub(crate) fn service() -> impl Strategy<Value = Service> {
    service_key().prop_flat_map(service_of)
}

pub(crate) fn stats() -> impl Strategy<Value = Stats> {
    any::<[u64; 10]>().prop_map(|[a, b, c, d, e, f, g, h, i, j]| Stats {
        connections: a,
        in_packets: b,
        out_packets: c,
        in_bytes: d,
        out_bytes: e,
        connection_rate: f,
        in_packet_rate: g,
        out_packet_rate: h,
        in_byte_rate: i,
        out_byte_rate: j,
    })
}

fn method() -> impl Strategy<Value = ForwardMethod> {
    let checksum =
        || prop_oneof![Just(TunnelChecksum::None), Just(TunnelChecksum::Checksum), Just(TunnelChecksum::Remote)];
    let tunnel = prop_oneof![
        Just(Tunnel::Ipip),
        (any::<NonZeroU16>(), checksum()).prop_map(|(port, checksum)| Tunnel::Gue { port, checksum }),
        checksum().prop_map(|checksum| Tunnel::Gre { checksum }),
        (3..=255u8, any::<u16>(), any::<u16>()).prop_map(|(kind, port, flags)| Tunnel::Other { kind, port, flags }),
    ];
    prop_oneof![
        Just(ForwardMethod::Masquerade),
        Just(ForwardMethod::Local),
        Just(ForwardMethod::Route),
        (4..=7u8).prop_map(ForwardMethod::Other),
        tunnel.prop_map(ForwardMethod::Tunnel),
    ]
}

pub(crate) fn weight() -> impl Strategy<Value = Weight> {
    prop_oneof![Just(0), 0..4u32, 0..=i32::MAX.unsigned_abs()].prop_map(|weight| Weight::new(weight).unwrap())
}

pub(crate) fn dest() -> impl Strategy<Value = Dest> {
    let key = (addr(), any::<u16>()).prop_map(|(addr, port)| DestKey { addr, port });
    (key, method(), weight(), any::<u32>(), any::<u32>()).prop_map(
        |(key, method, weight, upper_threshold, lower_threshold)| Dest {
            key,
            method,
            weight,
            upper_threshold,
            lower_threshold,
        },
    )
}

pub(crate) fn dest_entry() -> impl Strategy<Value = DestEntry> {
    (dest(), any::<[u32; 3]>(), stats()).prop_map(|(dest, [active, inactive, persistent], stats)| DestEntry {
        dest,
        active_connections: active,
        inactive_connections: inactive,
        persistent_connections: persistent,
        stats,
    })
}

pub(crate) fn daemon() -> impl Strategy<Value = Daemon> {
    let state = prop_oneof![Just(DaemonState::Master), Just(DaemonState::Backup)];
    let group = option::of(addr().prop_filter("zero means none", |addr| !addr.is_unspecified()));
    let options =
        (option::of(any::<NonZeroU16>()), group, option::of(any::<NonZeroU16>()), option::of(any::<NonZeroU8>()));
    (state, name(), any::<u8>(), options).prop_map(|(state, interface, sync_id, (max_length, group, port, ttl))| {
        Daemon { state, interface, sync_id, max_length, group, port, ttl }
    })
}

pub(crate) fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        service().prop_map(Op::NewService),
        service().prop_map(Op::SetService),
        service_key().prop_map(Op::DelService),
        (service_key(), dest()).prop_map(|(key, dest)| Op::NewDest(key, dest)),
        (service_key(), dest()).prop_map(|(key, dest)| Op::SetDest(key, dest)),
        (service_key(), dest()).prop_map(|(key, dest)| Op::DelDest(key, dest.key)),
        Just(Op::Flush),
        option::of(service_key()).prop_map(Op::Zero),
        any::<[u32; 3]>().prop_map(|[tcp, tcp_fin, udp]| Op::SetTimeouts(Timeouts { tcp, tcp_fin, udp })),
        daemon().prop_map(Op::StartDaemon),
        daemon().prop_map(|daemon| Op::StopDaemon(daemon.state, daemon.sync_id)),
    ]
}

/// Tables the kernel accepts, of so few keys and settings that two of them have much in common.
pub(crate) fn small_table() -> impl Strategy<Value = Table> {
    let key = prop_oneof![
        (1..4u8).prop_map(|last| ServiceKey::Address {
            protocol: Protocol::Tcp,
            addr: IpAddr::from([10, 0, 0, last]),
            port: 80
        }),
        (1..3u32, family())
            .prop_map(|(mark, family)| ServiceKey::Fwmark { mark: NonZeroU32::new(mark).unwrap(), family }),
    ];
    vec((key, 0..3u32, vec(small_dest(), 0..5)), 0..5).prop_map(|services| Table {
        services: services.into_iter().map(|(key, variant, dests)| small_service(key, variant, dests)).collect(),
    })
}

fn small_service(key: ServiceKey, variant: u32, dests: Vec<(u8, u32, bool)>) -> TableService {
    let names = ["wlc", "none", ""];
    let scheduler = SchedulerName::new(names[variant as usize].as_bytes()).unwrap();
    let mut service = Service::new(key, scheduler);
    service.flags = ServiceFlags::from_bits(variant);
    let dests = dests.into_iter().map(|(last, weight, tunnel)| {
        let addr = match key.family() {
            Family::V4 => IpAddr::from([10, 1, 0, last]),
            Family::V6 => IpAddr::from([0x2001, 0xdb8, 0, 0, 0, 0, 0, u16::from(last)]),
        };
        let method = if tunnel { ForwardMethod::Tunnel(Tunnel::Ipip) } else { ForwardMethod::Route };
        Dest::new(DestKey { addr, port: 80 }, method, Weight::new(weight).unwrap())
    });
    TableService { service, dests: dests.collect() }
}

fn small_dest() -> impl Strategy<Value = (u8, u32, bool)> {
    (1..5u8, 0..3u32, any::<bool>())
}
