//! Deleting one address and only that.
//!
//! When the first address of a network goes, the kernel drops the others of the same network with it, unless
//! `promote_secondaries` is set; and with the last of them go the routes that need the network. What was dropped that
//! way is put back.

use crate::netlink::{Address, Result, Route, Socket, same_network};

/// Whether `other` would be dropped together with `address`.
fn depends(other: &Address, address: &Address) -> bool {
    other.index == address.index
        && other.prefix == address.prefix
        && other.ip != address.ip
        && same_network(other.ip, address.ip, address.prefix)
}

/// Those that were there before and are not any more, except the one that was to go.
fn lost<'a>(before: &'a [Address], after: &[Address], deleted: &Address) -> Vec<&'a Address> {
    let same = |a: &Address, b: &Address| (a.index, a.ip, a.prefix) == (b.index, b.ip, b.prefix);
    before.iter().filter(|old| !same(old, deleted) && !after.iter().any(|new| same(old, new))).collect()
}

/// Deletes an address and keeps all others and their routes.
///
/// # Errors
/// [`crate::netlink::Error`] if the kernel refuses the deletion, or to put something back.
pub(super) fn delete_only(socket: &mut Socket, before: &[Address], address: &Address) -> Result<()> {
    let dependents: Vec<Address> = before.iter().filter(|other| depends(other, address)).cloned().collect();
    if address.is_secondary() || address.ip.is_ipv6() || dependents.is_empty() {
        return socket.delete_address(address);
    }
    let routes = socket.routes(false)?;
    socket.delete_address(address)?;
    let after = socket.addresses()?;
    for old in lost(&dependents, &after, address) {
        match socket.add_address(old) {
            Err(error) if !error.is(libc::EEXIST) => return Err(error),
            _ => {}
        }
    }
    restore_routes(socket, &routes)
}

/// Makes the routes again that are missing. The kernel's own come with the addresses.
fn restore_routes(socket: &mut Socket, before: &[Route]) -> Result<()> {
    let after = socket.routes(false)?;
    let missing = before.iter().filter(|old| old.protocol != libc::RTPROT_KERNEL && !after.contains(old));
    for route in missing {
        // One that needed the deleted address as its source cannot come back, and need not.
        let _ = socket.add_route(route);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(ip: &str, prefix: u8) -> Address {
        Address::new(2, ip.parse().unwrap(), prefix)
    }

    #[test]
    fn addresses_of_the_same_network_depend_on_the_first() {
        let first = address("10.0.0.1", 24);
        assert!(depends(&address("10.0.0.2", 24), &first));
        for other in [address("10.0.0.2", 25), address("10.0.1.2", 24), first.clone()] {
            assert!(!depends(&other, &first), "{other:?}");
        }
        assert!(!depends(&Address { index: 3, ..address("10.0.0.2", 24) }, &first));
    }

    #[test]
    fn what_is_lost_is_what_nobody_deleted() {
        let before = [address("10.0.0.1", 24), address("10.0.0.2", 24), address("10.0.0.3", 24)];
        let after = [Address { flags: 1, ..before[1].clone() }];
        assert_eq!(lost(&before, &after, &before[0]), [&before[2]]);
    }
}
