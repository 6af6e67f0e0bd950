//! The `ha-tools` program; see [`ha_tools`].

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(ha_tools::run(std::env::args_os().collect()))
}
