//! Torture: random nodes are switched off, killed, cut off, stopped and told to go standby, round after round, while a
//! sampler looks every 10 ms who runs what.
//!
//! No resource may run on two nodes while both nodes hear each other, and after each round each resource must run on
//! exactly one. Variables of the environment:
//!
//! - `LAB_SEED`: the number that all random choices come from; without it, one that is printed.
//! - `LAB_ROUNDS`: how many rounds of each pairing; 8 without it.
//! - `LAB_CLUSTERS`: how many clusters of each pairing share them, side by side; 2 without it: one with
//!   `auto_failback on`, one with `off`.
//! - `LAB_PAIRING`: only this pairing, as in the tests of resources.
//! - `LAB_HEARTBEAT`: another program to test in the place of ours.
#![cfg(test)]

mod excuses;
mod round;
mod summary;

use std::env;
use std::thread;
use std::time::{SystemTime, UNIX_EPOCH};

use testkit::build::heartbeat_under_test;
use testkit::cluster::{Files, Program, Result};
use testkit::resource_trace::{Cast, Conf, Stage};
use testkit::rng::Rng;

use crate::excuses::{RESTARTING, SETTLING};
use crate::round::Story;
use crate::summary::Summary;

/// Three groups, one of them for the second node, as in the recorded traces; `auto_failback` is on for even seeds.
const CONF: &str = "# ha.cf (same on every node)\nkeepalive 200ms\ndeadtime 2\nwarntime 1\ninitdead 6\nudpport 694\n\
    bcast eth0\nauto_failback FAILBACK\nnode alpha\nnode beta\n# haresources (same on every node)\n\
    alpha LabA::a1 LabB::b1\nalpha LabB::b2\nbeta LabC::c1\n";

const PAIRINGS: [(&str, [bool; 2]); 4] = [
    ("originals", [false, false]),
    ("original+ours", [false, true]),
    ("ours+original", [true, false]),
    ("ours+ours", [true, true]),
];

/// The number in a variable of the environment.
fn number(name: &str) -> Option<u64> {
    env::var(name).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{name}: not a number: {text}")))
}

/// Lets one cluster live through so many rounds. What it saw counts also if it came to no rest.
fn torture(name: &str, ours: [bool; 2], seed: u64, rounds: u64) -> (Summary, Option<String>) {
    let cluster = || -> Result<(Summary, Option<String>)> {
        let failback = seed % 2 == 0;
        let conf = Conf::parse(&CONF.replace("FAILBACK", if failback { "on" } else { "off" }))?;
        let program = |ours: bool| if ours { heartbeat_under_test().map(Program::Ours) } else { Ok(Program::Original) };
        let programs = ours.into_iter().map(program).collect::<Result<_>>()?;
        let cast = Cast { name: name.to_owned(), programs, wrapped: vec![false; 2], files: Files::Original };
        let stage = Stage::new("torture", &conf, &cast, None)?;
        let afterwards = if ours == [true; 2] { SETTLING } else { RESTARTING };
        let mut story = Story::new(&stage, Rng::new(seed), failback, afterwards);
        let told = story.begin().and_then(|()| (0..rounds).try_for_each(|round| story.round(round)));
        let broken = !story.summary.violations.is_empty();
        let told = told.map_or_else(|error| Some(format!("{error:#}")), |()| broken.then(|| "two owners".to_owned()));
        let place = || format!("{}\n{}", story.history(), stage.report());
        let failure = told.map(|told| format!("== {name}, seed {seed}: {told}\n{}", place()));
        Ok((std::mem::take(&mut story.summary), failure))
    };
    cluster().unwrap_or_else(|error| (Summary::default(), Some(format!("== {name}, seed {seed}: {error:#}"))))
}

#[test]
fn no_resource_has_two_owners_whatever_happens() {
    let clock = || SystemTime::now().duration_since(UNIX_EPOCH).map_or(1, |age| age.as_secs());
    let (seed, rounds) = (number("LAB_SEED").unwrap_or_else(clock), number("LAB_ROUNDS").unwrap_or(8));
    let clusters = number("LAB_CLUSTERS").unwrap_or(2).max(1);
    let wanted = env::var("LAB_PAIRING");
    let is_wanted = |name: &str| wanted.as_ref().map_or(name != "originals", |wanted| wanted == name);
    let chosen: Vec<_> = PAIRINGS.iter().filter(|(name, _)| is_wanted(name)).collect();
    assert!(!chosen.is_empty(), "LAB_PAIRING: no pairing {wanted:?}");
    let mut failures = Vec::new();
    thread::scope(|scope| {
        let start = |(name, ours): &'static (&str, [bool; 2])| {
            let own = (0..clusters).map(|number| (seed + number, (rounds + number) / clusters));
            let threads = own.map(|(seed, rounds)| scope.spawn(move || torture(name, *ours, seed, rounds)));
            (name, threads.collect::<Vec<_>>())
        };
        for (name, threads) in chosen.into_iter().map(start).collect::<Vec<_>>() {
            let mut sum = Summary::default();
            for thread in threads {
                let (summary, failure) = thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
                sum.add(summary);
                failures.extend(failure);
            }
            println!("{name}, seed {seed}, {clusters} clusters: {sum}");
            failures.extend(sum.violations);
        }
    });
    assert!(failures.is_empty(), "LAB_SEED={seed} LAB_ROUNDS={rounds}:\n{}", failures.join("\n\n"));
}
