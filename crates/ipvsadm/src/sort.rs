//! The order of listings, to the byte that of ipvsadm 1.31.
//!
//! The original subtracts keys in wrapping 32-bit arithmetic, so 172.16.0.0/12 and 192.168.0.0/16 come before 10.0.0.0/8
//! and the relation is no total order. What comes out then depends on the algorithm and on the order in which the kernel
//! reports; the algorithm is the C library's merge sort. A sort of the standard library must not be given such a
//! relation.

use ipvs::model::{DestEntry, ServiceEntry, ServiceKey};
use std::net::IpAddr;

/// Sorts services by mark, family, protocol, address, port.
pub fn services(services: &mut [ServiceEntry]) {
    sort(services, |left, right| service_order(&left.service.key, &right.service.key));
}

/// Sorts destinations by address, port.
pub fn dests(dests: &mut [DestEntry]) {
    sort(dests, |left, right| {
        let (left, right) = (left.dest.key, right.dest.key);
        address_order(left.addr, right.addr).unwrap_or_else(|| i32::from(left.port) - i32::from(right.port))
    });
}

fn service_order(left: &ServiceKey, right: &ServiceKey) -> i32 {
    let parts = |key: &ServiceKey| match *key {
        ServiceKey::Address { protocol, addr, port } => (0, protocol.number(), Some(addr), port),
        ServiceKey::Fwmark { mark, .. } => (mark.get(), 0, None, 0),
    };
    let (left_mark, left_protocol, left_addr, left_port) = parts(left);
    let (right_mark, right_protocol, right_addr, right_port) = parts(right);
    if left_mark != right_mark {
        return difference(left_mark, right_mark);
    }
    if left.family() != right.family() {
        return if left.family() < right.family() { -1 } else { 1 };
    }
    if left_protocol != right_protocol {
        return i32::from(left_protocol) - i32::from(right_protocol);
    }
    let addresses = match (left_addr, right_addr) {
        (Some(left), Some(right)) => address_order(left, right),
        _ => None,
    };
    addresses.unwrap_or_else(|| i32::from(left_port) - i32::from(right_port))
}

/// The wrapping difference of the first words that differ; `None` if none does. Only the words of the left operand's
/// family count.
fn address_order(left: IpAddr, right: IpAddr) -> Option<i32> {
    let words = |addr: IpAddr| -> [u32; 4] {
        match addr {
            IpAddr::V4(addr) => [addr.to_bits(), 0, 0, 0],
            IpAddr::V6(addr) => {
                let bits = addr.to_bits();
                [96, 64, 32, 0].map(|shift| u32::try_from((bits >> shift) & 0xffff_ffff).unwrap_or(0))
            }
        }
    };
    let count = if left.is_ipv4() { 1 } else { 4 };
    let mut pairs = words(left).into_iter().zip(words(right)).take(count);
    pairs.find(|(left, right)| left != right).map(|(left, right)| difference(left, right))
}

#[expect(clippy::cast_possible_wrap, reason = "the wrap is the point: it is what the original does")]
fn difference(left: u32, right: u32) -> i32 {
    left.wrapping_sub(right) as i32
}

/// Top-down merge sort: halves `n/2` and `n - n/2`, the left element first when `order` is not positive.
///
/// What is sorted are positions, not the large elements themselves, so that a long list needs little more memory.
fn sort<T: Copy>(items: &mut [T], order: impl Fn(&T, &T) -> i32 + Copy) {
    let Ok(count) = u32::try_from(items.len()) else { return };
    let mut positions: Vec<u32> = (0..count).collect();
    let mut scratch = Vec::with_capacity(positions.len());
    let at = |position: u32| items.get(position as usize);
    let before = |left: u32, right: u32| match (at(left), at(right)) {
        (Some(left), Some(right)) => order(left, right) <= 0,
        _ => true,
    };
    merge_sort(&mut positions, &mut scratch, before);
    permute(items, &mut positions);
}

fn merge_sort(positions: &mut [u32], scratch: &mut Vec<u32>, before: impl Fn(u32, u32) -> bool + Copy) {
    if positions.len() < 2 {
        return;
    }
    let Some((left, right)) = positions.split_at_mut_checked(positions.len() / 2) else { return };
    merge_sort(left, scratch, before);
    merge_sort(right, scratch, before);
    scratch.clear();
    let mut rest_left: &[u32] = left;
    let mut rest_right: &[u32] = right;
    while let ([first_left, behind_left @ ..], [first_right, behind_right @ ..]) = (rest_left, rest_right) {
        if before(*first_left, *first_right) {
            scratch.push(*first_left);
            rest_left = behind_left;
        } else {
            scratch.push(*first_right);
            rest_right = behind_right;
        }
    }
    scratch.extend_from_slice(rest_left);
    scratch.extend_from_slice(rest_right);
    positions.copy_from_slice(scratch);
}

/// Puts `items[positions[i]]` at `i`, following each cycle of the permutation once.
fn permute<T>(items: &mut [T], positions: &mut [u32]) {
    for start in 0..positions.len() {
        let mut here = start;
        // A position that holds its own number is done.
        while let Some(slot) = positions.get_mut(here) {
            let from = std::mem::replace(slot, u32::try_from(here).unwrap_or(0)) as usize;
            if from == start || from == here || from >= items.len() {
                break;
            }
            items.swap(here, from);
            here = from;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ipvs::model::{Dest, DestKey, ForwardMethod, Stats, Weight};

    fn sorted(keys: &[(&str, u16)]) -> Vec<String> {
        let mut entries: Vec<DestEntry> = keys
            .iter()
            .map(|(addr, port)| DestEntry {
                dest: Dest::new(
                    DestKey { addr: addr.parse().unwrap(), port: *port },
                    ForwardMethod::Route,
                    Weight::ONE,
                ),
                active_connections: 0,
                inactive_connections: 0,
                persistent_connections: 0,
                stats: Stats::default(),
            })
            .collect();
        dests(&mut entries);
        entries.iter().map(|entry| format!("{} {}", entry.dest.key.addr, entry.dest.key.port)).collect()
    }

    #[test]
    fn addresses_compare_as_wrapping_differences() {
        let mixed = [("10.0.0.1", 80), ("192.168.0.1", 80), ("172.16.0.1", 80), ("10.0.0.1", 79)];
        assert_eq!(sorted(&mixed), ["172.16.0.1 80", "192.168.0.1 80", "10.0.0.1 79", "10.0.0.1 80"]);
    }

    #[test]
    fn many_elements_all_arrive_in_order() {
        // A multiplier without common factor visits every number once.
        let keys: Vec<String> =
            (0..1000_u32).map(|n| format!("10.0.{}.{}", n * 7 % 1000 / 250, n * 7 % 1000 % 250)).collect();
        let keys: Vec<(&str, u16)> = keys.iter().map(|key| (key.as_str(), 80)).collect();
        let want: Vec<String> = (0..1000).map(|n| format!("10.0.{}.{} 80", n / 250, n % 250)).collect();
        assert_eq!(sorted(&keys), want);
    }

    #[test]
    fn ipv6_addresses_compare_word_by_word() {
        let mixed = [("2001:db8::2", 1), ("2001:db8::1:1", 1), ("2001:db8::1", 2)];
        assert_eq!(sorted(&mixed), ["2001:db8::1 2", "2001:db8::2 1", "2001:db8::1:1 1"]);
    }

    #[test]
    fn a_relation_without_total_order_ends_in_the_merge_order() {
        // Three points on the circle, each "before" the next: any order is some rotation, this one is the original's.
        let ring = [("0.0.0.1", 1), ("85.85.85.86", 1), ("170.170.170.171", 1)];
        assert_eq!(sorted(&ring), ["0.0.0.1 1", "85.85.85.86 1", "170.170.170.171 1"]);
        let turned = [ring[2], ring[1], ring[0]];
        assert_eq!(sorted(&turned), ["170.170.170.171 1", "0.0.0.1 1", "85.85.85.86 1"]);
    }
}
