//! The recorded cases of `compat-fixtures/`, run on the real kernel: by the original, which proves that the environment is
//! the recorded one, and by ours.
//!
//! `LAB_IPVSADM` names another program to test instead of ours.

#![cfg(test)]

use std::fs;
use std::path::{Path, PathBuf};

use testkit::build;
use testkit::cases::parse::{Drafts, parse};
use testkit::cases::render::render;
use testkit::cases::{CaseFile, load};
use testkit::cli::{Cases, host};
use testkit::generate::deviations;
use testkit::paths::{fixtures, project_root, scripts};

/// Cases recorded: 388 at first, the others, in `found.cases`, when something turned up.
const RECORDED: usize = 388 + 13;

/// Cases among them whose counters are injected: unit tests of the formatting.
const INJECTED: usize = 10;

fn all() -> Vec<(PathBuf, CaseFile)> {
    load::directory(&fixtures("ipvsadm")).unwrap()
}

/// Runs all cases in one boot; every one must run and be equal.
fn run(cases: &Cases) {
    let job = host::cases(cases).unwrap();
    let output = job.lab.run(&build::agent().unwrap(), &job.args).unwrap();
    let report = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{}\n{report}", output.status);
    let kernel = RECORDED - INJECTED;
    let wanted = format!("{RECORDED} cases: {kernel} run, {kernel} equal, {INJECTED} left to unit tests");
    assert_eq!(report.trim_end(), wanted);
}

#[test]
fn the_original_does_what_was_recorded() {
    run(&Cases::default());
}

#[test]
fn ours_does_what_was_recorded() {
    let program = build::ipvsadm_under_test().unwrap();
    run(&Cases { program: Some(program), scripts: Some(scripts()), ..Cases::default() });
}

#[test]
fn no_recorded_case_got_lost() {
    let cases: Vec<_> = all().into_iter().flat_map(|(_, file)| file.cases).collect();
    assert_eq!(cases.len(), RECORDED);
    assert_eq!(cases.iter().filter(|case| !case.runs_on_a_kernel()).count(), INJECTED);
}

#[test]
fn tags_say_what_the_blocks_contain() {
    const KNOWN: &str = "names wrap-sort kernel-order debian nonroot connfile inject do-not-copy crash";
    for case in all().into_iter().flat_map(|(_, file)| file.cases) {
        assert!(
            case.tags.iter().all(|tag| KNOWN.split(' ').any(|known| known == tag)),
            "{}: {:?}",
            case.name,
            case.tags
        );
        assert_eq!(case.has_tag("inject"), case.inject.is_some(), "{}", case.name);
        assert_eq!(case.has_tag("connfile"), case.connfile.is_some(), "{}", case.name);
        assert!(
            !case.has_tag("do-not-copy") || case.deviation.is_some() || case.name.starts_with("quirk"),
            "{}",
            case.name
        );
    }
}

#[test]
fn files_are_in_the_form_in_which_they_are_recorded() {
    for (path, file) in all() {
        let text = fs::read_to_string(&path).unwrap();
        assert!(render(&file) == text, "{}: scripts/record would change its form", path.display());
        assert_eq!(parse(&text, Drafts::Accepted).unwrap(), file);
    }
}

#[test]
fn every_deviation_has_a_section_in_the_compatibility_document() {
    let document = fs::read_to_string(project_root().join("docs/COMPATIBILITY.md")).unwrap();
    let explained = |name: &str| {
        let headings = document.lines().filter(|line| line.starts_with('#'));
        let anchor = format!("<a id=\"{name}\">");
        headings.into_iter().any(|line| line.split([' ', '`']).any(|word| word == name)) || document.contains(&anchor)
    };
    let cases: Vec<_> = all().into_iter().flat_map(|(_, file)| file.cases).collect();
    let recorded = cases.iter().filter_map(|case| case.deviation.as_ref()).map(|deviation| deviation.name.as_str());
    let missing: Vec<_> = recorded.chain(deviations::names()).filter(|name| !explained(name)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn cases_with_injected_counters_are_unit_tests() {
    fn mentions(directory: &Path, text: &str) -> bool {
        fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).any(|path| {
            if path.is_dir() {
                mentions(&path, text)
            } else {
                fs::read_to_string(&path).is_ok_and(|all| all.contains(text))
            }
        })
    }
    for (path, file) in all() {
        if file.cases.iter().any(|case| !case.runs_on_a_kernel()) {
            let name = path.file_name().unwrap().to_str().unwrap();
            let crate_dir = project_root().join("crates/ipvsadm");
            assert!(mentions(&crate_dir, name), "no unit test of crates/ipvsadm reads {name}");
        }
    }
}
