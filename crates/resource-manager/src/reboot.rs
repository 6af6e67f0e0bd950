//! The last resort: a resource that cannot be stopped would soon run on two nodes, so this one has to go.
//!
//! Resource specification, section 1.8. The daemon and its closest clients are killed first: they must not say goodbye,
//! because the peers are to see a dead node. Then the machine is rebooted without stopping anything.
//!
//! With `HA_REBOOT_COMMAND` that program is called instead of `/sbin/reboot`, nothing is killed unless
//! `HA_REBOOT_KILLS=yes`, and `init` is left alone: for containers and tests.

use crate::halog::HaLog;
use crate::process;
use crate::run;
use crate::settings::Settings;
use ha_sys::process::{Process, send};
use nix::sys::signal::Signal;
use std::fs;
use std::path::Path;
use std::process::{Command, id};

/// The names of processes that are killed.
const KILLED: [&str; 3] = ["heartbeat", "ipfail", "ccm"];

/// Kills the cluster software and reboots. Comes back only if that failed, or if another command did it.
pub fn reboot(settings: &Settings, log: &HaLog) {
    log.log("CRIT: Killing heartbeat ungracefully!");
    if settings.reboot_command.is_none() || settings.reboot_kills {
        kill_all();
    }
    let done = match &settings.reboot_command {
        Some(command) => succeeds(command, "-nf", settings),
        None => {
            succeeds(Path::new("/sbin/reboot"), "-nf", settings) || succeeds(Path::new("/sbin/init"), "6", settings)
        }
    };
    if !done {
        log.log("CRIT: Unable to force reboot.");
    }
}

fn succeeds(program: &Path, argument: &str, settings: &Settings) -> bool {
    let mut command = Command::new(program);
    run::surround(&mut command, settings);
    command.arg(argument).stdout(run::sink(settings)).stderr(run::sink(settings));
    process::run(command, None).is_ok_and(|outcome| outcome.code == 0)
}

/// Kills the processes of these names that see the same process ids as we do: not those of containers. Not ourselves:
/// a child of the daemon may still have the daemon's name.
fn kill_all() {
    let space = |pid: &str| fs::read_link(format!("/proc/{pid}/ns/pid")).ok();
    let Some(own) = space("self") else { return };
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let ids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    for pid in ids.filter(|pid| u32::try_from(*pid) != Ok(id())) {
        let named = Process::find(pid).is_some_and(|process| KILLED.contains(&process.name.as_str()));
        if named && space(&pid.to_string()).as_ref() == Some(&own) {
            let _ = send(pid, Signal::SIGKILL);
        }
    }
}
