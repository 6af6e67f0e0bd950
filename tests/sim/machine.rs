//! What runs on one machine besides the daemon: groups, children that work on them, and what may go wrong with them.
//!
//! A member of a group counts as running from the first moment of its start to the last moment of its stop: whatever
//! two machines do at the same time with one address is a conflict. Groups and children outlive the daemon, not the
//! machine.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use cluster_protocol::message::Message;
use cluster_protocol::resources::{JobId, Set};

/// One line of `haresources`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Group {
    /// The node that the line names.
    pub(crate) home: usize,
    /// How many scripts it has; they are started in order and stopped in the opposite order.
    pub(crate) members: usize,
}

/// What goes wrong with scripts and fencing devices.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Fault {
    /// Every start and stop takes seconds, for so long.
    Slow(u64),
    /// Starts of this group fail, for so long.
    FailingStarts(usize, u64),
    /// The next start never ends.
    HangingStart,
    /// The next stop fails, and the resource runs on: the machine is reset (resource specification, section 1.8).
    FailingStop,
    /// So many of the next children are killed before they end.
    Kills(u64),
    /// So many of the next children cannot be started.
    NoChildren(u64),
    /// So many of the next resets fail.
    FencingFails(u64),
    /// The next reset takes so long.
    FencingHangs(u64),
}

/// What a child does next.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// Asks for one of our groups if it does not run (`req_resource`); `true`: the peers, not ourselves.
    Request(usize, bool),
    /// Starts the members that do not run.
    Take(usize),
    Start(usize, usize),
    /// The start that has just ended had failed.
    Failed(usize),
    Give(usize),
    Stop(usize, usize),
    Stopped(usize, usize),
    /// A message through the FIFO.
    Say(Message),
    /// Answers a peer's request for a group: released if it runs, then told.
    Answer(usize, String),
    /// The machine is reset now; or that failed with this exit status.
    Reset(usize, i32),
}

/// A child of the daemon.
#[derive(Clone, Debug)]
pub(crate) struct Child {
    pub(crate) id: JobId,
    /// Of which daemon.
    pub(crate) life: u64,
    pub(crate) begun: u64,
    pub(crate) steps: VecDeque<Step>,
    /// It is killed after so many steps, or at its end.
    pub(crate) killed_after: Option<u64>,
    pub(crate) status: i32,
    pub(crate) hangs: bool,
    pub(crate) works_on_resources: bool,
    /// It may start or stop something; most scripts do not.
    pub(crate) moves: bool,
}

/// The machine.
#[derive(Debug, Default)]
pub(crate) struct Machine {
    /// Which line of daemons started each running member, by group.
    pub(crate) running: Vec<Vec<Option<u64>>>,
    /// Daemons in a row of reloads count as one.
    pub(crate) lineage: u64,
    /// What a reload leaves to the next daemon.
    pub(crate) held: Option<Set>,
    /// Whose groups these are.
    pub(crate) homes: Vec<String>,
    pub(crate) children: BTreeMap<u64, Child>,
    pub(crate) last_child: u64,
    /// Starts of the machine; outdated events are known by it.
    pub(crate) boots: u64,
    /// Groups that ran here when the machine lost its power, as long as nobody reset it and it did not start again.
    pub(crate) unfenced: BTreeSet<usize>,
    /// Groups that ran here, or waited for a start that hung, when the machine was reset, as long as no daemon noticed
    /// that it was gone.
    pub(crate) lost: BTreeSet<usize>,
    /// A daemon was killed since the machine's start, so that groups may run which no daemon knows of.
    pub(crate) orphans: bool,
    pub(crate) slow_until: u64,
    pub(crate) failing: BTreeMap<usize, u64>,
    pub(crate) hang_next: bool,
    pub(crate) stop_fails: bool,
    pub(crate) kills: u64,
    pub(crate) no_children: u64,
    pub(crate) fencing_fails: u64,
    pub(crate) fencing_hangs: u64,
    /// What peers are told about the groups.
    pub(crate) truth: String,
}

impl Machine {
    pub(crate) fn new(groups: &[Group]) -> Self {
        Self { running: groups.iter().map(|group| vec![None; group.members]).collect(), ..Self::default() }
    }

    /// Any member of the group runs.
    pub(crate) fn runs(&self, group: usize) -> bool {
        self.running[group].iter().any(Option::is_some)
    }

    /// All of them do.
    pub(crate) fn runs_whole(&self, group: usize) -> bool {
        self.running[group].iter().all(Option::is_some)
    }

    /// The daemon of today, or the one whose groups and claims it took over, started a member that runs.
    pub(crate) fn runs_by_daemon(&self, group: usize) -> bool {
        self.running[group].contains(&Some(self.lineage))
    }

    /// A child works on resources.
    pub(crate) fn works(&self) -> bool {
        self.children.values().any(|child| child.works_on_resources)
    }

    /// A start never ends.
    pub(crate) fn hangs(&self) -> bool {
        self.children.values().any(|child| child.hangs)
    }

    /// Power off and on: nothing runs any more.
    pub(crate) fn reset(&mut self, fenced: bool) {
        self.unfenced
            .extend((0..self.running.len()).filter(|&group| self.running[group].contains(&Some(self.lineage))));
        let lost: Vec<usize> = (0..self.running.len()).filter(|&group| self.runs(group) || self.hangs()).collect();
        self.lost.extend(lost);
        if fenced {
            self.unfenced.clear();
        }
        self.running.iter_mut().flatten().for_each(|member| *member = None);
        self.children.clear();
        self.boots += 1;
        self.held = None;
        self.homes.clear();
        self.orphans = false;
        self.hang_next = false;
        self.stop_fails = false;
        self.kills = 0;
        self.no_children = 0;
    }

    pub(crate) fn add(&mut self, fault: Fault, now: u64) {
        match fault {
            Fault::Slow(lasts) => self.slow_until = now + lasts,
            Fault::FailingStarts(group, lasts) => {
                self.failing.insert(group, now + lasts);
            }
            Fault::HangingStart => self.hang_next = true,
            Fault::FailingStop => self.stop_fails = true,
            Fault::Kills(count) => self.kills = count,
            Fault::NoChildren(count) => self.no_children = count,
            Fault::FencingFails(count) => self.fencing_fails = count,
            Fault::FencingHangs(lasts) => self.fencing_hangs = lasts,
        }
    }

    /// From now on everything works.
    pub(crate) fn repair(&mut self) {
        self.slow_until = 0;
        self.failing.clear();
        (self.hang_next, self.stop_fails) = (false, false);
        (self.kills, self.no_children, self.fencing_fails, self.fencing_hangs) = (0, 0, 0, 0);
    }
}
