//! The resource groups of `haresources`: which there are, which scripts they mean, and how they are started and
//! stopped.
//!
//! [`group`] decides and does no input or output; [`perform`] does what it says. The programs of the original that
//! this replaces are [`manager`], [`req_resource`] and [`mach_down`]; [`jobs`] is what the daemon's children run. A
//! program that has resources built in says so first, with [`lookup::install`].

mod arguments;
pub mod backend;
pub mod group;
pub mod halog;
pub mod inject;
pub mod jobs;
pub mod lookup;
pub mod mach_down;
pub mod manager;
pub mod pattern;
pub mod perform;
pub mod process;
pub mod reboot;
pub mod req_resource;
pub mod resource;
pub mod run;
pub mod settings;
pub mod status;
pub mod stock;
pub mod table;
pub mod truth;
