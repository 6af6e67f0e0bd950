//! Exit statuses, with the meaning that start scripts give them.

/// All is well.
pub const OK: u8 = 0;
/// Something failed; of `-s`: a pid file without its process.
pub const FAILED: u8 = 1;
/// The command line was wrong.
pub const USAGE: u8 = 2;
/// Of `-s`: no pid file.
pub const NOT_RUNNING: u8 = 3;
/// Not allowed.
pub const NOT_ALLOWED: u8 = 4;
/// Stopped by force: resources were not released within an hour.
pub const EMERGENCY: u8 = 100;
/// The configuration is wrong or missing.
pub const NOT_CONFIGURED: u8 = 6;
