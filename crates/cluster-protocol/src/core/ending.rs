//! Stopping, and starting again: on request, after a partition.
//!
//! | why | peers are told | then |
//! |---|---|---|
//! | stop | `resource` none, `shutdone` | one second for them to answer, exit |
//! | partition healed | the same, then `status` with a longer dead time | silence of dead time + 1 s, new generation |
//! | configuration changed | `status` with a longer dead time | new generation at once |
//!
//! Before communication is up nobody depends on us, so a stop ends at once (the originals wait for the initial dead time).

use super::{Core, Phase};
use crate::event::Event;
use crate::fields::{F_STATUS, ST_DEAD, T_SHUTDONE};
use crate::message::Message;
use crate::output::{Ending, Output};
use crate::time::Mono;
use std::time::Duration;

/// For a peer's answer to our last word.
const LAST_WORD: Duration = Duration::from_secs(1);
/// Added to the announced dead time by a node that is about to start again.
const RESTART_ALLOWANCE: Duration = Duration::from_secs(30);
/// Added to the dead time for the silence after a partition.
const SILENCE: Duration = Duration::from_secs(1);

/// A leave that is under way.
#[derive(Clone, Debug)]
pub(super) struct Leaving {
    ending: Ending,
    until: Mono,
    clients_stopped: bool,
    done: bool,
}

impl Leaving {
    pub(super) fn next_deadline(&self) -> Option<Mono> {
        (self.clients_stopped && !self.done).then_some(self.until)
    }
}

impl Core {
    pub(super) fn shutdown(&mut self) {
        // A stop overrides a restart that is under way: the operator's last word counts.
        if let Some(leaving) = &mut self.leaving {
            leaving.ending = Ending::Stop;
            return;
        }
        if self.phase == Phase::Active {
            self.give_up_everything();
            self.leave(Ending::Stop, LAST_WORD);
        } else {
            self.log(Event::ShutdownInProgress);
            self.leave(Ending::Stop, Duration::ZERO);
        }
    }

    pub(super) fn restart(&mut self) {
        if self.leaving.is_none() {
            self.send_status_with(self.settings.deadtime + RESTART_ALLOWANCE);
            self.leave(Ending::Restart { after_ms: 0 }, Duration::ZERO);
        }
    }

    pub(super) fn leave_after_partition(&mut self) {
        if self.leaving.is_some() {
            return;
        }
        self.give_up_everything();
        let silence = self.settings.deadtime + SILENCE;
        let after_ms = u64::try_from(silence.as_millis()).unwrap_or(u64::MAX);
        self.leave(Ending::Restart { after_ms }, LAST_WORD);
    }

    fn give_up_everything(&mut self) {
        self.log(Event::ShutdownInProgress);
        self.log(Event::GivingUpResources);
        self.bystander.release();
        self.grant_wishes();
        self.log(Event::ResourcesRelinquished);
        self.send(Message::of_type(T_SHUTDONE).with(F_STATUS, ST_DEAD));
    }

    fn leave(&mut self, ending: Ending, linger: Duration) {
        let until = self.now.mono + linger;
        // Whoever leaves does not become active any more.
        self.asking = None;
        self.leaving = Some(Leaving { ending, until, clients_stopped: false, done: false });
        self.out.push(Output::StopClients);
    }

    pub(super) fn clients_stopped(&mut self) {
        if let Some(leaving) = &mut self.leaving {
            leaving.clients_stopped = true;
        }
        self.continue_leaving();
    }

    pub(super) fn continue_leaving(&mut self) {
        let Some(leaving) = &mut self.leaving else { return };
        if leaving.done || !leaving.clients_stopped || leaving.until > self.now.mono {
            return;
        }
        leaving.done = true;
        let ending = leaving.ending;
        if let Ending::Restart { after_ms } = ending {
            if after_ms > 0 {
                self.send_status_with(self.settings.deadtime + RESTART_ALLOWANCE);
            }
            self.log(Event::RestartTriggered);
        }
        self.out.push(Output::Exit(ending));
    }
}
