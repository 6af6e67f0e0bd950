//! `SIGHUP`: the files are looked at again. A configuration that is wrong changes nothing; the original would end here,
//! and leave its resources running without anybody who looks after them.
//!
//! Looking at the files means resolving names, which may take as long as a name server likes. So a thread does it, and the
//! loop hears of the end through a descriptor, as of everything else.

use crate::config::{LoadOptions, Loaded, load as read};
use crate::daemon::Daemon;
use crate::identity::reason;
use crate::loading;
use crate::messages::not_restarted;
use crate::paths;
use crate::reload::{Change, Stamps};
use cluster_protocol::input::Input;
use nix::sys::eventfd::{EfdFlags, EventFd};
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::path::Path;
use std::process::id;
use std::sync::Arc;
use std::thread::JoinHandle;

/// A look at the files that is under way.
#[derive(Debug)]
pub struct Reading {
    change: Change,
    stamps: Stamps,
    done: Arc<EventFd>,
    thread: JoinHandle<Loaded>,
    /// Another signal came meanwhile: the files may have changed since they were read.
    again: bool,
}

impl AsFd for Reading {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.done.as_fd()
    }
}

impl Reading {
    fn begin(daemon: &Daemon, change: Change, stamps: Stamps) -> io::Result<Self> {
        let done = Arc::new(EventFd::from_flags(EfdFlags::EFD_CLOEXEC | EfdFlags::EFD_NONBLOCK)?);
        let (options, ring) = (daemon.options, Arc::clone(&done));
        let work = move || {
            let loaded =
                read(Path::new(paths::CONFIG_DIRECTORY), LoadOptions { manages_resources: options.manages_resources });
            // Fails only if the counter is full, and then the loop is awake already.
            let _ = ring.write(1);
            loaded
        };
        let thread = std::thread::Builder::new().name("reading".to_owned()).spawn(work)?;
        Ok(Self { change, stamps, done, thread, again: false })
    }
}

/// The signal came. True if a [`Reading`] began, which is to be waited for.
pub fn begin(daemon: &mut Daemon) -> bool {
    if let Some(reading) = &mut daemon.reading {
        reading.again = true;
        return false;
    }
    let stamps = Stamps::take();
    let change = daemon.stamps.change(&stamps);
    match change {
        Change::Nothing => {
            daemon.log.info("Configuration unchanged.");
            return false;
        }
        Change::Keys => daemon.log.info("Rereading authentication file."),
        Change::Configuration => {}
    }
    match Reading::begin(daemon, change, stamps) {
        Ok(reading) => daemon.reading = Some(reading),
        Err(failure) => {
            daemon.log.error(&format!("Cannot reread the configuration: {}", reason(&failure)));
            return false;
        }
    }
    true
}

/// The files were read: what the core is to be told, and whether they must be looked at once more.
pub fn end(daemon: &mut Daemon) -> (Option<Input<'static>>, bool) {
    let Some(reading) = daemon.reading.take() else { return (None, false) };
    let Reading { change, stamps, thread, again, .. } = reading;
    let log = daemon.log.clone();
    let Ok(loaded) = thread.join() else {
        log.error("The configuration could not be reread.");
        return (None, again);
    };
    let ready = loading::refuse(loaded, &log);
    let input = match (change, ready) {
        (Change::Nothing, _) => None,
        (Change::Configuration, Ok(_)) => Some(Input::Restart),
        (Change::Configuration, Err(_)) => {
            log.info(&not_restarted(i32::try_from(id()).unwrap_or(0)));
            None
        }
        (Change::Keys, Ok(ready)) => {
            daemon.stamps = stamps;
            Some(Input::NewKeys(ready.keys))
        }
        (Change::Keys, Err(_)) => {
            log.error("Authentication reparsing error, keeping the old keys.");
            None
        }
    };
    (input, again)
}
