//! The protocol engine in a simulated cluster: networks that lose, repeat, reorder, delay, corrupt and cut, nodes that
//! crash, stall and start again, keys that change, and an attacker who captures and replays but has no key. Groups of
//! resources run on these machines: their scripts are slow, fail, hang and are killed, fencing fails and takes long,
//! and administrators move groups about, stop, kill and reload daemons.
//!
//! One `u64` seed decides everything. `SIM_SEED=<n>` runs that one only and prints its event log (with `SIM_PACKETS=1`
//! every packet too); `SIM_SEEDS=<n>` and `SIM_FROM=<s>` choose another range (`scripts/sim`). Seeds that once failed stand
//! in `regress-seeds.txt` and always run first.
#![cfg(test)]

mod checks;
mod host;
mod log;
mod machine;
mod network;
mod plan;
mod summary;
mod world;

use std::collections::BTreeSet;
use std::env;
use std::num::NonZero;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Instant;

use summary::Summary;
use world::World;

/// Seeds of every run.
const SEEDS: u64 = 500;
/// So many of them are run twice to compare their logs.
const TWICE: u64 = 25;

fn number(name: &str) -> Option<u64> {
    env::var(name).ok().map(|text| text.parse().unwrap_or_else(|error| panic!("{name}={text}: {error}")))
}

fn regress() -> Vec<u64> {
    let lines = include_str!("regress-seeds.txt").lines();
    lines.filter_map(|line| line.split('#').next()?.trim().parse().ok()).collect()
}

/// Runs one seed; a panic of the engine is a violation like any other.
fn run(seed: u64, trace: bool) -> Result<Summary, String> {
    let run = || World::new(seed, trace).run();
    match catch_unwind(AssertUnwindSafe(run)) {
        Ok(result) => result,
        Err(panic) => {
            let text = panic.downcast_ref::<String>().cloned();
            let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
            Err(format!("panic: {}", text.unwrap_or_default()))
        }
    }
}

/// Runs all seeds on all processors. The failures, in order, and the longest time that any seed took to become whole.
fn run_all(seeds: &[u64]) -> (BTreeSet<(u64, String)>, Summary) {
    let next = AtomicU64::new(0);
    let failures = Mutex::new(BTreeSet::new());
    let most = Mutex::new(Summary::default());
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let index = usize::try_from(next.fetch_add(1, Ordering::Relaxed)).unwrap();
                    let Some(&seed) = seeds.get(index) else { break };
                    match run(seed, false) {
                        Ok(summary) => most.lock().unwrap().take_most(seed, &summary),
                        Err(what) => {
                            failures.lock().unwrap().insert((seed, what));
                        }
                    }
                }
            });
        }
    });
    (failures.into_inner().unwrap(), most.into_inner().unwrap())
}

#[test]
fn whatever_happens_no_group_has_two_owners_and_a_healed_cluster_becomes_whole() {
    if let Some(seed) = number("SIM_SEED") {
        let result = run(seed, true);
        assert!(result.is_ok(), "seed {seed}: {}", result.unwrap_err());
        println!("seed {seed}: {:?}", result.unwrap());
        return;
    }
    let from = number("SIM_FROM").unwrap_or(0);
    let count = number("SIM_SEEDS").unwrap_or(SEEDS);
    let seeds: Vec<u64> = regress().into_iter().chain(from..from + count).collect();
    let begin = Instant::now();
    let (failures, most) = run_all(&seeds);
    println!(
        "{} seeds in {:.1} s, {} failed, at most: {most:?}",
        seeds.len(),
        begin.elapsed().as_secs_f64(),
        failures.len()
    );
    let list: Vec<String> = failures
        .iter()
        .take(20)
        .map(|(seed, what)| {
            format!("{what}\n  again with its log: SIM_SEED={seed} cargo test -p lvs-ha-tests --test sim")
        })
        .collect();
    assert!(failures.is_empty(), "{} of {} seeds failed:\n{}", failures.len(), seeds.len(), list.join("\n"));
}

#[test]
fn equal_seeds_give_equal_logs_and_others_do_not() {
    let from = number("SIM_FROM").unwrap_or(0);
    let mut hashes = BTreeSet::new();
    for seed in from..from + TWICE {
        let [first, second] = [(); 2].map(|()| World::new(seed, false).run_to_the_end());
        assert_eq!(first, second, "seed {seed}");
        assert!(hashes.insert(first), "seed {seed} is like another one");
    }
}
