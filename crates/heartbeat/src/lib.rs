//! The `heartbeat` daemon: command line, start-up, and the loop around the protocol's core.
//!
//! | part | modules |
//! |---|---|
//! | command line and what it prints | [`cli`], [`messages`], [`status`], [`stop`], [`terminal`], [`exit`] |
//! | start | [`startup`], [`loading`], [`assembly`], [`identity`], [`directories`], [`settings`], [`environment`] |
//! | running | [`daemon`], [`links`], [`admin_fifo`], [`children`], [`respawn`], [`watch`], [`events`], [`log`] |
//! | reload and end | [`hup`], [`reload`], [`ending`], [`restart`] |
//!
//! Decisions about the cluster are made by `cluster_protocol::core`, never here.

pub mod admin_fifo;
pub mod api;
pub mod assembly;
pub mod children;
pub mod cli;
pub mod config;
pub mod daemon;
pub mod directories;
pub mod ending;
pub mod environment;
pub mod events;
pub mod exit;
pub mod hostcache;
pub mod hup;
pub mod identity;
pub mod jobs;
pub mod line;
pub mod links;
pub mod loading;
pub mod log;
pub mod master;
pub mod messages;
pub mod node_name;
pub mod paths;
pub mod reload;
pub mod resource_events;
pub mod respawn;
pub mod restart;
mod sample;
pub mod settings;
pub mod startup;
pub mod status;
pub mod stop;
pub mod terminal;
pub mod truth;
pub mod watch;

use cli::{Command, CommandLine};
use std::ffi::OsString;
use std::process::ExitCode;

/// Runs the program.
#[must_use]
pub fn run() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    let line = cli::parse(&arguments);
    drop(arguments);
    ExitCode::from(perform(&line))
}

fn perform(line: &CommandLine) -> u8 {
    for complaint in &line.complaints {
        terminal::err_bytes(complaint);
    }
    match &line.command {
        Command::Check(directory) => loading::check(directory),
        Command::Version => {
            terminal::out(messages::VERSION_LINE);
            exit::OK
        }
        Command::Usage => {
            terminal::err(&messages::usage(&line.program));
            exit::USAGE
        }
        Command::Directives { wiki } => loading::print_directives(*wiki),
        Command::Stop => stop::run(),
        Command::Status => status::run(&line.program),
        Command::Reload => startup::reload(line),
        Command::Restart => startup::restart(line),
        Command::Start => startup::start(line),
    }
}
