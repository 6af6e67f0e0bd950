//! Measures how long an address is away when it moves, ours against the original, in live clusters; prints rows of a
//! Markdown table. See `scripts/bench failover`.
//!
//! ```text
//! failoverbench moves ROUNDS     the active node dies, returns, goes standby, takes back, stops
//! failoverbench heal ROUNDS      a network that was cut is whole again: until one node alone has the address
//! failoverbench load SECONDS     false deaths while every core is busy, with a dead time of 300 ms
//! failoverbench loaded ROUNDS    the active node dies while every core is busy, with a dead time of 300 ms
//! ```

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program for measuring talks to its caller")]

mod evaluate;
mod heal;
mod holder;
mod load;
mod loaded;
mod moves;
mod probe;
mod scripts;
mod stage;
mod table;

use std::process::ExitCode;

use testkit::cluster::{Context as _, Result, bail};

fn run(words: &[String]) -> Result<()> {
    let [verb, number] = words else { bail!("two words, please: what to measure, and how much") };
    let number: u32 = number.parse().context("a number")?;
    table::machine(verb);
    match verb.as_str() {
        "moves" => moves::run(number),
        "heal" => heal::run(number),
        "load" => loaded::wait(number),
        "loaded" => loaded::kill(number),
        other => bail!("no such thing: {other}"),
    }?;
    table::machine(verb);
    Ok(())
}

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match run(&words) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("failoverbench: {error:#}");
            ExitCode::FAILURE
        }
    }
}
