//! What a configuration asks the machine. The daemon answers from the system, tests from tables.

use std::io;
use std::net::{IpAddr, Ipv4Addr};

/// A user of the system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct User {
    /// Its number.
    pub uid: u32,
    /// The number of its primary group.
    pub gid: u32,
}

/// What is at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathKind {
    /// Nothing, or nothing that can be seen.
    Nothing,
    /// A character device.
    Device,
    /// A directory.
    Directory,
    /// Anything else.
    Other,
}

/// Where the kernel leaves core files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CoreFiles {
    /// `/proc/sys/kernel/core_pattern`, without its line end.
    pub pattern: String,
    /// `/proc/sys/kernel/core_uses_pid`.
    pub uses_pid: bool,
}

/// The questions.
pub trait Machine {
    /// This node's name: `uname -n` or the first line of `nodeinfo`, lower case.
    fn node_name(&self) -> String;

    /// The broadcast address of an interface; the error is what the kernel says.
    ///
    /// # Errors
    ///
    /// No such interface, or it has no address.
    fn broadcast(&self, interface: &str) -> io::Result<Ipv4Addr>;

    /// The IPv4 address of an interface; the error is what the kernel says.
    ///
    /// # Errors
    ///
    /// No such interface, or it has no address.
    fn address(&self, interface: &str) -> io::Result<Ipv4Addr>;

    /// The number of an interface.
    fn interface_index(&self, interface: &str) -> Option<u32>;

    /// The first IPv4 address of a host, given by name or in any form that the resolver takes for an address.
    fn resolve4(&self, host: &str) -> Option<Ipv4Addr>;

    /// A user by name.
    fn user(&self, name: &str) -> Option<User>;

    /// A group's number by name.
    fn group(&self, name: &str) -> Option<u32>;

    /// The port of a UDP service.
    fn udp_port(&self, service: &str) -> Option<u16>;

    /// The UDP service that owns a port.
    fn udp_service(&self, port: u16) -> Option<String>;

    /// What is at a path, following links.
    fn path(&self, path: &str) -> PathKind;

    /// Whether this process may execute the file.
    fn is_executable(&self, path: &str) -> bool;

    /// Whether fencing devices of this type are known.
    fn stonith_type(&self, kind: &str) -> bool;

    /// The content of a fencing device's configuration file, if it can be read.
    fn stonith_file(&self, path: &str) -> Option<String>;

    /// Whether the logging daemon answers.
    fn logd(&self) -> bool;

    /// Where the kernel leaves core files.
    fn core_files(&self) -> CoreFiles;

    /// Whether this process is root's.
    fn is_root(&self) -> bool;
}

/// Reads an IPv6 address with an optional zone: the address, and the zone as written.
#[must_use]
pub fn ipv6_with_zone(text: &str) -> Option<(std::net::Ipv6Addr, Option<&str>)> {
    let (address, zone) = match text.split_once('%') {
        Some((address, zone)) => (address, Some(zone)),
        None => (text, None),
    };
    match address.parse::<IpAddr>() {
        Ok(IpAddr::V6(address)) => Some((address, zone)),
        _ => None,
    }
}
