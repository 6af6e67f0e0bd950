//! `ha-tools --clustermsg`: sends the message on standard input, for the shell function `ha_clustermsg`.
//!
//! Source: daemon specification, section 7.1. A shell cannot open a pipe without waiting for its reader; this can.

use crate::{exit, messages};
use resource_manager::inject;
use std::ffi::OsStr;
use std::io::{ErrorKind, Read};

/// More than any message has, in bytes.
const LIMIT: u64 = 16 * 1024;

/// Reads lines `NAME=VALUE`, with or without the marks of a message around them, and sends them.
pub(crate) fn run(program: &OsStr) -> u8 {
    let program = program.to_string_lossy();
    let mut text = String::new();
    let read = std::io::stdin().take(LIMIT).read_to_string(&mut text);
    let result = read.and_then(|_| fields(&text));
    match result {
        Err(error) => messages::failed(&program, &error),
        Ok(fields) => match inject::send(&fields) {
            Ok(()) => exit::OK,
            Err(error) => messages::failed(&program, &error),
        },
    }
}

/// The fields. The daemon would drop the whole message for a line that is none, so it is refused here.
fn fields(text: &str) -> std::io::Result<Vec<(&str, &str)>> {
    let lines = text.lines().map(|line| line.trim_start_matches([' ', '\t']));
    lines
        .filter(|line| !matches!(*line, "" | ">>>" | "<<<"))
        .map(|line| {
            let refused =
                || std::io::Error::new(ErrorKind::InvalidInput, format!("no field: [{}]", line.escape_debug()));
            line.split_once('=').ok_or_else(refused)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_and_indents_are_no_fields() {
        assert_eq!(fields(">>>\nt=x\n\t a=b=c\n\n<<<\n").unwrap(), [("t", "x"), ("a", "b=c")]);
        assert!(fields("t=x\nwhat\n").is_err());
    }
}
