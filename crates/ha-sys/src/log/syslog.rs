//! The socket of the system log.

use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long one line may wait for a system log that does not read. Only the log's own thread waits.
const PATIENCE: Duration = Duration::from_millis(500);

/// A datagram socket to the system log, connected anew when the system log was started again.
#[derive(Debug)]
pub struct Syslog {
    path: PathBuf,
    socket: Option<UnixDatagram>,
}

impl Syslog {
    /// A socket that nobody has opened yet; `path` is `/dev/log`, except in tests.
    #[must_use]
    pub fn new(path: &Path) -> Self {
        Self { path: path.to_owned(), socket: None }
    }

    /// Sends one datagram. With `wait` it may wait half a second for room. `false`: the line is lost.
    pub fn send(&mut self, datagram: &[u8], wait: bool) -> bool {
        for _ in 0..2 {
            if self.socket.is_none() {
                self.socket = open(&self.path).ok();
            }
            let Some(socket) = &self.socket else { return false };
            // An error here cannot harm: the worst case is a line that is lost.
            let _ = socket.set_nonblocking(!wait);
            match socket.send(datagram) {
                Ok(_) => return true,
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => return false,
                // The system log was restarted or is gone: once more with a new socket.
                Err(_) => self.socket = None,
            }
        }
        false
    }
}

fn open(path: &Path) -> std::io::Result<UnixDatagram> {
    let socket = UnixDatagram::unbound()?;
    socket.set_write_timeout(Some(PATIENCE))?;
    socket.connect(path)?;
    Ok(socket)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn received(socket: &UnixDatagram) -> Vec<u8> {
        let mut buffer = [0; 100];
        let length = socket.recv(&mut buffer).unwrap_or(0);
        buffer.get(..length).unwrap_or_default().to_vec()
    }

    #[test]
    fn a_restarted_system_log_gets_the_next_line() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("log");
        let mut syslog = Syslog::new(&path);
        assert!(!syslog.send(b"nobody there", true));
        let first = UnixDatagram::bind(&path).expect("bound");
        assert!(syslog.send(b"one", true));
        assert_eq!(received(&first), b"one");
        drop(first);
        std::fs::remove_file(&path).expect("removed");
        let second = UnixDatagram::bind(&path).expect("bound");
        // A child of another test may hold a copy of the first socket until it executes its program.
        second.set_read_timeout(Some(Duration::from_millis(100))).expect("set");
        let start = std::time::Instant::now();
        while !(syslog.send(b"two", true) && received(&second) == b"two") {
            assert!(start.elapsed() < Duration::from_secs(20), "nothing came to the new socket");
        }
    }

    #[test]
    fn a_system_log_that_does_not_read_costs_lines_and_not_time() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("log");
        let _never_read = UnixDatagram::bind(&path).expect("bound");
        let mut syslog = Syslog::new(&path);
        let sent = (0..1000).take_while(|_| syslog.send(b"line", false)).count();
        assert!(sent < 1000);
    }
}
