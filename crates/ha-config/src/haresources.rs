//! `haresources`: one line, one group of resources with the node that owns it.
//!
//! The daemon itself looks only at the first word of each line ([`nodes`]); the scripts read the rest ([`groups`]). The two
//! differ in how they see comments and continuations, as they do in the original.

use crate::lexer::{self, Span, Word};

/// A word with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Located {
    /// The word.
    pub text: String,
    /// Where it begins.
    pub span: Span,
}

/// A group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// The node, lower case.
    pub node: Located,
    /// Its resources from left to right, in the order of their start. The first is the group's key.
    pub resources: Vec<Located>,
}

/// The first words of the lines, as the daemon sees them: in a line that is continued only the first one counts, a
/// comment is a line that begins with `#`, and a comment does not continue.
pub fn nodes(text: &[u8]) -> Vec<Word<'_>> {
    let mut found = Vec::new();
    let mut continued = false;
    let last = lexer::numbered(text).count();
    for (index, (line, bytes)) in lexer::numbered(text).enumerate() {
        let was_continued = continued;
        let ended = index + 1 < last || text.ends_with(b"\n");
        continued = ended && bytes.ends_with(b"\\");
        if was_continued {
            continue;
        }
        let rest = Word { text: bytes, span: Span { line, column: 1 } };
        match lexer::words(&rest).first() {
            None => {}
            Some(word) if word.text.starts_with(b"#") => continued = false,
            Some(word) => found.push(*word),
        }
    }
    found
}

/// The groups, as the resource scripts see them, except that comments end continued lines too.
///
/// A comment goes from `#` to the end of the physical line and takes a backslash with it. Lines that end in a backslash,
/// with or without blanks after it, continue.
#[must_use]
pub fn groups(text: &[u8]) -> Vec<Group> {
    let mut found = Vec::new();
    let mut words: Vec<Located> = Vec::new();
    for (line, bytes) in lexer::numbered(text) {
        let bytes = bytes.split(|byte| *byte == b'#').next().unwrap_or_default().trim_ascii_end();
        let (bytes, continued) = match bytes.strip_suffix(b"\\") {
            Some(before) => (before, true),
            None => (bytes, false),
        };
        let rest = Word { text: bytes, span: Span { line, column: 1 } };
        words.extend(lexer::words(&rest).iter().map(|word| Located { text: word.lossy(), span: word.span }));
        if !continued {
            found.extend(group(std::mem::take(&mut words)));
        }
    }
    found.extend(group(words));
    found
}

fn group(words: Vec<Located>) -> Option<Group> {
    let mut words = words.into_iter();
    let first = words.next()?;
    Some(Group { node: Located { text: first.text.to_lowercase(), ..first }, resources: words.collect() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first_words(text: &str) -> Vec<String> {
        nodes(text.as_bytes()).iter().map(Word::lossy).collect()
    }

    fn shown(text: &str) -> Vec<String> {
        groups(text.as_bytes())
            .iter()
            .map(|group| {
                let resources: Vec<_> = group.resources.iter().map(|resource| resource.text.as_str()).collect();
                format!("{}: {}", group.node.text, resources.join(" "))
            })
            .collect()
    }

    #[test]
    fn a_continued_line_has_one_node() {
        let text = "Node1 a \\\n b\n# c \\\nnode2\tx # y\n";
        assert_eq!(first_words(text), ["Node1", "node2"]);
        assert_eq!(shown(text), ["node1: a b", "node2: x"]);
    }

    #[test]
    fn blanks_after_a_backslash_end_the_line_for_the_daemon_only() {
        let text = "node1 a \\ \nzeta b\n";
        assert_eq!(first_words(text), ["node1", "zeta"]);
        assert_eq!(shown(text), ["node1: a zeta b"]);
    }

    #[test]
    fn a_comment_in_a_continued_line_is_a_comment() {
        assert_eq!(shown("node1 a \\\n Q::c # tail\nnode2\n"), ["node1: a Q::c", "node2: "]);
    }

    #[test]
    fn places_are_those_of_the_physical_lines() {
        let found = groups(b"n a \\\n  b\n");
        assert_eq!(found[0].resources[1].span, Span { line: 2, column: 3 });
    }
}
