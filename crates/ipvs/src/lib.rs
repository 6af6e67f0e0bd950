//! The Linux IPVS kernel interface.
//!
//! [`Client`] talks to the kernel through the generic netlink family `IPVS`, or through the legacy socket options where
//! the family is missing. [`model`] is the table as plain data, [`Op`] one change of it, [`plan`] the least list of
//! changes from one table to another. Numbers come from the kernel header `linux/ip_vs.h` (user API).
//!
//! The crate prints nothing, reads no configuration and resolves no names. Tolerance is the caller's: that a service
//! exists already is reported, not hidden.

#![forbid(clippy::unwrap_used, clippy::expect_used)]

pub mod client;
pub mod consts;
mod error;
pub mod model;
mod op;
pub mod plan;
pub mod simulate;
mod sockopt;
mod sys;
pub mod transport;
pub mod wire;

pub use client::{Client, Failure, Interface};
pub use error::{Error, Result};
pub use op::{Command, Op};
