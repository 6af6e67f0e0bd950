//! The end of a daemon: for good, or to start again.

use crate::daemon::{Daemon, now};
use crate::exit;
use crate::restart::Again;
use cluster_protocol::output::Ending;
use cluster_protocol::time::Mono;
use ha_sys::poll::{Interest, Poller, Ready};
use ha_sys::signals::Signals;
use nix::sys::signal::Signal;
use std::time::Duration;

/// Runs the daemon to its end; returns the exit status of the process, which stays the same through a restart.
#[must_use]
pub fn run(mut daemon: Daemon) -> u8 {
    // Asked now: of a program that is replaced while it runs, the path could not be asked any more.
    let program = Again::own_program();
    let ending = daemon.run();
    let (held, homes) = (daemon.core.held(), daemon.core.homes());
    daemon.links.close();
    log_links(&mut daemon);
    if let Some(watchdog) = daemon.watchdog.take() {
        let _ = watchdog.stop();
    }
    let failure = daemon.keeper.finish();
    let log = daemon.log;
    log.lines(failure);
    log.info(&format!("{} Heartbeat shutdown complete.", daemon.config.node));
    let after_ms = match ending {
        Ending::Restart { after_ms } => after_ms,
        Ending::Stop | Ending::Emergency => {
            log.flush();
            return if ending == Ending::Stop { exit::OK } else { exit::EMERGENCY };
        }
    };
    // Silence is for a node that released everything; a changed configuration changes nothing that runs.
    let held = held.filter(|_| after_ms == 0);
    let homes = if held.is_some() { homes } else { Vec::new() };
    let again = Again::new(program, daemon.options, log.level(), held).holding(homes);
    log.info("Heartbeat restart triggered.");
    if stopped_while_silent(&daemon.signals, now().mono + Duration::from_millis(after_ms)) {
        log.flush();
        return exit::OK;
    }
    log.info("Restarting heartbeat.");
    again.execute(&log);
    log.flush();
    exit::FAILED
}

fn log_links(daemon: &mut Daemon) {
    for line in daemon.links.take_lines() {
        daemon.log.line(&line);
    }
}

/// Waits until then; true if somebody wants the daemon to stop meanwhile.
fn stopped_while_silent(signals: &Signals, until: Mono) -> bool {
    let Ok(mut poller) = Poller::new(1) else { return false };
    if poller.add(signals, 0, Interest::READ).is_err() {
        return false;
    }
    let mut ready: Vec<Ready> = Vec::new();
    loop {
        let rest = until.since(now().mono);
        if rest.is_zero() || poller.wait(Some(rest), &mut ready).is_err() {
            return false;
        }
        while let Some(signal) = signals.next() {
            if signal == Signal::SIGTERM {
                return true;
            }
        }
    }
}
