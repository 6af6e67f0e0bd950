//! A small part of rtnetlink: links, addresses and routes. Only what the resource scripts need.
//!
//! Numbers are those of `linux/rtnetlink.h` and `linux/if_addr.h`. Encoding and decoding are pure functions over bytes;
//! [`Socket`] is the only part that talks to the kernel.

mod address;
mod link;
mod message;
mod route;
mod socket;

pub use address::Address;
pub use link::Link;
pub use message::{Message, acknowledgement, messages};
pub use route::{Route, same_network};
pub use socket::Socket;

/// What can go wrong between us and the kernel.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The kernel refused; the value is its errno.
    #[error("{}", nix::errno::Errno::from_raw(*.0).desc())]
    Refused(i32),
    /// The socket failed.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// The kernel's answer cannot be understood.
    #[error(transparent)]
    Malformed(#[from] ipvs::wire::attr::Malformed),
}

impl Error {
    /// Whether the kernel refused with this errno.
    #[must_use]
    pub fn is(&self, errno: i32) -> bool {
        matches!(self, Self::Refused(found) if *found == errno)
    }
}

/// The result of a conversation with the kernel.
pub type Result<T> = std::result::Result<T, Error>;
