//! `lvs-lab`: see `lvs-lab --help`.

use std::io::Write as _;
use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    match testkit::cli::Command::parse().run() {
        Ok(status) => ExitCode::from(status),
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "lvs-lab: {error:#}");
            ExitCode::from(2)
        }
    }
}
