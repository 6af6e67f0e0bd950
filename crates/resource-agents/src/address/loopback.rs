//! The address of a node that is also a real server: on the loopback interface while another node has it.
//!
//! Such an address is moved from there to the network and back. What it was is kept in `$HA_RSCTMP/IP` in the
//! original's form, and what that form has no place for, the label, in `$HA_RSCTMP/IP.label`.

use crate::netlink::{Address, Link};
use crate::place;
use std::fs;
use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;

/// A hidden address as it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Hidden {
    /// The loopback interface.
    pub(super) interface: String,
    /// The label, if it is not just the name of the interface.
    pub(super) label: Option<String>,
    /// The broadcast address that it had.
    pub(super) broadcast: Option<Ipv4Addr>,
}

impl Hidden {
    /// An address on the loopback interface is hidden if it stands alone in its network.
    pub(super) fn of(address: &Address, link: &Link) -> Option<Self> {
        let label = address.label.clone().filter(|label| *label != link.name);
        let hidden = link.loopback && address.prefix == 32;
        hidden.then(|| Self { interface: link.name.clone(), label, broadcast: address.broadcast })
    }

    /// The line of the file: `IP 32 255.255.255.255 lo`.
    pub(super) fn line(&self, ip: IpAddr) -> String {
        format!("{ip} 32 255.255.255.255 {}", self.interface)
    }

    /// Reads both files; without the second, one that the original wrote, the broadcast address is the original's.
    fn parse(line: &str, label: Option<&str>) -> Option<Self> {
        let interface = line.split_whitespace().nth(3)?.to_owned();
        let Some(label) = label else {
            return Some(Self { interface, label: None, broadcast: Some(Ipv4Addr::BROADCAST) });
        };
        let mut words = label.split_whitespace();
        let mut word = || words.next().filter(|word| *word != "-");
        let (label, broadcast) = (word().map(str::to_owned), word().and_then(|word| word.parse().ok()));
        Some(Self { interface, label, broadcast })
    }

    /// Keeps it in the files.
    pub(super) fn save(&self, ip: IpAddr) -> io::Result<()> {
        place::create_temporary()?;
        let label = self.label.as_deref().unwrap_or("-");
        let broadcast = self.broadcast.map_or("-".to_owned(), |broadcast| broadcast.to_string());
        fs::write(label_path(ip), format!("{label} {broadcast}\n"))?;
        fs::write(path(ip), format!("{}\n", self.line(ip)))
    }

    /// Takes it out of the files.
    pub(super) fn take(ip: IpAddr) -> Option<Self> {
        let line = fs::read_to_string(path(ip)).ok()?;
        let label = fs::read_to_string(label_path(ip)).ok();
        let _ = fs::remove_file(path(ip));
        let _ = fs::remove_file(label_path(ip));
        Self::parse(&line, label.as_deref())
    }
}

fn path(ip: IpAddr) -> PathBuf {
    place::temporary().join(ip.to_string())
}

fn label_path(ip: IpAddr) -> PathBuf {
    place::temporary().join(format!("{ip}.label"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_lone_address_on_a_loopback_interface_is_hidden() {
        let link = |loopback| Link { index: 1, name: "lo".into(), up: true, loopback };
        let mut address = Address::new(1, "192.0.2.1".parse().unwrap(), 32);
        address.label = Some("lo:0".into());
        let hidden = Hidden::of(&address, &link(true)).unwrap();
        assert_eq!(hidden, Hidden { interface: "lo".into(), label: Some("lo:0".into()), broadcast: None });
        assert_eq!(hidden.line(address.ip), "192.0.2.1 32 255.255.255.255 lo");
        assert_eq!(Hidden::of(&address, &link(false)), None);
        address.prefix = 24;
        assert_eq!(Hidden::of(&address, &link(true)), None);
    }

    #[test]
    fn the_files_read_back_and_those_of_the_original_too() {
        let line = "192.0.2.1 32 255.255.255.255 lo";
        let all = Some(Ipv4Addr::BROADCAST);
        let lo = |label: Option<&str>, broadcast| Hidden {
            interface: "lo".into(),
            label: label.map(str::to_owned),
            broadcast,
        };
        assert_eq!(Hidden::parse(line, None), Some(lo(None, all)));
        assert_eq!(Hidden::parse(line, Some("lo:0 -\n")), Some(lo(Some("lo:0"), None)));
        assert_eq!(Hidden::parse(line, Some("- 255.255.255.255\n")), Some(lo(None, all)));
        assert_eq!(Hidden::parse("192.0.2.1", None), None);
    }
}
