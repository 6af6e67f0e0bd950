//! Printing for the commands. A closed pipe is nobody's fault and never stops what is being done.

use std::io::{self, Write};

/// One line to standard output.
pub fn out(text: &str) {
    let _ = writeln!(io::stdout().lock(), "{text}");
}

/// One line to standard error.
pub fn err(text: &str) {
    err_bytes(text.as_bytes());
}

/// The same for bytes that may be no text.
pub fn err_bytes(text: &[u8]) {
    let mut line = text.to_vec();
    line.push(b'\n');
    // In one write: the lines of two programs shall not mix.
    let _ = io::stderr().lock().write_all(&line);
}

/// Text that ends its lines itself, to standard output.
pub fn out_text(text: &str) {
    let _ = io::stdout().lock().write_all(text.as_bytes());
}
