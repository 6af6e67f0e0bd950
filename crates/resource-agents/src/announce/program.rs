//! The programs `send_arp` and `send_ua`.

use super::frame::{advertisement, arp_reply, arp_request};
use super::{Hardware, Pace, PacketSocket, frames, rhythm};
use crate::output::{print, report};
use ha_sys::pidfile;
use std::ffi::OsString;
use std::io::{self, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

const ARP_USAGE: &str = "send_arp: sends gratuitous ARP packets
  usage: send_arp [-i repeatinterval-ms] [-r repeatcount] [-p pidfile] \\
              device src_ip_addr src_hw_addr broadcast_ip_addr netmask

  repeatinterval-ms  milliseconds between two announcements (1000); each is a request and, half as much later, a reply
  repeatcount        how many announcements (1)
  pidfile            holds the process id while packets are sent
  src_hw_addr        an Ethernet address, or \"auto\" for that of the device
  broadcast_ip_addr  ignored
  netmask            ignored
";
const UA_USAGE: &str = "usage: send_ua [-i[=Interval]] [-c[=Count]] [-h] IPv6-Address Prefix Interface";
/// What the original does without options, observed: one pair, half a second apart; one advertisement.
const ARP_DEFAULT: Pace = Pace { interval_ms: 1000, count: 1 };
const UA_DEFAULT: Pace = Pace { interval_ms: 1000, count: 1 };

/// What a command line asks for.
#[derive(Debug, PartialEq, Eq)]
struct Request {
    pace: Pace,
    pid_file: Option<PathBuf>,
    /// How many frames somebody else has sent already.
    sent: u64,
    operands: Vec<String>,
}

/// The program `send_arp`; returns its exit status.
#[must_use]
pub fn send_arp(arguments: &[OsString]) -> i32 {
    let Some(request) = parse(arguments, 'r', ARP_DEFAULT) else { return usage(ARP_USAGE, 1) };
    let [device, ip, hardware, _, _] = request.operands.as_slice() else { return usage(ARP_USAGE, 1) };
    let Ok(ip) = ip.parse::<Ipv4Addr>() else {
        report(&format!("send_arp: ERROR: bad source ip address: {ip}"));
        return 1;
    };
    let socket = match PacketSocket::open(device) {
        Ok(socket) => socket,
        Err(error) => {
            report(&format!("send_arp: ERROR: Cannot find mac address for {device}: {error}"));
            return 1;
        }
    };
    let Some(hardware) = hardware_address(hardware, socket.hardware()) else {
        report(&format!("send_arp: ERROR: bad hardware address: {hardware}"));
        return 1;
    };
    run(&request, &socket, hardware, ip.into())
}

/// The program `send_ua`; returns its exit status.
#[must_use]
pub fn send_ua(arguments: &[OsString]) -> i32 {
    let Some(request) = parse(arguments, 'c', UA_DEFAULT) else { return usage(UA_USAGE, 2) };
    let [ip, prefix, device] = request.operands.as_slice() else { return usage(UA_USAGE, 2) };
    let Ok(ip) = ip.parse::<Ipv6Addr>() else {
        report(&format!("ERROR: Invalid IPv6 address [{ip}]"));
        return usage(UA_USAGE, 2);
    };
    if !prefix.parse::<u8>().is_ok_and(|prefix| prefix <= 128) {
        report(&format!("ERROR: Invalid prefix length [{prefix}]"));
        return usage(UA_USAGE, 2);
    }
    match PacketSocket::open(device) {
        Ok(socket) => run(&request, &socket, socket.hardware(), ip.into()),
        Err(error) => {
            report(&format!("ERROR: no interface [{device}]: {error}"));
            1
        }
    }
}

fn usage(text: &str, status: i32) -> i32 {
    print(text);
    status
}

/// `auto`, `00:11:22:33:44:55` or `001122334455`.
fn hardware_address(text: &str, own: Hardware) -> Option<Hardware> {
    if text == "auto" {
        return Some(own);
    }
    let digits: String = text.chars().filter(|character| *character != ':').collect();
    if digits.len() != 12 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let number = u64::from_str_radix(&digits, 16).ok()?;
    let [_, _, bytes @ ..] = number.to_be_bytes();
    Some(bytes)
}

/// The grammar of both programs: options with their value joined, joined by `=`, or as the next word.
fn parse(arguments: &[OsString], count_option: char, default: Pace) -> Option<Request> {
    let mut request = Request { pace: default, pid_file: None, sent: 0, operands: Vec::new() };
    let mut words = arguments.iter().map(|word| word.to_string_lossy().into_owned());
    while let Some(word) = words.next() {
        if !request.operands.is_empty() || !word.starts_with('-') || word == "-" {
            request.operands.push(word);
            continue;
        }
        if word == "--sent" {
            request.sent = words.next()?.parse().ok()?;
            continue;
        }
        let mut characters = word.chars().skip(1);
        let option = characters.next()?;
        let joined: String = characters.collect();
        let joined = joined.strip_prefix('=').map_or(joined.clone(), str::to_owned);
        let mut value = || if joined.is_empty() { words.next() } else { Some(joined.clone()) };
        match option {
            'i' => request.pace.interval_ms = value()?.parse().ok()?,
            'p' => request.pid_file = Some(value()?.into()),
            option if option == count_option => request.pace.count = value()?.parse().ok()?,
            _ => return None,
        }
    }
    Some(request)
}

/// Sends what is left to send. The pid file is there meanwhile, and removed if it is still ours.
fn run(request: &Request, socket: &PacketSocket, hardware: Hardware, ip: IpAddr) -> i32 {
    if request.sent > 0 {
        // Started in the background: signals for the group of whoever started us are not for us.
        let _ = nix::unistd::setsid();
    } else if let Some(path) = &request.pid_file {
        let _ = std::fs::write(path, format!("{}\n", std::process::id()));
    }
    let result = send_all(request, socket, hardware, ip);
    if let Some(path) = &request.pid_file {
        remove_own(path);
    }
    match result {
        Ok(()) => 0,
        Err(error) => {
            report(&format!("ERROR: cannot send: {error}"));
            1
        }
    }
}

fn send_all(request: &Request, socket: &PacketSocket, hardware: Hardware, ip: IpAddr) -> io::Result<()> {
    let frames = match ip {
        IpAddr::V4(ip) if hardware != socket.hardware() => {
            vec![arp_request(hardware, ip).to_vec(), arp_reply(hardware, ip).to_vec()]
        }
        IpAddr::V6(ip) if hardware != socket.hardware() => vec![advertisement(hardware, ip).to_vec()],
        ip => frames(hardware, ip),
    };
    let (total, distance) = rhythm(ip, request.pace);
    // Frames keep their places in time: a late one does not delay those after it.
    let mut due = Instant::now();
    for (number, frame) in (0..total).zip(frames.iter().cycle()) {
        if number >= request.sent {
            std::thread::sleep(due.saturating_duration_since(Instant::now()).min(Duration::from_secs(3600)));
            // An interface that is down for a moment must not end the announcement.
            let last = number + 1 == total;
            let sent = socket.send(frame);
            if last {
                sent?;
            }
        }
        due += distance;
    }
    Ok(())
}

fn remove_own(path: &Path) {
    if pidfile::read(path) == i32::try_from(std::process::id()).ok() {
        let _ = std::fs::remove_file(path);
    }
    let _ = io::stdout().flush();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(words: &str, option: char) -> Option<Request> {
        let words: Vec<OsString> = words.split_whitespace().map(OsString::from).collect();
        parse(&words, option, ARP_DEFAULT)
    }

    #[test]
    fn options_come_before_the_operands_in_any_spelling() {
        let request = parsed("-i 200 -r5 -p /run/x eth0 192.0.2.1 auto -a b", 'r').unwrap();
        assert_eq!(request.pace, Pace { interval_ms: 200, count: 5 });
        assert_eq!(request.pid_file, Some("/run/x".into()));
        assert_eq!(request.operands, ["eth0", "192.0.2.1", "auto", "-a", "b"]);
        assert_eq!(parsed("-i=20 -c=3 a b c", 'c').unwrap().pace, Pace { interval_ms: 20, count: 3 });
        assert_eq!(parsed("a", 'r').unwrap().pace, ARP_DEFAULT);
    }

    #[test]
    fn unknown_options_missing_and_bad_values_are_refused() {
        for words in ["-h", "-i", "-i x a", "-c 3 a", "-r -1 a", "--sent"] {
            assert_eq!(parsed(words, 'r'), None, "{words}");
        }
    }

    #[test]
    fn hardware_addresses_have_six_bytes() {
        let own = [9; 6];
        assert_eq!(hardware_address("auto", own), Some(own));
        let expected = Some([0, 0x11, 0x22, 0x33, 0x44, 0x55]);
        assert_eq!(hardware_address("00:11:22:33:44:55", own), expected);
        assert_eq!(hardware_address("001122334455", own), expected);
        for bad in ["zz", "00:11:22:33:44", "+01122334455", "0011223344556"] {
            assert_eq!(hardware_address(bad, own), None, "{bad}");
        }
    }
}
