//! Reads the three files once and judges them on this machine.

use super::machine::System;
use super::text::{TextLine, Wording};
use cluster_protocol::auth::AuthKeys;
use ha_config::config::Config;
use ha_config::evaluate::{self, Evaluation, Files, LogChange, Options, Source, Step};
use ha_config::finding::Finding;
use ha_config::haresources::Group;
use std::fs;
use std::io::{self, Read as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

/// What the command line decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LoadOptions {
    /// `false` with option `-M`: `haresources` is not read.
    pub manages_resources: bool,
}

/// What the files say.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The configuration; `None` if anything is wrong.
    pub config: Option<Config>,
    /// The keys; there if `config` is.
    pub keys: Option<AuthKeys>,
    /// The groups of `haresources`.
    pub groups: Vec<Group>,
    /// Findings and changes of the log, in order.
    pub steps: Vec<Step>,
    /// The exit status if there is no configuration: 6, or 4 if something was not allowed.
    pub exit: u8,
    /// Where the files are.
    pub directory: PathBuf,
}

/// A step in the daemon's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    /// A line.
    Line(TextLine),
    /// Lines go somewhere else from here on.
    Log(LogChange),
}

impl Loaded {
    /// Everything to tell at a reload, in order. `program`: the base name of `argv[0]`.
    #[must_use]
    pub fn told(&self, program: &str) -> Vec<Told> {
        told(&self.steps, &Wording { program, directory: &self.directory }, false)
    }

    /// Everything to tell at a start, in order: also that the configuration is good (`Configuration validated. …`), which
    /// the original says before it looks at `haresources`.
    #[must_use]
    pub fn told_at_start(&self, program: &str) -> Vec<Told> {
        told(&self.steps, &Wording { program, directory: &self.directory }, true)
    }
}

/// Steps in words, with or without the announcement of a start.
#[must_use]
pub fn told(steps: &[Step], wording: &Wording<'_>, starting: bool) -> Vec<Told> {
    let mut all = Vec::new();
    for step in steps {
        match step {
            Step::Log(change) => all.push(Told::Log(change.clone())),
            Step::Finding(found) if found.finding == Finding::Validated && !starting => {}
            Step::Finding(found) => all.extend(wording.lines(found).into_iter().map(Told::Line)),
        }
    }
    all
}

/// A file as it was read, with what the checks want to know of it.
#[derive(Debug)]
pub(super) struct Content {
    /// The bytes, or why there are none.
    pub(super) bytes: io::Result<Vec<u8>>,
    /// The mode; 0 if it could not be read.
    pub(super) mode: u32,
    /// The owner; 0 if it could not be read.
    pub(super) owner: u32,
}

impl Content {
    pub(super) fn read(path: &Path) -> Self {
        let (mut mode, mut owner) = (0, 0);
        let bytes = fs::File::open(path).and_then(|mut file| {
            let found = file.metadata()?;
            (mode, owner) = (found.mode(), found.uid());
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes)?;
            Ok(bytes)
        });
        Self { bytes, mode, owner }
    }

    pub(super) fn source(&self) -> Source<'_> {
        match &self.bytes {
            Ok(bytes) => Source::Content(bytes),
            Err(error) => Source::Missing { denied: error.kind() == io::ErrorKind::PermissionDenied },
        }
    }
}

/// The three files of a directory.
#[derive(Debug)]
pub(super) struct Contents {
    pub(super) ha_cf: Content,
    pub(super) authkeys: Content,
    pub(super) haresources: Content,
}

impl Contents {
    pub(super) fn read(directory: &Path) -> Self {
        let read = |name: &str| Content::read(&directory.join(name));
        Self { ha_cf: read("ha.cf"), authkeys: read("authkeys"), haresources: read("haresources") }
    }

    pub(super) fn files(&self) -> Files<'_> {
        Files {
            ha_cf: self.ha_cf.source(),
            authkeys: self.authkeys.source(),
            authkeys_mode: self.authkeys.mode,
            haresources: self.haresources.source(),
        }
    }
}

/// Reads and judges the files of `directory`. Changes nothing.
#[must_use]
pub fn load(directory: &Path, options: LoadOptions) -> Loaded {
    let contents = Contents::read(directory);
    let options = Options { manages_resources: options.manages_resources };
    let Evaluation { config, keys, groups, steps, exit } =
        evaluate::evaluate(&contents.files(), options, &System::new(directory));
    Loaded { config, keys, groups, steps, exit, directory: directory.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_without_files_is_told_with_its_name() {
        let directory = tempfile::tempdir().unwrap();
        let loaded = load(directory.path(), LoadOptions { manages_resources: true });
        assert!(loaded.config.is_none());
        assert_eq!(loaded.exit, 6);
        let Some(Told::Line(line)) = loaded.told("heartbeat").into_iter().next() else { panic!("nothing is told") };
        assert_eq!(line.text, format!("Cannot open config file [{}//ha.cf]", directory.path().display()));
    }

    #[test]
    fn the_files_of_a_directory_become_a_configuration() {
        let directory = tempfile::tempdir().unwrap();
        let host = nix::sys::utsname::uname().unwrap().nodename().to_string_lossy().into_owned();
        let ha_cf = format!("node {host}\nucast lo 127.0.0.1\nlogfacility local0\n");
        let keys = directory.path().join("authkeys");
        fs::write(directory.path().join("ha.cf"), ha_cf).unwrap();
        fs::write(&keys, "auth 1\n1 crc\n").unwrap();
        fs::set_permissions(&keys, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        let loaded = load(directory.path(), LoadOptions { manages_resources: false });
        assert_eq!(loaded.config.unwrap().nodes, [host.to_lowercase()]);
        assert_eq!(loaded.keys.unwrap().active, 1);
    }
}
