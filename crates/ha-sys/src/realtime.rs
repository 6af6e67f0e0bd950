//! Being on time under load: memory that is never paged out, a real-time priority, and room for a core dump.

use nix::errno::Errno;
use nix::sys::mman::{MlockAllFlags, mlockall};
use nix::sys::resource::{RLIM_INFINITY, Resource, getrlimit, setrlimit};
use std::fs;
use std::io;
use std::path::Path;

/// Keeps the process's memory, present and future, from being paged out. Future memory is locked page by page when it
/// is touched, so that stacks of threads cost what they use.
///
/// # Errors
/// `ENOMEM` if the limit on locked memory cannot be lifted, in which case nothing is locked: with a limit, a later
/// allocation would fail. Else the kernel's.
pub fn lock_memory() -> io::Result<()> {
    if setrlimit(Resource::RLIMIT_MEMLOCK, RLIM_INFINITY, RLIM_INFINITY).is_err()
        && getrlimit(Resource::RLIMIT_MEMLOCK)?.0 != RLIM_INFINITY
    {
        return Err(Errno::ENOMEM.into());
    }
    mlockall(MlockAllFlags::MCL_CURRENT)?;
    let on_fault = MlockAllFlags::from_bits_retain(libc::MCL_ONFAULT);
    // MCL_ONFAULT is of Linux 4.4.
    Ok(mlockall(MlockAllFlags::MCL_FUTURE | on_fault).or_else(|_| mlockall(MlockAllFlags::MCL_FUTURE))?)
}

/// Runs the calling thread round-robin with this priority, 1 to 99. Processes and threads that it starts get the
/// ordinary scheduling by themselves.
///
/// # Errors
/// `EPERM` without the privilege or where real-time control groups allow none, `EINVAL` for another priority.
#[allow(unsafe_code, reason = "sched_setscheduler has no wrapper")]
pub fn round_robin(priority: u8) -> io::Result<()> {
    // SAFETY: all fields of this plain structure may be zero.
    let mut parameters: libc::sched_param = unsafe { std::mem::zeroed() };
    parameters.sched_priority = i32::from(priority);
    // SAFETY: the structure lives through the call, and 0 is the calling thread.
    let result =
        unsafe { libc::sched_setscheduler(0, libc::SCHED_RR | libc::SCHED_RESET_ON_FORK, &raw const parameters) };
    Ok(Errno::result(result).map(drop)?)
}

/// Keeps `bytes` of freed memory in the process instead of giving it back to the system: allocations up to that much
/// need neither the kernel nor, after [`lock_memory`], a page fault.
#[allow(unsafe_code, reason = "mallopt has no wrapper")]
pub fn reserve_heap(bytes: usize) {
    #[cfg(target_env = "gnu")]
    for (parameter, value) in [(libc::M_TRIM_THRESHOLD, bytes), (libc::M_MMAP_THRESHOLD, bytes)] {
        // SAFETY: two numbers, no memory of ours.
        unsafe { libc::mallopt(parameter, i32::try_from(value).unwrap_or(i32::MAX)) };
    }
    // Touched, or it would not be there.
    let pages: Vec<Vec<u8>> = (0..bytes / CHUNK).map(|_| vec![1; CHUNK]).collect();
    drop(std::hint::black_box(pages));
}

/// Small enough to come from the heap and not from a mapping of its own.
const CHUNK: usize = 64 * 1024;

/// Lifts the limit on core dumps as far as the hard limit allows.
///
/// # Errors
/// The kernel's.
pub fn allow_core_dumps() -> io::Result<()> {
    let (_, hard) = getrlimit(Resource::RLIMIT_CORE)?;
    Ok(setrlimit(Resource::RLIMIT_CORE, hard, hard)?)
}

/// The system's load as the kernel writes it, without line feed.
#[must_use]
pub fn load_average() -> Option<String> {
    fs::read_to_string(Path::new("/proc/loadavg")).ok().map(|text| text.trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::thread;

    #[test]
    fn a_thread_can_be_real_time_and_what_it_starts_is_not() {
        // A thread of its own: the scheduling ends with it. Where the machine allows none, that is the answer.
        thread::spawn(|| {
            let policy =
                || fs::read_to_string("/proc/thread-self/stat").unwrap().split(' ').nth(40).unwrap().to_owned();
            match round_robin(1) {
                Ok(()) => {
                    assert_eq!(policy(), libc::SCHED_RR.to_string());
                    assert_eq!(thread::spawn(policy).join().unwrap(), "0");
                }
                Err(error) => assert_eq!(error.raw_os_error(), Some(libc::EPERM)),
            }
        })
        .join()
        .unwrap();
        assert_eq!(round_robin(100).unwrap_err().raw_os_error(), Some(libc::EINVAL));
    }

    #[test]
    fn the_load_is_one_line() {
        let load = load_average().unwrap();
        assert!(load.split(' ').count() == 5 && !load.contains('\n'), "{load}");
    }
}
