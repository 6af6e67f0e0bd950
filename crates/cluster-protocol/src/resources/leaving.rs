//! Stopping and reloading: when resources rest, what is released, what is told (resource specification, section 6).

use super::event::ResourceEvent;
use super::{Engine, Job, Set, State, Wish};
use crate::fields::{F_STATUS, ST_DEAD, T_SHUTDONE};
use crate::message::Message;
use crate::time::Mono;
use std::time::Duration;

/// The whole stop may take so long; then the daemon ends by force.
const LONGEST: Duration = Duration::from_secs(3600);
/// A stop waits so long for the other side to settle if nothing works here. (The originals wait for ever.)
const PATIENCE: Duration = Duration::from_secs(60);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Stop,
    Reload,
}

/// A stop or reload under way.
#[derive(Clone, Debug)]
pub(crate) struct Leave {
    kind: Kind,
    /// The last word was said, or the child that releases runs.
    begun: bool,
    told: bool,
    /// Something was at work here at this time.
    quiet_since: Mono,
    until: Mono,
    over: bool,
}

impl Leave {
    pub(crate) fn is_stop(&self) -> bool {
        self.kind == Kind::Stop && self.begun
    }

    /// A reload is about to happen: the next life shall find everything as it is now.
    pub(crate) fn is_frozen(&self) -> bool {
        self.kind == Kind::Reload && self.begun
    }

    /// A stop was asked for, begun or not.
    pub(crate) fn will_stop(&self) -> bool {
        self.kind == Kind::Stop
    }

    pub(crate) fn deadline(&self) -> Option<Mono> {
        let patience = self.quiet_since + PATIENCE;
        match (self.over, self.begun) {
            (true, _) => None,
            (false, true) => Some(self.until),
            (false, false) => Some(patience.min(self.until)),
        }
    }
}

impl Engine {
    /// Release everything and say so; [`Wish::Released`] tells when that is done.
    pub(crate) fn stop(&mut self, now: Mono) {
        match &mut self.leave {
            Some(leave) if leave.kind == Kind::Stop => return,
            // The operator's last word counts, also if a reload is about to happen.
            _ => self.leave = Some(Self::leave_from(Kind::Stop, now)),
        }
        self.leave_if_stable(now);
        if self.leave.as_ref().is_some_and(|leave| !leave.begun) {
            self.log(ResourceEvent::ShutdownDelayed);
        }
        self.settle(now);
    }

    /// Wait until no resource moves; [`Wish::Quiet`] tells when.
    pub(crate) fn quiesce(&mut self, now: Mono) {
        if self.leave.is_some() {
            return;
        }
        self.leave = Some(Self::leave_from(Kind::Reload, now));
        self.leave_if_stable(now);
        if self.leave.as_ref().is_some_and(|leave| !leave.begun) {
            self.log(ResourceEvent::RestartDelayed);
        }
        self.settle(now);
    }

    fn leave_from(kind: Kind, now: Mono) -> Leave {
        Leave { kind, begun: false, told: false, quiet_since: now, until: now + LONGEST, over: false }
    }

    pub(super) fn leave_if_stable(&mut self, now: Mono) {
        let Some(leave) = self.leave.as_ref().filter(|leave| !leave.begun) else { return };
        let kind = leave.kind;
        // A reset that is under way would be forgotten by the next life.
        let fencing = kind == Kind::Reload && !self.fencing.is_empty();
        // Who takes no part yet has nothing to wait for.
        if (self.stable() || self.state == State::Init) && !fencing {
            self.begin_leaving(kind);
        } else if !self.queue.empty() {
            if let Some(leave) = &mut self.leave {
                leave.quiet_since = now;
            }
        }
    }

    pub(super) fn leave_tick(&mut self, now: Mono) {
        let Some(leave) = self.leave.as_mut().filter(|leave| !leave.over) else { return };
        let kind = leave.kind;
        if leave.until <= now {
            leave.over = true;
            self.log(ResourceEvent::EmergencyShutdown);
            self.wishes.push(Wish::Emergency);
        } else if !leave.begun && leave.quiet_since + PATIENCE <= now {
            if self.queue.empty() {
                self.log(ResourceEvent::ShutdownForced);
                self.begin_leaving(kind);
            } else if let Some(leave) = &mut self.leave {
                leave.quiet_since = now;
            }
        }
    }

    fn begin_leaving(&mut self, kind: Kind) {
        if let Some(leave) = &mut self.leave {
            leave.begun = true;
        }
        if kind == Kind::Reload {
            if let Some(leave) = &mut self.leave {
                leave.over = true;
            }
            self.wishes.push(Wish::Quiet);
            return;
        }
        self.standby = super::Standby::default();
        self.fencing.clear();
        self.holds = Set::NONE;
        self.set_state(State::Shutdown);
        if !self.legacy() {
            self.say(false, Some("shutdown"));
        }
        self.log(ResourceEvent::ShutdownInProgress);
        self.run(Job::GiveUp);
    }

    /// Our child released everything.
    pub(super) fn gave_up(&mut self) {
        if let Some(leave) = self.leave.as_mut().filter(|leave| !leave.told) {
            leave.told = true;
            self.send(Message::of_type(T_SHUTDONE).with(F_STATUS, ST_DEAD));
        }
    }

    /// Row 12: everybody knows.
    pub(super) fn released_everything(&mut self) {
        let Some(leave) = self.leave.as_mut().filter(|leave| leave.told && !leave.over) else { return };
        leave.over = true;
        self.holds = Set::NONE;
        self.wishes.push(Wish::Released);
    }
}
