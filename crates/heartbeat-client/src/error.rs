//! What can go wrong.

use cluster_protocol::api::frame::FrameError;
use std::io;
use thiserror::Error;

/// Why a call failed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// There is no daemon, or its socket may not be reached.
    #[error("cannot connect to heartbeat: {0}")]
    Connect(io::Error),
    /// The daemon is there and does not want this client.
    #[error("heartbeat refuses the sign-on: {0}")]
    Refused(String),
    /// The daemon closed the connection. Right after the sign-on this is how daemons before 2.1 refuse.
    #[error("heartbeat closed the connection")]
    Closed,
    /// No answer in time.
    #[error("no timely response")]
    TimedOut,
    /// The daemon refuses the request: something that it does not know, or that this client may not do.
    #[error("heartbeat refuses the request {request}: {info}")]
    BadRequest {
        /// What was asked for.
        request: String,
        /// The daemon's reason, such as `EINVAL`; may be empty.
        info: String,
    },
    /// What came is not what was asked for: this field is missing or makes no sense.
    #[error("the answer of heartbeat lacks {0}")]
    Answer(&'static str),
    /// What came is no stream of messages.
    #[error("this is no heartbeat: {0}")]
    Frame(#[from] FrameError),
    /// The connection failed.
    #[error("connection to heartbeat: {0}")]
    Io(io::Error),
}
