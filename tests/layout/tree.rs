//! What lies at the top and in `scripts/` and `man/`.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use testkit::paths::project_root;

use crate::packages::Packages;
use crate::{files, text};

/// Everything at the top besides dot files; more needs a good reason.
const TOP: &[&str] = &[
    "CHANGELOG.md",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "compat-fixtures",
    "crates",
    "deny.toml",
    "docs",
    "man",
    "scripts",
    "tests",
];

/// Scripts for working on the project; every other command in `scripts/` is for users and has a manual page.
const WORKSHOP: &[&str] = &["bench", "check", "demo", "fuzz", "record", "setup", "sim", "test"];

#[test]
fn the_top_holds_what_it_should_and_nothing_else() {
    let mut found: Vec<String> = fs::read_dir(project_root())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| !name.starts_with('.') && name != "target")
        .collect();
    found.sort();
    assert_eq!(found, TOP);
}

#[test]
fn scripts_can_be_run_and_say_at_the_top_what_they_are_for() {
    for path in files("scripts") {
        let text = text(&path);
        let mode = fs::metadata(project_root().join(&path)).unwrap().permissions().mode();
        let mut lines = text.lines();
        let first = lines.next().unwrap_or_default();
        let head = if first.starts_with("#!") { lines.next().unwrap_or_default() } else { first };
        assert_eq!(mode & 0o111 != 0, first.starts_with("#!"), "{path}: is it to be run (mode, first line) or not?");
        assert!(head.starts_with('#') && head.len() > 10, "{path}: no comment at the top");
    }
}

#[test]
fn every_command_has_a_manual_page_and_every_page_a_command() {
    let pages: BTreeSet<String> =
        files("man").iter().filter_map(|path| Some(path.rsplit_once('/')?.1.strip_suffix(".8")?.to_owned())).collect();
    let mut commands = Packages::read().shipped_programs();
    for path in files("scripts") {
        let name = path.trim_start_matches("scripts/");
        if !name.contains(['/', '.']) && !WORKSHOP.contains(&name) {
            commands.insert(name.to_owned());
        }
    }
    assert_eq!(pages, commands, "left: pages, right: commands");
}
