//! Messages for the cluster, written into the daemon's named pipe.
//!
//! The daemon adds sender, sequence and authentication and sends the message to all nodes. Unlike a shell's redirection
//! this neither waits for ever when nobody reads nor leaves a regular file behind when there is no pipe.
//! Source: resource specification, section 2.8; daemon specification, section 7.1.

use nix::fcntl::OFlag;
use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Where the daemon reads, unless `HA_FIFO` names another pipe.
pub const FIFO: &str = "/var/lib/heartbeat/fifo";
/// The most that a pipe takes in one piece (`PIPE_BUF`): longer messages could mix with others.
const LONGEST: usize = 4096;
/// How often a full pipe is tried again, and how long after the last time. Together one second.
const TRIES: u32 = 50;
const PAUSE: Duration = Duration::from_millis(20);

/// Why a message was not written.
#[derive(Debug, thiserror::Error)]
pub enum InjectError {
    /// There is nothing under this name.
    #[error("{}: no such pipe, heartbeat is not running", .0.display())]
    Missing(PathBuf),
    /// There is something else under this name.
    #[error("{}: not a named pipe, heartbeat is not running", .0.display())]
    NoPipe(PathBuf),
    /// The pipe is there, and no daemon reads it.
    #[error("{}: nobody reads this pipe, heartbeat is not running", .0.display())]
    NoReader(PathBuf),
    /// The daemon does not read.
    #[error("{}: the pipe is full, heartbeat does not read it", .0.display())]
    Full(PathBuf),
    /// The message cannot be written down: a name or value with control characters, or an `=` in a name.
    #[error("field [{0}] cannot be sent: control characters or no name")]
    Field(String),
    /// Longer than what a pipe takes in one piece.
    #[error("message of {0} bytes is too long")]
    TooLong(usize),
    /// Everything else, for example no permission.
    #[error("{path}: {error}", path = .0.display(), error = .1)]
    Io(PathBuf, #[source] io::Error),
}

/// Sends one message to the cluster. The first field is normally `t`, its type.
///
/// # Errors
/// If a field cannot be written down, or if no daemon reads the pipe `HA_FIFO`. Waits at most one second.
pub fn send(fields: &[(&str, &str)]) -> Result<(), InjectError> {
    prepare(fields)?.send()
}

/// Opens the pipe `HA_FIFO` for one message, so that something can be done only if a daemon will get it.
///
/// # Errors
/// As [`send`].
pub fn prepare(fields: &[(&str, &str)]) -> Result<Prepared, InjectError> {
    let named = std::env::var_os("HA_FIFO").filter(|path| !path.is_empty());
    prepare_for(Path::new(named.as_deref().unwrap_or(FIFO.as_ref())), fields)
}

/// A message whose pipe is open.
#[derive(Debug)]
pub struct Prepared {
    path: PathBuf,
    pipe: File,
    text: String,
}

impl Prepared {
    /// Sends it.
    ///
    /// # Errors
    /// If the daemon has gone meanwhile or does not read its pipe.
    pub fn send(mut self) -> Result<(), InjectError> {
        write(&self.path, &mut self.pipe, self.text.as_bytes())
    }
}

/// The same with the pipe `path`.
///
/// # Errors
/// As [`send`].
pub fn send_to(path: &Path, fields: &[(&str, &str)]) -> Result<(), InjectError> {
    prepare_for(path, fields)?.send()
}

fn prepare_for(path: &Path, fields: &[(&str, &str)]) -> Result<Prepared, InjectError> {
    let text = message(fields)?;
    Ok(Prepared { path: path.to_owned(), pipe: open(path)?, text })
}

/// The text of a message: `>>>`, one line for each field, `<<<`.
fn message(fields: &[(&str, &str)]) -> Result<String, InjectError> {
    let mut text = String::from(">>>\n");
    for (name, value) in fields {
        let bad = name.is_empty() || name.contains('=') || name.chars().chain(value.chars()).any(char::is_control);
        if bad {
            return Err(InjectError::Field(name.escape_debug().to_string()));
        }
        text.push_str(&format!("{name}={value}\n"));
    }
    text.push_str("<<<\n");
    if text.len() > LONGEST { Err(InjectError::TooLong(text.len())) } else { Ok(text) }
}

fn open(path: &Path) -> Result<File, InjectError> {
    let other = |error: io::Error| match error.kind() {
        ErrorKind::NotFound => InjectError::Missing(path.to_owned()),
        _ if error.raw_os_error() == Some(nix::errno::Errno::ENXIO as i32) => InjectError::NoReader(path.to_owned()),
        _ => InjectError::Io(path.to_owned(), error),
    };
    let no_pipe = || InjectError::NoPipe(path.to_owned());
    // Looked at before it is opened: opening can already have an effect on a device.
    if !std::fs::metadata(path).map_err(other)?.file_type().is_fifo() {
        return Err(no_pipe());
    }
    let file = OpenOptions::new().write(true).custom_flags(OFlag::O_NONBLOCK.bits()).open(path).map_err(other)?;
    if file.metadata().map_err(other)?.file_type().is_fifo() { Ok(file) } else { Err(no_pipe()) }
}

/// One write: the pipe takes a message of this length whole or not at all.
fn write(path: &Path, pipe: &mut File, bytes: &[u8]) -> Result<(), InjectError> {
    for _ in 0..TRIES {
        match pipe.write(bytes) {
            Ok(_) => return Ok(()),
            Err(error) if error.kind() == ErrorKind::WouldBlock => std::thread::sleep(PAUSE),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) if error.kind() == ErrorKind::BrokenPipe => return Err(InjectError::NoReader(path.to_owned())),
            Err(error) => return Err(InjectError::Io(path.to_owned(), error)),
        }
    }
    Err(InjectError::Full(path.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ha_sys::fifo::Fifo;

    #[test]
    fn a_message_is_one_block_in_one_piece() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("fifo");
        let mut fifo = Fifo::open(&path).unwrap();
        send_to(&path, &[("t", "ask_resources"), ("rsc_hold", "all"), ("info", "me")]).unwrap();
        let mut buffer = [0; 100];
        let length = fifo.read(&mut buffer).unwrap();
        assert_eq!(&buffer[..length], b">>>\nt=ask_resources\nrsc_hold=all\ninfo=me\n<<<\n");
    }

    #[test]
    fn without_a_daemon_nothing_is_created_and_nothing_waits() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("fifo");
        assert!(matches!(send_to(&path, &[("t", "x")]), Err(InjectError::Missing(_))));
        assert!(!path.exists());
        nix::unistd::mkfifo(&path, nix::sys::stat::Mode::S_IRWXU).unwrap();
        assert!(matches!(send_to(&path, &[("t", "x")]), Err(InjectError::NoReader(_))));
        std::fs::remove_file(&path).unwrap();
        std::fs::write(&path, "kept").unwrap();
        assert!(matches!(send_to(&path, &[("t", "x")]), Err(InjectError::NoPipe(_))));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "kept");
    }

    #[test]
    fn a_daemon_that_does_not_read_costs_a_second_and_no_part_of_a_message() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("fifo");
        let mut fifo = Fifo::open(&path).unwrap();
        let value = "v".repeat(3000);
        let error = (0..100).find_map(|_| send_to(&path, &[("t", &value)]).err());
        assert!(matches!(error, Some(InjectError::Full(_))));
        let mut everything = Vec::new();
        let mut buffer = [0; 4096];
        while let Ok(length @ 1..) = fifo.read(&mut buffer) {
            everything.extend_from_slice(&buffer[..length]);
        }
        assert!(everything.ends_with(b"<<<\n"));
    }

    #[test]
    fn a_value_cannot_end_its_line() {
        for field in [("t", "a\nb=c"), ("t", "a\0"), ("", "x"), ("a=b", "c"), ("a\t", "c")] {
            assert!(matches!(message(&[field]), Err(InjectError::Field(_))), "{field:?}");
        }
        assert!(matches!(message(&[("t", &"x".repeat(5000))]), Err(InjectError::TooLong(_))));
        assert_eq!(message(&[("t", "Zürich=1")]).unwrap(), ">>>\nt=Zürich=1\n<<<\n");
    }
}
