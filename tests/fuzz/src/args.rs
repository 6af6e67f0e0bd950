//! Argument vectors of `ipvsadm`.
//!
//! Input: a byte whose lowest bits say how the line is read, then words that end with a NUL.

use crate::names::Few;
use ipvs::Op;
use ipvs::model::Service;
use ipvsadm::args::{self, Invocation, Reading};
use ipvsadm::rules::RuleWriter;

/// Runs the target on one input.
pub fn run(data: &[u8]) {
    let Some((how, words)) = data.split_first() else { return };
    let words: Vec<&[u8]> = words.split(|byte| *byte == 0).collect();
    let reading = Reading { posixly_correct: how & 1 != 0, nested: how & 2 != 0 };
    match args::parse(&words, reading, &Few) {
        Ok(Invocation::Change(op)) => survives_printing(&op),
        Ok(_) => {}
        Err(refusal) => {
            let status = refusal.error.status();
            assert!(status == 2 || status == 255, "{refusal:?} ends with {status}");
            assert!(refusal.word <= words.len(), "{refusal:?} of {} words", words.len());
        }
    }
}

/// A change must be the same after printing and reading it.
///
/// # Panics
/// If it is not.
pub fn survives_printing(op: &Op) {
    if !printable(op) {
        return;
    }
    let mut text = Vec::new();
    RuleWriter::complete().op(&mut text, op);
    let line = text.strip_suffix(b"\n").expect("a line ends with a newline");
    let words: Vec<&[u8]> = line.split(|byte| *byte == b' ').collect();
    let again = args::parse(&words, Reading::default(), &Few);
    assert_eq!(again, Ok(Invocation::Change(*op)), "printed as {:?}", String::from_utf8_lossy(&text));
}

/// Some changes are no rules, and names with white space cannot be written into a line, which knows no quotes.
fn printable(op: &Op) -> bool {
    let plain = |name: &[u8]| !name.iter().any(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n'));
    match op {
        Op::NewService(Service { scheduler, pe, .. }) | Op::SetService(Service { scheduler, pe, .. }) => {
            plain(scheduler.as_bytes()) && pe.is_none_or(|name| plain(name.as_bytes()))
        }
        Op::SetTimeouts(_) | Op::StartDaemon(_) | Op::StopDaemon(..) => false,
        _ => true,
    }
}
