//! A log line before it is written: its severity and its text.

pub use ha_sys::log::Severity;

/// One log line.
pub type Line = (Severity, String);

/// An `info` line.
pub fn info(text: impl Into<String>) -> Line {
    (Severity::Info, text.into())
}

/// A `WARN` line.
pub fn warn(text: impl Into<String>) -> Line {
    (Severity::Warn, text.into())
}

/// An `ERROR` line.
pub fn error(text: impl Into<String>) -> Line {
    (Severity::Error, text.into())
}

/// A debug line, shown with debugging on only.
pub fn debug(text: impl Into<String>) -> Line {
    (Severity::Debug, text.into())
}
