//! The daemon's log: the targets of the configuration, and the debug level that signals change.

use crate::line::{Line, Severity, info};
use crate::messages;
use ha_config::config::Logging;
use ha_sys::log::{LOGD_SOCKET, LogSettings, Logger, facility};
use std::cell::{Cell, RefCell};
use std::process::id;
use std::rc::Rc;
use std::time::Duration;

/// How long the last lines may take at the end.
const LAST_LINES: Duration = Duration::from_secs(2);

/// Where lines go. Clones write to the same targets: everything that runs in the daemon's one thread has one.
#[derive(Clone, Debug)]
pub struct Log {
    logger: Rc<RefCell<Logger>>,
    debug: Rc<Cell<u8>>,
}

impl Log {
    /// A log that knows standard error only. `entity` is the program's name, `node` is `uname -n`.
    #[must_use]
    pub fn new(entity: &str, node: &str, debug: u8) -> Self {
        let logger = Logger::new(LogSettings::stderr_only(entity, node));
        Self { logger: Rc::new(RefCell::new(logger)), debug: Rc::new(Cell::new(debug)) }
    }

    /// Uses the targets of the configuration from now on.
    pub fn configure(&self, logging: &Logging) {
        self.change(|settings| {
            settings.syslog_format = logging.syslog_format;
            settings.logfile.clone_from(&logging.logfile);
            settings.debugfile.clone_from(&logging.debugfile);
            settings.facility = logging.facility.as_deref().and_then(facility);
            settings.logd_socket = logging.use_logd.then(|| LOGD_SOCKET.into());
            settings.logd_reconnect = logging.reconnect;
        });
        self.debug.set(self.debug.get().max(logging.debug));
    }

    /// Writes nothing to standard error any more.
    pub fn detach(&self) {
        self.change(|settings| settings.stderr = false);
    }

    /// Leaves all writing to a thread of its own, so that a slow target delays nothing.
    pub fn start_thread(&self) {
        let result = self.logger.borrow_mut().start_thread();
        if let Err(failure) = result {
            self.line(&(Severity::Warn, format!("Cannot start the log thread: {failure}")));
        }
    }

    fn change(&self, edit: impl FnOnce(&mut LogSettings)) {
        let mut logger = self.logger.borrow_mut();
        let mut settings = logger.settings().clone();
        edit(&mut settings);
        logger.change(settings);
    }

    /// One line. Debug lines are left out unless the level is above 0.
    pub fn line(&self, line: &Line) {
        if line.0 != Severity::Debug || self.debugs() {
            self.logger.borrow_mut().log(line.0, &line.1);
        }
    }

    /// Several lines.
    pub fn lines(&self, lines: impl IntoIterator<Item = Line>) {
        for line in lines {
            self.line(&line);
        }
    }

    /// An `info` line.
    pub fn info(&self, text: &str) {
        self.line(&info(text));
    }

    /// An `ERROR` line.
    pub fn error(&self, text: &str) {
        self.line(&(Severity::Error, text.to_owned()));
    }

    /// A `debug` line, left out unless the level is above 0.
    pub fn debug(&self, text: &str) {
        self.line(&(Severity::Debug, text.to_owned()));
    }

    /// Whether debug lines are written.
    #[must_use]
    pub fn debugs(&self) -> bool {
        self.debug.get() > 0
    }

    /// The debug level.
    #[must_use]
    pub fn level(&self) -> u8 {
        self.debug.get()
    }

    /// Changes the debug level by one, as `SIGUSR1` and `SIGUSR2` do. The lines were observed on heartbeat 3.0.6.
    pub fn change_debug(&self, by: i8) {
        self.debug.set(self.debug.get().saturating_add_signed(by));
        let text = format!("debug now set to {} [pid {}]", self.debug.get(), id());
        self.logger.borrow_mut().log(Severity::Debug, &text);
        if self.debugs() {
            self.info(&version_line());
        }
    }

    /// Waits until everything is written, but not for ever.
    pub fn flush(&self) {
        let _ = self.logger.borrow().flush(LAST_LINES);
    }
}

/// The line that names the version.
#[must_use]
pub fn version_line() -> String {
    format!("heartbeat: version {}", messages::VERSION)
}
