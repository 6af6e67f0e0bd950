//! Running other programs, with their arguments as they are.

use crate::place;
use std::io::{self, Write};
use std::path::Path;
use std::process::{Command, Stdio};

/// What came of a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Finished {
    /// Its exit status; 128 and the signal if one ended it.
    pub(super) status: i32,
    /// What it printed on standard output.
    pub(super) output: String,
}

/// Runs a program to its end with our output streams; returns its exit status.
///
/// # Errors
/// Those of starting it.
pub(super) fn run(program: &Path, arguments: &[&str]) -> io::Result<i32> {
    let status = Command::new(program).args(arguments).stdin(Stdio::null()).status()?;
    Ok(code(status))
}

/// As [`run`], without any output.
///
/// # Errors
/// Those of starting it.
pub(super) fn run_quietly(program: &Path, arguments: &[&str]) -> io::Result<i32> {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    Ok(code(command.status()?))
}

/// Runs a program with these bytes as its input; returns its exit status.
///
/// # Errors
/// Those of starting it and of giving it the input.
pub(super) fn feed(program: &Path, arguments: &[&str], input: &[u8]) -> io::Result<i32> {
    let mut child = Command::new(program).args(arguments).stdin(Stdio::piped()).spawn()?;
    if let Some(mut pipe) = child.stdin.take() {
        // One that does not want it all has its reasons; its status says which.
        let _ = pipe.write_all(input);
    }
    Ok(code(child.wait()?))
}

/// Runs a command and takes what it prints on standard output.
///
/// # Errors
/// Those of starting it.
pub(super) fn capture(command: &mut Command) -> io::Result<Finished> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::inherit()).output()?;
    Ok(Finished { status: code(output.status), output: String::from_utf8_lossy(&output.stdout).into_owned() })
}

fn code(status: std::process::ExitStatus) -> i32 {
    use std::os::unix::process::ExitStatusExt;
    status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or(0))
}

/// Whether a script that has no process of its own was started: a file says so until a reboot.
pub(super) fn is_started(name: &str) -> bool {
    state(name).exists()
}

/// Notes that it was started.
///
/// # Errors
/// Those of writing the file.
pub(super) fn set_started(name: &str) -> io::Result<()> {
    place::create_temporary()?;
    std::fs::write(state(name), "")
}

/// Notes that it was stopped; returns whether it was started.
pub(super) fn set_stopped(name: &str) -> bool {
    std::fs::remove_file(state(name)).is_ok()
}

/// Slashes cannot stand in the name of a file.
fn state(name: &str) -> std::path::PathBuf {
    place::temporary().join(name.replace('/', "_"))
}
