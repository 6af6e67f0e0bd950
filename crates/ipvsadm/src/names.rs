//! Names of hosts and services, both ways, through the C library, so that `/etc/hosts`, `/etc/services` and whatever
//! `nsswitch.conf` names decide, as they did for the original.
#![expect(unsafe_code, reason = "no crate offers the C library's host and service lookups with NSS in both directions")]

use ipvs::model::Protocol;
use std::collections::HashMap;
use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::net::{IpAddr, Ipv4Addr};

/// A source of names. The program uses [`System`]; tests and fuzzers use a fixed one.
pub trait Names {
    /// The first IPv4 address of a host.
    fn host(&self, name: &[u8]) -> Option<Ipv4Addr>;
    /// The port (host order) of a service of this protocol; aliases count.
    fn service(&self, name: &[u8], protocol: Protocol) -> Option<u16>;
    /// The name of a host.
    fn host_name(&self, addr: IpAddr) -> Option<Vec<u8>>;
    /// The name of the service with this port (host order) and protocol.
    fn service_name(&self, port: u16, protocol: Protocol) -> Option<Vec<u8>>;
}

/// No names at all: `-n`, and fuzzing.
#[derive(Clone, Copy, Debug)]
pub struct Nothing;

impl Names for Nothing {
    fn host(&self, _: &[u8]) -> Option<Ipv4Addr> {
        None
    }
    fn service(&self, _: &[u8], _: Protocol) -> Option<u16> {
        None
    }
    fn host_name(&self, _: IpAddr) -> Option<Vec<u8>> {
        None
    }
    fn service_name(&self, _: u16, _: Protocol) -> Option<Vec<u8>> {
        None
    }
}

/// The system's databases.
#[derive(Clone, Copy, Debug)]
pub struct System;

unsafe extern "C" {
    // In the C library of every Linux; the `libc` crate does not declare them.
    fn gethostbyname(name: *const c_char) -> *const libc::hostent;
    fn gethostbyaddr(addr: *const c_void, len: libc::socklen_t, family: c_int) -> *const libc::hostent;
}

fn protocol_name(protocol: Protocol) -> Option<&'static CStr> {
    match protocol {
        Protocol::Tcp => Some(c"tcp"),
        Protocol::Udp => Some(c"udp"),
        Protocol::Sctp => Some(c"sctp"),
        _ => None,
    }
}

/// Copies a C string that the C library owns.
///
/// # Safety
/// `text` is null or points to a NUL-terminated string.
unsafe fn copied(text: *const c_char) -> Option<Vec<u8>> {
    if text.is_null() {
        return None;
    }
    // SAFETY: not null, and terminated by the caller's promise.
    let text = unsafe { CStr::from_ptr(text) };
    Some(text.to_bytes().to_vec())
}

// The lookups below return pointers to static storage of the C library. That is sound because this program has a single
// thread and copies what it needs before the next lookup.
impl Names for System {
    fn host(&self, name: &[u8]) -> Option<Ipv4Addr> {
        let name = CString::new(name).ok()?;
        // SAFETY: `name` is NUL-terminated and outlives the call.
        let entry = unsafe { gethostbyname(name.as_ptr()) };
        // SAFETY: null or a valid entry until the next lookup.
        let entry = unsafe { entry.as_ref() }?;
        if entry.h_addrtype != libc::AF_INET || entry.h_length != 4 || entry.h_addr_list.is_null() {
            return None;
        }
        // SAFETY: the list has at least its terminating null pointer.
        let first = unsafe { *entry.h_addr_list };
        if first.is_null() {
            return None;
        }
        // SAFETY: a non-null element points to `h_length` = 4 bytes; an array of bytes needs no alignment.
        let bytes = unsafe { *first.cast::<[u8; 4]>() };
        Some(Ipv4Addr::from(bytes))
    }

    fn service(&self, name: &[u8], protocol: Protocol) -> Option<u16> {
        let name = CString::new(name).ok()?;
        let protocol = protocol_name(protocol)?;
        // SAFETY: both strings are NUL-terminated and outlive the call.
        let entry = unsafe { libc::getservbyname(name.as_ptr(), protocol.as_ptr()) };
        // SAFETY: null or a valid entry until the next lookup.
        let entry = unsafe { entry.as_ref() }?;
        u16::try_from(entry.s_port).ok().map(u16::from_be)
    }

    fn host_name(&self, addr: IpAddr) -> Option<Vec<u8>> {
        let (bytes, family): (Vec<u8>, c_int) = match addr {
            IpAddr::V4(addr) => (addr.octets().to_vec(), libc::AF_INET),
            IpAddr::V6(addr) => (addr.octets().to_vec(), libc::AF_INET6),
        };
        let length = libc::socklen_t::try_from(bytes.len()).ok()?;
        // SAFETY: `bytes` holds `length` bytes of an address of `family` and outlives the call.
        let entry = unsafe { gethostbyaddr(bytes.as_ptr().cast(), length, family) };
        // SAFETY: null or a valid entry until the next lookup.
        let entry = unsafe { entry.as_ref() }?;
        // SAFETY: `h_name` is a NUL-terminated string.
        unsafe { copied(entry.h_name) }
    }

    fn service_name(&self, port: u16, protocol: Protocol) -> Option<Vec<u8>> {
        let protocol = protocol_name(protocol)?;
        // SAFETY: the string is NUL-terminated and outlives the call.
        let entry = unsafe { libc::getservbyport(c_int::from(port.to_be()), protocol.as_ptr()) };
        // SAFETY: null or a valid entry until the next lookup.
        let entry = unsafe { entry.as_ref() }?;
        // SAFETY: `s_name` is a NUL-terminated string.
        unsafe { copied(entry.s_name) }
    }
}

/// Remembers reverse lookups, each of which may cost a question to a name server.
#[derive(Default)]
pub struct Cache {
    hosts: HashMap<IpAddr, Option<Vec<u8>>>,
    services: HashMap<(u16, Protocol), Option<Vec<u8>>>,
}

impl Cache {
    /// The host's name, looked up once.
    pub fn host_name(&mut self, names: &dyn Names, addr: IpAddr) -> Option<&[u8]> {
        self.hosts.entry(addr).or_insert_with(|| names.host_name(addr)).as_deref()
    }

    /// The service's name, looked up once.
    pub fn service_name(&mut self, names: &dyn Names, port: u16, protocol: Protocol) -> Option<&[u8]> {
        self.services.entry((port, protocol)).or_insert_with(|| names.service_name(port, protocol)).as_deref()
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A small fixed world of names.
    #[derive(Clone, Copy, Debug)]
    pub(crate) struct Fixed;

    impl Names for Fixed {
        fn host(&self, name: &[u8]) -> Option<Ipv4Addr> {
            (name == b"vip.example").then(|| Ipv4Addr::new(10, 0, 0, 1))
        }
        fn service(&self, name: &[u8], protocol: Protocol) -> Option<u16> {
            match (name, protocol) {
                (b"http" | b"www", Protocol::Tcp) => Some(80),
                (b"domain", Protocol::Tcp | Protocol::Udp) => Some(53),
                _ => None,
            }
        }
        fn host_name(&self, addr: IpAddr) -> Option<Vec<u8>> {
            (addr == IpAddr::from([10, 0, 0, 1])).then(|| b"vip.example".to_vec())
        }
        fn service_name(&self, port: u16, protocol: Protocol) -> Option<Vec<u8>> {
            match (port, protocol) {
                (80, Protocol::Tcp) => Some(b"http".to_vec()),
                (53, Protocol::Tcp | Protocol::Udp) => Some(b"domain".to_vec()),
                _ => None,
            }
        }
    }

    #[test]
    fn the_loopback_address_has_a_name_both_ways() {
        assert_eq!(System.host(b"localhost"), Some(Ipv4Addr::LOCALHOST));
        assert!(System.host_name(Ipv4Addr::LOCALHOST.into()).is_some());
    }

    #[test]
    fn names_with_a_nul_byte_are_unknown() {
        assert_eq!(System.host(b"local\0host"), None);
        assert_eq!(System.service(b"ht\0tp", Protocol::Tcp), None);
    }
}
