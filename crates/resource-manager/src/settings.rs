//! What the environment says about an operation, and the environment that scripts get.
//!
//! Resource specification, sections 2.1 and 2.4; what the original's scripts see was observed by letting one print it.

use crate::truth;
use std::env;
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

/// The file of the groups.
const HARESOURCES: &str = "/etc/ha.d/haresources";
/// Where init scripts are.
const INIT_DIRECTORY: &str = "/etc/init.d";
/// Where resource scripts are, unless `HA_RESOURCEDIR` names another directory.
const RESOURCE_DIRECTORY: &str = "/etc/ha.d/resource.d";
/// How often a failed stop is tried again, unless `HA_STOPRETRYMAX` says otherwise.
const STOP_RETRIES: i32 = 10;
/// A log that is none.
const NOWHERE: &str = "/dev/null";

/// What scripts always get.
const FIXED: [(&str, &str); 3] = [("HA_DIR", "/etc/ha.d"), ("HA_FUNCS", "/etc/ha.d/shellfuncs"), ("LC_ALL", "C")];
/// What scripts get unless the caller had it.
const DEFAULTS: [(&str, &str); 7] = [
    ("HA_BIN", "/usr/libexec/heartbeat"),
    ("HA_DATEFMT", "%b %d %T "),
    ("HA_DEBUGLOG", NOWHERE),
    ("HA_DOCDIR", "/usr/share/doc/heartbeat"),
    ("HA_FIFO", "/var/lib/heartbeat/fifo"),
    ("HA_RCDIR", "/etc/ha.d/rc.d"),
    ("OCF_AGENTS", "/usr/lib/ocf/resource.d/heartbeat/"),
];
/// What scripts never get: their status texts must not depend on the language of whoever started the cluster.
pub const REMOVED: [&str; 2] = ["LANG", "LANGUAGE"];

/// The settings of one operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// `HA_CURHOST`, this node's name in lower case; empty if it is not set.
    pub node: String,
    /// The file of the groups.
    pub haresources: PathBuf,
    /// The first place of scripts: `HA_RESOURCEDIR`.
    pub resource_directory: PathBuf,
    /// The second place of scripts.
    pub init_directory: PathBuf,
    /// `HA_STOPRETRYMAX`: how often a failed stop is tried again, for ever if not above 0.
    pub stop_retries: i32,
    /// `HA_SCRIPT_TIMEOUT` in seconds: how long one call of a script may take.
    pub script_timeout: Option<Duration>,
    /// `HA_DEBUGLOG`: where the output of scripts goes.
    pub debug_log: PathBuf,
    /// Where the state of groups is written.
    pub truth_directory: PathBuf,
    /// `HA_REBOOT_COMMAND`: what is called instead of `/sbin/reboot`.
    pub reboot_command: Option<PathBuf>,
    /// `HA_REBOOT_KILLS`: kill the cluster software also with another command.
    pub reboot_kills: bool,
    /// Variables for scripts, besides what this process has.
    pub environment: Vec<(OsString, OsString)>,
}

impl Settings {
    /// The settings of this process's environment.
    #[must_use]
    pub fn from_env() -> Self {
        Self { truth_directory: truth::directory(), ..Self::read(|name| env::var_os(name)) }
    }

    fn read(variable: impl Fn(&str) -> Option<OsString>) -> Self {
        let value = |name: &str| variable(name).filter(|value| !value.is_empty());
        let text = |name: &str| value(name).map(|value| value.to_string_lossy().into_owned());
        let number = |name: &str| text(name).and_then(|text| text.trim().parse::<i32>().ok());
        let path = |name: &str, default: &str| value(name).map_or_else(|| default.into(), PathBuf::from);
        let resource_directory = path("HA_RESOURCEDIR", RESOURCE_DIRECTORY);
        let timeout = number("HA_SCRIPT_TIMEOUT").and_then(|seconds| u64::try_from(seconds).ok());
        let mut environment: Vec<(OsString, OsString)> =
            FIXED.map(|(name, value)| (name.into(), value.into())).to_vec();
        let missing = DEFAULTS.iter().filter(|(name, _)| value(name).is_none());
        environment.extend(missing.map(|(name, value)| (name.into(), value.into())));
        environment.push(("HA_RESOURCEDIR".into(), resource_directory.clone().into()));
        environment.push(("PATH".into(), search_path(value("PATH"))));
        Self {
            node: text("HA_CURHOST").unwrap_or_default().to_lowercase(),
            haresources: HARESOURCES.into(),
            resource_directory,
            init_directory: INIT_DIRECTORY.into(),
            stop_retries: number("HA_STOPRETRYMAX").unwrap_or(STOP_RETRIES),
            script_timeout: timeout.filter(|seconds| *seconds > 0).map(Duration::from_secs),
            debug_log: path("HA_DEBUGLOG", NOWHERE),
            truth_directory: truth::DIRECTORY.into(),
            reboot_command: value("HA_REBOOT_COMMAND").map(PathBuf::from),
            reboot_kills: value("HA_REBOOT_KILLS").is_some_and(|word| word == "yes"),
            environment,
        }
    }
}

/// The caller's search path between directories that scripts rely on.
fn search_path(own: Option<OsString>) -> OsString {
    let mut path = OsString::from("/usr/sbin:/usr/share/heartbeat:");
    if let Some(own) = own {
        path.push(own);
        path.push(":");
    }
    path.push("/sbin:/bin:/usr/sbin:/usr/bin");
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(values: &[(&str, &str)]) -> Settings {
        Settings::read(|name| values.iter().find(|(known, _)| *known == name).map(|(_, value)| value.into()))
    }

    fn given<'a>(settings: &'a Settings, name: &str) -> Option<&'a str> {
        settings.environment.iter().find(|(known, _)| known == name).map(|(_, value)| value.to_str().unwrap())
    }

    #[test]
    fn without_variables_the_defaults_of_the_original_hold() {
        let settings = with(&[("HA_STOPRETRYMAX", ""), ("HA_SCRIPT_TIMEOUT", "0")]);
        assert_eq!((settings.stop_retries, settings.script_timeout), (10, None));
        assert_eq!(settings.debug_log, PathBuf::from("/dev/null"));
        assert_eq!(given(&settings, "HA_RESOURCEDIR"), Some("/etc/ha.d/resource.d"));
        assert_eq!(given(&settings, "HA_FIFO"), Some("/var/lib/heartbeat/fifo"));
    }

    #[test]
    fn variables_count() {
        let settings = with(&[
            ("HA_CURHOST", "Alpha"),
            ("HA_STOPRETRYMAX", "-1"),
            ("HA_SCRIPT_TIMEOUT", "30"),
            ("HA_RESOURCEDIR", "/x//y"),
            ("HA_FIFO", "/f"),
            ("HA_DIR", "/etc/ha.d/"),
            ("PATH", "/p"),
        ]);
        assert_eq!((settings.node.as_str(), settings.stop_retries), ("alpha", -1));
        assert_eq!(settings.script_timeout, Some(Duration::from_secs(30)));
        assert_eq!(given(&settings, "HA_RESOURCEDIR"), Some("/x//y"));
        assert_eq!((given(&settings, "HA_FIFO"), given(&settings, "HA_DIR")), (None, Some("/etc/ha.d")));
        assert_eq!(given(&settings, "PATH"), Some("/usr/sbin:/usr/share/heartbeat:/p:/sbin:/bin:/usr/sbin:/usr/bin"));
    }
}
