//! Listings of services and real servers, timeouts and sync daemons: every column as ipvsadm 1.31 prints it.

use crate::args::{Format, Listing};
use crate::output::{Output, counter, decimal, left, left_number, right_number};
use crate::sort;
use crate::text::{self, Texts};
use ipvs::model::{
    Daemon, DaemonState, DestEntry, Family, ForwardMethod, Info, Netmask, Protocol, Service, ServiceEntry,
    ServiceFlags, ServiceKey, Stats, Timeouts,
};
use std::io;

/// Width of the first column of a service line in the tables of numbers; IPv4 texts are cut to it.
const SERVICE_WIDTH: usize = 33;
/// Width of a destination's address; IPv4 texts are cut to it.
const DEST_WIDTH: usize = 28;

/// Prints services and destinations in one format.
pub struct Printer<'n> {
    texts: Texts<'n>,
    listing: Listing,
    /// Reused for texts that must be measured.
    scratch: Vec<u8>,
}

impl<'n> Printer<'n> {
    /// A printer for this listing.
    #[must_use]
    pub fn new(listing: Listing, texts: Texts<'n>) -> Self {
        Self { texts, listing, scratch: Vec::new() }
    }

    /// The line with the kernel's version, which only a listing of all services has.
    pub fn version(&self, out: &mut Vec<u8>, info: Info) {
        let line = format!("IP Virtual Server version {} (size={})\n", info.version, info.connection_table_size);
        out.extend_from_slice(line.as_bytes());
    }

    /// The two title lines.
    pub fn title(&self, out: &mut Vec<u8>) {
        let columns: &[&str] = match self.listing.format {
            Format::Default => {
                out.extend_from_slice(b"Prot LocalAddress:Port Scheduler Flags\n");
                out.extend_from_slice(b"  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn\n");
                return;
            }
            Format::TunInfo => {
                out.extend_from_slice(b"Prot LocalAddress:Port Scheduler Flags\n");
                out.extend_from_slice(b"  -> RemoteAddress:Port           Forward TunnelInfo    Weight ");
                out.extend_from_slice(b"ActiveConn InActConn\n");
                return;
            }
            Format::Stats => &["   Conns", "  InPkts", " OutPkts", " InBytes", "OutBytes"],
            Format::Rate => &["     CPS", "   InPPS", "  OutPPS", "   InBPS", "  OutBPS"],
            Format::Thresholds => &["Uthreshold", "Lthreshold", "ActiveConn", "InActConn "],
            Format::PersistentConn => &["Weight   ", "PersistConn", "ActiveConn", "InActConn "],
        };
        left(out, b"Prot LocalAddress:Port", SERVICE_WIDTH);
        for column in columns {
            out.push(b' ');
            out.extend_from_slice(column.as_bytes());
        }
        out.extend_from_slice(b"\n  -> RemoteAddress:Port\n");
    }

    /// A service with its destinations, which are put in order first.
    ///
    /// # Errors
    /// What writing to standard output says.
    pub fn service(&mut self, out: &mut Output, entry: &ServiceEntry, dests: &mut [DestEntry]) -> io::Result<()> {
        if self.listing.sorted {
            sort::dests(dests);
        }
        self.service_line(out.buffer(), entry);
        let protocol = self.texts.dest_protocol(&entry.service.key);
        for dest in dests.iter() {
            self.dest_line(out.buffer(), dest, protocol);
            out.settle()?;
        }
        out.settle()
    }

    fn service_line(&mut self, out: &mut Vec<u8>, entry: &ServiceEntry) {
        let mut name = std::mem::take(&mut self.scratch);
        name.clear();
        self.service_name(&mut name, &entry.service.key);
        match self.listing.format {
            Format::Stats => {
                left(out, &name, SERVICE_WIDTH);
                self.counters(out, &entry.stats);
            }
            Format::Rate => {
                left(out, &name, SERVICE_WIDTH);
                for rate in rates(&entry.stats) {
                    counter(out, rate, self.listing.exact);
                }
            }
            _ => {
                out.extend_from_slice(&name);
                settings(out, &entry.service);
            }
        }
        out.push(b'\n');
        self.scratch = name;
    }

    fn service_name(&mut self, out: &mut Vec<u8>, key: &ServiceKey) {
        match *key {
            ServiceKey::Address { protocol, addr, port } => {
                left(out, text::protocol(protocol).as_bytes(), 4);
                out.push(b' ');
                self.texts.endpoint(out, addr, port, Some(protocol));
                if addr.is_ipv4() {
                    out.truncate(SERVICE_WIDTH);
                }
            }
            ServiceKey::Fwmark { mark, family } => {
                out.extend_from_slice(b"FWM  ");
                decimal(out, mark.get().into());
                if family == Family::V6 {
                    out.extend_from_slice(b" IPv6");
                }
            }
        }
    }

    fn counters(&self, out: &mut Vec<u8>, stats: &Stats) {
        for value in [stats.connections, stats.in_packets, stats.out_packets, stats.in_bytes, stats.out_bytes] {
            counter(out, value, self.listing.exact);
        }
    }

    fn dest_line(&mut self, out: &mut Vec<u8>, entry: &DestEntry, protocol: Option<Protocol>) {
        let dest = &entry.dest;
        out.extend_from_slice(b"  -> ");
        let start = out.len();
        self.texts.endpoint(out, dest.key.addr, dest.key.port, protocol);
        if dest.key.addr.is_ipv4() {
            out.truncate(start + DEST_WIDTH);
        }
        let short = DEST_WIDTH.saturating_sub(out.len() - start);
        left(out, b"", short);
        let weight = u64::from(dest.weight.get());
        let (active, inactive) = (entry.active_connections.into(), entry.inactive_connections.into());
        // Every further column is left-aligned behind one space.
        let mut columns = |values: &[(u64, usize)]| {
            for (value, width) in values {
                out.push(b' ');
                left_number(out, *value, *width);
            }
        };
        match self.listing.format {
            Format::Default => {
                forward(out, dest.method);
                default_numbers(out, weight, active, inactive);
            }
            Format::TunInfo => {
                forward(out, dest.method);
                out.push(b' ');
                left(out, text::tunnel(dest.method).as_bytes(), 13);
                default_numbers(out, weight, active, inactive);
            }
            Format::Stats => self.counters(out, &entry.stats),
            Format::Rate => {
                let [connections, in_packets, out_packets, in_bytes, out_bytes] = rates(&entry.stats);
                // QUIRK: the first three are never shortened for a destination.
                for rate in [connections, in_packets, out_packets] {
                    out.push(b' ');
                    right_number(out, rate, 8);
                }
                counter(out, in_bytes, self.listing.exact);
                counter(out, out_bytes, self.listing.exact);
            }
            Format::Thresholds => {
                let (upper, lower) = (dest.upper_threshold.into(), dest.lower_threshold.into());
                columns(&[(upper, 10), (lower, 10), (active, 10), (inactive, 10)]);
            }
            Format::PersistentConn => {
                let persistent = entry.persistent_connections.into();
                columns(&[(weight, 9), (persistent, 11), (active, 10), (inactive, 10)]);
            }
        }
        out.push(b'\n');
    }
}

fn forward(out: &mut Vec<u8>, method: ForwardMethod) {
    out.push(b' ');
    left(out, text::method(method).as_bytes(), 7);
}

fn default_numbers(out: &mut Vec<u8>, weight: u64, active: u64, inactive: u64) {
    for (value, width) in [(weight, 6), (active, 10), (inactive, 10)] {
        out.push(b' ');
        left_number(out, value, width);
    }
}

fn rates(stats: &Stats) -> [u64; 5] {
    [stats.connection_rate, stats.in_packet_rate, stats.out_packet_rate, stats.in_byte_rate, stats.out_byte_rate]
}

/// Scheduler, flags, persistence, one-packet scheduling.
fn settings(out: &mut Vec<u8>, service: &Service) {
    let scheduler = service.scheduler.as_bytes();
    out.push(b' ');
    out.extend_from_slice(scheduler);
    if text::has_scheduler_flags(service.flags) {
        out.extend_from_slice(b" (");
        out.extend_from_slice(text::scheduler_flags(service.flags, scheduler, false).as_bytes());
        out.push(b')');
    }
    if service.flags.contains(ServiceFlags::PERSISTENT) {
        out.extend_from_slice(b" persistent ");
        decimal(out, service.timeout.into());
        if service.netmask != Netmask::host(service.key.family()) {
            out.extend_from_slice(b" mask ");
            netmask(out, service.netmask);
        }
        // QUIRK: without persistence the engine is not shown.
        if let Some(pe) = service.pe {
            out.extend_from_slice(b" pe ");
            out.extend_from_slice(pe.as_bytes());
        }
    }
    if service.flags.contains(ServiceFlags::ONE_PACKET) {
        out.extend_from_slice(b" ops");
    }
}

/// Appends a netmask as rules and listings show it.
pub fn netmask(out: &mut Vec<u8>, netmask: Netmask) {
    match netmask {
        Netmask::V4(mask) => text::address(out, mask.into()),
        Netmask::V6(prefix) => decimal(out, prefix.into()),
    }
}

/// The line of `--timeout`.
pub fn timeouts(out: &mut Vec<u8>, timeouts: &Timeouts) {
    let Timeouts { tcp, tcp_fin, udp } = timeouts;
    out.extend_from_slice(format!("Timeout (tcp tcpfin udp): {tcp} {tcp_fin} {udp}\n").as_bytes());
}

/// A line of `--daemon`.
pub fn daemon(out: &mut Vec<u8>, daemon: &Daemon) {
    let state: &[u8] = match daemon.state {
        DaemonState::Master => b"master",
        DaemonState::Backup => b"backup",
    };
    out.extend_from_slice(state);
    out.extend_from_slice(b" sync daemon (mcast=");
    out.extend_from_slice(daemon.interface.as_bytes());
    out.extend_from_slice(b", syncid=");
    decimal(out, daemon.sync_id.into());
    setting(out, b", maxlen=", daemon.max_length.map(|length| length.get().into()));
    if let Some(group) = daemon.group {
        out.extend_from_slice(b", group=");
        text::address(out, group);
    }
    setting(out, b", port=", daemon.port.map(|port| port.get().into()));
    setting(out, b", ttl=", daemon.ttl.map(|ttl| ttl.get().into()));
    out.extend_from_slice(b")\n");
}

/// A number that is shown only if the kernel told it.
fn setting(out: &mut Vec<u8>, name: &[u8], value: Option<u64>) {
    if let Some(value) = value {
        out.extend_from_slice(name);
        decimal(out, value);
    }
}
