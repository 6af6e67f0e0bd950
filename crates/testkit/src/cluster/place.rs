//! Namespaces that live as long as a handle, programs that run in them, and threads that look into them.
//!
//! No namespace has a name. Each is held by a process that ends when its standard input ends, so all of them go when the
//! test process goes, however it ends.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow, ensure};
use nix::sched::{CloneFlags, setns};

/// The longest that any helper program may take.
const LIMIT: &str = "120";

/// The environment of everything that runs on a node.
const ENVIRONMENT: [(&str, &str); 2] = [("LC_ALL", "C"), ("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")];

/// A network namespace.
#[derive(Debug)]
pub struct NetworkPlace {
    holder: Child,
}

impl NetworkPlace {
    /// Makes an empty one, with `lo` up.
    ///
    /// # Errors
    ///
    /// Not root, or a program of util-linux or iproute2 is missing.
    pub fn new() -> Result<Self> {
        let mut holder = Command::new("unshare")
            .args(["--net", "cat"])
            .env_clear()
            .envs(ENVIRONMENT)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("unshare")?;
        // One byte through it: after that, the namespace is there.
        let there = holder.stdin.as_mut().is_some_and(|input| input.write_all(b".").is_ok())
            && holder.stdout.as_mut().is_some_and(|output| output.read_exact(&mut [0]).is_ok());
        let place = Self { holder };
        ensure!(there, "no new network namespace: this needs root");
        place.ip("link set lo up\n")?;
        Ok(place)
    }

    /// The number of a process inside, as the host counts.
    pub fn process(&self) -> u32 {
        self.holder.id()
    }

    /// The file that stands for the namespace.
    pub fn file(&self) -> PathBuf {
        PathBuf::from(format!("/proc/{}/ns/net", self.process()))
    }

    /// Runs lines of `ip -batch` inside.
    ///
    /// # Errors
    ///
    /// One of the lines cannot be done.
    pub fn ip(&self, lines: &str) -> Result<()> {
        let output = self.run("ip", &["-batch", "-"], lines)?;
        let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
        ensure!(output.status.success(), "ip: {complaint}{lines}");
        Ok(())
    }

    /// Runs a program inside to its end.
    ///
    /// # Errors
    ///
    /// The program cannot be started.
    pub fn run(&self, program: &str, args: &[&str], input: &str) -> Result<Output> {
        let mut command = limited("nsenter");
        command.arg(format!("--net={}", self.file().display())).arg("--").arg(program).args(args);
        finish(&mut command, input)
    }

    /// Calls `action` on a thread that is inside. What it opens stays inside for ever.
    ///
    /// # Errors
    ///
    /// Those of `action`, or the namespace cannot be entered.
    pub fn inside<T: Send + 'static>(&self, action: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
        let file = File::open(self.file()).context("network namespace")?;
        let thread = thread::spawn(move || {
            setns(file, CloneFlags::CLONE_NEWNET).context("setns")?;
            action()
        });
        thread.join().map_err(|_| anyhow!("a thread of the test kit panicked"))?
    }
}

impl Drop for NetworkPlace {
    fn drop(&mut self) {
        drop(self.holder.stdin.take());
        let _ = self.holder.kill();
        let _ = self.holder.wait();
    }
}

/// Starts the command line of a program that is killed if it takes too long.
pub(super) fn limited(program: &str) -> Command {
    let mut command = Command::new("timeout");
    command.args(["--signal=KILL", LIMIT, program]).env_clear().envs(ENVIRONMENT);
    command
}

/// Runs to the end, with `input`. What the program leaves running may keep the outputs open: they are files.
pub(super) fn finish(command: &mut Command, input: &str) -> Result<Output> {
    let (mut stdout, mut stderr) = (tempfile::tempfile()?, tempfile::tempfile()?);
    command.stdout(stdout.try_clone()?).stderr(stderr.try_clone()?).stdin(Stdio::piped());
    let mut child = command.spawn().context("timeout")?;
    if let Some(mut pipe) = child.stdin.take() {
        // A program may end without reading.
        let _ = pipe.write_all(input.as_bytes());
    }
    let status = child.wait()?;
    let mut output = Output { status, stdout: Vec::new(), stderr: Vec::new() };
    // The offset is shared with the program's.
    std::io::Seek::rewind(&mut stdout)?;
    std::io::Seek::rewind(&mut stderr)?;
    stdout.read_to_end(&mut output.stdout)?;
    stderr.read_to_end(&mut output.stderr)?;
    Ok(output)
}

/// Asks until the answer is there.
///
/// # Errors
///
/// It did not come before `ceiling`, or an error of `ask`.
pub fn wait_until<T>(what: &str, ceiling: Duration, mut ask: impl FnMut() -> Result<Option<T>>) -> Result<T> {
    let end = Instant::now() + ceiling;
    loop {
        if let Some(answer) = ask()? {
            return Ok(answer);
        }
        ensure!(Instant::now() < end, "{what}: not within {ceiling:?}");
        thread::sleep(Duration::from_millis(20));
    }
}
