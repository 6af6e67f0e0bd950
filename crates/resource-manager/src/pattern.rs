//! The node argument of `listkeys`: a regular expression, as far as anybody writes one for a node's name.
//!
//! Known are `.`, `[…]`, a backslash before any character, the repeats `*`, `+` and `?`, and `|` between whole
//! patterns. Everything else is itself. The whole name must match.

/// What one place of the name must be.
#[derive(Clone, Debug, PartialEq, Eq)]
enum One {
    Any,
    Char(char),
    Class { wanted: bool, ranges: Vec<(char, char)> },
}

/// How often.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Times {
    none: bool,
    many: bool,
}

/// A pattern, ready to match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    alternatives: Vec<Vec<(One, Times)>>,
}

impl Pattern {
    /// Reads a pattern; there is no wrong one.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let mut alternatives = vec![Vec::new()];
        let mut rest = text.chars().peekable();
        while let Some(char) = rest.next() {
            let one = match char {
                '|' => {
                    alternatives.push(Vec::new());
                    continue;
                }
                '.' => One::Any,
                '\\' => One::Char(rest.next().unwrap_or('\\')),
                '[' => class(&mut rest),
                other => One::Char(other),
            };
            let times = match rest.peek() {
                Some('*') => Times { none: true, many: true },
                Some('+') => Times { none: false, many: true },
                Some('?') => Times { none: true, many: false },
                _ => Times { none: false, many: false },
            };
            if times.none || times.many {
                rest.next();
            }
            if let Some(last) = alternatives.last_mut() {
                last.push((one, times));
            }
        }
        Self { alternatives }
    }

    /// Whether the whole name matches.
    #[must_use]
    pub fn matches(&self, name: &str) -> bool {
        let name: Vec<char> = name.chars().collect();
        self.alternatives.iter().any(|parts| whole(parts, &name))
    }
}

/// The rest of a class, behind its `[`.
fn class(rest: &mut std::iter::Peekable<std::str::Chars<'_>>) -> One {
    let wanted = rest.next_if_eq(&'^').is_none();
    let mut ranges = Vec::new();
    while let Some(from) = rest.next() {
        if from == ']' && !ranges.is_empty() {
            break;
        }
        let mut ahead = rest.clone();
        let to = (ahead.next() == Some('-')).then(|| ahead.next()).flatten().filter(|char| *char != ']');
        if to.is_some() {
            *rest = ahead;
        }
        ranges.push((from, to.unwrap_or(from)));
    }
    One::Class { wanted, ranges }
}

impl One {
    fn is(&self, char: char) -> bool {
        match self {
            Self::Any => true,
            Self::Char(own) => *own == char,
            Self::Class { wanted, ranges } => ranges.iter().any(|(from, to)| (*from..=*to).contains(&char)) == *wanted,
        }
    }
}

/// Set of positions reached so far: no pattern can take more than its length times that of the name.
fn whole(parts: &[(One, Times)], name: &[char]) -> bool {
    let mut reached = vec![false; name.len() + 1];
    if let Some(first) = reached.first_mut() {
        *first = true;
    }
    for (one, times) in parts {
        let mut next = if times.none { reached.clone() } else { vec![false; reached.len()] };
        for (at, char) in name.iter().enumerate() {
            let here = reached.get(at).copied().unwrap_or_default();
            let again = times.many && next.get(at).copied().unwrap_or_default();
            if (here || again) && one.is(*char) {
                if let Some(place) = next.get_mut(at + 1) {
                    *place = true;
                }
            }
        }
        reached = next;
    }
    reached.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_names_match() {
        let yes = [
            (".*", "alpha"),
            ("alpha", "alpha"),
            ("al+pha", "alpha"),
            ("beta|gamma", "gamma"),
            ("b[ea]ta", "beta"),
            ("node[1-3]", "node2"),
            ("n.de?", "nod"),
            ("a\\.b", "a.b"),
            ("[^x]*", "node-1.site"),
            ("", ""),
        ];
        for (pattern, name) in yes {
            assert!(Pattern::new(pattern).matches(name), "{pattern} {name}");
        }
        let no = [("al", "alpha"), ("lpha", "alpha"), ("", "a"), ("node[1-3]", "node4"), ("a\\.b", "axb"), ("x+", "")];
        for (pattern, name) in no {
            assert!(!Pattern::new(pattern).matches(name), "{pattern} {name}");
        }
    }

    #[test]
    fn a_hostile_pattern_ends_soon() {
        assert!(!Pattern::new(&"a*".repeat(2000)).matches(&format!("{}b", "a".repeat(2000))));
    }
}
