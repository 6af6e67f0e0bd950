//! Rules as text: what `-S` prints and `-R` reads.

use crate::list;
use crate::output::decimal;
use crate::text::{self, Texts};
use ipvs::Op;
use ipvs::model::{
    Dest, DestKey, Family, ForwardMethod, Netmask, Protocol, Service, ServiceFlags, ServiceKey, Tunnel, TunnelChecksum,
};

/// Prints rules, one a line.
pub struct RuleWriter<'n> {
    texts: Texts<'n>,
    /// Also print what `-S` leaves out, so that a rule says everything: connection thresholds, and settings that have
    /// no effect without persistence.
    complete: bool,
}

impl<'n> RuleWriter<'n> {
    /// The writer of `-S`.
    #[must_use]
    pub fn save(texts: Texts<'n>) -> Self {
        Self { texts, complete: false }
    }

    /// The writer of `--plan`: numbers only, nothing left out.
    #[must_use]
    pub fn complete() -> Self {
        Self { texts: Texts::numeric(), complete: true }
    }

    /// A change as a line.
    pub fn op(&mut self, out: &mut Vec<u8>, op: &Op) {
        match op {
            Op::NewService(service) => self.service(out, b"-A", service),
            Op::SetService(service) => self.service(out, b"-E", service),
            Op::NewDest(key, dest) => self.dest(out, b"-a", key, dest),
            Op::SetDest(key, dest) => self.dest(out, b"-e", key, dest),
            Op::DelService(key) => {
                out.extend_from_slice(b"-D");
                self.key(out, key);
                out.push(b'\n');
            }
            Op::DelDest(key, dest) => {
                out.extend_from_slice(b"-d");
                self.key(out, key);
                self.real_server(out, key, *dest);
                out.push(b'\n');
            }
            Op::Flush => out.extend_from_slice(b"-C\n"),
            Op::Zero(key) => {
                out.extend_from_slice(b"-Z");
                if let Some(key) = key {
                    self.key(out, key);
                }
                out.push(b'\n');
            }
            // A plan has none of these.
            Op::SetTimeouts(_) | Op::StartDaemon(_) | Op::StopDaemon(..) => {}
        }
    }

    /// A service.
    pub fn service(&mut self, out: &mut Vec<u8>, command: &[u8], service: &Service) {
        out.extend_from_slice(command);
        self.key(out, &service.key);
        let mut scheduler = service.scheduler.as_bytes();
        if scheduler.is_empty() {
            scheduler = b"none";
        }
        option(out, b" -s ", scheduler);
        let persistent = service.flags.contains(ServiceFlags::PERSISTENT);
        if persistent {
            out.extend_from_slice(b" -p ");
            decimal(out, service.timeout.into());
        }
        if (persistent || self.complete) && service.netmask != Netmask::host(service.key.family()) {
            out.extend_from_slice(b" -M ");
            list::netmask(out, service.netmask);
        }
        if let Some(pe) = service.pe {
            option(out, b" --pe ", pe.as_bytes());
        }
        if service.flags.contains(ServiceFlags::ONE_PACKET) {
            out.extend_from_slice(b" -o");
        }
        if text::has_scheduler_flags(service.flags) {
            // The original loses flag-3 of sh and mh here, and what it then prints cannot be restored.
            option(out, b" -b ", text::scheduler_flags(service.flags, scheduler, true).as_bytes());
        }
        out.push(b'\n');
    }

    /// A destination.
    pub fn dest(&mut self, out: &mut Vec<u8>, command: &[u8], key: &ServiceKey, dest: &Dest) {
        out.extend_from_slice(command);
        self.key(out, key);
        self.real_server(out, key, dest.key);
        let method: &[u8] = match dest.method {
            ForwardMethod::Masquerade => b" -m",
            ForwardMethod::Tunnel(_) => b" -i",
            _ => b" -g",
        };
        option(out, method, b" -w ");
        decimal(out, dest.weight.get().into());
        if self.complete {
            for (name, threshold) in [(b" -x ", dest.upper_threshold), (b" -y ", dest.lower_threshold)] {
                if threshold != 0 {
                    out.extend_from_slice(name);
                    decimal(out, threshold.into());
                }
            }
        }
        if let ForwardMethod::Tunnel(tunnel) = dest.method {
            encapsulation(out, tunnel);
        }
        out.push(b'\n');
    }

    fn key(&mut self, out: &mut Vec<u8>, key: &ServiceKey) {
        match *key {
            ServiceKey::Address { protocol, addr, port } => {
                out.extend_from_slice(match protocol {
                    Protocol::Udp => b" -u ",
                    Protocol::Sctp => b" --sctp-service ",
                    _ => b" -t ",
                });
                self.texts.endpoint(out, addr, port, Some(protocol));
            }
            ServiceKey::Fwmark { mark, family } => {
                out.extend_from_slice(b" -f ");
                decimal(out, mark.get().into());
                if family == Family::V6 {
                    out.extend_from_slice(b" -6");
                }
            }
        }
    }

    fn real_server(&mut self, out: &mut Vec<u8>, key: &ServiceKey, dest: DestKey) {
        out.extend_from_slice(b" -r ");
        let protocol = self.texts.dest_protocol(key);
        self.texts.endpoint(out, dest.addr, dest.port, protocol);
    }
}

fn option(out: &mut Vec<u8>, name: &[u8], value: &[u8]) {
    out.extend_from_slice(name);
    out.extend_from_slice(value);
}

fn encapsulation(out: &mut Vec<u8>, tunnel: Tunnel) {
    let checksum = |checksum: TunnelChecksum| -> &[u8] {
        match checksum {
            TunnelChecksum::None => b" --tun-nocsum",
            TunnelChecksum::Checksum => b" --tun-csum",
            TunnelChecksum::Remote => b" --tun-remcsum",
        }
    };
    match tunnel {
        Tunnel::Gue { port, checksum: kind } => {
            out.extend_from_slice(b" --tun-type gue --tun-port ");
            decimal(out, port.get().into());
            out.extend_from_slice(checksum(kind));
        }
        Tunnel::Gre { checksum: kind } => option(out, b" --tun-type gre", checksum(kind)),
        _ => out.extend_from_slice(b" --tun-type ipip"),
    }
}
