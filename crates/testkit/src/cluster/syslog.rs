//! The other end of a node's `/dev/log`: writes what arrives into a file, one line for each message.

use std::fs::File;
use std::io::Write as _;
use std::os::unix::net::UnixDatagram;
use std::path::Path;

use anyhow::{Context as _, Result};

use super::worker::{NAP, Worker};

/// Collects until it is dropped.
#[derive(Debug)]
pub(super) struct Syslog {
    _worker: Worker,
}

impl Syslog {
    /// Listens at `socket` and writes into `file`. Bytes that are not printable are escaped.
    pub(super) fn collect(socket: &Path, file: &Path) -> Result<Self> {
        let socket = UnixDatagram::bind(socket).context("the socket of the system log")?;
        socket.set_read_timeout(Some(NAP))?;
        let mut file = File::create(file)?;
        let mut buffer = vec![0; 65_536];
        let step = move || {
            if let Some(message) = socket.recv(&mut buffer).ok().and_then(|length| buffer.get(..length)) {
                let _ = writeln!(file, "{}", message.escape_ascii());
            }
        };
        Ok(Self { _worker: Worker::new(step) })
    }
}
