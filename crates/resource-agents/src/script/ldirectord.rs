//! `ldirectord`: the daemon is its own resource script; this one finds it and keeps its stop from failing for nothing.

use super::process::run as run_program;
use crate::output::{print, report};
use crate::place;
use std::path::{Path, PathBuf};

const DIRECTORIES: [&str; 2] = ["/etc/ha.d", "/etc/ha.d/conf"];

/// The file of a configuration: an absolute path, or a name in one of the directories.
fn configuration(name: &str, directories: &[&str]) -> Option<PathBuf> {
    let candidates = directories.iter().map(|directory| Path::new(directory).join(name));
    candidates.into_iter().find(|path| path.is_file())
}

/// Runs the script; returns its exit status.
#[must_use]
pub fn run(words: &[String]) -> i32 {
    let stop = words.last().is_some_and(|verb| verb == "stop");
    if let [name, _] = words {
        // It is called for everything at a release; what has no configuration cannot run (section 11.6).
        if stop && configuration(name, &DIRECTORIES).is_none() {
            print(&format!("Config file {name} not found: nothing to stop"));
            return 0;
        }
    }
    let usual = ["/usr/sbin/ldirectord", "/sbin/ldirectord"].iter().find_map(|path| place::program(path));
    let Some(program) = usual.or_else(|| place::program("ldirectord")) else {
        report("ldirectord is not installed");
        return if stop { 0 } else { 5 };
    };
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    run_program(&program, &words).unwrap_or_else(|error| {
        report(&format!("{}: {error}", program.display()));
        1
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn configurations_are_names_or_paths() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("www");
        let directories = ["/nonexistent", directory.path().to_str().unwrap()];
        assert_eq!(configuration("www", &directories), None);
        std::fs::write(&path, "").unwrap();
        assert_eq!(configuration("www", &directories), Some(path.clone()));
        assert_eq!(configuration(path.to_str().unwrap(), &[directories[0]]), Some(path));
        assert_eq!(run(&["no-such-configuration".to_owned(), "stop".to_owned()]), 0);
    }
}
