//! The media of the daemon: opened, read, written and repaired, each on its own. One that is dead harms no other.
//!
//! What goes wrong is told by the supervisor of the medium, once; its lines wait here until the daemon logs them.

use crate::assembly::Failed;
use crate::daemon::FIRST_MEDIUM;
use crate::exit;
use crate::line::Line;
use crate::log::Log;
use crate::paths;
use cluster_protocol::framing::stream::{Limits, TextReader};
use cluster_protocol::settings::MediumId;
use cluster_protocol::time::Mono;
use ha_config::config::Medium;
use ha_sys::media::{Endpoint, Link, MediaError, MediaEvent, MediumSpec, text};
use ha_sys::poll::{Interest, Poller, Ready};
use std::net::IpAddr;
use std::process::id;
use std::time::Duration;

/// Gets what came in: the medium, a datagram or a message of a serial line, and who sent it.
pub type Receiver<'a> = dyn FnMut(MediumId, &[u8], Option<IpAddr>) + 'a;

#[derive(Debug)]
struct Slot {
    link: Link,
    endpoint: Endpoint,
    /// Finds the messages in the stream of a serial line.
    reader: Option<TextReader>,
    /// Whether the poller was asked for room to write.
    writing: bool,
}

/// All media in the order of the configuration, which is that of the core's numbers.
#[derive(Debug)]
pub struct Links {
    slots: Vec<Slot>,
    news: Vec<MediaEvent>,
}

/// The media's clock is the core's, in the type that they use.
fn time(now: Mono) -> Duration {
    Duration::from_micros(now.0)
}

/// Whether it heals by itself: somebody else has the port or the line now.
fn passes(error: &MediaError) -> bool {
    matches!(error, MediaError::Busy { .. } | MediaError::Locked { .. })
}

impl Links {
    /// Opens all media. One that is busy is tried again later; so is every one that fails if the daemon starts itself
    /// `again`, which must not end for the sake of one medium.
    ///
    /// # Errors
    /// [`Failed`], for a medium that cannot be opened at all.
    pub fn open(media: &[Medium], log: &Log, again: bool) -> Result<Self, Failed> {
        let mut links = Self { slots: Vec::new(), news: Vec::new() };
        for medium in media {
            let spec = specification(medium);
            let reader = matches!(spec, MediumSpec::Serial { .. }).then(|| TextReader::new(Limits::SERIAL));
            let opened = Endpoint::open(&spec);
            let mut link = Link::new(spec);
            link.tried(Duration::ZERO, opened.as_ref().map(drop), &mut links.news);
            if opened.as_ref().is_err_and(|error| !again && !passes(error)) {
                links.news.push(MediaEvent::CannotOpen(link.spec().clone()));
                return Err(Failed { lines: links.take_lines(), status: exit::FAILED });
            }
            let endpoint = opened.unwrap_or_else(|_| Endpoint::closed(link.spec()));
            links.slots.push(Slot { link, endpoint, reader, writing: false });
            log.lines(links.take_lines());
        }
        Ok(links)
    }

    /// Asks the poller for everything that is open.
    pub fn register(&mut self, poller: &Poller) {
        for (index, slot) in self.slots.iter_mut().enumerate() {
            slot.register(index, poller);
        }
    }

    /// When [`tick`](Self::tick) is wanted.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Mono> {
        let next = self.slots.iter().filter_map(Slot::next_deadline).min()?;
        Some(Mono(u64::try_from(next.as_micros()).unwrap_or(u64::MAX)))
    }

    /// Opens what is to be opened again, writes what waits, looks at interfaces.
    pub fn tick(&mut self, now: Mono, poller: &Poller) {
        for (index, slot) in self.slots.iter_mut().enumerate() {
            if slot.next_deadline().is_some_and(|due| due <= time(now)) {
                slot.tick(index, time(now), poller, &mut self.news);
            }
        }
    }

    /// Sends one message, if the medium works.
    pub fn send(&mut self, medium: MediumId, bytes: &[u8], now: Mono, poller: &Poller) {
        let Some(slot) = self.slots.get_mut(medium.0).filter(|slot| slot.link.is_open()) else { return };
        let endpoint = &mut slot.endpoint;
        // A serial line keeps its pace by this time.
        let result = endpoint.tick(time(now)).and_then(|()| endpoint.send(bytes));
        let to = endpoint.destination();
        slot.link.sent(time(now), to, bytes.len(), result.as_ref().map(drop), &mut self.news);
        slot.ask_for_room(medium.0, poller);
    }

    /// Hands over what a medium has received, a bounded number of messages at once.
    pub fn take(&mut self, ready: Ready, now: Mono, poller: &Poller, buffer: &mut [u8], each: &mut Receiver<'_>) {
        let Ok(index) = usize::try_from(ready.token.saturating_sub(FIRST_MEDIUM)) else { return };
        let Some(slot) = self.slots.get_mut(index) else { return };
        if ready.readable {
            slot.take(index, time(now), buffer, each, &mut self.news);
        }
        if ready.writable {
            slot.tick(index, time(now), poller, &mut self.news);
        }
    }

    /// Closes everything.
    pub fn close(&mut self) {
        for slot in self.slots.drain(..).filter(|slot| slot.link.is_open()) {
            self.news.push(MediaEvent::Closed(slot.link.spec().clone()));
        }
    }

    /// What is to be logged.
    pub fn take_lines(&mut self) -> Vec<Line> {
        self.news.drain(..).map(|event| text(&event)).collect()
    }
}

impl Slot {
    fn next_deadline(&self) -> Option<Duration> {
        if !self.link.is_open() {
            return self.link.next_deadline();
        }
        self.endpoint.next_deadline()
    }

    fn tick(&mut self, index: usize, now: Duration, poller: &Poller, news: &mut Vec<MediaEvent>) {
        if self.link.reopen_due(now) {
            let result = self.endpoint.reopen();
            self.link.tried(now, result.as_ref().copied(), news);
            if result.is_ok() {
                self.register(index, poller);
            }
            return;
        }
        if let Err(error) = self.endpoint.tick(now) {
            self.failed(now, &error, news);
        }
        self.ask_for_room(index, poller);
    }

    fn take(
        &mut self,
        index: usize,
        now: Duration,
        buffer: &mut [u8],
        each: &mut Receiver<'_>,
        news: &mut Vec<MediaEvent>,
    ) {
        let Self { endpoint, reader, .. } = self;
        let result = endpoint.receive(buffer, &mut |bytes, from| match reader {
            None => each(MediumId(index), bytes, from),
            Some(reader) => reader.feed(bytes).iter().for_each(|block| each(MediumId(index), block, from)),
        });
        if let Err(error) = result {
            self.failed(now, &error, news);
        }
    }

    fn failed(&mut self, now: Duration, error: &MediaError, news: &mut Vec<MediaEvent>) {
        self.link.failed(now, error, news);
        if !self.link.is_open() {
            // A line that hung up would be reported as ready for ever.
            self.endpoint.close();
        }
    }

    fn register(&mut self, index: usize, poller: &Poller) {
        self.writing = false;
        for interest in self.endpoint.descriptors() {
            let wanted = Interest { read: interest.read, write: interest.write };
            self.writing |= interest.write;
            // Already in, if it was opened and registered before.
            let _ = poller.add(interest.descriptor, token(index), wanted);
        }
    }

    /// Only serial lines ever wait for room.
    fn ask_for_room(&mut self, index: usize, poller: &Poller) {
        if self.reader.is_none() {
            return;
        }
        for interest in self.endpoint.descriptors() {
            if interest.write != self.writing {
                self.writing = interest.write;
                let wanted = Interest { read: interest.read, write: interest.write };
                let _ = poller.change(interest.descriptor, token(index), wanted);
            }
        }
    }
}

fn token(index: usize) -> u64 {
    u64::try_from(index).unwrap_or(u64::MAX - FIRST_MEDIUM) + FIRST_MEDIUM
}

/// What the system needs to know of a medium.
fn specification(medium: &Medium) -> MediumSpec {
    match medium.clone() {
        Medium::Broadcast { interface, port } => MediumSpec::Broadcast { interface, port },
        Medium::Multicast { interface, group, port, ttl, loopback } => {
            MediumSpec::Multicast { interface, group, port, ttl, loopback }
        }
        Medium::Multicast6 { interface, group, port, hops, loopback } => {
            MediumSpec::Multicast6 { interface, group, port, hops, loopback }
        }
        Medium::Unicast { interface, peer, scope, port } => MediumSpec::Unicast { interface, peer, scope, port },
        Medium::Serial { device, baud } => {
            MediumSpec::Serial { device, baud, lock_directory: paths::SERIAL_LOCKS.into() }
        }
        Medium::Ping { node, members, group } => {
            // The low half: only that much fits into an echo request.
            let identifier = u16::try_from(id() & 0xffff).unwrap_or(0);
            MediumSpec::Ping { name: node, members, group, identifier }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unicast(port: u16) -> Medium {
        Medium::Unicast { interface: "lo".into(), peer: [127, 0, 0, 1].into(), scope: 0, port }
    }

    fn free_port() -> u16 {
        std::net::UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
    }

    #[test]
    fn what_is_sent_to_ourselves_comes_back_under_its_medium_s_number() {
        let media = [unicast(free_port()), unicast(free_port())];
        let log = Log::new("test", "node1", 0);
        log.detach();
        let mut links = Links::open(&media, &log, false).unwrap();
        let mut poller = Poller::new(8).unwrap();
        links.register(&poller);
        links.send(MediumId(1), b"hello", Mono(1), &poller);
        let mut ready = Vec::new();
        poller.wait(Some(Duration::from_secs(10)), &mut ready).unwrap();
        let mut got = Vec::new();
        for event in ready {
            let mut buffer = vec![0; 65_536];
            links.take(event, Mono(2), &poller, &mut buffer, &mut |medium, bytes, from| {
                got.push((medium, bytes.to_vec(), from));
            });
        }
        assert_eq!(got, [(MediumId(1), b"hello".to_vec(), Some([127, 0, 0, 1].into()))]);
        links.close();
        assert_eq!(links.take_lines().len(), 2);
    }

    #[test]
    fn a_medium_that_cannot_be_opened_stops_a_start_but_not_a_restart() {
        let media = [Medium::Broadcast { interface: "nonexistent0".into(), port: free_port() }];
        let log = Log::new("test", "node1", 0);
        log.detach();
        let failed = Links::open(&media, &log, false).unwrap_err();
        assert_eq!(failed.status, exit::FAILED);
        assert!(failed.lines.iter().any(|(_, text)| text.contains("cannot open bcast nonexistent0")), "{failed:?}");
        let links = Links::open(&media, &log, true).unwrap();
        assert_eq!(links.next_deadline(), Some(Mono(1_000_000)), "it is tried again a second later");
    }
}
