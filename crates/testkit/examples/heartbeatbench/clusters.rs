//! The clusters that are measured, and how figures are written.

use std::time::{Duration, Instant};

use testkit::build::heartbeat_under_test;
use testkit::cluster::{Cluster, Mark, Medium, Network, NodeConfig, Program, Result};

/// Ends a wait for something that does not come.
pub(crate) const CEILING: Duration = Duration::from_secs(120);

/// Both programs: the original and ours.
pub(crate) fn programs() -> Result<[Program; 2]> {
    Ok([Program::Original, Program::Ours(heartbeat_under_test()?)])
}

/// Two nodes of one program with these lines in `ha.cf`, not started.
pub(crate) fn pair(name: &str, program: &Program, lines: &[&str]) -> Result<Cluster> {
    let config = |node: &str| {
        let config = NodeConfig::new(node, program.clone()).media(&[Medium::Bcast(0)]);
        lines.iter().fold(config, |config, line| config.line(line))
    };
    Cluster::new(name, &[Network::Bridge], vec![config("node1"), config("node2")])
}

/// Starts both nodes and waits until both are active and know it of each other. Gives how long that took.
pub(crate) fn start(cluster: &Cluster) -> Result<Duration> {
    let [one, two] = cluster.pair()?;
    let begin = Instant::now();
    one.start()?;
    two.start()?;
    let mut last = begin;
    for (node, peer) in [(one, two), (two, one)] {
        let seen = format!("Status update for node {}: status active", peer.name());
        for text in ["Local status now set to: 'active'", &seen] {
            last = last.max(node.wait_for_log(Mark::default(), text, CEILING)?.at);
        }
    }
    Ok(last.saturating_duration_since(begin))
}

/// The middle of some numbers, the mean of the two middle ones if they are even in number; 0 of none.
pub(crate) fn median(numbers: &[f64]) -> f64 {
    let mut sorted = numbers.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    let upper = sorted.get(middle).copied().unwrap_or_default();
    match middle.checked_sub(1).and_then(|lower| sorted.get(lower)) {
        Some(lower) if sorted.len() % 2 == 0 => f64::midpoint(*lower, upper),
        _ => upper,
    }
}

/// One row: what, the original's figure, ours, and ours divided by the original's.
pub(crate) fn row(what: &str, unit: &str, original: f64, ours: f64) {
    println!("| {what} | {original:.2} {unit} | {ours:.2} {unit} | {:.3} |", ours / original);
}
