//! What makes a node record how its scripts are called.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use super::format::{Kind, Row};
use crate::cluster::{Files, Node, NodeConfig};

/// The directories and files of the system that a recording node has copies of.
const PRIVATE: [&str; 3] = ["/etc/init.d", "/usr/lib/stonith/plugins/external", "/sbin/reboot"];

const SCRIPT: &str = include_str!("lab-script.sh");
const RC_SCRIPT: &str = include_str!("lab-rc.sh");
const REBOOT: &str = include_str!("lab-reboot.sh");
const STONITH: &str = include_str!("lab-stonith.sh");

/// How calls of a resource script are to go wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// With this status, and no effect.
    Fails(u8),
    /// After so many seconds, in the ordinary way.
    Takes(u32),
    /// Never, until the fault is taken away.
    Hangs,
}

impl Fault {
    fn text(self) -> String {
        match self {
            Self::Fails(status) => format!("rc={status}\n"),
            Self::Takes(seconds) => format!("sleep={seconds}\n"),
            Self::Hangs => "hang=yes\n".into(),
        }
    }
}

/// The recording side of a node.
#[derive(Debug, Clone)]
pub(super) struct Recorder {
    directory: PathBuf,
    name: String,
}

/// A node that will record: with copies of what the recorder takes the place of.
pub(super) fn prepare(config: NodeConfig) -> NodeConfig {
    NodeConfig { private: PRIVATE.map(str::to_owned).to_vec(), ..config }
}

fn program(path: &Path, text: &str) -> Result<()> {
    fs::write(path, text).with_context(|| path.display().to_string())?;
    Ok(fs::set_permissions(path, fs::Permissions::from_mode(0o755))?)
}

impl Recorder {
    /// Puts the recording scripts in place. If `wrapped`, those of `rc.d` are recorded too.
    pub(super) fn install(node: &Node, wrapped: bool) -> Result<Self> {
        let recorder = Self { directory: node.directory().to_owned(), name: node.name().to_owned() };
        for directory in ["state", "faults", "rc.d"] {
            fs::create_dir_all(recorder.lab().join(directory))?;
        }
        for name in ["LabA", "LabB", "LabC"] {
            recorder.script(&format!("resource.d/{name}"))?;
        }
        recorder.script("init.d/labinit")?;
        program(&recorder.directory.join("reboot"), REBOOT)?;
        program(&recorder.directory.join("external/labst"), STONITH)?;
        let scripts = recorder.directory.join("ha.d/rc.d");
        if wrapped {
            for entry in fs::read_dir(&scripts)? {
                let name = entry?.file_name();
                fs::rename(scripts.join(&name), recorder.lab().join("rc.d").join(&name))?;
                program(&scripts.join(&name), RC_SCRIPT)?;
            }
            if node.config().files != Files::Original {
                // A harc that was changed is run, too.
                let path = recorder.directory.join("ha.d/harc");
                program(&path, &format!("{}# changed\n", fs::read_to_string(&path)?))?;
            }
        }
        Ok(recorder)
    }

    fn lab(&self) -> PathBuf {
        self.directory.join("ha.d/lab")
    }

    /// Puts a recording script at `resource.d/NAME` or `init.d/NAME`.
    pub(super) fn script(&self, path: &str) -> Result<()> {
        let directory = if path.starts_with("init.d/") { self.directory.clone() } else { self.directory.join("ha.d") };
        program(&directory.join(path), SCRIPT)
    }

    /// The calls so far; `origin` is the moment of the beginning in seconds of the calendar.
    pub(super) fn rows(&self, origin: f64) -> Result<Vec<Row>> {
        let text = fs::read_to_string(self.lab().join("calls")).unwrap_or_default();
        // A line that is still being written does not count yet.
        let complete = text.rfind('\n').map_or("", |end| text.get(..end).unwrap_or_default());
        complete.lines().map(|line| self.row(line, origin).with_context(|| line.to_owned())).collect()
    }

    fn row(&self, line: &str, origin: f64) -> Result<Row> {
        let columns: Vec<&str> = line.split('\t').collect();
        let column = |number: usize| columns.get(number).copied().unwrap_or_default().to_owned();
        let at: f64 = column(0).parse::<f64>()? - origin;
        let begin = column(6).parse::<f64>().map_or(at, |begin| begin - origin);
        let kind = Kind::named(&column(1)).context("kind")?;
        let detail = column(5).trim().to_owned();
        Ok(Row { at, begin, node: self.name.clone(), kind, name: column(2), args: column(3), verb: column(4), detail })
    }

    /// Lets calls of `VERB` go wrong; `resource` is as in `LabA a1`.
    pub(super) fn fault(&self, resource: &str, verb: &str, fault: Option<Fault>) -> Result<()> {
        let path = self.lab().join("faults").join(format!("{}.{verb}", resource.replace(' ', ".")));
        match fault {
            Some(fault) => fs::write(path, fault.text())?,
            None => fs::remove_file(path)?,
        }
        Ok(())
    }

    /// Lets so many resets by the fencing device fail.
    pub(super) fn stonith_failures(&self, number: u32) -> Result<()> {
        Ok(fs::write(self.lab().join("stonith-failures"), format!("{number}\n"))?)
    }

    /// Records the environment of all scripts from now on, or gives what was recorded: `NAME.ARG VERB VARIABLE=VALUE`.
    pub(super) fn environment(&self) -> Result<String> {
        let path = self.lab().join("environment");
        if !path.exists() {
            fs::write(&path, "")?;
        }
        Ok(fs::read_to_string(path)?)
    }

    /// The directory with a file for each resource that runs: `LabA.a1`.
    pub(super) fn state(&self) -> PathBuf {
        self.lab().join("state")
    }

    /// Forgets what runs, as a machine without power does.
    pub(super) fn forget(&self) -> Result<()> {
        for entry in fs::read_dir(self.state())? {
            fs::remove_file(entry?.path())?;
        }
        Ok(())
    }
}
