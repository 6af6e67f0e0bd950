//! `heartbeat-config record FILE...`: lets the original heartbeat 3.0.6 check the configurations of these files again
//! and writes down what it says. Needs root, for namespaces.

use anyhow::{Context as _, Result, bail};
use std::path::PathBuf;
use testkit::heartbeat_config::record;

fn main() -> Result<()> {
    let mut words = std::env::args_os().skip(1);
    let verb = words.next().context("which verb: record?")?;
    let files: Vec<PathBuf> = words.map(PathBuf::from).collect();
    match verb.to_str() {
        Some("record") => record::outside(&std::env::current_exe()?, &files),
        Some("inside") => record::inside(&files),
        _ => bail!("usage: heartbeat-config record FILE..."),
    }
}
