//! The machine that this process runs on.

use ha_config::machine::{CoreFiles, Machine, PathKind, User};
use nix::ifaddrs::getifaddrs;
use nix::net::if_::if_nametoindex;
use nix::sys::socket::SockaddrStorage;
use nix::unistd::{self, AccessFlags};
use std::fs;
use std::io;
use std::net::{IpAddr, Ipv4Addr, ToSocketAddrs as _};
use std::os::unix::fs::FileTypeExt as _;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

/// The logging daemon's socket.
const LOGD_SOCKET: &str = "/var/lib/heartbeat/log_daemon";

/// Answers from the system.
#[derive(Clone, Debug)]
pub struct System {
    directory: PathBuf,
}

impl System {
    /// `directory`: where `nodeinfo` may be.
    #[must_use]
    pub fn new(directory: &Path) -> Self {
        Self { directory: directory.to_owned() }
    }
}

/// The first line, if a line feed ends it: without it the original ignores the file.
fn first_line(bytes: &[u8]) -> Option<String> {
    let end = bytes.iter().position(|byte| *byte == b'\n')?;
    let name = String::from_utf8_lossy(bytes.get(..end)?).trim().to_owned();
    (!name.is_empty()).then_some(name)
}

fn ipv4(address: Option<SockaddrStorage>) -> Option<Ipv4Addr> {
    address?.as_sockaddr_in().map(nix::sys::socket::SockaddrIn::ip)
}

/// The IPv4 address and the broadcast address of an interface or of a label (`eth0:0`).
fn interface(name: &str) -> io::Result<(Ipv4Addr, Option<Ipv4Addr>)> {
    for found in getifaddrs()? {
        if found.interface_name == name {
            if let Some(address) = ipv4(found.address) {
                return Ok((address, ipv4(found.broadcast)));
            }
        }
    }
    let device = name.split(':').next().unwrap_or_default();
    if_nametoindex(device)?;
    Err(nix::errno::Errno::EADDRNOTAVAIL.into())
}

/// Services over UDP: name, port and the other names.
fn services(text: &str) -> Vec<(u16, Vec<String>)> {
    let lines = text.lines().map(|line| line.split('#').next().unwrap_or_default());
    let parsed = lines.filter_map(|line| {
        let mut words = line.split_whitespace();
        let name = words.next()?;
        let port = words.next()?.strip_suffix("/udp")?.parse().ok()?;
        Some((port, std::iter::once(name).chain(words).map(str::to_owned).collect()))
    });
    parsed.collect()
}

fn known_services() -> Vec<(u16, Vec<String>)> {
    services(&fs::read_to_string("/etc/services").unwrap_or_default())
}

impl Machine for System {
    fn node_name(&self) -> String {
        let file = fs::read(self.directory.join("nodeinfo")).ok();
        let host = || nix::sys::utsname::uname().map(|names| names.nodename().to_string_lossy().into_owned());
        file.as_deref().and_then(first_line).or_else(|| host().ok()).unwrap_or_default().to_lowercase()
    }

    fn broadcast(&self, name: &str) -> io::Result<Ipv4Addr> {
        // An interface without a broadcast address (lo) still has one for the kernel: nothing at all.
        interface(name).map(|(_, broadcast)| broadcast.unwrap_or(Ipv4Addr::UNSPECIFIED))
    }

    fn address(&self, name: &str) -> io::Result<Ipv4Addr> {
        interface(name).map(|(address, _)| address)
    }

    fn interface_index(&self, name: &str) -> Option<u32> {
        if_nametoindex(name).ok()
    }

    fn resolve4(&self, host: &str) -> Option<Ipv4Addr> {
        (host, 0).to_socket_addrs().ok()?.find_map(|address| match address.ip() {
            IpAddr::V4(address) => Some(address),
            IpAddr::V6(_) => None,
        })
    }

    fn user(&self, name: &str) -> Option<User> {
        let found = unistd::User::from_name(name).ok()??;
        Some(User { uid: found.uid.as_raw(), gid: found.gid.as_raw() })
    }

    fn group(&self, name: &str) -> Option<u32> {
        Some(unistd::Group::from_name(name).ok()??.gid.as_raw())
    }

    fn udp_port(&self, service: &str) -> Option<u16> {
        known_services().into_iter().find(|(_, names)| names.iter().any(|name| name == service)).map(|(port, _)| port)
    }

    fn udp_service(&self, port: u16) -> Option<String> {
        known_services().into_iter().find(|(own, _)| *own == port)?.1.into_iter().next()
    }

    fn path(&self, path: &str) -> PathKind {
        match fs::metadata(path).map(|found| found.file_type()) {
            Err(_) => PathKind::Nothing,
            Ok(kind) if kind.is_char_device() => PathKind::Device,
            Ok(kind) if kind.is_dir() => PathKind::Directory,
            Ok(_) => PathKind::Other,
        }
    }

    fn is_executable(&self, path: &str) -> bool {
        unistd::access(path, AccessFlags::X_OK).is_ok()
    }

    fn stonith_type(&self, kind: &str) -> bool {
        fencing::is_known(kind, &fencing::Places::from_environment())
    }

    fn stonith_file(&self, path: &str) -> Option<String> {
        fs::read(path).ok().map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
    }

    fn logd(&self) -> bool {
        UnixStream::connect(LOGD_SOCKET).is_ok()
    }

    fn core_files(&self) -> CoreFiles {
        let read = |name: &str| fs::read_to_string(format!("/proc/sys/kernel/{name}")).unwrap_or_default();
        CoreFiles { pattern: read("core_pattern").trim_end().to_owned(), uses_pid: read("core_uses_pid").trim() != "0" }
    }

    fn is_root(&self) -> bool {
        unistd::geteuid().is_root()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_are_read_with_all_their_names() {
        let text = "domain 53/tcp\ndomain\t53/udp nameserver # x\n# ha 694/udp\n";
        assert_eq!(services(text), [(53, vec!["domain".to_owned(), "nameserver".to_owned()])]);
    }

    #[test]
    fn the_loopback_interface_has_an_address_and_a_stranger_has_none() {
        let system = System::new(Path::new("/nonexistent"));
        assert_eq!(system.address("lo").unwrap(), Ipv4Addr::LOCALHOST);
        assert!(system.broadcast("lo").is_ok());
        let error = system.broadcast("nope0").unwrap_err();
        assert_eq!(error.raw_os_error(), Some(nix::errno::Errno::ENODEV as i32));
    }

    #[test]
    fn users_and_files_are_those_of_the_system() {
        let system = System::new(Path::new("/nonexistent"));
        assert_eq!(system.user("root"), Some(User { uid: 0, gid: 0 }));
        assert_eq!(system.user("nobody-has-this-name"), None);
        assert_eq!(system.path("/dev/null"), PathKind::Device);
        assert!(system.is_executable("/bin/sh") && !system.is_executable("/nonexistent"));
        assert!(!system.stonith_type("../../../../bin/sh"));
        assert_eq!(system.resolve4("127.0.0.1"), Some(Ipv4Addr::LOCALHOST));
    }

    #[test]
    fn a_first_line_without_its_end_does_not_count() {
        assert_eq!(first_line(b"Node2 \r\nx\n").as_deref(), Some("Node2"));
        assert_eq!(first_line(b"node2"), None);
    }
}
