//! Words, comments and places of `ha.cf`: the lowest layer of its grammar.
//!
//! Observed on heartbeat 3.0.6: a comment begins at the first `#` anywhere in a line, nothing quotes or escapes it, no
//! line continues on the next, and only blanks separate a directive from the rest.

use nom::bytes::complete::{take, take_till, take_while};
use nom::combinator::recognize;
use nom::{IResult, Parser as _};

/// A place in a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// Line, from 1.
    pub line: u32,
    /// Column in bytes, from 1.
    pub column: u32,
}

/// Bytes with the place where they begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Word<'a> {
    /// The bytes.
    pub text: &'a [u8],
    /// Where they begin.
    pub span: Span,
}

impl Word<'_> {
    /// The bytes as text; what is no UTF-8 is replaced.
    #[must_use]
    pub fn lossy(&self) -> String {
        String::from_utf8_lossy(self.text).into_owned()
    }
}

/// The longest line in bytes, without its line end, that the original reads whole.
pub const LONGEST_LINE: usize = 5119;

/// One line without its comment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line<'a> {
    /// The first word.
    pub directive: Word<'a>,
    /// All that follows, without blanks at both ends.
    pub rest: Word<'a>,
}

/// A physical line: what it says, or that it cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Physical<'a> {
    /// It says something.
    Line(Line<'a>),
    /// It is longer than [`LONGEST_LINE`].
    TooLong {
        /// Its beginning.
        span: Span,
        /// Its length in bytes.
        length: usize,
    },
}

/// Whether a byte separates words.
#[must_use]
pub fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

/// What ends a directive's name: blanks, and the two vertical blanks, which may not stand before it.
fn ends_name(byte: u8) -> bool {
    is_blank(byte) || matches!(byte, 0x0b | 0x0c)
}

/// What stands between the values of an option directive.
fn is_delimiter(byte: u8) -> bool {
    byte == b',' || ends_name(byte)
}

fn number(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

/// Splits text into physical lines with their numbers, without line ends.
pub fn numbered(text: &[u8]) -> impl Iterator<Item = (u32, &[u8])> {
    let text = text.strip_suffix(b"\n").unwrap_or(text);
    text.split(|byte| *byte == b'\n').enumerate().map(|(index, line)| (number(index + 1), line))
}

/// Blanks, a name, and the rest. Vertical blanks end a name, but at its beginning they belong to it.
fn directive(input: &[u8]) -> IResult<&[u8], (&[u8], &[u8])> {
    (take_while(is_blank), recognize((take(1_usize), take_till(ends_name)))).parse(input)
}

/// Blanks or commas, then a value.
fn value(input: &[u8]) -> IResult<&[u8], (&[u8], &[u8])> {
    (take_while(is_delimiter), take_till(is_delimiter)).parse(input)
}

fn trimmed(mut text: &[u8]) -> &[u8] {
    while let Some((last, before)) = text.split_last() {
        if !ends_name(*last) {
            break;
        }
        text = before;
    }
    text
}

/// The lines of a file that say anything, in order.
pub fn lines(text: &[u8]) -> impl Iterator<Item = Physical<'_>> {
    numbered(text).filter_map(|(line, bytes)| {
        if bytes.len() > LONGEST_LINE {
            return Some(Physical::TooLong { span: Span { line, column: 1 }, length: bytes.len() });
        }
        // What follows a carriage return is not read.
        let bytes = bytes.split(|byte| matches!(byte, b'#' | b'\r')).next().unwrap_or_default();
        let (rest, (indent, name)) = directive(trimmed(bytes)).ok()?;
        let at = |column: usize| Span { line, column: number(column + 1) };
        let gap = rest.iter().take_while(|byte| ends_name(**byte)).count();
        let directive = Word { text: name, span: at(indent.len()) };
        let rest = Word { text: rest.get(gap..)?, span: at(indent.len() + name.len() + gap) };
        Some(Physical::Line(Line { directive, rest }))
    })
}

/// The values of an option directive: split at blanks and commas.
#[must_use]
pub fn values<'a>(rest: &Word<'a>) -> Vec<Word<'a>> {
    split(rest, value)
}

/// The words of a whole-line directive: split at blanks only.
#[must_use]
pub fn words<'a>(rest: &Word<'a>) -> Vec<Word<'a>> {
    split(rest, |input| (take_while(ends_name), take_till(ends_name)).parse(input))
}

/// A gap and a word.
type Piece<'a> = IResult<&'a [u8], (&'a [u8], &'a [u8])>;

fn split<'a>(rest: &Word<'a>, piece: impl Fn(&'a [u8]) -> Piece<'a>) -> Vec<Word<'a>> {
    let mut found = Vec::new();
    let mut input = rest.text;
    while let Ok((after, (_, text))) = piece(input) {
        if text.is_empty() {
            break;
        }
        let column = rest.text.len() - after.len() - text.len();
        let span = Span { line: rest.span.line, column: rest.span.column.saturating_add(number(column)) };
        found.push(Word { text, span });
        input = after;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<(String, u32, u32, String)> {
        lines(text.as_bytes())
            .map(|line| match line {
                Physical::Line(line) => {
                    (line.directive.lossy(), line.directive.span.line, line.directive.span.column, line.rest.lossy())
                }
                Physical::TooLong { span, length } => (format!("too long: {length}"), span.line, 0, String::new()),
            })
            .collect()
    }

    #[test]
    fn comments_begin_anywhere_and_empty_lines_say_nothing() {
        assert_eq!(
            names("# x\n\n  keepalive\t2 # two\r\nnode a#b\n"),
            [("keepalive".into(), 3, 3, "2".into()), ("node".into(), 4, 1, "a".into())]
        );
    }

    #[test]
    fn a_form_feed_before_a_directive_makes_it_unknown() {
        assert_eq!(names("\x0ckeepalive 1\n"), [("\x0ckeepalive".into(), 1, 1, "1".into())]);
        assert_eq!(names("keepalive\x0c1\n"), [("keepalive".into(), 1, 1, "1".into())]);
    }

    #[test]
    fn values_are_split_at_commas_and_words_are_not() {
        let rest = Word { text: b"a, b,,c d", span: Span { line: 4, column: 6 } };
        let found: Vec<_> = values(&rest).iter().map(|word| (word.lossy(), word.span.column)).collect();
        assert_eq!(found, [("a".into(), 6), ("b".into(), 9), ("c".into(), 12), ("d".into(), 14)]);
        assert_eq!(words(&rest).len(), 3);
    }

    #[test]
    fn a_line_of_5120_bytes_is_too_long() {
        assert_eq!(names(&"x".repeat(5119)).len(), 1);
        assert_eq!(names(&"#".repeat(5120)), [("too long: 5120".into(), 1, 0, String::new())]);
    }
}
