//! Standard output and standard error. A closed pipe must not stop a resource script.

use std::io::{self, Write};

/// A line on standard output.
pub(crate) fn print(text: &str) {
    let _ = write(&mut io::stdout().lock(), text);
}

/// A line on standard error.
pub(crate) fn report(text: &str) {
    let _ = write(&mut io::stderr().lock(), text);
}

/// A line for a person and for Pacemaker's habits: why something failed.
pub(crate) fn reason(text: &str) {
    report(&format!("ocf-exit-reason:{text}"));
}

fn write(stream: &mut impl Write, text: &str) -> io::Result<()> {
    let newline = if text.ends_with('\n') { "" } else { "\n" };
    // One call, so that lines of several programs do not mix.
    stream.write_all(format!("{text}{newline}").as_bytes())?;
    stream.flush()
}
