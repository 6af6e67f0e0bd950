//! Starts a program, waits for its end and says what it took.

#![expect(
    unsafe_code,
    reason = "wait4 is the only call that gives one child's memory and time; no safe wrapper has it"
)]

use std::ffi::c_int;
use std::fs::File;
use std::mem::MaybeUninit;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};

use crate::split;

/// What a run took.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Cost {
    /// From before the start to after the end.
    pub(crate) wall: Duration,
    /// Processor time, in the program and in the kernel for it.
    pub(crate) processor: Duration,
    /// The most memory it had at a time, in KiB. Never below this program's own, which the kernel counts until `exec`.
    pub(crate) memory_kib: i64,
}

/// Prepares one step: the words of a command, its standard input perhaps as a last word `<FILE`.
pub(crate) fn command(words: &[String], stdin: Option<&str>, stdout: Stdio) -> Result<Command> {
    let (words, stdin) = match words.split_last() {
        Some((last, words)) if last.starts_with('<') => (words, last.strip_prefix('<')),
        _ => (words, stdin),
    };
    let (program, args) = words.split_first().context("an empty command")?;
    let mut command = Command::new(program);
    command.args(args).stdout(stdout);
    command.stdin(match stdin {
        Some(path) => Stdio::from(File::open(path).with_context(|| path.to_owned())?),
        None => Stdio::null(),
    });
    Ok(command)
}

/// Runs all steps of `words` and adds up what they took. `stdin` is for the last step, `stdout` gets what that one prints.
pub(crate) fn steps(words: &[String], stdin: Option<&str>, stdout: &File) -> Result<Cost> {
    let steps = split(words, "+");
    let last = steps.len().saturating_sub(1);
    let mut total = Cost::default();
    for (number, step) in steps.into_iter().enumerate() {
        let stdin = if number == last { stdin } else { None };
        let cost = measure(&mut command(step, stdin, stdout.try_clone()?.into())?)?;
        total.wall += cost.wall;
        total.processor += cost.processor;
        total.memory_kib = total.memory_kib.max(cost.memory_kib);
    }
    Ok(total)
}

/// Runs one command. The standard library starts it by `posix_spawn`, which costs the same for every program.
fn measure(command: &mut Command) -> Result<Cost> {
    let start = Instant::now();
    let child = command.spawn().with_context(|| format!("{command:?}"))?;
    let (status, usage) = wait_with_usage(child.id())?;
    let wall = start.elapsed();
    ensure!(status.success(), "{command:?} ended with {status}");
    let time = |value: libc::timeval| {
        let micros = value.tv_sec.saturating_mul(1_000_000).saturating_add(value.tv_usec);
        Duration::from_micros(u64::try_from(micros).unwrap_or(0))
    };
    Ok(Cost { wall, processor: time(usage.ru_utime) + time(usage.ru_stime), memory_kib: usage.ru_maxrss })
}

fn wait_with_usage(id: u32) -> Result<(ExitStatus, libc::rusage)> {
    let id = libc::pid_t::try_from(id)?;
    let mut status: c_int = 0;
    let mut usage = MaybeUninit::<libc::rusage>::zeroed();
    // SAFETY: both pointers are to live, writable memory of the right types; the process is our own child.
    let ended = unsafe { libc::wait4(id, &raw mut status, 0, usage.as_mut_ptr()) };
    if ended != id {
        bail!("wait4: {}", std::io::Error::last_os_error());
    }
    // SAFETY: rusage is plain integers, zeroed above and filled in by wait4.
    Ok((ExitStatus::from_raw(status), unsafe { usage.assume_init() }))
}
