//! Exit statuses.

/// Done.
pub(crate) const OK: u8 = 0;
/// Not done.
pub(crate) const FAILED: u8 = 1;

/// A child's or a library's status as ours: what does not fit into a byte is a failure.
pub(crate) fn status(code: i32) -> u8 {
    u8::try_from(code).unwrap_or(FAILED)
}
