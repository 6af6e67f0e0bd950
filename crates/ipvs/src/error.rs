//! What can go wrong between this crate and the kernel: facts, never a user's sentence.

use crate::op::Command;

/// An error of the IPVS interface.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The kernel refused a request.
    #[error("IPVS command {command} refused: errno {errno}")]
    Kernel {
        /// What was asked.
        command: Command,
        /// The kernel's positive errno, such as `libc::EEXIST`.
        errno: i32,
    },
    /// Neither the generic netlink family nor the socket options are there, or access to both is refused.
    #[error("IPVS is not available: errno {errno}")]
    Unavailable {
        /// Errno of the last attempt: `ENOPROTOOPT` without IPVS, `EPERM` without privilege.
        errno: i32,
    },
    /// The request cannot be expressed on this interface (IPv6 or a persistence engine over socket options).
    #[error("IPVS command {command} is not supported by the socket-option interface")]
    Unsupported {
        /// What was asked.
        command: Command,
    },
    /// A reply that breaks the format.
    #[error("malformed reply to IPVS command {command}: {what} at byte {offset}")]
    Malformed {
        /// What was asked.
        command: Command,
        /// What is wrong or missing.
        what: &'static str,
        /// Where, counted from the start of the datagram or attribute block.
        offset: usize,
    },
    /// The table kept changing while it was read, more often than the retry limit.
    #[error("the table kept changing during IPVS command {command}")]
    Interrupted {
        /// What was asked.
        command: Command,
    },
    /// The socket failed.
    #[error("IPVS socket: {0}")]
    Io(#[from] std::io::Error),
}

/// Result of this crate.
pub type Result<T> = std::result::Result<T, Error>;
