//! Where things are on this machine, and the limits: from the environment once, so that tests can say otherwise.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{env, fs};

/// Folders of plugins: `external/NAME` and `stonith2/NAME.so` are below. Debian has the first, Red Hat the second.
const PLUGINS: [&str; 2] = ["/usr/lib/stonith/plugins", "/usr/lib64/stonith/plugins"];
/// Where the command line tool for compiled plugins may be.
const STONITH: [&str; 2] = ["/usr/sbin/stonith", "/usr/bin/stonith"];
/// What the original's `suicide` runs.
const REBOOT: &str = "/sbin/reboot -nf";

/// Where things are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Places {
    /// Folders of plugins, the first that has one wins. `LVS_HA_STONITH_DIR` replaces them.
    pub plugins: Vec<PathBuf>,
    /// The tool for compiled plugins, `None` if it is not installed. `LVS_HA_STONITH_COMMAND` replaces it.
    pub stonith: Option<PathBuf>,
    /// Where `meatware` and `meatclient` meet: `/run`. `LVS_HA_MEATWARE_DIR` replaces it.
    pub meetings: PathBuf,
    /// The shell command with which `suicide` reboots: `/sbin/reboot -nf`. `HA_REBOOT_COMMAND` replaces it.
    pub reboot: String,
    /// How long a plugin may take before it is killed with its process group; `LVS_HA_STONITH_TIMEOUT`, in seconds.
    ///
    /// `None`, the default, is what the original does: it waits. A limit that is too short makes a slow device fail
    /// for ever, so only the administrator can know one. Waiting for the operator (`meatware`) is never limited.
    pub timeout: Option<Duration>,
}

impl Places {
    /// This machine's.
    #[must_use]
    pub fn from_environment() -> Self {
        Self::with(|name| env::var_os(name).filter(|value| !value.is_empty()))
    }

    fn with(variable: impl Fn(&str) -> Option<OsString>) -> Self {
        let text = |name: &str| variable(name).and_then(|value| value.into_string().ok());
        let installed = || STONITH.iter().map(PathBuf::from).find(|path| path.is_file());
        let seconds = text("LVS_HA_STONITH_TIMEOUT").and_then(|value| value.trim().parse::<u64>().ok());
        Self {
            plugins: match variable("LVS_HA_STONITH_DIR") {
                Some(folder) => vec![folder.into()],
                None => PLUGINS.iter().map(PathBuf::from).collect(),
            },
            stonith: variable("LVS_HA_STONITH_COMMAND").map(PathBuf::from).or_else(installed),
            meetings: variable("LVS_HA_MEATWARE_DIR").map_or_else(|| "/run".into(), PathBuf::from),
            reboot: text("HA_REBOOT_COMMAND").unwrap_or_else(|| REBOOT.to_owned()),
            timeout: seconds.filter(|seconds| *seconds > 0).map(Duration::from_secs),
        }
    }

    /// The plugin at this place below the folders; the first folder's place if none has it.
    pub(crate) fn plugin(&self, place: &str) -> PathBuf {
        let mut paths = self.plugins.iter().map(|folder| folder.join(place));
        let first = paths.next().unwrap_or_else(|| Path::new(place).to_owned());
        if exists(&first) { first } else { paths.find(|path| exists(path)).unwrap_or(first) }
    }
}

fn exists(path: &Path) -> bool {
    fs::metadata(path).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_moves_everything() {
        let places = Places::with(|name| Some(format!("/x/{name}").into()));
        assert_eq!(places.plugins, [Path::new("/x/LVS_HA_STONITH_DIR")]);
        assert_eq!(places.stonith.as_deref(), Some(Path::new("/x/LVS_HA_STONITH_COMMAND")));
        assert_eq!(places.meetings, Path::new("/x/LVS_HA_MEATWARE_DIR"));
        assert_eq!(places.reboot, "/x/HA_REBOOT_COMMAND");
        assert_eq!(places.timeout, None);
        let limit = |text: &str| Places::with(|name| name.ends_with("TIMEOUT").then(|| text.into())).timeout;
        assert_eq!(limit("90"), Some(Duration::from_secs(90)));
        assert_eq!(limit("0"), None);
        assert_eq!(Places::with(|_| None).reboot, "/sbin/reboot -nf");
    }

    #[test]
    fn a_plugin_of_a_later_folder_is_found() {
        let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
        let mut places = Places::with(|_| None);
        places.plugins = folders.iter().map(|folder| folder.path().to_owned()).collect();
        assert_eq!(places.plugin("p"), folders[0].path().join("p"));
        fs::write(folders[1].path().join("p"), "").unwrap();
        assert_eq!(places.plugin("p"), folders[1].path().join("p"));
    }
}
