//! Tests of the reader of case files.

use super::*;
use crate::cases::{Expected, render::render};

const FULL: &str = "\
# What this file holds.

case first
# a remark
tag names
tag debian
setup ipvsadm -A -t 10.0.0.1:80
setup ipvsadm -a -t 10.0.0.1:80 -r 10.0.0.11
stdin
|-A -f 1\r
|
\\-A -f 2
connfile
|Pro FromIP
inject 1,2,3,4,5,6,7,8,9,18446744073709551615
run ipvsadm -R 
exit signal 11
stdout
|trailing  
stderr
\\no newline
after ipvsadm -Sn
stdout
deviation some-name
ours-exit 2
ours-stderr
|better
end

case second
run ipvsadm
exit 255
stdout
stderr
end
";

#[test]
fn every_part_of_a_block_is_read() {
    let file = parse(FULL, Drafts::Refused).unwrap();
    let first = &file.cases[0];
    assert_eq!((first.name.as_str(), first.line), ("first", 3));
    assert_eq!(first.tags, ["names", "debian"]);
    assert_eq!(first.setup.len(), 2);
    assert_eq!(first.stdin.as_deref(), Some("-A -f 1\r\n\n-A -f 2"));
    assert_eq!(first.connfile.as_deref(), Some("Pro FromIP\n"));
    assert_eq!(first.inject.as_ref().unwrap()[9], u64::MAX);
    assert_eq!(first.run, "ipvsadm -R ");
    assert_eq!(first.after.as_deref(), Some("ipvsadm -Sn"));
    let recorded = Expected {
        exit: Exit::Signal(11),
        stdout: "trailing  \n".into(),
        stderr: "no newline".into(),
        after: String::new(),
    };
    assert_eq!(first.recorded, recorded);
    let deviation = first.deviation.as_ref().unwrap();
    assert_eq!((deviation.name.as_str(), deviation.exit), ("some-name", Some(Exit::Code(2))));
    assert_eq!(deviation.stderr.as_deref(), Some("better\n"));
    assert_eq!(file.cases[1].recorded.exit, Exit::Code(255));
}

#[test]
fn a_file_written_back_is_the_same_file() {
    assert_eq!(render(&parse(FULL, Drafts::Refused).unwrap()), FULL);
}

#[test]
fn a_draft_is_read_only_where_drafts_are_expected() {
    let text = "case new\nrun ipvsadm\nafter ipvsadm -Sn\nend\n";
    let error = parse(text, Drafts::Refused).unwrap_err();
    assert_eq!(error.line, 4, "{error}");
    assert_eq!(parse(text, Drafts::Accepted).unwrap().cases[0].after.as_deref(), Some("ipvsadm -Sn"));
}

#[test]
fn mistakes_are_reported_with_their_line() {
    let block = |middle: &str| format!("case a\n{middle}end\n");
    let whole = "run x\nexit 0\nstdout\nstderr\n";
    for (text, line, words) in [
        ("\nrun x\n".to_owned(), 2, "case NAME"),
        (block("tag a\nsetup b\ntag c\n"), 4, "run COMMAND"),
        (block("run x\nexit zero\n"), 3, "exit status"),
        (block("run x\nexit 0\nstderr\n"), 5, "stdout"),
        (block("run x\nexit 0\nstdout more\n"), 4, "nothing may follow"),
        (block("stdin\n\\a\n|b\nrun x\n"), 4, "without a newline"),
        (block("inject 1,2\nrun x\n"), 2, "ten numbers"),
        (block(&format!("{whole}bogus\n")), 6, "end"),
        (block(&format!("{whole}after y\n")), 7, "afterwards"),
        (block(&format!("{whole}deviation d\nours-exit 0\n")), 8, "does not differ"),
        (format!("{0}{0}", block(whole)), 7, "exists already"),
        ("case a\nrun x\nexit 0\nstdout\nstderr\n".to_owned(), 6, "end"),
    ] {
        let error = parse(&text, Drafts::Refused).expect_err(&text);
        assert_eq!(error.line, line, "{error} in {text}");
        assert!(error.problem.contains(words), "{error} in {text}");
    }
}
