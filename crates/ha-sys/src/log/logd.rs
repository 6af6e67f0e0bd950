//! Lines for the logging daemon `ha_logd`: its frames, and the connection.
//!
//! Layout observed between `ha_logger` and `ha_logd` of Debian 12 (cluster-glue 1.0.12), all numbers in the machine's
//! byte order: the local transport's header { u32 length of what follows it, u32 0xabcd }, then { i32 type 2,
//! i32 facility shifted by three, i32 priority, i32 length of the text with its NUL, i32 whether the priority's word is
//! printed, i32 pid, entity in 64 bytes, 64-bit time }, then the text and a NUL. There is no answer.

use super::format::clean;
use super::severity::Severity;
use nix::errno::Errno;
use nix::sys::socket::{AddressFamily, MsgFlags, SockFlag, SockType, UnixAddr, connect, send, socket};
use std::os::fd::{AsRawFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Marks a frame of the local transport.
const MAGIC: u32 = 0xabcd;
/// Message type of a log line.
const LOG: i32 = 2;
/// Room for the entity, with at least one NUL.
const ENTITY: usize = 64;

/// What one frame carries.
#[derive(Clone, Copy, Debug)]
pub struct LogdLine<'a> {
    /// The facility's number without the shift.
    pub facility: u8,
    /// How grave it is.
    pub severity: Severity,
    /// Who.
    pub entity: &'a str,
    /// The process that says it.
    pub pid: u32,
    /// Seconds since 1970.
    pub seconds: i64,
    /// What, without a line end.
    pub text: &'a str,
}

/// The bytes of one frame, its transport header included.
#[must_use]
pub fn frame(line: &LogdLine<'_>) -> Vec<u8> {
    let text = clean(line.text).as_bytes();
    let text_length = i32::try_from(text.len() + 1).unwrap_or(i32::MAX);
    let mut body = Vec::with_capacity(6 * 4 + ENTITY + 8 + text.len() + 1);
    let pid = i32::try_from(line.pid).unwrap_or(0);
    for number in [LOG, i32::from(line.facility) << 3, i32::from(line.severity.priority()), text_length, 1, pid] {
        body.extend_from_slice(&number.to_ne_bytes());
    }
    let mut entity: Vec<u8> = line.entity.bytes().take(ENTITY - 1).collect();
    entity.resize(ENTITY, 0);
    body.extend_from_slice(&entity);
    body.extend_from_slice(&line.seconds.to_ne_bytes());
    body.extend_from_slice(text);
    body.push(0);
    let mut bytes = u32::try_from(body.len()).unwrap_or(u32::MAX).to_ne_bytes().to_vec();
    bytes.extend_from_slice(&MAGIC.to_ne_bytes());
    bytes.append(&mut body);
    bytes
}

/// A connection to `ha_logd`, made again at most once in a given time.
///
/// Nothing here waits: a daemon that does not read for a while costs lines, counted by the caller, never time.
#[derive(Debug)]
pub struct LogdConnection {
    path: PathBuf,
    every: Duration,
    stream: Option<OwnedFd>,
    tried: Option<Instant>,
}

impl LogdConnection {
    /// A connection to be made at the first line. `every` is the directive `conn_logd_time`.
    #[must_use]
    pub fn new(path: &Path, every: Duration) -> Self {
        Self { path: path.to_owned(), every, stream: None, tried: None }
    }

    /// Whether the daemon was there at the last attempt.
    #[must_use]
    pub fn connected(&self) -> bool {
        self.stream.is_some()
    }

    /// Hands over one line. `false`: not connected, or the connection broke; the caller writes the line itself.
    pub fn send(&mut self, line: &LogdLine<'_>, now: Instant) -> bool {
        if self.stream.is_none() {
            let due = self.tried.is_none_or(|tried| now.saturating_duration_since(tried) >= self.every);
            if !due {
                return false;
            }
            self.tried = Some(now);
            self.stream = open(&self.path).ok();
        }
        let Some(stream) = &self.stream else { return false };
        let bytes = frame(line);
        let flags = MsgFlags::MSG_DONTWAIT | MsgFlags::MSG_NOSIGNAL;
        match send(stream.as_raw_fd(), &bytes, flags) {
            Ok(sent) if sent == bytes.len() => true,
            // Nothing of the frame went out: the daemon is slow, the connection is still in step.
            Err(Errno::EAGAIN | Errno::ENOBUFS) => false,
            // Part of a frame went out, or the daemon is gone: only a new connection is in step again.
            _ => {
                self.stream = None;
                false
            }
        }
    }
}

fn open(path: &Path) -> nix::Result<OwnedFd> {
    let flags = SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK;
    let stream = socket(AddressFamily::Unix, SockType::Stream, flags, None)?;
    connect(stream.as_raw_fd(), &UnixAddr::new(path)?)?;
    Ok(stream)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;
    use std::os::unix::net::UnixListener;

    fn hello(text: &str) -> LogdLine<'_> {
        let (facility, severity) = (1, Severity::Info);
        LogdLine { facility, severity, entity: "mytag", pid: 16, seconds: 0x6b04_050b, text }
    }

    #[cfg(target_endian = "little")]
    #[test]
    fn a_frame_is_what_ha_logger_sends_but_with_the_priority_word_switched_on() {
        // ha_logger -t mytag -D ha-log "hello there", by strace; its word flag (byte 24) is 0.
        let mut expected = vec![0x6c, 0, 0, 0, 0xcd, 0xab, 0, 0, 2, 0, 0, 0, 8, 0, 0, 0, 6, 0, 0, 0, 0x0c, 0, 0, 0];
        expected.extend([1, 0, 0, 0, 0x10, 0, 0, 0]);
        expected.extend(b"mytag");
        expected.extend([0; 59]);
        expected.extend([0x0b, 5, 4, 0x6b, 0, 0, 0, 0]);
        expected.extend(b"hello there\0");
        assert_eq!(frame(&hello("hello there")), expected);
        assert_eq!(expected.len(), 116);
    }

    #[test]
    fn an_entity_that_is_too_long_is_cut_and_keeps_its_nul() {
        let entity = "e".repeat(100);
        let bytes = frame(&LogdLine { entity: &entity, ..hello("x") });
        assert_eq!(bytes.len(), 8 + 24 + 64 + 8 + 2);
        assert_eq!(bytes.get(8 + 24 + 63), Some(&0));
    }

    #[test]
    fn a_missing_daemon_is_looked_for_only_after_the_reconnect_time() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("log_daemon");
        let mut connection = LogdConnection::new(&path, Duration::from_secs(60));
        let start = Instant::now();
        assert!(!connection.send(&hello("one"), start));
        let listener = UnixListener::bind(&path).expect("a socket");
        assert!(!connection.send(&hello("two"), start + Duration::from_secs(59)));
        assert!(connection.send(&hello("three"), start + Duration::from_secs(60)));
        let (mut stream, _) = listener.accept().expect("a connection");
        let mut bytes = vec![0; frame(&hello("three")).len()];
        stream.read_exact(&mut bytes).expect("a frame");
        assert_eq!(bytes, frame(&hello("three")));
    }

    #[test]
    fn a_daemon_that_went_away_is_noticed() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("log_daemon");
        let listener = UnixListener::bind(&path).expect("a socket");
        let mut connection = LogdConnection::new(&path, Duration::from_secs(60));
        assert!(connection.send(&hello("one"), Instant::now()));
        drop(listener.accept().expect("a connection"));
        drop(listener);
        // A child of another test may hold a copy of the descriptors until it executes its program.
        let start = Instant::now();
        while connection.send(&hello("two"), start) {
            assert!(start.elapsed() < Duration::from_secs(20));
        }
        assert!(!connection.connected());
    }
}
