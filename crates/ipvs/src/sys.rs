//! The three system calls that `nix` has no safe form of: the only unsafe code of this crate.
#![expect(unsafe_code, reason = "socket options whose value is any run of bytes have no safe wrapper in nix")]

use nix::errno::Errno;
use std::io;
use std::os::fd::{AsFd, AsRawFd};

/// Asks for refusals that do not repeat the refused request (`NETLINK_CAP_ACK`, Linux 4.3).
pub(crate) fn cap_netlink_acknowledgements(fd: &impl AsFd) -> io::Result<()> {
    set_option(fd, libc::SOL_NETLINK, libc::NETLINK_CAP_ACK, &1i32.to_ne_bytes())
}

/// Sets an option of level `IPPROTO_IP`; without bytes the kernel is given a null pointer.
pub(crate) fn set_ip_option(fd: &impl AsFd, name: i32, value: &[u8]) -> io::Result<()> {
    set_option(fd, libc::IPPROTO_IP, name, value)
}

/// Reads an option of level `IPPROTO_IP` into `value`; returns the length that the kernel reports.
pub(crate) fn get_ip_option(fd: &impl AsFd, name: i32, value: &mut [u8]) -> io::Result<usize> {
    let mut length = socklen(value.len())?;
    // SAFETY: the pointer and the length describe `value`, which is borrowed mutably for the whole call; the kernel
    // writes at most `length` bytes and then sets it. Any bytes are a valid value.
    let result = unsafe {
        libc::getsockopt(fd.as_fd().as_raw_fd(), libc::IPPROTO_IP, name, value.as_mut_ptr().cast(), &raw mut length)
    };
    Errno::result(result)?;
    Ok(usize::try_from(length).unwrap_or(usize::MAX).min(value.len()))
}

fn set_option(fd: &impl AsFd, level: i32, name: i32, value: &[u8]) -> io::Result<()> {
    let length = socklen(value.len())?;
    let pointer = if value.is_empty() { std::ptr::null() } else { value.as_ptr() };
    // SAFETY: the pointer and the length describe `value`, or are null and 0; the kernel only reads.
    let result = unsafe { libc::setsockopt(fd.as_fd().as_raw_fd(), level, name, pointer.cast(), length) };
    Errno::result(result)?;
    Ok(())
}

fn socklen(length: usize) -> io::Result<libc::socklen_t> {
    libc::socklen_t::try_from(length).map_err(|_| io::ErrorKind::InvalidInput.into())
}
