//! Rules files, as `--check`, `--plan` and `--apply` read them, and each of their lines, as `-R` does.
//!
//! Input: a rules file, or two with a form feed between them: the wanted table and the current one.

use crate::args::survives_printing;
use crate::names::Few;
use ipvs::model::Table;
use ipvs::plan;
use ipvs::simulate::Simulation;
use ipvsadm::args::{self, Invocation, Reading};
use ipvsadm::names::Nothing;
use ipvsadm::rules::RuleWriter;
use ipvsadm::rules_file;
use std::collections::BTreeSet;

/// Runs the target on one input.
pub fn run(data: &[u8]) {
    let mut files = data.splitn(2, |byte| *byte == b'\x0c');
    let wanted = file(files.next().unwrap_or_default());
    let current = file(files.next().unwrap_or_default());
    if let (Some(wanted), Some(current)) = (wanted, current) {
        leads(&wanted, &current);
    }
}

/// Reads a file; its table if it is sound.
///
/// # Panics
/// If a problem lies outside the file, or a rule or the table changes by printing.
fn file(content: &[u8]) -> Option<Table> {
    for line in content.split(|byte| *byte == b'\n') {
        let words: Vec<&[u8]> = rules_file::words(line).iter().map(|word| word.text).collect();
        if let Ok(Invocation::Change(op)) = args::parse(&words, Reading { nested: true, ..Reading::default() }, &Few) {
            survives_printing(&op);
        }
    }
    match rules_file::table(content, &Few) {
        Ok(table) => {
            let text = printed(&table);
            let again = rules_file::table(&text, &Nothing);
            assert_eq!(again.as_ref(), Ok(&table), "printed as {}", String::from_utf8_lossy(&text));
            Some(table)
        }
        Err(problems) => {
            let lines: Vec<&[u8]> = content.split(|byte| *byte == b'\n').collect();
            assert!(!problems.is_empty());
            for problem in &problems {
                let line = lines.get(problem.line.wrapping_sub(1)).expect("a line of the file");
                assert!((1..=line.len().max(1)).contains(&problem.column), "{problem:?} of {:?}", line.escape_ascii());
                assert!(!problem.text.is_empty() && !problem.text.contains('\n'), "{problem:?}");
            }
            None
        }
    }
}

fn printed(table: &Table) -> Vec<u8> {
    let mut writer = RuleWriter::complete();
    let mut text = Vec::new();
    for entry in &table.services {
        writer.service(&mut text, b"-A", &entry.service);
        for dest in &entry.dests {
            writer.dest(&mut text, b"-a", &entry.service.key, dest);
        }
    }
    text
}

/// The plan from one table to another must lead there, without a refusal, and leave nothing to do.
///
/// # Panics
/// If it does not.
fn leads(wanted: &Table, current: &Table) {
    let ops = plan::diff(wanted, current);
    let mut kernel = Simulation::new(current);
    for op in &ops {
        kernel.apply(op).unwrap_or_else(|error| panic!("{op:?} refused: {error}"));
    }
    let reached = kernel.table();
    assert_eq!(plan::diff(wanted, &reached), [], "after {ops:?}");
    let keys = |table: &Table| {
        let keys = table.services.iter().flat_map(|entry| {
            let dests = entry.dests.iter().map(|dest| (entry.service.key, Some(dest.key)));
            dests.chain([(entry.service.key, None)])
        });
        keys.collect::<BTreeSet<_>>()
    };
    assert_eq!(keys(wanted), keys(&reached));
}
