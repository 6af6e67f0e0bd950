//! The legacy text of every event of a medium.
//!
//! Source: observed on heartbeat 3.0.6 (Debian 12) in a network namespace, by opening each medium, by taking its
//! interface down and deleting it, by occupying its port, and by closing the other end of a serial line.

use super::error::{MediaError, Step};
use super::event::{Detail, MediaEvent};
use super::spec::MediumSpec;
use crate::log::Severity;
use std::net::{IpAddr, SocketAddr};

/// The system's words for an error number, as C programs print them.
#[must_use]
pub fn errno_text(errno: i32) -> String {
    let text = std::io::Error::from_raw_os_error(errno).to_string();
    let suffix = format!(" (os error {errno})");
    text.strip_suffix(&suffix).unwrap_or(&text).to_owned()
}

/// The system's words for an error, or what comes nearest.
fn reason(error: &MediaError) -> String {
    let errno = match error {
        MediaError::Gone { errno, .. } | MediaError::Busy { errno } | MediaError::Io { errno, .. } => *errno,
        MediaError::Full => libc::EAGAIN,
        MediaError::TooLong { .. } => libc::EMSGSIZE,
        MediaError::Locked { .. } => libc::EBUSY,
        MediaError::Baud { .. } => libc::EINVAL,
        MediaError::HungUp => libc::EIO,
    };
    errno_text(errno)
}

/// What is told when the medium works.
fn opened(spec: &MediumSpec) -> String {
    match spec {
        MediumSpec::Broadcast { interface, port } => {
            format!("UDP Broadcast heartbeat started on port {port} ({port}) interface {interface}")
        }
        MediumSpec::Multicast { interface, group, port, ttl, loopback } => format!(
            "UDP multicast heartbeat started for group {group} port {port} interface {interface} (ttl={ttl} loop={})",
            u8::from(*loopback)
        ),
        MediumSpec::Multicast6 { interface, group, port, hops, loopback } => format!(
            "UDP multicast heartbeat started for [{group}]:{port} on interface {interface} (hops={hops} loop={})",
            u8::from(*loopback)
        ),
        MediumSpec::Unicast { interface, peer: IpAddr::V6(peer), port, .. } => {
            format!("ucast6: heartbeat started for [{peer}]:{port} on interface {interface}")
        }
        MediumSpec::Unicast { interface, peer, port, .. } => {
            format!("ucast: started on port {port} interface {interface} to {peer}")
        }
        MediumSpec::Serial { device, baud, .. } => {
            format!("Starting serial heartbeat on tty {} ({baud} baud)", device.display())
        }
        MediumSpec::Ping { group: true, .. } => "ping group heartbeat started.".to_owned(),
        MediumSpec::Ping { .. } => "ping heartbeat started.".to_owned(),
    }
}

fn detail(spec: &MediumSpec, detail: Detail) -> String {
    let (kind, link) = (spec.kind(), spec.link());
    match detail {
        Detail::LowDelay => format!("{kind}: write socket priority set to IPTOS_LOWDELAY on {link}"),
        Detail::SenderBound => format!("{kind}: bound send socket to device: {link}"),
        Detail::SenderShares => format!("{kind}: set SO_REUSEPORT(w)"),
        Detail::ReceiverReuses => format!("{kind}: set SO_REUSEADDR"),
        Detail::ReceiverBound => format!("{kind}: bound receive socket to device: {link}"),
        Detail::ReceiverShares => format!("{kind}: set SO_REUSEPORT"),
    }
}

fn open_failed(spec: &MediumSpec, error: &MediaError) -> String {
    let (kind, link) = (spec.kind(), spec.link());
    match (kind, error) {
        ("bcast", MediaError::Busy { .. }) => format!("Error binding socket ({}). Retrying.", reason(error)),
        ("ucast" | "ucast6", MediaError::Busy { .. }) => format!("{kind}: Can't bind (EADDRINUSE), retrying"),
        (_, MediaError::Busy { .. }) => "Can't bind (EADDRINUSE), retrying".to_owned(),
        ("serial", MediaError::Locked { .. }) => format!("cannot lock line {link}"),
        (_, MediaError::Gone { step: Step::Attributes, .. } | MediaError::Io { step: Step::Attributes, .. }) => {
            format!("cannot get tty attributes: {}", reason(error))
        }
        ("serial", _) => format!("cannot open {link}: {}", reason(error)),
        (
            _,
            MediaError::Gone { step: Step::Option(name, sending), .. }
            | MediaError::Io { step: Step::Option(name, sending), .. },
        ) => {
            let which = if *sending { "(w)" } else { "(r)" };
            format!("{kind}: error setting option {name}{which} on {link}: {}", reason(error))
        }
        ("mcast" | "mcast6", MediaError::Gone { step: Step::Interface, .. }) => {
            format!("{kind} device [{link}] is invalid or not set up properly")
        }
        ("bcast", MediaError::Gone { step: Step::Interface, .. }) => {
            format!("Get broadcast for interface {link} failed: {}", reason(error))
        }
        _ => format!("{kind}: cannot open {link}: {}", reason(error)),
    }
}

fn send_failed(spec: &MediumSpec, to: Option<SocketAddr>, length: usize, error: &MediaError) -> String {
    let (kind, link, reason) = (spec.kind(), spec.link(), reason(error));
    match to {
        _ if kind == "serial" => format!("TTY write failure on [{link}]: {reason}"),
        // The IPv6 media leave the blank out.
        Some(SocketAddr::V6(to)) => {
            let (address, port) = (to.ip(), to.port());
            format!("{kind}_write: Unable to send HBcomm packet {link}[{address}]:{port} len={length} [-1]: {reason}")
        }
        Some(to) => format!("{kind}_write: Unable to send HBcomm packet {link} {to} len={length} [-1]: {reason}"),
        None => format!("{kind}_write: Unable to send HBcomm packet {link} len={length} [-1]: {reason}"),
    }
}

/// The line of an event: its severity and its text, with the prefix of library messages where the original has it.
#[must_use]
pub fn text(event: &MediaEvent) -> (Severity, String) {
    use Severity::{Error, Info, Warn};
    match event {
        MediaEvent::Detail(spec, what) => (Info, format!("glib: {}", detail(spec, *what))),
        MediaEvent::Opened(spec) => (Info, format!("glib: {}", opened(spec))),
        MediaEvent::OpenFailed(spec, error) => (Error, format!("glib: {}", open_failed(spec, error))),
        MediaEvent::CannotOpen(spec) => {
            (Error, format!("make_io_childpair: cannot open {} {}", spec.kind(), spec.link()))
        }
        MediaEvent::Closed(MediumSpec::Broadcast { interface, port }) => {
            (Info, format!("glib: UDP Broadcast heartbeat closed on port {port} interface {interface} - Status: 1"))
        }
        MediaEvent::Closed(spec) => (Info, format!("glib: {} heartbeat closed on {}", spec.kind(), spec.link())),
        MediaEvent::SendFailed(spec, to, length, error) => {
            (Error, format!("glib: {}", send_failed(spec, *to, *length, error)))
        }
        MediaEvent::WriteFailure(spec, error) => {
            (Error, format!("write_child: write failure on {} {}.: {}", spec.kind(), spec.link(), reason(error)))
        }
        MediaEvent::Suppressing => (Warn, "Temporarily Suppressing write error messages".to_owned()),
        MediaEvent::CableUnplugged(spec) => (Warn, format!("Is a cable unplugged on {} {}?", spec.kind(), spec.link())),
        MediaEvent::ReadFailed(MediumSpec::Serial { device, .. }, MediaError::HungUp) => {
            (Error, format!("glib: EOF in ttygets [{}]: Success [0]", device.display()))
        }
        MediaEvent::ReadFailed(spec, error) => {
            (Error, format!("glib: Error receiving from {} {}: {}", spec.kind(), spec.link(), reason(error)))
        }
        MediaEvent::Restarted(_) => (Info, "Communications restart succeeded.".to_owned()),
    }
}

#[cfg(test)]
#[path = "text_tests.rs"]
mod tests;
