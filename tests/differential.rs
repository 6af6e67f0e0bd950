//! Random command lines, run by Debian's `ipvsadm` and by ours in two namespaces of one kernel: no difference allowed.
//!
//! `LAB_SEED` runs the lines of another seed, `LAB_IPVSADM` tests another program. By hand, with more lines:
//! `cargo run -p testkit --bin lvs-lab -- diff --seed 7 --count 5000 --program-b target/release/ipvsadm`

#![cfg(test)]

use std::fs;
use std::process::Output;

use testkit::build;
use testkit::cli::{Diff, host};

/// Command lines of each of the two boots of the main comparison.
const LINES: usize = 1050;

fn compare(diff: &Diff) -> (Output, String) {
    let job = host::diff(diff).unwrap();
    let output = job.lab.run(&build::agent().unwrap(), &job.args).unwrap();
    let report = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    (output, report)
}

/// Compares ours with the original; `first` is the first sequence of the seed.
fn ours(first: u64, count: usize, legacy: bool) {
    let seed = std::env::var("LAB_SEED").map_or(1, |seed| seed.parse().unwrap());
    let program_b = Some(build::ipvsadm_under_test().unwrap());
    let (output, report) = compare(&Diff { seed, first, count, program_b, legacy, ..Diff::default() });
    assert!(output.status.success(), "{report}");
    assert!(report.starts_with(&format!("seed {seed}: {count} command lines")), "{report}");
    assert!(report.trim_end().ends_with(" 0 differences"), "{report}");
    println!("{report}");
}

#[test]
fn ours_answers_random_lines_as_the_original_first_half() {
    ours(0, LINES, false);
}

#[test]
fn ours_answers_random_lines_as_the_original_second_half() {
    ours(1000, LINES, false);
}

#[test]
fn ours_answers_random_lines_as_the_original_without_netlink() {
    ours(2000, 300, true);
}

#[test]
fn one_changed_word_in_a_listing_or_in_the_table_is_found() {
    let original = fs::read("/usr/sbin/ipvsadm").unwrap();
    let dir = tempfile::tempdir().unwrap();
    for (index, (from, to, words)) in [
        (&b"Masq\0"[..], &b"Mask\0"[..], "stdout (- A, + B)"),
        (b"wlc\0", b"wrr\0", "listings by the original (- A, + B)"),
    ]
    .into_iter()
    .enumerate()
    {
        let program = dir.path().join(index.to_string());
        let mut bytes = original.clone();
        let place = bytes.windows(from.len()).position(|window| window == from).unwrap();
        bytes.splice(place..place + from.len(), to.iter().copied());
        fs::write(&program, bytes).unwrap();
        fs::set_permissions(&program, fs::metadata("/usr/sbin/ipvsadm").unwrap().permissions()).unwrap();
        let (output, report) = compare(&Diff { count: 200, limit: 1, program_b: Some(program), ..Diff::default() });
        assert_eq!(output.status.code(), Some(1), "{report}");
        assert!(report.contains("DIFFERENCE: seed 1, sequence") && report.contains(words), "{report}");
    }
}
