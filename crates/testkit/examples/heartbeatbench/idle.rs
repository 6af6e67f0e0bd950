//! An idle cluster: what it costs to do nothing but heartbeats, five times a second.

use std::time::Duration;

use testkit::cluster::Result;

use crate::clusters::{pair, programs, row, start};
use crate::usage::Usage;

/// Both clusters run at the same time, so whatever disturbs the machine disturbs both.
pub(crate) fn run(seconds: u32) -> Result<()> {
    for (label, realtime) in [("realtime off", "realtime off"), ("realtime on", "realtime on")] {
        let lines = ["udpport 694", realtime];
        let mut clusters = Vec::new();
        for program in programs()? {
            let cluster = pair(&format!("idle, {}", program.label()), &program, &lines)?;
            start(&cluster)?;
            clusters.push(cluster);
        }
        // The announcements of the start and the first resource dialogue are over after eleven seconds.
        std::thread::sleep(Duration::from_secs(12));
        let measure = || clusters.iter().map(|cluster| Usage::of(cluster.node(0)?)).collect::<Result<Vec<_>>>();
        let before = measure()?;
        std::thread::sleep(Duration::from_secs(u64::from(seconds)));
        let after = measure()?;
        if let ([original, ours], [old, new]) = (before.as_slice(), after.as_slice()) {
            let rate = |from: &Usage, to: &Usage| (to.time - from.time) / 1e6 / f64::from(seconds);
            row(&format!("idle, {label}: processor time"), "ms/s", rate(original, old), rate(ours, new));
            row(&format!("idle, {label}: memory (proportional)"), "KiB", old.shared, new.shared);
            row(&format!("idle, {label}: memory (resident, added up)"), "KiB", old.resident, new.resident);
            row(&format!("idle, {label}: processes"), "", old.processes, new.processes);
        }
    }
    Ok(())
}
