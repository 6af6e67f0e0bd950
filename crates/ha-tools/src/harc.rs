//! `harc TYPE`: runs the script for a message type, and the daemon's job that does the same.
//!
//! Source: resource specification, sections 2.3 and 2.4. `/etc/ha.d/rc.d` is where sites add their own message types
//! and change ours. Work is done without a shell only for scripts that nobody has changed.

use crate::call::Call;
use crate::environment::Environment;
use crate::rc::{self, Kind};
use crate::{exit, messages};
use nix::unistd::{AccessFlags, access, dup2_stderr, dup2_stdout};
use resource_manager::halog::HaLog;
use resource_manager::stock::Stock;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

/// What a script that cannot be executed ends with, as in a shell.
const NOT_EXECUTED: u8 = 126;

/// `harc TYPE [ARG...]`
pub(crate) fn harc(call: &Call) -> u8 {
    let environment = Environment::of_process();
    redirect(&environment);
    let log = HaLog::from_env("harc");
    let directory = environment.scripts();
    if !directory.is_dir() {
        log.log(&format!("ERROR: {}: {} does not exist", call.program(), directory.display()));
        return exit::FAILED;
    }
    let kind = call.text(0);
    let script = environment.script(&kind);
    if kind.is_empty() || !script.is_file() || access(&script, AccessFlags::X_OK).is_err() {
        log.log(&format!("ERROR: {}: {}: not executable", call.program(), script.display()));
        return exit::FAILED;
    }
    announce(&log, &script, call);
    let native = Kind::named(&kind).filter(|_| Stock::installed().is_ours_or_stock(&script));
    match native {
        Some(native) => rc::run(native, &Call::new(script, call.arguments.clone()), &environment),
        None => execute(&script, None, call, &environment),
    }
}

/// The daemon's job for a message of type `kind`: what `harc kind` does, but a missing stock script is no error.
pub(crate) fn job(kind: &str) -> u8 {
    // The daemon finds the script by the type as it is and calls it in lower case.
    let kind = kind.to_lowercase();
    let environment = Environment::of_process();
    let stock = Stock::installed();
    let harc = environment.directory().join("harc");
    let call = Call::new("harc", [kind.clone().into()]);
    if !stock.is_ours_or_stock(&harc) {
        return execute(&harc, Some("harc"), &call, &environment);
    }
    let script = environment.script(&kind);
    match Kind::named(&kind) {
        Some(native) if !script.exists() => {
            redirect(&environment);
            announce(&HaLog::from_env("harc"), &script, &call);
            rc::run(native, &Call::new(script, call.arguments), &environment)
        }
        _ => self::harc(&Call::new(harc, call.arguments)),
    }
}

fn announce(log: &HaLog, script: &Path, call: &Call) {
    let words: Vec<_> = call.arguments.iter().map(|word| word.to_string_lossy()).collect();
    log.log(&format!("info: Running {} {}", script.display(), words.join(" ")));
}

/// All output goes to the debug log, from here on. If that cannot be opened, it stays where it is.
fn redirect(environment: &Environment) {
    let path = environment.text("HA_DEBUGLOG");
    let file = OpenOptions::new().append(true).create(true).open(path);
    let both = |file: &File| dup2_stdout(file).and_then(|()| dup2_stderr(file));
    let _ = std::io::stdout().flush();
    let _ = file.map(|file| both(&file));
}

/// Becomes the script. Returns only if that fails.
fn execute(script: &Path, name: Option<&str>, call: &Call, environment: &Environment) -> u8 {
    let mut command = Command::new(script);
    command.arg0(name.map_or(script.as_os_str(), |name| name.as_ref()));
    let error = command.args(&call.arguments).env_clear().envs(environment.all()).exec();
    messages::failed(&script.to_string_lossy(), &error);
    NOT_EXECUTED
}
