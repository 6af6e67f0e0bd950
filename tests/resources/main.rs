//! Resource management of live clusters: stories that two originals lived through and that were recorded, told again to
//! ours beside the original, in both places, and to two of ours.
//!
//! [`stories`] and [`more_stories`] say what happens; the traces are in `compat-fixtures/heartbeat/resources`, whose
//! `README.md` says which part of the behaviour each covers. [`freedoms`] says what two runs of the originals need not
//! have in common, [`deviations`] what ours does in another way on purpose. Variables of the environment:
//!
//! - `LAB_PAIRING`: only this pairing: `originals`, `original+ours`, `ours+original`, `ours+ours`.
//! - `LAB_TRACE`: only traces whose names contain this.
//! - `LAB_RECORD`: with any value, two originals live through the stories that have no trace yet, which is then
//!   written.
//! - `LAB_HEARTBEAT`: another program to test in the place of ours.
#![cfg(test)]

mod bare;
mod deviations;
mod environment;
mod freedoms;
mod more_stories;
mod replay;
mod stories;
mod topics;
