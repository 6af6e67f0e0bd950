//! Which program is behind the name of a resource script.
//!
//! Resource specification, section 1.5. The first that there is: a script in the resource directory
//! (`/etc/ha.d/resource.d`), one in `/etc/init.d`, a built-in one, a unit of systemd. The original knows the first two only.

use crate::settings::Settings;
use nix::unistd::{AccessFlags, access};
use std::ffi::OsStr;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// There if and only if systemd is process 1.
const SYSTEMD: &str = "/run/systemd/system";
/// Where systemd looks for units.
const UNIT_DIRECTORIES: [&str; 6] = [
    "/etc/systemd/system",
    "/run/systemd/system",
    "/run/systemd/generator.late",
    "/usr/local/lib/systemd/system",
    "/usr/lib/systemd/system",
    "/lib/systemd/system",
];

/// The resources that one program has built in.
///
/// The program runs a resource when it is called with its name as argument 0. It also knows `--delayed-standby SECONDS
/// TYPE`: it makes itself the leader of a new session, waits, and asks for a standby of `TYPE`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Builtins {
    /// The program.
    pub program: PathBuf,
    /// The names.
    pub names: &'static [&'static str],
}

static INSTALLED: OnceLock<Builtins> = OnceLock::new();

/// Says which resources are built in. To be called once, before anything else of this crate; later calls do nothing.
pub fn install(builtins: Builtins) {
    let _ = INSTALLED.set(builtins);
}

/// What [`install`] was told.
#[must_use]
pub fn installed() -> Option<&'static Builtins> {
    INSTALLED.get()
}

/// A program behind a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Script {
    /// A file.
    File(PathBuf),
    /// A built-in resource: the program and the name it is called by.
    Builtin(PathBuf, String),
    /// A unit of systemd, with its suffix.
    Unit(String),
}

impl Script {
    /// The program behind this name.
    #[must_use]
    pub fn find(name: &str, settings: &Settings) -> Option<Self> {
        let directories = [&settings.resource_directory, &settings.init_directory];
        let file = directories.iter().map(|directory| join(directory, name)).find(|path| is_executable(path));
        let builtin = || {
            let known = installed().filter(|builtins| builtins.names.contains(&name))?;
            Some(Self::Builtin(known.program.clone(), name.to_owned()))
        };
        file.map(Self::File).or_else(builtin).or_else(|| unit(name).map(Self::Unit))
    }

    /// Its name in log lines: the path of a file.
    #[must_use]
    pub fn shown(&self) -> String {
        match self {
            Self::File(path) => path.to_string_lossy().into_owned(),
            Self::Builtin(_, name) | Self::Unit(name) => name.clone(),
        }
    }

    /// The command for a verb. A unit's status is one word, as its status page quotes log lines that could say
    /// anything.
    #[must_use]
    pub fn command(&self, arguments: &[String], verb: &str) -> Command {
        let mut command = match self {
            Self::File(path) => Command::new(path),
            Self::Builtin(program, name) => {
                let mut command = Command::new(program);
                command.arg0(name);
                command
            }
            Self::Unit(unit) => {
                let mut command = Command::new("systemctl");
                command.arg(if verb == "status" { "is-active" } else { verb }).arg(unit);
                return command;
            }
        };
        command.args(arguments).arg(verb);
        command
    }
}

/// Appends with one slash, however many the directory's name has inside: log lines show it as it was given.
fn join(directory: &Path, name: &str) -> PathBuf {
    let mut path = directory.as_os_str().to_owned();
    path.push(OsStr::new("/"));
    path.push(name);
    path.into()
}

/// Whether it is a file, also behind a link, that we may execute.
fn is_executable(path: &Path) -> bool {
    path.metadata().is_ok_and(|found| found.is_file()) && access(path, AccessFlags::X_OK).is_ok()
}

fn unit(name: &str) -> Option<String> {
    if name.is_empty() || name.starts_with(['.', '-']) || name.contains('/') || !Path::new(SYSTEMD).is_dir() {
        return None;
    }
    let unit = format!("{name}.service");
    UNIT_DIRECTORIES.iter().any(|directory| Path::new(directory).join(&unit).exists()).then_some(unit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::{self, Permissions};
    use std::os::unix::fs::{PermissionsExt, symlink};

    #[test]
    fn only_executable_files_count_and_the_resource_directory_comes_first() {
        let root = tempfile::tempdir().unwrap();
        let directory = |name: &str| {
            let path = root.path().join(name);
            fs::create_dir(&path).unwrap();
            path
        };
        let mut settings = Settings::from_env();
        (settings.resource_directory, settings.init_directory) = (directory("a"), directory("b"));
        let write = |path: PathBuf, mode: u32| {
            fs::write(&path, "").unwrap();
            fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        };
        write(settings.resource_directory.join("both"), 0o755);
        write(settings.init_directory.join("both"), 0o755);
        write(settings.resource_directory.join("plain"), 0o644);
        write(settings.init_directory.join("plain"), 0o755);
        symlink("both", settings.resource_directory.join("link")).unwrap();
        symlink("gone", settings.resource_directory.join("dangling")).unwrap();
        fs::create_dir(settings.resource_directory.join("folder")).unwrap();
        let found = |name: &str| Script::find(name, &settings).map(|script| script.shown());
        let path = |directory: &Path, name: &str| Some(format!("{}/{name}", directory.display()));
        assert_eq!(found("both"), path(&settings.resource_directory, "both"));
        assert_eq!(found("plain"), path(&settings.init_directory, "plain"));
        assert_eq!(found("link"), path(&settings.resource_directory, "link"));
        assert_eq!((found("dangling"), found("folder"), found("")), (None, None, None));
    }

    #[test]
    fn the_directory_is_shown_as_it_was_given() {
        assert_eq!(join(Path::new("/etc/ha.d//resource.d"), "Q").to_str(), Some("/etc/ha.d//resource.d/Q"));
    }

    #[test]
    fn verbs_come_last_and_units_have_a_command_of_their_own() {
        let line = |command: Command| {
            let words = std::iter::once(command.get_program()).chain(command.get_args());
            words.map(|word| word.to_str().unwrap()).collect::<Vec<_>>().join(" ")
        };
        let arguments = ["x".to_owned(), "y".to_owned()];
        assert_eq!(line(Script::File("/s".into()).command(&arguments, "start")), "/s x y start");
        assert_eq!(line(Script::Builtin("/p".into(), "N".into()).command(&[], "stop")), "/p stop");
        assert_eq!(line(Script::Unit("u.service".into()).command(&[], "start")), "systemctl start u.service");
        assert_eq!(line(Script::Unit("u.service".into()).command(&[], "status")), "systemctl is-active u.service");
    }
}
