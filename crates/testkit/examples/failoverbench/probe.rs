//! A client that asks an address for an echo every ten milliseconds, from a network namespace of its own.

use std::net::Ipv4Addr;
use std::os::fd::{AsFd as _, AsRawFd as _, OwnedFd};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags, ppoll};
use nix::sys::socket::{AddressFamily, MsgFlags, SockFlag, SockProtocol, SockType, SockaddrIn, recv, sendto, socket};
use nix::sys::time::TimeSpec;
use nix::unistd::gettid;
use testkit::cluster::{Context as _, NetworkPlace, Result};

const INTERVAL: Duration = Duration::from_millis(10);
const ECHO_REPLY: u8 = 0;
const ECHO_REQUEST: u8 = 8;
const ICMP_HEADER: usize = 8;

/// One question.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Probe {
    /// When it was asked.
    pub(crate) sent: Instant,
    /// When the answer came, if it did.
    pub(crate) answered: Option<Instant>,
}

/// Asks until it is dropped.
#[derive(Debug)]
pub(crate) struct Prober {
    probes: Arc<Mutex<Vec<Probe>>>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Prober {
    /// Begins to ask `target` from `place`.
    pub(crate) fn start(place: &NetworkPlace, target: Ipv4Addr) -> Result<Self> {
        let socket = place.inside(|| {
            let flags = SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK;
            socket(AddressFamily::Inet, SockType::Raw, flags, SockProtocol::Icmp).context("a raw socket")
        })?;
        let probes = Arc::new(Mutex::new(Vec::new()));
        let stop = Arc::new(AtomicBool::new(false));
        let (log, ended) = (Arc::clone(&probes), Arc::clone(&stop));
        let thread = thread::spawn(move || {
            prefer_this_thread();
            ask(&socket, target, &log, &ended);
        });
        Ok(Self { probes, stop, thread: Some(thread) })
    }

    /// All questions so far.
    pub(crate) fn probes(&self) -> Vec<Probe> {
        self.probes.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Prober {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Real-time priority for the calling thread, as the daemons have it: a late question would look like a late answer.
/// Without it the figures are only less exact.
pub(crate) fn prefer_this_thread() {
    let _ = Command::new("chrt").args(["--rr", "--pid", "1", &gettid().to_string()]).status();
}

fn ask(socket: &OwnedFd, target: Ipv4Addr, log: &Mutex<Vec<Probe>>, ended: &AtomicBool) {
    let [a, b, c, d] = target.octets();
    let target = SockaddrIn::new(a, b, c, d, 0);
    let mut next = Instant::now();
    while !ended.load(Ordering::Relaxed) {
        let now = Instant::now();
        if now >= next {
            let mut probes = log.lock().unwrap_or_else(PoisonError::into_inner);
            let question = question(probes.len());
            probes.push(Probe { sent: now, answered: None });
            drop(probes);
            // While the address is away, the kernel may say so here.
            let _ = sendto(socket.as_raw_fd(), &question, &target, MsgFlags::empty());
            next = (next + INTERVAL).max(now + INTERVAL / 2);
        }
        let rest = next.saturating_duration_since(Instant::now());
        let _ = ppoll(&mut [PollFd::new(socket.as_fd(), PollFlags::POLLIN)], Some(TimeSpec::from(rest)), None);
        let mut buffer = [0; 256];
        while let Ok(length) = recv(socket.as_raw_fd(), &mut buffer, MsgFlags::empty()) {
            let at = Instant::now();
            if let Some(number) = buffer.get(..length).and_then(answer) {
                let mut probes = log.lock().unwrap_or_else(PoisonError::into_inner);
                if let Some(probe) = probes.get_mut(number) {
                    probe.answered.get_or_insert(at);
                }
            }
        }
    }
}

/// An echo request that carries this number.
fn question(number: usize) -> Vec<u8> {
    let mut packet = vec![ECHO_REQUEST, 0, 0, 0, 0, 0, 0, 0];
    packet.extend((number as u64).to_be_bytes());
    let checksum = checksum(&packet);
    if let Some(place) = packet.get_mut(2..4) {
        place.copy_from_slice(&checksum.to_be_bytes());
    }
    packet
}

/// The number in an echo reply, which comes with its IP header.
fn answer(packet: &[u8]) -> Option<usize> {
    let header = usize::from(packet.first()? & 0x0f) * 4;
    let message = packet.get(header..)?;
    let number = message.get(ICMP_HEADER..ICMP_HEADER + 8)?;
    (*message.first()? == ECHO_REPLY)
        .then(|| u64::from_be_bytes(number.try_into().unwrap_or_default()))?
        .try_into()
        .ok()
}

/// The sum of the Internet protocols (RFC 1071) over an even number of bytes.
fn checksum(bytes: &[u8]) -> u16 {
    let sum: u32 = bytes.chunks_exact(2).map(|pair| pair.iter().fold(0, |sum, byte| sum << 8 | u32::from(*byte))).sum();
    let folded = (sum & 0xffff) + (sum >> 16);
    !u16::try_from((folded & 0xffff) + (folded >> 16)).unwrap_or(u16::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_is_a_correct_echo_request() {
        let packet = question(0x1234_5678);
        assert_eq!(packet[..2], [8, 0]);
        assert_eq!(packet[8..], [0, 0, 0, 0, 0x12, 0x34, 0x56, 0x78]);
        assert_eq!(checksum(&packet), 0, "a packet with its checksum adds up to nothing");
    }

    #[test]
    fn the_number_comes_back_in_the_reply_only() {
        let mut packet = vec![0x46; 24];
        packet.extend(question(77));
        assert_eq!(answer(&packet), None, "a request");
        packet[24] = ECHO_REPLY;
        assert_eq!(answer(&packet), Some(77));
        assert_eq!(answer(&packet[..30]), None);
        assert_eq!(answer(&[]), None);
    }
}
