//! `-R`: command lines from standard input.
//!
//! Changes are collected and sent to the kernel together, but never later than the program would have to wait for more
//! input, so that whoever feeds it line by line sees each line take effect. Messages and the exit status are those of
//! one command after the other: a refused change is reported and the next line follows, a wrong line ends the run.

use crate::args::{self, Invocation, Reading};
use crate::failure::Failure;
use crate::messages;
use crate::rules_file;
use crate::session::Session;
use ipvs::Op;
use std::io::{self, IsTerminal, Read, Write};

/// How much is read at once; the changes in it form one batch.
const CHUNK: usize = 128 * 1024;

struct Restore<'s, 'n> {
    session: &'s mut Session<'n>,
    reading: Reading,
    pending: Vec<Op>,
    /// Exit status of the last line carried out.
    status: u8,
}

/// Carries out every line of `input`; returns the exit status.
///
/// # Errors
/// What ends the run early.
pub fn run(session: &mut Session<'_>, reading: Reading, mut input: impl Read) -> Result<u8, Failure> {
    let reading = Reading { nested: true, ..reading };
    let mut restore = Restore { session, reading, pending: Vec::new(), status: 0 };
    let mut data = Vec::with_capacity(CHUNK);
    loop {
        let start = data.len();
        data.resize(start + CHUNK, 0);
        let count = match input.read(data.get_mut(start..).unwrap_or_default()) {
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {
                data.truncate(start);
                continue;
            }
            // As the original: what cannot be read has ended.
            Err(_) => 0,
        };
        data.truncate(start + count);
        if count == 0 {
            let done = restore.line(&data)?;
            restore.flush()?;
            return Ok(done.unwrap_or(restore.status));
        }
        let Some(end) = data.iter().rposition(|byte| *byte == b'\n') else { continue };
        let (lines, _) = data.split_at_checked(end).unwrap_or_default();
        for line in lines.split(|byte| *byte == b'\n') {
            if let Some(status) = restore.line(line)? {
                return Ok(status);
            }
        }
        data.drain(..=end);
        restore.flush()?;
    }
}

impl Restore<'_, '_> {
    /// One line. `Some` ends the run with that status.
    fn line(&mut self, line: &[u8]) -> Result<Option<u8>, Failure> {
        let words = rules_file::words(line);
        if words.is_empty() {
            return Ok(None);
        }
        let texts: Vec<&[u8]> = words.iter().map(|word| word.text).collect();
        match args::parse(&texts, self.reading, self.session.names) {
            Ok(Invocation::Change(op)) => self.pending.push(op),
            Ok(invocation) => {
                self.flush()?;
                self.session.perform(&invocation)?;
                self.status = 0;
                if io::stdout().is_terminal() {
                    self.session.out.flush()?;
                }
                if matches!(invocation, Invocation::Help | Invocation::Version) {
                    return Ok(Some(0));
                }
            }
            Err(refusal) => {
                self.flush()?;
                if refusal.error.stops_restore() {
                    return Err(refusal.error.into());
                }
                self.session.out.before_error()?;
                complain(&messages::usage(&refusal.error, &self.session.program));
                self.status = refusal.error.status();
            }
        }
        Ok(None)
    }

    /// Sends the collected changes and reports those the kernel refused.
    fn flush(&mut self) -> Result<(), Failure> {
        if self.pending.is_empty() {
            return Ok(());
        }
        let failures = self.session.client.batch(&self.pending).map_err(Failure::Change)?;
        let last = self.pending.len() - 1;
        self.status = 0;
        let mut text = Vec::new();
        for failure in failures {
            let failed = Failure::Change(failure.error);
            text.extend_from_slice(&failed.message(&self.session.program));
            if failure.index == last {
                self.status = failed.status();
            }
        }
        self.pending.clear();
        if !text.is_empty() {
            self.session.out.before_error()?;
            complain(&text);
        }
        Ok(())
    }
}

/// Checks what `-R` would make of `content` without carrying anything out: prints what it would print of lines it cannot
/// read, and returns the status with which it would stop, if it would.
///
/// # Errors
/// The line that would stop it.
pub fn rehearse(content: &[u8], names: &dyn crate::names::Names, program: &[u8]) -> Result<(), Failure> {
    let reading = Reading { posixly_correct: false, nested: true };
    let mut skipped = Vec::new();
    for line in content.split(|byte| *byte == b'\n') {
        let words = rules_file::words(line);
        if words.is_empty() {
            continue;
        }
        let texts: Vec<&[u8]> = words.iter().map(|word| word.text).collect();
        match args::parse(&texts, reading, names) {
            Ok(Invocation::Help | Invocation::Version) => break,
            Ok(_) => {}
            Err(refusal) if refusal.error.stops_restore() => {
                complain(&skipped);
                return Err(refusal.error.into());
            }
            Err(refusal) => skipped.extend_from_slice(&messages::usage(&refusal.error, program)),
        }
    }
    Ok(())
}

/// Writes to standard error, where nothing can be done about a failure.
fn complain(text: &[u8]) {
    if !text.is_empty() {
        let _ = io::stderr().lock().write_all(text);
    }
}
