//! Reads the tables of Markdown files, so that what people read there stays true.

use std::collections::BTreeSet;

use crate::text;

/// The rows, without the head, of the table in `README.md` whose first column is headed `head`.
pub(crate) fn table(head: &str) -> Vec<Vec<String>> {
    rows(&text("README.md"), head)
}

/// The same for any text. Stops the test if there is no such table.
pub(crate) fn rows(text: &str, head: &str) -> Vec<Vec<String>> {
    let mut lines = text.lines().skip_while(|line| cells(line).first().is_none_or(|first| first != head));
    assert!(lines.next().is_some(), "no table headed '{head}'");
    let rows: Vec<_> = lines.skip(1).take_while(|line| line.starts_with('|')).map(cells).collect();
    assert!(!rows.is_empty(), "the table headed '{head}' is empty");
    rows
}

fn cells(line: &str) -> Vec<String> {
    line.trim().trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect()
}

/// The words in back quotes of a cell.
pub(crate) fn words(cell: &str) -> BTreeSet<String> {
    cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// The first of them.
pub(crate) fn word(cell: &str) -> String {
    cell.split('`').nth(1).unwrap_or_else(|| panic!("no name in back quotes in '{cell}'")).to_owned()
}

#[test]
fn tables_are_found_by_their_first_column() {
    let text =
        "| a | b |\n|---|---|\n| no | no |\n\n| crate | use |\n|---|---|\n| `x` | `y`, `z` |\n| `v` | none |\n\nend";
    let rows = rows(text, "crate");
    assert_eq!(rows, [["`x`", "`y`, `z`"], ["`v`", "none"]]);
    assert_eq!(word(&rows[0][0]), "x");
    assert_eq!(words(&rows[0][1]), ["y", "z"].map(str::to_owned).into());
    assert_eq!(words(&rows[1][1]), BTreeSet::new());
}
