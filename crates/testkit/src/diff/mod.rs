//! Two programs do the same in two namespaces of one kernel, line by line, and every difference is reported.
//!
//! After each line its output and its exit status are compared; after each restore, every few lines and after each
//! difference, everything the original can show of both tables. (The kernel's `/proc/net/ip_vs` would need no program to
//! read it, but as soon as two namespaces have services, it leaves some out where a second read continues.)

pub mod minimize;
pub mod report;
pub mod side;

use std::io::Write;
use std::path::PathBuf;

use anyhow::Result;

use crate::generate::Generator;
use crate::generate::command::Kind;
use crate::generate::deviations;
use crate::generate::line::Line;
use report::{Mismatch, Report};
use side::{Side, Step};

/// What to compare.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The seed of the lines.
    pub seed: u64,
    /// How many command lines, rounded up to whole sequences.
    pub count: usize,
    /// Index of the first sequence.
    pub first: u64,
    /// The program that is right by definition.
    pub program_a: PathBuf,
    /// The program that must do the same.
    pub program_b: PathBuf,
    /// Both programs have to use the socket options of old kernels.
    pub legacy: bool,
    /// Look for the shortest history that shows a difference.
    pub minimize: bool,
    /// End after this many differences.
    pub limit: usize,
}

/// Command lines that share one table before it is emptied.
pub const SEQUENCE: usize = 50;

/// Lines between two comparisons of everything.
const INTERVAL: usize = 10;

/// Generates and runs the lines, writing each difference to `out` as it is found.
///
/// # Errors
///
/// The machine fails; what the programs do is no error.
pub fn run(settings: &Settings, out: &mut dyn Write) -> Result<Report> {
    let sides = side::pair(settings)?;
    let mut report = Report::default();
    let sequences = settings.count.div_ceil(SEQUENCE);
    for index in (settings.first..).take(sequences) {
        report.sequences += 1;
        sequence(settings, &sides, index, &mut report, out)?;
        if report.mismatches >= settings.limit {
            break;
        }
    }
    Ok(report)
}

fn sequence(
    settings: &Settings,
    sides: &[Side; 2],
    index: u64,
    report: &mut Report,
    out: &mut dyn Write,
) -> Result<()> {
    for side in sides {
        side.reset()?;
    }
    let mut generator = Generator::new(settings.seed, index).legacy(settings.legacy);
    let mut lines: Vec<Line> = Vec::with_capacity(SEQUENCE);
    for position in 0..SEQUENCE {
        lines.push(generator.next_line());
        let Some((line, earlier)) = lines.split_last() else { break };
        let complete = (position + 1) % INTERVAL == 0 || line.kind == Kind::Restore;
        let steps = both(sides, line, complete)?;
        if steps[0].outcome.hung && !steps[1].outcome.hung && deviations::stops_a_daemon(line) {
            // Deviation stopped-daemon-hang, which depends on timing and so cannot be kept away from.
            writeln!(
                out,
                "seed {}, sequence {index}: the original waits for ever, see stopped-daemon-hang",
                settings.seed
            )?;
            return Ok(());
        }
        report.count(line, &steps[0]);
        generator.learn(steps[0].outcome.success());
        if let Some(everything) = &steps[0].everything {
            generator.correct(&String::from_utf8_lossy(everything));
        }
        let Some(mut problem) = report::compare(&steps) else { continue };
        let table_differs =
            if complete { steps[0].everything != steps[1].everything } else { differ_now(sides, &mut problem)? };
        report.mismatches += 1;
        let mut history: Vec<&Line> = earlier.iter().collect();
        if settings.minimize {
            history = minimize::shortest(history, |part| reproduces(sides, part, line))?;
        }
        let mismatch = Mismatch { seed: settings.seed, sequence: index, position, line, problem, history };
        writeln!(out, "{}", mismatch.text(settings))?;
        out.flush()?;
        if table_differs || settings.minimize || report.mismatches >= settings.limit {
            // What follows would only repeat the same difference.
            return Ok(());
        }
    }
    Ok(())
}

fn both(sides: &[Side; 2], line: &Line, complete: bool) -> Result<[Step; 2]> {
    let [a, b] = sides;
    Ok([a.step(line, complete)?, b.step(line, complete)?])
}

/// Compares everything after a difference that was not found by comparing everything.
fn differ_now(sides: &[Side; 2], problem: &mut String) -> Result<bool> {
    let [a, b] = sides;
    let (left, right) = (a.everything()?, b.everything()?);
    if left != right {
        problem.push_str("  the tables differ now (- A, + B):\n");
        problem.push_str(&crate::text::difference(&left, &right));
    }
    Ok(left != right)
}

/// Whether a difference shows at the end of this history, too.
fn reproduces(sides: &[Side; 2], history: &[&Line], last: &Line) -> Result<bool> {
    for side in sides {
        side.reset()?;
    }
    for line in history {
        both(sides, line, false)?;
    }
    Ok(report::compare(&both(sides, last, true)?).is_some())
}
