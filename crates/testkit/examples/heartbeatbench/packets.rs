//! What one received packet costs: the peer's own packets, again and again. Both programs must check each signature and
//! then find that they had it before.

use std::net::SocketAddrV4;
use std::time::{Duration, Instant};

use testkit::cluster::{Cluster, Result, address};

use crate::clusters::{CEILING, pair, programs, row, start};
use crate::usage::Usage;

/// So many packets at a time, with a pause between, so that none is lost for want of buffers.
const BURST: u32 = 20;
/// The pause: 2,000 packets a second.
const PAUSE: Duration = Duration::from_millis(10);

/// Processor time in microseconds for each packet beyond what the idle cluster costs.
fn cost(cluster: &Cluster, count: u32) -> Result<f64> {
    let node = cluster.node(0)?;
    let capture = cluster.capture()?;
    let packets = capture.wait(0, 1, 5, CEILING)?;
    let socket = cluster.outsider()?;
    let to = SocketAddrV4::new(address(0, 0), 694);
    let idle_begin = (Usage::of(node)?, Instant::now());
    std::thread::sleep(Duration::from_secs(5));
    let begin = (Usage::of(node)?, Instant::now());
    let mut sent = 0;
    for packet in packets.iter().cycle() {
        if sent == count {
            break;
        }
        socket.send_to(&packet.payload, to)?;
        sent += 1;
        if sent % BURST == 0 {
            std::thread::sleep(PAUSE);
        }
    }
    std::thread::sleep(Duration::from_millis(500));
    let end = (Usage::of(node)?, Instant::now());
    let idle_rate = (begin.0.time - idle_begin.0.time) / begin.1.duration_since(idle_begin.1).as_secs_f64();
    let spent = end.0.time - begin.0.time - idle_rate * end.1.duration_since(begin.1).as_secs_f64();
    Ok(spent / 1e3 / f64::from(count))
}

pub(crate) fn run(count: u32) -> Result<()> {
    let mut costs = Vec::new();
    for program in programs()? {
        let cluster = pair(&format!("packets, {}", program.label()), &program, &["udpport 694"])?;
        start(&cluster)?;
        costs.push(cost(&cluster, count)?);
    }
    if let [original, ours] = costs.as_slice() {
        row("processor time for a received packet", "us", *original, *ours);
    }
    Ok(())
}
