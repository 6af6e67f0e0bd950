//! The least, safely ordered list of changes from one table to another.
//!
//! What is the same in both tables is not touched: its counters and connections live on. The order is:
//!
//! 1. New services, each followed by its destinations, so that it can serve as soon as possible.
//! 2. Services that stay, one after the other: settings of the service; new destinations; edits that keep or raise a
//!    weight; edits that lower one; deletions.
//! 3. Services that go.
//!
//! Why so: every destination that may serve in the end can do so before the first one stops. Hence at no point in between
//! is a service that stays without a destination of a weight above zero, if it has one before and after. And a list that
//! is broken off half-way has added more than it took away.

use crate::model::{Dest, DestKey, Service, ServiceKey, Table, TableService};
use crate::op::Op;
use crate::simulate::{canonical_dest, canonical_service};

/// What a plan may do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Leave services alone that are not in the wanted table: they belong to somebody else.
    pub keep_unwanted_services: bool,
}

/// The changes that turn `current` into `wanted`. Where a key repeats in a table, the later one counts.
///
/// Settings that mean the same to the kernel are the same: see [`canonical_service`] and [`canonical_dest`]. Netmask,
/// timeout and persistence engine of a service that is not persistent are compared like all else, because the kernel
/// keeps and reports them (observed on Linux 6.1). So a table read back after carrying out a plan needs no changes.
#[must_use]
pub fn diff(wanted: &Table, current: &Table) -> Vec<Op> {
    diff_with(wanted, current, Options::default())
}

/// As [`diff`], with options.
#[must_use]
pub fn diff_with(wanted: &Table, current: &Table, options: Options) -> Vec<Op> {
    let wanted = last_of_each(&wanted.services, |entry| entry.service.key);
    let current = Index::new(last_of_each(&current.services, |entry| entry.service.key), |entry| entry.service.key);
    let mut ops = Vec::new();
    let mut stay = Vec::new();
    let mut kept = vec![false; current.items.len()];
    for entry in &wanted {
        match current.find(&entry.service.key) {
            Some((position, old)) => {
                if let Some(kept) = kept.get_mut(position) {
                    *kept = true;
                }
                stay.push((*entry, old));
            }
            None => add_service(entry, &mut ops),
        }
    }
    for (entry, old) in stay {
        change_service(entry, old, &mut ops);
    }
    if !options.keep_unwanted_services {
        let gone = current.items.iter().zip(&kept).filter(|(_, kept)| !**kept);
        ops.extend(gone.map(|(entry, _)| Op::DelService(entry.service.key)));
    }
    ops
}

fn add_service(entry: &TableService, ops: &mut Vec<Op>) {
    let key = entry.service.key;
    ops.push(Op::NewService(entry.service));
    ops.extend(last_of_each(&entry.dests, dest_key).into_iter().map(|dest| Op::NewDest(key, *dest)));
}

fn change_service(wanted: &TableService, current: &TableService, ops: &mut Vec<Op>) {
    let key = wanted.service.key;
    if !same_service(&wanted.service, &current.service) {
        ops.push(Op::SetService(wanted.service));
    }
    // The usual case, and the order in which an unchanged table is read twice.
    if wanted.dests == current.dests {
        return;
    }
    change_dests(key, &wanted.dests, &current.dests, ops);
}

fn change_dests(key: ServiceKey, wanted: &[Dest], current: &[Dest], ops: &mut Vec<Op>) {
    let current = Index::new(last_of_each(current, dest_key), dest_key);
    let mut kept = vec![false; current.items.len()];
    let (mut raised, mut lowered) = (Vec::new(), Vec::new());
    for dest in last_of_each(wanted, dest_key) {
        let Some((position, old)) = current.find(&dest.key) else {
            ops.push(Op::NewDest(key, *dest));
            continue;
        };
        if let Some(kept) = kept.get_mut(position) {
            *kept = true;
        }
        if canonical_dest(*dest) != canonical_dest(*old) {
            let edits = if dest.weight >= old.weight { &mut raised } else { &mut lowered };
            edits.push(Op::SetDest(key, *dest));
        }
    }
    ops.append(&mut raised);
    ops.append(&mut lowered);
    let gone = current.items.iter().zip(&kept).filter(|(_, kept)| !**kept);
    ops.extend(gone.map(|(dest, _)| Op::DelDest(key, dest.key)));
}

fn same_service(a: &Service, b: &Service) -> bool {
    canonical_service(*a) == canonical_service(*b)
}

fn dest_key(dest: &Dest) -> DestKey {
    dest.key
}

/// The items without those whose key comes again later, in their order.
fn last_of_each<T, K: Ord>(items: &[T], key: impl Fn(&T) -> K) -> Vec<&T> {
    let mut sorted: Vec<(K, usize)> = items.iter().enumerate().map(|(index, item)| (key(item), index)).collect();
    sorted.sort_unstable();
    let mut repeated = vec![false; items.len()];
    for pair in sorted.windows(2) {
        if let [(a, index), (b, _)] = pair {
            if let (true, Some(repeated)) = (a == b, repeated.get_mut(*index)) {
                *repeated = true;
            }
        }
    }
    items.iter().zip(repeated).filter(|(_, repeated)| !repeated).map(|(item, _)| item).collect()
}

/// Items sorted by a key that none share.
struct Index<'a, T, F> {
    items: Vec<&'a T>,
    key: F,
}

impl<'a, T, K: Ord, F: Fn(&T) -> K> Index<'a, T, F> {
    fn new(mut items: Vec<&'a T>, key: F) -> Self {
        items.sort_unstable_by_key(|item| key(item));
        Self { items, key }
    }

    fn find(&self, wanted: &K) -> Option<(usize, &'a T)> {
        let position = self.items.binary_search_by_key(wanted, |item| (self.key)(item)).ok()?;
        self.items.get(position).map(|item| (position, *item))
    }
}
