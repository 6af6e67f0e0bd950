//! The tree of `ha.cf`: directives in the order of the file, with their values, each with its place.

use crate::keys::{self, Key, Kind};
use crate::lexer::{self, Physical, Span, Word};

/// One line.
#[derive(Clone, Debug)]
pub enum Entry<'a> {
    /// A directive that we know.
    Directive {
        /// Which one.
        key: &'static Key,
        /// Where its name stands.
        span: Span,
        /// Its values.
        arguments: Arguments<'a>,
    },
    /// One that we do not know.
    Unknown(Word<'a>),
    /// A line that is too long to be read.
    TooLong {
        /// Its beginning.
        span: Span,
        /// Its length in bytes.
        length: usize,
    },
}

/// What follows a directive's name.
#[derive(Clone, Debug)]
pub enum Arguments<'a> {
    /// Values, each of which counts.
    Values(Vec<Word<'a>>),
    /// The rest of the line.
    Line(Word<'a>),
}

/// Reads the file. Nothing is fatal: what cannot be read is an entry too.
#[must_use]
pub fn parse(text: &[u8]) -> Vec<Entry<'_>> {
    lexer::lines(text)
        .map(|line| match line {
            Physical::TooLong { span, length } => Entry::TooLong { span, length },
            Physical::Line(line) => match keys::find(line.directive.text) {
                None => Entry::Unknown(line.directive),
                Some(key) => {
                    let arguments = match key.kind {
                        Kind::Values | Kind::MediumValues => Arguments::Values(lexer::values(&line.rest)),
                        Kind::Line | Kind::MediumLine => Arguments::Line(line.rest),
                    };
                    Entry::Directive { key, span: line.directive.span, arguments }
                }
            },
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_directive_is_read_in_its_way() {
        let tree = parse(b"node a,b c\nrespawn root /bin/x a,b\nkeepalive\nnonsense 1\n");
        let shown: Vec<String> = tree
            .iter()
            .map(|entry| match entry {
                Entry::Directive { key, arguments: Arguments::Values(values), .. } => {
                    format!("{}: {}", key.name, values.iter().map(Word::lossy).collect::<Vec<_>>().join("|"))
                }
                Entry::Directive { key, arguments: Arguments::Line(rest), .. } => {
                    format!("{}= {}", key.name, rest.lossy())
                }
                Entry::Unknown(word) => format!("? {}", word.lossy()),
                Entry::TooLong { length, .. } => length.to_string(),
            })
            .collect();
        assert_eq!(shown, ["node: a|b|c", "respawn= root /bin/x a,b", "keepalive: ", "? nonsense"]);
    }
}
