//! A cluster that records, and how a story comes to rest and is compared.

mod acts;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context as _, Result, ensure};

use super::compare::{Comparison, Seen};
use super::format::{Conf, Kind, Row, Trace};
use super::messages::Messages;
use super::owners::{Owners, Sampler, look};
use super::phases::{Free, Phases};
use super::recorder::{Recorder, prepare};
use crate::cluster::{Capture, Cluster, Files, Network, Node, NodeConfig, Program};

/// How long nothing must have happened before a rest is over. Longer than the nodes' `deadtime` of 2 s.
const QUIET: f64 = 2.4;

/// How long a node may still say that it is in transition when all is quiet: a message may have got lost and be sent
/// again.
const PATIENCE: f64 = 4.0;

/// Ends a wait for something that does not come.
const CEILING: Duration = Duration::from_secs(60);

/// Who plays: the programs of the nodes, in the order of their `node` lines.
#[derive(Debug, Clone)]
pub struct Cast {
    /// For reports: `ours+original`.
    pub name: String,
    /// The heartbeat of each node.
    pub programs: Vec<Program>,
    /// Whose scripts the nodes with ours have.
    pub files: Files,
    /// True for the nodes on which calls of `rc.d` are recorded too.
    pub wrapped: Vec<bool>,
}

#[derive(Debug)]
struct Live {
    cluster: Cluster,
    recorders: Vec<Recorder>,
    capture: Capture,
    messages: Mutex<Messages>,
    begun: Instant,
    /// `begun` in seconds of the calendar, as the recorders use them.
    origin: f64,
}

#[derive(Debug, Default)]
struct Script {
    events: Vec<Row>,
    /// The texts of the events that began a phase.
    starts: Vec<String>,
    /// True if the next event does not begin a phase.
    going_on: bool,
}

/// Where a story happens. Without nodes, a rehearsal: nothing happens, but the phases of the story become known.
#[derive(Debug)]
pub struct Stage {
    live: Option<Live>,
    conf: Conf,
    cast: Option<Cast>,
    script: Mutex<Script>,
    expected: Option<Phases>,
}

impl Stage {
    /// A stage without nodes.
    pub fn rehearsal(conf: &Conf) -> Self {
        Self { live: None, conf: conf.clone(), cast: None, script: Mutex::default(), expected: None }
    }

    /// Builds the cluster. With `expected`, a rest is over when everything expected has happened; without, rests have
    /// their full lengths, so that the run can be recorded.
    ///
    /// # Errors
    ///
    /// Those of [`Cluster::new`], and files that cannot be written.
    pub fn new(name: &str, conf: &Conf, cast: &Cast, expected: Option<Phases>) -> Result<Self> {
        let mut configs = Vec::new();
        for (node, program) in conf.nodes().into_iter().zip(&cast.programs) {
            let mut config = NodeConfig::new(node, program.clone());
            let lines =
                conf.ha_cf.lines().filter(|line| !line.starts_with("logfile ") && !line.starts_with("debugfile "));
            config.whole_ha_cf = Some(lines.map(|line| format!("{line}\n")).collect::<String>() + "realtime off\n");
            config.haresources.clone_from(&conf.haresources);
            if *program != Program::Original {
                config.files = cast.files;
            }
            configs.push(prepare(config));
        }
        ensure!(configs.len() == conf.nodes().len(), "{name}: more nodes than programs");
        let cluster = Cluster::new(&format!("{name}, {}", cast.name), &[Network::Bridge], configs)?;
        let wrapped = cast.wrapped.iter().chain(std::iter::repeat(&false));
        let recorders: Vec<_> = cluster
            .nodes()
            .iter()
            .zip(wrapped)
            .map(|(node, wrapped)| Recorder::install(node, *wrapped))
            .collect::<Result<_>>()?;
        let capture = cluster.capture()?;
        let begun = Instant::now();
        let origin = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?.as_secs_f64();
        let live = Some(Live { cluster, recorders, capture, messages: Mutex::default(), begun, origin });
        Ok(Self { live, conf: conf.clone(), cast: Some(cast.clone()), script: Mutex::default(), expected })
    }

    fn script(&self) -> MutexGuard<'_, Script> {
        self.script.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// True if nothing really happens.
    pub fn is_rehearsal(&self) -> bool {
        self.live.is_none()
    }

    /// The texts of the events that began the phases.
    pub fn starts(&self) -> Vec<String> {
        self.script().starts.clone()
    }

    /// The program of a node.
    ///
    /// # Errors
    ///
    /// There is no such node.
    pub fn program(&self, node: &str) -> Result<Program> {
        let at = self.place(node)?;
        Ok(self.cast.as_ref().and_then(|cast| cast.programs.get(at)).cloned().unwrap_or(Program::Original))
    }

    fn place(&self, node: &str) -> Result<usize> {
        self.conf.nodes().iter().position(|name| *name == node).with_context(|| format!("no node {node}"))
    }

    fn now(&self) -> f64 {
        self.live.as_ref().map_or(0.0, |live| live.begun.elapsed().as_secs_f64())
    }

    /// Notes what is about to be done. The first event after a rest begins a phase.
    pub fn event(&self, text: &str) {
        let row = Row::event(self.now(), text);
        let mut script = self.script();
        if !script.going_on {
            script.starts.push(text.to_owned());
            script.going_on = true;
        }
        script.events.push(row);
    }

    /// Notes a result, which begins no phase.
    fn result(&self, text: &str) {
        let row = Row::event(self.now(), text);
        self.script().events.push(row);
    }

    fn on(&self, node: &str, act: impl FnOnce(&Node, &Recorder) -> Result<()>) -> Result<()> {
        let at = self.place(node)?;
        let Some(live) = &self.live else { return Ok(()) };
        let recorder = live.recorders.get(at).context("no recorder")?;
        act(live.cluster.node(at)?, recorder).with_context(|| node.to_owned())
    }

    /// The node itself, for what is not recorded. Nothing happens in a rehearsal.
    ///
    /// # Errors
    ///
    /// Those of `act`.
    pub fn aside(&self, node: &str, act: impl FnOnce(&Node) -> Result<()>) -> Result<()> {
        self.on(node, |node, _| act(node))
    }

    /// Notes what `cl_status rscstatus` says on each node that is on.
    ///
    /// # Errors
    ///
    /// Nothing can be started.
    pub fn rscstatus(&self) -> Result<()> {
        let mut said = String::from("cl_status rscstatus");
        for node in self.live.iter().flat_map(|live| live.cluster.nodes()).filter(|node| node.is_on()) {
            let output = node.run("cl_status", &["rscstatus"])?;
            let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
            said.push_str(&format!(" {}={}", node.name(), if text.is_empty() { "ERROR" } else { &text }));
        }
        self.result(said.trim());
        Ok(())
    }

    /// What is recorded by now, in the order of time.
    ///
    /// # Errors
    ///
    /// A line of a recorder is not in the form.
    pub fn rows(&self) -> Result<Vec<Row>> {
        let mut rows = self.script().events.clone();
        if let Some(live) = &self.live {
            for recorder in &live.recorders {
                rows.extend(recorder.rows(live.origin)?.into_iter().filter(|row| row.kind != Kind::Begin));
            }
            let mut messages = live.messages.lock().unwrap_or_else(PoisonError::into_inner);
            let skip = messages.packets();
            messages.add(&live.capture.after(skip), live.begun);
            rows.extend_from_slice(messages.rows());
        }
        rows.sort_by(|one, two| one.at.total_cmp(&two.at));
        Ok(rows)
    }

    /// The phases up to now.
    ///
    /// # Errors
    ///
    /// As [`Self::rows`].
    pub fn phases(&self) -> Result<Phases> {
        Phases::split(&self.rows()?, &self.conf.nodes(), &self.starts())
    }

    /// Lets everything happen that is going to. Lasts so many seconds when recording, otherwise until everything
    /// expected was seen and nothing happens any more, or half as long again.
    ///
    /// # Errors
    ///
    /// As [`Self::rows`].
    pub fn settle(&self, seconds: f64) -> Result<()> {
        self.script().going_on = false;
        let begin = self.now();
        match (&self.live, &self.expected) {
            (None, _) => {}
            (Some(_), None) => thread::sleep(Duration::from_secs_f64(seconds)),
            (Some(_), Some(expected)) => {
                while self.now() < begin + seconds.mul_add(1.5, 5.0) && !self.is_quiet(expected)? {
                    thread::sleep(Duration::from_millis(400));
                }
                let quiet = self.now();
                while self.now() < quiet + PATIENCE && self.is_in_transition()? {
                    thread::sleep(Duration::from_millis(400));
                }
            }
        }
        Ok(())
    }

    /// True if a node says that it has not come to rest.
    fn is_in_transition(&self) -> Result<bool> {
        for node in self.live.iter().flat_map(|live| live.cluster.nodes()).filter(|node| node.is_on()) {
            if node.cl_status(&["rscstatus"])? == "transition" {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// True if the last phase has all that is expected of it, and nothing happened for a while.
    fn is_quiet(&self, expected: &Phases) -> Result<bool> {
        let phases = self.phases()?;
        let Some(found) = phases.list.last() else { return Ok(false) };
        let Some(wanted) = expected.list.get(phases.list.len().saturating_sub(1)) else { return Ok(false) };
        let complete = wanted.parts.iter().all(|(node, wanted)| {
            found.parts.get(node).is_some_and(|found| {
                let free = |what| wanted.free.contains(&what);
                (free(Free::Calls) || free(Free::Racing) || holds(&found.calls, &wanted.calls))
                    && (free(Free::Fencing) || holds(&found.fencing, &wanted.fencing))
                    && (free(Free::Messages) || holds(&found.messages, &wanted.messages))
            })
        });
        let rows = self.rows()?;
        let last = rows.iter().filter(|row| row.kind != Kind::Event).map(|row| row.at).fold(found.at, f64::max);
        // Where not everything can be waited for, there must be time for a death and what follows it.
        let vague = wanted.parts.values().any(|part| !part.free.is_empty());
        Ok(complete && self.now() > last + if vague { 3.0 * QUIET } else { QUIET })
    }

    /// A rest of exactly this length, because the next event must come at this distance.
    pub fn wait(&self, seconds: f64) {
        self.script().going_on = false;
        self.pause(seconds);
    }

    /// Waits without ending the phase.
    pub fn pause(&self, seconds: f64) {
        if self.live.is_some() {
            thread::sleep(Duration::from_secs_f64(seconds));
        }
    }

    fn states(&self) -> Vec<(String, PathBuf)> {
        let nodes = self.live.iter().flat_map(|live| live.cluster.nodes().iter().zip(&live.recorders));
        nodes.map(|(node, recorder)| (node.name().to_owned(), recorder.state())).collect()
    }

    /// Who runs what now.
    pub fn owners(&self) -> Owners {
        look(&self.states())
    }

    /// Looks who runs what until it is dropped.
    pub fn sample(&self) -> Sampler {
        Sampler::start(self.states())
    }

    /// Holds what happened against what was expected.
    ///
    /// # Errors
    ///
    /// As [`Self::rows`].
    pub fn compare(&self) -> Result<Comparison> {
        let actual = self.phases()?;
        let mut seen = BTreeMap::new();
        for (number, node) in self.conf.nodes().into_iter().enumerate() {
            let wrapped = self.cast.as_ref().and_then(|cast| cast.wrapped.get(number)).copied().unwrap_or_default();
            seen.insert(node.to_owned(), Seen { wrapped, asked: self.program(node)? == Program::Original });
        }
        Ok(Comparison::new(self.expected.as_ref().unwrap_or(&actual), &actual, &self.conf, &seen))
    }

    /// The run as the text of a `.tsv`.
    ///
    /// # Errors
    ///
    /// As [`Self::rows`].
    pub fn tsv(&self) -> Result<String> {
        Ok(Trace::render_rows(&self.rows()?))
    }

    /// The ends of all logs, for people.
    pub fn report(&self) -> String {
        self.live.as_ref().map_or_else(String::new, |live| live.cluster.report())
    }
}

/// True if everything wanted was found, as often as it is wanted, in any order.
fn holds<T: PartialEq>(found: &[T], wanted: &[T]) -> bool {
    let count = |list: &[T], one: &T| list.iter().filter(|other| *other == one).count();
    wanted.iter().all(|one| count(found, one) >= count(wanted, one))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wanted_twice_must_be_found_twice() {
        assert!(holds(&[1, 2, 1], &[1, 1]) && holds(&[1], &[]) && !holds(&[1, 2], &[1, 1]) && !holds(&[2], &[1]));
    }

    #[test]
    fn a_rehearsal_knows_the_phases_without_nodes() {
        let conf = Conf { ha_cf: "node a\nnode b\n".into(), haresources: String::new() };
        let stage = Stage::rehearsal(&conf);
        stage.boot_all(&["a", "b"]).unwrap();
        stage.settle(1000.0).unwrap();
        stage.event("something");
        stage.stop("a").unwrap();
        stage.wait(1000.0);
        stage.rscstatus().unwrap();
        stage.power_off("b").unwrap();
        assert_eq!(stage.starts(), ["boot a", "something", "power off b (all processes killed)"]);
        assert!(stage.boot("c").is_err());
    }
}
