//! Cold start: both nodes at once, until both are active and know it of each other.

use testkit::cluster::Result;

use crate::clusters::{median, pair, programs, row, start};

pub(crate) fn run(rounds: u32) -> Result<()> {
    let mut times = [Vec::new(), Vec::new()];
    for round in 0..rounds {
        for (program, times) in programs()?.iter().zip(&mut times) {
            let cluster = pair(&format!("start {round}, {}", program.label()), program, &["udpport 694"])?;
            times.push(start(&cluster)?.as_secs_f64() * 1e3);
        }
    }
    let [original, ours] = times;
    row("cold start until both are active, median", "ms", median(&original), median(&ours));
    Ok(())
}
