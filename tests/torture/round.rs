//! One round: something is done to a node, later undone, and then everything must come to rest in order.

use std::thread;
use std::time::{Duration, Instant};

use testkit::cluster::{Context as _, Program, Result, bail};
use testkit::resource_trace::{Owners, Sampler, Stage};
use testkit::rng::Rng;

use crate::excuses::{Excuses, Why};
use crate::summary::Summary;

const NODES: [&str; 2] = ["alpha", "beta"];
/// The resources, and the nodes of their groups.
const RESOURCES: [(&str, &str); 4] =
    [("LabA.a1", "alpha"), ("LabB.b1", "alpha"), ("LabB.b2", "alpha"), ("LabC.c1", "beta")];
const SETS: [&str; 3] = ["all", "local", "foreign"];

/// How long owners must stay as they are for the cluster to be at rest. Longer than `deadtime` and a restart.
const REST: Duration = Duration::from_secs(6);

/// Ends a wait for rest. A partition takes about twenty seconds, a start with a wait for the peer about fifteen.
const CEILING: Duration = Duration::from_secs(90);

/// What can be done to a node.
#[derive(Debug, Clone, Copy)]
enum Deed {
    PowerOff,
    Kill,
    Stop,
    Standby,
    Takeover,
    Cut,
}

const DEEDS: [Deed; 6] = [Deed::PowerOff, Deed::Kill, Deed::Stop, Deed::Standby, Deed::Takeover, Deed::Cut];

/// All that happens to one cluster.
pub(crate) struct Story<'a> {
    stage: &'a Stage,
    rng: Rng,
    failback: bool,
    sampler: Sampler,
    excuses: Excuses,
    judged: usize,
    history: Vec<String>,
    /// What was seen so far.
    pub(crate) summary: Summary,
}

impl<'a> Story<'a> {
    pub(crate) fn new(stage: &'a Stage, rng: Rng, failback: bool, afterwards: Duration) -> Self {
        let (sampler, excuses, summary) = (stage.sample(), Excuses::new(afterwards), Summary::default());
        Self { stage, rng, failback, sampler, excuses, judged: 0, history: Vec::new(), summary }
    }

    /// What was done so far, for people.
    pub(crate) fn history(&self) -> String {
        self.history.join("\n")
    }

    /// Both start.
    pub(crate) fn begin(&mut self) -> Result<()> {
        self.stage.boot_all(&NODES)?;
        self.rest().context("start")
    }

    /// One deed, its end some time later, rest, and a look at who ran what meanwhile.
    pub(crate) fn round(&mut self, number: u64) -> Result<()> {
        let (deed, node) = (*self.rng.pick(&DEEDS), *self.rng.pick(&NODES));
        let set = *self.rng.pick(&SETS);
        let length = Duration::from_millis(u64::try_from(self.rng.below(12_000))?);
        self.history.push(format!("round {number}: {deed:?} {node} {set}, for {length:?}"));
        let result = self.act(deed, node, set, length).and_then(|()| self.rest());
        self.judge(number);
        self.summary.rounds += u64::from(result.is_ok());
        result.with_context(|| format!("round {number}: {deed:?} {node} {set}"))
    }

    fn act(&mut self, deed: Deed, node: &str, set: &str, length: Duration) -> Result<()> {
        let stage = self.stage;
        match deed {
            Deed::PowerOff => {
                stage.power_off(node)?;
                thread::sleep(length);
                stage.boot(node)
            }
            Deed::Kill => {
                let begin = Instant::now();
                stage.kill_daemon(node)?;
                thread::sleep(length);
                let done = if self.must_reboot(node)? {
                    stage.power_off(node).and_then(|()| stage.boot(node))
                } else {
                    stage.start(node)
                };
                self.excuses.add(Why::Killed, begin);
                done
            }
            Deed::Stop => {
                stage.stop(node)?;
                thread::sleep(length);
                stage.start(node)
            }
            Deed::Standby => stage.standby(node, set),
            Deed::Takeover => stage.takeover(node, set),
            Deed::Cut => {
                let begin = Instant::now();
                stage.cut(1)?;
                thread::sleep(length);
                stage.heal(1)?;
                self.excuses.add(Why::Cut, begin);
                Ok(())
            }
        }
    }

    /// True if an original whose daemon was killed runs what would not be given back to it. It never stops what runs at
    /// its start already, so such a machine needs what a watchdog does. Ours stops it.
    fn must_reboot(&self, node: &str) -> Result<bool> {
        if self.stage.program(node)? != Program::Original {
            return Ok(false);
        }
        let owners = self.stage.owners();
        let mut running = owners.iter().filter(|(_, nodes)| nodes.iter().any(|other| other == node));
        Ok(running.any(|(resource, nodes)| {
            let own = RESOURCES.contains(&(resource.as_str(), node));
            !own || (nodes.len() > 1 && !self.failback)
        }))
    }

    /// Waits until owners have not changed for a while and each resource has one.
    fn rest(&mut self) -> Result<()> {
        let end = Instant::now() + CEILING;
        let (mut last, mut since, mut helped) = (self.stage.owners(), Instant::now(), false);
        while Instant::now() < end {
            thread::sleep(Duration::from_millis(100));
            let now = self.stage.owners();
            if now != last {
                (last, since) = (now, Instant::now());
            } else if since.elapsed() > REST && in_order(&last) {
                return Ok(());
            } else if since.elapsed() > 3 * REST && !helped {
                helped = true;
                self.help_an_original(&last)?;
            }
        }
        bail!("no rest within {CEILING:?}: {last:?}")
    }

    /// An original that returns before anyone missed it, or whose peer does, may leave its own groups to nobody;
    /// it says `No one owns our local resources!` and waits for a person. Ours has to take them by itself.
    fn help_an_original(&mut self, owners: &Owners) -> Result<()> {
        for node in NODES {
            let orphaned = RESOURCES.iter().any(|(resource, home)| *home == node && !owners.contains_key(*resource));
            if orphaned && self.stage.program(node)? == Program::Original {
                self.summary.helped += 1;
                self.stage.takeover(node, "local")?;
            }
        }
        Ok(())
    }

    /// Looks at the times with two owners since the last round.
    fn judge(&mut self, number: u64) {
        let shared = self.sampler.shared();
        for sighting in shared.iter().skip(self.judged) {
            let length = sighting.to.saturating_duration_since(sighting.from);
            if let Some((why, after)) = self.excuses.find(sighting) {
                self.summary.excuse(why.to_string(), length, after);
            } else {
                let deed = self.history.last().map_or("", String::as_str);
                let (resource, nodes) = (&sighting.resource, sighting.nodes.join(" and "));
                let ago = sighting.to.elapsed();
                let text = format!("round {number} ({deed}): {resource} on {nodes} for {length:.2?}, {ago:.1?} ago");
                self.summary.violations.push(text);
            }
        }
        self.judged = shared.len();
    }
}

/// True if each resource has one owner.
fn in_order(owners: &Owners) -> bool {
    RESOURCES.iter().all(|(resource, _)| owners.get(*resource).is_some_and(|nodes| nodes.len() == 1))
}
