//! One generated command line with all it depends on.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::path::Path;

use super::command::Kind;
use crate::lab::process::{Program, Streams};
use crate::text::{quote, quote_all};

/// One run of `ipvsadm`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The name it is called by.
    pub name: OsString,
    /// Its arguments.
    pub args: Vec<OsString>,
    /// Its standard input; the null device if absent.
    pub stdin: Option<Vec<u8>>,
    /// A pretended connection table.
    pub connections: Option<String>,
    /// Whether the variable `POSIXLY_CORRECT` is set.
    pub posixly_correct: bool,
    /// Where its output goes.
    pub streams: Streams,
    /// What it was meant to be, before any damage.
    pub kind: Kind,
}

impl Default for Line {
    fn default() -> Self {
        Self {
            name: "ipvsadm".into(),
            args: Vec::new(),
            stdin: None,
            connections: None,
            posixly_correct: false,
            streams: Streams::default(),
            kind: Kind::Nothing,
        }
    }
}

impl Line {
    /// The line as a program to run, by the program at `path`.
    pub fn program(&self, path: &Path) -> Program {
        let mut program = Program::new(path).args(self.args.iter().cloned());
        program.name = self.name.clone();
        program.stdin = self.stdin.clone();
        program.streams = self.streams;
        if self.posixly_correct {
            program.variables.push(("POSIXLY_CORRECT".into(), "1".into()));
        }
        program
    }

    /// The line for a shell (bash), so that a person can repeat it.
    pub fn shell(&self) -> String {
        let mut text = String::new();
        if self.posixly_correct {
            text.push_str("POSIXLY_CORRECT=1 ");
        }
        if self.name == "ipvsadm" {
            text.push_str("ipvsadm");
        } else {
            let _ = write!(text, "(exec -a {} ipvsadm)", quote(&self.name));
        }
        if !self.args.is_empty() {
            let _ = write!(text, " {}", quote_all(&self.args));
        }
        if let Some(stdin) = &self.stdin {
            let escaped: String =
                stdin.iter().flat_map(|byte| std::ascii::escape_default(*byte)).map(char::from).collect();
            let _ = write!(text, " <<<$'{escaped}'");
        }
        if self.streams == Streams::Merged {
            text.push_str(" 2>&1");
        }
        if let Some(connections) = &self.connections {
            let _ = write!(text, "  # with this /proc/net/ip_vs_conn: {connections:?}");
        }
        text
    }

    /// The words of the line itself and of each line of its standard input.
    pub fn word_lists(&self) -> Vec<Vec<String>> {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let mut lists = vec![self.args.iter().map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>()];
        for line in self.stdin.iter().flat_map(|stdin| stdin.split(|byte| *byte == b'\n')) {
            let words = line.split(|byte| b" \t\r".contains(byte)).filter(|word| !word.is_empty());
            lists.push(words.filter(|word| *word != b"ipvsadm").map(text).collect());
        }
        lists
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_shown_so_that_it_can_be_repeated() {
        let line = Line {
            args: vec!["-R".into()],
            stdin: Some(b"-C\n".to_vec()),
            posixly_correct: true,
            streams: Streams::Merged,
            ..Line::default()
        };
        assert_eq!(line.shell(), "POSIXLY_CORRECT=1 ipvsadm -R <<<$'-C\\n' 2>&1");
    }

    #[test]
    fn restore_lines_are_split_as_the_original_splits_them() {
        let line = Line { stdin: Some(b"ipvsadm -A\t-f 1\r\n\n".to_vec()), ..Line::default() };
        assert_eq!(line.word_lists(), [vec![], vec!["-A".to_owned(), "-f".into(), "1".into()], vec![], vec![]]);
    }
}
