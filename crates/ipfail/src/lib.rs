//! `ipfail`: when a node loses sight of ping nodes that its peer still sees, the peer gets the resources.
//!
//! The decisions are in [`machine`], which knows no clock and no socket; [`main`] feeds it from the daemon of this
//! machine. The dialogue is the originals', so the program on the other node may be one.
#![forbid(unsafe_code)]

mod log;
pub mod machine;
mod run;
#[cfg(test)]
mod tests;

pub use run::main;
