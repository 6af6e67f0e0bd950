//! Splits a command line into options, values and plain arguments the way the popt library does.
//!
//! Scripts depend on its habits: letters cluster (`-Ln`), a value may be attached (`-swrr`, `-t=ADDR`), a value may begin
//! with `-`, options may follow plain arguments, long names cannot be abbreviated (observed with libpopt 1.19).

use crate::options::{self, Id, Value};

/// An option with its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Item<'a> {
    /// What it means.
    pub id: Id,
    /// Its value; `None` for flags and for an absent optional value.
    pub value: Option<&'a [u8]>,
    /// The argument read last, the option's or its value's, for messages.
    pub token: &'a [u8],
}

/// Why an argument is no option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    /// No such name or letter.
    Unknown,
    /// A value is needed and the command line ends.
    MissingValue,
    /// A value was attached to a flag.
    UnwantedValue,
}

/// An argument that is no option, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bad<'a> {
    /// The whole argument.
    pub token: &'a [u8],
    /// What is wrong.
    pub problem: Problem,
}

/// Reads arguments one option at a time; plain arguments collect in [`Lexer::plain`].
#[derive(Debug)]
pub struct Lexer<'a> {
    arguments: std::slice::Iter<'a, &'a [u8]>,
    total: usize,
    token: &'a [u8],
    cluster: &'a [u8],
    only_plain: bool,
    posixly_correct: bool,
    plain: Vec<&'a [u8]>,
}

impl<'a> Lexer<'a> {
    /// Starts reading. With `posixly_correct` the first plain argument ends the options.
    #[must_use]
    pub fn new(arguments: &'a [&'a [u8]], posixly_correct: bool) -> Self {
        Self {
            arguments: arguments.iter(),
            total: arguments.len(),
            token: &[],
            cluster: &[],
            only_plain: false,
            posixly_correct,
            plain: Vec::new(),
        }
    }

    /// The plain arguments seen so far; all of them once [`Lexer::next`] has returned `None`.
    #[must_use]
    pub fn plain(&self) -> &[&'a [u8]] {
        &self.plain
    }

    /// How many arguments have been read.
    #[must_use]
    pub fn consumed(&self) -> usize {
        self.total - self.arguments.len()
    }

    /// The next option, or `None` at the end.
    ///
    /// # Errors
    /// [`Bad`] for what is no option. Reading must stop then.
    #[expect(clippy::should_implement_trait, reason = "an iterator would invite going on after an error")]
    pub fn next(&mut self) -> Result<Option<Item<'a>>, Bad<'a>> {
        if self.cluster.is_empty() {
            loop {
                let Some(&argument) = self.arguments.next() else { return Ok(None) };
                self.token = argument;
                match argument {
                    _ if self.only_plain => self.plain.push(argument),
                    b"--" => self.only_plain = true,
                    [b'-', b'-', name @ ..] => return self.long(name).map(Some),
                    [b'-', letters @ ..] if !letters.is_empty() => {
                        self.cluster = letters;
                        break;
                    }
                    _ => {
                        self.plain.push(argument);
                        self.only_plain = self.posixly_correct;
                    }
                }
            }
        }
        self.letter().map(Some)
    }

    fn letter(&mut self) -> Result<Item<'a>, Bad<'a>> {
        let Some((&letter, rest)) = self.cluster.split_first() else { return Err(self.bad(Problem::Unknown)) };
        let &(_, _, value, id) = options::by_letter(letter).ok_or_else(|| self.bad(Problem::Unknown))?;
        if value == Value::None {
            if rest.starts_with(b"=") {
                return Err(self.bad(Problem::UnwantedValue));
            }
            self.cluster = rest;
            return Ok(Item { id, value: None, token: self.token });
        }
        self.cluster = &[];
        let attached = match rest {
            [] => None,
            // QUIRK: one '=' behind the letter is dropped.
            [b'=', value @ ..] => Some(value),
            value => Some(value),
        };
        self.with_value(id, value, attached)
    }

    fn long(&mut self, argument: &'a [u8]) -> Result<Item<'a>, Bad<'a>> {
        let mut halves = argument.splitn(2, |byte| *byte == b'=');
        let name = halves.next().unwrap_or_default();
        let attached = halves.next();
        let &(_, _, value, id) = options::by_name(name).ok_or_else(|| self.bad(Problem::Unknown))?;
        if value == Value::None {
            return match attached {
                Some(_) => Err(self.bad(Problem::UnwantedValue)),
                None => Ok(Item { id, value: None, token: self.token }),
            };
        }
        self.with_value(id, value, attached)
    }

    fn with_value(&mut self, id: Id, kind: Value, attached: Option<&'a [u8]>) -> Result<Item<'a>, Bad<'a>> {
        if attached.is_some() {
            return Ok(Item { id, value: attached, token: self.token });
        }
        let next = self.arguments.as_slice().first().copied();
        let value = match (kind, next) {
            (Value::Optional, Some(argument)) if argument.starts_with(b"-") => None,
            (Value::Optional, None) => None,
            (_, None) => return Err(self.bad(Problem::MissingValue)),
            (_, Some(argument)) => {
                self.arguments.next();
                self.token = argument;
                Some(argument)
            }
        };
        // QUIRK: a message about this option names its value if that is an argument of its own.
        Ok(Item { id, value, token: self.token })
    }

    fn bad(&self, problem: Problem) -> Bad<'a> {
        Bad { token: self.token, problem }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::options::{Command, Opt};

    /// Reads a whole line: options in a readable form, then what ended it.
    fn read(line: &[&str], posixly_correct: bool) -> (Vec<String>, Vec<String>, Option<(String, Problem)>) {
        let bytes: Vec<&[u8]> = line.iter().map(|word| word.as_bytes()).collect();
        let mut lexer = Lexer::new(&bytes, posixly_correct);
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let mut options = Vec::new();
        let end = loop {
            match lexer.next() {
                Ok(Some(item)) => {
                    options.push(match (item.id, item.value) {
                        (Id::Command(command), None) => command.name().to_owned(),
                        (Id::Plain(opt), None) => opt.name().to_owned(),
                        (Id::Plain(opt), Some(value)) => format!("{}={}", opt.name(), text(value)),
                        (id, Some(value)) => format!("{id:?}={}", text(value)),
                        (id, None) => format!("{id:?}"),
                    });
                }
                Ok(None) => break None,
                Err(bad) => break Some((text(bad.token), bad.problem)),
            }
        };
        (options, lexer.plain().iter().map(|word| text(word)).collect(), end)
    }

    #[test]
    fn letters_cluster_and_a_value_takes_the_rest_of_the_cluster() {
        assert_eq!(read(&["-Ln"], false).0, ["list", "numeric"]);
        assert_eq!(read(&["-At10.0.0.1:80", "-swrr"], false).0, ["add-service", "Tcp=10.0.0.1:80", "scheduler=wrr"]);
        assert_eq!(read(&["-mw5"], false).0, ["Masquerading", "weight=5"]);
        assert_eq!(read(&["-list"], false).0, ["list", "Ipip", "scheduler=t"]);
    }

    #[test]
    fn one_equals_sign_behind_a_letter_is_dropped() {
        assert_eq!(read(&["-s=rr"], false).0, ["scheduler=rr"]);
        assert_eq!(read(&["-s==rr"], false).0, ["scheduler==rr"]);
        assert_eq!(read(&["-s="], false).0, ["scheduler="]);
    }

    #[test]
    fn a_required_value_is_taken_whatever_it_looks_like() {
        assert_eq!(read(&["-w", "-1"], false).0, ["weight=-1"]);
        assert_eq!(read(&["--weight", "--"], false).0, ["weight=--"]);
        assert_eq!(read(&["-w"], false).2, Some(("-w".into(), Problem::MissingValue)));
    }

    #[test]
    fn an_optional_value_is_not_taken_if_it_looks_like_an_option() {
        assert_eq!(read(&["-p", "-s", "rr"], false).0, ["persistent", "scheduler=rr"]);
        assert_eq!(read(&["-p", "5"], false).0, ["persistent=5"]);
        assert_eq!(read(&["-p"], false).0, ["persistent"]);
        assert_eq!(read(&["-p", ""], false).0, ["persistent="]);
        assert_eq!(read(&["-p", "-"], false), (vec!["persistent".into()], vec!["-".into()], None));
        assert_eq!(read(&["-ps", "rr"], false).0, ["persistent=s"]);
    }

    #[test]
    fn flags_take_no_value() {
        assert_eq!(read(&["-Lnc=1"], false).2, Some(("-Lnc=1".into(), Problem::UnwantedValue)));
        assert_eq!(read(&["--numeric="], false).2, Some(("--numeric=".into(), Problem::UnwantedValue)));
    }

    #[test]
    fn unknown_options_are_reported_with_their_whole_argument() {
        assert_eq!(
            read(&["-LnQ"], false),
            (
                vec![Command::List.name().into(), Opt::Numeric.name().into()],
                vec![],
                Some(("-LnQ".into(), Problem::Unknown))
            )
        );
        assert_eq!(read(&["--lis"], false).2, Some(("--lis".into(), Problem::Unknown)));
        assert_eq!(read(&["--=x"], false).2, Some(("--=x".into(), Problem::Unknown)));
    }

    #[test]
    fn plain_arguments_collect_and_a_double_dash_ends_options() {
        assert_eq!(read(&["foo", "-L", "bar", "--", "-n", "-"], false).1, ["foo", "bar", "-n", "-"]);
        assert_eq!(read(&["-L", "-", ""], false).1, ["-", ""]);
        assert_eq!(read(&["-L", "foo", "-n"], true), (vec!["list".into()], vec!["foo".into(), "-n".into()], None));
    }
}
