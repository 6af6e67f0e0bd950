//! Property: a rule that is printed and read again is the same rule, for every service and destination there can be.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise, in its helpers too")]

use ipvs::Op;
use ipvs::model::{
    Dest, DestKey, Family, ForwardMethod, Netmask, PeName, Protocol, SchedulerName, Service, ServiceFlags, ServiceKey,
    Tunnel, TunnelChecksum, Weight,
};
use ipvsadm::args::{self, Invocation, Reading};
use ipvsadm::names::Nothing;
use ipvsadm::rules::RuleWriter;
use ipvsadm::rules_file;
use proptest::prelude::*;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::num::{NonZeroU16, NonZeroU32};

fn addr(family: Family) -> BoxedStrategy<IpAddr> {
    match family {
        Family::V4 => any::<u32>().prop_map(|bits| Ipv4Addr::from_bits(bits).into()).boxed(),
        // Half of them in the ranges whose text has a form of its own.
        Family::V6 => prop_oneof![
            any::<u128>(),
            any::<u32>().prop_map(u128::from),
            any::<u32>().prop_map(|low| 0xffff_0000_0000 | u128::from(low)),
            any::<[bool; 8]>().prop_map(|ones| ones.iter().fold(0, |bits, one| (bits << 16) | u128::from(*one))),
        ]
        .prop_map(|bits| Ipv6Addr::from_bits(bits).into())
        .boxed(),
    }
}

fn family() -> impl Strategy<Value = Family> {
    prop_oneof![Just(Family::V4), Just(Family::V6)]
}

fn key() -> impl Strategy<Value = ServiceKey> {
    let protocol = prop_oneof![Just(Protocol::Tcp), Just(Protocol::Udp), Just(Protocol::Sctp)];
    let address = (protocol, family().prop_flat_map(addr), 1_u16..)
        .prop_map(|(protocol, addr, port)| ServiceKey::Address { protocol, addr, port });
    let mark = (1_u32.., family())
        .prop_map(|(mark, family)| ServiceKey::Fwmark { mark: NonZeroU32::new(mark).unwrap(), family });
    prop_oneof![address, mark]
}

fn service() -> impl Strategy<Value = Service> {
    let scheduler = prop_oneof![Just("rr"), Just("wlc"), Just("sh"), Just("mh"), Just("none")];
    let timeout = prop::option::of(1_u32..=2_678_400);
    (key(), scheduler, 0_u32..8, timeout, any::<u32>(), 1_u32..=128, any::<bool>(), any::<bool>()).prop_map(
        |(key, scheduler, flags, timeout, mask, prefix, pe, ops)| {
            let mut service = Service::new(key, SchedulerName::truncated(scheduler.as_bytes()));
            service.flags = ServiceFlags::from_bits(flags << 3);
            service.pe = pe.then(|| PeName::truncated(b"sip"));
            service.netmask = match key.family() {
                Family::V4 => Netmask::V4(Ipv4Addr::from_bits(mask)),
                Family::V6 => Netmask::V6(prefix),
            };
            if let Some(timeout) = timeout {
                service.flags = service.flags.with(ServiceFlags::PERSISTENT);
                service.timeout = timeout;
            }
            let udp = !matches!(key, ServiceKey::Address { protocol: Protocol::Tcp | Protocol::Sctp, .. });
            if ops && udp {
                service.flags = service.flags.with(ServiceFlags::ONE_PACKET);
            }
            service
        },
    )
}

fn method() -> impl Strategy<Value = ForwardMethod> {
    let plain = prop_oneof![Just(TunnelChecksum::None), Just(TunnelChecksum::Checksum)];
    let any_checksum = prop_oneof![plain.clone(), Just(TunnelChecksum::Remote)];
    let gue = (1_u16.., any_checksum)
        .prop_map(|(port, checksum)| Tunnel::Gue { port: NonZeroU16::new(port).unwrap(), checksum });
    let tunnel = prop_oneof![Just(Tunnel::Ipip), gue, plain.prop_map(|checksum| Tunnel::Gre { checksum })];
    prop_oneof![Just(ForwardMethod::Masquerade), Just(ForwardMethod::Route), tunnel.prop_map(ForwardMethod::Tunnel)]
}

fn dest() -> impl Strategy<Value = (ServiceKey, Dest)> {
    let thresholds = (0..=i32::MAX.unsigned_abs(), 0..=i32::MAX.unsigned_abs());
    (key(), method(), family(), any::<u16>(), 0..=i32::MAX.unsigned_abs(), thresholds).prop_flat_map(
        |(key, method, other, port, weight, (upper, lower))| {
            let tunnelled = matches!(method, ForwardMethod::Tunnel(_));
            let family = if tunnelled { other } else { key.family() };
            // Only masquerading and marks have ports of their own.
            let fixed = matches!(key, ServiceKey::Address { .. }) && method != ForwardMethod::Masquerade;
            let port = if fixed { key.port() } else { port };
            addr(family).prop_map(move |addr| {
                let mut dest = Dest::new(DestKey { addr, port }, method, Weight::new(weight).unwrap());
                dest.upper_threshold = upper;
                dest.lower_threshold = lower;
                (key, dest)
            })
        },
    )
}

/// Prints the change as a rule and reads that.
fn reread(op: &Op) -> Result<Invocation, TestCaseError> {
    let mut line = Vec::new();
    RuleWriter::complete().op(&mut line, op);
    let text = String::from_utf8_lossy(&line).into_owned();
    let words = rules_file::words(&line);
    let words: Vec<&[u8]> = words.iter().map(|word| word.text).collect();
    args::parse(&words, Reading { nested: true, ..Reading::default() }, &Nothing)
        .map_err(|refusal| TestCaseError::fail(format!("{text}: {refusal:?}")))
}

proptest! {
    #[test]
    fn a_service_is_read_as_it_was_printed(service in service()) {
        for op in [Op::NewService(service), Op::SetService(service), Op::DelService(service.key)] {
            prop_assert_eq!(reread(&op)?, Invocation::Change(op));
        }
    }

    #[test]
    fn a_destination_is_read_as_it_was_printed((key, dest) in dest()) {
        for op in [Op::NewDest(key, dest), Op::SetDest(key, dest), Op::DelDest(key, dest.key)] {
            prop_assert_eq!(reread(&op)?, Invocation::Change(op));
        }
    }

    #[test]
    fn no_command_line_breaks_the_parser(line in proptest::collection::vec(any::<u8>(), 0..80)) {
        let words = rules_file::words(&line);
        let words: Vec<&[u8]> = words.iter().map(|word| word.text).collect();
        let _ = args::parse(&words, Reading::default(), &Nothing);
    }
}
