//! `--plan`, `--apply`, `--check`: rules files as descriptions of the whole table.

use crate::args::RulesSource;
use crate::failure::Failure;
use crate::messages;
use crate::names::Names;
use crate::restore;
use crate::rules::RuleWriter;
use crate::rules_file;
use crate::session::Session;
use ipvs::Op;
use ipvs::model::Table;
use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt;

/// Exit status of `--plan` if there is a difference, and of `--check` if there is a problem.
const DIFFERENT: u8 = 1;
/// Exit status if the file cannot be used.
const UNUSABLE: u8 = 2;

fn name(source: &RulesSource) -> String {
    source.as_ref().map_or_else(|| "<stdin>".to_owned(), |path| String::from_utf8_lossy(path).into_owned())
}

fn read(source: &RulesSource) -> Result<Vec<u8>, Failure> {
    let mut content = Vec::new();
    let result = match source {
        Some(path) => File::open(OsStr::from_bytes(path)).and_then(|mut file| file.read_to_end(&mut content)),
        None => io::stdin().lock().read_to_end(&mut content),
    };
    match result {
        Ok(_) => Ok(content),
        Err(error) => Err(Failure::Text { text: format!("ipvsadm: {}: {error}\n", name(source)), status: UNUSABLE }),
    }
}

fn table(source: &RulesSource, content: &[u8], names: &dyn Names, status: u8) -> Result<Table, Failure> {
    rules_file::table(content, names).map_err(|problems| {
        let file = name(source);
        let lines = problems.iter().map(|problem| {
            let rules_file::Problem { line, column, text } = problem;
            format!("{file}:{line}:{column}: {text}\n")
        });
        Failure::Text { text: lines.collect(), status }
    })
}

/// `--check`: nothing is said about a good file.
///
/// # Errors
/// Every problem of the file, status 1; with `legacy` what `-R` would say and its status.
pub fn check(source: &RulesSource, legacy: bool, names: &dyn Names, program: &[u8]) -> Result<(), Failure> {
    let content = read(source)?;
    if legacy {
        return restore::rehearse(&content, names, program);
    }
    table(source, &content, names, DIFFERENT).map(|_| ())
}

/// The changes that lead from the kernel's table to the file's.
fn changes(session: &mut Session<'_>, source: &RulesSource) -> Result<Vec<Op>, Failure> {
    let wanted = table(source, &read(source)?, session.names, UNUSABLE)?;
    if wanted.services.is_empty() {
        let text = format!(
            "ipvsadm: {}: no virtual service in it, nothing done; to empty the table use ipvsadm -C\n",
            name(source)
        );
        return Err(Failure::Text { text, status: UNUSABLE });
    }
    let current = session.table()?;
    Ok(ipvs::plan::diff(&wanted, &current))
}

/// `--plan`: prints the changes as rules; returns the exit status.
///
/// # Errors
/// An unusable file, or the kernel's refusal to show its table.
pub fn plan(session: &mut Session<'_>, source: &RulesSource) -> Result<u8, Failure> {
    let ops = changes(session, source)?;
    let mut writer = RuleWriter::complete();
    for op in &ops {
        writer.op(session.out.buffer(), op);
        session.out.settle()?;
    }
    Ok(if ops.is_empty() { 0 } else { DIFFERENT })
}

/// `--apply`: carries the changes out.
///
/// # Errors
/// An unusable file, before anything is changed; or the changes that the kernel refused, each with its rule.
pub fn apply(session: &mut Session<'_>, source: &RulesSource) -> Result<(), Failure> {
    let ops = changes(session, source)?;
    let failures = session.client.batch(&ops).map_err(Failure::Change)?;
    if failures.is_empty() {
        return Ok(());
    }
    let mut writer = RuleWriter::complete();
    let mut text = String::new();
    for failure in failures {
        let mut rule = Vec::new();
        if let Some(op) = ops.get(failure.index) {
            writer.op(&mut rule, op);
        }
        let rule = String::from_utf8_lossy(&rule);
        text.push_str(&format!("ipvsadm: {}: {}\n", rule.trim_end(), messages::kernel(&failure.error)));
    }
    Err(Failure::Text { text, status: 255 })
}
