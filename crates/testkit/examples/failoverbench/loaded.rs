//! A dead time of 300 ms while every processor is busy: no false death, and a quick takeover after a real one.

use std::time::{Duration, Instant};

use testkit::cluster::{Mark, Program, Result};

use crate::evaluate::missed;
use crate::load::Load;
use crate::stage::Stage;
use crate::table::{lanes, milliseconds, rows};

const LINES: [&str; 6] =
    ["keepalive 50ms", "warntime 150ms", "deadtime 300ms", "initdead 5", "realtime on", "auto_failback on"];

/// What happened while nothing should have happened.
#[derive(Debug)]
struct Disturbance {
    deaths: usize,
    late: usize,
    changes: usize,
    missed: usize,
}

impl Disturbance {
    fn of(stage: &Stage, marks: [Mark; 2], from: Instant) -> Result<Self> {
        let nodes = stage.cluster().pair()?;
        let lines: Vec<_> = nodes.iter().zip(marks).flat_map(|(node, mark)| node.log_since(mark)).collect();
        let count = |text: &str| lines.iter().filter(|line| line.text.contains(text)).count();
        let changes =
            stage.watches().iter().flat_map(|watch| watch.changes()).filter(|change| change.at > from).count();
        let missed = missed(&stage.prober().probes(), from, Instant::now());
        Ok(Self { deaths: count("is dead"), late: count("Late heartbeat"), changes, missed })
    }
}

/// Only waits, with both programs under the same load.
pub(crate) fn wait(seconds: u32) -> Result<()> {
    let start = |program: &Program| Stage::new("load", program, &LINES);
    let stages: Vec<Stage> = lanes(1, |program, _| start(program))?.into_iter().flatten().collect();
    let begin = Instant::now();
    let marks: Vec<_> =
        stages.iter().map(|stage| stage.cluster().pair().map(|nodes| nodes.map(|node| node.mark()))).collect();
    let load = Load::start()?;
    std::thread::sleep(Duration::from_secs(u64::from(seconds)));
    drop(load);
    let mut found = Vec::new();
    for (stage, marks) in stages.iter().zip(marks) {
        found.push(Disturbance::of(stage, marks?, begin)?);
    }
    if let [original, ours] = found.as_slice() {
        let what = format!("in {seconds} s of full load, dead time 300 ms");
        println!("| false deaths {what} | {} | {} | |", original.deaths, ours.deaths);
        println!("| late heartbeats {what} | {} | {} | |", original.late, ours.late);
        println!("| changes of the address's holders {what} | {} | {} | |", original.changes, ours.changes);
        println!("| echoes missed by the client {what} | {} | {} | |", original.missed, ours.missed);
    }
    Ok(())
}

/// The owner dies again and again.
pub(crate) fn kill(rounds: u32) -> Result<()> {
    let load = Load::start()?;
    let results = lanes(rounds, |program, rounds| {
        let stage = Stage::new("loaded", program, &LINES)?;
        let mut figures = Vec::new();
        for _ in 0..rounds {
            figures.push(milliseconds(stage.crash()?.0.interruption));
            stage.power()?;
            stage.come_back()?;
        }
        Ok(figures)
    });
    drop(load);
    let figures = results?.map(|lanes| lanes.concat());
    rows("power cut under full load, dead time 300 ms: whole interruption", &figures);
    Ok(())
}
