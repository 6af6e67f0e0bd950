//! Finds and reads all files of cases of one tool.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail, ensure};

use super::CaseFile;
use super::parse::{Drafts, parse};

/// Reads one file.
///
/// # Errors
///
/// What the file system or [`parse`] says, with the file's name.
pub fn file(path: &Path, drafts: Drafts) -> Result<CaseFile> {
    let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
    parse(&text, drafts).with_context(|| path.display().to_string())
}

/// Reads every `.cases` file of a directory, sorted by name.
///
/// # Errors
///
/// No file, an unreadable one, or a case name used twice.
pub fn directory(path: &Path) -> Result<Vec<(PathBuf, CaseFile)>> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(path).with_context(|| path.display().to_string())? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "cases") {
            paths.push(path);
        }
    }
    paths.sort();
    ensure!(!paths.is_empty(), "{}: no .cases files", path.display());
    let files: Vec<_> =
        paths.into_iter().map(|path| Ok((path.clone(), file(&path, Drafts::Refused)?))).collect::<Result<_>>()?;
    let mut names = BTreeSet::new();
    for (path, file) in &files {
        for case in &file.cases {
            if !names.insert(case.name.as_str()) {
                bail!("{}:{}: case {} exists in another file, too", path.display(), case.line, case.name);
            }
        }
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(dir: &Path, name: &str, case: &str) {
        fs::write(dir.join(name), format!("case {case}\nrun x\nexit 0\nstdout\nstderr\nend\n")).unwrap();
    }

    #[test]
    fn a_name_used_in_two_files_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        write(dir.path(), "b.cases", "one");
        write(dir.path(), "a.cases", "two");
        let files = directory(dir.path()).unwrap();
        assert_eq!(files.iter().map(|(_, file)| file.cases[0].name.as_str()).collect::<Vec<_>>(), ["two", "one"]);
        write(dir.path(), "c.cases", "one");
        let error = directory(dir.path()).unwrap_err().to_string();
        assert!(error.contains("c.cases:1: case one"), "{error}");
    }

    #[test]
    fn a_directory_without_cases_is_an_error() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("other.txt"), "").unwrap();
        assert!(directory(dir.path()).is_err());
    }
}
