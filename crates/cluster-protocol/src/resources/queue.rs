//! Children at work, and the scripts that wait for them: scripts run one after the other, and only while no other child
//! works on resources (resource specification, section 3.3).

use super::event::ResourceEvent;
use super::{Engine, Job, JobEnd, JobId, Wish};
use crate::fields::{F_ORIG, F_STATUS, ST_DEAD, T_STATUS};
use crate::message::Message;
use crate::time::Mono;
use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

/// The most messages that wait for scripts. A script that hangs must not fill the memory.
const MOST_WAITING: usize = 1000;
/// A child that was killed is run again after this time.
const REPEAT_AFTER: Duration = Duration::from_secs(1);
/// And so often.
const MOST_REPEATS: u32 = 5;
/// A takeover's script tells its end by a message; after it ended, the message may take so long.
const TELLING: Duration = Duration::from_secs(2);

/// A child at work, or one to be run again.
#[derive(Clone, Debug)]
struct Running {
    job: Job,
    repeats: u32,
    again_at: Option<Mono>,
}

/// Children and waiting scripts.
#[derive(Clone, Debug, Default)]
pub(crate) struct Queue {
    running: BTreeMap<JobId, Running>,
    waiting: VecDeque<(String, Message)>,
    last: u64,
}

impl Queue {
    /// No child works on resources. Waiting scripts do not count, as in the original.
    pub(crate) fn idle(&self) -> bool {
        !self.running.values().any(|running| running.job.is_resource_work())
    }

    /// A child moves groups to or from another node.
    pub(crate) fn moves_groups(&self) -> bool {
        let moves = |job: &Job| matches!(job, Job::Acquire { .. } | Job::Release { .. } | Job::GiveUp);
        self.running.values().any(|running| moves(&running.job))
    }

    /// A child stops groups.
    pub(crate) fn releases(&self) -> bool {
        self.running.values().any(|running| matches!(running.job, Job::Release { .. } | Job::GiveUp))
    }

    /// Groups are being acquired, or will be as soon as it is a script's turn.
    pub(crate) fn acquires(&self) -> bool {
        let acquiring = |kind: &str, message: &Message| {
            kind.starts_with("ip-request") || (kind == T_STATUS && message.str(F_STATUS) == Some(ST_DEAD))
        };
        let running = |job: &Job| match job {
            Job::AcquireLocal { .. } | Job::Acquire { .. } => true,
            Job::Script { kind, message } => acquiring(kind, message),
            _ => false,
        };
        self.running.values().any(|it| running(&it.job))
            || self.waiting.iter().any(|(kind, message)| acquiring(kind, message))
    }

    /// Nothing runs and nothing waits.
    pub(crate) fn empty(&self) -> bool {
        self.idle() && self.waiting.is_empty()
    }

    pub(crate) fn next_deadline(&self) -> Option<Mono> {
        self.running.values().filter_map(|running| running.again_at).min()
    }

    /// Names of what runs, for whoever asks.
    pub(crate) fn names(&self) -> Vec<String> {
        self.running.values().map(|running| running.job.name()).collect()
    }

    /// A takeover's script waits for its turn.
    pub(crate) fn will_take_over(&self, node: &str) -> bool {
        self.waiting.iter().any(|(_, message)| is_death_of(message, node))
    }

    pub(crate) fn is_taking_over(&self, node: &str) -> bool {
        let runs =
            |running: &Running| matches!(&running.job, Job::Script { message, .. } if is_death_of(message, node));
        self.will_take_over(node) || self.running.values().any(runs)
    }
}

fn is_death_of(message: &Message, node: &str) -> bool {
    message.str(F_STATUS) == Some(ST_DEAD) && message.str(F_ORIG) == Some(node)
}

impl Engine {
    /// Starts a child now.
    pub(super) fn run(&mut self, job: Job) {
        self.queue.last += 1;
        let id = JobId(self.queue.last);
        self.queue.running.insert(id, Running { job: job.clone(), repeats: 0, again_at: None });
        if self.manages {
            self.wishes.push(Wish::Run(id, job));
        }
    }

    /// Who manages no resources has nothing to do, and is done at once.
    pub(super) fn end_idle_jobs(&mut self, now: Mono) {
        if self.manages {
            return;
        }
        while let Some(id) = self.queue.running.keys().next().copied() {
            self.job_ended(id, JobEnd::Exited(0), now);
        }
    }

    /// Queues a message for its script in `rc.d`.
    pub(super) fn script(&mut self, kind: &str, message: Message) {
        if !self.manages {
            return;
        }
        if self.queue.waiting.len() >= MOST_WAITING {
            self.log(ResourceEvent::QueueFull(kind.to_owned()));
            return;
        }
        self.queue.waiting.push_back((kind.to_owned(), message));
        self.pump();
    }

    /// Runs the next script if it is its turn.
    pub(super) fn pump(&mut self) {
        if self.frozen() {
            return;
        }
        while self.queue.idle() {
            let Some((kind, message)) = self.queue.waiting.pop_front() else { return };
            self.run(Job::Script { kind, message });
        }
    }

    pub(super) fn repeat_jobs(&mut self, now: Mono) {
        let due: Vec<JobId> = self
            .queue
            .running
            .iter()
            .filter(|(_, running)| running.again_at.is_some_and(|at| at <= now))
            .map(|(id, _)| *id)
            .collect();
        for id in due {
            if let Some(running) = self.queue.running.get_mut(&id) {
                running.again_at = None;
                let job = running.job.clone();
                self.wishes.push(Wish::Run(id, job));
            }
        }
    }

    /// A child ended.
    pub(crate) fn job_ended(&mut self, id: JobId, end: JobEnd, now: Mono) {
        let Some(running) = self.queue.running.get_mut(&id) else { return };
        let name = running.job.name();
        let resource_work = running.job.is_resource_work();
        let event = ResourceEvent::JobEnded { name: name.clone(), status: end };
        // Acquiring and releasing can be done twice, and half done is the worst: nobody knows what runs.
        let killed = matches!(end, JobEnd::Killed(_));
        if killed && resource_work && running.repeats < MOST_REPEATS {
            running.repeats += 1;
            running.again_at = Some(now + REPEAT_AFTER);
            self.log(event);
            self.log(ResourceEvent::JobRepeated(name));
            return;
        }
        let Some(running) = self.queue.running.remove(&id) else { return };
        self.log(event);
        match running.job {
            Job::AcquireLocal { .. } => self.local_acquired(now),
            Job::Acquire { set, only } => self.standby_done(set, &only, now),
            Job::Release { .. } => self.released(now),
            Job::GiveUp => self.gave_up(),
            Job::Script { kind, message } => self.script_ended(&kind, &message, now),
            Job::Fence { node } => self.fenced(&node, end, now),
            Job::CheckDevice if end == JobEnd::Exited(0) => {}
            Job::CheckDevice => self.log(ResourceEvent::DeviceFailed),
        }
        self.settle(now);
    }

    fn script_ended(&mut self, kind: &str, message: &Message, now: Mono) {
        if kind == "ip-request-resp" {
            self.local_done = true;
            self.announce("ip-request-resp");
        }
        let node = message.str(F_ORIG).unwrap_or_default();
        let dead = kind == T_STATUS && message.str(F_STATUS) == Some(ST_DEAD);
        if dead && self.takeover.contains(node) && !self.queue.is_taking_over(node) {
            self.takeover_ends = Some(now + TELLING);
        }
    }
}
