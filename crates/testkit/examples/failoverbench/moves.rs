//! The owner of the address dies, returns, goes standby, takes back, stops, and returns; again and again.

use std::time::Duration;

use testkit::cluster::Result;

use crate::evaluate::median;
use crate::scripts;
use crate::stage::{Stage, alone};
use crate::table::{lanes, milliseconds, row, rows};

const DEADTIME: Duration = Duration::from_secs(1);
const LINES: [&str; 6] =
    ["keepalive 100ms", "warntime 500ms", "deadtime 1", "initdead 5", "realtime on", "auto_failback on"];

/// Everything in milliseconds, one for each round.
#[derive(Debug, Default)]
struct Figures {
    /// How long the client missed it, without the dead time.
    crash: Vec<f64>,
    /// The same, counted from the last packet of the dead node until the other one has the address.
    silence: Vec<f64>,
    /// From the event until the right node has the address, and how long the client missed it.
    others: [(Vec<f64>, Vec<f64>); 4],
    scripts: Vec<f64>,
}

impl Figures {
    /// Those of all lanes together.
    fn joined(all: Vec<Self>) -> Self {
        all.into_iter().fold(Self::default(), |mut sum, mut one| {
            sum.crash.append(&mut one.crash);
            sum.silence.append(&mut one.silence);
            sum.scripts.append(&mut one.scripts);
            for (sum, one) in sum.others.iter_mut().zip(&mut one.others) {
                sum.0.append(&mut one.0);
                sum.1.append(&mut one.1);
            }
            sum
        })
    }
}

const OTHERS: [&str; 4] = ["clean stop", "hb_standby", "hb_takeover", "return of the owner"];

fn measure(program: &testkit::cluster::Program, rounds: u32) -> Result<Figures> {
    let stage = Stage::new("moves", program, &LINES)?;
    let mut figures = Figures::default();
    for _ in 0..rounds {
        let (moved, silence) = stage.crash()?;
        figures.crash.push(milliseconds(moved.interruption) - milliseconds(DEADTIME));
        figures.silence.push(milliseconds(silence) - milliseconds(DEADTIME));
        stage.power()?;
        let returned = stage.come_back()?;
        let standby = stage.standby()?;
        let takeover = stage.takeover()?;
        let stop = stage.stop()?;
        stage.come_back()?;
        for (column, moved) in figures.others.iter_mut().zip([stop, standby, takeover, returned]) {
            column.0.push(milliseconds(moved.held));
            column.1.push(milliseconds(moved.interruption));
        }
        let _alone = alone();
        figures.scripts.push(scripts::time(&stage)?);
    }
    Ok(figures)
}

pub(crate) fn run(rounds: u32) -> Result<()> {
    let [original, ours] = lanes(rounds, measure)?.map(Figures::joined);
    rows("power cut: interruption beyond the dead time", &[original.crash, ours.crash]);
    let silences = [original.silence, ours.silence];
    rows("power cut: from the last packet to the new holder, beyond the dead time", &silences);
    let scripts = [median(&original.scripts), median(&ours.scripts)];
    row("the scripts alone: stop, status, start, median", scripts[0], scripts[1]);
    for (what, (old, new)) in OTHERS.iter().zip(original.others.iter().zip(&ours.others)) {
        let beyond = |all: &[f64], scripts: f64| all.iter().map(|time| time - scripts).collect::<Vec<_>>();
        let held = [beyond(&old.0, scripts[0]), beyond(&new.0, scripts[1])];
        rows(&format!("{what}: from the command to the new holder, beyond the scripts"), &held);
        rows(&format!("{what}: interruption"), &[old.1.clone(), new.1.clone()]);
    }
    Ok(())
}
