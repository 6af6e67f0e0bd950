//! Keeps every processor busy, at ordinary priority.

use std::process::{Child, Command, Stdio};

use testkit::cluster::{Context as _, Result};

/// Twice as many processes that only compute as there are processors. They end when this is dropped, and also with the
/// thread that made it. Each is in a session of its own: the kernel may share time out among sessions.
#[derive(Debug)]
pub(crate) struct Load {
    processes: Vec<Child>,
}

impl Load {
    pub(crate) fn start() -> Result<Self> {
        let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        let start = || {
            Command::new("setsid")
                .args(["setpriv", "--pdeathsig", "KILL", "sh", "-c", "while :; do :; done"])
                .stdin(Stdio::null())
                .spawn()
                .context("setsid")
        };
        Ok(Self { processes: (0..2 * cores).map(|_| start()).collect::<Result<_>>()? })
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        for process in &mut self.processes {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}
