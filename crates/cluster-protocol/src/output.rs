//! What the core asks the shell to do, in this order.

use crate::message::Message;
use crate::resources::{Job, JobId};
use crate::settings::MediumId;
use std::sync::Arc;

/// One thing to do. A failure is no input: a medium that cannot send is the shell's to log and repair.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Send one packet.
    Send {
        /// Through which medium.
        medium: MediumId,
        /// The bytes; for a ping medium the payload of one echo request.
        bytes: Arc<[u8]>,
    },
    /// Write a log line.
    Log(crate::event::Event),
    /// An accepted message (our own too, and those made up for status changes), each once: for `rc.d` scripts and API
    /// clients.
    Deliver {
        /// The message.
        message: Message,
        /// False for a status message that tells nothing new.
        news: bool,
    },
    /// Start a child that works on resources, then say [`Input::JobEnded`](crate::input::Input::JobEnded) when it ends.
    Run {
        /// Its number.
        id: JobId,
        /// What it does.
        job: Job,
    },
    /// Communication is up: open the client socket, start the respawn children.
    StartClients,
    /// End the respawn children, then say [`Input::ClientsStopped`](crate::input::Input::ClientsStopped).
    StopClients,
    /// Our own status message was processed: the moment to feed the watchdog.
    Alive,
    /// The process is to end.
    Exit(Ending),
}

/// How the process is to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// In order.
    Stop,
    /// Start again in the same process, with a new generation, after this many milliseconds of silence.
    Restart {
        /// Milliseconds.
        after_ms: u64,
    },
    /// By force: releasing resources took too long.
    Emergency,
}
