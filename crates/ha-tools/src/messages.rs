//! Texts that several tools share.

use crate::{exit, out};
use std::fmt::Display;

/// Says on stderr why a tool failed, and gives its exit status.
pub(crate) fn failed(program: &str, error: &impl Display) -> u8 {
    out::stderr(&format!("{program}: {error}\n"));
    exit::FAILED
}
