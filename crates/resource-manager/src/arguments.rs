//! Arguments and the name of the program that was called.

use std::env;
use std::ffi::OsString;
use std::path::Path;

/// The argument at a place; empty if there is none.
pub(crate) fn text(arguments: &[OsString], place: usize) -> String {
    arguments.get(place).map(|argument| argument.to_string_lossy().into_owned()).unwrap_or_default()
}

/// The path by which this program was called, as a shell script has it in `$0`; `default` if its name is another,
/// because one program does the work of many.
pub(crate) fn program(default: &str) -> String {
    let called = env::args_os().next().unwrap_or_default();
    let named = Path::new(&called).file_name() == Path::new(default).file_name();
    let has_path = called.to_string_lossy().contains('/');
    if named && has_path { called.to_string_lossy().into_owned() } else { default.to_owned() }
}
