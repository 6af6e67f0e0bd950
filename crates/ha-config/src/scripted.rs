//! A machine that answers from tables: for tests, and for judging a configuration written for another machine.

use crate::machine::{CoreFiles, Machine, PathKind, User};
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::net::Ipv4Addr;

/// Error numbers of the kernel, as Linux has them on all architectures that we know.
const ENODEV: i32 = 19;
const EADDRNOTAVAIL: i32 = 99;

/// An interface.
#[derive(Clone, Copy, Debug, Default)]
pub struct Interface {
    /// Its number.
    pub index: u32,
    /// Its address and broadcast address, if it has any.
    pub address: Option<(Ipv4Addr, Ipv4Addr)>,
}

/// The tables.
#[derive(Clone, Debug, Default)]
pub struct Scripted {
    /// This node's name, lower case.
    pub node: String,
    /// Interfaces by name.
    pub interfaces: BTreeMap<String, Interface>,
    /// Hosts by name in lower case.
    pub hosts: BTreeMap<String, Ipv4Addr>,
    /// Users by name.
    pub users: BTreeMap<String, User>,
    /// Groups by name.
    pub groups: BTreeMap<String, u32>,
    /// UDP services by name.
    pub services: BTreeMap<String, u16>,
    /// Paths that exist.
    pub paths: BTreeMap<String, PathKind>,
    /// Paths that may be executed.
    pub executables: BTreeSet<String>,
    /// Types of fencing devices.
    pub stonith_types: BTreeSet<String>,
    /// Readable configuration files of fencing devices.
    pub stonith_files: BTreeMap<String, String>,
    /// Whether the logging daemon answers.
    pub logd: bool,
    /// Where core files go.
    pub core_files: CoreFiles,
    /// Whether root asks.
    pub root: bool,
}

impl Scripted {
    fn interface(&self, name: &str) -> io::Result<(Ipv4Addr, Ipv4Addr)> {
        // The kernel takes what follows a colon for the label of an address.
        let device = name.split(':').next().unwrap_or_default();
        let Some(interface) = self.interfaces.get(device) else { return Err(io::Error::from_raw_os_error(ENODEV)) };
        let labelled = device != name;
        match interface.address {
            Some(address) if !labelled => Ok(address),
            _ => Err(io::Error::from_raw_os_error(EADDRNOTAVAIL)),
        }
    }
}

impl Machine for Scripted {
    fn node_name(&self) -> String {
        self.node.clone()
    }

    fn broadcast(&self, interface: &str) -> io::Result<Ipv4Addr> {
        self.interface(interface).map(|(_, broadcast)| broadcast)
    }

    fn address(&self, interface: &str) -> io::Result<Ipv4Addr> {
        self.interface(interface).map(|(address, _)| address)
    }

    fn interface_index(&self, interface: &str) -> Option<u32> {
        self.interfaces.get(interface).map(|found| found.index)
    }

    fn resolve4(&self, host: &str) -> Option<Ipv4Addr> {
        host.parse().ok().or_else(|| self.hosts.get(&host.to_lowercase()).copied())
    }

    fn user(&self, name: &str) -> Option<User> {
        self.users.get(name).copied()
    }

    fn group(&self, name: &str) -> Option<u32> {
        self.groups.get(name).copied()
    }

    fn udp_port(&self, service: &str) -> Option<u16> {
        self.services.get(service).copied()
    }

    fn udp_service(&self, port: u16) -> Option<String> {
        self.services.iter().find(|(_, own)| **own == port).map(|(name, _)| name.clone())
    }

    fn path(&self, path: &str) -> PathKind {
        self.paths.get(path).copied().unwrap_or(PathKind::Nothing)
    }

    fn is_executable(&self, path: &str) -> bool {
        self.executables.contains(path)
    }

    fn stonith_type(&self, kind: &str) -> bool {
        self.stonith_types.contains(kind)
    }

    fn stonith_file(&self, path: &str) -> Option<String> {
        self.stonith_files.get(path).cloned()
    }

    fn logd(&self) -> bool {
        self.logd
    }

    fn core_files(&self) -> CoreFiles {
        self.core_files.clone()
    }

    fn is_root(&self) -> bool {
        self.root
    }
}
