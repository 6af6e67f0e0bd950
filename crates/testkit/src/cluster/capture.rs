//! Records the datagrams that the nodes send.

use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Result;

use super::frame;
use super::place::{NetworkPlace, wait_until};
use super::wire::Wire;
use super::worker::{NAP, Worker};

/// A datagram that a node sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packet {
    /// When it was seen.
    pub at: Instant,
    /// The port it came into: `NETWORK-NODE`, both counted from 0.
    pub port: String,
    /// Where it came from.
    pub source: (Ipv4Addr, u16),
    /// Where it was sent to.
    pub destination: (Ipv4Addr, u16),
    /// What it carries.
    pub payload: Vec<u8>,
}

/// Records until it is dropped.
#[derive(Debug)]
pub struct Capture {
    packets: Arc<Mutex<Vec<Packet>>>,
    _worker: Worker,
}

impl Capture {
    /// Begins to record everything that comes into the `ports` of `place`.
    pub(super) fn start(place: &NetworkPlace, ports: Vec<String>) -> Result<Self> {
        let packets = Arc::new(Mutex::new(Vec::new()));
        let to = Arc::clone(&packets);
        let mut wire = Wire::open(place)?;
        let step = move || {
            while let Some((port, bytes)) = wire.receive() {
                let known = ports.iter().any(|known| known == port);
                if let (true, Some(seen)) = (known, frame::datagram(bytes)) {
                    to.lock().unwrap_or_else(PoisonError::into_inner).push(Packet {
                        at: Instant::now(),
                        port: port.trim_start_matches('p').to_owned(),
                        source: seen.source,
                        destination: seen.destination,
                        payload: seen.payload.to_vec(),
                    });
                }
            }
            wire.sleep(NAP);
        };
        Ok(Self { packets, _worker: Worker::new(step) })
    }

    /// What was recorded so far.
    pub fn packets(&self) -> Vec<Packet> {
        self.packets.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What was recorded after the first `skip` ones.
    pub fn after(&self, skip: usize) -> Vec<Packet> {
        self.packets.lock().unwrap_or_else(PoisonError::into_inner).iter().skip(skip).cloned().collect()
    }

    /// Waits until `wanted` datagrams of one node, on all networks together, were recorded after the first `skip` ones of
    /// all nodes, and gives them.
    ///
    /// # Errors
    ///
    /// They did not come before `ceiling`.
    pub fn wait(&self, skip: usize, node: usize, wanted: usize, ceiling: Duration) -> Result<Vec<Packet>> {
        let end = format!("-{node}");
        wait_until(&format!("{wanted} datagrams of node number {node}"), ceiling, || {
            let all = self.packets();
            let sent: Vec<_> = all.into_iter().skip(skip).filter(|packet| packet.port.ends_with(&end)).collect();
            Ok((sent.len() >= wanted).then_some(sent))
        })
    }
}
