//! `authkeys`: which keys there are, and which one signs.
//!
//! Observed on heartbeat 3.0.6: the first word of a line decides, further words are ignored, `auth1` is `auth 1`, a key
//! counts from its line on, and a `#` is a comment only at the beginning of a line.

use crate::finding::Keys as Problem;
use crate::lexer::{self, Span};
use crate::value;
use cluster_protocol::auth::{AuthKeys, Key, Method};
use nom::bytes::complete::{tag, take_till, take_while, take_while1};
use nom::character::complete::one_of;
use nom::combinator::{opt, recognize};
use nom::{IResult, Parser as _};

/// What was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parsed {
    /// The keys; `None` if there is any problem.
    pub keys: Option<AuthKeys>,
    /// What is wrong, in the order of the original's messages.
    pub problems: Vec<(Option<Span>, Problem)>,
}

fn is_space(byte: u8) -> bool {
    byte.is_ascii_whitespace() || byte == 0x0b
}

fn integer(input: &[u8]) -> IResult<&[u8], i32> {
    let (rest, digits) = recognize((opt(one_of("+-")), take_while1(|byte: u8| byte.is_ascii_digit()))).parse(input)?;
    Ok((rest, value::lenient(&String::from_utf8_lossy(digits))))
}

fn word(input: &[u8]) -> IResult<&[u8], &[u8]> {
    let (rest, (_, word)) = (take_while(is_space), take_till(is_space)).parse(input)?;
    Ok((rest, word))
}

/// `auth`, optional blanks, a number.
fn auth_number(input: &[u8]) -> IResult<&[u8], i32> {
    let (rest, (_, _, number)) = (tag("auth".as_bytes()), take_while(is_space), integer).parse(input)?;
    Ok((rest, number))
}

/// A number, a method and a secret.
type KeyLine<'a> = (i32, &'a [u8], &'a [u8]);

/// A number, a method (which may be glued to it), and a key.
fn key_line(input: &[u8]) -> IResult<&[u8], KeyLine<'_>> {
    (integer, word, word).parse(input)
}

/// Reads the file's content.
#[must_use]
pub fn parse(text: &[u8]) -> Parsed {
    let mut reader = Reader { active: -1, ..Reader::default() };
    for (number, line) in lexer::numbered(text) {
        let indent = line.iter().take_while(|byte| is_space(**byte)).count();
        let column = u32::try_from(indent + 1).unwrap_or(u32::MAX);
        let body = line.get(indent..).unwrap_or_default();
        if !body.is_empty() && !body.starts_with(b"#") {
            reader.line(Span { line: number, column }, body, &shown(text, number, body));
        }
    }
    reader.finish()
}

/// The line as messages show it: with its line end, if it has one.
fn shown(text: &[u8], number: u32, body: &[u8]) -> String {
    let last = lexer::numbered(text).last().map(|(last, _)| last);
    let ended = last != Some(number) || text.ends_with(b"\n");
    let mut line = String::from_utf8_lossy(body).into_owned();
    if ended {
        line.push('\n');
    }
    line
}

#[derive(Default)]
struct Reader {
    active: i32,
    active_span: Option<Span>,
    /// A key with the number that was active at its line was found.
    found: bool,
    keys: Vec<Key>,
    /// The methods of the keys so far.
    used: Vec<Method>,
    problems: Vec<(Option<Span>, Problem)>,
}

impl Reader {
    fn problem(&mut self, span: Span, problem: Problem) {
        self.problems.push((Some(span), problem));
    }

    fn line(&mut self, span: Span, body: &[u8], shown: &str) {
        if body.starts_with(b"auth") {
            match auth_number(body) {
                Ok((_, number)) => {
                    self.active = number;
                    self.active_span = Some(span);
                }
                Err(_) => self.problem(span, Problem::BadAuth(shown.to_owned())),
            }
            return;
        }
        match key_line(body) {
            Ok((_, (number, method, secret))) if !method.is_empty() => self.key(span, number, method, secret),
            _ => self.problem(span, Problem::BadLine(shown.to_owned())),
        }
    }

    fn key(&mut self, span: Span, number: i32, name: &[u8], secret: &[u8]) {
        let Some(index) = u8::try_from(number).ok().filter(|index| *index < 16) else {
            return self.problem(span, Problem::BadNumber(number));
        };
        let method = match name {
            b"crc" => Method::Crc,
            b"md5" => Method::Md5,
            b"sha1" => Method::Sha1,
            _ => {
                let method = String::from_utf8_lossy(name).into_owned();
                return self.problem(span, Problem::BadMethod { method, used: self.used.len() });
            }
        };
        if method == Method::Crc && !secret.is_empty() {
            return self.problem(span, Problem::KeyNotWanted);
        }
        if method != Method::Crc && secret.is_empty() {
            return self.problem(span, Problem::KeyMissing(String::from_utf8_lossy(name).into_owned()));
        }
        if !self.used.contains(&method) {
            self.used.push(method);
        }
        self.found |= number == self.active;
        self.keys.retain(|key| key.index != index);
        self.keys.push(Key { index, method, secret: secret.to_vec() });
    }

    fn finish(mut self) -> Parsed {
        let active = u8::try_from(self.active).ok().filter(|active| self.keys.iter().any(|key| key.index == *active));
        if self.active < 0 {
            self.problems.push((None, Problem::NoAuth));
        } else if !self.found || active.is_none() {
            self.problems.push((self.active_span, Problem::NoKey(self.active)));
        }
        let keys = match active {
            Some(active) if self.problems.is_empty() => Some(AuthKeys { active, keys: self.keys }),
            _ => None,
        };
        Parsed { keys, problems: self.problems }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(text: &str) -> Vec<Problem> {
        parse(text.as_bytes()).problems.into_iter().map(|(_, problem)| problem).collect()
    }

    #[test]
    fn the_article_s_glued_number_is_understood() {
        let keys = parse(b"auth1\n1 sha1 9e43d13a84f2b9ea486516d709e748b5\n").keys.unwrap();
        assert_eq!((keys.active, keys.keys[0].method), (1, Method::Sha1));
        assert_eq!(keys.keys[0].secret, b"9e43d13a84f2b9ea486516d709e748b5");
    }

    #[test]
    fn only_the_first_words_of_a_line_count() {
        let keys = parse(b"  # c\nauth 1 2 # x\r\n1crc\n2 md5 foo#bar baz\n").keys.unwrap();
        assert_eq!(keys.keys[0].method, Method::Crc);
        assert_eq!(keys.keys[1].secret, b"foo#bar");
    }

    #[test]
    fn the_active_key_must_follow_its_auth_line_and_exist() {
        assert_eq!(problems("1 crc\nauth 1\n"), [Problem::NoKey(1)]);
        assert_eq!(problems("auth 1\n1 crc\n2 md5 x\nauth 2\n"), []);
        // The original starts with this and has no key to sign with.
        assert_eq!(problems("auth 1\n1 crc\nauth 2\n"), [Problem::NoKey(2)]);
        assert_eq!(problems(""), [Problem::NoAuth]);
    }

    #[test]
    fn every_bad_line_is_reported() {
        assert_eq!(
            problems("auth 1\n1 crc\nx\n16 crc\n2 rot13 x\n3 md5\n4 crc k"),
            [
                Problem::BadLine("x\n".into()),
                Problem::BadNumber(16),
                Problem::BadMethod { method: "rot13".into(), used: 1 },
                Problem::KeyMissing("md5".into()),
                Problem::KeyNotWanted,
            ]
        );
    }

    #[test]
    fn a_number_given_again_replaces_the_key() {
        let keys = parse(b"auth 1\n1 crc\n1 sha1 x\n").keys.unwrap();
        assert_eq!((keys.keys.len(), keys.keys[0].method), (1, Method::Sha1));
    }
}
