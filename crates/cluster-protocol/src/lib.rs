//! Heartbeat's cluster protocol without any I/O: messages and their two encodings, signatures, reliable delivery,
//! membership. Sockets, files, processes and clocks belong to the caller.
//!
//! The caller reads clocks and sockets, feeds [`Core::handle`](core::Core::handle), and performs what comes out; equal
//! inputs and an equal seed give equal outputs. Facts about the protocol were observed on Debian's heartbeat 3.0.6.
#![forbid(unsafe_code)]

pub mod api;
pub mod auth;
pub mod compress;
pub mod core;
pub mod event;
pub mod fields;
pub mod framing;
pub mod history;
pub mod input;
pub mod message;
pub mod node;
pub mod output;
pub mod packet;
pub mod resources;
pub mod rng;
pub mod seq;
pub mod settings;
pub mod time;
