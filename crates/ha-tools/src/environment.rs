//! The environment of rc.d scripts: what the daemon gave, and what the shell functions add to it.
//!
//! Source: resource specification, section 2.4; values and precedence observed with Debian 12's shell functions: what
//! is set stays, except `LC_ALL` and `PATH`.

use std::collections::BTreeMap;
use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// The configuration directory if `HA_DIR` does not name one.
const DIRECTORY: &str = "/etc/ha.d";
/// What is set if it is not yet.
const DEFAULTS: [(&str, &str); 6] = [
    ("HA_BIN", "/usr/libexec/heartbeat"),
    ("HA_DATEFMT", "%b %d %T "),
    ("HA_DEBUGLOG", "/dev/null"),
    ("HA_DOCDIR", "/usr/share/doc/heartbeat"),
    ("HA_FIFO", "/var/lib/heartbeat/fifo"),
    ("OCF_AGENTS", "/usr/lib/ocf/resource.d/heartbeat/"),
];
/// What a search path always ends with.
const PATH: &str = "/usr/sbin:/usr/share/heartbeat:/sbin:/bin:/usr/sbin:/usr/bin";

/// Variables by name.
#[derive(Clone, Debug)]
pub(crate) struct Environment(BTreeMap<OsString, OsString>);

impl Environment {
    /// This process's environment, with what is missing.
    pub(crate) fn of_process() -> Self {
        Self::complete(env::vars_os().collect())
    }

    fn complete(given: BTreeMap<OsString, OsString>) -> Self {
        let mut all = Self(given);
        all.default("HA_DIR", DIRECTORY);
        let directory = all.text("HA_DIR");
        all.default("HA_FUNCS", &format!("{directory}/shellfuncs"));
        all.default("HA_RCDIR", &format!("{directory}/rc.d"));
        all.default("HA_RESOURCEDIR", &format!("{directory}/resource.d"));
        for (name, value) in DEFAULTS {
            all.default(name, value);
        }
        all.0.insert("LC_ALL".into(), "C".into());
        let mut path = all.0.get(&OsString::from("HA_BIN")).cloned().unwrap_or_default();
        for part in [all.0.get(&OsString::from("PATH")).cloned().unwrap_or_default(), PATH.into()] {
            if !part.is_empty() {
                path.push(":");
                path.push(part);
            }
        }
        all.0.insert("PATH".into(), path);
        all
    }

    fn default(&mut self, name: &str, value: &str) {
        let entry = self.0.entry(name.into()).or_default();
        if entry.is_empty() {
            *entry = value.into();
        }
    }

    /// A variable as text; empty if it is not set.
    pub(crate) fn text(&self, name: &str) -> String {
        self.0.get(&OsString::from(name)).map(|value| value.to_string_lossy().into_owned()).unwrap_or_default()
    }

    /// Where rc.d scripts are, as the directory was given: it stands in messages.
    pub(crate) fn scripts(&self) -> PathBuf {
        PathBuf::from(self.text("HA_RCDIR"))
    }

    /// The path of one rc.d script.
    pub(crate) fn script(&self, kind: &str) -> PathBuf {
        self.scripts().join(kind)
    }

    /// The configuration directory.
    pub(crate) fn directory(&self) -> PathBuf {
        Path::new(&self.text("HA_DIR")).to_owned()
    }

    /// All variables.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&OsString, &OsString)> {
        self.0.iter()
    }

    /// The lines `NAME=VALUE` of all variables whose name begins with `HA_`, by name.
    pub(crate) fn shown(&self) -> String {
        let ours = self.0.iter().filter(|(name, _)| name.to_string_lossy().starts_with("HA_"));
        ours.map(|(name, value)| format!("{}={}\n", name.to_string_lossy(), value.to_string_lossy())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complete(given: &[(&str, &str)]) -> Environment {
        Environment::complete(given.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect())
    }

    #[test]
    fn paths_follow_the_directory_with_its_slash() {
        let all = complete(&[("HA_DIR", "/etc/ha.d/")]);
        assert_eq!(all.text("HA_RCDIR"), "/etc/ha.d//rc.d");
        assert_eq!(all.script("status").to_str(), Some("/etc/ha.d//rc.d/status"));
        assert_eq!(complete(&[]).text("HA_RESOURCEDIR"), "/etc/ha.d/resource.d");
    }

    #[test]
    fn what_is_set_stays_and_what_is_empty_is_not_set() {
        let all = complete(&[("HA_RCDIR", "/x"), ("HA_FIFO", ""), ("LC_ALL", "de"), ("PATH", "/p"), ("HA_BIN", "/b")]);
        assert_eq!(all.text("HA_RCDIR"), "/x");
        assert_eq!(all.text("HA_FIFO"), "/var/lib/heartbeat/fifo");
        assert_eq!(all.text("LC_ALL"), "C");
        assert!(all.text("PATH").starts_with("/b:/p:/usr/sbin:"));
    }

    #[test]
    fn only_the_cluster_s_variables_are_shown() {
        let shown = complete(&[("HA_src", "b"), ("XHA_", "no")]).shown();
        assert!(shown.contains("HA_src=b\n"));
        assert!(!shown.contains("XHA_"));
    }
}
