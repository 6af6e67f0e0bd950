//! Reads and writes files of recorded configurations; what is read is written back byte for byte.

use anyhow::{Context as _, Result, bail, ensure};
use std::fmt::Write as _;
use std::path::Path;

use super::{Case, CaseFile, Deviation, Expected, Placed};

/// Reads a file. Blocks without `exit` are drafts.
///
/// # Errors
///
/// The first line that does not belong, with its number.
pub fn read(path: &Path) -> Result<CaseFile> {
    let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
    parse(&text).with_context(|| path.display().to_string())
}

/// Reads the text of a file.
///
/// # Errors
///
/// The first line that does not belong, with its number.
pub fn parse(text: &str) -> Result<CaseFile> {
    let mut lines: Vec<&str> = text.split('\n').collect();
    if lines.last() == Some(&"") {
        lines.pop();
    }
    let mut reader = Reader { lines, next: 0 };
    let mut file = CaseFile { head: reader.comments(), cases: Vec::new() };
    while let Some(line) = reader.peek() {
        if line.is_empty() {
            reader.next += 1;
            continue;
        }
        let case = reader.block().with_context(|| format!("line {}", reader.next + 1))?;
        ensure!(!file.cases.iter().any(|other| other.name == case.name), "case {} exists already", case.name);
        file.cases.push(case);
    }
    Ok(file)
}

struct Reader<'a> {
    lines: Vec<&'a str>,
    next: usize,
}

impl<'a> Reader<'a> {
    fn peek(&self) -> Option<&'a str> {
        self.lines.get(self.next).copied()
    }

    fn take(&mut self, key: &str) -> Option<&'a str> {
        let line = self.peek()?;
        let value = if line == key { "" } else { line.strip_prefix(key)?.strip_prefix(' ')? };
        self.next += 1;
        Some(value)
    }

    fn comments(&mut self) -> Vec<String> {
        let mut comments = Vec::new();
        while let Some(line) = self.peek().filter(|line| line.starts_with('#')) {
            comments.push(line.to_owned());
            self.next += 1;
        }
        comments
    }

    fn content(&mut self) -> String {
        let mut text = String::new();
        while let Some(line) = self.peek() {
            if let Some(full) = line.strip_prefix('|') {
                text.push_str(full);
                text.push('\n');
            } else if let Some(last) = line.strip_prefix('\\') {
                text.push_str(last);
            } else {
                break;
            }
            self.next += 1;
        }
        text
    }

    fn content_of(&mut self, key: &str) -> Option<String> {
        self.take(key).map(|_| self.content())
    }

    fn logs(&mut self, key: &str) -> Vec<(String, String)> {
        let mut logs = Vec::new();
        while let Some(path) = self.take(key) {
            logs.push((path.to_owned(), self.content()));
        }
        logs
    }

    fn block(&mut self) -> Result<Case> {
        let line = self.next + 1;
        let name = self.take("case").context("a block starts with `case NAME`")?.to_owned();
        let mut case = Case { name, line, notes: self.comments(), ..Case::default() };
        case.uname = self.take("uname").map(str::to_owned);
        case.user = self.take("user").map(str::to_owned);
        case.args = self.take("args").unwrap_or_default().split_whitespace().map(str::to_owned).collect();
        case.before = self.content_of("before");
        case.after = self.content_of("after");
        while let Some(head) = self.take("file") {
            let (path, mode) = head.split_once(' ').unwrap_or((head, "644"));
            let mode = u32::from_str_radix(mode, 8).with_context(|| format!("{mode}: no mode"))?;
            case.files.push(Placed { path: path.to_owned(), mode, content: self.content() });
        }
        while let Some(path) = self.take("without") {
            case.without.push(path.to_owned());
        }
        if let Some(exit) = self.take("exit") {
            let exit = exit.parse().with_context(|| format!("{exit}: no exit status"))?;
            let stdout = self.content_of("stdout").unwrap_or_default();
            let stderr = self.content_of("stderr").context("expected `stderr`")?;
            case.recorded = Some(Expected { exit, stdout, stderr, logs: self.logs("log") });
        }
        case.deviation = self.deviation()?;
        if self.take("end").is_none() {
            bail!("expected another key of the block, or `end`");
        }
        Ok(case)
    }

    fn deviation(&mut self) -> Result<Option<Deviation>> {
        let Some(name) = self.take("deviation") else { return Ok(None) };
        let exit = match self.take("ours-exit") {
            Some(exit) => Some(exit.parse().with_context(|| format!("{exit}: no exit status"))?),
            None => None,
        };
        let stderr = self.content_of("ours-stderr");
        let logs = self.logs("ours-log");
        let logs = if logs.is_empty() { None } else { Some(logs) };
        Ok(Some(Deviation { name: name.to_owned(), exit, stderr, logs }))
    }
}

/// Writes a file of cases.
pub fn render(file: &CaseFile) -> String {
    let mut text = String::new();
    for line in &file.head {
        let _ = writeln!(text, "{line}");
    }
    for case in &file.cases {
        text.push('\n');
        block(&mut text, case);
    }
    text
}

fn block(text: &mut String, case: &Case) {
    let _ = writeln!(text, "case {}", case.name);
    for note in &case.notes {
        let _ = writeln!(text, "{note}");
    }
    for (key, value) in [("uname", &case.uname), ("user", &case.user)] {
        if let Some(value) = value {
            let _ = writeln!(text, "{key} {value}");
        }
    }
    if !case.args.is_empty() {
        let _ = writeln!(text, "args {}", case.args.join(" "));
    }
    for (key, value) in [("before", &case.before), ("after", &case.after)] {
        if let Some(value) = value {
            content(text, key, value);
        }
    }
    for file in &case.files {
        let mode = if file.mode == 0o644 { String::new() } else { format!(" {:o}", file.mode) };
        content(text, &format!("file {}{mode}", file.path), &file.content);
    }
    for path in &case.without {
        let _ = writeln!(text, "without {path}");
    }
    if let Some(recorded) = &case.recorded {
        let _ = writeln!(text, "exit {}", recorded.exit);
        if !recorded.stdout.is_empty() {
            content(text, "stdout", &recorded.stdout);
        }
        content(text, "stderr", &recorded.stderr);
        for (path, log) in &recorded.logs {
            content(text, &format!("log {path}"), log);
        }
    }
    if let Some(deviation) = &case.deviation {
        let _ = writeln!(text, "deviation {}", deviation.name);
        if let Some(exit) = deviation.exit {
            let _ = writeln!(text, "ours-exit {exit}");
        }
        if let Some(stderr) = &deviation.stderr {
            content(text, "ours-stderr", stderr);
        }
        for (path, log) in deviation.logs.iter().flatten() {
            content(text, &format!("ours-log {path}"), log);
        }
    }
    text.push_str("end\n");
}

fn content(text: &mut String, key: &str, value: &str) {
    let _ = writeln!(text, "{key}");
    for line in value.split_inclusive('\n') {
        let _ = match line.strip_suffix('\n') {
            Some(full) => writeln!(text, "|{full}"),
            None => writeln!(text, "\\{line}"),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# Head\n\ncase one\n# note\nuname Node1\nargs -v -M\nbefore\n|udpport 1\nfile authkeys 640\n|auth 1\n\
        \\1 crc\nwithout haresources\nexit 6\nstderr\n|@ERROR: x\nlog /var/log/a\n|@ERROR: x\ndeviation some-name\n\
        ours-exit 0\nours-stderr\nend\n\ncase two\nend\n";

    #[test]
    fn a_file_is_written_back_as_it_was_read() {
        let file = parse(TEXT).unwrap();
        assert_eq!(file.cases[0].files[0].content, "auth 1\n1 crc");
        assert_eq!(file.cases[0].expected_of_ours().unwrap().exit, 0);
        assert_eq!(render(&file), TEXT);
    }

    #[test]
    fn a_key_that_does_not_belong_is_refused_with_its_line() {
        let error = format!("{:#}", parse("# Head\n\ncase one\nexit 6\nstdrr\nend\n").unwrap_err());
        assert_eq!(error, "line 5: expected `stderr`");
    }
}
