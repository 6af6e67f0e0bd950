//! Children of daemons: what the original's scripts do with groups, step by step (resource specification, sections 1.8,
//! 2.2 to 2.7, 3.3).

use std::collections::VecDeque;

use cluster_protocol::input::Input;
use cluster_protocol::message::Message;
use cluster_protocol::resources::{Job, JobEnd, JobId, Set};

use super::{Happening, World, ask};
use crate::host::Waiting;
use crate::machine::{Child, Step};

const MILLISECOND: u64 = 1000;
/// A start failed: the groups of that set go to the other node so much later.
const DELAYED_STANDBY: u64 = 30_000_000;

impl World {
    /// The daemon wants this done.
    pub(super) fn run_child(&mut self, host: usize, id: JobId, job: &Job) -> Result<(), String> {
        let name = &self.hosts[host].name;
        let text = format!("{name} runs {}: {job:?}", id.0);
        self.log.bytes(text.as_bytes());
        self.log.say(self.now, || text);
        self.summary.children += 1;
        let works_on_resources = !matches!(job, Job::Fence { .. } | Job::CheckDevice);
        let moves = !matches!(job, Job::Script { kind, message } if kind != "ip-request-resp"
            && (kind != "status" || message.str("st") != Some("dead")));
        let number = self.hosts[host].lives;
        let (steps, status) = self.steps_of(host, job);
        let random = self.rng.below(4);
        let machine = &mut self.hosts[host].machine;
        let killed = moves && machine.kills > 0;
        let killed_after = killed.then_some(random);
        if killed {
            machine.kills -= 1;
        }
        let begins = !(moves && machine.no_children > 0);
        if !begins {
            machine.no_children -= 1;
        }
        let begun = self.now;
        let mut child =
            Child { id, life: number, begun, steps, killed_after, status, works_on_resources, moves, hangs: false };
        if !begins {
            child.steps.clear();
            child.killed_after = Some(0);
        }
        machine.last_child += 1;
        let (child_number, boots) = (machine.last_child, machine.boots);
        machine.children.insert(child_number, child);
        let life = self.hosts[host].life.as_mut().ok_or("no daemon wants anything")?;
        life.jobs.insert(id);
        let at = self.now + 500 + self.rng.below(20 * MILLISECOND);
        self.at(at, Happening::Child(host, boots, child_number));
        Ok(())
    }

    fn groups_of(&self, homes: impl Fn(usize) -> bool) -> Vec<usize> {
        (0..self.groups.len()).filter(|&group| homes(self.groups[group].home)).collect()
    }

    fn in_set(&self, host: usize, set: Set, only: &[String]) -> Vec<usize> {
        let wanted = |home: usize| {
            let part = if home == host { Set::LOCAL } else { Set::FOREIGN };
            set.has(part) && (only.is_empty() || only.contains(&self.hosts[home].name))
        };
        self.groups_of(wanted)
    }

    fn group_of(&self, key: Option<&str>) -> Option<usize> {
        key?.strip_prefix("group")?.parse().ok().filter(|group| *group < self.groups.len())
    }

    /// What a job consists of, and its exit status.
    fn steps_of(&mut self, host: usize, job: &Job) -> (VecDeque<Step>, i32) {
        let takes = |groups: Vec<usize>| groups.into_iter().map(Step::Take).collect::<VecDeque<_>>();
        let gives = |groups: Vec<usize>| groups.into_iter().map(Step::Give).collect::<VecDeque<_>>();
        let steps = match job {
            Job::AcquireLocal { dont_ask, .. } => {
                let asks = self.hosts[host].legacy() && !dont_ask;
                self.groups_of(|home| home == host).into_iter().map(|group| Step::Request(group, asks)).collect()
            }
            Job::Acquire { set, only } => takes(self.in_set(host, *set, only)),
            Job::Release { set, only } => gives(self.in_set(host, *set, only)),
            Job::GiveUp => gives((0..self.groups.len()).collect()),
            Job::Script { kind, message } => self.script_steps(host, kind, message),
            Job::Fence { node } => {
                let victim = self.hosts.iter().position(|host| host.name == *node);
                let machine = &mut self.hosts[host].machine;
                let fails = machine.fencing_fails > 0;
                machine.fencing_fails -= u64::from(fails);
                let status = if fails { [1, 100][usize::try_from(machine.fencing_fails % 2).unwrap()] } else { 0 };
                return (victim.map(|victim| Step::Reset(victim, status)).into_iter().collect(), status);
            }
            Job::CheckDevice => VecDeque::new(),
        };
        (steps, 0)
    }

    fn script_steps(&self, host: usize, kind: &str, message: &Message) -> VecDeque<Step> {
        let (name, legacy) = (&self.hosts[host].name, self.hosts[host].legacy());
        let source = message.str("src").unwrap_or_default();
        let group = self.group_of(message.str("ipaddr"));
        match kind {
            "status" if message.str("st") == Some("dead") && message.str("info").is_none() && source != name => {
                let home = |home: usize| self.hosts[home].name == source;
                let told = Message::of_type("resource").with("rsc_hold", "foreign").with("info", "mach_down");
                let told = (!legacy).then_some(Step::Say(told));
                self.groups_of(home).into_iter().map(Step::Take).chain(told).collect()
            }
            "ip-request" if source != name => {
                group.map(|group| Step::Answer(group, source.to_owned())).into_iter().collect()
            }
            "ip-request-resp" if message.str("dest") == Some(name) && message.str("ok") == Some("OK") => {
                group.map(Step::Take).into_iter().collect()
            }
            "hb_takeover" if source != name => {
                let set = match message.str("rsc_hold") {
                    Some("local") => "foreign",
                    Some("foreign") => "local",
                    _ => "all",
                };
                [Step::Say(ask(set))].into()
            }
            _ => VecDeque::new(),
        }
    }

    /// How long a script takes to start or stop something.
    fn script_time(&mut self, host: usize) -> u64 {
        if self.now < self.hosts[host].machine.slow_until {
            return 200 * MILLISECOND + self.rng.below(3000 * MILLISECOND);
        }
        let longest = if self.rng.below(8) == 0 { 800 } else { 40 };
        2 * MILLISECOND + self.rng.below(longest * MILLISECOND)
    }

    /// The next step of a child, or its end.
    pub(super) fn step(&mut self, host: usize, number: u64) -> Result<(), String> {
        let Some(child) = self.hosts[host].machine.children.get_mut(&number) else { return Ok(()) };
        if let Some(left) = &mut child.killed_after {
            if *left == 0 || child.steps.is_empty() {
                let signal = if child.steps.is_empty() { 0 } else { 9 };
                return self.end_child(host, number, JobEnd::Killed(signal));
            }
            *left -= 1;
        }
        let Some(step) = child.steps.pop_front() else {
            let status = child.status;
            return self.end_child(host, number, JobEnd::Exited(status));
        };
        let name = &self.hosts[host].name;
        self.log.say(self.now, || format!("{name} child {number}: {step:?}"));
        let boots = self.hosts[host].machine.boots;
        if let Some(lasts) = self.perform_step(host, number, step)? {
            self.at(self.now + lasts, Happening::Child(host, boots, number));
        }
        Ok(())
    }

    /// One step. How long it takes; `None` if it never ends.
    fn perform_step(&mut self, host: usize, number: u64, step: Step) -> Result<Option<u64>, String> {
        let short = MILLISECOND + self.rng.below(10 * MILLISECOND);
        match step {
            Step::Request(group, asks) => {
                if self.hosts[host].machine.running[group].first().is_some_and(Option::is_none) {
                    let own = self.hosts[host].name.clone();
                    let message = if asks {
                        Message::of_type("ip-request").with("ipaddr", format!("group{group}"))
                    } else {
                        granted(group, &own)
                    };
                    self.then(host, number, [Step::Say(message)]);
                }
            }
            Step::Take(group) => {
                let members = 0..self.groups[group].members;
                self.then(host, number, members.map(|member| Step::Start(group, member)));
            }
            Step::Start(group, member) => return self.start_member(host, number, group, member),
            Step::Failed(group) => {
                if let Some(child) = self.hosts[host].machine.children.get_mut(&number) {
                    child.steps.retain(|step| !matches!(step, Step::Start(other, _) if *other == group));
                }
                self.then(host, number, [Step::Give(group)]);
                self.start_failed(host, group);
            }
            Step::Give(group) => {
                let members = (0..self.groups[group].members).rev();
                self.then(host, number, members.map(|member| Step::Stop(group, member)));
            }
            Step::Stop(group, member) => {
                if self.hosts[host].machine.running[group][member].is_some() {
                    self.stays_undisturbed(host, number, "stopped")?;
                }
                if self.hosts[host].machine.stop_fails {
                    let back = 1_000_000 + self.rng.below(4_000_000);
                    self.reset(host, back, false);
                    return Ok(None);
                }
                self.then(host, number, [Step::Stopped(group, member)]);
                return Ok(Some(self.script_time(host)));
            }
            Step::Stopped(group, member) => self.hosts[host].machine.running[group][member] = None,
            Step::Answer(group, to) => {
                let runs = self.hosts[host].machine.running[group].first().is_some_and(Option::is_some);
                let give = runs.then_some(Step::Give(group));
                self.then(host, number, give.into_iter().chain([Step::Say(granted(group, &to))]));
            }
            Step::Say(message) => self.say(host, message)?,
            Step::Reset(victim, status) => {
                let hangs = std::mem::take(&mut self.hosts[host].machine.fencing_hangs);
                if hangs > 0 {
                    self.then(host, number, [Step::Reset(victim, status)]);
                    return Ok(Some(hangs));
                }
                if status == 0 {
                    self.summary.resets += 1;
                    let back = 500_000 + self.rng.below(6_000_000);
                    self.reset(victim, back, true);
                }
            }
        }
        Ok(Some(short))
    }

    fn start_member(&mut self, host: usize, number: u64, group: usize, member: usize) -> Result<Option<u64>, String> {
        let machine = &self.hosts[host].machine;
        // The status call before every start.
        if machine.running[group][member].is_some() {
            return Ok(Some(MILLISECOND));
        }
        let Some((begun, life)) = machine.children.get(&number).map(|child| (child.begun, child.life)) else {
            return Ok(None);
        };
        let fails = machine.failing.get(&group).is_some_and(|until| self.now < *until);
        self.stays_undisturbed(host, number, "started")?;
        self.may_start(host, group, begun, life)?;
        self.summary.starts += 1;
        self.lost.remove(&group);
        // A child of a daemon that is gone starts something that no daemon knows of.
        let known = self.hosts[host].lives == life || self.hosts[host].life.is_none();
        let machine = &mut self.hosts[host].machine;
        machine.running[group][member] = Some(if known { machine.lineage } else { 0 });
        if machine.hang_next {
            machine.hang_next = false;
            if let Some(child) = machine.children.get_mut(&number) {
                child.hangs = true;
            }
            return Ok(None);
        }
        if fails {
            self.then(host, number, [Step::Failed(group)]);
        }
        Ok(Some(self.script_time(host)))
    }

    /// `ResourceManager` gives a group up whose start failed, and sends it to the other node half a minute later. The
    /// original always says `foreign`, so that groups that fail at home stay stopped; ours tries each node once.
    fn start_failed(&mut self, host: usize, group: usize) {
        let first = !self.failed[group].contains(&host);
        if first {
            self.failed[group].push(host);
        }
        let as_original = self.hosts[host].settings.resources.as_original;
        let set = if !as_original && self.groups[group].home == host { "local" } else { "foreign" };
        if as_original || (first && self.failed[group].len() < self.hosts.len()) {
            let boots = self.hosts[host].machine.boots;
            self.delayed += 1;
            self.at(self.now + DELAYED_STANDBY, Happening::DelayedStandby(host, boots, set));
        }
    }

    fn then(&mut self, host: usize, number: u64, steps: impl IntoIterator<Item = Step>) {
        if let Some(child) = self.hosts[host].machine.children.get_mut(&number) {
            let rest = std::mem::take(&mut child.steps);
            child.steps.extend(steps);
            child.steps.extend(rest);
        }
    }

    fn end_child(&mut self, host: usize, number: u64, end: JobEnd) -> Result<(), String> {
        let Some(child) = self.hosts[host].machine.children.remove(&number) else { return Ok(()) };
        self.job_ended(host, child.life, child.id, end)?;
        self.tell_groups(host)
    }

    pub(super) fn job_ended(&mut self, host: usize, life: u64, id: JobId, end: JobEnd) -> Result<(), String> {
        if self.hosts[host].life_of(life).is_none() {
            return Ok(());
        }
        if self.hosts[host].stalled {
            self.hosts[host].queue(Waiting::Ended(life, id, end));
            return Ok(());
        }
        if let Some(life) = self.hosts[host].life_of(life) {
            life.jobs.remove(&id);
        }
        self.feed(host, Input::JobEnded { id, end }, None)
    }

    /// What the status command of the peers shows.
    fn tell_groups(&mut self, host: usize) -> Result<(), String> {
        let machine = &self.hosts[host].machine;
        let word = |group: usize| match (machine.runs(group), machine.runs_whole(group)) {
            (_, true) => "running",
            (true, _) => "part",
            _ => "stopped",
        };
        let text: Vec<String> = (0..self.groups.len()).map(|group| format!("group{group}={}", word(group))).collect();
        let text = text.join(",");
        if self.hosts[host].stalled || text == machine.truth {
            return Ok(());
        }
        self.hosts[host].machine.truth.clone_from(&text);
        self.feed(host, Input::Groups(&text), None)
    }
}

/// The message that lets a node start a group.
fn granted(group: usize, to: &str) -> Message {
    Message::of_type("ip-request-resp")
        .with("dest", to)
        .with("ipaddr", format!("group{group}"))
        .with("weown", "yes")
        .with("ok", "OK")
}
