//! From a line of parameters to names and values.

/// The line of a device's file that counts: the first that is neither empty nor a comment.
///
/// The original takes a comment that is indented, and a line of blanks, for parameters; nobody can want that.
pub(crate) fn line_of(file: &str) -> Option<&str> {
    file.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with('#'))
}

/// Gives each name its word; the last one gets the rest of the line, with its blanks. `None`: too few words.
///
/// A device without parameters takes any line. Observed with `heartbeat` and `stonith -p`.
pub(crate) fn assign(names: &[String], line: &str) -> Option<Vec<(String, String)>> {
    let mut rest = line.trim();
    let mut assigned = Vec::new();
    for (index, name) in names.iter().enumerate() {
        let last = index + 1 == names.len();
        let end = if last { rest.len() } else { rest.find(char::is_whitespace).unwrap_or(rest.len()) };
        let (word, after) = rest.split_at_checked(end)?;
        if word.is_empty() {
            return None;
        }
        assigned.push((name.clone(), word.to_owned()));
        rest = after.trim_start();
    }
    Some(assigned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assigned(names: &str, line: &str) -> Option<String> {
        let names: Vec<String> = names.split_whitespace().map(str::to_owned).collect();
        let pairs = assign(&names, line)?;
        Some(pairs.iter().map(|(name, value)| format!("{name}=<{value}>")).collect())
    }

    #[test]
    fn the_last_parameter_is_the_rest_of_the_line() {
        let expected = Some("hostlist=<a,b>secret=<pw  with   blanks>".to_owned());
        assert_eq!(assigned("hostlist secret", "\ta,b\t pw  with   blanks "), expected);
        assert_eq!(assigned("hostlist", "alpha beta"), Some("hostlist=<alpha beta>".to_owned()));
    }

    #[test]
    fn too_few_parameters_are_refused_and_none_are_enough_for_a_device_without() {
        assert_eq!(assigned("hostlist secret", "alpha"), None);
        assert_eq!(assigned("hostlist", "  "), None);
        assert_eq!(assigned("", "whatever"), Some(String::new()));
    }

    #[test]
    fn comments_and_empty_lines_of_a_file_do_not_count() {
        assert_eq!(line_of("# c\n\n  # d\n alpha pw # x\r\nothers\n"), Some("alpha pw # x"));
        assert_eq!(line_of("\n# c\n"), None);
    }
}
