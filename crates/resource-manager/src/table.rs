//! Which groups `haresources` has, and which of them a key or a node means.
//!
//! The file is read afresh for every operation, as the original does, so that an edit counts from the next transition.

use ha_config::haresources::{self, Group};
use std::fs;
use std::path::Path;

use crate::pattern::Pattern;

/// The groups of one reading of the file, in its order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    groups: Vec<Group>,
}

/// What a key means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found<'a> {
    /// The first group with this word.
    pub group: &'a Group,
    /// The line of every further group with the same word: a mistake that is to be logged.
    pub also: Vec<u32>,
}

impl Table {
    /// The groups of this text.
    #[must_use]
    pub fn parse(text: &[u8]) -> Self {
        Self { groups: haresources::groups(text) }
    }

    /// The groups of this file; none if it cannot be read, which is how the original treats it.
    #[must_use]
    pub fn read(path: &Path) -> Self {
        Self::parse(&fs::read(path).unwrap_or_default())
    }

    /// All groups, in the order of the file.
    #[must_use]
    pub fn groups(&self) -> &[Group] {
        &self.groups
    }

    /// The group that has this word among its resources, not only as the first; case matters and the word is taken
    /// literally. Resource specification, section 1.3.
    #[must_use]
    pub fn find(&self, key: &str) -> Option<Found<'_>> {
        let mut with = self.groups.iter().filter(|group| group.resources.iter().any(|resource| resource.text == key));
        let group = with.next()?;
        Some(Found { group, also: with.map(|group| group.node.span.line).collect() })
    }

    /// The keys of all groups of the nodes that match: a regular expression for the whole name, upper and lower case
    /// alike. A node without resources has an empty key.
    #[must_use]
    pub fn keys(&self, node: &str) -> Vec<String> {
        let pattern = Pattern::new(&node.to_lowercase());
        self.groups
            .iter()
            .filter(|group| pattern.matches(&group.node.text))
            .map(|group| key(group).to_owned())
            .collect()
    }

    /// All words of each group of `node`, or of all other nodes, with a blank after each word. All are others' to no
    /// node.
    #[must_use]
    pub fn lines(&self, node: &str, own: bool) -> Vec<String> {
        let is_own = |group: &Group| group.node.text == node.to_lowercase();
        let wanted = self.groups.iter().filter(|group| is_own(group) == own);
        wanted.map(|group| group.resources.iter().map(|resource| format!("{} ", resource.text)).collect()).collect()
    }
}

/// The key of a group: its first resource; empty if it has none.
#[must_use]
pub fn key(group: &Group) -> &str {
    group.resources.first().map_or("", |resource| resource.text.as_str())
}

/// `NODE RES…`, as log lines name a group.
#[must_use]
pub fn shown(group: &Group) -> String {
    let mut text = group.node.text.clone();
    for resource in &group.resources {
        text.push(' ');
        text.push_str(&resource.text);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &[u8] = b"Alpha Q::a A::1 b\nbeta Q::2\ngamma\n\nbeta A::1 \\\n C\n";

    #[test]
    fn any_word_of_a_group_finds_it_literally() {
        let table = Table::parse(TEXT);
        assert_eq!(table.find("b").unwrap().group.node.text, "alpha");
        assert_eq!(key(table.find("C").unwrap().group), "A::1");
        for unknown in ["Q::.", "q::a", "Q", "alpha", ""] {
            assert_eq!(table.find(unknown), None, "{unknown}");
        }
    }

    #[test]
    fn a_word_in_two_groups_means_the_first_and_names_the_other() {
        let table = Table::parse(TEXT);
        let found = table.find("A::1").unwrap();
        assert_eq!((found.group.node.span.line, found.also), (1, vec![5]));
        let twice_in_one = Table::parse(b"alpha Q::1 Q::1\n");
        assert_eq!(twice_in_one.find("Q::1").unwrap().also, Vec::<u32>::new());
    }

    #[test]
    fn keys_and_lines_are_those_of_the_original() {
        let table = Table::parse(TEXT);
        assert_eq!(table.keys("BETA"), ["Q::2", "A::1"]);
        assert_eq!(table.keys(".*"), ["Q::a", "Q::2", "", "A::1"]);
        assert_eq!(table.keys("al"), Vec::<String>::new());
        assert_eq!(table.lines("ALPHA", true), ["Q::a A::1 b "]);
        assert_eq!(table.lines("alpha", false), ["Q::2 ", "", "A::1 C "]);
        assert_eq!((table.lines("", true).len(), table.lines("", false).len()), (0, 4));
    }
}
