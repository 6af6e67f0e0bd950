//! The environment of child programs and scripts: the starter's, a sane `PATH`, and what the configuration says.

use crate::paths;
use crate::settings::HOMES;
use ha_config::config::{Config, Logging};
use std::ffi::OsString;
use std::path::Path;

/// Scripts rely on the `sbin` directories; a starter without them (cron, a shell of a user) does not matter.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/// Where lines go that nobody wants.
const NOWHERE: &str = "/dev/null";

/// The whole environment, one entry per name: later names replace earlier ones.
#[must_use]
pub fn build(inherited: impl IntoIterator<Item = (OsString, OsString)>, config: &Config) -> Vec<(OsString, OsString)> {
    let mut all: Vec<(OsString, OsString)> = Vec::new();
    let mut set = |name: OsString, value: OsString| match all.iter_mut().find(|(known, _)| *known == name) {
        Some((_, old)) => *old = value,
        None => all.push((name, value)),
    };
    for (name, value) in inherited.into_iter().filter(|(name, _)| *name != *HOMES) {
        set(name, value);
    }
    for (name, value) in ours(config) {
        set(name.into(), value.into());
    }
    all
}

/// The names that we define, observed on heartbeat 3.0.6.
fn ours(config: &Config) -> Vec<(String, String)> {
    let mut all: Vec<(String, String)> = Vec::new();
    all.extend(config.parameters.iter().map(|(directive, value)| (format!("HA_{directive}"), value.clone())));
    let fixed = [
        ("HA_CURHOST", config.node.as_str()),
        ("HA_DIR", paths::CONFIG_DIRECTORY),
        ("HA_FUNCS", paths::SHELL_FUNCTIONS),
        ("HA_DATEFMT", "%Y/%m/%d_%T\t"),
        ("OCF_ROOT", paths::OCF_ROOT),
        ("PATH", PATH),
    ];
    all.extend(fixed.map(|(name, value)| (name.to_owned(), value.to_owned())));
    let compression = config.parameters.iter().find(|(directive, _)| directive == "compression");
    all.extend(compression.map(|(_, value)| ("HA_COMPRESSION".to_owned(), value.clone())));
    all.extend(log_targets(&config.logging));
    all.extend(config.environment.iter().cloned());
    all
}

/// Where scripts write their lines. With a facility alone they are not to fall back on files of their own.
fn log_targets(logging: &Logging) -> Vec<(String, String)> {
    let text = |path: &Path| path.to_string_lossy().into_owned();
    let mut all = Vec::new();
    let no_files = logging.logfile.is_none() && logging.debugfile.is_none() && logging.facility.is_some();
    let files = [("HA_LOGFILE", &logging.logfile), ("HA_DEBUGLOG", &logging.debugfile)];
    for (name, path) in files {
        let value = path.as_deref().map(text).or_else(|| no_files.then(|| NOWHERE.to_owned()));
        all.extend(value.map(|value| (name.to_owned(), value)));
    }
    all.extend(logging.facility.iter().map(|word| ("HA_LOGFACILITY".to_owned(), word.clone())));
    if logging.use_logd {
        all.push(("HA_LOGD".to_owned(), "yes".to_owned()));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    fn value(all: &[(OsString, OsString)], name: &str) -> Option<String> {
        let mut found =
            all.iter().filter(|(known, _)| known == name).map(|(_, value)| value.to_str().unwrap().to_owned());
        let first = found.next();
        assert_eq!(found.next(), None, "{name} twice");
        first
    }

    #[test]
    fn the_configuration_wins_over_the_starter_and_path_is_sane() {
        let mut config = sample::config();
        config.parameters = vec![("deadtime".into(), "4".into()), ("compression".into(), "bz2".into())];
        config.environment = vec![("HA_MYVAR".into(), "x".into())];
        let inherited = [("PATH", "/home/me/bin"), ("HA_deadtime", "99"), ("LANG", "C")];
        let all = build(inherited.map(|(name, value)| (name.into(), value.into())), &config);
        for (name, expected) in [
            ("HA_deadtime", "4"),
            ("HA_COMPRESSION", "bz2"),
            ("HA_MYVAR", "x"),
            ("LANG", "C"),
            ("PATH", PATH),
            ("HA_CURHOST", "node1"),
            ("HA_DIR", "/etc/ha.d/"),
            ("HA_FUNCS", "/etc/ha.d//shellfuncs"),
            ("HA_DATEFMT", "%Y/%m/%d_%T\t"),
            ("OCF_ROOT", "/usr/lib/ocf"),
        ] {
            assert_eq!(value(&all, name).as_deref(), Some(expected), "{name}");
        }
    }

    #[test]
    fn with_a_facility_alone_scripts_write_no_files() {
        let mut logging = Logging { facility: Some("local0".into()), ..Logging::default() };
        let pairs = |logging: &Logging| {
            let all = log_targets(logging).into_iter().map(|(name, value)| format!("{name}={value}"));
            all.collect::<Vec<_>>().join(" ")
        };
        assert_eq!(pairs(&logging), "HA_LOGFILE=/dev/null HA_DEBUGLOG=/dev/null HA_LOGFACILITY=local0");
        logging.logfile = Some("/var/log/ha-log".into());
        assert_eq!(pairs(&logging), "HA_LOGFILE=/var/log/ha-log HA_LOGFACILITY=local0");
        assert_eq!(pairs(&Logging { use_logd: true, ..Logging::default() }), "HA_LOGD=yes");
    }
}
