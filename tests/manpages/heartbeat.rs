//! The pages of heartbeat against its sources: options, directives, files, signals, exit statuses.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;

use ha_config::keys::{Effect, KEYS, Key};
use heartbeat::cli::{self, Command};
use testkit::paths::project_root;

use super::{Names, headings, page};

/// The pages about heartbeat.
const PAGES: &[&str] = &["heartbeat.8", "ha.cf.5", "authkeys.5", "haresources.5"];

/// Files that the daemon itself does not open but its scripts, its users or the system do.
const FILES_OF_OTHERS: &[&str] = &[
    "/bin/sh",
    "/dev/null",
    "/etc/ha.d/haresources",
    "/etc/ha.d/resource.d",
    "/etc/init.d",
    "/etc/init.d/heartbeat",
    "/etc/services",
    "/run/heartbeat/groups",
    "/run/lock/LCK..ttyS0",
    "/sbin/reboot",
    "/usr/lib/stonith/plugins/external",
    "/usr/libexec/heartbeat/heartbeat",
    "/usr/sbin/stonith",
    "/var/lib/heartbeat/cores",
];

/// Places that the daemon knows and no reader needs: they are part of a path that is documented.
const NOT_FOR_READERS: &[&str] = &["/run/lock", "/var/lib/heartbeat"];

/// Signals that the daemon takes for itself: ends of children, timers.
const INTERNAL_SIGNALS: &[&str] = &["SIGALRM", "SIGCHLD"];

fn read(words: &[&str]) -> cli::CommandLine {
    let words = std::iter::once("heartbeat").chain(words.iter().copied());
    cli::parse(&words.map(OsString::from).collect::<Vec<_>>())
}

/// A source file of the program, without its tests.
fn source(name: &str) -> String {
    let text = fs::read_to_string(project_root().join("crates/heartbeat/src").join(name)).unwrap();
    text.split("#[cfg(test)]").next().unwrap().to_owned()
}

/// What stands between double quotes.
fn literals(source: &str) -> impl Iterator<Item = &str> {
    let code = source.lines().filter(|line| !line.trim_start().starts_with("//"));
    code.flat_map(|line| line.split('"').skip(1).step_by(2))
}

/// A path without doubled slashes and without one at the end.
fn plain(path: &str) -> String {
    path.replace("//", "/").trim_end_matches('/').to_owned()
}

/// The absolute paths (`.Pa`) of a page.
fn paths(name: &str) -> BTreeSet<String> {
    let page = page(name);
    let words = page.lines().filter(|line| line.starts_with(".Pa ") || line.starts_with(".It Pa "));
    words.flat_map(|line| line.split(' ')).filter(|word| word.starts_with('/')).map(plain).collect()
}

/// The paths in the program's table of places.
fn places() -> BTreeSet<String> {
    literals(&source("paths.rs")).filter(|text| text.starts_with('/')).map(plain).collect()
}

#[test]
fn every_option_of_heartbeat_has_a_heading_and_every_heading_is_an_option() {
    let taken = |letter: &char| {
        let line = read(&[&format!("-{letter}")]);
        line.complaints.iter().all(|complaint| !String::from_utf8_lossy(complaint).contains("invalid option"))
    };
    let letters = ('!'..='~').filter(|letter| *letter != '-').filter(taken).map(|letter| format!("-{letter}"));
    let cli = source("cli.rs");
    let long = literals(&cli).filter(|text| text.len() > 2 && text.starts_with("--")).map(str::to_owned);
    let options: BTreeSet<String> = letters.chain(long).collect();
    assert!(options.len() > 10, "{options:?}");
    assert_eq!(headings("heartbeat.8", Names::Options), options, "left: the page, right: the program");
}

#[test]
fn the_long_option_is_understood_and_the_usage_text_names_the_letters() {
    assert!(matches!(read(&["--check"]).command, Command::Check(_)));
    let usage = heartbeat::messages::usage("heartbeat");
    let letters = usage.split("[-").nth(1).unwrap().split(']').next().unwrap();
    let letters = letters.chars().chain(['C']).map(|letter| format!("-{letter}"));
    let documented = headings("heartbeat.8", Names::Options);
    let ours: BTreeSet<String> = documented.into_iter().filter(|option| !option.starts_with("--")).collect();
    assert_eq!(ours, letters.collect());
}

#[test]
fn every_file_in_the_pages_is_one_that_heartbeat_uses() {
    let known: BTreeSet<String> = places().into_iter().chain(FILES_OF_OTHERS.iter().map(|path| plain(path))).collect();
    for name in PAGES {
        let wrong: Vec<_> =
            paths(name).into_iter().filter(|path| path.starts_with('/') && !known.contains(path)).collect();
        // Devices in the text are examples.
        let wrong: Vec<_> = wrong.into_iter().filter(|path| !path.starts_with("/dev/")).collect();
        assert!(wrong.is_empty(), "{name}: {wrong:?}");
    }
}

#[test]
fn every_file_that_heartbeat_uses_is_in_its_page() {
    let documented = paths("heartbeat.8");
    let missing: Vec<_> = places()
        .into_iter()
        .filter(|path| !documented.contains(path) && !NOT_FOR_READERS.contains(&path.as_str()))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn every_signal_that_heartbeat_takes_is_documented() {
    let documented = headings("heartbeat.8", Names::Signals);
    let mut taken: BTreeSet<String> =
        heartbeat::daemon::TAKEN.iter().map(|signal| signal.as_str().to_owned()).collect();
    taken.retain(|signal| !INTERNAL_SIGNALS.contains(&signal.as_str()));
    // Nobody can take it, but everybody wonders what it does.
    taken.insert("SIGKILL".to_owned());
    assert_eq!(documented, taken, "left: the page, right: the program");
}

#[test]
fn every_exit_status_is_documented() {
    let constants = source("exit.rs");
    let numbers = constants.lines().filter_map(|line| line.strip_prefix("pub const ")?.split(" = ").nth(1));
    let used: BTreeSet<String> = numbers.map(|number| number.trim_end_matches(';').to_owned()).collect();
    let page = page("heartbeat.8");
    let section = page.split(".Sh EXIT STATUS").nth(1).unwrap().split(".Sh ").next().unwrap();
    let documented: BTreeSet<String> =
        section.lines().filter_map(|line| line.strip_prefix(".It ")).map(str::to_owned).collect();
    assert_eq!(documented, used, "left: the page, right: the program");
}

/// What `ha.cf.5` says below the heading of a directive; headings in a row share their text.
fn entry(key: &Key) -> String {
    let page = page("ha.cf.5");
    let begins = |line: &&str| line.strip_prefix(".It Ic ").and_then(|rest| rest.split(' ').next()) == Some(key.name);
    let lines = page.lines().skip_while(|line| !begins(line)).skip_while(|line| line.starts_with(".It Ic "));
    let lines = lines.take_while(|line| !line.starts_with(".It Ic ") && !line.starts_with(".Ss "));
    lines.collect::<Vec<_>>().join("\n")
}

/// The words of a text: what lies between blanks and punctuation.
fn words(text: &str) -> BTreeSet<&str> {
    let inside = |character: char| character.is_alphanumeric() || matches!(character, '-' | '_');
    text.split(|character| !inside(character)).collect()
}

/// What stands near a word, on both sides of it.
fn around(text: &str, word: &str) -> String {
    let near = |at: usize| text.chars().skip(at.saturating_sub(30)).take(70).collect::<String>();
    text.match_indices(word).map(|(at, _)| near(at)).collect::<Vec<_>>().join(" ")
}

#[test]
fn every_directive_has_a_heading_and_every_heading_is_a_directive() {
    let directives: BTreeSet<String> = KEYS.iter().map(|key| key.name.to_owned()).collect();
    assert_eq!(headings("ha.cf.5", Names::Directives), directives, "left: the page, right: the table");
}

#[test]
fn the_page_says_every_default_and_every_limit_of_the_table() {
    let mut missing = Vec::new();
    for key in KEYS {
        let entry = entry(key);
        let said = words(&entry);
        // Booleans are described once for all.
        let limits = if key.takes.ends_with("n or 0") { "" } else { key.takes };
        let numbers = words(limits).into_iter().filter(|word| word.starts_with(|digit: char| digit.is_ascii_digit()));
        let limits = numbers.filter(|word| !said.contains(word));
        let default = key.default.filter(|default| !words(&around(&entry, "default")).contains(default));
        missing.extend(limits.chain(default).map(|word| format!("{}: {word}", key.name)));
    }
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn directives_without_effect_are_named_as_such() {
    let page = page("ha.cf.5");
    let section = page.split(".Ss Accepted without effect").nth(1).unwrap().split("\n.Sh ").next().unwrap();
    for key in KEYS.iter().filter(|key| key.effect != Effect::Full) {
        let heading = format!(".It Ic {} ", key.name);
        assert!(section.contains(&heading) || entry(key).contains("no effect"), "{}", key.name);
    }
}
