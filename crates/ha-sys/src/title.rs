//! The process's title: what `ps` shows as its command line, and its name.
//!
//! The kernel shows the memory where the arguments were put at the start of the program. That memory is overwritten;
//! the environment lies right behind it and is moved away first, because the title may be longer than the arguments.

use nix::sys::prctl::set_name;
use std::env;
use std::ffi::CStr;
use std::fs;
use std::ptr;

/// Where the arguments and the environment lie: fields 48 to 51 of `/proc/self/stat`, proc(5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Area {
    start: usize,
    length: usize,
}

/// Shows `title` as command line and `name` (at most 15 bytes) as the process's name. Where the kernel does not say
/// where its arguments are, the command line stays as it is.
///
/// To be called while there is one thread only, and by a program that has not kept pointers into its arguments.
#[allow(unsafe_code, reason = "the argument area has no safe access")]
pub fn set(title: &str, name: &CStr) {
    let _ = set_name(name);
    let Some(area) = fs::read_to_string("/proc/self/stat").ok().and_then(|stat| find(&stat)) else { return };
    if area.length <= title.len() {
        return;
    }
    for (variable, value) in env::vars_os() {
        // SAFETY: one thread only, as documented: nobody reads the environment meanwhile.
        unsafe { env::set_var(variable, value) };
    }
    let start = ptr::with_exposed_provenance_mut::<u8>(area.start);
    // SAFETY: the kernel named this memory as ours; it is mapped writable for the life of the process, and nothing
    // else refers to it any more: Rust copied the arguments at the start, the environment was moved just now.
    unsafe { ptr::write_bytes(start, 0, area.length) };
    // SAFETY: as above, and the title was checked to be shorter than the area.
    unsafe { ptr::copy_nonoverlapping(title.as_ptr(), start, title.len()) };
}

fn find(stat: &str) -> Option<Area> {
    let rest = stat.get(stat.rfind(')')? + 1..)?;
    // The first field behind the name is number 3.
    let mut fields = rest.split_whitespace().skip(48 - 3).map(|field| field.parse::<usize>());
    let (start, end) = (fields.next()?.ok()?, fields.next()?.ok()?);
    let (environment, last) = (fields.next()?.ok()?, fields.next()?.ok()?);
    let end = if environment == end { last } else { end };
    (start != 0 && end > start).then(|| Area { start, length: end - start })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_area_reaches_over_the_environment_only_if_that_follows() {
        let stat = |numbers: &str| format!("1 (a b) S {} {numbers} 0", vec!["0"; 44].join(" "));
        assert_eq!(find(&stat("100 110 110 200")), Some(Area { start: 100, length: 100 }));
        assert_eq!(find(&stat("100 110 120 200")), Some(Area { start: 100, length: 10 }));
        assert_eq!(find(&stat("0 0 0 0")), None);
        assert_eq!(find("1 (a"), None);
    }
}
