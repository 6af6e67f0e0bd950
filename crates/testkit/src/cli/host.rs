//! The host's side: boots the lab and lets the same program go on inside.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};

use super::{Cases, Diff};
use crate::uml::Lab;

/// Something to run inside the lab.
#[derive(Debug, Clone)]
pub struct Job {
    /// The machine.
    pub lab: Lab,
    /// Arguments of `lvs-lab`.
    pub args: Vec<OsString>,
}

/// A run of recorded cases.
///
/// # Errors
///
/// A path that does not exist.
pub fn cases(cases: &Cases) -> Result<Job> {
    with_program("cases", cases)
}

/// The checks that are no single command lines; `only` and `recorded` have no effect.
///
/// # Errors
///
/// A path that does not exist.
pub fn checks(cases: &Cases) -> Result<Job> {
    with_program("checks", cases)
}

fn with_program(action: &str, cases: &Cases) -> Result<Job> {
    let mut args = words(&["agent", action]);
    path_option(&mut args, "--program", cases.program.as_deref())?;
    path_option(&mut args, "--scripts", cases.scripts.as_deref())?;
    args.extend(cases.recorded.then(|| "--recorded".into()));
    for only in &cases.only {
        args.extend(words(&["--only", only]));
    }
    Ok(Job { lab: Lab::default().limit(Duration::from_secs(600)), args })
}

/// A comparison.
///
/// # Errors
///
/// A path that does not exist.
pub fn diff(diff: &Diff) -> Result<Job> {
    let mut args = words(&["agent", "diff"]);
    for (name, number) in
        [("--seed", diff.seed), ("--count", diff.count as u64), ("--first", diff.first), ("--limit", diff.limit as u64)]
    {
        args.extend([name.into(), number.to_string().into()]);
    }
    path_option(&mut args, "--program-a", diff.program_a.as_deref())?;
    path_option(&mut args, "--program-b", diff.program_b.as_deref())?;
    args.extend(diff.legacy.then(|| "--legacy".into()));
    args.extend(diff.minimize.then(|| "--minimize".into()));
    let seconds = 600 + diff.count as u64;
    Ok(Job { lab: Lab::default().limit(Duration::from_secs(seconds)), args })
}

/// Runs a job by the running program itself, its output going to ours; gives the exit status.
///
/// # Errors
///
/// The lab cannot be started.
pub fn shown(job: &Job) -> Result<u8> {
    let program = std::env::current_exe()?;
    let status = job.lab.run_shown(&program, &job.args)?;
    Ok(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(70))
}

/// Records files anew.
///
/// # Errors
///
/// The lab or a file fails; then no file is changed.
pub fn record(files: &[PathBuf]) -> Result<u8> {
    let out = tempfile::tempdir()?;
    let mut args = words(&["agent", "record"]);
    for file in files {
        args.push(absolute(file)?.into());
    }
    let status = shown(&Job { lab: Lab::default().out(out.path()), args })?;
    ensure!(status == 0, "nothing was recorded");
    for (index, file) in files.iter().enumerate() {
        let text = fs::read(out.path().join(index.to_string())).context("a recorded file")?;
        fs::write(file, text).with_context(|| file.display().to_string())?;
    }
    Ok(0)
}

fn words(words: &[&str]) -> Vec<OsString> {
    words.iter().map(Into::into).collect()
}

fn path_option(args: &mut Vec<OsString>, name: &str, path: Option<&Path>) -> Result<()> {
    if let Some(path) = path {
        args.extend([name.into(), absolute(path)?.into()]);
    }
    Ok(())
}

fn absolute(path: &Path) -> Result<PathBuf> {
    path.canonicalize().with_context(|| path.display().to_string())
}
