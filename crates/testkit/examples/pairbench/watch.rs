//! Reads a table again and again while something changes it, and counts the readings that miss a service.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use anyhow::{Context as _, Result, bail, ensure};

use crate::child::{command, steps};
use crate::split;

/// What the readings showed.
#[derive(Default)]
struct Seen {
    readings: usize,
    incomplete: usize,
    fewest: usize,
}

/// Watches as the words say, prints one line, and fails if the readings were not as expected.
pub(crate) fn run(words: &[String]) -> Result<()> {
    let parts = split(words, "--");
    let [options, reader, writer, other] = parts[..] else {
        bail!("watch: complete|gaps SERVICES ROUNDS -- READER -- WRITER -- OTHER")
    };
    let [expected, services, rounds] = options else { bail!("watch: complete|gaps SERVICES ROUNDS") };
    let (services, rounds): (usize, usize) = (services.parse()?, rounds.parse()?);

    let started = AtomicBool::new(false);
    let ended = AtomicBool::new(false);
    let seen = thread::scope(|scope| -> Result<Seen> {
        let readings = scope.spawn(|| watch(reader, services, &started, &ended));
        while !started.load(Ordering::Acquire) && !readings.is_finished() {
            thread::yield_now();
        }
        let nowhere = File::create("/dev/null")?;
        let written = (0..rounds)
            .try_for_each(|round| steps(if round % 2 == 0 { writer } else { other }, None, &nowhere).map(|_| ()));
        ended.store(true, Ordering::Release);
        let seen = readings.join().map_err(|_| anyhow::anyhow!("the reader stopped"))??;
        written.map(|()| seen)
    })?;
    println!(
        "{} readings during {rounds} changes: {} incomplete, fewest services seen {} of {services}",
        seen.readings, seen.incomplete, seen.fewest
    );
    match expected.as_str() {
        "complete" => ensure!(seen.incomplete == 0, "services were missing"),
        "gaps" => ensure!(seen.incomplete > 0, "no service was missing: this way of watching proves nothing"),
        other => bail!("watch: {other} is neither complete nor gaps"),
    }
    Ok(())
}

/// Lists until `ended`, at least once; says `started` as soon as the first listing is complete.
fn watch(reader: &[String], services: usize, started: &AtomicBool, ended: &AtomicBool) -> Result<Seen> {
    let mut seen = Seen { fewest: usize::MAX, ..Seen::default() };
    let first = count(reader)?;
    ensure!(first == services, "before any change {first} services instead of {services}");
    started.store(true, Ordering::Release);
    while !ended.load(Ordering::Acquire) {
        let found = count(reader)?;
        seen.readings += 1;
        seen.incomplete += usize::from(found != services);
        seen.fewest = seen.fewest.min(found);
    }
    ensure!(seen.readings > 0, "the changes were over before a single reading");
    Ok(seen)
}

/// How many services one listing shows.
fn count(reader: &[String]) -> Result<usize> {
    let mut child = command(reader, None, Stdio::piped())?.spawn().with_context(|| format!("{reader:?}"))?;
    let output = child.stdout.take().context("no output")?;
    let mut services = 0;
    for line in BufReader::new(output).lines() {
        services += usize::from(line?.starts_with("TCP "));
    }
    let status = child.wait()?;
    ensure!(status.success(), "{reader:?} ended with {status}");
    Ok(services)
}
