//! One line for `ha_logd`, as the command `ha_logger` hands it over.

use ha_sys::log::{LogdLine, Severity, frame};
use nix::sys::socket::{AddressFamily, MsgFlags, SockFlag, SockType, UnixAddr, connect, send as send_to, socket};
use std::os::fd::AsRawFd;
use std::path::Path;

/// The facility `user`, which `ha_logger` always names.
const USER: u8 = 1;
/// Where a frame says whether the severity's word is to be printed before the text: here the text begins with it.
const WORD_FLAG: std::ops::Range<usize> = 24..28;

/// Hands one line over. `false`: the daemon is not there or does not read; the caller writes the line elsewhere.
pub(super) fn send(path: &Path, tag: &str, debug: bool, text: &str, seconds: i64) -> bool {
    let severity = if debug { Severity::Debug } else { Severity::Info };
    let pid = std::process::id();
    let mut bytes = frame(&LogdLine { facility: USER, severity, entity: tag, pid, seconds, text });
    if let Some(flag) = bytes.get_mut(WORD_FLAG) {
        flag.fill(0);
    }
    deliver(path, &bytes).is_ok_and(|sent| sent == bytes.len())
}

/// Without waiting: a daemon that hangs must not hold up a takeover.
fn deliver(path: &Path, bytes: &[u8]) -> nix::Result<usize> {
    let flags = SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK;
    let stream = socket(AddressFamily::Unix, SockType::Stream, flags, None)?;
    connect(stream.as_raw_fd(), &UnixAddr::new(path)?)?;
    send_to(stream.as_raw_fd(), bytes, MsgFlags::MSG_DONTWAIT | MsgFlags::MSG_NOSIGNAL)
}
