//! Rules files: lines of words, each line a command line without the program's name.
//!
//! Words end at blanks, tabs and carriage returns; there is no quoting. The word `ipvsadm` is dropped wherever it stands,
//! so that files written as shell commands work. Lines that begin with `#` are comments (the original refuses them).

use crate::args::{self, Invocation, Reading};
use crate::expected;
use crate::messages;
use crate::names::Names;
use ipvs::model::Table;
use ipvs::simulate::Simulation;
use ipvs::{Command, Op};
use nom::Parser;
use nom::bytes::complete::{take_while, take_while1};
use nom::combinator::{consumed, map};
use nom::multi::many0;
use nom::sequence::preceded;

/// A word and where it begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Word<'a> {
    /// The word.
    pub text: &'a [u8],
    /// Offset in bytes from the start of the line.
    pub offset: usize,
}

/// Splits a line into words; none for blank lines and comments. A NUL byte ends its word.
#[must_use]
pub fn words(line: &[u8]) -> Vec<Word<'_>> {
    let blank = |byte: u8| matches!(byte, b' ' | b'\t' | b'\r' | b'\n');
    let word = preceded(
        take_while::<_, _, nom::error::Error<&[u8]>>(blank),
        map(consumed(take_while1(move |byte| !blank(byte))), |(text, _)| text),
    );
    let (_, texts) = many0(word).parse(line).unwrap_or_default();
    if texts.first().is_some_and(|first| first.starts_with(b"#")) {
        return Vec::new();
    }
    let start = line.as_ptr().addr();
    texts
        .into_iter()
        // QUIRK: what is behind a NUL in a word does not count.
        .map(|text| text.split(|byte| *byte == 0).next().unwrap_or_default())
        .filter(|text| *text != b"ipvsadm")
        .map(|text| Word { text, offset: text.as_ptr().addr().saturating_sub(start) })
        .collect()
}

/// Something wrong with a rules file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Line, from 1.
    pub line: usize,
    /// Byte in the line, from 1.
    pub column: usize,
    /// What is wrong and what was expected instead.
    pub text: String,
}

/// Reads a rules file into the table it describes, starting from an empty one.
///
/// # Errors
/// Every problem of the file, in order of lines.
pub fn table(content: &[u8], names: &dyn Names) -> Result<Table, Vec<Problem>> {
    let mut simulation = Simulation::default();
    let mut problems = Vec::new();
    for (index, line) in content.split(|byte| *byte == b'\n').enumerate() {
        let words = words(line);
        let Some(first) = words.first() else { continue };
        let column_of = |word: usize| words.get(word).unwrap_or(first).offset + 1;
        let texts: Vec<&[u8]> = words.iter().map(|word| word.text).collect();
        let reading = Reading { posixly_correct: false, nested: true };
        let problem = match args::parse(&texts, reading, names) {
            Err(refusal) => Some((refusal.word, expected::describe(&refusal.error))),
            Ok(Invocation::Change(op)) => match op {
                Op::Zero(_) | Op::SetTimeouts(_) | Op::StartDaemon(_) | Op::StopDaemon(..) => Some((
                    0,
                    "this command does not describe the table; expected -A, -E, -D, -a, -e, -d or -C".to_owned(),
                )),
                _ => apply(&mut simulation, &op).err().map(|text| (0, text)),
            },
            Ok(_) => Some((0, "this command changes nothing; expected -A, -E, -D, -a, -e, -d or -C".to_owned())),
        };
        if let Some((word, text)) = problem {
            problems.push(Problem { line: index + 1, column: column_of(word), text });
        }
    }
    if problems.is_empty() { Ok(simulation.table()) } else { Err(problems) }
}

fn apply(simulation: &mut Simulation, op: &Op) -> Result<(), String> {
    simulation.apply(op).map_err(|error| {
        let text = messages::kernel(&error);
        match (op.command(), &error) {
            (Command::NewService | Command::NewDest, ipvs::Error::Kernel { errno: libc::EEXIST, .. }) => {
                format!("{text} by an earlier line; expected each only once")
            }
            (_, ipvs::Error::Kernel { errno: libc::ESRCH | libc::ENOENT, .. }) => {
                format!("{text} in the lines before; expected it to be added first")
            }
            (_, ipvs::Error::Kernel { errno: libc::ERANGE, .. }) => {
                "the lower threshold is above the upper one; expected -y no larger than -x".to_owned()
            }
            _ => text,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::names::Nothing;

    fn texts(line: &str) -> Vec<(String, usize)> {
        let words = words(line.as_bytes());
        words.iter().map(|word| (String::from_utf8_lossy(word.text).into_owned(), word.offset)).collect()
    }

    #[test]
    fn words_end_at_blanks_and_the_program_name_is_dropped() {
        assert_eq!(texts(" ipvsadm\t-A -t\r\n"), [("-A".to_owned(), 9), ("-t".to_owned(), 12)]);
        assert_eq!(texts("-A ipvsadm -C"), [("-A".to_owned(), 0), ("-C".to_owned(), 11)]);
        assert!(texts("").is_empty() && texts("   ").is_empty() && texts("  # -A").is_empty() && texts("#").is_empty());
        assert_eq!(texts("-A\0x -t"), [("-A".to_owned(), 0), ("-t".to_owned(), 5)]);
    }

    #[test]
    fn a_file_is_the_table_that_its_lines_make() {
        let table = table(b"# web\n-A -t 10.0.0.1:80 -s rr\n-a -t 10.0.0.1:80 -r 10.0.0.2 -m\n", &Nothing).unwrap();
        assert_eq!(table.services.len(), 1);
        assert_eq!(table.services[0].dests.len(), 1);
    }

    #[test]
    fn every_problem_is_reported_with_its_place() {
        let content =
            b"-A -t 10.0.0.1:80 -s rr\n  -a -t 10.0.0.1:80 -r 10.0.0.2 -w x\n-L\n-A -t 10.0.0.1:80\n-d --bogus\n";
        let problems = table(content, &Nothing).unwrap_err();
        let places: Vec<(usize, usize)> = problems.iter().map(|problem| (problem.line, problem.column)).collect();
        assert_eq!(places, [(2, 36), (3, 1), (4, 1), (5, 4)]);
        assert!(problems[0].text.contains("expected a number from 0 to 2147483647"), "{}", problems[0].text);
    }
}
