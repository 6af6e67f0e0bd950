//! The manual pages: sound, and complete in both directions against the option table and the help text.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may stop at the first surprise, also in the helpers that clippy does not take for tests"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use ipvsadm::options::SPELLINGS;
use testkit::paths::project_root;

#[path = "manpages/ha_tools.rs"]
mod ha_tools_page;
#[path = "manpages/heartbeat.rs"]
mod heartbeat_pages;

/// Pages of other packages that ours refer to.
const FOREIGN: &[&str] = &["iptables", "nsswitch.conf", "sha1sum", "syslog"];

fn pages() -> Vec<PathBuf> {
    let directory = project_root().join("man");
    let mut pages: Vec<PathBuf> = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect();
    pages.retain(|path| path.extension().is_some_and(|extension| extension == "5" || extension == "8"));
    pages
}

/// The source of a page.
fn page(name: &str) -> String {
    fs::read_to_string(project_root().join("man").join(name)).unwrap()
}

/// What the headings of a page name.
#[derive(Clone, Copy)]
enum Names {
    /// `.It Fl`: options.
    Options,
    /// `.It Ic`: directives.
    Directives,
    /// `.It Dv`: signals.
    Signals,
}

/// The names in headings of a page, options with their dashes.
fn headings(name: &str, names: Names) -> BTreeSet<String> {
    let (start, dash) = match names {
        Names::Options => (".It Fl ", "-"),
        Names::Directives => (".It Ic ", ""),
        Names::Signals => (".It Dv ", ""),
    };
    let page = page(name);
    let headings = page.lines().filter_map(|line| line.strip_prefix(start));
    // Names follow until an argument or another macro.
    let names = headings.flat_map(|line| line.split(' ').take_while(|word| !matches!(*word, "Ar" | "Op" | "Ns")));
    names.filter(|word| *word != ",").map(|word| format!("{dash}{word}")).collect()
}

/// The options of `ipvsadm.8`.
fn documented() -> BTreeSet<String> {
    headings("ipvsadm.8", Names::Options)
}

#[test]
fn every_option_has_a_heading_and_every_heading_is_an_option() {
    let mut options = BTreeSet::new();
    for (letter, name, _, _) in SPELLINGS {
        options.extend(letter.map(|letter| format!("-{}", char::from(letter))));
        options.insert(format!("--{name}"));
    }
    assert_eq!(documented(), options);
}

#[test]
fn every_option_of_the_help_text_is_documented() {
    let help = String::from_utf8(ipvsadm::messages::help(b"ipvsadm")).unwrap();
    let words = help.split(|character: char| !(character.is_ascii_alphanumeric() || character == '-'));
    let options: BTreeSet<String> =
        words.filter(|word| word.len() > 3 && word.starts_with("--")).map(str::to_owned).collect();
    assert!(options.len() > 40, "{options:?}");
    let documented = documented();
    let missing: Vec<&String> = options.difference(&documented).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn the_pages_have_no_formatting_mistakes() {
    assert_eq!(pages().len(), 8);
    let mandoc = Command::new("mandoc").args(["-T", "lint", "-W", "style"]).args(pages()).output();
    let output = mandoc.expect("mandoc is installed by scripts/setup");
    let complaints = String::from_utf8(output.stdout).unwrap();
    // That is about the pages which the machine has.
    let complaints: Vec<&str> =
        complaints.lines().filter(|line| !line.contains("referenced manual not found")).collect();
    assert!(complaints.is_empty(), "{complaints:#?}");
    for page in pages() {
        let output =
            Command::new("man").arg("--warnings").arg("-l").arg(&page).env("LC_ALL", "C.UTF-8").output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{}", page.display());
        assert!(!output.stdout.is_empty());
    }
}

#[test]
fn references_lead_to_pages_of_ours_or_of_the_system() {
    let ours: Vec<String> =
        pages().iter().map(|page| page.file_stem().unwrap().to_string_lossy().into_owned()).collect();
    for page in pages() {
        for line in fs::read_to_string(&page).unwrap().lines() {
            let Some(reference) = line.strip_prefix(".Xr ") else { continue };
            let name = reference.split(' ').next().unwrap();
            let known = ours.iter().any(|page| page == name) || FOREIGN.contains(&name);
            assert!(known, "{} refers to {name}", page.display());
        }
    }
}
