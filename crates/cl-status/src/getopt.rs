//! Options as the C library's `getopt` finds them: single letters, together or apart, before and behind operands.

/// What was found, in its order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Found {
    /// A known option without argument.
    Flag(char),
    /// A known option with its argument.
    Value(char, String),
    /// Something wrong; the text is the C library's, without the program's name.
    Wrong(String),
}

/// Options and operands of a command line. `known` are the letters, each followed by `:` if it takes an argument.
pub(crate) fn getopt(args: &[String], known: &str) -> (Vec<Found>, Vec<String>) {
    let mut found = Vec::new();
    let mut operands = Vec::new();
    let mut rest = args.iter();
    while let Some(word) = rest.next() {
        if word == "--" {
            operands.extend(rest.cloned());
            break;
        }
        let Some(letters) = word.strip_prefix('-').filter(|letters| !letters.is_empty()) else {
            operands.push(word.clone());
            continue;
        };
        let mut letters = letters.chars();
        while let Some(letter) = letters.next() {
            let mut after = known.split(letter).skip(1);
            match after.next().filter(|_| letter != ':') {
                None => found.push(Found::Wrong(format!("invalid option -- '{letter}'"))),
                Some(after) if after.starts_with(':') => {
                    let attached = letters.as_str().to_owned();
                    letters = "".chars();
                    let value = if attached.is_empty() { rest.next().cloned() } else { Some(attached) };
                    found.push(value.map_or_else(
                        || Found::Wrong(format!("option requires an argument -- '{letter}'")),
                        |value| Found::Value(letter, value),
                    ));
                }
                Some(_) => found.push(Found::Flag(letter)),
            }
        }
    }
    (found, operands)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str, known: &str) -> (Vec<Found>, Vec<String>) {
        getopt(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>(), known)
    }

    #[test]
    fn options_stand_anywhere_and_together() {
        let flags = |text: &str| text.chars().map(Found::Flag).collect::<Vec<_>>();
        assert_eq!(parse("node -m", "m"), (flags("m"), vec!["node".into()]));
        assert_eq!(parse("-np -m x", "mnpv"), (flags("npm"), vec!["x".into()]));
        assert_eq!(parse("-- -m", "m"), (vec![], vec!["-m".into()]));
        assert_eq!(parse("-", "m"), (vec![], vec!["-".into()]));
    }

    #[test]
    fn wrong_letters_and_missing_arguments_are_told_as_the_c_library_does() {
        assert_eq!(parse("-x", "m").0, [Found::Wrong("invalid option -- 'x'".into())]);
        assert_eq!(parse("-:", "p:").0, [Found::Wrong("invalid option -- ':'".into())]);
        assert_eq!(parse("-p", "mp:").0, [Found::Wrong("option requires an argument -- 'p'".into())]);
        assert_eq!(parse("-mpx", "mp:").0, [Found::Flag('m'), Found::Value('p', "x".into())]);
        assert_eq!(parse("-p x y", "mp:"), (vec![Found::Value('p', "x".into())], vec!["y".into()]));
    }
}
