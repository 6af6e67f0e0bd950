//! The addresses and the index of a network interface, as they are now.

use super::error::{MediaError, Step};
use nix::errno::Errno;
use nix::ifaddrs::getifaddrs;
use nix::net::if_::if_nametoindex;
use nix::sys::socket::SockaddrStorage;
use std::net::Ipv4Addr;

/// The first IPv4 address of an interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Addresses {
    pub(super) address: Ipv4Addr,
    pub(super) broadcast: Ipv4Addr,
}

fn ipv4(address: Option<&SockaddrStorage>) -> Option<Ipv4Addr> {
    Some(address?.as_sockaddr_in()?.ip())
}

/// The broadcast address of a network: the configured one, else the last address of the network.
///
/// An interface whose address was added without `brd` reports none; the original then sends to 0.0.0.0.
fn broadcast(address: Ipv4Addr, netmask: Option<Ipv4Addr>, configured: Option<Ipv4Addr>) -> Ipv4Addr {
    configured.filter(|found| !found.is_unspecified() && *found != address).unwrap_or_else(|| {
        let mask = netmask.map_or(u32::MAX, Ipv4Addr::to_bits);
        Ipv4Addr::from_bits(address.to_bits() | !mask)
    })
}

/// The first IPv4 address of `interface` and its broadcast address.
///
/// # Errors
/// `Gone` with ENODEV if there is no such interface, with EADDRNOTAVAIL if it has no IPv4 address.
pub(super) fn addresses(interface: &str) -> Result<Addresses, MediaError> {
    let gone = |errno| MediaError::from_errno(Step::Interface, errno);
    let mut seen = false;
    for entry in getifaddrs().map_err(gone)? {
        if entry.interface_name != interface {
            continue;
        }
        seen = true;
        let Some(address) = ipv4(entry.address.as_ref()) else { continue };
        let broadcast = broadcast(address, ipv4(entry.netmask.as_ref()), ipv4(entry.broadcast.as_ref()));
        return Ok(Addresses { address, broadcast });
    }
    Err(gone(if seen { Errno::EADDRNOTAVAIL } else { Errno::ENODEV }))
}

/// The kernel's number of the interface; another one after it was deleted and made again. Never 0.
///
/// # Errors
/// `Gone` if there is no such interface.
pub(super) fn index(interface: &str) -> Result<libc::c_uint, MediaError> {
    if_nametoindex(interface).map_err(|_| MediaError::from_errno(Step::Interface, Errno::ENODEV))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_loopback_interface_has_an_index_and_an_address() {
        assert!(index("lo").expect("lo") > 0);
        assert_eq!(addresses("lo").expect("lo").address, Ipv4Addr::LOCALHOST);
    }

    #[test]
    fn a_missing_interface_is_gone() {
        let gone = MediaError::Gone { step: Step::Interface, errno: libc::ENODEV };
        assert_eq!(addresses("nope0"), Err(gone.clone()));
        assert_eq!(index("nope0"), Err(gone));
    }

    #[test]
    fn without_a_broadcast_address_the_last_address_of_the_network_is_used() {
        let [address, mask, configured] = ["10.9.1.1", "255.255.254.0", "10.255.255.255"].map(|a| a.parse().unwrap());
        assert_eq!(broadcast(address, Some(mask), Some(configured)), configured);
        assert_eq!(broadcast(address, Some(mask), None), Ipv4Addr::new(10, 9, 1, 255));
        assert_eq!(broadcast(address, Some(mask), Some(Ipv4Addr::UNSPECIFIED)), Ipv4Addr::new(10, 9, 1, 255));
    }
}
