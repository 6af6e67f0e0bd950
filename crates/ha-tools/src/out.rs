//! Text for the terminal. A closed pipe is no reason to fail: what a tool does matters, not who listens.

use std::io::Write;

/// Writes to stdout, without a line end of its own.
pub(crate) fn stdout(text: &str) {
    let mut stream = std::io::stdout();
    let _ = stream.write_all(text.as_bytes()).and_then(|()| stream.flush());
}

/// Writes to stderr, without a line end of its own.
pub(crate) fn stderr(text: &str) {
    let _ = std::io::stderr().write_all(text.as_bytes());
}
