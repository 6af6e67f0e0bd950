//! Messages of local programs: classic text that scripts write into the FIFO.
//!
//! Observed on heartbeat 3.0.6: a line without `=` spoils its message, which is dropped with three log lines; text
//! outside of messages is ignored.

use crate::line::{Line, error, info, warn};
use cluster_protocol::framing::stream::{Limits, TextReader};
use cluster_protocol::framing::{Why, decode};
use cluster_protocol::message::Message;
use cluster_protocol::time::Mono;
use ha_sys::fifo::Fifo;
use std::os::fd::{AsFd, BorrowedFd};
use std::time::Duration;

/// How much is read at once, and at most per turn of the loop.
const CHUNK: usize = 65_536;

/// A message that was begun and not gone on with for so long is never finished: its script died.
const PATIENCE: Duration = Duration::from_secs(10);

/// The FIFO and what was read of an unfinished message.
#[derive(Debug)]
pub struct AdminFifo {
    fifo: Fifo,
    reader: TextReader,
    /// When something was read last.
    read_at: Mono,
}

impl AdminFifo {
    /// Nothing was read yet.
    #[must_use]
    pub fn new(fifo: Fifo) -> Self {
        Self { fifo, reader: TextReader::new(Limits::FIFO), read_at: Mono::default() }
    }

    /// Reads what was written: whole messages, or the lines that say why one was none.
    pub fn read(&mut self, now: Mono, buffer: &mut Vec<u8>) -> Vec<Result<Message, Vec<Line>>> {
        forget_stale(&mut self.reader, now.since(self.read_at));
        self.read_at = now;
        buffer.resize(CHUNK.max(buffer.len()), 0);
        let count = self.fifo.read(buffer).unwrap_or(0);
        self.feed(buffer.get(..count).unwrap_or_default())
    }

    fn feed(&mut self, bytes: &[u8]) -> Vec<Result<Message, Vec<Line>>> {
        parse(&mut self.reader, bytes)
    }
}

/// Throws away what a script left behind `silence` ago.
fn forget_stale(reader: &mut TextReader, silence: Duration) {
    if silence > PATIENCE && reader.is_unfinished() {
        reader.reset();
    }
}

fn parse(reader: &mut TextReader, bytes: &[u8]) -> Vec<Result<Message, Vec<Line>>> {
    let decoded = |block: Vec<u8>| {
        decode(&block).map_err(|failure| {
            let rest = block.get(failure.at..).unwrap_or_default();
            let line =
                String::from_utf8_lossy(rest.split(|byte| *byte == b'\n').next().unwrap_or_default()).into_owned();
            complaint(failure.why, &line)
        })
    };
    reader.feed(bytes).into_iter().map(decoded).collect()
}

fn complaint(why: Why, line: &str) -> Vec<Line> {
    let first = match why {
        Why::NoEquals => warn("ha_msg_add_nv_depth: line doesn't contain '='"),
        other => warn(format!("Malformed message in FIFO: {other}")),
    };
    // The original logs the line with its line feed.
    vec![first, info(format!("{line}\n")), error(format!("NV failure (msgfromsteam): [{line}\n]"))]
}

impl AsFd for AdminFifo {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fifo.as_fd()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_messages_come_out_and_text_around_them_does_not() {
        let mut reader = TextReader::new(Limits::FIFO);
        assert!(parse(&mut reader, b"junk\n>>>\nt=hb_takeover\nrsc_hold=").is_empty());
        let messages = parse(&mut reader, b"all\n<<<\nmore junk\n");
        let message = messages[0].as_ref().unwrap();
        assert_eq!((message.kind(), message.str("rsc_hold"), messages.len()), (&b"hb_takeover"[..], Some("all"), 1));
    }

    #[test]
    fn half_a_message_of_a_script_that_died_does_not_spoil_the_next_one() {
        let whole = |silence| {
            let mut reader = TextReader::new(Limits::FIFO);
            parse(&mut reader, b">>>\nt=hb_takeover\n");
            forget_stale(&mut reader, silence);
            parse(&mut reader, b"rsc_hold=all\n<<<\n").len()
        };
        assert_eq!((whole(PATIENCE), whole(PATIENCE + Duration::from_millis(1))), (1, 0));
    }

    #[test]
    fn a_line_without_equals_sign_spoils_its_message_with_the_original_s_words() {
        let mut reader = TextReader::new(Limits::FIFO);
        let lines = parse(&mut reader, b">>>\nt=x\nfoobar\n<<<\n").remove(0).unwrap_err();
        let texts: Vec<_> = lines.iter().map(|(severity, text)| format!("{severity}: {text}")).collect();
        assert_eq!(
            texts,
            [
                "WARN: ha_msg_add_nv_depth: line doesn't contain '='",
                "info: foobar\n",
                "ERROR: NV failure (msgfromsteam): [foobar\n]"
            ]
        );
    }
}
