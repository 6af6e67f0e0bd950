//! The sender in the background, and its pid file.

use super::{Pace, PacketSocket, frames};
use crate::place;
use ha_sys::process::{self, Process};
use nix::sys::signal::Signal;
use std::ffi::OsStr;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::net::IpAddr;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The pid file of the sender for an address: `$HA_RSCTMP/send_arp-IP`.
#[must_use]
pub fn pid_file(ip: IpAddr) -> PathBuf {
    place::temporary().join(format!("send_arp-{ip}"))
}

/// Announces an address: the first frame at once, the others from a program in the background.
///
/// A sender that still works for the same address is stopped before.
///
/// # Errors
/// Those of the packet socket, and of starting the program.
pub fn announce(interface: &str, ip: IpAddr, pace: Pace) -> io::Result<()> {
    kill(ip);
    let socket = PacketSocket::open(interface)?;
    // An interface that has only just been switched on may refuse; then the sender begins with the first.
    let first = frames(socket.hardware(), ip).first().is_some_and(|first| socket.send(first).is_ok());
    let file = pid_file(ip);
    let program = if ip.is_ipv4() { "send_arp" } else { "send_ua" };
    let mut command = Command::new("/proc/self/exe");
    command.arg0(program).args(["--sent", if first { "1" } else { "0" }, "-i", &pace.interval_ms.to_string()]);
    if ip.is_ipv4() {
        let file = file.as_os_str();
        command.args(["-r", &pace.count.to_string(), "-p"]).arg(file).arg(interface).arg(ip.to_string());
        command.args(["auto", "not_used", "not_used"]);
    } else {
        command.args(["-c", &pace.count.to_string(), "-p"]).arg(&file).arg(ip.to_string()).args(["64", interface]);
    }
    // The kernel takes milliseconds to close a packet socket, so the sender inherits it and we do not wait for that.
    command.stdin(Stdio::from(OwnedFd::from(socket)));
    // Whoever reads our output to its end must not wait for the sender.
    command.stdout(Stdio::null()).stderr(Stdio::null()).current_dir("/");
    let mut child = command.spawn()?;
    // We write the file, not the sender: a stop right after the start must find it.
    let written = write(&file, child.id());
    // A caller that goes on must not leave a zombie; one that ends leaves the sender to init.
    let _ = std::thread::Builder::new().spawn(move || child.wait());
    written
}

fn write(path: &Path, pid: u32) -> io::Result<()> {
    place::create_temporary()?;
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    file.write_all(format!("{pid}\n").as_bytes())
}

/// Stops the sender for an address; `true` if there was one.
pub fn kill(ip: IpAddr) -> bool {
    kill_from(&pid_file(ip), &["send_arp", "send_ua"])
}

/// Stops the process in a pid file if it is a program of one of these names, and removes the file.
pub(crate) fn kill_from(path: &Path, names: &[&str]) -> bool {
    let killed = living(path, names).is_some_and(|pid| process::send(pid, Signal::SIGTERM).is_ok());
    let _ = fs::remove_file(path);
    killed
}

/// Whether the process in a pid file lives and is a program of one of these names.
pub(crate) fn lives(path: &Path, names: &[&str]) -> bool {
    living(path, names).is_some()
}

fn living(path: &Path, names: &[&str]) -> Option<i32> {
    let pid = ha_sys::pidfile::read(path)?;
    let found = Process::find(pid)?;
    // A script's name comes after that of its shell.
    let mut words = found.command_line.split(|byte| *byte == 0).take(2);
    let known = words.any(|word| {
        let name = Path::new(OsStr::from_bytes(word)).file_name();
        names.iter().any(|known| name == Some(OsStr::new(known)))
    });
    known.then_some(pid)
}
