//! The rules of this project's layout, checked: what lies where, who uses whom, which dependencies and licences come in,
//! and what source files look like. What the rules are for is in `README.md`; tables in there are read by these tests.
#![cfg(test)]

mod deny;
mod packages;
mod readme;
mod sources;
mod tree;

use std::fs;
use std::path::{Path, PathBuf};

use testkit::paths::project_root;

/// Directories that hold no sources of ours: build results and what a fuzzer collects.
const FOREIGN: &[&str] = &["target", ".git", "corpus", "artifacts", "coverage"];

/// The text of a file of the project.
fn text(path: &str) -> String {
    fs::read_to_string(project_root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// All files below `directory`, relative to the project, in order.
fn files(directory: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = vec![project_root().join(directory)];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(&next).unwrap_or_else(|error| panic!("{}: {error}", next.display())) {
            let path = entry.unwrap().path();
            if !path.is_dir() {
                found.push(relative(&path));
            } else if !FOREIGN.iter().any(|name| path.ends_with(name)) {
                open.push(path);
            }
        }
    }
    found.sort();
    found
}

/// A path as it is written in tables: relative to the project.
fn relative(path: &Path) -> String {
    let inside: PathBuf = path.strip_prefix(project_root()).unwrap().to_owned();
    inside.to_str().unwrap().to_owned()
}
