//! Reading without counters: socket options where they tell everything, netlink where they may not.
#![cfg(target_pointer_width = "64")]

use crate::replies::*;
use ipvs::consts::*;
use ipvs::model::*;
use ipvs::transport::{Scripted, ScriptedOptions};
use ipvs::{Client, Error};
use std::net::IpAddr;
use std::sync::atomic::Ordering;

/// So many services that the socket options are worth it.
const MANY: u8 = 16;

fn services() -> Vec<ServiceEntry> {
    (1..=MANY).map(some_service).collect()
}

fn without_stats(last: u8) -> DestEntry {
    DestEntry { stats: Stats::default(), ..some_dest(last) }
}

/// The two answers that tell each service's number of destinations.
fn counts(script: ScriptedOptions, services: &[ServiceEntry], count: u32) -> ScriptedOptions {
    let mut info: Vec<u8> = vec![0; 12];
    info[8] = MANY;
    let mut table = vec![0; 8 + (usize::from(MANY) + 1) * 104];
    for (entry, service) in table[8..].chunks_exact_mut(104).zip(services) {
        if let ServiceKey::Address { addr: IpAddr::V4(addr), port, .. } = service.service.key {
            entry[..2].copy_from_slice(&6u16.to_ne_bytes());
            entry[4..8].copy_from_slice(&addr.octets());
            entry[8..10].copy_from_slice(&port.to_be_bytes());
            entry[44..48].copy_from_slice(&count.to_ne_bytes());
        }
    }
    script.get(IP_VS_SO_GET_INFO, [], Ok(info)).get(IP_VS_SO_GET_SERVICES, [], Ok(table))
}

fn dests(lasts: &[u8], method: u32, places: usize) -> Vec<u8> {
    let mut block = vec![0; 24 + places * 96];
    for (entry, last) in block[24..].chunks_exact_mut(96).zip(lasts) {
        entry[..4].copy_from_slice(&[10, 1, 0, *last]);
        entry[4..6].copy_from_slice(&80u16.to_be_bytes());
        for (offset, value) in [(8, method), (12, 1), (24, 1), (28, 2), (32, 3), (40, 99)] {
            entry[offset..offset + 4].copy_from_slice(&value.to_ne_bytes());
        }
    }
    block
}

fn read(netlink: Scripted, options: ScriptedOptions, services: &[ServiceEntry]) -> Vec<Vec<DestEntry>> {
    let mut client = Client::with_both(Box::new(netlink), Box::new(options)).unwrap();
    let mut all = Vec::new();
    let outcome: Result<(), Error> = client.dests_of_each_without_stats(services, |_, dests| {
        all.push(dests.clone());
        Ok(())
    });
    outcome.unwrap();
    all
}

/// A script that has one destination for each service over netlink.
fn over_netlink(count: u32) -> Scripted {
    (0..count).map(|nth| FIRST + nth).fold(opened(), |script, sequence| {
        script.expect_any().reply(dest_part(sequence, &some_dest(1))).reply(done(sequence, 0))
    })
}

#[test]
fn plain_services_are_read_through_socket_options_alone() {
    let mut options = counts(ScriptedOptions::new(), &services(), 2);
    for _ in 0..MANY {
        options = options.get(IP_VS_SO_GET_DESTS, [], Ok(dests(&[1, 2], 3, 3)));
    }
    let all = read(opened(), options, &services());
    assert_eq!(all, vec![vec![without_stats(1), without_stats(2)]; MANY.into()]);
}

#[test]
fn a_service_with_hidden_destinations_is_read_over_netlink() {
    let mut options = counts(ScriptedOptions::new(), &services(), 2);
    options = options.get(IP_VS_SO_GET_DESTS, [], Ok(dests(&[9], 3, 3)));
    for _ in 1..MANY {
        options = options.get(IP_VS_SO_GET_DESTS, [], Ok(dests(&[1, 2], 3, 3)));
    }
    let all = read(over_netlink(1), options, &services());
    assert_eq!(all[0], [without_stats(1)]);
    assert_eq!(all[1], [without_stats(1), without_stats(2)]);
}

#[test]
fn with_the_first_tunnel_netlink_takes_over() {
    let options = counts(ScriptedOptions::new(), &services(), 1).get(IP_VS_SO_GET_DESTS, [], Ok(dests(&[9], 2, 2)));
    let calls = options.calls();
    let all = read(over_netlink(MANY.into()), options, &services());
    assert_eq!(calls.load(Ordering::Relaxed), 3);
    assert_eq!(all, vec![vec![without_stats(1)]; MANY.into()]);
}

#[test]
fn unknown_services_and_other_families_are_read_over_netlink() {
    let mut list = services();
    list[0].service.key = ServiceKey::Address { protocol: Protocol::Tcp, addr: "::1".parse().unwrap(), port: 80 };
    list[1].service.key = some_key(99);
    let mut options = counts(ScriptedOptions::new(), &services(), 1);
    for _ in 2..MANY {
        options = options.get(IP_VS_SO_GET_DESTS, [], Ok(dests(&[1], 3, 2)));
    }
    let all = read(over_netlink(2), options, &list);
    assert_eq!(all, vec![vec![without_stats(1)]; MANY.into()]);
}

#[test]
fn few_services_and_refusing_sockets_leave_it_to_netlink() {
    let all = read(over_netlink(3), ScriptedOptions::new(), &services()[..3]);
    assert_eq!(all, vec![vec![without_stats(1)]; 3]);
    let options = ScriptedOptions::new().get(IP_VS_SO_GET_INFO, [], Err(libc::EPERM));
    let all = read(over_netlink(MANY.into()), options, &services());
    assert_eq!(all, vec![vec![without_stats(1)]; MANY.into()]);
}
