//! Measures our heartbeat against the original in live clusters and prints rows of a Markdown table; see
//! `scripts/bench heartbeat`.
//!
//! ```text
//! heartbeatbench idle SECONDS      processor time and memory of idle two-node clusters, both programs side by side
//! heartbeatbench packets COUNT     processor time for each received packet
//! heartbeatbench start ROUNDS      cold start of both nodes until both are active
//! heartbeatbench detect ROUNDS     from the last packet of a killed node until the other logs that it is dead
//! heartbeatbench busy SECONDS      false deaths while every core is busy, with a dead time of 500 ms
//! ```

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program for measuring talks to its caller")]

mod busy;
mod clusters;
mod detect;
mod idle;
mod packets;
mod start;
mod usage;

use std::process::ExitCode;

use testkit::cluster::{Context as _, Result, bail};

fn run(words: &[String]) -> Result<()> {
    let [verb, number] = words else { bail!("two words, please: what to measure, and how much") };
    let number: u32 = number.parse().context("a number")?;
    match verb.as_str() {
        "idle" => idle::run(number),
        "packets" => packets::run(number),
        "start" => start::run(number),
        "detect" => detect::run(number),
        "busy" => busy::run(number),
        other => bail!("no such thing: {other}"),
    }
}

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match run(&words) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("heartbeatbench: {error:#}");
            ExitCode::FAILURE
        }
    }
}
