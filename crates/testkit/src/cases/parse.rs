//! Reads a file of cases. Errors name the line.

use super::{Case, CaseFile, Deviation, Exit};

/// What is wrong with a file of cases, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParseError {
    /// Line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub problem: String,
}

impl std::fmt::Display for ParseError {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "line {}: {}", self.line, self.problem)
    }
}

impl std::error::Error for ParseError {}

/// Whether blocks may lack what the original did, because it is about to be recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Drafts {
    /// Every block must be complete.
    Refused,
    /// A block may end after `run` or `after`.
    Accepted,
}

/// Reads the text of one file.
///
/// # Errors
///
/// The first line that does not belong, or a block that lacks something.
pub fn parse(text: &str, drafts: Drafts) -> Result<CaseFile, ParseError> {
    let mut reader = Reader { lines: text.split('\n').collect(), next: 0, drafts };
    if reader.lines.last() == Some(&"") {
        reader.lines.pop();
    }
    let mut file = CaseFile { head: reader.comments(), cases: Vec::new() };
    while let Some(line) = reader.peek() {
        if line.is_empty() {
            reader.next += 1;
            continue;
        }
        let case = reader.block()?;
        if file.cases.iter().any(|other| other.name == case.name) {
            return Err(ParseError { line: case.line, problem: format!("case {} exists already", case.name) });
        }
        file.cases.push(case);
    }
    Ok(file)
}

struct Reader<'a> {
    lines: Vec<&'a str>,
    next: usize,
    drafts: Drafts,
}

impl<'a> Reader<'a> {
    fn peek(&self) -> Option<&'a str> {
        self.lines.get(self.next).copied()
    }

    fn error<T>(&self, problem: impl Into<String>) -> Result<T, ParseError> {
        Err(ParseError { line: self.next + 1, problem: problem.into() })
    }

    /// The value of the next line if its key is `key`.
    fn take(&mut self, key: &str) -> Option<String> {
        let line = self.peek()?;
        let value = if line == key { "" } else { line.strip_prefix(key)?.strip_prefix(' ')? };
        self.next += 1;
        Some(value.to_owned())
    }

    fn take_all(&mut self, key: &str) -> Vec<String> {
        std::iter::from_fn(|| self.take(key)).collect()
    }

    fn comments(&mut self) -> Vec<String> {
        let from = self.next;
        while self.peek().is_some_and(|line| line.starts_with('#')) {
            self.next += 1;
        }
        self.lines.iter().take(self.next).skip(from).map(|line| (*line).to_owned()).collect()
    }

    /// Content lines up to the next key.
    fn content(&mut self) -> Result<String, ParseError> {
        let mut text = String::new();
        while let Some(line) = self.peek() {
            if let Some(full) = line.strip_prefix('|') {
                text.push_str(full);
                text.push('\n');
            } else if let Some(last) = line.strip_prefix('\\') {
                text.push_str(last);
                self.next += 1;
                if self.peek().is_some_and(|line| line.starts_with(['|', '\\'])) {
                    return self.error("content after a line without a newline");
                }
                break;
            } else {
                break;
            }
            self.next += 1;
        }
        Ok(text)
    }

    fn content_of(&mut self, key: &str) -> Result<Option<String>, ParseError> {
        match self.take(key) {
            None => Ok(None),
            Some(rest) if rest.is_empty() => self.content().map(Some),
            Some(_) => {
                self.next -= 1;
                self.error(format!("nothing may follow `{key}` on its line"))
            }
        }
    }

    fn exit(&mut self, key: &str) -> Result<Option<Exit>, ParseError> {
        let Some(value) = self.take(key) else { return Ok(None) };
        let number = value.strip_prefix("signal ").unwrap_or(&value).parse();
        match (number, value.starts_with("signal ")) {
            (Ok(signal), true) => Ok(Some(Exit::Signal(signal))),
            (Ok(code), false) => Ok(Some(Exit::Code(code))),
            (Err(_), _) => {
                self.next -= 1;
                self.error(format!("`{value}` is no exit status"))
            }
        }
    }

    fn block(&mut self) -> Result<Case, ParseError> {
        let line = self.next + 1;
        let Some(name) = self.take("case").filter(|name| !name.is_empty()) else {
            return self.error("a block starts with `case NAME`");
        };
        let mut case = Case { name, line, notes: self.comments(), ..Case::default() };
        case.tags = self.take_all("tag");
        case.setup = self.take_all("setup");
        case.stdin = self.content_of("stdin")?;
        case.connfile = self.content_of("connfile")?;
        case.inject = self.inject()?;
        let Some(run) = self.take("run") else { return self.error("expected `run COMMAND`") };
        case.run = run;
        if !self.recorded(&mut case)? && self.drafts == Drafts::Refused {
            return self.error("expected `exit STATUS`: the block was never recorded");
        }
        case.deviation = self.deviation(&case)?;
        match self.take("end") {
            Some(_) => Ok(case),
            None => self.error("expected another key of the block, or `end`"),
        }
    }

    fn inject(&mut self) -> Result<Option<Vec<u64>>, ParseError> {
        let Some(value) = self.take("inject") else { return Ok(None) };
        match value.split(',').map(str::parse).collect::<Result<Vec<u64>, _>>() {
            Ok(counters) if counters.len() == 10 => Ok(Some(counters)),
            _ => {
                self.next -= 1;
                self.error("expected ten numbers")
            }
        }
    }

    /// What the original did; false if nothing of it is there.
    fn recorded(&mut self, case: &mut Case) -> Result<bool, ParseError> {
        let Some(exit) = self.exit("exit")? else {
            case.after = self.take("after");
            return Ok(false);
        };
        case.recorded.exit = exit;
        match (self.content_of("stdout")?, self.content_of("stderr")?) {
            (Some(stdout), Some(stderr)) => (case.recorded.stdout, case.recorded.stderr) = (stdout, stderr),
            _ => return self.error("expected `stdout` and then `stderr`"),
        }
        case.after = self.take("after");
        if case.after.is_some() {
            match self.content_of("stdout")? {
                Some(stdout) => case.recorded.after = stdout,
                None => return self.error("expected the `stdout` of the command afterwards"),
            }
        }
        Ok(true)
    }

    fn deviation(&mut self, case: &Case) -> Result<Option<Deviation>, ParseError> {
        let Some(name) = self.take("deviation") else { return Ok(None) };
        let deviation = Deviation {
            name,
            exit: self.exit("ours-exit")?,
            stdout: self.content_of("ours-stdout")?,
            stderr: self.content_of("ours-stderr")?,
            after: self.content_of("ours-after")?,
        };
        let differs = Case { deviation: Some(deviation.clone()), ..case.clone() };
        if differs.expected(super::Whose::Ours) == case.recorded {
            return self.error("the deviation does not differ from what was recorded");
        }
        Ok(Some(deviation))
    }
}

#[cfg(test)]
#[path = "parse_tests.rs"]
mod tests;
