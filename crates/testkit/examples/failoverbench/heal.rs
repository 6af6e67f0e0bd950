//! A network that was cut is whole again, and both nodes have the address: until one alone has it.

use std::time::Duration;

use testkit::cluster::Result;

use crate::stage::{Move, Stage};
use crate::table::{lanes, milliseconds, rows};

const LINES: [&str; 6] =
    ["keepalive 100ms", "warntime 500ms", "deadtime 1", "initdead 5", "realtime on", "auto_failback on"];
/// So long nothing may change before the partition counts as over. Originals have no owner at all for longer than this.
const QUIET: Duration = Duration::from_secs(7);

pub(crate) fn run(rounds: u32) -> Result<()> {
    let results = lanes(rounds, |program, rounds| {
        let stage = Stage::new("heal", program, &LINES)?;
        let mut healings = Vec::new();
        for _ in 0..rounds {
            healings.push(stage.partition(QUIET)?);
            // The second node may be the one that keeps the address; the next round does not care.
            std::thread::sleep(QUIET);
        }
        Ok(healings)
    })?
    .map(|lanes| lanes.concat());
    let figures = |pick: fn(&Move) -> Duration| {
        results.each_ref().map(|moves| moves.iter().map(|healing| milliseconds(pick(healing))).collect::<Vec<_>>())
    };
    rows("heal of a partition: until one owner", &figures(|healing| healing.held));
    rows("heal of a partition: interruption after it", &figures(|healing| healing.interruption));
    Ok(())
}
