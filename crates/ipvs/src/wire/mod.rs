//! The generic netlink form of the model: bytes to send, and bytes received turned into the model.
//!
//! Nothing here does input or output. Decoders borrow the datagram and allocate nothing; they skip attributes they do not
//! know, ignore the flag bits of attribute types, and report anything broken as [`Malformed`] instead of panicking.

mod address;
pub mod attr;
pub mod config;
pub mod daemon;
pub mod dest;
pub mod genl;
pub mod request;
pub mod service;
pub mod stats;

pub use attr::Malformed;
