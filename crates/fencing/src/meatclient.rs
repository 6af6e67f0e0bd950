//! `meatclient -c NODE [-w]`: the operator confirms that a node was reset, for the type `meatware`.
//!
//! Texts, statuses and the FIFO's contents are those of cluster-glue 1.0.12.

use crate::meatware::{REPLY, meeting, reply};
use crate::places::Places;
use nix::errno::Errno;
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, Write};
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::path::Path;
use std::time::Duration;
use std::{env, thread};

/// Status: wrong usage, or the operator did not confirm.
const CANCELLED: i32 = 3;
/// Status: nobody waits for a confirmation.
const NOBODY: i32 = 4;
/// How often `-w` looks whether somebody waits.
const AGAIN: Duration = Duration::from_secs(1);

/// What was asked for.
#[derive(Debug, PartialEq, Eq)]
struct Options {
    node: String,
    wait: bool,
}

/// Runs the program with its arguments, without its own name. Returns the exit status: 0 confirmed, 3 not confirmed or
/// wrong usage, 4 nobody waits.
#[must_use]
pub fn main(arguments: &[String]) -> i32 {
    let program = env::args().next().unwrap_or_else(|| "meatclient".to_owned());
    // A multi-call binary is not always started under this name.
    let name = if program.ends_with("meatclient") { program } else { "meatclient".to_owned() };
    let folder = Places::from_environment().meetings;
    let (mut output, mut errors) = (io::stdout(), io::stderr());
    // Without a terminal nobody can be told; the status says it.
    run(&name, arguments, &folder, &mut io::stdin().lock(), &mut output, &mut errors).unwrap_or(CANCELLED)
}

fn run(
    name: &str,
    arguments: &[String],
    folder: &Path,
    input: &mut dyn BufRead,
    output: &mut dyn Write,
    errors: &mut dyn Write,
) -> io::Result<i32> {
    let (options, complaints) = parse(arguments);
    for complaint in complaints {
        writeln!(errors, "{name}: {complaint}")?;
    }
    let Some(Options { node, wait }) = options else {
        writeln!(errors, "usage: meatclient -c node [-w]")?;
        return Ok(CANCELLED);
    };
    let Some(path) = meeting(folder, &node) else {
        writeln!(errors, "Meatware_IPC failed: {node}: {}", Errno::ENOENT.desc())?;
        return Ok(NOBODY);
    };
    let mut fifo = match open(&path, wait, output)? {
        Ok(fifo) => fifo,
        Err(error) => {
            let reason = Errno::from_raw(error.raw_os_error().unwrap_or_default()).desc();
            writeln!(errors, "Meatware_IPC failed: {}: {reason}", path.display())?;
            return Ok(NOBODY);
        }
    };
    write!(
        output,
        "\nWARNING!\n\nIf node \"{node}\" has not been manually power-cycled or disconnected from all shared \
         resources and networks, data on shared disks may become corrupted and migrated services might not work as \
         expected.\nPlease verify that the name or address above corresponds to the node you just rebooted.\n\n\
         PROCEED? [yN] "
    )?;
    output.flush()?;
    let mut confirmation = reply(&node).into_bytes();
    if !agreed(input) || confirmation.len() > REPLY {
        writeln!(output, "Meatware_client: operation canceled.")?;
        return Ok(CANCELLED);
    }
    confirmation.resize(REPLY, 0);
    if let Err(error) = fifo.write_all(&confirmation) {
        // Whoever waited is gone: a confirmation that nobody heard must not look like one.
        writeln!(errors, "Meatware_IPC failed: {}: {error}", path.display())?;
        return Ok(NOBODY);
    }
    writeln!(output, "Meatware_client: reset confirmed.")?;
    Ok(0)
}

/// The options, if they make sense, and what `getopt` would complain about.
fn parse(arguments: &[String]) -> (Option<Options>, Vec<String>) {
    let (mut node, mut wait, mut complaints) = (None, false, Vec::new());
    let mut rest = arguments.iter();
    let mut operands = false;
    while let Some(argument) = rest.next() {
        let Some(letters) = argument.strip_prefix('-').filter(|letters| !letters.is_empty()) else {
            operands = true;
            continue;
        };
        if argument == "--" {
            operands |= rest.next().is_some();
            break;
        }
        let mut letters = letters.chars();
        while let Some(letter) = letters.next() {
            match letter {
                'w' => wait = true,
                'c' => {
                    let joined = Some(letters.as_str().to_owned()).filter(|joined| !joined.is_empty());
                    match joined.or_else(|| rest.next().cloned()) {
                        Some(name) => node = Some(name.to_ascii_lowercase()),
                        None => complaints.push("option requires an argument -- 'c'".to_owned()),
                    }
                    break;
                }
                other => complaints.push(format!("invalid option -- '{other}'")),
            }
        }
    }
    let options = node.filter(|_| complaints.is_empty() && !operands).map(|node| Options { node, wait });
    (options, complaints)
}

/// Opens the FIFO. With `wait` until somebody waits at its other end, with a dot for every look.
fn open(path: &Path, wait: bool, output: &mut dyn Write) -> io::Result<io::Result<File>> {
    let mut looks = 0_u32;
    loop {
        let opened = open_once(path);
        if opened.is_ok() || !wait {
            if looks > 0 {
                writeln!(output)?;
            }
            return Ok(opened);
        }
        looks = looks.saturating_add(1);
        write!(output, ".")?;
        output.flush()?;
        thread::sleep(AGAIN);
    }
}

/// Fails if nobody reads. Anything but a FIFO is not written to: the original writes, and calls it confirmed.
fn open_once(path: &Path) -> io::Result<File> {
    let file = OpenOptions::new().write(true).custom_flags(nix::fcntl::OFlag::O_NONBLOCK.bits()).open(path)?;
    if file.metadata()?.file_type().is_fifo() { Ok(file) } else { Err(Errno::ENXIO.into()) }
}

/// Whether the first thing that is not a blank is a small `y`.
fn agreed(input: &mut dyn BufRead) -> bool {
    let mut line = String::new();
    loop {
        line.clear();
        match input.read_line(&mut line) {
            Ok(0) | Err(_) => return false,
            Ok(_) if line.trim().is_empty() => {}
            Ok(_) => return line.trim_start().starts_with('y'),
        }
    }
}

#[cfg(test)]
mod tests;
