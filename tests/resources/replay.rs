//! Tells a story to a cluster and holds what it did against the recorded trace.

use std::env;
use std::fs;
use std::path::PathBuf;
use std::thread;

use testkit::build::heartbeat_under_test;
use testkit::cluster::{Context as _, Files, Program, Result, bail, ensure};
use testkit::paths::fixtures;
use testkit::resource_trace::{Cast, Phases, Stage, Trace};

use crate::deviations::deviations;
use crate::freedoms::{freedoms, is_unlucky};

/// What happens in a trace.
pub(crate) type Story = fn(&Stage) -> Result<()>;

/// The name of a trace and its story.
pub(crate) type Tale = (&'static str, Story);

/// A change of what is expected, with the reason for it.
pub(crate) struct Edit {
    /// The trace it is about.
    pub(crate) trace: &'static str,
    /// Its name in reports and documents.
    pub(crate) name: &'static str,
    /// Why.
    pub(crate) reason: &'static str,
    /// For which programs; the argument says of each node whether it runs ours.
    pub(crate) when: fn(&[bool]) -> bool,
    /// What changes.
    pub(crate) edit: fn(&mut Phases) -> Result<()>,
}

/// Who runs what in a cluster; with three nodes, the third is as the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pairing {
    Originals,
    OriginalAndOurs,
    OursAndOriginal,
    Ours,
}

impl Pairing {
    const ALL: [(Self, &'static str, [bool; 2]); 4] = [
        (Self::Originals, "originals", [false, false]),
        (Self::OriginalAndOurs, "original+ours", [false, true]),
        (Self::OursAndOriginal, "ours+original", [true, false]),
        (Self::Ours, "ours+ours", [true, true]),
    ];

    fn find(self) -> (&'static str, [bool; 2]) {
        let found = Self::ALL.iter().find(|(pairing, ..)| *pairing == self);
        found.map_or(("", [false; 2]), |(_, name, ours)| (name, *ours))
    }

    /// Those that are asked for.
    fn wanted() -> Result<Vec<Self>> {
        match env::var("LAB_PAIRING") {
            Err(_) => Ok(vec![Self::OriginalAndOurs, Self::OursAndOriginal, Self::Ours]),
            Ok(name) => {
                let found = Self::ALL.iter().find(|(_, known, _)| *known == name);
                Ok(vec![found.with_context(|| format!("LAB_PAIRING: no pairing {name}"))?.0])
            }
        }
    }

    /// The programs for so many nodes. Calls of `rc.d` are recorded on originals, and on ours if the variant says so.
    fn cast(self, nodes: usize, variant: Variant) -> Result<(Cast, Vec<bool>)> {
        let (name, ours) = self.find();
        let ours: Vec<bool> = ours.iter().cycle().take(nodes).copied().collect();
        let program =
            |ours: &bool| if *ours { heartbeat_under_test().map(Program::Ours) } else { Ok(Program::Original) };
        let programs = ours.iter().map(program).collect::<Result<_>>()?;
        let seen = ours.iter().map(|ours| variant.wrapped || !ours).collect();
        let wrapped = if variant.wrapped { ", recorded rc.d" } else { "" };
        let files = if variant.files == Files::Original { "" } else { ", our scripts" };
        Ok((Cast { name: format!("{name}{wrapped}{files}"), programs, files: variant.files, wrapped: seen }, ours))
    }
}

/// How nodes with ours differ from those that only have another daemon.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Variant {
    /// Calls of `rc.d` are recorded, so that the scripts are really run.
    pub(crate) wrapped: bool,
    /// Whose scripts they are.
    pub(crate) files: Files,
}

/// Where the traces are.
pub(crate) fn directory() -> PathBuf {
    fixtures("heartbeat").join("resources")
}

/// How often a story is told in which an original is unlucky.
const ATTEMPTS: usize = 3;

/// Lets a cluster live through a story and compares.
fn replay(tale: Tale, pairing: Pairing, variant: Variant) -> Result<()> {
    for _ in 1..ATTEMPTS {
        if let Some(result) = attempt(tale, pairing, variant, true)? {
            return result;
        }
    }
    attempt(tale, pairing, variant, false)?.unwrap_or(Ok(()))
}

/// Tells a story once. Gives nothing if it may be told `again`, and should be.
fn attempt((name, story): Tale, pairing: Pairing, variant: Variant, again: bool) -> Result<Option<Result<()>>> {
    let conf = Trace::read_conf(&directory(), name)?;
    let nodes = conf.nodes();
    let rehearsal = Stage::rehearsal(&conf);
    story(&rehearsal).context("rehearsal")?;
    let mut expected = Phases::split(&Trace::read(&directory(), name)?.rows, &nodes, &rehearsal.starts())?;
    let (cast, ours) = pairing.cast(nodes.len(), variant)?;
    let mut named = Vec::new();
    for edit in freedoms().iter().chain(&deviations()).filter(|edit| edit.trace == name && (edit.when)(&ours)) {
        (edit.edit)(&mut expected).with_context(|| format!("{} ({})", edit.name, edit.reason))?;
        named.push(edit.name);
    }
    let stage = Stage::new(name, &conf, &cast, Some(expected))?;
    let told = story(&stage).and_then(|()| {
        let comparison = stage.compare()?;
        ensure!(comparison.is_same(), "{}", comparison.report());
        Ok(())
    });
    if told.is_err() && again && is_unlucky(name, &stage)? {
        return Ok(None);
    }
    Ok(Some(told.map_err(|error| {
        let known = if named.is_empty() { "none".into() } else { named.join(", ") };
        let kept = keep(name, &cast.name, &stage).unwrap_or_else(|error| error.to_string());
        error.context(format!("== {name}, {}; differences allowed: {known}; {kept}", cast.name))
    })))
}

/// Keeps what happened and the logs below the build directory, for people.
fn keep(name: &str, cast: &str, stage: &Stage) -> Result<String> {
    let directory = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("resources");
    fs::create_dir_all(&directory)?;
    let path = directory.join(format!("{name}.{}", cast.replace([' ', ','], "-"))).display().to_string();
    fs::write(format!("{path}.tsv"), stage.tsv()?)?;
    fs::write(format!("{path}.log"), stage.report())?;
    Ok(format!("trace and logs: {path}"))
}

/// Lets two originals live through a story and writes the trace.
fn record((name, story): Tale) -> Result<()> {
    let conf = Trace::read_conf(&directory(), name)?;
    let (cast, _) = Pairing::Originals.cast(conf.nodes().len(), Variant::default())?;
    let stage = Stage::new(name, &conf, &cast, None)?;
    story(&stage).with_context(|| format!("{name}\n{}", stage.report()))?;
    fs::write(directory().join(format!("{name}.tsv")), stage.tsv()?)?;
    Ok(())
}

/// The stories that are asked for.
fn wanted(tales: &[Tale]) -> impl Iterator<Item = Tale> {
    let part = env::var("LAB_TRACE").unwrap_or_default();
    tales.iter().copied().filter(move |(name, _)| name.contains(&part))
}

/// Tells all stories to all pairings, side by side, and fails with everything that went wrong.
pub(crate) fn tell(tales: &[Tale]) {
    let tales = wanted(tales);
    if env::var_os("LAB_RECORD").is_some() {
        let missing = tales.filter(|(name, _)| !directory().join(format!("{name}.tsv")).exists());
        side_by_side(missing.map(|tale| move || record(tale)).collect());
    } else {
        let pairings = Pairing::wanted().unwrap();
        let all = tales.flat_map(|tale| pairings.iter().map(move |pairing| (tale, *pairing)));
        side_by_side(all.map(|(tale, pairing)| move || replay(tale, pairing, Variant::default())).collect());
    }
}

/// Tells stories to certain pairings, whichever of them are asked for.
pub(crate) fn tell_to(tales: &[Tale], casts: &[(Pairing, Variant)]) {
    let all = wanted(tales).flat_map(|tale| casts.iter().map(move |cast| (tale, *cast)));
    side_by_side(all.map(|(tale, (pairing, variant))| move || replay(tale, pairing, variant)).collect());
}

fn side_by_side<F: FnOnce() -> Result<()> + Send>(runs: Vec<F>) {
    let all = runs.len();
    let failures: Vec<String> = thread::scope(|scope| {
        let threads: Vec<_> = runs.into_iter().map(|run| scope.spawn(run)).collect();
        let ends = threads.into_iter().map(|thread| thread.join().unwrap_or_else(|_| bail!("a thread panicked")));
        ends.filter_map(|end| end.err().map(|error| format!("{error:#}"))).collect()
    });
    assert!(failures.is_empty(), "{} of {all} clusters failed:\n{}", failures.len(), failures.join("\n\n"));
}
