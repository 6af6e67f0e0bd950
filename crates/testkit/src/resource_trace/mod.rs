//! Traces of resource management: what a live cluster did with resource scripts, recorded, replayed and compared.
//!
//! A [`Trace`] is a configuration and the [`Row`]s of what happened: events, script calls, messages. Those of the
//! originals are in `compat-fixtures/heartbeat/resources`. A [`Stage`] is a cluster whose nodes have scripts that
//! record how they are called; a story acts on it and gets a trace of its own, which [`Comparison`] holds against the
//! recorded one by the rules of what two runs have in common.

mod compare;
mod format;
mod messages;
mod owners;
mod phases;
mod recorder;
mod stage;

pub use compare::Comparison;
pub use format::{Conf, Kind, Row, Trace};
pub use owners::{Owners, Sampler, Sighting};
pub use phases::{Call, Free, Part, Phase, Phases};
pub use recorder::Fault;
pub use stage::{Cast, Stage};
