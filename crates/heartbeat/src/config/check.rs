//! `heartbeat --check`: everything that is wrong with a configuration, at once, with places and in our own words.
//!
//! Side-effect free: nothing is written, opened for writing, or signalled.

use super::load::Contents;
use super::machine::System;
use super::{advice, cross};
use ha_config::evaluate::{self, Options};
use ha_config::finding::{File, Finding, Gravity};
use ha_config::lexer::Span;
use sha1::{Digest as _, Sha1};
use std::fmt::Write as _;
use std::io::{self, Write};
use std::path::Path;

/// One line of the result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The file.
    pub file: File,
    /// The place; none if it is about the file as a whole.
    pub span: Option<Span>,
    /// Whether the daemon would start.
    pub gravity: Gravity,
    /// What was expected.
    pub words: String,
}

/// Checks the files of `directory` and prints what it finds. Returns the exit status: 0 if the daemon would start.
pub fn run(directory: &Path, out: &mut dyn Write) -> i32 {
    let contents = Contents::read(directory);
    let problems = problems(&contents, &System::new(directory));
    let failed = problems.iter().any(|problem| problem.gravity == Gravity::Error);
    match print(directory, &contents, &problems, failed, out) {
        Ok(()) if !failed => 0,
        _ => 1,
    }
}

/// All problems, sorted by file and place.
fn problems(contents: &Contents, machine: &System) -> Vec<Problem> {
    let files = contents.files();
    let options = Options { manages_resources: true };
    let survey = evaluate::survey(&files, options, machine);
    let mut all: Vec<Problem> = survey
        .findings
        .iter()
        .filter(|found| worth_telling(&found.finding))
        .map(|found| Problem {
            file: found.file,
            span: found.span,
            gravity: found.finding.gravity(),
            words: advice::words(&found.finding),
        })
        .collect();
    all.extend(cross::problems(contents, &survey, machine));
    all.sort_by_key(|problem| (problem.file, problem.span));
    all.dedup();
    all
}

/// Notes are for the log of a start; and that there is no logging daemon is no problem.
fn worth_telling(finding: &Finding) -> bool {
    !matches!(finding, Finding::CoreFiles) && finding.gravity() != Gravity::Note
}

fn print(
    directory: &Path,
    contents: &Contents,
    problems: &[Problem],
    failed: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    for problem in problems {
        let path = directory.join(problem.file.name());
        let place = problem.span.map_or_else(String::new, |span| format!("{}:{}:", span.line, span.column));
        let gravity = if problem.gravity == Gravity::Error { "error" } else { "warning" };
        writeln!(out, "{}:{place} {gravity}: {}", path.display(), problem.words)?;
    }
    if !failed {
        let sums =
            [("ha.cf", &contents.ha_cf), ("authkeys", &contents.authkeys), ("haresources", &contents.haresources)];
        let sums: Vec<String> = sums
            .iter()
            .map(|(name, content)| match &content.bytes {
                Ok(bytes) => format!("{name} {}", checksum(bytes)),
                Err(_) => format!("{name} -"),
            })
            .collect();
        writeln!(out, "ok: {}", sums.join(", "))?;
    }
    out.flush()
}

/// The first twelve digits of the SHA-1: enough to see whether two nodes have the same file (compare `sha1sum`).
fn checksum(bytes: &[u8]) -> String {
    let digest = Sha1::digest(bytes);
    digest.iter().take(6).fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
#[path = "check_tests.rs"]
mod tests;
