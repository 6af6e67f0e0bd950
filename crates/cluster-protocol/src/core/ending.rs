//! Stopping, and starting again: on request, after a partition.
//!
//! | why | peers are told | then |
//! |---|---|---|
//! | stop | `resource` none, `shutdone` | one second for them to answer, exit |
//! | partition healed | the same, then `status` with a longer dead time | silence of dead time + 1 s, new generation |
//! | configuration changed | `status` with a longer dead time | new generation at once, resources as they are |
//!
//! What the resource engine waits for before that stands there (`resources/leaving`). Before communication is up nobody
//! depends on us, so a stop ends at once (the originals wait for the initial dead time).

use super::{Core, Phase};
use crate::event::Event;
use crate::output::{Ending, Output};
use crate::resources::event::ResourceEvent;
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
    /// Resources are released, or rest.
    ready: bool,
    until: Mono,
    clients_stopped: bool,
    done: bool,
}

impl Leaving {
    pub(super) fn next_deadline(&self) -> Option<Mono> {
        (self.ready && self.clients_stopped && !self.done).then_some(self.until)
    }
}

impl Core {
    pub(super) fn shutdown(&mut self) {
        // A stop overrides a restart that is under way: the operator's last word counts.
        let reloading = match &mut self.leaving {
            Some(leaving) => {
                let reloads = leaving.ending == (Ending::Restart { after_ms: 0 });
                leaving.ending = Ending::Stop;
                reloads
            }
            None => false,
        };
        if self.leaving.is_some() && !reloading {
            return;
        }
        let clients_stopped = self.leaving.as_ref().is_some_and(|leaving| leaving.clients_stopped);
        self.begin(Ending::Stop);
        if let Some(leaving) = &mut self.leaving {
            leaving.clients_stopped = clients_stopped;
        }
        if self.has_something_to_release() {
            self.resources.stop(self.now.mono);
            self.grant_wishes();
        } else {
            self.log(Event::Resource(ResourceEvent::ShutdownInProgress));
            self.leave(Duration::ZERO);
        }
    }

    pub(super) fn restart(&mut self) {
        if self.leaving.is_some() {
            return;
        }
        self.begin(Ending::Restart { after_ms: 0 });
        if self.phase == Phase::Active {
            self.resources.quiesce(self.now.mono);
            self.grant_wishes();
        } else {
            self.reload_now();
        }
    }

    /// Resources rest: nothing is lost by starting again.
    pub(super) fn reload_now(&mut self) {
        self.send_status_with(self.settings.deadtime + RESTART_ALLOWANCE);
        self.leave(Duration::ZERO);
    }

    pub(super) fn leave_after_partition(&mut self) {
        if self.leaving.is_some() {
            return;
        }
        let silence = self.settings.deadtime + SILENCE;
        let after_ms = u64::try_from(silence.as_millis()).unwrap_or(u64::MAX);
        self.begin(Ending::Restart { after_ms });
        if self.has_something_to_release() {
            self.resources.stop(self.now.mono);
            self.grant_wishes();
        } else {
            self.leave(LAST_WORD);
        }
    }

    /// We take part, or hold what the life before a reload held.
    fn has_something_to_release(&self) -> bool {
        self.phase == Phase::Active || self.resources.may_hold()
    }

    /// Everything is released, and everybody was told.
    pub(super) fn everything_released(&mut self) {
        self.leave(LAST_WORD);
    }

    fn begin(&mut self, ending: Ending) {
        // Whoever leaves does not become active any more.
        self.asking = None;
        let until = self.now.mono;
        self.leaving = Some(Leaving { ending, ready: false, until, clients_stopped: false, done: false });
    }

    fn leave(&mut self, linger: Duration) {
        let until = self.now.mono + linger;
        let Some(leaving) = self.leaving.as_mut().filter(|leaving| !leaving.ready) else { return };
        leaving.ready = true;
        leaving.until = until;
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
        if leaving.done || !leaving.ready || !leaving.clients_stopped || leaving.until > self.now.mono {
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
