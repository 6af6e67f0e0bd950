//! A stranger on the wire who knows no key: spoilt copies of real packets, the datagram that ends an original, and floods.
//! Ours must go on in time, as its peer sees it, hold no more memory than before, and count what it dropped.

use std::net::UdpSocket;
use std::time::{Duration, Instant};

use testkit::cluster::{Cluster, Context as _, Medium, Node, Packet, Result, Signature, address, ensure};
use testkit::rng::Rng;

use crate::pair::{CEILING, Pair, Setting, both_start, side_by_side};

/// The place of ours.
const OURS: usize = 1;
/// A netstring whose only field has a type that does not exist: the original's end, without any key.
const KILLER: &[u8] = b"###\n10:(7)t=status,%%%\n";
/// Datagrams of the flood in each hundredth of a second: 50,000 in a second.
const AT_ONCE: u32 = 500;
/// How long the flood lasts, in hundredths of a second.
const BURSTS: u32 = 300;
/// How much more memory ours may hold afterwards: buffers that grow once, not once for each packet.
const MARGIN_KIB: u64 = 2048;

/// A real packet with one thing wrong.
fn spoil(packet: &[u8], rng: &mut Rng) -> Vec<u8> {
    let mut bytes = packet.to_vec();
    let at = rng.below(bytes.len());
    match rng.below(4) {
        0 => bytes.truncate(at),
        1 => bytes.extend_from_within(..at),
        2 => bytes.splice(at..at, b"99999999:".iter().copied()).for_each(drop),
        _ => {
            if let Some(byte) = bytes.get_mut(at) {
                *byte ^= 1 << rng.below(8);
            }
        }
    }
    bytes
}

/// Resident memory of the daemon.
fn resident_kib(node: &Node) -> Result<u64> {
    let printed = node.done(
        "sh",
        &["-c", "sed -n 's/^VmRSS:[[:blank:]]*\\([0-9]*\\) kB/\\1/p' /proc/$(tr -d ' ' </run/heartbeat.pid)/status"],
    )?;
    printed.trim().parse().context("VmRSS")
}

fn send(stranger: &UdpSocket, bytes: &[u8]) -> Result<()> {
    stranger.send_to(bytes, (address(0, OURS), 694))?;
    Ok(())
}

/// Waits until both nodes have sent so many more packets: both live, and this test does not run ahead of them.
fn both_go_on(capture: &testkit::cluster::Capture) -> Result<()> {
    let now = capture.packets().len();
    for node in 0..2 {
        capture.wait(now, node, 10, CEILING)?;
    }
    Ok(())
}

fn story(cluster: &Cluster) -> Result<()> {
    let capture = cluster.capture()?;
    both_start(cluster, 0)?;
    let [peer, ours] = cluster.pair()?;
    let real: Vec<Packet> = capture.wait(0, 0, 20, CEILING)?;
    drop(capture);
    let capture = cluster.capture()?;
    let (mark, seen) = (ours.mark(), peer.mark());
    let stranger = cluster.outsider()?;
    let mut rng = Rng::new(22);

    send(&stranger, KILLER)?;
    send(&stranger, b"")?;
    send(&stranger, &[0xff; 65_000])?;
    for packet in real.iter().cycle().take(2000) {
        send(&stranger, &spoil(&packet.payload, &mut rng))?;
    }
    both_go_on(&capture)?;
    drop(capture);

    let before = resident_kib(ours)?;
    let spoilt: Vec<Vec<u8>> = real.iter().map(|packet| spoil(&packet.payload, &mut rng)).collect();
    let mut flood = spoilt.iter().chain(real.iter().map(|packet| &packet.payload)).cycle();
    let begin = Instant::now();
    for burst in 0..BURSTS {
        for bytes in flood.by_ref().take(usize::try_from(AT_ONCE)?) {
            send(&stranger, bytes)?;
        }
        let next = begin + Duration::from_millis(10) * (burst + 1);
        std::thread::sleep(next.saturating_duration_since(Instant::now()));
    }
    let capture = cluster.capture()?;
    both_go_on(&capture)?;
    let after = resident_kib(ours)?;
    ensure!(after <= before + MARGIN_KIB, "memory grew from {before} to {after} KiB");

    ours.done("sh", &["-c", "kill -USR1 $(cat /run/heartbeat.pid)"])?;
    let counted = ours.wait_for_log(mark, "Packets dropped as bad: ", CEILING)?.text;
    let bad = counted.rsplit("bad: ").next().and_then(|rest| rest.split(';').next()?.trim().parse::<u64>().ok());
    ensure!(bad.is_some_and(|bad| bad > 10_000), "{counted}");
    ours.wait_for_log(mark, "bad packet(s) dropped on eth0, the last one (from 10.9.0.254)", CEILING)?;
    for text in ["is dead", "Link", "Status update", "Heartbeat restart"] {
        ours.never_logged(mark, text)?;
    }
    for text in ["node2: is dead", "Late heartbeat: Node node2", "Heartbeat restart"] {
        peer.never_logged(seen, text)?;
    }
    ensure!(ours.log_since(mark).len() < 100, "a stranger fills the log");
    Ok(())
}

#[test]
fn strangers_can_neither_end_nor_delay_nor_fill_a_node() {
    side_by_side(&[Setting::new(Pair::OriginalAndOurs, &[Medium::Bcast(0)], Signature::Sha1)], story);
}
