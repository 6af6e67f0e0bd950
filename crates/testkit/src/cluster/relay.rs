//! A network that a thread of the test carries from port to port, so that it can lose, repeat, hold back and reorder
//! datagrams. The kernel's own means for that need modules that the host may not have.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Result;

use super::frame;
use super::place::NetworkPlace;
use super::weather::{Fates, Weather};
use super::wire::Wire;
use super::worker::{NAP, Worker};

/// Frames that wait for their time, in the order in which they are due: port and bytes.
type Waiting = BTreeMap<(Instant, u64), (String, Vec<u8>)>;

/// A running relay.
#[derive(Debug)]
pub(super) struct Relay {
    fates: Arc<Mutex<Fates>>,
    _worker: Worker,
}

impl Relay {
    /// Connects the `ports` of `place` with each other.
    pub(super) fn start(place: &NetworkPlace, ports: Vec<String>, weather: Weather) -> Result<Self> {
        let fates = Arc::new(Mutex::new(Fates::new(weather)));
        let mut wire = Wire::open(place)?;
        let mut waiting = Waiting::new();
        let mut count = 0;
        let told = Arc::clone(&fates);
        let step = move || {
            let mut fates = told.lock().unwrap_or_else(PoisonError::into_inner);
            let now = Instant::now();
            while let Some((from, frame)) = wire.receive() {
                if ports.iter().any(|port| port == from) {
                    let from = from.to_owned();
                    for to in ports.iter().filter(|port| **port != from) {
                        for delay in copies(&mut fates, frame) {
                            count += 1;
                            waiting.insert((now + delay, count), (to.clone(), finished(frame)));
                        }
                    }
                }
            }
            drop(fates);
            deliver(&wire, &mut waiting);
            let next = waiting.keys().next().map(|(due, _)| due.saturating_duration_since(Instant::now()));
            wire.sleep(next.unwrap_or(NAP).min(NAP));
        };
        Ok(Self { fates, _worker: Worker::new(step) })
    }

    /// Changes the weather. What is on its way arrives as it was decided.
    pub(super) fn set(&self, weather: Weather) {
        *self.fates.lock().unwrap_or_else(PoisonError::into_inner) = Fates::new(weather);
    }
}

/// Only datagrams have a fate; what finds addresses passes.
fn copies(fates: &mut Fates, bytes: &[u8]) -> Vec<Duration> {
    match frame::datagram(bytes) {
        Some(_) => fates.next_copies(),
        None => vec![Duration::ZERO],
    }
}

fn finished(bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    frame::drop_checksum(&mut bytes);
    bytes
}

fn deliver(wire: &Wire, waiting: &mut Waiting) {
    while let Some(entry) = waiting.first_entry() {
        if entry.key().0 > Instant::now() {
            break;
        }
        let (port, bytes) = entry.remove();
        wire.send(&port, &bytes);
    }
}
