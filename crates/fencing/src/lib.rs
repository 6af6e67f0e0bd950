//! STONITH: devices that reset another node, so that its resources can be taken over without sharing a disk with it.
//!
//! A [`Device`] comes from `ha.cf`. [`check`] prepares it when the daemon starts; [`Device::encode`] makes it one value
//! for the environment of the jobs, so that passwords stand on no command line; [`job_fence`] and [`job_status`] are
//! what those jobs do. [`meatclient`] is the operator's side of the type `meatware`.
//!
//! Texts are those of heartbeat 3.0.6 with cluster-glue 1.0.12, learned by running them. Where a plugin prints a line
//! end the original's log line has it too; ours are always one line.

mod command;
mod device;
mod encoding;
mod external;
mod job;
pub mod meatclient;
mod meatware;
mod parameters;
mod places;
mod plugin;
mod problem;
mod run;
mod suicide;

pub use device::{Device, ENVIRONMENT, Parameters};
pub use job::{BAD_HOST, FAILED, RESET, check, job_fence, job_status};
pub use places::Places;
pub use plugin::is_known;
pub use problem::Problem;

pub use ha_sys::log::Severity;

/// Where log lines go: how grave, and the text without a line end.
pub type Sink<'a> = &'a mut dyn FnMut(Severity, &str);
