//! Puts a daemon together: pid file, session, files of the state directory, media, watchdog, in the original's order.

use crate::admin_fifo::AdminFifo;
use crate::api::Api;
use crate::children::Children;
use crate::daemon::{Daemon, TAKEN};
use crate::directories::{self, Owner};
use crate::hostcache::{self, Keeper};
use crate::identity::{self, Sources, reason};
use crate::jobs::Jobs;
use crate::line::{Line, error};
use crate::links::Links;
use crate::loading::{Options, Ready};
use crate::log::{Log, version_line};
use crate::master::{self, TITLE};
use crate::reload::Stamps;
use crate::truth::Teller;
use crate::{environment, exit, messages, paths, settings, watch};
use cluster_protocol::core::Core;
use cluster_protocol::resources::Set;
use cluster_protocol::settings::AutoFailback;
use fencing::Device;
use ha_config::config::Config;
use ha_sys::fifo::{self, Fifo};
use ha_sys::pidfile::{self, PidFileError};
use ha_sys::poll::Poller;
use ha_sys::signals::{self, Signals};
use ha_sys::{clock, daemonize, realtime, state, title};
use nix::sys::signal::Signal;
use nix::sys::stat::{Mode, umask};
use std::ffi::CStr;
use std::path::Path;
use std::process::id;

/// The process's name: `pidof heartbeat` and `killall heartbeat` shall find it.
const PROCESS_NAME: &CStr = c"heartbeat";
/// Signals that a careless starter may have switched off for us and our children.
const DEFAULT: [Signal; 5] = [Signal::SIGCHLD, Signal::SIGHUP, Signal::SIGINT, Signal::SIGQUIT, Signal::SIGTERM];
/// Descriptors that are looked at in one turn of the loop.
const AT_ONCE: usize = 64;

/// What a daemon is started with, beside its configuration.
#[derive(Debug)]
pub struct Setup {
    /// What the command line says.
    pub options: Options,
    /// The files as they were before they were read.
    pub stamps: Stamps,
    /// Where lines go.
    pub log: Log,
    /// The daemon ran a moment ago and starts itself again: it must not stay away because of a part that is missing now.
    pub again: bool,
    /// What it held then.
    pub held: Option<Set>,
    /// The fencing device, checked.
    pub device: Option<Device>,
}

/// How a start ends that does not become a daemon.
#[derive(Debug)]
pub struct Failed {
    /// For the log, and for whoever waits for the start.
    pub lines: Vec<Line>,
    /// The exit status.
    pub status: u8,
}

impl Failed {
    fn new(text: impl Into<String>, status: u8) -> Self {
        Self { lines: vec![error(text)], status }
    }
}

/// Makes everything that the daemon needs.
///
/// # Errors
/// [`Failed`], for what cannot heal by itself.
pub fn prepare(ready: Ready, setup: Setup) -> Result<Daemon, Failed> {
    let Ready { config, keys, has_groups } = ready;
    let Setup { options, stamps, log, again, held, device } = setup;
    let impossible =
        |what: &str, failure: &std::io::Error| Failed::new(format!("{what}: {}", reason(failure)), exit::FAILED);
    // Before the pid file names us: from then on signals come, and none may be lost or end us.
    let _ = signals::reset(&DEFAULT);
    let signals = Signals::open(&TAKEN).map_err(|failure| impossible("Cannot take signals", &failure))?;
    title::set(TITLE, PROCESS_NAME);
    claim_pid_file(&log)?;
    umask(Mode::from_bits_truncate(0o022));
    daemonize::own_session();
    let owner = Owner::find();
    directories::prepare_run(owner);
    directories::enter_core_directory(&config.coreroot);
    if config.coredumps {
        let _ = realtime::allow_core_dumps();
    }
    log.info(&version_line());
    if manages(&config, options) && has_groups && config.nodes.len() > 2 {
        log.error(&messages::many_nodes(config.nodes.len()));
    }
    give_log_files(&config, owner, &log);
    let sources = Sources {
        generation_is_time: config.generation_is_time,
        uuid_from_name: config.uuid_from_name.then_some(config.node.as_str()),
    };
    let (identity, lines) = identity::take(sources, clock::wall_seconds());
    log.lines(lines);
    let fifo = open_fifo(&log, again)?;
    if let Err(failure) = directories::renew_resource_state() {
        log.error(&format!("Cannot renew {}: {}", paths::RESOURCE_STATE, reason(&failure)));
    }
    let poller = Poller::new(AT_ONCE).map_err(|failure| impossible("Cannot make a poller", &failure))?;
    let links = Links::open(&config.media, &log, again)?;
    let watchdog = config.watchdog.as_deref().and_then(|path| {
        let (watchdog, lines) = watch::open(path, config.deadtime);
        log.lines(lines);
        watchdog
    });
    let mut seed = [0; 8];
    if state::random(&mut seed).is_err() {
        seed = u64::from(clock::monotonic().subsec_nanos()).to_ne_bytes();
    }
    let manages = manages(&config, options);
    let environment = environment::build(std::env::vars_os(), &config);
    let directory = std::env::current_dir().unwrap_or_else(|_| "/".into());
    let mut core =
        Core::new(settings::build(&config, keys, manages, held, device.is_some()), identity, u64::from_ne_bytes(seed));
    log.lines(hostcache::recall(&mut core));
    let children = Children::new(&config.respawn, environment.clone(), directory.clone());
    let jobs = Jobs::new(jobs_environment(environment, &config), directory, device.as_ref());
    if held.is_none() {
        resource_manager::truth::clear();
    }
    let api = Api::new(&config, &log);
    let watchdog_failed = false;
    Ok(Daemon {
        core,
        config,
        options,
        stamps,
        reading: None,
        keeper: Keeper::default(),
        log,
        poller,
        signals,
        links,
        fifo,
        api,
        children,
        jobs,
        teller: Teller::default(),
        watchdog,
        watchdog_failed,
    })
}

fn manages(config: &Config, options: Options) -> bool {
    config.manages_resources && options.manages_resources
}

/// What scripts see in addition to what every child sees.
fn jobs_environment(
    mut environment: Vec<(std::ffi::OsString, std::ffi::OsString)>,
    config: &Config,
) -> Vec<(std::ffi::OsString, std::ffi::OsString)> {
    if !config.logging.use_logd {
        environment.push(("HA_LOGD".into(), "no".into()));
    }
    if config.auto_failback != AutoFailback::Legacy {
        environment.push(("HA_NICEFAILBACK".into(), "yes".into()));
    }
    environment
}

/// Makes the pid file ours.
fn claim_pid_file(log: &Log) -> Result<(), Failed> {
    let pid = i32::try_from(id()).unwrap_or(i32::MAX);
    match pidfile::create(Path::new(paths::PID_FILE), pid, &master::is_master) {
        Ok(()) => Ok(()),
        Err(PidFileError::Held(other)) => {
            // Somebody else was faster.
            log.info(&messages::second_start(other));
            Err(Failed { lines: Vec::new(), status: exit::OK })
        }
        Err(failure) => {
            log.error(&failure.to_string());
            let text = format!("heartbeat: could not create pidfile [{}]", paths::PID_FILE);
            Err(Failed::new(text, exit::NOT_ALLOWED))
        }
    }
}

/// The cluster's programs write into the log files too.
fn give_log_files(config: &Config, owner: Owner, log: &Log) {
    let files = [("logfile", &config.logging.logfile), ("dbgfile", &config.logging.debugfile)];
    for (what, path) in files {
        log.lines(path.as_deref().and_then(|path| directories::give_log_file(owner, what, path)));
    }
}

/// Without the FIFO no script can reach the daemon, which is no reason to end one that runs.
fn open_fifo(log: &Log, again: bool) -> Result<Option<AdminFifo>, Failed> {
    let path = Path::new(paths::FIFO);
    if !fifo::is_there(path) {
        log.info(&format!("Creating FIFO {}.", paths::FIFO));
    }
    match Fifo::open(path) {
        Ok(fifo) => Ok(Some(AdminFifo::new(fifo))),
        Err(failure) => {
            let text = format!("Cannot make fifo {}.: {}", paths::FIFO, reason(&failure));
            if !again {
                return Err(Failed::new(text, exit::FAILED));
            }
            log.error(&text);
            Ok(None)
        }
    }
}
