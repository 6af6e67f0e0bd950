//! A rule in the making: values collected from a command line, in the order they come.
//!
//! Some options act on what came before them (`-M` reads its value by the family known so far, `-r` takes the port and
//! protocol of the service known so far), so order matters, as it did in the original.

use crate::address::{self, Endpoint};
use crate::matrix::{self, TunnelType};
use crate::names::Names;
use crate::number;
use crate::options::{Id, Opt, OptSet};
use crate::usage::{BadValue, UsageError};
use ipvs::model::{
    Daemon, DaemonState, Dest, DestKey, Family, ForwardMethod, InterfaceName, Netmask, PeName, Protocol, SchedulerName,
    Service, ServiceFlags, ServiceKey, Tunnel, TunnelChecksum, Weight,
};
use std::net::{IpAddr, Ipv4Addr};
use std::num::{NonZeroU8, NonZeroU16, NonZeroU32};

/// The values collected so far, with the defaults of those not given.
#[derive(Clone, Debug)]
pub struct Draft {
    family: Family,
    protocol: Option<Protocol>,
    address: Endpoint,
    mark: Option<NonZeroU32>,
    netmask: Netmask,
    real_server: Option<DestKey>,
    /// Empty for the default.
    pub scheduler: SchedulerName,
    /// Persistence timeout in seconds.
    pub persistent: Option<u32>,
    /// Empty for none.
    pub pe: PeName,
    /// Comma-separated names.
    pub sched_flags: Vec<u8>,
    /// `-g`, `-m` or `-i`.
    pub method: Id,
    /// 0 to 2147483647.
    pub weight: u32,
    /// 0 to 2147483647.
    pub upper_threshold: u32,
    /// 0 to 2147483647.
    pub lower_threshold: u32,
    /// `--tun-type`.
    pub tunnel: TunnelType,
    /// 0 if not given.
    pub tunnel_port: u32,
    /// Empty for the default.
    pub interface: InterfaceName,
    /// 0 to 255.
    pub sync_id: u8,
    /// 0 if not given.
    pub sync_maxlen: u32,
    /// Multicast group.
    pub group: Option<IpAddr>,
    /// 0 if not given.
    pub mcast_port: u32,
    /// 0 if not given.
    pub mcast_ttl: u32,
}

impl Default for Draft {
    fn default() -> Self {
        Self {
            family: Family::V4,
            protocol: None,
            address: Endpoint { addr: Ipv4Addr::UNSPECIFIED.into(), port: None },
            mark: None,
            netmask: Netmask::host(Family::V4),
            real_server: None,
            scheduler: SchedulerName::EMPTY,
            persistent: None,
            pe: PeName::EMPTY,
            sched_flags: Vec::new(),
            method: Id::Gatewaying,
            weight: 1,
            upper_threshold: 0,
            lower_threshold: 0,
            tunnel: TunnelType::Ipip,
            tunnel_port: 0,
            interface: InterfaceName::EMPTY,
            sync_id: 0,
            sync_maxlen: 0,
            group: None,
            mcast_port: 0,
            mcast_ttl: 0,
        }
    }
}

fn port16(number: u32) -> Option<NonZeroU16> {
    u16::try_from(number).ok().and_then(NonZeroU16::new)
}

impl Draft {
    /// `-t`, `-u`, `--sctp-service`. An IPv6 address forgets the netmask given before it.
    pub fn set_service_address(&mut self, protocol: Protocol, address: Endpoint) {
        self.protocol = Some(protocol);
        self.address = address;
        self.family = Family::of(address.addr);
        if self.family == Family::V6 {
            self.netmask = Netmask::host(Family::V6);
        }
    }

    /// `-f`; `None` for 0.
    pub fn set_mark(&mut self, mark: u32) -> Option<()> {
        self.mark = Some(NonZeroU32::new(mark)?);
        // QUIRK: names of real server ports of a marked service are those of TCP.
        self.protocol = Some(Protocol::Tcp);
        Some(())
    }

    /// `-6`; `None` if no mark came before it. Forgets the netmask given before it.
    pub fn set_ipv6(&mut self) -> Option<()> {
        self.mark?;
        self.family = Family::V6;
        self.netmask = Netmask::host(Family::V6);
        Some(())
    }

    /// `-M`: an address or host name for IPv4, a prefix length for IPv6.
    ///
    /// # Errors
    /// [`BadValue`] if it is neither.
    pub fn set_netmask(&mut self, value: &[u8], names: &dyn Names) -> Result<(), UsageError> {
        self.netmask = match self.family {
            Family::V4 => Netmask::V4(address::host(value, names).ok_or(BadValue::Netmask4)?),
            Family::V6 => match u32::try_from(number::leading(value)) {
                Ok(prefix @ 1..=128) => Netmask::V6(prefix),
                _ => return Err(BadValue::Netmask6.into()),
            },
        };
        Ok(())
    }

    /// `-r`: its port is that of the service known so far unless given.
    ///
    /// # Errors
    /// [`BadValue::RealServer`].
    pub fn set_real_server(&mut self, value: &[u8], names: &dyn Names) -> Result<(), UsageError> {
        let endpoint = address::endpoint(value, self.protocol, names).ok_or(BadValue::RealServer)?;
        let port = endpoint.port.or(self.address.port).unwrap_or(0);
        self.real_server = Some(DestKey { addr: endpoint.addr, port });
        Ok(())
    }

    /// The service's key. Meaningless, but harmless, if no service was given.
    #[must_use]
    pub fn key(&self) -> ServiceKey {
        match self.mark {
            Some(mark) => ServiceKey::Fwmark { mark, family: self.family },
            None => ServiceKey::Address {
                protocol: self.protocol.unwrap_or(Protocol::Tcp),
                addr: self.address.addr,
                port: self.address.port.unwrap_or(0),
            },
        }
    }

    /// The service to zero, `None` for all.
    #[must_use]
    pub fn zero_key(&self, given: OptSet) -> Option<ServiceKey> {
        // QUIRK: a service of address and port zero means everything, as no service at all does.
        let nothing = self.mark.is_none() && self.address.addr.is_unspecified() && self.address.port.unwrap_or(0) == 0;
        (given.has(Opt::ServiceAddress) && !nothing).then(|| self.key())
    }

    fn scheduler_name(&self) -> SchedulerName {
        if self.scheduler.is_empty() { SchedulerName::truncated(b"wlc") } else { self.scheduler }
    }

    /// Reads `-b`.
    ///
    /// # Errors
    /// A flag that does not exist or belongs to another scheduler.
    pub fn scheduler_flags(&self) -> Result<ServiceFlags, UsageError> {
        let text = self.sched_flags.as_slice();
        let scheduler = self.scheduler_name();
        let mut flags = ServiceFlags::NONE;
        if !text.is_empty() && text.iter().all(|byte| *byte == b',') {
            // The original crashes here.
            return Err(UsageError::UnknownFlag(text.to_vec()));
        }
        for name in text.split(|byte| *byte == b',').filter(|name| !name.is_empty()) {
            let (flag, of): (ServiceFlags, Option<&[u8]>) = match name {
                b"flag-1" => (ServiceFlags::SCHED_1, None),
                b"flag-2" => (ServiceFlags::SCHED_2, None),
                b"flag-3" => (ServiceFlags::SCHED_3, None),
                b"sh-fallback" => (ServiceFlags::SCHED_1, Some(b"sh")),
                b"sh-port" => (ServiceFlags::SCHED_2, Some(b"sh")),
                b"mh-fallback" => (ServiceFlags::SCHED_1, Some(b"mh")),
                b"mh-port" => (ServiceFlags::SCHED_2, Some(b"mh")),
                _ => return Err(UsageError::UnknownFlag(name.to_vec())),
            };
            if of.is_some_and(|of| of != scheduler.as_bytes()) {
                return Err(UsageError::IncompatibleFlag(name.to_vec()));
            }
            flags = flags.with(flag);
        }
        Ok(flags)
    }

    /// The service to add or edit.
    ///
    /// # Errors
    /// Port zero without persistence; one-packet scheduling of something else than UDP.
    pub fn service(&self, given: OptSet, flags: ServiceFlags) -> Result<Service, UsageError> {
        let mut service = Service::new(self.key(), self.scheduler_name());
        service.flags = flags;
        service.netmask = self.netmask;
        service.pe = (!self.pe.is_empty()).then_some(self.pe);
        if let Some(timeout) = self.persistent {
            service.flags = service.flags.with(ServiceFlags::PERSISTENT);
            service.timeout = timeout;
        }
        if let ServiceKey::Address { protocol, port, .. } = service.key {
            if port == 0 && self.persistent.is_none() {
                return Err(UsageError::ZeroPort);
            }
            if given.has(Opt::Ops) && protocol != Protocol::Udp {
                return Err(UsageError::OpsNotUdp);
            }
        }
        if given.has(Opt::Ops) {
            service.flags = service.flags.with(ServiceFlags::ONE_PACKET);
        }
        Ok(service)
    }

    /// The real server to add or edit.
    ///
    /// # Errors
    /// Another family without tunnel; tunnel options that do not fit.
    pub fn dest(&self, given: OptSet) -> Result<Dest, UsageError> {
        let mut key = self.dest_key()?;
        let tunnelled = self.method == Id::Ipip;
        if self.method != Id::Masquerading && self.mark.is_none() {
            // QUIRK: only masquerading can change the port; another one is replaced without a word.
            key.port = self.address.port.unwrap_or(0);
        }
        if key.family() != self.family && !tunnelled {
            return Err(UsageError::FamilyMismatch);
        }
        if tunnelled {
            matrix::check_tunnel(self.tunnel, given)?;
        } else if given.meets(matrix::TUNNEL) {
            return Err(UsageError::TunnelWithoutIpip);
        }
        let method = match self.method {
            Id::Masquerading => ForwardMethod::Masquerade,
            Id::Ipip => ForwardMethod::Tunnel(self.encapsulation(given)),
            _ => ForwardMethod::Route,
        };
        let mut dest = Dest::new(key, method, Weight::new(self.weight).unwrap_or(Weight::MAX));
        dest.upper_threshold = self.upper_threshold;
        dest.lower_threshold = self.lower_threshold;
        Ok(dest)
    }

    fn encapsulation(&self, given: OptSet) -> Tunnel {
        let checksum = if given.has(Opt::TunCsum) {
            TunnelChecksum::Checksum
        } else if given.has(Opt::TunRemcsum) {
            TunnelChecksum::Remote
        } else {
            TunnelChecksum::None
        };
        match (self.tunnel, port16(self.tunnel_port)) {
            (TunnelType::Gue, Some(port)) => Tunnel::Gue { port, checksum },
            (TunnelType::Gre, _) => Tunnel::Gre { checksum },
            _ => Tunnel::Ipip,
        }
    }

    /// The real server's key as given.
    ///
    /// # Errors
    /// [`BadValue::RealServer`] if none was given, which the option checks exclude.
    pub fn dest_key(&self) -> Result<DestKey, UsageError> {
        self.real_server.ok_or(UsageError::BadValue(BadValue::RealServer))
    }

    /// The sync daemon to start.
    #[must_use]
    pub fn daemon(&self, state: DaemonState) -> Daemon {
        let interface = if self.interface.is_empty() { InterfaceName::truncated(b"eth0") } else { self.interface };
        Daemon {
            state,
            interface,
            sync_id: self.sync_id,
            max_length: port16(self.sync_maxlen),
            group: self.group,
            port: port16(self.mcast_port),
            ttl: u8::try_from(self.mcast_ttl).ok().and_then(NonZeroU8::new),
        }
    }
}
