//! The part of `cargo deny check` that needs no network and no further tool: licences, sources and doubled crates, by the
//! rules in `deny.toml`.

use std::collections::{BTreeMap, BTreeSet};

use crate::packages::{Packages, name};
use crate::text;

/// The strings of the list `key = [ … ]` in `deny.toml`.
fn list(key: &str) -> BTreeSet<String> {
    let text = text("deny.toml");
    let start = text.find(&format!("\n{key} = [")).unwrap_or_else(|| panic!("deny.toml: no {key}"));
    let inside = text[start..].split_once('[').unwrap().1.split_once(']').unwrap().0;
    inside.split('"').skip(1).step_by(2).map(str::to_owned).collect()
}

/// True if a licence expression can be met by the `allowed` ones. `None` if it cannot be read.
fn acceptable(expression: &str, allowed: &BTreeSet<String>) -> Option<bool> {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let mut words = spaced.split_whitespace().peekable();
    let result = any_of(&mut words, allowed)?;
    words.next().is_none().then_some(result)
}

type Words<'a> = std::iter::Peekable<std::str::SplitWhitespace<'a>>;

fn any_of(words: &mut Words<'_>, allowed: &BTreeSet<String>) -> Option<bool> {
    let mut result = all_of(words, allowed)?;
    while words.next_if_eq(&"OR").is_some() {
        result |= all_of(words, allowed)?;
    }
    Some(result)
}

fn all_of(words: &mut Words<'_>, allowed: &BTreeSet<String>) -> Option<bool> {
    let mut result = one(words, allowed)?;
    while words.next_if_eq(&"AND").is_some() {
        result &= one(words, allowed)?;
    }
    Some(result)
}

fn one(words: &mut Words<'_>, allowed: &BTreeSet<String>) -> Option<bool> {
    let first = words.next()?;
    if first == "(" {
        let result = any_of(words, allowed)?;
        return (words.next()? == ")").then_some(result);
    }
    let mut licence = first.to_owned();
    if words.next_if_eq(&"WITH").is_some() {
        licence = format!("{licence} WITH {}", words.next()?);
    }
    Some(allowed.contains(&licence))
}

#[test]
fn all_licences_are_acceptable() {
    let allowed = list("allow");
    for package in Packages::read().all() {
        let licence = package["license"].as_str().unwrap_or_default();
        assert_eq!(acceptable(licence, &allowed), Some(true), "{}: licence '{licence}'", name(package));
    }
}

#[test]
fn licence_expressions_are_understood() {
    let allowed = ["MIT", "Apache-2.0", "Unicode-3.0"].map(str::to_owned).into();
    assert_eq!(acceptable("MIT OR GPL-2.0", &allowed), Some(true));
    assert_eq!(acceptable("(MIT OR Apache-2.0) AND Unicode-3.0", &allowed), Some(true));
    assert_eq!(acceptable("MIT AND GPL-2.0", &allowed), Some(false));
    assert_eq!(acceptable("Apache-2.0 WITH LLVM-exception OR GPL-3.0", &allowed), Some(false));
    assert_eq!(acceptable("MIT/GPL-2.0", &allowed), Some(true));
    assert_eq!(acceptable("(MIT", &allowed), None);
    assert_eq!(acceptable("", &allowed), None);
}

#[test]
fn all_crates_come_from_the_allowed_registry() {
    let allowed: BTreeSet<String> = list("allow-registry").iter().map(|place| format!("registry+{place}")).collect();
    for package in Packages::read().all() {
        if let Some(source) = package["source"].as_str() {
            assert!(allowed.contains(source), "{} comes from {source}", name(package));
        }
    }
}

#[test]
fn no_crate_comes_in_two_versions_but_the_listed_ones() {
    let mut versions: BTreeMap<&str, usize> = BTreeMap::new();
    for package in Packages::read().all() {
        *versions.entry(name(package)).or_default() += 1;
    }
    let doubled: BTreeSet<String> =
        versions.into_iter().filter(|(_, count)| *count > 1).map(|(name, _)| name.to_owned()).collect();
    assert_eq!(list("skip"), doubled, "left: deny.toml, right: the lock file");
}
