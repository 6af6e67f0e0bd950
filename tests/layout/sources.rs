//! What source files look like.

use std::collections::BTreeSet;
use std::fs;

use testkit::paths::project_root;

use crate::{files, readme, text};

/// The longest a source file may be; about 150 lines are normal, above 400 it should be split.
const LONGEST: usize = 600;

/// Flat tables, which may be longer.
const TABLES: &[&str] = &[];

/// Notes that work was left undone, and tests switched off. In pieces, so that they are not found in this file.
const UNFINISHED: &[&str] =
    &[concat!("TO", "DO"), concat!("FIX", "ME"), concat!("to", "do!("), concat!("#[ig", "nore")];

/// Places that exist on one machine only, and names of notes that are no part of this project.
const ELSEWHERE: &[&str] = &[
    concat!("/wo", "rk/"),
    concat!("../sh", "ared"),
    concat!("sha", "red/spec"),
    concat!(".lib", "rary"),
    concat!("ipvsadm", ".md"),
    concat!("la", "b.md"),
    concat!("sty", "le.md"),
    concat!("the sp", "ec "),
    concat!("/tmp/bash", "_jobs"),
];

/// All Rust files, the fuzz targets included.
fn rust() -> Vec<(String, String)> {
    let paths = ["crates", "tests"].into_iter().flat_map(files).filter(|path| path.ends_with(".rs"));
    paths.map(|path| (path.clone(), text(&path))).collect()
}

/// Fails with all lines of the list, if there are any.
fn none(wrong: &[String], what: &str) {
    assert!(wrong.is_empty(), "{what}:\n{}", wrong.join("\n"));
}

/// Every file that git would keep, as far as it is text.
fn everything() -> impl Iterator<Item = (String, String)> {
    let top = fs::read_dir(project_root()).unwrap().map(|entry| entry.unwrap());
    let (folders, plain): (Vec<_>, Vec<_>) = top.partition(|entry| entry.path().is_dir());
    let folders = folders.into_iter().map(|entry| entry.file_name().into_string().unwrap());
    let inside: Vec<String> =
        folders.filter(|name| !matches!(name.as_str(), "target" | ".git")).flat_map(|name| files(&name)).collect();
    let plain = plain.into_iter().map(|entry| entry.file_name().into_string().unwrap());
    plain.chain(inside).filter_map(|path| {
        let text = String::from_utf8(fs::read(project_root().join(&path)).ok()?).ok()?;
        Some((path, text))
    })
}

/// True if `line` holds `word`, not as the rest of a longer word.
fn holds(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| !line[..at].ends_with(char::is_alphanumeric))
}

/// The lines of all files that hold one of `words`, with their places.
fn lines_with(words: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for (path, text) in everything() {
        for (number, line) in text.lines().enumerate() {
            if words.iter().any(|word| holds(line, word)) {
                found.push(format!("{path}:{}: {}", number + 1, line.trim()));
            }
        }
    }
    found
}

#[test]
fn every_source_file_begins_with_what_it_is_for() {
    let wrong: Vec<_> =
        rust().into_iter().filter(|(_, text)| !text.starts_with("//! ")).map(|(path, _)| path).collect();
    none(&wrong, "no //! line at the top");
}

#[test]
fn no_source_file_is_too_long() {
    let lengths = rust().into_iter().map(|(path, text)| (path, text.lines().count()));
    let wrong: Vec<_> = lengths
        .filter(|(path, length)| *length > LONGEST && !TABLES.contains(&path.as_str()))
        .map(|(path, length)| format!("{path}: {length} lines"))
        .collect();
    none(&wrong, "longer than 600 lines");
}

#[test]
fn no_work_is_left_undone_and_no_test_is_switched_off() {
    none(&lines_with(UNFINISHED), "unfinished");
}

#[test]
fn nothing_points_outside_the_project() {
    none(&lines_with(ELSEWHERE), "points to somewhere outside");
}

#[test]
fn a_forbidden_word_is_found_only_where_a_word_begins() {
    assert!(holds("see /there/x", "/there/") && holds("/there/", "/there/"));
    assert!(!holds("/mnt/there/x", "/there/"));
}

#[test]
fn unsafe_code_is_only_where_the_readme_says() {
    let keyword = concat!("uns", "afe");
    let uses_it = |text: &str| {
        let code = text.lines().map(str::trim_start).filter(|line| !line.starts_with("//"));
        code.into_iter().any(|line| {
            line.match_indices(keyword).any(|(at, _)| {
                let rest = &line[at + keyword.len()..];
                [" {", " fn", " impl", " extern", "("].iter().any(|next| rest.starts_with(next))
            })
        })
    };
    let found: BTreeSet<_> = rust().into_iter().filter(|(_, text)| uses_it(text)).map(|(path, _)| path).collect();
    let listed: BTreeSet<_> = readme::table("unsafe file").iter().map(|row| readme::word(&row[0])).collect();
    assert_eq!(listed, found, "left: README.md, right: the sources");
}
