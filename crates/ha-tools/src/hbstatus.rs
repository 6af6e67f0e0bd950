//! `hbstatus`: what really runs where, as opposed to what the nodes claim.
//!
//! The daemon announces sets of groups and is not told when a start fails (resource specification, section 1.8). This
//! command looks at what the scripts did on this node, and at what the daemon knows about the other nodes.

mod engine;
mod report;
mod table;

use crate::call::Call;
use crate::environment::Environment;
use crate::{messages, out};
use clap::Parser;
use clap::error::ErrorKind;
use engine::Engine;
use report::Report;
use resource_manager::truth;
use std::path::{Path, PathBuf};

/// Where the daemon writes what it knows, unless `HA_ENGINEFILE` names another file.
const ENGINE: &str = "/run/heartbeat/engine.json";
/// Exit status for options that mean nothing: 1 and 2 have a meaning.
const MISUSED: u8 = 3;

/// Shows every resource group of haresources: where it runs, since when, and what failed last.
#[derive(Debug, Parser)]
#[command(
    name = "hbstatus",
    after_help = "Exit status: 0 all groups run, once each; 1 heartbeat does not run on this node; 2 a group is \
                  stopped everywhere, has failed, or runs twice; 3 wrong options.\n\n\
                  The word (claimed) means: the other node says that it holds the group, but it cannot say whether \
                  the resources really started."
)]
struct Options {
    /// Print JSON instead of a table
    #[arg(long)]
    json: bool,
}

/// `hbstatus [--json]`
pub(crate) fn run(call: &Call) -> u8 {
    let words = std::iter::once("hbstatus".into()).chain(call.arguments.iter().cloned());
    let options = match Options::try_parse_from(words) {
        Ok(options) => options,
        Err(error) if error.kind() == ErrorKind::DisplayHelp => {
            out::stdout(&error.to_string());
            return 0;
        }
        Err(error) => {
            out::stderr(&error.to_string());
            return MISUSED;
        }
    };
    let report = look();
    if options.json {
        match serde_json::to_string_pretty(&report) {
            Ok(text) => out::stdout(&format!("{text}\n")),
            Err(error) => return messages::failed("hbstatus", &error),
        }
    } else {
        out::stdout(&table::text(&report));
    }
    report.exit_status()
}

fn look() -> Report {
    let environment = Environment::of_process();
    let groups = std::fs::read(environment.directory().join("haresources"))
        .map(|text| ha_config::haresources::groups(&text))
        .unwrap_or_default();
    let named = std::env::var_os("HA_ENGINEFILE").filter(|path| !path.is_empty()).map(PathBuf::from);
    let engine = Engine::read(&named.unwrap_or_else(|| ENGINE.into()));
    let running = engine.as_ref().is_some_and(|engine| is_alive(engine.pid));
    let node = engine.as_ref().map(|engine| engine.node.clone()).filter(|node| !node.is_empty());
    let node = node.unwrap_or_else(|| host(&environment));
    Report::new(&node, running, engine.as_ref(), &groups, &truth::read_all())
}

/// The file outlives a daemon that was killed.
fn is_alive(pid: u32) -> bool {
    pid != 0 && Path::new("/proc").join(pid.to_string()).exists()
}

fn host(environment: &Environment) -> String {
    let given = environment.text("HA_CURHOST");
    if !given.is_empty() {
        return given.to_lowercase();
    }
    std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default().trim().to_lowercase()
}
