//! Runs of `ipvsadm -R`: files with many lines, some of them wrong.

use super::command::{self, Kind};
use super::line::Line;
use super::state::State;
use super::{mangle, spell};
use crate::rng::Rng;

/// Makes a line that restores.
pub fn fill(rng: &mut Rng, state: &mut State, line: &mut Line) {
    line.args = vec![if rng.chance(75) { "-R" } else { "--restore" }.into()];
    // A damaged line ends the whole run, so most files have none.
    let damaged = if rng.chance(35) { 12 } else { 0 };
    let count = match rng.below(12) {
        0 => 0,
        1 => rng.between(40, 120),
        _ => rng.between(1, 14),
    };
    let ending = if rng.chance(10) { "\r\n" } else { "\n" };
    let mut text = Vec::new();
    for number in 0..count {
        if rng.chance(4) {
            text.extend_from_slice(rng.pick(&["\n", "  \n", "\t\n", "\r\n", "ipvsadm\n"]).as_bytes());
        }
        text.extend(one(rng, state, count > 30, damaged));
        let last = number + 1 == count;
        if last && rng.chance(25) {
            // Deviation restore-last-line: behind two blanks the end of the file does not end the line for the original.
            while text.last().is_some_and(u8::is_ascii_whitespace) {
                text.pop();
            }
            text.extend_from_slice(rng.weighted(&[(8, ""), (1, " "), (1, "\t"), (1, " ipvsadm")]).as_bytes());
        } else {
            text.extend_from_slice(ending.as_bytes());
        }
    }
    line.stdin = Some(text);
}

fn one(rng: &mut Rng, state: &mut State, bulk: bool, damaged: usize) -> Vec<u8> {
    let kind = if bulk {
        rng.weighted(&[(3, Kind::AddService), (10, Kind::AddServer)])
    } else {
        rng.weighted(&[
            (20, Kind::AddService),
            (25, Kind::AddServer),
            (5, Kind::EditService),
            (6, Kind::EditServer),
            (3, Kind::DeleteService),
            (3, Kind::DeleteServer),
            (2, Kind::List),
            (1, Kind::Save),
            (1, Kind::Zero),
            (1, Kind::Set),
            (1, Kind::Clear),
            (1, Kind::StartDaemon),
            (1, Kind::StopDaemon),
            (damaged / 6, Kind::Anything),
            (damaged / 12, Kind::Restore),
            (damaged / 12, Kind::Help),
        ])
    };
    let options = command::options(rng, state, kind);
    let mut words: Vec<_> = spell::words(rng, &options).into_iter().map(std::ffi::OsString::from).collect();
    if rng.chance(damaged) {
        mangle::damage(rng, &mut words);
    }
    if rng.chance(12) {
        words.insert(0, "ipvsadm".into());
    }
    if rng.chance(1) {
        words.insert(rng.below(words.len() + 1), "ipvsadm".into());
    }
    let mut text = Vec::new();
    if rng.chance(4) {
        text.extend_from_slice(b" \t");
    }
    for (index, word) in words.iter().enumerate() {
        if index > 0 {
            text.extend_from_slice(rng.weighted(&[(30, " "), (1, "\t"), (1, "   ")]).as_bytes());
        }
        text.extend_from_slice(std::os::unix::ffi::OsStrExt::as_bytes(word.as_os_str()));
    }
    if rng.chance(4) {
        text.extend_from_slice(b"  ");
    }
    text
}
