//! `haresources`: groups survive printing, and what the daemon looks at are words of the file.

use crate::config::lies_inside;
use ha_config::haresources::{self, Group};

/// Runs the target on one input.
///
/// # Panics
/// If a place lies outside the file, or groups change by printing.
pub fn run(data: &[u8]) {
    for word in haresources::nodes(data) {
        lies_inside(data, word.span);
        assert!(!word.text.is_empty() && !word.text.starts_with(b"#"));
    }
    let groups = haresources::groups(data);
    for word in groups.iter().flat_map(|group| group.resources.iter().chain([&group.node])) {
        lies_inside(data, word.span);
    }
    let text: String = groups.iter().map(|group| words(group).join(" ") + "\n").collect();
    let again = haresources::groups(text.as_bytes());
    // A word may end in a backslash only inside a line.
    if !groups.iter().any(|group| words(group).last().is_some_and(|word| word.ends_with('\\'))) {
        assert_eq!(again.iter().map(words).collect::<Vec<_>>(), groups.iter().map(words).collect::<Vec<_>>());
    }
}

fn words(group: &Group) -> Vec<&str> {
    std::iter::once(&group.node).chain(&group.resources).map(|word| word.text.as_str()).collect()
}
