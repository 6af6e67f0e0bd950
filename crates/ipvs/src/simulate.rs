//! The kernel's table semantics without the kernel: what [`Op`]s do to a [`Table`], and which errno they meet.
//!
//! Rules files are turned into tables with it, and plans are tested against it. Checks and their order were observed on
//! Linux 6.1. It knows nothing of modules, interfaces and routes: every scheduler and persistence engine exists, every
//! broadcast address but 255.255.255.255 is taken for a host, sync daemons and timeouts are accepted and forgotten.

use crate::model::{
    Dest, DestKey, Family, ForwardMethod, Netmask, Service, ServiceFlags, ServiceKey, Table, TableService, Tunnel,
};
use crate::{Error, Op, Result};
use std::collections::HashMap;
use std::net::IpAddr;

/// A table that [`Op`]s can be applied to, each in constant time.
#[derive(Clone, Debug, Default)]
pub struct Simulation {
    services: HashMap<ServiceKey, Entry>,
    /// Number for the next service or destination: remembers the order in which they came.
    next: u64,
}

#[derive(Clone, Debug)]
struct Entry {
    order: u64,
    service: Service,
    dests: HashMap<DestKey, (u64, Dest)>,
}

impl Simulation {
    /// Starts from a table. Where a key repeats, the later one counts.
    #[must_use]
    pub fn new(table: &Table) -> Self {
        let mut simulation = Self::default();
        for TableService { service, dests } in &table.services {
            simulation.insert_service(*service);
            for dest in dests {
                simulation.insert_dest(&service.key, *dest);
            }
        }
        simulation
    }

    /// Applies one change.
    ///
    /// # Errors
    /// [`Error::Kernel`] with the errno the kernel would give; then nothing changed.
    pub fn apply(&mut self, op: &Op) -> Result<()> {
        self.check(op).map_err(|errno| Error::Kernel { command: op.command(), errno })?;
        match op {
            Op::NewService(service) => self.insert_service(*service),
            Op::SetService(service) => {
                if let Some(entry) = self.services.get_mut(&service.key) {
                    entry.service = *service;
                }
            }
            Op::DelService(key) => drop(self.services.remove(key)),
            Op::NewDest(key, dest) => self.insert_dest(key, *dest),
            Op::SetDest(key, dest) => {
                if let Some((_, old)) = self.services.get_mut(key).and_then(|entry| entry.dests.get_mut(&dest.key)) {
                    *old = *dest;
                }
            }
            Op::DelDest(key, dest) => {
                if let Some(entry) = self.services.get_mut(key) {
                    entry.dests.remove(dest);
                }
            }
            Op::Flush => self.services.clear(),
            Op::Zero(_) | Op::SetTimeouts(_) | Op::StartDaemon(_) | Op::StopDaemon(..) => {}
        }
        Ok(())
    }

    /// The table now, services and destinations in the order in which they were added.
    #[must_use]
    pub fn table(&self) -> Table {
        let mut entries: Vec<_> = self.services.values().collect();
        entries.sort_unstable_by_key(|entry| entry.order);
        let services = entries.into_iter().map(|entry| {
            let mut dests: Vec<_> = entry.dests.values().collect();
            dests.sort_unstable_by_key(|(order, _)| *order);
            TableService { service: entry.service, dests: dests.into_iter().map(|(_, dest)| *dest).collect() }
        });
        Table { services: services.collect() }
    }

    fn check(&self, op: &Op) -> std::result::Result<(), i32> {
        let entry = |key| self.services.get(key).ok_or(libc::ESRCH);
        match op {
            Op::NewService(service) => match self.services.contains_key(&service.key) {
                true => Err(libc::EEXIST),
                false => check_service(service),
            },
            Op::SetService(service) => {
                entry(&service.key)?;
                check_service(service)
            }
            Op::DelService(key) | Op::Zero(Some(key)) => entry(key).map(drop),
            Op::NewDest(key, dest) => {
                let entry = entry(key)?;
                check_dest(key, dest)?;
                match entry.dests.contains_key(&dest.key) {
                    true => Err(libc::EEXIST),
                    false if !is_unicast(dest.key.addr) => Err(libc::EINVAL),
                    false => Ok(()),
                }
            }
            Op::SetDest(key, dest) => {
                let entry = entry(key)?;
                check_dest(key, dest)?;
                entry.dests.get(&dest.key).map(drop).ok_or(libc::ENOENT)
            }
            Op::DelDest(key, dest) => entry(key)?.dests.get(dest).map(drop).ok_or(libc::ENOENT),
            Op::Flush | Op::Zero(None) | Op::SetTimeouts(_) | Op::StartDaemon(_) | Op::StopDaemon(..) => Ok(()),
        }
    }

    fn insert_service(&mut self, service: Service) {
        let order = self.order();
        self.services.insert(service.key, Entry { order, service, dests: HashMap::new() });
    }

    fn insert_dest(&mut self, key: &ServiceKey, dest: Dest) {
        let order = self.order();
        if let Some(entry) = self.services.get_mut(key) {
            entry.dests.insert(dest.key, (order, dest));
        }
    }

    fn order(&mut self) -> u64 {
        self.next += 1;
        self.next
    }
}

/// Applies one change to a table. For more than a few, use [`Simulation`].
///
/// # Errors
/// As [`Simulation::apply`].
pub fn apply_to(table: &mut Table, op: &Op) -> Result<()> {
    let mut simulation = Simulation::new(table);
    simulation.apply(op)?;
    *table = simulation.table();
    Ok(())
}

fn check_service(service: &Service) -> std::result::Result<(), i32> {
    match (service.key.family(), service.netmask) {
        (Family::V4, Netmask::V4(_)) | (Family::V6, Netmask::V6(1..=128)) => Ok(()),
        _ => Err(libc::EINVAL),
    }
}

fn check_dest(service: &ServiceKey, dest: &Dest) -> std::result::Result<(), i32> {
    let tunnelled = matches!(dest.method, ForwardMethod::Tunnel(_));
    if dest.key.family() != service.family() && !tunnelled {
        Err(libc::EINVAL)
    } else if dest.lower_threshold > dest.upper_threshold {
        Err(libc::ERANGE)
    } else if matches!(dest.method, ForwardMethod::Tunnel(Tunnel::Other { kind: 1, port: 0, .. })) {
        Err(libc::EINVAL)
    } else {
        Ok(())
    }
}

fn is_unicast(addr: IpAddr) -> bool {
    match addr {
        IpAddr::V4(addr) => !addr.is_unspecified() && !addr.is_broadcast() && !addr.is_multicast(),
        IpAddr::V6(addr) => !addr.is_unspecified() && !addr.is_multicast() && !addr.is_unicast_link_local(),
    }
}

/// A service in the one form that stands for all that mean the same to the kernel: the scheduler `none` named, and no
/// [`ServiceFlags::HASHED`], which the kernel adds.
#[must_use]
pub fn canonical_service(mut service: Service) -> Service {
    if service.scheduler.is_empty() {
        service.scheduler = crate::model::SchedulerName::truncated(b"none");
    }
    service.flags = service.flags.without(ServiceFlags::HASHED);
    service
}

/// A destination in the one form that stands for all that mean the same to the kernel: named forwarding methods and
/// tunnels instead of their numbers.
#[must_use]
pub fn canonical_dest(mut dest: Dest) -> Dest {
    dest.method = crate::wire::dest::as_reported(dest.method);
    dest
}
