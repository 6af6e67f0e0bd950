//! The program `ResourceManager`: lists groups, starts and stops them, asks for the status of resources.
//!
//! Resource specification, section 2.1. Output and exit status are the original's, except that `statgroup` writes its
//! answer to standard output as well as to the debug log.

use crate::arguments;
use crate::backend::{self, Backend};
use crate::halog::HaLog;
use crate::run::{self, Stderr};
use crate::settings::Settings;
use crate::table;
use nix::unistd::{dup2_stderr, dup2_stdout};
use std::ffi::OsString;
use std::io::{self, Write};

/// Runs it with the arguments after the program's name, and gives the exit status.
#[must_use]
pub fn main(arguments: &[OsString]) -> i32 {
    let word = |place: usize| arguments::text(arguments, place);
    let argument = word(1);
    match word(0).as_str() {
        "listkeys" => print(&native().table().keys(&argument)),
        // The original takes a missing node for none, not for all.
        "allkeys" => print(&native().table().keys(".*")),
        "ourkeys" => own_or_other(true),
        "otherkeys" => own_or_other(false),
        "status" => {
            if native().is_running(&argument) {
                0
            } else {
                3
            }
        }
        "takegroup" => {
            redirect();
            Backend::native(Stderr::DebugLog).take(&argument)
        }
        "givegroup" => {
            redirect();
            Backend::native(Stderr::DebugLog).give(&argument)
        }
        "statgroup" => statgroup(&argument),
        "verifyallidle" => verify_all_idle(),
        _ => {
            let path = arguments::program(backend::PATH);
            let usage = format!("usage: {path} listkeys machine | takegroup key | givegroup key|status resource\n\n");
            let _ = io::stderr().write_all(usage.as_bytes());
            1
        }
    }
}

fn native() -> Backend {
    Backend::native(Stderr::Inherited)
}

fn own_or_other(own: bool) -> i32 {
    let backend = native();
    print(&backend.table().lines(&backend.settings().node, own))
}

/// One line for each text. A reader that has gone away is no error.
fn print(lines: &[String]) -> i32 {
    let text: String = lines.iter().flat_map(|line| [line, "\n"]).collect();
    let _ = io::stdout().write_all(text.as_bytes());
    0
}

/// Lets everything we and our children write go to the debug log, as the original does for these verbs.
fn redirect() {
    if let Some(file) = run::open(&Settings::from_env()) {
        let _ = dup2_stdout(&file);
        let _ = dup2_stderr(&file);
    }
}

/// How much of a group runs: `NONE`, `SOME` or `ALL`.
fn statgroup(key: &str) -> i32 {
    let backend = Backend::native(Stderr::DebugLog);
    let table = backend.table();
    let words = table.find(key).map(|found| found.group.resources.as_slice()).unwrap_or_default();
    let running = words.iter().filter(|word| backend.is_running(&word.text)).count();
    let answer = match running {
        0 => "NONE\n",
        some if some < words.len() => "SOME\n",
        _ => "ALL\n",
    };
    if let Some(mut log) = run::open(backend.settings()) {
        let _ = log.write_all(answer.as_bytes());
    }
    let _ = io::stdout().write_all(answer.as_bytes());
    0
}

/// Complains about each group whose first resource runs. The exit status is their number.
fn verify_all_idle() -> i32 {
    let backend = native();
    let log = backend.log();
    let path = arguments::program(backend::PATH);
    let mut active = 0;
    for group in backend.table().groups() {
        let key = table::key(group);
        if key.is_empty() || !backend.is_running(key) {
            continue;
        }
        active += 1;
        both(log, &format!("CRITICAL: Resource {key} is active, and should not be!"));
        both(log, "CRITICAL: Non-idle resources can affect data integrity!");
        both(log, "info: If you don't know what this means, then get help!");
        // The two texts of the original differ here.
        log.log(&format!("info: Read the docs and/or source to {path} for more details."));
        error(&format!("info: Read the docs and/or the source to {path} for more details."));
    }
    if active > 0 {
        log.log("CRITICAL: Non-idle resources will affect resource takeback!");
        log.log("CRITICAL: Non-idle resources may affect data integrity!");
    }
    active
}

fn both(log: &HaLog, text: &str) {
    log.log(text);
    error(text);
}

fn error(text: &str) {
    let _ = io::stderr().write_all(format!("{text}\n").as_bytes());
}
