//! Runs recorded cases for the program that stands at `/usr/sbin/ipvsadm`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::PathBuf;

use anyhow::{Context as _, Result, ensure};

use super::namespace::Namespace;
use super::process::{Outcome, Program};
use super::watchdog::Watchdog;
use super::{ORIGINAL, connections, table};
use crate::cases::judge::{Observed, differences};
use crate::cases::{Case, CaseFile, Whose};

/// The outcome of a run of cases.
#[derive(Debug, Clone, Default)]
pub struct Summary {
    /// Cases given.
    pub total: usize,
    /// Cases that ran.
    pub ran: usize,
    /// Cases of these with exactly the expected bytes.
    pub equal: usize,
    /// Cases that only a unit test can run, because counters are injected.
    pub left_to_unit_tests: usize,
    /// What was wrong with the others.
    pub report: String,
}

impl Summary {
    /// Whether every case ran, or cannot, and was equal.
    pub fn complete(&self) -> bool {
        self.equal == self.ran && self.ran + self.left_to_unit_tests == self.total && self.total > 0
    }
}

impl std::fmt::Display for Summary {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { total, ran, equal, left_to_unit_tests, .. } = self;
        write!(out, "{total} cases: {ran} run, {equal} equal, {left_to_unit_tests} left to unit tests")
    }
}

/// Runs cases one by one in one namespace.
#[derive(Debug)]
pub struct Suite {
    namespace: Namespace,
    watchdog: Watchdog,
}

impl Suite {
    /// Prepares the namespace.
    ///
    /// # Errors
    ///
    /// It cannot be made.
    pub fn new() -> Result<Self> {
        Ok(Self { namespace: Namespace::new()?, watchdog: Watchdog::default() })
    }

    /// The case with the order of lines that this namespace gives.
    ///
    /// The kernel mixes the address of a namespace's data into its hash, so a recorded kernel order holds only where it was
    /// recorded; and where the original's comparison wraps, its sorting depends on the order it starts from. The lines must
    /// be the recorded ones; their order is the original's here and now.
    fn in_order_of_this_kernel(&self, case: &Case) -> Result<Case> {
        let mut case = case.clone();
        if !case.has_tag("kernel-order") && !case.has_tag("wrap-sort") {
            return Ok(case);
        }
        let (setup, watchdog) = (case.setup.clone(), self.watchdog.clone());
        let mut program = Program::recorded(&case.run);
        program.path = ORIGINAL.into();
        let outcome = self.namespace.run(move || {
            table::reset(&setup, &watchdog)?;
            program.run(&watchdog)
        })??;
        let now = String::from_utf8(outcome.stdout)?;
        let sorted = |text: &str| text.lines().map(str::to_owned).collect::<BTreeSet<_>>();
        ensure!(sorted(&now) == sorted(&case.recorded.stdout), "the original prints other lines than recorded:\n{now}");
        if let Some(ours) = case.deviation.as_mut().and_then(|deviation| deviation.stdout.as_mut()) {
            // Line by line ours stands for theirs, in whatever order.
            let pairs: BTreeMap<_, _> = case.recorded.stdout.lines().zip(ours.lines()).collect();
            *ours = now.lines().filter_map(|line| pairs.get(line)).map(|line| format!("{line}\n")).collect();
        }
        case.recorded.stdout = now;
        Ok(case)
    }

    /// Runs one case.
    ///
    /// # Errors
    ///
    /// The setup failed or a program could not be started. Whatever the program under test does is no error.
    pub fn observe(&self, case: &Case) -> Result<Observed> {
        let (case, watchdog) = (case.clone(), self.watchdog.clone());
        self.namespace.run(move || observe(&case, &watchdog))?
    }

    /// Runs all cases of some files whose name passes, and compares.
    pub fn check(&self, files: &[(PathBuf, CaseFile)], whose: Whose, wanted: impl Fn(&str) -> bool) -> Summary {
        let mut summary = Summary::default();
        for (path, file) in files {
            for case in file.cases.iter().filter(|case| wanted(&case.name)) {
                summary.total += 1;
                if !case.runs_on_a_kernel() {
                    summary.left_to_unit_tests += 1;
                    continue;
                }
                summary.ran += 1;
                let judged = self
                    .in_order_of_this_kernel(case)
                    .and_then(|case| Ok(differences(&case, whose, &self.observe(&case)?)));
                let problem = match judged {
                    Ok(problem) => problem,
                    Err(error) => Some(format!("  {error:#}\n")),
                };
                let Some(problem) = problem else {
                    summary.equal += 1;
                    continue;
                };
                let place = path.file_name().unwrap_or_default().to_string_lossy();
                let _ = writeln!(summary.report, "{} ({place}:{}): {}\n{problem}", case.name, case.line, case.run);
            }
        }
        summary
    }

    /// Replaces what is recorded in a file by what the program does now; injected cases stay as they are.
    ///
    /// # Errors
    ///
    /// As [`Suite::observe`], or output that is no UTF-8.
    pub fn record(&self, file: &mut CaseFile) -> Result<()> {
        for case in file.cases.iter_mut().filter(|case| case.runs_on_a_kernel()) {
            let Observed { exit, stdout, stderr, after } =
                self.observe(case).with_context(|| format!("case {}", case.name))?;
            case.recorded.exit = exit;
            case.recorded.stdout = String::from_utf8(stdout)?;
            case.recorded.stderr = String::from_utf8(stderr)?;
            case.recorded.after = String::from_utf8(after.unwrap_or_default())?;
        }
        Ok(())
    }
}

fn observe(case: &Case, watchdog: &Watchdog) -> Result<Observed> {
    table::reset(&case.setup, watchdog)?;
    let mut program = Program::recorded(&case.run);
    program.stdin = case.stdin.clone().map(String::into_bytes);
    let Outcome { exit, stdout, stderr, hung } = match &case.connfile {
        Some(content) => connections::pretend(content, || program.run(watchdog))?,
        None => program.run(watchdog)?,
    };
    ensure!(!hung, "the command did not end");
    let after = match &case.after {
        Some(command) => Some(Program::recorded(command).run(watchdog)?.stdout),
        None => None,
    };
    Ok(Observed { exit, stdout, stderr, after })
}
