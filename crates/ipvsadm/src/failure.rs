//! How a run ends badly: the text for standard error and the exit status, decided at this one place.

use crate::messages;
use crate::usage::UsageError;
use std::io;

/// A run that ends badly.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The command line is wrong.
    #[error("command line refused")]
    Usage(UsageError),
    /// The kernel refused a change.
    #[error("change refused: {0}")]
    Change(#[source] ipvs::Error),
    /// The kernel refused to show something.
    #[error("listing failed: {0}")]
    List(#[from] ipvs::Error),
    /// A listing failed without a word, as the original's does for timeouts and daemons.
    #[error("listing failed")]
    Silent,
    /// IPVS cannot be reached.
    #[error("IPVS is not available: {0}")]
    Unavailable(#[source] ipvs::Error),
    /// The connection file cannot be opened.
    #[error("connection file cannot be opened")]
    NoConnectionFile,
    /// The connection file is empty.
    #[error("connection file is empty")]
    EmptyConnectionFile,
    /// Standard output cannot be written.
    #[error("standard output: {0}")]
    Output(#[from] io::Error),
    /// Texts that were made where the failure happened, with the exit status.
    #[error("{text}")]
    Text {
        /// Complete lines.
        text: String,
        /// Exit status.
        status: u8,
    },
}

impl From<UsageError> for Failure {
    fn from(error: UsageError) -> Self {
        Self::Usage(error)
    }
}

impl Failure {
    /// The bytes for standard error.
    #[must_use]
    pub fn message(&self, program: &[u8]) -> Vec<u8> {
        match self {
            Self::Usage(error) => messages::usage(error, program),
            Self::Change(error) | Self::List(error) => format!("{}\n", messages::kernel(error)).into_bytes(),
            Self::Silent => Vec::new(),
            Self::Unavailable(error) => messages::unavailable(error).into_bytes(),
            Self::NoConnectionFile => format!("cannot open file {}\n", crate::connections::PATH).into_bytes(),
            Self::EmptyConnectionFile => format!("unexpected input from {}\n", crate::connections::PATH).into_bytes(),
            Self::Output(error) => format!("ipvsadm: standard output: {error}\n").into_bytes(),
            Self::Text { text, .. } => text.clone().into_bytes(),
        }
    }

    /// The exit status.
    #[must_use]
    pub fn status(&self) -> u8 {
        match self {
            Self::Usage(error) => error.status(),
            // The original returns -1 here.
            Self::Change(_) => 255,
            Self::Unavailable(_) => 2,
            Self::List(_) | Self::Silent | Self::NoConnectionFile | Self::EmptyConnectionFile | Self::Output(_) => 1,
            Self::Text { status, .. } => *status,
        }
    }
}
