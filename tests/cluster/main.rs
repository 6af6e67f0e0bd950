//! Live clusters: two heartbeat nodes in namespaces of the host, each the original or ours.
//!
//! [`stories`] says what happens in a cluster and what each node must log; [`kit`] lets two originals live through them,
//! which checks the stories and the test kit; [`mixed`] puts ours beside the original, in both places, over every medium
//! and with every signature. Clusters mostly wait, so several run side by side. `LAB_HEARTBEAT` names another program to
//! test in the place of ours.
#![cfg(test)]

mod bad_lines;
mod hostile;
mod kit;
mod mixed;
mod others;
mod pair;
mod signatures;
mod stories;
mod truth;
