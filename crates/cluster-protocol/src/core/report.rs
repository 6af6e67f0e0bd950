//! Counters of everything, and limits for log lines that strangers could cause without end.

use super::Core;
use crate::event::Event;
use crate::packet::Rejected;
use crate::settings::MediumId;
use crate::time::Mono;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

/// At most one line of a kind in this time.
const PAUSE: Duration = Duration::from_secs(10);

/// What was received, dropped and sent since the start. All are numbers of packets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counters {
    /// Datagrams and text blocks that came in.
    pub received: u64,
    /// Messages accepted for the first time.
    pub fresh: u64,
    /// Messages that had come through another medium before.
    pub duplicates: u64,
    /// Our own, come back.
    pub own: u64,
    /// Messages seen long before, or given up.
    pub old: u64,
    /// Messages of former generations.
    pub replays: u64,
    /// Messages of nodes that are not ours, or in another's name.
    pub strangers: u64,
    /// Rightly signed messages that lack what a message must have.
    pub incomplete: u64,
    /// Packets that were no trusted message, by reason.
    pub rejected: BTreeMap<Rejected, u64>,
    /// Messages that were lost at first.
    pub lost: u64,
    /// Requests for retransmission sent.
    pub requests: u64,
    /// Messages sent again on request.
    pub resent: u64,
    /// Messages sent, each counted once however many media there are.
    pub sent: u64,
}

#[derive(Clone, Debug)]
struct Bad {
    medium: MediumId,
    reason: Rejected,
    from: Option<IpAddr>,
    count: u64,
}

/// What was reported when.
#[derive(Clone, Debug, Default)]
pub(super) struct Reports {
    bad: Option<Bad>,
    bad_at: Option<Mono>,
    last: BTreeMap<&'static str, Mono>,
}

impl Reports {
    pub(super) fn next_deadline(&self) -> Option<Mono> {
        self.bad.as_ref().and(self.bad_at).map(|at| at + PAUSE)
    }
}

impl Core {
    /// A packet that was no trusted message.
    pub(super) fn reject(&mut self, medium: MediumId, reason: Rejected, from: Option<IpAddr>) {
        *self.counters.rejected.entry(reason).or_default() += 1;
        let count = self.reports.bad.as_ref().map_or(0, |bad| bad.count) + 1;
        self.reports.bad = Some(Bad { medium, reason, from, count });
        self.flush_reports();
    }

    /// Reports bad packets if the last report is long enough ago.
    pub(super) fn flush_reports(&mut self) {
        let now = self.now.mono;
        if self.reports.bad_at.is_some_and(|at| at + PAUSE > now) {
            return;
        }
        if let Some(Bad { medium, reason, from, count }) = self.reports.bad.take() {
            self.reports.bad_at = Some(now);
            self.log(Event::BadPackets { medium, reason, from, count });
        }
    }

    /// Logs an event unless one of the same `kind` was logged a moment ago.
    pub(super) fn log_seldom(&mut self, kind: &'static str, event: Event) {
        let now = self.now.mono;
        if self.reports.last.get(kind).is_none_or(|&at| at + PAUSE <= now) {
            self.reports.last.insert(kind, now);
            self.log(event);
        }
    }
}
