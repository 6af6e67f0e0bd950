//! How long after the dead time a dead node is called dead.

use std::time::{Duration, Instant};

use testkit::cluster::{Cluster, Context as _, Program, Result};

use crate::clusters::{CEILING, median, pair, programs, row, start};

/// Clusters side by side: they mostly wait.
const LANES: u32 = 4;
const DEADTIME: Duration = Duration::from_secs(1);
const LINES: [&str; 4] = ["keepalive 100ms", "warntime 500ms", "deadtime 1", "initdead 5"];

/// Milliseconds beyond the dead time, counted from the kill and from the victim's last packet.
struct Trial {
    from_kill: f64,
    from_packet: f64,
}

fn trial(cluster: &Cluster) -> Result<Trial> {
    let [one, two] = cluster.pair()?;
    let capture = cluster.capture()?;
    // For five seconds after its start a node announces a longer dead time.
    std::thread::sleep(Duration::from_secs(6));
    let mark = one.mark();
    let killed = two.kill()?;
    let dead = one.wait_for_log(mark, "node node2: is dead", CEILING)?.at;
    let packets = capture.packets();
    let last = packets.iter().filter(|packet| packet.port == "0-1").map(|packet| packet.at).max();
    let beyond = |from: Instant| (dead.saturating_duration_since(from).as_secs_f64() - DEADTIME.as_secs_f64()) * 1e3;
    let trial = Trial { from_kill: beyond(killed), from_packet: beyond(last.context("a packet")?) };
    let mark = one.mark();
    let own = two.mark();
    two.start()?;
    one.wait_for_log(mark, "Status update for node node2: status active", CEILING)?;
    two.wait_for_log(own, "Local status now set to: 'active'", CEILING)?;
    Ok(trial)
}

fn lane(number: u32, program: &Program, rounds: u32) -> Result<Vec<Trial>> {
    let cluster = pair(&format!("detect {number}, {}", program.label()), program, &LINES)?;
    start(&cluster)?;
    (0..rounds).map(|_| trial(&cluster)).collect()
}

pub(crate) fn run(rounds: u32) -> Result<()> {
    let mut results = Vec::new();
    for program in programs()? {
        let trials = std::thread::scope(|scope| {
            let program = &program;
            let lanes: Vec<_> =
                (0..LANES).map(|number| scope.spawn(move || lane(number, program, rounds.div_ceil(LANES)))).collect();
            let mut trials = Vec::new();
            for lane in lanes {
                trials.extend(lane.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?);
            }
            Ok::<_, testkit::cluster::Error>(trials)
        })?;
        results.push(trials);
    }
    let column = |pick: fn(&Trial) -> f64| -> Vec<Vec<f64>> {
        results.iter().map(|trials| trials.iter().map(pick).collect()).collect()
    };
    let largest = |numbers: &[f64]| numbers.iter().copied().fold(f64::MIN, f64::max);
    for (what, column) in
        [("the kill", column(|trial| trial.from_kill)), ("its last packet", column(|t| t.from_packet))]
    {
        if let [original, ours] = column.as_slice() {
            row(
                &format!("death seen after {what} + dead time, median of {}", ours.len()),
                "ms",
                median(original),
                median(ours),
            );
            row(&format!("death seen after {what} + dead time, largest"), "ms", largest(original), largest(ours));
        }
    }
    Ok(())
}
