//! Standard output: one buffer, large writes, and a defined end when nobody reads.

use std::io::{self, IsTerminal, Write};

/// How much is collected before it is written; a multiple of [`BLOCK`].
const CHUNK: usize = 32 * 1024;
/// The block in which the C library writes to pipes and files. Where errors and output share a pipe (`2>&1`), this
/// decides what comes first (observed in ipvsadm 1.31).
const BLOCK: usize = 4096;

/// Collects output.
#[derive(Default)]
pub struct Output {
    buffer: Vec<u8>,
}

impl Output {
    /// The buffer to append to. Call [`Output::settle`] now and then.
    pub fn buffer(&mut self) -> &mut Vec<u8> {
        &mut self.buffer
    }

    /// Writes whole blocks out if the buffer has grown large.
    ///
    /// # Errors
    /// As [`Output::flush`].
    pub fn settle(&mut self) -> io::Result<()> {
        if self.buffer.len() >= CHUNK { self.write_blocks() } else { Ok(()) }
    }

    /// Writes out what the original would have written before it now prints an error: everything if standard output is a
    /// terminal, else whole blocks.
    ///
    /// # Errors
    /// As [`Output::flush`].
    pub fn before_error(&mut self) -> io::Result<()> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        if io::stdout().is_terminal() { self.flush() } else { self.write_blocks() }
    }

    fn write_blocks(&mut self) -> io::Result<()> {
        // A block that is exactly full is written only when more comes.
        let end = self.buffer.len().saturating_sub(1) / BLOCK * BLOCK;
        let rest = self.buffer.split_off(end);
        let result = self.flush();
        self.buffer = rest;
        result
    }

    /// Writes everything out.
    ///
    /// # Errors
    /// What the system says; not if standard output was closed from the start, since then nobody asked for output.
    pub fn flush(&mut self) -> io::Result<()> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        let mut stdout = io::stdout().lock();
        let result = stdout.write_all(&self.buffer).and_then(|()| stdout.flush());
        self.buffer.clear();
        match result {
            Err(error) if error.raw_os_error() == Some(libc::EBADF) => Ok(()),
            other => other,
        }
    }
}

/// Appends `text` left-aligned in `width` bytes.
pub fn left(out: &mut Vec<u8>, text: &[u8], width: usize) {
    out.extend_from_slice(text);
    fill(out, width.saturating_sub(text.len()));
}

/// Appends a number left-aligned in `width` bytes.
pub fn left_number(out: &mut Vec<u8>, number: u64, width: usize) {
    let start = out.len();
    decimal(out, number);
    fill(out, (start + width).saturating_sub(out.len()));
}

/// Appends a number right-aligned in `width` bytes.
pub fn right_number(out: &mut Vec<u8>, number: u64, width: usize) {
    fill(out, width.saturating_sub(digits(number)));
    decimal(out, number);
}

/// Appends a number in decimal.
pub fn decimal(out: &mut Vec<u8>, mut number: u64) {
    let start = out.len();
    loop {
        // A digit always fits.
        out.push(b'0' + u8::try_from(number % 10).unwrap_or(0));
        number /= 10;
        if number == 0 {
            break;
        }
    }
    if let Some(text) = out.get_mut(start..) {
        text.reverse();
    }
}

/// How many decimal digits a number has.
#[must_use]
pub fn digits(number: u64) -> usize {
    number.checked_ilog10().map_or(1, |log| log as usize + 1)
}

fn fill(out: &mut Vec<u8>, count: usize) {
    out.resize(out.len() + count, b' ');
}

/// Appends a counter in at least nine columns. Unless `exact`, large ones are shortened with `K`, `M`, `G` or `T`
/// (thousands, not 1024ths; rounded down).
pub fn counter(out: &mut Vec<u8>, value: u64, exact: bool) {
    if exact {
        out.push(b' ');
        return right_number(out, value, 8);
    }
    let (divisor, unit) = match value {
        0..100_000_000 => return right_number(out, value, 9),
        100_000_000..1_000_000_000 => (1_000, b'K'),
        1_000_000_000..100_000_000_000 => (1_000_000, b'M'),
        100_000_000_000..100_000_000_000_000 => (1_000_000_000, b'G'),
        _ => (1_000_000_000_000, b'T'),
    };
    right_number(out, value / divisor, 8);
    out.push(unit);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(write: impl Fn(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        write(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn numbers_align_on_either_side() {
        assert_eq!(text(|out| right_number(out, 0, 3)), "  0");
        assert_eq!(text(|out| right_number(out, 1234, 3)), "1234");
        assert_eq!(text(|out| left_number(out, 120, 5)), "120  ");
        assert_eq!(text(|out| decimal(out, u64::MAX)), u64::MAX.to_string());
        assert_eq!(text(|out| left(out, b"rr", 4)), "rr  ");
    }

    #[test]
    fn counters_are_shortened_from_a_hundred_million() {
        for (value, shown) in [
            (99_999_999, " 99999999"),
            (100_000_000, "  100000K"),
            (999_999_999, "  999999K"),
            (1_000_000_000, "    1000M"),
            (99_999_999_999, "   99999M"),
            (100_000_000_000, "     100G"),
            (99_999_999_999_999, "   99999G"),
            (100_000_000_000_000, "     100T"),
            (u64::MAX, "18446744T"),
        ] {
            assert_eq!(text(|out| counter(out, value, false)), shown);
        }
        assert_eq!(text(|out| counter(out, 99_999_999, true)), " 99999999");
        assert_eq!(text(|out| counter(out, 100_000_000, true)), " 100000000");
        assert_eq!(text(|out| counter(out, 5, true)), "        5");
    }
}
