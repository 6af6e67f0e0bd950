//! Measures two programs against each other, in turns, and prints one row of a Markdown table; see `scripts/bench`.
//!
//! ```text
//! pairbench rules SERVICES SERVERS CHANGED         rules on standard output; CHANGED in 1000 servers have another weight
//! pairbench pair [OPTION]... NAME -- A... -- B...  A and B by turns
//!     --runs N          so many times each (default 5)
//!     --stdin FILE      for the last step of each; without it there is none
//!     --fresh           each run in a network namespace of its own, with an empty table that never held anything
//!     --prepare WORDS   a command to run before each, not measured; `<FILE` at its end is its standard input
//!     --same            what the two print must be the same
//! pairbench watch complete|gaps SERVICES ROUNDS -- READER... -- WRITER... -- OTHER...
//!                      while WRITER and OTHER run by turns, READER's listings must all show SERVICES services
//!                      (`complete`) or, as a counter-proof for another writer, must not (`gaps`)
//! ```
//!
//! A command may have several steps, separated by the word `+`, measured as one. `<FILE` as the last word of a step is its
//! standard input.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program for measuring talks to its caller")]

mod child;
mod pair;
mod rules;
mod watch;

use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};

fn run(words: &[String]) -> Result<()> {
    let (verb, rest) = words.split_first().context("what to do? rules, pair or watch")?;
    match verb.as_str() {
        "rules" => rules::print(rest),
        "pair" => pair::run(rest),
        "watch" => watch::run(rest),
        other => bail!("no such thing: {other}"),
    }
}

/// Splits `words` at the separator `mark`.
fn split<'a>(words: &'a [String], mark: &str) -> Vec<&'a [String]> {
    words.split(|word| word == mark).collect()
}

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match run(&words) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("pairbench: {error:#}");
            ExitCode::FAILURE
        }
    }
}
