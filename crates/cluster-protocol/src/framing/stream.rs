//! Finds whole messages in a stream of bytes: a serial line, or the FIFO that scripts write to.
//!
//! The reader is fed with pieces of any size and returns the messages that became complete, as bytes for
//! [`decode`](super::decode) or [`packet::open`](crate::packet::open). Text outside of messages is skipped and counted.
//!
//! Scripts write a message to the FIFO in several pieces, so that two of them at once mix. With an original the messages
//! are lost then. Here a `>>>` inside of a message starts another one and suspends the first, and three rules sort the
//! lines, which hold as long as each script's lines between the markers come in one piece:
//!
//! | line | goes to |
//! |---|---|
//! | `t=…` although the newest message has a type already | the newest suspended message without a type, which becomes the newest |
//! | `<<<` | ends the newest message that has a field, else the newest |
//! | any other | the newest message |
//!
//! On a serial line a `>>>` inside of a message means that its end was lost: there, the first one is thrown away.

use super::{MAX_MESSAGE, classic, netstring};

/// What a medium allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Longest line in bytes, line feed included.
    pub line: usize,
    /// Longest message in bytes.
    pub block: usize,
    /// How many unfinished messages may wait while another one is read.
    pub suspended: usize,
    /// Whether netstring messages (without signature) are accepted beside classic text.
    pub netstrings: bool,
}

impl Limits {
    /// A serial line: classic text only, one message at a time. (Originals read lines of 512 bytes; we need not.)
    pub const SERIAL: Self = Self { line: 65_536, block: 65_536, suspended: 0, netstrings: false };
    /// The FIFO of the scripts.
    pub const FIFO: Self = Self { line: MAX_MESSAGE, block: MAX_MESSAGE, suspended: 3, netstrings: true };
}

/// What was thrown away since the reader was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Dropped {
    /// Bytes outside of messages.
    pub outside: u64,
    /// Messages whose end did not come.
    pub unfinished: u64,
    /// Lines or messages longer than allowed; the unfinished messages that went with them count as unfinished.
    pub too_long: u64,
    /// Netstring messages with a wrong length.
    pub netstrings: u64,
}

/// The reader. Its memory is bounded by the limits: one line and `suspended + 1` messages.
#[derive(Clone, Debug)]
pub struct TextReader {
    limits: Limits,
    state: State,
    /// The bytes of the unfinished line or netstring message.
    pending: Vec<u8>,
    /// Unfinished messages, the newest last.
    open: Vec<Block>,
    dropped: Dropped,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Line,
    /// Up to the next line feed, because the line is too long.
    Skip,
    /// A netstring message whose first so many bytes are whole fields.
    Netstring(usize),
}

#[derive(Clone, Debug, Default)]
struct Block {
    text: Vec<u8>,
    has_field: bool,
    has_type: bool,
}

impl TextReader {
    /// A reader that has seen nothing.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self { limits, state: State::Line, pending: Vec::new(), open: Vec::new(), dropped: Dropped::default() }
    }

    /// Takes the next piece of the stream and returns the messages that it completes, in the order of their ends.
    pub fn feed(&mut self, mut bytes: &[u8]) -> Vec<Vec<u8>> {
        let mut out = Vec::new();
        while !bytes.is_empty() {
            bytes = match self.state {
                State::Netstring(at) => self.feed_netstring(at, bytes, &mut out),
                State::Line | State::Skip => self.feed_line(bytes, &mut out),
            };
        }
        out
    }

    /// Forgets all that is unfinished. For a line that was silent for long: who wrote the beginning is not going to end it.
    pub fn reset(&mut self) {
        self.abandon();
        self.pending = Vec::new();
        self.state = State::Line;
    }

    /// Whether a message or line has begun and not ended.
    #[must_use]
    pub fn is_unfinished(&self) -> bool {
        !self.open.is_empty() || !self.pending.is_empty() || self.state != State::Line
    }

    /// How many bytes of unfinished messages and lines are held: at most a line and `suspended + 1` messages.
    #[must_use]
    pub fn held(&self) -> usize {
        self.pending.len() + self.open.iter().map(|block| block.text.len()).sum::<usize>()
    }

    /// What was thrown away so far.
    #[must_use]
    pub const fn dropped(&self) -> Dropped {
        self.dropped
    }

    /// Up to the end of the line, or all; returns the rest.
    fn feed_line<'a>(&mut self, bytes: &'a [u8], out: &mut Vec<Vec<u8>>) -> &'a [u8] {
        let end = bytes.iter().position(|byte| *byte == b'\n').map(|at| at + 1);
        let (piece, rest) = bytes.split_at_checked(end.unwrap_or(bytes.len())).unwrap_or((bytes, &[]));
        // No text has NULs in it, but they come from serial lines (a break) and behind messages of 2.1.x datagrams.
        self.pending.extend(piece.iter().filter(|byte| **byte != 0));
        if self.state == State::Line && self.pending.len() > self.limits.line {
            self.dropped.too_long += 1;
            self.abandon();
            self.state = State::Skip;
        }
        if self.state == State::Skip {
            self.dropped.outside += length(&self.pending);
            self.pending = Vec::new();
        }
        if end.is_some() {
            let line = std::mem::take(&mut self.pending);
            if self.state == State::Line {
                self.take_line(line, out);
            } else {
                self.state = State::Line;
            }
        }
        rest
    }

    fn take_line(&mut self, line: Vec<u8>, out: &mut Vec<Vec<u8>>) {
        if line == classic::HEADER {
            if self.open.len() > self.limits.suspended {
                self.open.remove(0);
                self.dropped.unfinished += 1;
            }
            self.open.push(Block { text: line, ..Block::default() });
        } else if self.limits.netstrings && line == netstring::HEADER {
            self.state = State::Netstring(line.len());
            self.pending = line;
        } else if line == classic::END {
            let which = self.open.iter().rposition(|block| block.has_field);
            match which.or(self.open.len().checked_sub(1)) {
                Some(which) => {
                    let mut text = self.open.remove(which).text;
                    text.extend_from_slice(&line);
                    out.push(text);
                }
                None => self.dropped.outside += length(&line),
            }
        } else {
            self.take_field(&line);
        }
    }

    fn take_field(&mut self, line: &[u8]) {
        let is_type = line.starts_with(b"t=");
        if is_type && self.open.last().is_some_and(|newest| newest.has_type) {
            if let Some(other) = self.open.iter().rposition(|block| !block.has_type) {
                let other = self.open.remove(other);
                self.open.push(other);
            }
        }
        let Some(block) = self.open.last_mut() else {
            self.dropped.outside += length(line);
            return;
        };
        if block.text.len() + line.len() + classic::END.len() > self.limits.block {
            // The rest of its lines must not get into a suspended one.
            self.dropped.too_long += 1;
            self.open.pop();
            self.abandon();
            return;
        }
        block.text.extend_from_slice(line);
        block.has_field |= line != b"\n";
        block.has_type |= is_type;
    }

    /// Up to the end of the field or of the message, or all; returns the rest.
    fn feed_netstring<'a>(&mut self, at: usize, bytes: &'a [u8], out: &mut Vec<Vec<u8>>) -> &'a [u8] {
        let wanted = wanted(self.pending.get(at..).unwrap_or_default());
        if wanted.is_none_or(|wanted| self.pending.len() + wanted > self.limits.block) {
            self.dropped.netstrings += 1;
            self.pending.clear();
            self.state = State::Line;
            return bytes;
        }
        let (piece, rest) = bytes.split_at_checked(wanted.unwrap_or_default()).unwrap_or((bytes, &[]));
        self.pending.extend_from_slice(piece);
        let tail = self.pending.get(at..).unwrap_or_default();
        if tail == netstring::END {
            out.push(std::mem::take(&mut self.pending));
            self.state = State::Line;
        } else if super::take_netstring(tail).is_some() {
            self.state = State::Netstring(self.pending.len());
        }
        rest
    }

    fn abandon(&mut self) {
        self.dropped.unfinished += u64::try_from(self.open.len()).unwrap_or(u64::MAX);
        self.open.clear();
    }
}

/// How many bytes must come at least to complete what stands behind the last whole field of a netstring message: the end
/// marker, a length, or the field. `None` if nothing can complete it.
fn wanted(tail: &[u8]) -> Option<usize> {
    if netstring::END.starts_with(tail) {
        return Some(1);
    }
    match super::take_length(tail) {
        // One more for the comma.
        Some((length, content)) => (length + 1).checked_sub(content.len()).filter(|wanted| *wanted > 0),
        None => (tail.len() <= 7 && tail.iter().all(u8::is_ascii_digit)).then_some(1),
    }
}

fn length(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fifo(pieces: &[&str]) -> (Vec<String>, Dropped) {
        read(Limits::FIFO, pieces)
    }

    fn read(limits: Limits, pieces: &[&str]) -> (Vec<String>, Dropped) {
        let mut reader = TextReader::new(limits);
        let blocks: Vec<Vec<u8>> = pieces.iter().flat_map(|piece| reader.feed(piece.as_bytes())).collect();
        (blocks.into_iter().map(|block| String::from_utf8(block).expect("text")).collect(), reader.dropped())
    }

    const A: &str = ">>>\nt=a\ni=1\n<<<\n";
    const B: &str = ">>>\nt=b\nj=2\n<<<\n";

    #[test]
    fn messages_are_found_however_the_stream_is_cut() {
        let netstring = "###\n6:(0)t=c,13:(1)n=%%%\n<<<\n,%%%\n";
        let stream = format!("noise\n{A}\0\n{netstring}{B}t=lost\n<<<\n");
        let expected =
            (vec![A.to_owned(), netstring.to_owned(), B.to_owned()], Dropped { outside: 18, ..Dropped::default() });
        assert_eq!(fifo(&[&stream]), expected);
        for cut in 0..stream.len() {
            let (before, after) = stream.split_at(cut);
            assert_eq!(fifo(&[before, after]), expected, "cut at {cut}");
        }
        let bytes: Vec<&str> = (0..stream.len()).map(|at| &stream[at..=at]).collect();
        assert_eq!(fifo(&bytes), expected);
    }

    #[test]
    fn two_scripts_that_write_at_once_lose_nothing() {
        // Every order of three pieces each, in which each script writes its own in order.
        let pieces = |text: &'static str| {
            let body = text.strip_prefix(">>>\n").and_then(|text| text.strip_suffix("<<<\n")).expect("markers");
            [">>>\n", body, "<<<\n"]
        };
        let (a, b) = (pieces(A), pieces(B));
        for order in 0..64_u32 {
            if order.count_ones() != 3 {
                continue;
            }
            let (mut from_a, mut from_b) = (a.iter(), b.iter());
            let mixed: Vec<&str> = (0..6)
                .filter_map(|index| if order >> index & 1 == 1 { from_a.next() } else { from_b.next() })
                .copied()
                .collect();
            let (mut blocks, dropped) = fifo(&mixed);
            blocks.sort();
            assert_eq!((blocks, dropped), (vec![A.to_owned(), B.to_owned()], Dropped::default()), "{mixed:?}");
        }
    }

    #[test]
    fn on_a_serial_line_a_new_message_replaces_an_unfinished_one() {
        let expected = vec![A.to_owned()];
        let unfinished = |unfinished, outside| Dropped { unfinished, outside, ..Dropped::default() };
        assert_eq!(read(Limits::SERIAL, &[">>>\nt=x\n", A, "i=1\n<<<\n"]), (expected.clone(), unfinished(1, 8)));
        assert_eq!(read(Limits::SERIAL, &["###\n6:(0)t=c,%%%\n", A]), (expected, unfinished(0, 17)));
    }

    #[test]
    fn only_so_many_messages_wait_and_the_oldest_is_given_up() {
        let (blocks, dropped) = fifo(&[&">>>\nt=x\n".repeat(10), A]);
        assert_eq!((blocks, dropped.unfinished), (vec![A.to_owned()], 7));
        let mut reader = TextReader::new(Limits::FIFO);
        assert!(!reader.is_unfinished());
        reader.feed(b">>>\nt=x\ny");
        assert!(reader.is_unfinished());
        reader.reset();
        assert!(!reader.is_unfinished());
        assert_eq!(reader.feed(A.as_bytes()), [A.as_bytes()]);
        assert_eq!((reader.dropped().unfinished, reader.is_unfinished()), (1, false));
    }

    #[test]
    fn what_is_too_long_is_thrown_away_and_reading_goes_on() {
        let limits = Limits { line: 20, block: 40, ..Limits::FIFO };
        let long = "x".repeat(100);
        // A long line, whole and in pieces, inside and outside.
        for pieces in [
            vec![format!(">>>\nt=x\nlong={long}\nrest=1\n<<<\n"), A.to_owned()],
            vec![format!(">>>\nt=x\nlong={long}"), long.clone(), format!("\nrest=1\n<<<\n{A}")],
            vec![long.clone(), long.clone(), format!("\n{A}")],
        ] {
            let pieces: Vec<&str> = pieces.iter().map(String::as_str).collect();
            let (blocks, dropped) = read(limits, &pieces);
            assert_eq!((blocks, dropped.too_long), (vec![A.to_owned()], 1), "{pieces:?}");
        }
        // Many short lines; the suspended message must not get the rest of them.
        let many = "a=1234567\n".repeat(8);
        let (blocks, dropped) = read(limits, &[">>>\nt=waits\n", &format!(">>>\n{many}<<<\n"), A]);
        assert_eq!((blocks, dropped.too_long, dropped.unfinished), (vec![A.to_owned()], 1, 1));
    }

    #[test]
    fn netstrings_with_wrong_lengths_are_thrown_away() {
        for bad in [
            "###\n7:(0)t=c,%%%\n\n",
            "###\nx\n",
            "###\n12345678:\n",
            "###\n9999999:\n",
            "###\n:\n",
            "###\n0:x\n",
            "###\n%%x\n",
            "###\n###\n",
        ] {
            let (blocks, dropped) = fifo(&[bad, A]);
            assert_eq!((blocks, dropped.netstrings), (vec![A.to_owned()], 1), "{bad:?}");
        }
    }
}
