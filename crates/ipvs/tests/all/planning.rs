//! Plans: they lead where they should, touch nothing else, and never leave a service without servers on the way.

use crate::replies::{errno, some_dest, some_key, some_service};
use crate::strategies::small_table;
use ipvs::model::*;
use ipvs::plan::{Options, diff, diff_with};
use ipvs::simulate::{Simulation, apply_to, canonical_dest, canonical_service};
use ipvs::{Command, Op};
use proptest::prelude::*;
use std::collections::{BTreeMap, HashSet};

type Settings = BTreeMap<ServiceKey, (Service, BTreeMap<DestKey, Dest>)>;

/// A table without order and with one form for what is the same to the kernel.
fn settings(table: &Table) -> Settings {
    let service = |entry: &TableService| {
        let dests = entry.dests.iter().map(|dest| (dest.key, canonical_dest(*dest))).collect();
        (entry.service.key, (canonical_service(entry.service), dests))
    };
    table.services.iter().map(service).collect()
}

/// Services with at least one destination that takes new connections.
fn serving(table: &Table) -> HashSet<ServiceKey> {
    let serves = |entry: &&TableService| {
        let last: BTreeMap<_, _> = entry.dests.iter().map(|dest| (dest.key, dest.weight)).collect();
        last.values().any(|weight| *weight > Weight::ZERO)
    };
    table.services.iter().filter(serves).map(|entry| entry.service.key).collect()
}

/// The table as a kernel would have it: each key once.
fn possible(table: &Table) -> Table {
    Simulation::new(table).table()
}

proptest! {
    #[test]
    fn a_plan_leads_from_one_table_to_the_other(wanted in small_table(), current in small_table()) {
        let current = possible(&current);
        let mut simulation = Simulation::new(&current);
        for op in diff(&wanted, &current) {
            prop_assert!(simulation.apply(&op).is_ok(), "{:?}", op);
        }
        let reached = simulation.table();
        prop_assert_eq!(settings(&reached), settings(&wanted));
        prop_assert_eq!(diff(&wanted, &reached), []);
    }

    #[test]
    fn no_service_that_stays_is_ever_without_a_server(wanted in small_table(), current in small_table()) {
        let current = possible(&current);
        let always: HashSet<_> = serving(&possible(&wanted)).intersection(&serving(&current)).copied().collect();
        let mut simulation = Simulation::new(&current);
        for op in diff(&wanted, &current) {
            simulation.apply(&op).unwrap();
            let now = serving(&simulation.table());
            prop_assert!(always.is_subset(&now), "after {:?}", op);
        }
    }

    #[test]
    fn a_plan_touches_each_entry_at_most_once_and_only_if_it_differs(wanted in small_table(), current in small_table()) {
        let current = possible(&current);
        let (to, from) = (settings(&wanted), settings(&current));
        let mut touched = HashSet::new();
        for op in diff(&wanted, &current) {
            let (key, dest) = match op {
                Op::NewService(service) | Op::SetService(service) => (service.key, None),
                Op::DelService(key) => (key, None),
                Op::NewDest(key, dest) | Op::SetDest(key, dest) => (key, Some(dest.key)),
                Op::DelDest(key, dest) => (key, Some(dest)),
                other => panic!("{other:?}"),
            };
            prop_assert!(touched.insert((key, dest)), "{:?} again", op);
            let service = |table: &Settings| table.get(&key).map(|(service, _)| *service);
            let of = |table: &Settings| table.get(&key).and_then(|(_, dests)| dests.get(&dest?).copied());
            let differs = if dest.is_none() { service(&to) != service(&from) } else { of(&to) != of(&from) };
            prop_assert!(differs, "{:?} changes nothing", op);
        }
    }

    #[test]
    fn foreign_services_can_be_left_alone(wanted in small_table(), current in small_table()) {
        let current = possible(&current);
        let wanted_keys: HashSet<_> = wanted.services.iter().map(|entry| entry.service.key).collect();
        let mut simulation = Simulation::new(&current);
        for op in diff_with(&wanted, &current, Options { keep_unwanted_services: true }) {
            simulation.apply(&op).unwrap();
        }
        let mut expected = settings(&current);
        expected.retain(|key, _| !wanted_keys.contains(key));
        expected.extend(settings(&wanted));
        prop_assert_eq!(settings(&simulation.table()), expected);
    }
}

fn table(service: Service, dests: &[Dest]) -> Table {
    Table { services: vec![TableService { service, dests: dests.to_vec() }] }
}

fn dest(last: u8, weight: u32) -> Dest {
    Dest { weight: Weight::new(weight).unwrap(), ..some_dest(last).dest }
}

#[test]
fn within_a_service_adding_and_raising_come_before_lowering_and_deleting() {
    let key = some_key(1);
    let service = some_service(1).service;
    let current = table(service, &[dest(1, 5), dest(2, 0), dest(3, 1), dest(4, 1)]);
    let changed = Service { timeout: 5, ..service };
    let wanted = table(changed, &[dest(1, 2), dest(2, 3), dest(4, 1), dest(5, 1)]);
    let expected = [
        Op::SetService(changed),
        Op::NewDest(key, dest(5, 1)),
        Op::SetDest(key, dest(2, 3)),
        Op::SetDest(key, dest(1, 2)),
        Op::DelDest(key, dest(3, 1).key),
    ];
    assert_eq!(diff(&wanted, &current), expected);
}

#[test]
fn new_services_come_first_and_deleted_ones_last() {
    let (one, two) = (some_service(1).service, some_service(2).service);
    let plan = diff(&table(two, &[dest(1, 1), dest(2, 1)]), &table(one, &[dest(3, 1)]));
    let expected = [
        Op::NewService(two),
        Op::NewDest(two.key, dest(1, 1)),
        Op::NewDest(two.key, dest(2, 1)),
        Op::DelService(one.key),
    ];
    assert_eq!(plan, expected);
}

#[test]
fn what_the_kernel_adds_or_names_otherwise_is_no_difference() {
    let wanted = Service { scheduler: SchedulerName::EMPTY, ..some_service(1).service };
    let none = SchedulerName::new(b"none").unwrap();
    let current = Service { scheduler: none, flags: ServiceFlags::HASHED, ..wanted };
    let tunnel = |tunnel| Dest { method: ForwardMethod::Tunnel(tunnel), ..dest(1, 1) };
    let numbers = tunnel(Tunnel::Other { kind: 0, port: 6, flags: 1 });
    assert_eq!(diff(&table(wanted, &[numbers]), &table(current, &[tunnel(Tunnel::Ipip)])), []);
    let other = Service { flags: ServiceFlags::ONE_PACKET, ..wanted };
    assert_eq!(diff(&table(other, &[]), &table(current, &[])), [Op::SetService(other)]);
}

#[test]
fn the_last_of_repeated_keys_counts() {
    let service = some_service(1).service;
    let mut wanted = table(service, &[dest(1, 1)]);
    wanted.services.push(TableService { service, dests: vec![dest(2, 1), dest(3, 1), dest(2, 7)] });
    let expected =
        [Op::NewService(service), Op::NewDest(service.key, dest(3, 1)), Op::NewDest(service.key, dest(2, 7))];
    assert_eq!(diff(&wanted, &Table::default()), expected);
}

#[test]
fn the_simulation_refuses_what_the_kernel_refuses() {
    let service = some_service(1).service;
    let key = service.key;
    let start = table(service, &[dest(1, 1)]);
    let v6 = DestKey { addr: "2001:db8::5".parse().unwrap(), port: 80 };
    let multicast = DestKey { addr: "224.0.0.1".parse().unwrap(), port: 80 };
    let v6_service = |length| Service {
        key: ServiceKey::Address { protocol: Protocol::Tcp, addr: v6.addr, port: 80 },
        netmask: Netmask::V6(length),
        ..service
    };
    let limits = |dest: Dest| Dest { lower_threshold: 2, upper_threshold: 1, ..dest };
    let refused = [
        (Op::NewService(service), libc::EEXIST),
        (Op::NewService(v6_service(0)), libc::EINVAL),
        (Op::NewService(v6_service(129)), libc::EINVAL),
        (Op::SetService(some_service(2).service), libc::ESRCH),
        (Op::DelService(some_key(2)), libc::ESRCH),
        (Op::Zero(Some(some_key(2))), libc::ESRCH),
        (Op::NewDest(some_key(2), limits(dest(1, 1))), libc::ESRCH),
        (Op::NewDest(key, dest(1, 1)), libc::EEXIST),
        (Op::NewDest(key, limits(dest(1, 1))), libc::ERANGE),
        (Op::SetDest(key, limits(dest(9, 1))), libc::ERANGE),
        (Op::NewDest(key, Dest { key: v6, ..dest(1, 1) }), libc::EINVAL),
        (Op::NewDest(key, Dest { key: multicast, ..dest(1, 1) }), libc::EINVAL),
        (Op::SetDest(key, Dest { key: multicast, ..dest(1, 1) }), libc::ENOENT),
        (Op::SetDest(key, dest(2, 1)), libc::ENOENT),
        (Op::DelDest(key, dest(2, 1).key), libc::ENOENT),
        (Op::DelDest(some_key(2), dest(1, 1).key), libc::ESRCH),
    ];
    for (op, expected) in refused {
        let mut after = start.clone();
        let error = apply_to(&mut after, &op).unwrap_err();
        assert_eq!(errno(&error), expected, "{op:?}");
        assert_eq!(after, start);
    }
    let tunnelled = Dest { key: v6, method: ForwardMethod::Tunnel(Tunnel::Ipip), ..dest(1, 1) };
    let mut after = start;
    for op in [Op::NewDest(key, tunnelled), Op::NewService(v6_service(64)), Op::Zero(None), Op::Zero(Some(key))] {
        apply_to(&mut after, &op).unwrap();
    }
    assert_eq!(after.services.len(), 2);
    assert_eq!(after.services[0].dests, [dest(1, 1), tunnelled]);
    apply_to(&mut after, &Op::Flush).unwrap();
    assert_eq!(after, Table::default());
    assert_eq!(Command::Flush.to_string(), "FLUSH");
}
