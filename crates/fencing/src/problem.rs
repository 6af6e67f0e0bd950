//! Why a device cannot be used, in the words of the original.

use thiserror::Error;

/// What is wrong with a device. The text is the log line (severity `ERROR`): resource specification, section 7.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Problem {
    /// No plugin of this name.
    #[error("Invalid Stonith type [{0}]")]
    BadType(String),
    /// The plugin does not take the parameters of a `stonith_host` line, or cannot say which it takes.
    #[error("Invalid Stonith configuration parameter [{0}]")]
    BadParameters(String),
    /// The same for a `stonith` line: its file cannot be read, is empty, or has too few parameters.
    #[error("Invalid Stonith config file [{0}]")]
    BadFile(String),
    /// A `stonith_host` line that the plugin refuses for another reason.
    #[error("Unknown Stonith config error parsing [{text}] [{code}]")]
    Unknown {
        /// The parameters.
        text: String,
        /// The original's number; 8 is the only one seen.
        code: i32,
    },
    /// A `stonith` line that the plugin refuses for another reason.
    #[error("Unknown Stonith config error [{path}] [{code}]")]
    UnknownFile {
        /// The file.
        path: String,
        /// The original's number.
        code: i32,
    },
    /// The job has no device in its environment: it was not started by the daemon.
    #[error("No STONITH device in the environment.")]
    NoDevice,
    /// The device in the environment cannot be read.
    #[error("The STONITH device in the environment is damaged.")]
    Damaged,
}
