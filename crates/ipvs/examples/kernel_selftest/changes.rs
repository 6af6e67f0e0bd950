//! Changes and what the kernel makes of them.

use crate::values::*;
use crate::{EEXIST, EINVAL, ENOENT, ERANGE, ESRCH, Outcome, carry_out, check, refused, same};
use ipvs::model::*;
use ipvs::{Client, Error, Op};
use std::net::Ipv4Addr;
use std::num::NonZeroU32;

/// Adds, reads back, edits and reads back each service.
fn kept(client: &mut Client, services: &[Service]) -> Outcome {
    for new in services {
        client.execute(&Op::NewService(*new))?;
        same("new service", plain(&client.service(&new.key)?), *new)?;
    }
    let mut listed: Vec<_> = client.services()?.iter().map(plain).collect();
    listed.sort_by_key(|service| service.key);
    let mut wanted = services.to_vec();
    wanted.sort_by_key(|service| service.key);
    same("all services", listed, wanted)?;
    for old in services {
        let plainer = Service { netmask: old.netmask, ..service(old.key, "rr") };
        client.execute(&Op::SetService(plainer))?;
        same("plainer service", plain(&client.service(&old.key)?), plainer)?;
        client.execute(&Op::SetService(*old))?;
        same("edited service", plain(&client.service(&old.key)?), *old)?;
    }
    Ok(())
}

pub(crate) fn services(client: &mut Client) -> Outcome {
    let key = |last| tcp([10, 0, 0, last], 80);
    let persistent = |service: Service, mask: [u8; 4]| Service {
        flags: service.flags.with(ServiceFlags::PERSISTENT),
        timeout: 600,
        netmask: Netmask::V4(mask.into()),
        ..service
    };
    let udp = ServiceKey::Address { protocol: Protocol::Udp, addr: Ipv4Addr::new(10, 0, 0, 1).into(), port: 53 };
    let sctp = ServiceKey::Address { protocol: Protocol::Sctp, addr: Ipv4Addr::new(10, 0, 0, 1).into(), port: 36412 };
    let all_flags = [ServiceFlags::SCHED_1, ServiceFlags::SCHED_2, ServiceFlags::SCHED_3]
        .into_iter()
        .fold(ServiceFlags::NONE, ServiceFlags::with);
    let mut all = vec![
        service(key(1), "wlc"),
        service(key(2), "none"),
        persistent(service(key(3), "wrr"), [255, 255, 255, 255]),
        persistent(service(key(4), "sh"), [255, 255, 0, 0]),
        // The kernel keeps what has no effect.
        Service { timeout: 77, netmask: Netmask::V4([255, 0, 255, 0].into()), ..service(key(5), "lc") },
        persistent(service(tcp([10, 0, 0, 6], 0), "rr"), [255, 255, 255, 0]),
        Service { flags: ServiceFlags::ONE_PACKET, ..service(udp, "rr") },
        service(sctp, "sed"),
        Service { flags: all_flags, ..service(key(7), "mh") },
        service(mark(NonZeroU32::MIN, Family::V4), "nq"),
        service(mark(NonZeroU32::MAX, Family::V4), "dh"),
    ];
    all.extend(["lblc", "lblcr", "fo", "ovf"].iter().zip(20..).map(|(scheduler, last)| service(key(last), scheduler)));
    kept(client, &all)?;
    // An empty scheduler name is sent as "none".
    client.execute(&Op::SetService(service(key(1), "")))?;
    same("no scheduler", plain(&client.service(&key(1))?), service(key(1), "none"))
}

pub(crate) fn destinations(client: &mut Client) -> Outcome {
    let key = tcp([10, 0, 0, 1], 80);
    client.execute(&Op::NewService(service(key, "wlc")))?;
    let methods = [
        ForwardMethod::Masquerade,
        ForwardMethod::Local,
        ForwardMethod::Route,
        ForwardMethod::Tunnel(Tunnel::Ipip),
        ForwardMethod::Other(5),
    ];
    let mut wanted = Vec::new();
    for (method, last) in methods.into_iter().zip(1..) {
        wanted.push(Dest { method, ..dest([192, 168, 0, last], 80) });
    }
    wanted.push(Dest { weight: Weight::ZERO, ..dest([192, 168, 0, 20], 8080) });
    wanted.push(Dest { weight: Weight::MAX, ..dest([192, 168, 0, 20], 0) });
    wanted.push(Dest { upper_threshold: 10, lower_threshold: 10, ..dest([127, 0, 0, 1], 80) });
    wanted.push(Dest { upper_threshold: u32::MAX, lower_threshold: 1, ..dest([192, 168, 0, 21], 80) });
    for new in &wanted {
        client.execute(&Op::NewDest(key, *new))?;
    }
    same("destinations", dests(client, key)?, wanted.clone())?;
    for old in &mut wanted {
        old.weight = weight(old.weight.get() ^ 3);
        old.method = if old.method == ForwardMethod::Route { ForwardMethod::Masquerade } else { ForwardMethod::Route };
        old.upper_threshold = 7;
        old.lower_threshold = 6;
        client.execute(&Op::SetDest(key, *old))?;
    }
    same("edited destinations", dests(client, key)?, wanted.clone())?;
    let gone = wanted.remove(2);
    client.execute(&Op::DelDest(key, gone.key))?;
    same("destinations left", dests(client, key)?, wanted)?;
    let entry = client.service(&key)?;
    client.execute(&Op::DelService(key))?;
    same("destinations of a deleted service", client.dests(&entry)?, vec![])
}

pub(crate) fn refusals(client: &mut Client) -> Outcome {
    let (here, missing) = (tcp([10, 0, 0, 1], 80), tcp([10, 0, 0, 2], 80));
    let server = dest([192, 168, 0, 1], 80);
    client.execute(&Op::NewService(service(here, "wlc")))?;
    client.execute(&Op::NewDest(here, server))?;
    let limits = Dest { upper_threshold: 4, lower_threshold: 5, ..dest([192, 168, 0, 9], 80) };
    for (op, errno) in [
        (Op::NewService(service(here, "wlc")), EEXIST),
        (Op::NewService(service(missing, "bogus")), ENOENT),
        (Op::SetService(service(here, "bogus")), ENOENT),
        (Op::SetService(service(missing, "wlc")), ESRCH),
        (Op::DelService(missing), ESRCH),
        (Op::Zero(Some(missing)), ESRCH),
        (Op::NewDest(here, server), EEXIST),
        (Op::NewDest(missing, server), ESRCH),
        (Op::SetDest(missing, server), ESRCH),
        (Op::DelDest(missing, server.key), ESRCH),
        (Op::SetDest(here, dest([192, 168, 0, 2], 80)), ENOENT),
        (Op::DelDest(here, dest([192, 168, 0, 2], 80).key), ENOENT),
        (Op::NewDest(here, limits), ERANGE),
        (Op::SetDest(here, limits), ERANGE),
        (Op::NewDest(here, dest([224, 0, 0, 1], 80)), EINVAL),
        (Op::NewDest(here, dest([255, 255, 255, 255], 80)), EINVAL),
        (Op::StopDaemon(DaemonState::Master, 0), ESRCH),
    ] {
        refused(client, &op, errno)?;
    }
    match client.service(&missing) {
        Err(Error::Kernel { errno: ESRCH, .. }) => Ok(()),
        other => Err(format!("missing service: {other:?}").into()),
    }
}

pub(crate) fn timeouts(client: &mut Client) -> Outcome {
    client.execute(&Op::SetTimeouts(Timeouts { tcp: 900, tcp_fin: 120, udp: 300 }))?;
    same("timeouts", client.timeouts()?, Timeouts { tcp: 900, tcp_fin: 120, udp: 300 })?;
    client.execute(&Op::SetTimeouts(Timeouts { tcp_fin: 60, ..Timeouts::default() }))?;
    same("one timeout", client.timeouts()?, Timeouts { tcp: 900, tcp_fin: 60, udp: 300 })?;
    refused(client, &Op::SetTimeouts(Timeouts { tcp: u32::MAX, ..Timeouts::default() }), EINVAL)
}

pub(crate) fn flush_and_zero(client: &mut Client) -> Outcome {
    carry_out(client, &large(3, 3))?;
    client.execute(&Op::Zero(Some(nth_key(1))))?;
    client.execute(&Op::Zero(None))?;
    same("services", client.services()?.len(), 3)?;
    client.execute(&Op::Flush)?;
    same("services after flush", client.services()?, vec![])
}

pub(crate) fn beyond_ipv4(client: &mut Client) -> Outcome {
    let sip = PeName::new(b"sip").ok();
    let udp = |addr, port| ServiceKey::Address { protocol: Protocol::Udp, addr, port };
    let mut all = vec![
        service(tcp(v6(1), 80), "wlc"),
        Service { netmask: Netmask::V6(64), ..service(tcp(v6(2), 80), "wlc") },
        Service {
            netmask: Netmask::V6(1),
            flags: ServiceFlags::PERSISTENT,
            timeout: 5,
            ..service(mark(NonZeroU32::MIN, Family::V6), "rr")
        },
        service(mark(NonZeroU32::MIN, Family::V4), "rr"),
        Service { pe: sip, flags: ServiceFlags::PERSISTENT, timeout: 60, ..service(udp(v6(3), 5060), "rr") },
    ];
    all.push(Service { pe: sip, ..service(udp(Ipv4Addr::new(10, 0, 0, 1).into(), 5060), "rr") });
    kept(client, &all)?;
    for length in [0, 129] {
        let odd = Service { netmask: Netmask::V6(length), ..service(tcp(v6(9), 80), "wlc") };
        refused(client, &Op::NewService(odd), EINVAL)?;
    }
    let bogus = Service { pe: PeName::new(b"bogus").ok(), ..service(tcp(v6(9), 80), "wlc") };
    refused(client, &Op::NewService(bogus), ENOENT)?;

    // Destinations of either family, tunnels of all kinds.
    for key in [tcp(v6(1), 80), mark(NonZeroU32::MIN, Family::V4)] {
        let mut wanted = vec![];
        for (method, last) in tunnels().into_iter().zip(1u8..) {
            wanted.push(Dest { method, ..dest([192, 168, 0, last], 80) });
            wanted.push(Dest { method, ..dest(v6(u16::from(last) + 100), 80) });
        }
        for new in &wanted {
            client.execute(&Op::NewDest(key, *new))?;
        }
        same("tunnelled destinations", dests(client, key)?, wanted.clone())?;
        let other = if key.family() == Family::V4 { dest(v6(50), 80) } else { dest([192, 168, 0, 50], 80) };
        refused(client, &Op::NewDest(key, other), EINVAL)?;
        // Settings of a tunnel do not stay behind.
        let own = wanted.iter_mut().filter(|dest| dest.key.family() == key.family());
        for old in own {
            old.method = ForwardMethod::Route;
            client.execute(&Op::SetDest(key, *old))?;
        }
        same("destinations no longer tunnelled", dests(client, key)?, wanted)?;
    }
    refused(client, &Op::NewDest(tcp(v6(1), 80), dest([0xff02, 0, 0, 0, 0, 0, 0, 5], 80)), EINVAL)?;
    check(client.services()?.len() == all.len(), || "services appeared or vanished".into())
}
