//! `LVSSyncDaemonSwap`: which of the two connection synchronisation daemons of the kernel runs on this node.
//!
//! The node with the address sends connections (`master`), the other receives them (`backup`); exactly one of the two
//! runs, although newer kernels would allow both (resource specification, section 11.7).

use crate::agent::Call;
use crate::output::{print, report};
use crate::place;
use ipvs::model::{Daemon, DaemonState, InterfaceName};
use ipvs::{Client, Op};
use std::fs;
use std::path::Path;

/// The defaults of `ipvsadm`.
const INTERFACE: &str = "eth0";

/// The other role.
fn other(role: DaemonState) -> DaemonState {
    match role {
        DaemonState::Master => DaemonState::Backup,
        DaemonState::Backup => DaemonState::Master,
    }
}

/// `master` or `backup`.
fn word(role: DaemonState) -> &'static str {
    match role {
        DaemonState::Master => "master",
        DaemonState::Backup => "backup",
    }
}

/// The changes after which only the daemon of this role runs. One that runs stays as it is.
fn plan(running: &[Daemon], role: DaemonState, interface: InterfaceName, sync_id: u8) -> Vec<Op> {
    let find = |role| running.iter().find(|daemon| daemon.state == role);
    let mut changes = Vec::new();
    if let Some(wrong) = find(other(role)) {
        changes.push(Op::StopDaemon(wrong.state, wrong.sync_id));
    }
    if find(role).is_none() {
        changes.push(Op::StartDaemon(Daemon::new(role, interface, sync_id)));
    }
    changes
}

/// The text of `status`: what runs, with the process id of its thread if it has one.
fn status(running: &[Daemon], role: DaemonState, pid: impl Fn(DaemonState) -> Option<i32>) -> (String, bool) {
    let runs = |role| running.iter().any(|daemon| daemon.state == role);
    let thread = |role| pid(role).map(|pid| format!(" (ipvs_sync{} pid: {pid})", word(role))).unwrap_or_default();
    let name = word(role);
    if runs(role) {
        return (format!("{name} running{}", thread(role)), true);
    }
    let beside = if runs(other(role)) { thread(other(role)) } else { String::new() };
    (format!("{name} stopped{beside}"), false)
}

/// The kernel thread of a daemon: `ipvs_syncmaster` of old, `ipvs-m:ID:N` of now.
fn thread(role: DaemonState) -> Option<i32> {
    let (old, new) = match role {
        DaemonState::Master => ("ipvs_syncmaster", "ipvs-m:"),
        DaemonState::Backup => ("ipvs_syncbackup", "ipvs-b:"),
    };
    let entries = fs::read_dir("/proc").ok()?.flatten();
    let mut pids: Vec<i32> = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect();
    pids.sort_unstable();
    pids.into_iter().find(|pid| {
        let name = fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
        name.trim_end() == old || name.starts_with(new)
    })
}

fn settings() -> (InterfaceName, u8) {
    let file = Path::new(place::CONFIGURATION).join("LVSSyncDaemonSwap");
    let interface = place::setting(&file, "INTERFACE").unwrap_or_else(|| INTERFACE.to_owned());
    let sync_id = place::setting(&file, "SYNCID").and_then(|text| text.parse().ok()).unwrap_or(0);
    (InterfaceName::truncated(interface.as_bytes()), sync_id)
}

/// Runs the script; returns its exit status.
#[must_use]
pub fn run(words: &[String]) -> i32 {
    let [role, verb] = words else { return usage() };
    let role = match role.as_str() {
        "master" => DaemonState::Master,
        "backup" => DaemonState::Backup,
        _ => return usage(),
    };
    let (wanted, end) = match verb.as_str() {
        "start" => (role, "obtained"),
        "stop" => (other(role), "released"),
        "status" | "monitor" => (role, ""),
        _ => return usage(),
    };
    let mut client = match Client::open() {
        Ok(client) => client,
        Err(_) if verb == "stop" => return 0,
        Err(_) if end.is_empty() => {
            print(&format!("{} stopped", word(role)));
            return 3;
        }
        Err(error) => return failed(&error),
    };
    let running = match client.daemons() {
        Ok(running) => running,
        Err(error) => return failed(&error),
    };
    if end.is_empty() {
        let (text, runs) = status(&running, role, thread);
        print(&text);
        return if runs { 0 } else { 3 };
    }
    let (interface, sync_id) = settings();
    let call = Call::new("LVSSyncDaemonSwap", word(role));
    for change in plan(&running, wanted, interface, sync_id) {
        if let Err(error) = client.execute(&change) {
            return failed(&error);
        }
        match change {
            Op::StopDaemon(role, _) => call.info(&format!("ipvs_sync{} down", word(role))),
            _ => call.info(&format!("ipvs_sync{} up", word(wanted))),
        }
    }
    call.info(&format!("ipvs_sync{} {end}", word(role)));
    0
}

fn failed(error: &ipvs::Error) -> i32 {
    report(&format!("LVSSyncDaemonSwap: {error}"));
    1
}

fn usage() -> i32 {
    report("usage: LVSSyncDaemonSwap master|backup start|stop|status");
    1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn daemon(state: DaemonState, sync_id: u8) -> Daemon {
        Daemon::new(state, InterfaceName::truncated(b"eth1"), sync_id)
    }

    fn changes(running: &[Daemon], role: DaemonState) -> String {
        let name = |change: &Op| match change {
            Op::StopDaemon(role, id) => format!("stop {} {id}", word(*role)),
            Op::StartDaemon(daemon) => format!("start {} {}", word(daemon.state), daemon.sync_id),
            other => format!("{other:?}"),
        };
        let plan = plan(running, role, InterfaceName::truncated(b"eth0"), 7);
        plan.iter().map(name).collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn exactly_one_daemon_is_left() {
        let (master, backup) = (daemon(DaemonState::Master, 1), daemon(DaemonState::Backup, 2));
        assert_eq!(changes(&[backup], DaemonState::Master), "stop backup 2, start master 7");
        assert_eq!(changes(&[master], DaemonState::Backup), "stop master 1, start backup 7");
        assert_eq!(changes(&[master, backup], DaemonState::Master), "stop backup 2");
        assert_eq!(changes(&[], DaemonState::Backup), "start backup 7");
        assert_eq!(changes(&[master], DaemonState::Master), "");
    }

    #[test]
    fn the_text_says_running_only_if_it_runs() {
        let (master, backup) = (daemon(DaemonState::Master, 1), daemon(DaemonState::Backup, 2));
        let text = |running: &[Daemon], pid| status(running, DaemonState::Master, |_| pid).0;
        assert_eq!(text(&[master], Some(9)), "master running (ipvs_syncmaster pid: 9)");
        assert_eq!(text(&[master, backup], None), "master running");
        assert_eq!(text(&[backup], Some(9)), "master stopped (ipvs_syncbackup pid: 9)");
        assert_eq!(text(&[], Some(9)), "master stopped");
    }
}
