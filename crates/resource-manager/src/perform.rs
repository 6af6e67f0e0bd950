//! Does what [`crate::group`] decides: calls the scripts, writes the log, keeps the record of what became of the group.

use crate::group::{Answer, Ask, Member, Note, Plan, Transition};
use crate::halog::HaLog;
use crate::lookup;
use crate::reboot;
use crate::resource::Resource;
use crate::run::{self, Runner, Running, Stderr};
use crate::settings::Settings;
use crate::table;
use crate::truth::{Failure, GroupTruth};
use ha_config::haresources::Group;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{SystemTime, UNIX_EPOCH};

/// How long the peer of a node where a start failed has to wait, in seconds: the original's time.
const STANDBY_DELAY: &str = "30";

/// What is to become of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Goal {
    /// All resources run.
    Acquire,
    /// None does.
    Release,
}

/// Acquires or releases one group, and gives the exit status of `ResourceManager`: 0, or that of the last stop before a
/// reboot that did not happen.
pub fn perform(group: &Group, goal: Goal, settings: &Settings, log: &HaLog) -> i32 {
    let resources: Vec<Resource> = group.resources.iter().map(|word| Resource::parse(&word.text)).collect();
    let truth = GroupTruth::load(&settings.truth_directory, table::key(group), &group.node.text);
    let member = |resource: &Resource| Member { word: resource.word.clone(), address: resource.holds_address() };
    let plan = Plan {
        shown: table::shown(group),
        members: resources.iter().map(member).collect(),
        own: group.node.text == settings.node,
        failed_before: truth.failed_starts,
        stop_retries: settings.stop_retries,
    };
    let mut transition = match goal {
        Goal::Acquire => Transition::acquire(plan),
        Goal::Release => Transition::release(plan),
    };
    let runner = Runner { settings, log, stderr: Stderr::DebugLog };
    let mut performer = Performer { runner, resources, truth };
    let mut answer = Answer::Begin;
    loop {
        let mut notes = Vec::new();
        let ask = transition.next(answer, &mut notes);
        notes.into_iter().for_each(|note| performer.note(note));
        answer = match ask {
            Ask::Finished(code) => return code,
            other => performer.answer(other),
        };
    }
}

struct Performer<'a> {
    runner: Runner<'a>,
    resources: Vec<Resource>,
    truth: GroupTruth,
}

impl Performer<'_> {
    fn answer(&self, ask: Ask) -> Answer {
        match ask {
            Ask::Status(resource) => match self.resources.get(resource).map(|resource| self.runner.status(resource)) {
                Some(Running::Yes) => Answer::Running(true),
                Some(Running::Unknown) => Answer::Unknown,
                Some(Running::No) | None => Answer::Running(false),
            },
            Ask::Start(resource) => self.operate(resource, "start"),
            Ask::Stop(resource) => self.operate(resource, "stop"),
            Ask::Wait(time) => {
                thread::sleep(time);
                Answer::Done
            }
            Ask::Reboot => {
                reboot::reboot(self.runner.settings, self.runner.log);
                Answer::Done
            }
            Ask::Finished(_) => Answer::Done,
        }
    }

    fn operate(&self, resource: usize, verb: &str) -> Answer {
        Answer::Code(self.resources.get(resource).map_or(1, |resource| self.runner.operate(resource, verb)))
    }

    fn note(&mut self, note: Note) {
        match note {
            Note::Log(text) => self.runner.log.log(&text),
            Note::Announce(resource) => {
                if let Some(resource) = self.resources.get(resource) {
                    announce(resource, self.runner.settings);
                }
            }
            Note::State(state) => {
                self.truth.enter(state, now());
                self.truth.save(&self.runner.settings.truth_directory);
            }
            Note::Failed { resource, verb, code } => {
                let word = self.resources.get(resource).map_or("", |resource| resource.word.as_str());
                self.truth.failed(Failure { resource: word.to_owned(), verb: verb.to_owned(), code, time: now() });
                self.truth.save(&self.runner.settings.truth_directory);
            }
            Note::DelayedStandby(set) => delayed_standby(set, self.runner.settings, self.runner.log),
        }
    }
}

/// Seconds since 1970.
fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs())
}

/// Tells the neighbours where an address is that was here already: the peer may have announced it meanwhile. Done by
/// the built-in resource of that name, whatever script holds the address, in the background.
fn announce(resource: &Resource, settings: &Settings) {
    let Some(builtins) = lookup::installed() else { return };
    if !builtins.names.contains(&resource.script.as_str()) {
        return;
    }
    let mut command = Command::new(&builtins.program);
    command.arg0(&resource.script).args(&resource.arguments).arg("announce");
    background(command, settings);
}

/// Has the built-in program ask for a standby later. It leaves our session by itself.
fn delayed_standby(set: &str, settings: &Settings, log: &HaLog) {
    let started = lookup::installed().is_some_and(|builtins| {
        let mut command = Command::new(&builtins.program);
        command.args(["--delayed-standby", STANDBY_DELAY, set]);
        background(command, settings)
    });
    if !started {
        log.log(&format!("ERROR: The standby [{set}] after the failed start cannot be scheduled"));
    }
}

/// Starts a program that nobody waits for.
fn background(mut command: Command, settings: &Settings) -> bool {
    run::surround(&mut command, settings);
    command.stdin(Stdio::null()).stdout(run::sink(settings)).stderr(run::sink(settings));
    command.spawn().is_ok()
}

#[cfg(test)]
#[path = "perform_tests.rs"]
mod tests;
