//! `cl_status`: what scripts and monitoring ask about the cluster.
//!
//! Every byte it prints and every status it ends with was recorded from the original 3.0.6, misspellings included:
//! scripts compare them. Lists are printed in reverse, as the original's library hands them out.
//!
//! | status | meaning |
//! |---|---|
//! | 0 | yes, up, online |
//! | 1 | no, dead, offline, not set, no daemon |
//! | 11 | wrong parameters; an unknown node, in commands about one node |
//! | 12 | no answer in five seconds |
//! | 13 | anything else, such as an unknown link |
#![forbid(unsafe_code)]

mod commands;
mod getopt;
mod texts;

pub use commands::main;
