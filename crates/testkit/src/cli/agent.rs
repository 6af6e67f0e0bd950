//! The lab's side: prepares the machine, runs, prints what differs.

use std::fs;
use std::io::{Write as _, stdout};
use std::path::PathBuf;

use anyhow::{Context as _, Result};

use super::{Cases, Diff};
use crate::cases::Whose;
use crate::cases::load;
use crate::cases::parse::Drafts;
use crate::cases::render::render;
use crate::diff;
use crate::generate;
use crate::lab::checks::{self, Checks};
use crate::lab::suite::Suite;
use crate::lab::{ORIGINAL, machine};
use crate::paths::fixtures;

pub(super) fn cases(cases: &Cases) -> Result<u8> {
    let files = load::directory(&fixtures("ipvsadm"))?;
    install(cases)?;
    let whose = if cases.program.is_none() || cases.recorded { Whose::Original } else { Whose::Ours };
    let wanted = |name: &str| cases.only.is_empty() || cases.only.iter().any(|part| name.contains(part));
    let summary = Suite::new()?.check(&files, whose, wanted);
    write!(stdout(), "{}", summary.report)?;
    writeln!(stdout(), "{summary}")?;
    Ok(u8::from(!summary.complete()))
}

/// Prepares the machine and puts the program under test into its place.
fn install(cases: &Cases) -> Result<()> {
    machine::prepare()?;
    if let Some(program) = &cases.program {
        machine::install(program, "/usr/sbin/ipvsadm")?;
    }
    if let Some(scripts) = &cases.scripts {
        for name in ["ipvsadm-save", "ipvsadm-restore"] {
            machine::install(&scripts.join(name), &format!("/usr/sbin/{name}"))?;
        }
    }
    Ok(())
}

pub(super) fn checks(cases: &Cases) -> Result<u8> {
    install(cases)?;
    let lab = Checks::new("/usr/sbin/ipvsadm".into())?;
    let mut failed = 0;
    for (name, check) in checks::ALL {
        match check(&lab) {
            Ok(()) => writeln!(stdout(), "ok {name}")?,
            Err(error) => {
                failed += 1;
                writeln!(stdout(), "FAILED {name}: {error:#}")?;
            }
        }
    }
    Ok(u8::from(failed > 0))
}

pub(super) fn record(files: &[PathBuf]) -> Result<u8> {
    machine::prepare()?;
    let suite = Suite::new()?;
    for (index, path) in files.iter().enumerate() {
        let mut file = load::file(path, Drafts::Accepted)?;
        suite.record(&mut file).with_context(|| path.display().to_string())?;
        fs::write(format!("/mnt/out/{index}"), render(&file))?;
        writeln!(stdout(), "{}: {} cases", path.display(), file.cases.len())?;
    }
    Ok(0)
}

pub(super) fn diff(diff: &Diff) -> Result<u8> {
    machine::prepare()?;
    machine::add_names()?;
    let settings = diff::Settings {
        seed: diff.seed,
        count: diff.count,
        first: diff.first,
        program_a: diff.program_a.clone().unwrap_or_else(|| ORIGINAL.into()),
        program_b: diff.program_b.clone().unwrap_or_else(|| ORIGINAL.into()),
        legacy: diff.legacy,
        minimize: diff.minimize,
        limit: diff.limit,
    };
    let report = diff::run(&settings, &mut stdout())?;
    writeln!(stdout(), "seed {}: {report}", diff.seed)?;
    Ok(u8::from(report.mismatches > 0))
}

pub(super) fn lines(seed: u64, count: usize) -> Result<u8> {
    for index in 0..count.div_ceil(diff::SEQUENCE) {
        for line in generate::sequence(seed, index as u64, diff::SEQUENCE) {
            writeln!(stdout(), "{}", line.shell())?;
        }
    }
    Ok(0)
}
