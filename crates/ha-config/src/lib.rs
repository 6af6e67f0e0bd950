//! Heartbeat's three configuration files: grammar, checks in the original's order, and every problem with its place.
//!
//! Nothing is opened or resolved here: callers pass bytes, and answers about the machine come through [`machine::Machine`].
//! [`evaluate::evaluate`] is the entry; [`finding::Finding`] is what can be wrong, without words: those are the caller's.
#![forbid(unsafe_code)]

pub mod authkeys;
pub mod config;
pub mod evaluate;
pub mod finding;
pub mod ha_cf;
pub mod haresources;
pub mod keys;
pub mod lexer;
pub mod machine;
pub mod scripted;
pub mod value;
