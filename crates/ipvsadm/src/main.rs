//! The `ipvsadm` command; see [`ipvsadm`].
//!
//! The C library calls `main` here itself. The standard library's own start-up would look for the stack's bounds, set up
//! an alternate signal stack and ignore SIGPIPE: a seventh of the whole run of a listing, for things this program does
//! not need. It also means that a closed pipe ends the program, as it always did.
#![no_main]
#![expect(unsafe_code, reason = "the C library's calling convention of main")]

use std::ffi::{CStr, c_char, c_int};

/// Called by the C library with the command line.
///
/// # Safety
/// `words` points to `count` pointers to NUL-terminated strings that live as long as the process, as the C standard says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn main(count: c_int, words: *const *const c_char) -> c_int {
    let count = usize::try_from(count).unwrap_or(0);
    // SAFETY: the caller's promise.
    let words: &[*const c_char] = unsafe { std::slice::from_raw_parts(words, count) };
    // SAFETY: the caller's promise.
    let arguments: Vec<&[u8]> = words.iter().map(|word| unsafe { CStr::from_ptr(*word) }.to_bytes()).collect();
    c_int::from(ipvsadm::run(&arguments))
}
