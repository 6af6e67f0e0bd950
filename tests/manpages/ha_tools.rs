//! The page of `ha-tools` and what other pages say about resources against the sources: names, variables, files.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use ha_config::keys::KEYS;
use testkit::paths::project_root;

use super::page;

/// Pages and guides that name variables and files.
const PAGES: &[&str] = &["heartbeat.8", "ha.cf.5", "haresources.5", "ha-tools.8"];

/// Crates that look at variables and files.
const CRATES: &[&str] = &[
    "cl-status",
    "fencing",
    "ha-tools",
    "heartbeat",
    "heartbeat-client",
    "ipfail",
    "resource-agents",
    "resource-manager",
];

/// In the list of names of the page, another page has this one.
const PAGE_OF_ITS_OWN: &str = "ipvsadm";

/// Variables that users need not know: fields of messages, and what goes from one of our programs to another.
const NOT_FOR_READERS: &[&str] = &["HA_LOGTAG", "LVS_HA_HOMES", "LVS_HA_STONITH"];

/// The Rust files below a folder, without those that hold tests only.
fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        let stem = entry.file_stem().unwrap().to_string_lossy().into_owned();
        if stem == "tests" || stem.ends_with("_tests") {
            continue;
        }
        if entry.is_dir() {
            found.extend(rust_files(&entry));
        } else if entry.extension().is_some_and(|extension| extension == "rs") {
            found.push(entry);
        }
    }
    found
}

/// All texts between double quotes in the sources, without comments and tests.
fn literals() -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for name in CRATES {
        for path in rust_files(&project_root().join("crates").join(name).join("src")) {
            let text = fs::read_to_string(&path).unwrap();
            let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
            let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
            all.extend(lines.flat_map(|line| line.split('"').skip(1).step_by(2).map(str::to_owned)));
        }
    }
    assert!(all.len() > 500, "the sources were not found");
    all
}

/// Whether a word is a variable of ours, in capitals.
fn is_variable(word: &str) -> bool {
    let rest = word.strip_prefix("LVS_HA_").or_else(|| word.strip_prefix("HA_")).unwrap_or_default();
    !rest.is_empty() && rest.chars().all(|letter| letter.is_ascii_uppercase() || letter == '_')
}

/// The variables (`HA_`, `LVS_HA_`, `OCF_`) that a text names, with those in small letters.
fn variables(text: &str) -> BTreeSet<String> {
    let inside = |character: char| character.is_ascii_alphanumeric() || character == '_';
    let words = text.split(|character| !inside(character));
    let ours = words.filter(|word| ["HA_", "LVS_HA_", "OCF_"].iter().any(|start| word.starts_with(start)));
    // A prefix alone, or an example for any name.
    let full = ours.filter(|word| !word.ends_with('_') && *word != "HA_NAME");
    full.map(str::to_owned).collect()
}

/// A guide in `docs/`.
fn guide(name: &str) -> String {
    fs::read_to_string(project_root().join("docs").join(name)).unwrap()
}

/// Pages and guides with their names.
fn texts() -> Vec<(&'static str, String)> {
    let guides = ["HEARTBEAT.md", "RESOURCES.md"].map(|name| (name, guide(name)));
    PAGES.iter().map(|name| (*name, page(name))).chain(guides).collect()
}

/// The names that head entries (`.It Ic`) of a text; what follows are arguments.
fn entries(text: &str) -> BTreeSet<String> {
    let names = text.lines().filter_map(|line| line.strip_prefix(".It Ic ")?.split(' ').next());
    names.map(str::to_owned).collect()
}

#[test]
fn every_tool_has_a_heading_and_every_heading_is_a_tool() {
    let tools: BTreeSet<String> = ha_tools::names().into_iter().map(str::to_owned).collect();
    assert!(tools.len() > 25, "{tools:?}");
    assert_eq!(entries(&page("ha-tools.8")), tools, "left: the page, right: the program");
}

#[test]
fn man_finds_every_tool_by_its_name() {
    let page = page("ha-tools.8");
    let section = page.split(".Sh NAME\n").nth(1).unwrap().split(".Nd ").next().unwrap();
    let mut named: BTreeSet<&str> =
        section.lines().map(|line| line.trim_start_matches(".Nm ").trim_end_matches(" ,")).collect();
    assert!(named.remove("ha-tools"));
    let tools: BTreeSet<&str> = ha_tools::names().into_iter().filter(|name| *name != PAGE_OF_ITS_OWN).collect();
    assert_eq!(named, tools, "left: the page, right: the program");
}

#[test]
fn the_tables_of_resource_scripts_name_the_built_in_ones() {
    let tools: BTreeSet<String> = ha_tools::names().into_iter().map(str::to_owned).collect();
    // Everything else has a section of its own in front of the scripts.
    let page_of_tools = page("ha-tools.8");
    let section = page_of_tools.split(".Ss Resource scripts\n").nth(1).unwrap().split(".Ss ").next().unwrap();
    let scripts = entries(section);
    assert!(scripts.is_subset(&tools) && scripts.len() > 10, "{scripts:?}");
    let groups = page("haresources.5");
    let table = groups.split(".Ss Built-in scripts\n").nth(1).unwrap().split(".El").next().unwrap();
    let rows = table.lines().filter_map(|line| line.strip_prefix(".It Li ")?.split(' ').next());
    assert_eq!(rows.map(str::to_owned).collect::<BTreeSet<_>>(), scripts, "left: haresources.5, right: ha-tools.8");
    let guide = guide("RESOURCES.md");
    let rows = guide.lines().skip_while(|line| !line.starts_with("| script |")).skip(2);
    let rows = rows.take_while(|line| line.starts_with('|')).map(|line| line.split('`').nth(1).unwrap());
    let rows: BTreeSet<String> = rows.map(|cell| cell.split([':', '[']).next().unwrap().to_owned()).collect();
    assert_eq!(rows, scripts, "left: docs/RESOURCES.md, right: ha-tools.8");
}

#[test]
fn every_variable_that_is_mentioned_is_one_that_the_sources_know() {
    let literals = literals();
    let known = |name: &str| {
        let field = name.strip_prefix("HA_").unwrap_or(name);
        literals.contains(name)
            || KEYS.iter().any(|key| key.name == field)
            || literals.iter().any(|text| text.starts_with("OCF_RESKEY_") && name.starts_with("OCF_RESKEY_"))
    };
    for (place, text) in texts() {
        let unknown: Vec<String> = variables(&text).into_iter().filter(|name| !known(name)).collect();
        assert!(unknown.is_empty(), "{place}: {unknown:?}");
    }
}

#[test]
fn every_variable_that_the_sources_know_is_documented() {
    let known: BTreeSet<String> = literals().into_iter().filter(|text| is_variable(text)).collect();
    assert!(known.len() > 20, "{known:?}");
    let documented: BTreeSet<String> = PAGES.iter().flat_map(|name| variables(&page(name))).collect();
    let missing: Vec<&String> =
        known.difference(&documented).filter(|name| !NOT_FOR_READERS.contains(&name.as_str())).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn every_file_in_the_page_of_the_tools_is_one_that_the_sources_know() {
    let literals = literals();
    let page = page("ha-tools.8");
    let lines = page.lines().filter(|line| line.starts_with(".Pa ") || line.starts_with(".It Pa "));
    let words = lines.flat_map(|line| line.split(' ')).filter(|word| word.starts_with('/') && word.len() > 1);
    let ends = |part: &str| literals.iter().any(|text| text.trim_end_matches('/').ends_with(part));
    // Whole, or put together from a directory and a name.
    let known = |path: &str| {
        let parts = path.rsplit_once('/').filter(|(directory, _)| !directory.is_empty());
        literals.iter().any(|text| text.contains(path))
            || parts.is_some_and(|(directory, name)| ends(directory) && ends(name))
    };
    let unknown: Vec<&str> = words.map(|word| word.trim_end_matches('/')).filter(|path| !known(path)).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}
