//! Rows of the tables, and what stands beside them: every single figure, and how busy the machine was.

use std::time::Duration;

use testkit::cluster::{Program, Result};

use crate::evaluate::{median, percentile};
use crate::stage::programs;

/// Says on standard error how busy the machine is.
pub(crate) fn machine(when: &str) {
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    eprintln!("{when}: load of the machine {}", load.trim());
}

/// Milliseconds.
pub(crate) fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// Clusters of one program side by side: they mostly wait.
const LANES: u32 = 3;

/// Does the same with both programs at the same time, each in several lanes that share the rounds. The answers of the
/// original come first.
pub(crate) fn lanes<T: Send>(rounds: u32, work: impl Fn(&Program, u32) -> Result<T> + Sync) -> Result<[Vec<T>; 2]> {
    let programs = programs()?;
    let (work, lanes) = (&work, LANES.min(rounds));
    let share = |lane: u32| (rounds + lanes - 1 - lane) / lanes;
    std::thread::scope(|scope| {
        let running = programs
            .each_ref()
            .map(|program| (0..lanes).map(|lane| scope.spawn(move || work(program, share(lane)))).collect::<Vec<_>>());
        let [original, ours] = running.map(|lanes| {
            let joined =
                lanes.into_iter().map(|lane| lane.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
            joined.collect::<Result<Vec<_>>>()
        });
        Ok([original?, ours?])
    })
}

/// One row: what, the original's figure, ours, and the original's divided by ours.
pub(crate) fn row(what: &str, original: f64, ours: f64) {
    let ratio = if ours > 0.0 { format!("{:.1}", original / ours) } else { String::new() };
    println!("| {what} | {original:.0} ms | {ours:.0} ms | {ratio} |");
}

/// Rows for median and 99th percentile; every figure goes to standard error.
pub(crate) fn rows(what: &str, [original, ours]: &[Vec<f64>; 2]) {
    for (label, numbers) in [("original", original), ("ours", ours)] {
        let numbers: Vec<String> = numbers.iter().map(|number| format!("{number:.0}")).collect();
        eprintln!("{what}, {label}: {}", numbers.join(" "));
    }
    row(&format!("{what}, median of {}", ours.len()), median(original), median(ours));
    row(&format!("{what}, 99 of 100"), percentile(original, 99), percentile(ours, 99));
}
