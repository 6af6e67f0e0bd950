//! Rebooting the machine at once, for a node that must not go on.

use nix::sys::reboot::{RebootMode, reboot};
use std::io;

/// Reboots without stopping anything and without writing buffers: whoever asks for this wants the peers to take over
/// now, and a disk that hangs must not delay it.
///
/// # Errors
/// `EPERM` without the privilege.
pub fn now() -> io::Result<()> {
    reboot(RebootMode::RB_AUTOBOOT)?;
    Ok(())
}
