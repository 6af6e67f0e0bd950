//! Runs a program inside the user-mode kernel: a thin wrapper of `scripts/lab/boot`.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Output, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result};

use crate::paths::project_root;

/// A machine to boot. Each run boots a new one; several may run side by side.
#[derive(Debug, Clone)]
pub struct Lab {
    memory: String,
    limit: Duration,
    out: Option<PathBuf>,
    variables: Vec<(OsString, OsString)>,
}

impl Default for Lab {
    fn default() -> Self {
        Self { memory: "512M".to_owned(), limit: Duration::from_secs(600), out: None, variables: Vec::new() }
    }
}

impl Lab {
    /// Main memory, in the spelling of the kernel's `mem=`; 512M if not given.
    #[must_use]
    pub fn memory(mut self, memory: &str) -> Self {
        memory.clone_into(&mut self.memory);
        self
    }

    /// How long the machine may run before it is ended; ten minutes if not given.
    #[must_use]
    pub fn limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// A directory of the host that the machine may write to; it sees it as `/mnt/out`.
    #[must_use]
    pub fn out(mut self, directory: &Path) -> Self {
        self.out = Some(directory.to_owned());
        self
    }

    /// A variable for the program; only names starting with `LAB_` travel.
    #[must_use]
    pub fn variable(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.variables.push((name.into(), value.as_ref().into()));
        self
    }

    fn command(&self, program: &Path, args: &[OsString]) -> Command {
        let mut command = Command::new(project_root().join("scripts/lab/boot"));
        command.arg("-m").arg(&self.memory).arg("-t").arg(self.limit.as_secs().max(1).to_string());
        command.arg(program).args(args).envs(self.variables.iter().cloned()).stdin(Stdio::null());
        if let Some(out) = &self.out {
            command.env("LAB_OUT", out);
        }
        command
    }

    /// Runs a program and gives what it printed. Exit status 70 means that the machine itself failed.
    ///
    /// # Errors
    ///
    /// The boot script cannot be started.
    pub fn run(&self, program: &Path, args: &[OsString]) -> Result<Output> {
        self.command(program, args).output().context("scripts/lab/boot")
    }

    /// Runs a program that prints directly to our own standard output.
    ///
    /// # Errors
    ///
    /// The boot script cannot be started.
    pub fn run_shown(&self, program: &Path, args: &[OsString]) -> Result<ExitStatus> {
        self.command(program, args).status().context("scripts/lab/boot")
    }
}
