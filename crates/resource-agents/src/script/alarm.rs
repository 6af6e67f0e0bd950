//! `AudibleAlarm`: beeps while the resource is on this node, unless the node is in the list.

use super::process::{is_started, set_started, set_stopped};
use crate::agent::{Call, Outcome, Verb};
use crate::announce;
use crate::output::print;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

const STATE: &str = "AudibleAlarm";
/// The pid file of what beeps, where the original has it (observed).
const PID: &str = "/var/run/heartbeat-bell";
/// What beeps.
const CONSOLE: &str = "/dev/console";
/// What the beeping program is told instead of nodes and a verb; no node has this name.
const BEEP: &str = "--beep";

/// Carries out one verb.
pub(super) fn act(call: &Call, words: &[String], verb: Verb) -> Outcome {
    match verb {
        Verb::Start if words.first().is_some_and(|word| word == BEEP) => beep(),
        Verb::Status if is_started(STATE) || announce::lives(Path::new(PID), &["AudibleAlarm"]) => {
            print("running");
            Outcome::Success
        }
        Verb::Status => {
            print("stopped");
            Outcome::Stopped
        }
        Verb::Start => {
            let node = nix::unistd::gethostname().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            silence();
            let silent = words.contains(&node) || !Path::new(CONSOLE).exists();
            // What beeps shows by itself that it was started; what is silent needs a note.
            let started = if silent { set_started(STATE) } else { start() };
            match started {
                Ok(()) => Outcome::Success,
                Err(error) => call.fail(&format!("cannot start: {error}"), Outcome::Generic),
            }
        }
        Verb::Stop => {
            silence();
            set_stopped(STATE);
            Outcome::Success
        }
    }
}

fn silence() {
    announce::kill_from(Path::new(PID), &["AudibleAlarm"]);
}

fn start() -> std::io::Result<()> {
    let mut command = Command::new("/proc/self/exe");
    command.arg0("AudibleAlarm").args([BEEP, "start"]).current_dir("/");
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn()?;
    fs::write(PID, format!("{}\n", child.id()))?;
    let _ = std::thread::Builder::new().spawn(move || child.wait());
    Ok(())
}

/// Beeps once a second as long as there is a console.
fn beep() -> Outcome {
    let _ = nix::unistd::setsid();
    while let Ok(mut console) = OpenOptions::new().write(true).open(CONSOLE) {
        let _ = console.write_all(b"\x07");
        drop(console);
        std::thread::sleep(Duration::from_secs(1));
    }
    Outcome::Success
}
