//! The connection listing, from what could be in `/proc/net/ip_vs_conn`.

use crate::names::Few;
use ipvsadm::connections::{self, Printer};
use ipvsadm::text::Texts;

/// Runs the target on one input.
///
/// # Panics
/// If a line gives anything but one line or nothing.
pub fn run(data: &[u8]) {
    for (numeric, with_pe) in [(true, false), (false, false), (true, true)] {
        let mut writer = Printer::new(Texts::choose(numeric, &Few), with_pe);
        for line in data.split(|byte| *byte == b'\n') {
            let mut out = Vec::new();
            writer.line(&mut out, line);
            let lines = out.iter().filter(|byte| **byte == b'\n').count();
            assert_eq!(lines, usize::from(connections::parse(line).is_some()), "{:?}", line.escape_ascii());
            assert!(out.is_empty() || out.ends_with(b"\n"));
        }
    }
}
