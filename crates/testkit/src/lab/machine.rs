//! Makes the machine the one on which the cases were recorded: modules, name databases, programs in their places.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use super::ORIGINAL;

/// Modules that the commands under test would load one by one.
const MODULES: &str = "ip_vs ip_vs_rr ip_vs_wrr ip_vs_lc ip_vs_wlc ip_vs_lblc ip_vs_lblcr ip_vs_dh ip_vs_sh ip_vs_sed \
                       ip_vs_nq ip_vs_fo ip_vs_ovf ip_vs_mh ip_vs_pe_sip dummy";

const HOSTS: &str = "\
127.0.0.1 localhost
::1 localhost
10.0.0.1 vip.example
10.0.0.11 rs1.example
10.0.0.12 rs2.example
10.0.0.77 a-very-long-host-name-used-for-truncation.example.org
2001:db8::11 rs6.example
";

/// More names, for the comparison only: the recorded cases must not see them.
const MORE_HOSTS: &str = "\
10.0.0.13 rs3.example rs3 web
10.0.0.78 quite-a-long-host-name-of-a-server.example
192.168.7.1 inside.example
2001:db8::1 vip6.example
2001:db8::12 a-longer-name-of-an-ipv6-server.example
";

const SERVICES: &str = "\
ftp 21/tcp
domain 53/tcp
domain 53/udp
http 80/tcp www
https 443/tcp
sip 5060/tcp
sip 5060/udp
diameter 3868/tcp
diameter 3868/sctp
";

/// Refuses to go on anywhere but inside the user-mode kernel, where every write goes to memory.
///
/// # Errors
///
/// This is another machine.
pub fn require() -> Result<()> {
    let processor = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    ensure!(processor.contains("User Mode Linux"), "this changes the machine, so it runs only under scripts/lab/boot");
    Ok(())
}

/// Loads the modules and writes the name databases of the recorded environment.
///
/// # Errors
///
/// A module that cannot be loaded, or a file that cannot be written.
pub fn prepare() -> Result<()> {
    require()?;
    let status = Command::new("modprobe").arg("-a").args(MODULES.split_whitespace()).status().context("modprobe")?;
    ensure!(status.success(), "modprobe of the IPVS modules failed");
    fs::write("/etc/hosts", HOSTS)?;
    fs::write("/etc/services", SERVICES)?;
    fs::write("/etc/nsswitch.conf", "hosts: files\nservices: files\nprotocols: files\n")?;
    fs::copy("/usr/sbin/ipvsadm", ORIGINAL).context("the original ipvsadm")?;
    Ok(())
}

/// Adds names that the recorded environment does not have.
///
/// # Errors
///
/// The file cannot be written.
pub fn add_names() -> Result<()> {
    require()?;
    fs::write("/etc/hosts", format!("{HOSTS}{MORE_HOSTS}"))?;
    Ok(())
}

/// Puts a program in the place where scripts look for it.
///
/// # Errors
///
/// The program cannot be read or the place not be written.
pub fn install(program: &Path, place: &str) -> Result<()> {
    require()?;
    let content = fs::read(program).with_context(|| program.display().to_string())?;
    let _ = fs::remove_file(place);
    fs::write(place, content)?;
    fs::set_permissions(place, fs::Permissions::from_mode(0o755))?;
    Ok(())
}
