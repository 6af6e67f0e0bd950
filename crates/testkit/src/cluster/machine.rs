//! The running part of a node: process 1 of its namespaces, and programs started beside it.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Output, Stdio};

use anyhow::{Context as _, Result, bail};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::place::{NetworkPlace, finish, limited};

/// What process 1 does.
const INIT: &str = include_str!("node-init.sh");

/// Everything runs until this is dropped.
#[derive(Debug)]
pub(super) struct Machine {
    init: Pid,
    unshare: Child,
    /// Its end is the end of process 1, also if the test is killed.
    _life: Option<ChildStdin>,
}

impl Machine {
    /// Starts process 1; `args` are those of the script. Returns when the places of the node are ready.
    pub(super) fn start(network: &NetworkPlace, directory: &Path, args: &[&str]) -> Result<Self> {
        let (script, complaints) = (directory.join("node-init"), directory.join("init.stderr"));
        fs::write(&script, INIT)?;
        let mut unshare = Command::new("nsenter")
            .arg(format!("--net={}", network.file().display()))
            .args(["--", "unshare", "--mount", "--uts", "--ipc", "--pid", "--fork", "--kill-child"])
            .arg("/bin/bash")
            .arg(script)
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(File::create(&complaints)?)
            .spawn()
            .context("nsenter")?;
        let life = unshare.stdin.take();
        let mut said = String::new();
        if let Some(output) = unshare.stdout.take() {
            BufReader::new(output).read_line(&mut said)?;
        }
        let init = said.trim().strip_prefix("ready ").and_then(|number| number.parse().ok());
        let Some(init) = init.map(Pid::from_raw) else {
            drop(life);
            let _ = unshare.wait();
            bail!("process 1 of a node: {}", fs::read_to_string(&complaints).unwrap_or_default());
        };
        Ok(Self { init, unshare, _life: life })
    }

    /// The number of process 1 on the host.
    pub(super) fn init(&self) -> Pid {
        self.init
    }
}

/// Runs a program to its end in the namespaces of the process `init`.
pub(super) fn run_inside(init: Pid, program: &str, args: &[&str], input: &str) -> Result<Output> {
    let mut command = limited("nsenter");
    command.args(["--target", &init.to_string(), "--mount", "--uts", "--ipc", "--net", "--pid", "--"]);
    command.arg(program).args(args);
    finish(&mut command, input)
}

impl Drop for Machine {
    fn drop(&mut self) {
        // With process 1, the kernel kills everything in the namespace before it lets `unshare` know.
        let _ = kill(self.init, Signal::SIGKILL);
        let _ = self.unshare.wait();
    }
}
