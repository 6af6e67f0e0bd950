//! The configuration as the start and a reload need it: read, judged, and told in the original's words.

use crate::config::load::Told;
use crate::config::text::{Channel, TextLine};
use crate::config::{LoadOptions, Loaded, check, load as read, print};
use crate::identity::reason;
use crate::line::{Line, Severity};
use crate::log::Log;
use crate::master::NAME;
use crate::{paths, terminal};
use cluster_protocol::auth::AuthKeys;
use ha_config::config::{Config, Logging};
use ha_config::evaluate::LogChange;
use std::fs::OpenOptions;
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::time::Duration;

/// What the command line says about the configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Without `-M`.
    pub manages_resources: bool,
    /// Without `-l`.
    pub realtime: bool,
}

/// A configuration without errors.
#[derive(Debug)]
pub struct Ready {
    /// What `ha.cf` says.
    pub config: Config,
    /// What `authkeys` says.
    pub keys: AuthKeys,
    /// Whether `haresources` names a group.
    pub has_groups: bool,
}

/// What is told about files that are in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Telling {
    /// That a daemon starts with them.
    Start,
    /// That the running daemon may read them.
    Reload,
}

/// Reads the files and tells everything about them, through the log targets as the files change them.
///
/// # Errors
/// The exit status: something is wrong, and it was told.
pub fn load(options: Options, program: &str, log: &Log, telling: Telling) -> Result<Ready, u8> {
    let directory = Path::new(paths::CONFIG_DIRECTORY);
    let loaded = read(directory, LoadOptions { manages_resources: options.manages_resources });
    let told = match telling {
        Telling::Start => loaded.told_at_start(program),
        Telling::Reload => loaded.told(program),
    };
    tell(told, log);
    let ready = ready(loaded)?;
    log.configure(&ready.config.logging);
    Ok(ready)
}

/// Judges files that a running daemon has read again: its log gets what is wrong with them, and stays where it is.
///
/// # Errors
/// As [`load`].
pub fn refuse(loaded: Loaded, log: &Log) -> Result<Ready, u8> {
    if loaded.config.is_none() || loaded.keys.is_none() {
        log.lines(complaints(loaded.told(NAME)));
    }
    ready(loaded)
}

fn ready(loaded: Loaded) -> Result<Ready, u8> {
    let Loaded { config, keys, groups, exit, .. } = loaded;
    let (Some(config), Some(keys)) = (config, keys) else { return Err(exit) };
    Ok(Ready { config, keys, has_groups: !groups.is_empty() })
}

/// Everything in its order; each line goes where the lines before it have sent it.
fn tell(told: Vec<Told>, log: &Log) {
    let mut logging = Logging { syslog_format: true, reconnect: Duration::from_secs(60), ..Logging::default() };
    for step in told {
        match step {
            Told::Line(line) => tell_line(&line, log),
            Told::Log(change) => {
                let file = match &change {
                    LogChange::LogFile(path) | LogChange::DebugFile(path) => Some(path.clone()),
                    _ => None,
                };
                apply(change, &mut logging);
                log.configure(&logging);
                // Its lines would be lost without a word; this one still reaches standard error and syslog.
                let failure = file.map(|path| {
                    (OpenOptions::new().append(true).create(true).custom_flags(libc::O_NONBLOCK).open(&path), path)
                });
                if let Some((Err(failure), path)) = failure {
                    let text = format!("Cannot write to {}: {}", path.display(), reason(&failure));
                    log.line(&(Severity::Warn, text));
                }
            }
        }
    }
}

fn tell_line(line: &TextLine, log: &Log) {
    match line.channel {
        Channel::Log => log.line(&(line.severity, line.text.clone())),
        Channel::Raw => terminal::err(&line.text),
    }
}

fn apply(change: LogChange, logging: &mut Logging) {
    match change {
        LogChange::LogFile(path) => logging.logfile = Some(path),
        LogChange::DebugFile(path) => logging.debugfile = Some(path),
        LogChange::Facility(word) => logging.facility = word,
        LogChange::Debug(level) => logging.debug = level,
        LogChange::Logd(on) => logging.use_logd = on,
        LogChange::SyslogFormat(on) => logging.syslog_format = on,
    }
}

/// The warnings and errors.
fn complaints(told: Vec<Told>) -> impl Iterator<Item = Line> {
    let line = |step| match step {
        Told::Line(line) if line.severity <= Severity::Warn => Some((line.severity, line.text)),
        Told::Line(_) | Told::Log(_) => None,
    };
    told.into_iter().filter_map(line)
}

/// `--check`: returns the exit status.
#[must_use]
pub fn check(directory: &Path) -> u8 {
    let status = check::run(directory, &mut io::stdout().lock());
    u8::try_from(status).unwrap_or(crate::exit::FAILED)
}

/// `-D`: returns the exit status.
#[must_use]
pub fn print_directives(wiki: bool) -> u8 {
    terminal::out_text(&print::directives(wiki));
    crate::exit::OK
}

/// `-v`: the effective configuration.
pub fn print(config: &Config) {
    terminal::out_text(&print::effective(config));
}
