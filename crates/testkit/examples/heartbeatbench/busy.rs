//! False deaths under load: every core counts, the dead time is half a second.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use testkit::cluster::{Cluster, Result};

use crate::clusters::{pair, programs, start};

const LINES: [&str; 5] = ["keepalive 100ms", "warntime 250ms", "deadtime 500ms", "initdead 5", "realtime on"];

/// Lines of both nodes that hold `text`.
fn count(cluster: &Cluster, text: &str) -> Result<usize> {
    let nodes = cluster.pair()?;
    let lines = nodes.iter().map(|node| node.log_since(testkit::cluster::Mark::default()));
    Ok(lines.map(|lines| lines.iter().filter(|line| line.text.contains(text)).count()).sum())
}

pub(crate) fn run(seconds: u32) -> Result<()> {
    let mut clusters = Vec::new();
    for program in programs()? {
        let cluster = pair(&format!("busy, {}", program.label()), &program, &LINES)?;
        start(&cluster)?;
        clusters.push(cluster);
    }
    let stop = AtomicBool::new(false);
    let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
    std::thread::scope(|scope| {
        for _ in 0..2 * cores {
            scope.spawn(|| {
                let mut number = 1_u64;
                while !stop.load(Ordering::Relaxed) {
                    number = std::hint::black_box(number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1));
                }
            });
        }
        std::thread::sleep(Duration::from_secs(u64::from(seconds)));
        stop.store(true, Ordering::Relaxed);
    });
    for text in ["is dead", "Late heartbeat"] {
        let mut found = Vec::new();
        for cluster in &clusters {
            found.push(count(cluster, text)?);
        }
        if let [original, ours] = found.as_slice() {
            println!("| '{text}' in {seconds} s of full load, dead time 500 ms | {original} | {ours} | |");
        }
    }
    Ok(())
}
