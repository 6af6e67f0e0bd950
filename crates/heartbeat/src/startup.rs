//! From the command line to a running daemon.
//!
//! Everything that can go wrong for good goes wrong before the starter gets its answer: the process that becomes the
//! daemon opens its media while the starter waits. The original answers first, and its exit status 0 means little.
//! What heals by itself, a busy port above all, is no error.

use crate::assembly::{self, Setup};
use crate::cli::CommandLine;
use crate::daemon::Daemon;
use crate::identity::reason;
use crate::line::Severity;
use crate::loading::{self, Options, Telling};
use crate::log::Log;
use crate::master::{self, Master};
use crate::messages::not_restarted;
use crate::reload::Stamps;
use crate::{ending, exit, messages, node_name, paths, terminal};
use cluster_protocol::resources::Set;
use fencing::{Device, Places};
use ha_config::config::Config;
use ha_sys::daemonize::{self, Report, Side};
use ha_sys::{pidfile, process, realtime};
use nix::sys::signal::Signal;
use std::path::Path;
use std::process::id;

/// `heartbeat`, and `heartbeat -r` without a daemon: starts one.
#[must_use]
pub fn start(line: &CommandLine) -> u8 {
    launch(line, false)
}

/// `heartbeat -R`: the daemon starts itself again.
#[must_use]
pub fn restart(line: &CommandLine) -> u8 {
    let own = i32::try_from(id()).ok();
    let found = pidfile::read(Path::new(paths::PID_FILE));
    match found {
        Some(pid) if Some(pid) == own => launch(line, true),
        Some(pid) if master::is_master(pid) => {
            terminal::err(&messages::already_running(pid));
            exit::FAILED
        }
        _ => {
            terminal::err(messages::NOT_RUNNING);
            exit::NOT_CONFIGURED
        }
    }
}

/// `heartbeat -r`: tells the running daemon to look at its files again, if they are in order.
#[must_use]
pub fn reload(line: &CommandLine) -> u8 {
    let Master::Running(pid) = master::find() else { return start(line) };
    let log = Log::new(&line.program, &node_name::host(), line.debug);
    if let Err(status) = loading::load(options(line), &line.program, &log, Telling::Reload) {
        log.info(&not_restarted(pid));
        return if status == exit::NOT_ALLOWED { status } else { exit::FAILED };
    }
    log.info(&format!("Signalling heartbeat pid {pid} to reread config files"));
    if let Err(failure) = process::send(pid, Signal::SIGHUP) {
        log.error(&format!("Unable to send SIGHUP to pid {pid}: {}", reason(&failure)));
        return exit::FAILED;
    }
    exit::OK
}

fn options(line: &CommandLine) -> Options {
    Options { manages_resources: !line.no_resources, realtime: !line.no_realtime }
}

fn launch(line: &CommandLine, again: bool) -> u8 {
    daemonize::close_inherited();
    let options = options(line);
    let log = Log::new(&line.program, &node_name::host(), line.debug);
    let stamps = Stamps::take();
    let ready = match loading::load(options, &line.program, &log, Telling::Start) {
        Ok(ready) => ready,
        Err(status) if again => {
            log.info("Config errors: Heartbeat NOT restarted");
            return status;
        }
        Err(status) => {
            log.error("Configuration error, heartbeat not started.");
            return status;
        }
    };
    let Ok(device) = device(&ready.config, &log) else {
        log.error(if again {
            "Config errors: Heartbeat NOT restarted"
        } else {
            "Configuration error, heartbeat not started."
        });
        return exit::NOT_CONFIGURED;
    };
    if line.verbose {
        loading::print(&ready.config);
    }
    if let (Master::Running(pid), false) = (master::find(), again) {
        log.info(&messages::second_start(pid));
        return exit::OK;
    }
    let mut report = None;
    if !line.foreground && !again {
        match daemonize::split() {
            Ok(Side::Starter(answer)) => return answer.wait().unwrap_or(exit::FAILED),
            Ok(Side::Daemon(side)) => report = Some(side),
            Err(failure) => {
                log.error(&format!("Cannot fork: {}", reason(&failure)));
                return exit::FAILED;
            }
        }
    }
    // Standard error is the starter's: it gets what keeps the daemon from starting, and no more.
    log.detach();
    let console = Log::new(&line.program, &node_name::host(), 0);
    let held = line.held.as_ref().filter(|_| again).and_then(|word| Set::parse(word.as_encoded_bytes()));
    let setup = Setup { options, stamps, log: log.clone(), again, held, device };
    match assembly::prepare(ready, setup) {
        Ok(daemon) => {
            settle_in(&daemon, report);
            ending::run(daemon)
        }
        Err(failed) => {
            for line in &failed.lines {
                log.line(line);
                console.line(line);
            }
            if let Some(report) = report {
                report.send(failed.status);
            }
            failed.status
        }
    }
}

/// The fencing device, asked whether it works: one that cannot be used at all must not be found out about when a node is
/// dead.
fn device(config: &Config, log: &Log) -> Result<Option<Device>, ()> {
    let told = |problem: fencing::Problem| log.error(&problem.to_string());
    let Some(device) = Device::from_config(config, &config.node).map_err(told)? else { return Ok(None) };
    let mut sink = |severity: Severity, text: &str| log.line(&(severity, text.to_owned()));
    fencing::check(&device, &Places::from_environment(), &mut sink).map(Some).map_err(told)
}

/// The last steps before the loop: from here on nobody watches.
fn settle_in(daemon: &Daemon, report: Option<Report>) {
    if let Err(failure) = daemonize::detach_stdio() {
        daemon.log.error(&format!("Cannot open /dev/null: {}", reason(&failure)));
    }
    if let Some(report) = report {
        report.send(exit::OK);
    }
    daemon.log.start_thread();
    be_on_time(daemon);
    if daemon.config.use_apphbd {
        daemon.log.line(&(Severity::Warn, "use_apphbd has no effect: nothing registers with apphbd.".to_owned()));
    }
}

fn be_on_time(daemon: &Daemon) {
    let Daemon { config, options, log, .. } = daemon;
    if !config.realtime || !options.realtime {
        log.info(&format!("Request to set pid {} to realtime ignored.", id()));
        return;
    }
    if let Err(failure) = realtime::round_robin(config.realtime_priority) {
        log.error(&format!("Unable to set scheduler parameters.: {}", reason(&failure)));
    }
    match realtime::lock_memory() {
        Ok(()) => realtime::reserve_heap(usize::try_from(config.memory_reserve_kb).unwrap_or(0).saturating_mul(1024)),
        Err(_) => {
            log.error("Cannot lock ourselves into memory:  System limits on locked-in memory are too small.");
        }
    }
}
