//! The type `meatware`: asks the operator to reset the host, and waits until `meatclient` confirms it.

use crate::places::Places;
use crate::{Severity, Sink};
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::stat::Mode;
use nix::unistd::mkfifo;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read};
use std::os::fd::AsFd;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// What it is called in the log.
pub(crate) const NAME: &str = "Meatware STONITH device";
/// The length of the confirmation; the rest of it is zeros.
pub(crate) const REPLY: usize = 256;

/// Where the two meet for this host; `None` for names that would lead elsewhere.
pub(crate) fn meeting(folder: &Path, host: &str) -> Option<PathBuf> {
    (!host.contains('/')).then(|| folder.join(format!("meatware.{host}")))
}

/// The text of the confirmation.
pub(crate) fn reply(host: &str) -> String {
    format!("meatware reply {host}")
}

/// Asks and waits, for ever if need be. A client that goes away without confirming is a refusal.
///
/// The original dies of its alarm ten minutes after the client was started; here the answer counts
/// whenever it comes.
pub(crate) fn reset(host: &str, places: &Places, log: Sink<'_>) -> bool {
    let Some(path) = meeting(&places.meetings, host) else { return false };
    let mut fifo = match make(&path) {
        Ok(fifo) => fifo,
        Err(error) => {
            log(Severity::Error, &format!("Cannot make {}: {error}", path.display()));
            return false;
        }
    };
    log(Severity::Error, &format!("glib: OPERATOR INTERVENTION REQUIRED to reset {host}."));
    log(Severity::Error, &format!("glib: Run \"meatclient -c {host}\" AFTER power-cycling the machine."));
    let confirmed = answer(&mut fifo).is_ok_and(|answer| answer.trim_end() == reply(host));
    if confirmed {
        log(Severity::Info, &format!("glib: node Meatware-reset: {host}"));
        // The next `meatclient` should hear that nobody waits; if this fails, it hears so anyway.
        let _ = fs::remove_file(&path);
    } else {
        log(Severity::Error, &format!("glib: Format error - failed to Meatware-reset node {host}"));
    }
    confirmed
}

/// A fresh FIFO, open for reading, so that a client can open it from now on.
fn make(path: &Path) -> io::Result<File> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => mkfifo(path, Mode::S_IRUSR | Mode::S_IWUSR)?,
    }
    OpenOptions::new().read(true).custom_flags(nix::fcntl::OFlag::O_NONBLOCK.bits()).open(path)
}

/// The text up to the first zero; empty if the client went away.
fn answer(fifo: &mut File) -> io::Result<String> {
    let mut buffer = [0; REPLY];
    loop {
        let mut wanted = [PollFd::new(fifo.as_fd(), PollFlags::POLLIN)];
        match poll(&mut wanted, PollTimeout::NONE) {
            Ok(_) => {}
            Err(Errno::EINTR) => continue,
            Err(error) => return Err(error.into()),
        }
        match fifo.read(&mut buffer) {
            Ok(length) => {
                let text = buffer.get(..length).unwrap_or_default().split(|byte| *byte == 0).next();
                return Ok(String::from_utf8_lossy(text.unwrap_or_default()).into_owned());
            }
            Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) => {}
            Err(error) => return Err(error),
        }
    }
}
