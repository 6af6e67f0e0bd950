//! Which child programs (`respawn`, `failfast`) run, when they are started again, and how they are stopped.
//!
//! Pure: the caller starts, signals and reaps processes and says what happened. Per program:
//!
//! | state | becomes | when |
//! |---|---|---|
//! | waiting | running | its time has come and it was started |
//! | running | waiting | it ended: at once after a life of 30 s, else after a second |
//! | running | given up | exit status 100, the 11th quick end in a row, or it cannot be executed |
//! | running | given up | it was told to stop and ended |
//!
//! Times, limits and log lines were observed on heartbeat 3.0.6.

use crate::line::{Line, Severity, error, info, warn};
use cluster_protocol::time::Mono;
use ha_config::config::Respawn;
use ha_sys::child::Ended;
use ha_sys::signals::description;
use std::time::Duration;

/// A life shorter than this is a quick end.
const QUICK: Duration = Duration::from_secs(30);
/// So many quick ends in a row are too many.
const TOO_MANY: u32 = 11;
/// The pause after a quick end.
const PAUSE: Duration = Duration::from_secs(1);
/// How long a child may take to stop before it is killed. The original waits for ever, and its `-k` with it.
const PATIENCE: Duration = Duration::from_secs(30);
/// The exit status that means "do not start me again".
const NEVER_AGAIN: i32 = 100;

/// What the caller is to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Write a log line.
    Log(Line),
    /// Start this program and say [`Supervisor::started`].
    Start(usize),
    /// Send `SIGTERM` to this process group.
    Terminate(i32),
    /// Send `SIGKILL` to this process group.
    Kill(i32),
    /// Reboot the machine: this `failfast` program died.
    Reboot(usize),
    /// All programs have stopped, once after [`Supervisor::stop`].
    AllStopped,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Waiting(Mono),
    Running { pid: i32, since: Mono },
    GivenUp,
}

#[derive(Debug)]
struct Program {
    settings: Respawn,
    state: State,
    quick_ends: u32,
}

/// How far an orderly stop has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stopping {
    No,
    /// Waiting for the end of one program, which is killed at this time.
    Until(Mono),
    Done,
}

/// All programs.
#[derive(Debug)]
pub struct Supervisor {
    programs: Vec<Program>,
    stopping: Stopping,
}

impl Supervisor {
    /// Programs in the order of the file; none runs before [`start`](Self::start).
    #[must_use]
    pub fn new(programs: &[Respawn]) -> Self {
        let program = |settings: &Respawn| Program { settings: settings.clone(), state: State::GivenUp, quick_ends: 0 };
        Self { programs: programs.iter().map(program).collect(), stopping: Stopping::No }
    }

    /// The settings of a program.
    #[must_use]
    pub fn settings(&self, index: usize) -> Option<&Respawn> {
        self.programs.get(index).map(|program| &program.settings)
    }

    /// Starts all programs in the order of the file. Nothing happens to those that run, or during a stop.
    pub fn start(&mut self, now: Mono, actions: &mut Vec<Action>) {
        if self.stopping != Stopping::No {
            return;
        }
        for (index, program) in self.programs.iter_mut().enumerate() {
            if program.state == State::GivenUp {
                program.announce(now, actions);
                actions.push(Action::Start(index));
            }
        }
    }

    /// The answer to [`Action::Start`]: the process id, or why there is none.
    pub fn started(&mut self, index: usize, result: Result<i32, String>, now: Mono, actions: &mut Vec<Action>) {
        let Some(program) = self.programs.get_mut(index) else { return };
        let Respawn { command, uid, gid, .. } = &program.settings;
        match result {
            Ok(pid) => {
                let text = format!("Starting \"{command}\" as uid {uid}  gid {gid} (pid {pid})");
                actions.push(Action::Log(info(text)));
                program.state = State::Running { pid, since: now };
            }
            Err(reason) => {
                let text = format!("Cannot exec {}: {reason}", executable(command));
                actions.push(Action::Log(error(text)));
                program.state = State::GivenUp;
            }
        }
    }

    /// A process ended. False if it was none of ours.
    pub fn ended(&mut self, pid: i32, how: Ended, now: Mono, actions: &mut Vec<Action>) -> bool {
        let runs = |program: &Program| matches!(program.state, State::Running { pid: own, .. } if own == pid);
        let Some(index) = self.programs.iter().position(runs) else { return false };
        let Some(program) = self.programs.get_mut(index) else { return false };
        if self.stopping != Stopping::No {
            program.state = State::GivenUp;
            self.stop_next(now, actions);
            return true;
        }
        program.end(index, how, now, actions);
        true
    }

    /// Stops all programs, the last of the file first, each when the one before has ended.
    pub fn stop(&mut self, now: Mono, actions: &mut Vec<Action>) {
        if self.stopping == Stopping::No {
            self.stop_next(now, actions);
        }
    }

    fn stop_next(&mut self, now: Mono, actions: &mut Vec<Action>) {
        let running = self.programs.iter().rev().find_map(|program| match program.state {
            State::Running { pid, .. } => Some((program, pid)),
            _ => None,
        });
        if let Some((program, pid)) = running {
            let text = format!("killing {} process group {pid} with signal 15", program.settings.command);
            actions.extend([Action::Log(info(text)), Action::Terminate(pid)]);
            self.stopping = Stopping::Until(now + PATIENCE);
        } else if self.stopping != Stopping::Done {
            actions.push(Action::AllStopped);
            self.stopping = Stopping::Done;
        }
    }

    /// Does what is due.
    pub fn tick(&mut self, now: Mono, actions: &mut Vec<Action>) {
        match self.stopping {
            Stopping::No => {
                let due = |program: &Program| matches!(program.state, State::Waiting(until) if until <= now);
                let programs = self.programs.iter().enumerate().filter(|(_, program)| due(program));
                actions.extend(programs.map(|(index, _)| Action::Start(index)));
            }
            Stopping::Until(limit) if limit <= now => {
                let last = self.programs.iter().rev().find_map(|program| match program.state {
                    State::Running { pid, .. } => Some((&program.settings.command, pid)),
                    _ => None,
                });
                if let Some((command, pid)) = last {
                    actions.push(Action::Log(warn(format!("killing {command} process group {pid} with signal 9"))));
                    actions.push(Action::Kill(pid));
                }
                self.stopping = Stopping::Until(now + PATIENCE);
            }
            Stopping::Until(_) | Stopping::Done => {}
        }
    }

    /// When [`tick`](Self::tick) is wanted.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Mono> {
        match self.stopping {
            Stopping::No => {
                let waiting = self.programs.iter().filter_map(|program| match program.state {
                    State::Waiting(until) => Some(until),
                    _ => None,
                });
                waiting.min()
            }
            Stopping::Until(limit) => Some(limit),
            Stopping::Done => None,
        }
    }
}

impl Program {
    fn announce(&mut self, at: Mono, actions: &mut Vec<Action>) {
        let Respawn { command, uid, gid, .. } = &self.settings;
        actions.push(Action::Log(info(format!("Starting child client \"{command}\" ({uid},{gid})"))));
        self.state = State::Waiting(at);
    }

    fn end(&mut self, index: usize, how: Ended, now: Mono, actions: &mut Vec<Action>) {
        let State::Running { pid, since } = self.state else { return };
        let command = &self.settings.command;
        actions.push(Action::Log(ending(command, pid, how)));
        self.state = State::GivenUp;
        if self.settings.failfast && how != Ended::Exited(0) {
            let text = format!("Rebooting system.  Reason: {command}");
            actions.extend([Action::Log((Severity::Emerg, text)), Action::Reboot(index)]);
            return;
        }
        if how == Ended::Exited(NEVER_AGAIN) {
            return;
        }
        self.quick_ends = if now.since(since) < QUICK { self.quick_ends + 1 } else { 0 };
        if self.quick_ends >= TOO_MANY {
            actions.push(Action::Log(error(format!("Client {command} \"respawning too fast\""))));
            return;
        }
        actions.push(Action::Log(error(format!("Respawning client \"{command}\":"))));
        let pause = if self.quick_ends > 0 { PAUSE } else { Duration::ZERO };
        self.announce(now + pause, actions);
    }
}

/// The line for the end of a managed child: `info` for exit status 0, else a warning.
#[must_use]
pub fn ending(name: &str, pid: i32, how: Ended) -> Line {
    match how {
        Ended::Exited(0) => info(format!("Managed {name} process {pid} exited with return code 0.")),
        Ended::Exited(status) => warn(format!("Managed {name} process {pid} exited with return code {status}.")),
        Ended::Signalled(signal, core) => {
            let what = description(signal).map(|text| format!(" [{text}]")).unwrap_or_default();
            let core = if core { " - core dumped" } else { "" };
            warn(format!("Managed {name} process {pid} killed by signal {signal}{what}{core}."))
        }
    }
}

/// The program of a command line: its first word.
#[must_use]
pub fn executable(command: &str) -> &str {
    command.split_whitespace().next().unwrap_or(command)
}

#[cfg(test)]
#[path = "respawn_tests.rs"]
mod tests;
