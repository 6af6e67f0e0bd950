//! One node of a cluster: what can be done to it, and what it shows.

use std::fmt::Write as _;
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};

use super::config::{Files, NodeConfig, SERIAL_DEVICE};
use super::log::{Line, Log, Mark};
use super::machine::{Machine, run_inside};
use super::place::{NetworkPlace, wait_until};
use super::stock;
use super::syslog::Syslog;

/// Where every node finds its heartbeat.
pub const HEARTBEAT: &str = "/usr/libexec/heartbeat/heartbeat";

/// A node. It is a machine of its own, but for the files it shares with the host.
#[derive(Debug)]
pub struct Node {
    machine: Mutex<Option<Machine>>,
    config: NodeConfig,
    directory: PathBuf,
    serial: Option<PathBuf>,
    log: Log,
    _syslog: Syslog,
    network: NetworkPlace,
}

impl Node {
    /// Writes the files of a node below `directory` and switches it on. Its heartbeat is not started.
    pub(super) fn new(
        config: NodeConfig,
        place: usize,
        names: &[&str],
        directory: PathBuf,
        network: NetworkPlace,
        serial: Option<PathBuf>,
    ) -> Result<Self> {
        let settings = directory.join("ha.d");
        fs::create_dir_all(directory.join("lib/cores"))?;
        let copied = Command::new("cp").args(["-a", "/etc/ha.d"]).arg(&settings).status().context("cp")?;
        ensure!(copied.success(), "cannot copy /etc/ha.d");
        let mut binds = String::new();
        for path in &config.private {
            let own = path.rsplit('/').next().unwrap_or(path);
            let copied = Command::new("cp").args(["-rLp", path]).arg(directory.join(own)).status().context("cp")?;
            ensure!(copied.success(), "cannot copy {path}");
            let _ = writeln!(binds, "{own} {path}");
        }
        if config.files != Files::Original {
            binds.push_str(&stock::install(&directory, config.files == Files::Bare)?);
        }
        fs::write(directory.join("binds"), binds)?;
        let logfile = directory.join("log");
        fs::write(settings.join("ha.cf"), config.render(place, names, &logfile.display().to_string()))?;
        fs::write(settings.join("haresources"), &config.haresources)?;
        let syslog = Syslog::collect(&directory.join("syslog.socket"), &directory.join("syslog"))?;
        let log = Log::follow(&logfile)?;
        let node = Self { machine: Mutex::new(None), config, directory, serial, log, _syslog: syslog, network };
        node.write_authkeys(&node.config.authkeys)?;
        node.switch_on()?;
        Ok(node)
    }

    fn machine(&self) -> MutexGuard<'_, Option<Machine>> {
        self.machine.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.config.name
    }

    /// How it was meant to be.
    pub fn config(&self) -> &NodeConfig {
        &self.config
    }

    /// Where its files are: `ha.d` (seen as `/etc/ha.d`), `lib` (`/var/lib/heartbeat`), `log`, `syslog`, private copies.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// The network ports of the node, which are there whether it is on or off.
    pub fn network(&self) -> &NetworkPlace {
        &self.network
    }

    /// Switches the machine on, with the files as they are. Nothing happens if it is on.
    ///
    /// # Errors
    ///
    /// Namespaces or mounts that cannot be made.
    pub fn switch_on(&self) -> Result<()> {
        let mut machine = self.machine();
        if machine.is_none() {
            let program = match &self.config.program {
                super::Program::Original => String::new(),
                super::Program::Ours(path) => path.display().to_string(),
            };
            let directory = self.directory.display().to_string();
            let serial = self.serial.as_ref().map(|path| path.display().to_string());
            let mut args = vec![self.name(), &directory, &program];
            if let Some(serial) = &serial {
                args.extend([serial.as_str(), SERIAL_DEVICE]);
            }
            *machine = Some(Machine::start(&self.network, &self.directory, &args)?);
        }
        Ok(())
    }

    /// Pulls the plug: kills everything at once, and what was only in memory is lost. The network ports stay.
    pub fn pull_the_plug(&self) {
        *self.machine() = None;
    }

    /// True if the machine is on.
    pub fn is_on(&self) -> bool {
        self.machine().is_some()
    }

    /// Runs a program on the node to its end, whatever its status.
    ///
    /// # Errors
    ///
    /// The node is off, or nothing can be started.
    pub fn run(&self, program: &str, args: &[&str]) -> Result<Output> {
        // Not locked while it runs: the plug may be pulled meanwhile.
        let init = self.machine().as_ref().map(Machine::init).with_context(|| format!("{} is off", self.name()))?;
        run_inside(init, program, args, "")
    }

    /// Runs a program that must succeed, and gives what it printed on both outputs.
    ///
    /// # Errors
    ///
    /// As [`Self::run`], and if it fails.
    pub fn done(&self, program: &str, args: &[&str]) -> Result<String> {
        let output = self.run(program, args)?;
        let printed = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        ensure!(output.status.success(), "{}: {program} {args:?}: {}: {printed}", self.name(), output.status);
        Ok(printed)
    }

    /// Starts heartbeat. It is far from ready when this returns.
    ///
    /// # Errors
    ///
    /// It refuses to start.
    pub fn start(&self) -> Result<()> {
        self.done(HEARTBEAT, &[]).map(drop)
    }

    /// Stops heartbeat in the clean way and waits for its end.
    ///
    /// # Errors
    ///
    /// `heartbeat -k` fails.
    pub fn stop(&self) -> Result<()> {
        self.done(HEARTBEAT, &["-k"]).map(drop)
    }

    /// Tells heartbeat to read its files again.
    ///
    /// # Errors
    ///
    /// `heartbeat -r` fails.
    pub fn reload(&self) -> Result<()> {
        self.done(HEARTBEAT, &["-r"]).map(drop)
    }

    /// What `heartbeat -s` says; it fails if heartbeat does not run.
    ///
    /// # Errors
    ///
    /// Nothing can be started.
    pub fn status(&self) -> Result<String> {
        let output = self.run(HEARTBEAT, &["-s"])?;
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// What the original's `cl_status` says, such as `active` for `nodestatus NODE`.
    ///
    /// # Errors
    ///
    /// Nothing can be started.
    pub fn cl_status(&self, args: &[&str]) -> Result<String> {
        let output = self.run("cl_status", args)?;
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }

    /// Sends a signal, as `-KILL`, to all processes of the node but its process 1: to heartbeat and what it started.
    fn signal(&self, option: &str) -> Result<()> {
        self.done("kill", &[option, "--", "-1"]).map(drop)
    }

    /// Kills all processes of heartbeat, with no chance to say good-bye, and waits until they are gone: a dead process that
    /// nobody has collected yet looks like a running daemon to the next start. Gives the moment of the death.
    ///
    /// # Errors
    ///
    /// There are none to kill, or they do not go.
    pub fn kill(&self) -> Result<Instant> {
        let at = Instant::now();
        self.signal("-KILL")?;
        wait_until("the end of all processes", Duration::from_secs(10), || {
            Ok(self.processes()?.is_empty().then_some(()))
        })?;
        Ok(at)
    }

    /// Stops the time of all processes for so long. A late heartbeat needs a length: it is no wait for anything.
    ///
    /// # Errors
    ///
    /// There are none.
    pub fn freeze_for(&self, length: Duration) -> Result<()> {
        self.signal("-STOP")?;
        std::thread::sleep(length);
        self.signal("-CONT")
    }

    /// The command lines of all processes of the node, without process 1 and the one that asks.
    ///
    /// # Errors
    ///
    /// Nothing can be started.
    pub fn processes(&self) -> Result<Vec<String>> {
        let printed = self.done("ps", &["-A", "-o", "pid=,stat=,args="])?;
        let lines = printed.lines().map(str::trim);
        Ok(lines.filter(|line| !line.starts_with("1 ") && !line.contains("ps -A -o")).map(str::to_owned).collect())
    }

    /// Replaces `authkeys`. Heartbeat notices with the next [`Self::reload`] or start.
    ///
    /// The new file is at least a second younger than the old one, if need be from the future: the original compares whole
    /// seconds and says `Configuration unchanged.` to two versions of one second (observed on heartbeat 3.0.6).
    ///
    /// # Errors
    ///
    /// The file cannot be written.
    pub fn write_authkeys(&self, text: &str) -> Result<()> {
        write_younger(&self.directory.join("ha.d/authkeys"), text)
    }

    /// Writes into the FIFO of heartbeat, in one piece.
    ///
    /// # Errors
    ///
    /// Nobody reads it, or it is not there.
    pub fn write_fifo(&self, bytes: &[u8]) -> Result<()> {
        let path = self.directory.join("lib/fifo");
        let mut fifo = OpenOptions::new().write(true).custom_flags(libc::O_NONBLOCK).open(&path).context("the FIFO")?;
        fifo.write_all(bytes).context("the FIFO")
    }

    /// The number in `hb_generation`, if there is one.
    pub fn generation(&self) -> Option<u64> {
        fs::read_to_string(self.directory.join("lib/hb_generation")).ok()?.trim().parse().ok()
    }

    /// Loses so many of 100 incoming heartbeats at random, by the node's own packet filter; 0 ends it.
    ///
    /// # Errors
    ///
    /// `iptables` fails.
    pub fn lose_incoming(&self, percent: u8) -> Result<()> {
        self.done("iptables", &["-F", "INPUT"])?;
        if percent > 0 {
            let probability = format!("{:.2}", f32::from(percent) / 100.0);
            let random = ["-m", "statistic", "--mode", "random", "--probability", &probability, "-j", "DROP"];
            self.done("iptables", &[&["-A", "INPUT", "-p", "udp", "--dport", "694"][..], &random].concat())?;
        }
        Ok(())
    }

    /// The position at the end of the log.
    pub fn mark(&self) -> Mark {
        self.log.mark()
    }

    /// Waits for the first line of the log after `mark` that holds `text`.
    ///
    /// # Errors
    ///
    /// It did not come before `ceiling`.
    pub fn wait_for_log(&self, mark: Mark, text: &str, ceiling: Duration) -> Result<Line> {
        self.log.wait(mark, text, ceiling).with_context(|| format!("log of {}", self.name()))
    }

    /// The lines of the log after `mark`.
    pub fn log_since(&self, mark: Mark) -> Vec<Line> {
        self.log.since(mark)
    }

    /// Makes sure that no line after `mark` holds `text`.
    ///
    /// # Errors
    ///
    /// There is one.
    pub fn never_logged(&self, mark: Mark, text: &str) -> Result<()> {
        let found = self.log.since(mark).into_iter().find(|line| line.text.contains(text));
        ensure!(
            found.is_none(),
            "{} must not have logged: {}",
            self.name(),
            found.map_or_else(String::new, |l| l.text)
        );
        Ok(())
    }
}

/// Writes a file for root alone that is at least a second younger than the one it replaces.
fn write_younger(path: &Path, text: &str) -> Result<()> {
    let before = fs::metadata(path).and_then(|old| old.modified()).ok();
    fs::write(path, text)?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o600))?;
    if let Some(younger) = before.and_then(|before| before.checked_add(Duration::from_secs(1))) {
        if younger > fs::metadata(path)?.modified()? {
            OpenOptions::new().write(true).open(path)?.set_modified(younger)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_version_of_a_file_is_younger_by_a_whole_second() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("authkeys");
        let mut last = None;
        for text in ["one", "two", "three"] {
            write_younger(&path, text).unwrap();
            let now = fs::metadata(&path).unwrap().modified().unwrap();
            assert!(last.is_none_or(|last| now >= last + Duration::from_secs(1)), "{text}");
            last = Some(now);
        }
        assert_eq!(fs::read_to_string(&path).unwrap(), "three");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
