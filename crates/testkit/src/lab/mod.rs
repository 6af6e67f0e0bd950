//! What runs inside the user-mode kernel, as root.
//!
//! Everything here changes the machine it runs on, so it refuses to work anywhere else ([`machine::require`]).

pub mod checks;
pub mod connections;
pub mod legacy;
pub mod live;
pub mod machine;
pub mod namespace;
pub mod process;
pub mod suite;
pub mod table;
pub mod watchdog;

/// Debian's `ipvsadm`, put aside before another program takes its place.
pub const ORIGINAL: &str = "/run/ipvsadm-original";

/// The variables of every program under test, nothing else, as it was while recording.
pub const ENVIRONMENT: [(&str, &str); 2] = [("PATH", "/usr/sbin:/usr/bin:/sbin:/bin"), ("LC_ALL", "C")];
