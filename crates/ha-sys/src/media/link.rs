//! When a broken medium is opened again, and what is told about it. Pure: results and the time are arguments.
//!
//! | state | meaning | leaves when |
//! |---|---|---|
//! | `Closed` | not open, or of no use any more | `reopen_due`: the owner opens it; success → `Trial` or `Works` |
//! | `Works` | open, the last message went out | a message or reading fails → `Closed`, or `Doubtful` |
//! | `Doubtful` | open, the last message failed for a reason that a new socket does not mend | a message goes out → `Works` |
//! | `Trial` | opened again after a failure, nothing sent yet | a message goes out → `Works`; it fails → `Closed` |
//!
//! A failure is told once, when it begins or changes its kind; its end is told once. Attempts are one second apart.

use super::error::{MediaError, Step};
use super::event::{self, MediaEvent};
use super::spec::MediumSpec;
use std::net::SocketAddr;
use std::time::Duration;

/// Time between two attempts to open.
pub const RETRY: Duration = Duration::from_secs(1);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Closed { next: Duration },
    Works,
    Doubtful,
    Trial,
}

/// The supervisor of one medium. `now` is the same clock in all calls, of any origin.
#[derive(Clone, Debug)]
pub struct Link {
    spec: MediumSpec,
    state: State,
    /// The failure that was told last and has not ended.
    told: Option<MediaError>,
}

impl Link {
    /// A medium that was never open; opening is due at once.
    #[must_use]
    pub fn new(spec: MediumSpec) -> Self {
        Self { spec, state: State::Closed { next: Duration::ZERO }, told: None }
    }

    /// What it supervises.
    #[must_use]
    pub fn spec(&self) -> &MediumSpec {
        &self.spec
    }

    /// Whether messages should be handed to the endpoint.
    #[must_use]
    pub fn is_open(&self) -> bool {
        !matches!(self.state, State::Closed { .. })
    }

    /// Whether nothing is known to be wrong.
    #[must_use]
    pub fn works(&self) -> bool {
        self.state == State::Works
    }

    /// Whether opening should be tried at `now`.
    #[must_use]
    pub fn reopen_due(&self, now: Duration) -> bool {
        self.next_deadline().is_some_and(|next| next <= now)
    }

    /// When opening is to be tried next; `None` while it is open.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Duration> {
        match self.state {
            State::Closed { next } => Some(next),
            State::Works | State::Doubtful | State::Trial => None,
        }
    }

    /// Notes the result of an attempt to open.
    pub fn tried(&mut self, now: Duration, result: Result<(), &MediaError>, news: &mut Vec<MediaEvent>) {
        match result {
            Ok(()) => {
                // After a failure only a message that went out proves that all is well.
                let never_sent = matches!(self.told, None | Some(MediaError::Busy { .. } | MediaError::Locked { .. }));
                if never_sent {
                    self.told = None;
                    news.extend(event::opened(&self.spec));
                    self.state = State::Works;
                } else {
                    self.state = State::Trial;
                }
            }
            Err(error) => {
                self.state = State::Closed { next: now + RETRY };
                if self.is_new(error) {
                    news.push(MediaEvent::OpenFailed(self.spec.clone(), error.clone()));
                }
            }
        }
    }

    /// Notes the result of sending `length` bytes to `to`.
    pub fn sent(
        &mut self,
        now: Duration,
        to: Option<SocketAddr>,
        length: usize,
        result: Result<(), &MediaError>,
        news: &mut Vec<MediaEvent>,
    ) {
        match result {
            Ok(()) => {
                self.state = State::Works;
                if self.told.take().is_some() {
                    news.push(MediaEvent::Restarted(self.spec.clone()));
                }
            }
            Err(error) if error.concerns_one_message() => {}
            Err(error) => {
                self.broke(now, error);
                if self.is_new(error) {
                    news.push(MediaEvent::SendFailed(self.spec.clone(), to, length, error.clone()));
                    news.push(MediaEvent::WriteFailure(self.spec.clone(), error.clone()));
                    news.push(MediaEvent::Suppressing);
                    news.push(MediaEvent::CableUnplugged(self.spec.clone()));
                }
            }
        }
    }

    /// Notes that reading, or a tick, failed.
    pub fn failed(&mut self, now: Duration, error: &MediaError, news: &mut Vec<MediaEvent>) {
        if let MediaError::Gone { step: Step::Send, .. } | MediaError::Io { step: Step::Send, .. } = error {
            // The tick of a serial line writes what was queued before.
            return self.sent(now, None, 0, Err(error), news);
        }
        self.broke(now, error);
        if self.is_new(error) {
            news.push(MediaEvent::ReadFailed(self.spec.clone(), error.clone()));
        }
    }

    fn broke(&mut self, now: Duration, error: &MediaError) {
        let mends = matches!(error, MediaError::Gone { .. } | MediaError::HungUp);
        self.state = if mends { State::Closed { next: now + RETRY } } else { State::Doubtful };
    }

    /// Whether this failure should be told; notes that it was.
    ///
    /// An interface on its way out fails in several ways one after the other; these count as one failure.
    fn is_new(&mut self, error: &MediaError) -> bool {
        let same = self.told.as_ref().is_some_and(|told| std::mem::discriminant(told) == std::mem::discriminant(error));
        if !same {
            self.told = Some(error.clone());
        }
        !same
    }
}

#[cfg(test)]
#[path = "link_tests.rs"]
mod tests;
