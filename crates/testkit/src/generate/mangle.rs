//! Damages a line: what people, scripts and broken generators of configuration get wrong.

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};

use super::option::VALUED;
use super::{address, values};
use crate::rng::Rng;

/// Words that are put into lines.
const WORDS: &[&str] = &[
    "",
    "-",
    "--",
    "-n",
    "-L",
    "-C",
    "-t",
    "-p",
    "-6",
    "-Q",
    "-?",
    "--bogus",
    "--bogus=1",
    "--lis",
    "--numeric=1",
    "-n=1",
    "foo",
    "#",
    "ipvsadm",
    "--sort",
    "--nosort",
    "--stats=",
    "-=",
    "-t=",
    "--=",
    "---list",
    "-list",
    "-numeric",
    "-Ln",
    "-An",
    "-vh",
    "--persistent=",
    "-p=",
    "-w",
    "--weight=",
    "-ps",
    "=",
    "--set",
    "-R",
    "--restore",
    "--ipv6",
    "-h",
    "-v",
    "--tcp-service",
    "--Numeric",
    "-N",
];

/// Damages a line once or twice.
pub fn damage(rng: &mut Rng, args: &mut Vec<OsString>) {
    for _ in 0..rng.weighted(&[(4, 1), (1, 2)]) {
        once(rng, args);
    }
}

fn once(rng: &mut Rng, args: &mut Vec<OsString>) {
    let place = rng.below(args.len().max(1));
    if args.is_empty() {
        args.push(rng.word(WORDS).into());
        return;
    }
    match rng.below(15) {
        0..=1 => drop(args.remove(place)),
        2..=3 => args.insert(rng.below(args.len() + 1), rng.word(WORDS).into()),
        4 => {
            let copy = args.get(place).cloned().unwrap_or_default();
            args.insert(rng.below(args.len() + 1), copy);
        }
        5 => {
            let other = rng.below(args.len());
            args.swap(place, other);
        }
        6 => args.truncate(place),
        7 => replace(args, place, values::number(rng, 0, 65_535).into()),
        8 => replace(args, place, address::strange(rng).into()),
        9 => {
            let option = rng.word(VALUED);
            let word = if rng.chance(50) { option } else { format!("{option}={}", values::number(rng, 0, 255)) };
            args.insert(rng.below(args.len() + 1), word.into());
        }
        14 => replace(args, place, long(rng).into()),
        10 => join(args, place, rng.name(&["", "=", " "])),
        _ => {
            let mut bytes = args.get(place).cloned().unwrap_or_default().into_vec();
            scratch(rng, &mut bytes);
            replace(args, place, OsString::from_vec(bytes));
        }
    }
}

fn replace(args: &mut [OsString], place: usize, word: OsString) {
    if let Some(old) = args.get_mut(place) {
        *old = word;
    }
}

/// A word of a length at which buffers end.
fn long(rng: &mut Rng) -> String {
    let length = *rng.pick(&[15, 16, 17, 31, 59, 60, 63, 64, 127, 128, 255, 256, 1024, 1025, 4096]);
    rng.word(&["a", "1", "0", ":", "-", "flag-1,", "10.", "ipvsadm", "--", "[::"])
        .repeat(length)
        .chars()
        .take(length)
        .collect()
}

/// Makes one word of two neighbours.
fn join(args: &mut Vec<OsString>, place: usize, between: &str) {
    if place + 1 < args.len() {
        let next = args.remove(place + 1);
        if let Some(word) = args.get_mut(place) {
            word.push(between);
            word.push(std::ffi::OsStr::from_bytes(next.as_bytes()));
        }
    }
}

/// Changes one byte.
fn scratch(rng: &mut Rng, bytes: &mut Vec<u8>) {
    let byte = *rng.pick(b"0159-+=:.,[]# aAtLnpq/%\xe9");
    let place = rng.below(bytes.len().max(1));
    match (rng.below(3), bytes.get_mut(place)) {
        (0, Some(old)) => *old = byte,
        (1, Some(_)) => drop(bytes.remove(place)),
        _ => bytes.insert(place.min(bytes.len()), byte),
    }
}
