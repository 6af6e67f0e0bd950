//! What a comparison found, for people.

use std::fmt::Write as _;

use super::Settings;
use super::side::Step;
use crate::generate::command::Kind;
use crate::generate::line::Line;
use crate::lab::process::Streams;
use crate::text::difference;

/// The result of a whole run.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// Tables begun.
    pub sequences: usize,
    /// Command lines run, by each program.
    pub lines: usize,
    /// Lines inside restore files, besides.
    pub restore_lines: usize,
    /// Command lines meant to change something.
    pub changing: usize,
    /// Of these, those for which the first program ended with status 0.
    pub changed: usize,
    /// Differences found.
    pub mismatches: usize,
}

impl Report {
    /// Counts a line.
    pub(super) fn count(&mut self, line: &Line, step: &Step) {
        self.lines += 1;
        if line.kind == Kind::Restore {
            self.restore_lines += line.word_lists().iter().skip(1).filter(|words| !words.is_empty()).count();
        }
        if line.kind.changes() {
            self.changing += 1;
            self.changed += usize::from(step.outcome.success());
        }
    }
}

impl std::fmt::Display for Report {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { sequences, lines, restore_lines, changing, changed, mismatches } = self;
        let percent = changed * 100 / (*changing).max(1);
        write!(
            out,
            "{lines} command lines in {sequences} sequences and {restore_lines} lines of restore files; of {changing} \
             lines meant to change something {changed} ({percent} %) succeeded; {mismatches} differences"
        )
    }
}

/// The differences of one line between the two programs; `None` if there are none.
pub(super) fn compare(steps: &[Step; 2]) -> Option<String> {
    let [a, b] = steps;
    if a == b && !a.outcome.hung {
        return None;
    }
    let mut text = String::new();
    if a.outcome.exit != b.outcome.exit {
        let _ = writeln!(text, "  exit: A {}, B {}", a.outcome.exit, b.outcome.exit);
    }
    for (name, hung) in [("A", a.outcome.hung), ("B", b.outcome.hung)] {
        if hung {
            let _ = writeln!(text, "  {name} did not end and was killed");
        }
    }
    let empty = Vec::new();
    let everything = |step: &Step| step.everything.clone().unwrap_or_else(|| empty.clone());
    for (what, left, right) in [
        ("stdout", &a.outcome.stdout, &b.outcome.stdout),
        ("stderr", &a.outcome.stderr, &b.outcome.stderr),
        ("listings by the original", &everything(a), &everything(b)),
    ] {
        if left != right {
            let _ = write!(text, "  {what} (- A, + B):\n{}", difference(left, right));
        }
    }
    Some(text)
}

/// One difference.
#[derive(Debug)]
pub(super) struct Mismatch<'a> {
    /// Seed of the run.
    pub(super) seed: u64,
    /// Index of the sequence.
    pub(super) sequence: u64,
    /// Index of the line in it, from 0.
    pub(super) position: usize,
    /// The line.
    pub(super) line: &'a Line,
    /// What differs.
    pub(super) problem: String,
    /// The lines before it, or the shortest part of them that matters.
    pub(super) history: Vec<&'a Line>,
}

impl Mismatch<'_> {
    /// The difference with all that is needed to repeat it.
    pub(super) fn text(&self, settings: &Settings) -> String {
        let Self { seed, sequence, position, line, problem, history } = self;
        let mut text =
            format!("DIFFERENCE: seed {seed}, sequence {sequence}, line {position}\n  {}\n{problem}", line.shell());
        if line.streams == Streams::Merged {
            text.push_str("  (stdout and stderr are one stream here)\n");
        }
        if settings.minimize {
            text.push_str("  shortest history:\n");
            for earlier in history {
                let _ = writeln!(text, "    {}", earlier.shell());
            }
        } else {
            let legacy = if settings.legacy { " --legacy" } else { "" };
            let _ =
                writeln!(text, "  again: lvs-lab diff --seed {seed} --first {sequence} --count 50 --minimize{legacy}");
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cases::Exit;
    use crate::lab::process::Outcome;

    fn step() -> Step {
        let outcome = Outcome { exit: Exit::Code(0), stdout: b"a\n".into(), stderr: Vec::new(), hung: false };
        Step { outcome, everything: Some(Vec::new()) }
    }

    #[test]
    fn equal_steps_are_no_difference() {
        assert_eq!(compare(&[step(), step()]), None);
    }

    #[test]
    fn each_kind_of_difference_is_told() {
        let mut other = [step(), step(), step(), step()];
        other[0].outcome.exit = Exit::Signal(11);
        other[1].outcome.stdout = b"b\n".into();
        other[2].outcome.stderr = b"x".into();
        other[3].everything = Some(b"e\n".into());
        let words = ["exit: A 0, B signal 11", "- |a", "stderr", "listings by the original"];
        for (other, words) in other.into_iter().zip(words) {
            let text = compare(&[step(), other]).unwrap();
            assert!(text.contains(words), "{text}");
        }
    }

    #[test]
    fn a_program_that_hangs_is_a_difference_even_if_both_do() {
        let mut hung = step();
        hung.outcome.hung = true;
        assert!(compare(&[hung.clone(), hung]).unwrap().contains("A did not end"));
    }
}
