//! Takes one shared library off the program's start: the C compiler's unwinder is linked in instead of loaded.
//!
//! `ipvsadm` is started thousands of times by scripts, and loading a library is a measurable part of a run that lists a
//! small table (docs/BENCHMARKS.md). The standard library names `libgcc_s` although this program aborts on panics and
//! never unwinds; a linker script of that name in front of the search path leads to the static library.

use std::path::PathBuf;
use std::{env, fs, io};

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    let is = |name: &str, value: &str| env::var(name).is_ok_and(|found| found == value);
    let release = is("PROFILE", "release");
    if !release || !is("CARGO_CFG_TARGET_OS", "linux") || !is("CARGO_CFG_TARGET_ENV", "gnu") {
        return Ok(());
    }
    let directory = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    fs::write(directory.join("libgcc_s.so"), "GROUP ( libgcc_eh.a libgcc.a )\n")?;
    println!("cargo::rustc-link-search=native={}", directory.display());
    Ok(())
}
