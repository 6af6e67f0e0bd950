//! How one group is acquired and released. Pure: it asks for one thing at a time and is told how that ended.
//!
//! Resource specification, sections 1.4 to 1.8. What is asked for, and what comes after the answer:
//!
//! | asked | answer | next |
//! |---|---|---|
//! | acquire: status of a resource | runs | announce it if it is an address; the resource to its right |
//! | | does not run, or gives no answer | start it |
//! | acquire: start | 0 | the resource to its right |
//! | | other | release the whole group from right to left, then a delayed standby |
//! | release: stop | 0 | the resource to its left |
//! | | other | wait a second and stop again; after the last try, ask for its status |
//! | release: status after failed stops | does not run | complain; the resource to its left |
//! | | runs, or gives no answer | reboot the machine; if that comes back, the resource to its left |

use crate::truth::State;
use std::time::Duration;

/// The pause before a failed stop is tried again.
const PAUSE: Duration = Duration::from_secs(1);

/// What is to be done next; the answer goes to [`Transition::next`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ask {
    /// Call the script of this resource with `status`: [`Answer::Running`].
    Status(usize),
    /// Call it with `start`: [`Answer::Code`].
    Start(usize),
    /// Call it with `stop`: [`Answer::Code`].
    Stop(usize),
    /// Do nothing for so long: [`Answer::Done`].
    Wait(Duration),
    /// Reboot the machine; [`Answer::Done`] if it lives on.
    Reboot,
    /// Nothing more; the exit status of the operation.
    Finished(i32),
}

/// How the last thing asked for ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Nothing was asked for yet.
    Begin,
    /// Whether the status text says that it runs.
    Running(bool),
    /// The status script gave no answer in time.
    Unknown,
    /// The exit status of a script.
    Code(i32),
    /// Waited, or the machine was not rebooted.
    Done,
}

/// Something to do on the way, which has no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// Write this log line.
    Log(String),
    /// Tell the neighbours again where this address is.
    Announce(usize),
    /// The group is in this state now.
    State(State),
    /// A script failed with this exit status.
    Failed {
        /// Which resource.
        resource: usize,
        /// `start` or `stop`.
        verb: &'static str,
        /// The exit status.
        code: i32,
    },
    /// Let the peer have this set (`local` or `foreign`) after a while.
    DelayedStandby(&'static str),
}

/// A resource, as far as decisions need it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The word in the file.
    pub word: String,
    /// Whether it holds an address that is announced again when it is found running.
    pub address: bool,
}

/// A group and what is known about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// `NODE RES…`, for log lines.
    pub shown: String,
    /// The resources from left to right.
    pub members: Vec<Member>,
    /// Whether the group belongs to this node.
    pub own: bool,
    /// How often in a row its start failed on this node before.
    pub failed_before: u32,
    /// How often a failed stop is tried again; for ever if not above 0.
    pub stop_retries: i32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Before the first question.
    Acquire,
    Release,
    Checking(usize),
    Starting(usize),
    Stopping {
        resource: usize,
        tries: i32,
    },
    Pausing {
        resource: usize,
        tries: i32,
    },
    /// The stops of this resource failed, the last with this code.
    Doubting {
        resource: usize,
        code: i32,
    },
    Rebooting {
        resource: usize,
        code: i32,
    },
}

/// One acquisition or release of one group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transition {
    plan: Plan,
    phase: Phase,
    /// The release follows a failed start.
    gave_up: bool,
    exit: i32,
}

impl Transition {
    /// Starts everything from left to right.
    #[must_use]
    pub fn acquire(plan: Plan) -> Self {
        Self { plan, phase: Phase::Acquire, gave_up: false, exit: 0 }
    }

    /// Stops everything from right to left.
    #[must_use]
    pub fn release(plan: Plan) -> Self {
        Self { plan, phase: Phase::Release, gave_up: false, exit: 0 }
    }

    /// The next question. An answer that does not fit to the last question ends the transition with exit status 1.
    pub fn next(&mut self, answer: Answer, notes: &mut Vec<Note>) -> Ask {
        match (self.phase, answer) {
            (Phase::Acquire, Answer::Begin) => {
                notes.push(Note::Log(format!("info: Acquiring resource group: {}", self.plan.shown)));
                notes.push(Note::State(State::Starting));
                self.check(0, notes)
            }
            (Phase::Release, Answer::Begin) => self.stop_all(notes),
            (Phase::Checking(resource), Answer::Running(true)) => {
                if self.plan.members.get(resource).is_some_and(|member| member.address) {
                    notes.push(Note::Announce(resource));
                }
                self.check(resource + 1, notes)
            }
            (Phase::Checking(resource), Answer::Running(false) | Answer::Unknown) => {
                self.phase = Phase::Starting(resource);
                Ask::Start(resource)
            }
            (Phase::Starting(resource), Answer::Code(0)) => self.check(resource + 1, notes),
            (Phase::Starting(resource), Answer::Code(code)) => {
                notes.push(Note::Failed { resource, verb: "start", code });
                let word = self.word(resource);
                notes.push(Note::Log(format!("CRIT: Giving up resources due to failure of {word}")));
                self.gave_up = true;
                self.stop_all(notes)
            }
            (Phase::Stopping { resource, .. }, Answer::Code(0)) => self.stop_before(resource, notes),
            (Phase::Stopping { resource, tries }, Answer::Code(code)) => {
                notes.push(Note::Failed { resource, verb: "stop", code });
                if self.plan.stop_retries > 0 && tries >= self.plan.stop_retries {
                    self.phase = Phase::Doubting { resource, code };
                    return Ask::Status(resource);
                }
                self.phase = Phase::Pausing { resource, tries };
                Ask::Wait(PAUSE)
            }
            (Phase::Pausing { resource, tries }, Answer::Done) => {
                notes.push(Note::Log(format!("info: Retrying failed stop operation [{}]", self.word(resource))));
                self.phase = Phase::Stopping { resource, tries: tries.saturating_add(1) };
                Ask::Stop(resource)
            }
            (Phase::Doubting { resource, .. }, Answer::Running(false)) => {
                let word = self.word(resource);
                notes.extend([
                    Note::Log(format!("ERROR: Resource script for {word} probably not LSB-compliant.")),
                    Note::Log(format!("WARN: it ({word}) MUST succeed on a stop when already stopped")),
                    Note::Log("WARN: Machine reboot narrowly avoided!".to_owned()),
                ]);
                self.stop_before(resource, notes)
            }
            (Phase::Doubting { resource, code }, Answer::Running(true) | Answer::Unknown) => {
                notes.push(Note::State(State::Failed));
                notes.push(Note::Log("CRIT: Resource STOP failure. Reboot required!".to_owned()));
                self.phase = Phase::Rebooting { resource, code };
                Ask::Reboot
            }
            (Phase::Rebooting { resource, code }, Answer::Done) => {
                self.exit = code;
                self.stop_before(resource, notes)
            }
            _ => Ask::Finished(1),
        }
    }

    fn word(&self, resource: usize) -> &str {
        self.plan.members.get(resource).map_or("", |member| member.word.as_str())
    }

    fn check(&mut self, resource: usize, notes: &mut Vec<Note>) -> Ask {
        if resource < self.plan.members.len() {
            self.phase = Phase::Checking(resource);
            return Ask::Status(resource);
        }
        notes.push(Note::State(State::Running));
        Ask::Finished(0)
    }

    fn stop_all(&mut self, notes: &mut Vec<Note>) -> Ask {
        notes.push(Note::Log(format!("info: Releasing resource group: {}", self.plan.shown)));
        notes.push(Note::State(State::Stopping));
        self.stop_before(self.plan.members.len(), notes)
    }

    /// Stops what is to the left of this place.
    fn stop_before(&mut self, place: usize, notes: &mut Vec<Note>) -> Ask {
        if let Some(resource) = place.checked_sub(1) {
            self.phase = Phase::Stopping { resource, tries: 0 };
            return Ask::Stop(resource);
        }
        let failed = self.gave_up || self.exit != 0;
        notes.push(Note::State(if failed { State::Failed } else { State::Stopped }));
        if self.gave_up {
            notes.push(self.standby());
        }
        Ask::Finished(self.exit)
    }

    /// After a failed start the peer is to have the group, once: when it fails there too, the peer sends it back, and a
    /// second failure here would let it travel for ever.
    fn standby(&self) -> Note {
        if self.plan.failed_before > 0 {
            let text = format!(
                "ERROR: Resource group {} failed to start again on this node; it stays stopped",
                self.plan.shown
            );
            return Note::Log(text);
        }
        Note::DelayedStandby(if self.plan.own { "local" } else { "foreign" })
    }
}

#[cfg(test)]
#[path = "group_tests.rs"]
mod tests;
