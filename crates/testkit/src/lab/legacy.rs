//! Takes the netlink interface away, so that programs fall back to the socket options of old kernels.

use anyhow::{Result, ensure};

/// From now on, programs started by the calling thread cannot open generic netlink sockets: the kernel answers
/// `EPROTONOSUPPORT`, as one without netlink would. There is no way back for the thread.
///
/// A filter on system calls does it (`seccomp`), so the programs under test need no hook for it.
///
/// # Errors
///
/// The kernel refuses the filter.
pub fn without_netlink() -> Result<()> {
    super::machine::require()?;
    // Offsets of linux/seccomp.h: the call's number, then its first and third argument (low halves, little endian).
    const NUMBER: u32 = 0;
    const DOMAIN: u32 = 16;
    const PROTOCOL: u32 = 32;
    const NETLINK: u32 = 16;
    const GENERIC: u32 = 16;
    const SOCKET: u32 = 41;
    const NO_PROTOCOL: u32 = 93;
    let load = |offset| step(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, 0, offset);
    let skip_unless = |value, count| step(libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K, count, value);
    let answer = |value| step(libc::BPF_RET | libc::BPF_K, 0, value);
    let mut steps = [
        load(NUMBER),
        skip_unless(SOCKET, 5),
        load(DOMAIN),
        skip_unless(NETLINK, 3),
        load(PROTOCOL),
        skip_unless(GENERIC, 1),
        answer(libc::SECCOMP_RET_ERRNO | NO_PROTOCOL),
        answer(libc::SECCOMP_RET_ALLOW),
    ];
    let filter = libc::sock_fprog { len: 8, filter: steps.as_mut_ptr() };
    #[expect(unsafe_code, reason = "no safe wrapper installs a filter without another dependency")]
    // SAFETY: the kernel copies the program, whose pointer and length describe `steps`, before the call returns.
    let status = unsafe { libc::prctl(libc::PR_SET_SECCOMP, libc::SECCOMP_MODE_FILTER, &raw const filter) };
    ensure!(status == 0, "no filter on system calls: {}", std::io::Error::last_os_error());
    Ok(())
}

fn step(code: u32, on_failure: u8, value: u32) -> libc::sock_filter {
    libc::sock_filter { code: u16::try_from(code).unwrap_or(u16::MAX), jt: 0, jf: on_failure, k: value }
}
