//! How to sign on.

use std::path::PathBuf;
use std::time::{Duration, Instant};

/// Where the daemon listens.
pub const SOCKET: &str = "/run/heartbeat/register";

/// How to sign on, and how long to wait.
#[derive(Debug, Clone)]
pub struct Options {
    /// Sign on under this name; without one as a casual client, which may only ask and listen.
    pub name: Option<String>,
    /// The daemon's socket.
    pub socket: PathBuf,
    /// How long an answer may take; `None`: for ever.
    pub timeout: Option<Duration>,
    /// When everything must have ended, whatever [`timeout`](Self::timeout) says.
    pub deadline: Option<Instant>,
}

impl Default for Options {
    /// A casual client that waits five seconds for each answer.
    fn default() -> Self {
        Self { name: None, socket: SOCKET.into(), timeout: Some(Duration::from_secs(5)), deadline: None }
    }
}

impl Options {
    /// As the default, under this name. `apiauth` in `ha.cf` decides who may use it; at most 31 bytes.
    #[must_use]
    pub fn named(name: &str) -> Self {
        Self { name: Some(name.to_owned()), ..Self::default() }
    }
}
