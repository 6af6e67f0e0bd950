//! `Xinetd`: switches a service of the running `xinetd` on and off.

use crate::agent::{Call, Outcome, Verb};
use ha_sys::process;
use nix::sys::signal::Signal;
use std::fs;
use std::path::{Path, PathBuf};

/// The process id of `xinetd`, if it runs.
fn daemon() -> Option<i32> {
    let entries = fs::read_dir("/proc").ok()?.flatten();
    let mut pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    pids.find(|pid| process::Process::find(*pid).is_some_and(|found| found.name == "xinetd"))
}

/// Whether the service of a description is switched on; one that does not say is.
fn is_enabled(text: &str) -> bool {
    text.lines().rev().find_map(disabled) != Some(true)
}

/// What a line `disable = yes` says.
fn disabled(line: &str) -> Option<bool> {
    let (name, value) = line.split_once('=')?;
    (name.trim() == "disable").then(|| value.trim() == "yes")
}

/// The description with the service switched on or off; everything else stays.
fn set(text: &str, enabled: bool) -> String {
    let word = if enabled { "no" } else { "yes" };
    let line = format!("\tdisable = {word}");
    let mut out: Vec<String> = Vec::new();
    let mut found = false;
    for old in text.lines() {
        if disabled(old).is_some() {
            found = true;
            out.push(line.clone());
        } else if old.trim() == "}" && !found {
            out.push(line.clone());
            out.push(old.to_owned());
            found = true;
        } else {
            out.push(old.to_owned());
        }
    }
    out.join("\n") + "\n"
}

/// Carries out one verb.
pub(super) fn act(call: &Call, service: &str, verb: Verb) -> Outcome {
    let path = PathBuf::from("/etc/xinetd.d").join(Path::new(service).file_name().unwrap_or_default());
    let text = fs::read_to_string(&path);
    let daemon = daemon();
    let enabled = text.as_ref().is_ok_and(|text| is_enabled(text));
    match (verb, daemon) {
        (Verb::Status, Some(_)) if enabled => return Outcome::Success,
        (Verb::Status, _) => return Outcome::Stopped,
        (Verb::Start, None) => {
            let text = "xinetd not running, we manage just xinetd services, not the daemon itself";
            return call.fail(text, Outcome::Installed);
        }
        (Verb::Stop, None) => return Outcome::Success,
        (Verb::Start | Verb::Stop, Some(_)) => {}
    }
    let Ok(text) = text else {
        if verb == Verb::Stop {
            return Outcome::Success;
        }
        return call.fail(&format!("service descriptor {} not found", path.display()), Outcome::Installed);
    };
    let wanted = verb == Verb::Start;
    if enabled == wanted {
        return Outcome::Success;
    }
    let written = fs::write(&path, set(&text, wanted));
    let told = written.and_then(|()| daemon.map_or(Ok(()), |pid| process::send(pid, Signal::SIGHUP)));
    match told {
        Ok(()) => Outcome::Success,
        Err(error) => call.fail(&format!("{}: {error}", path.display()), Outcome::Generic),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_is_switched_and_the_rest_kept() {
        let text = "# a\nservice x\n{\n\tdisable\t= yes\n\tuser = root\n}\n";
        assert!(!is_enabled(text));
        let on = set(text, true);
        assert_eq!(on, "# a\nservice x\n{\n\tdisable = no\n\tuser = root\n}\n");
        assert!(is_enabled(&on) && !is_enabled(&set(&on, false)));
    }

    #[test]
    fn a_service_that_does_not_say_is_on_and_gets_a_line() {
        let text = "service x\n{\n}\n";
        assert!(is_enabled(text));
        assert_eq!(set(text, false), "service x\n{\n\tdisable = yes\n}\n");
    }
}
