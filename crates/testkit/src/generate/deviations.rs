//! The one list of differences on purpose that random lines must keep away from.
//!
//! The names are those of `docs/COMPATIBILITY.md`. What is refused here is a little more than what differs, so that the
//! rules stay simple. Differences of that document which are not here cannot come up: long names and lines, counters of
//! 64 bits, scripts, and a full disk are not generated, and batches of `-R` show only while it runs.

use super::line::Line;

/// The name of a deviation and the question whether a list of words touches it.
type Rule = (&'static str, fn(&[String]) -> bool);

const RULES: &[Rule] = &[
    ("fwmark-unsigned", large_mark),
    ("sched-flags-commas-only", commas_only),
    ("restore-comments", |words| words.first().is_some_and(|word| word.starts_with('#'))),
    ("save-third-flag", third_flag),
    ("Additions", addition),
];

/// A deviation that shows only where the socket options of old kernels are used: the original counts the services once, at
/// the start of a run, so a listing inside a restore leaves out what the same run has added.
const LEGACY: &str = "legacy-listing-in-restore";

/// Likewise: the original adds a plain ipip server where GUE or GRE is asked for.
const LEGACY_TUNNEL: &str = "legacy-tunnel-type";

/// A deviation that shows only with bad luck: the original waits for ever for an answer that the kernel does not send.
const HANG: &str = "stopped-daemon-hang";

/// Whether a line, or a line of its input, stops a sync daemon.
pub fn stops_a_daemon(line: &Line) -> bool {
    line.word_lists().iter().any(|words| words.iter().any(|word| word.starts_with("--stop-daemon")))
}

/// The names of all deviations known here.
pub fn names() -> Vec<&'static str> {
    RULES.iter().map(|(name, _)| *name).chain([LEGACY, LEGACY_TUNNEL, HANG]).collect()
}

/// The deviation that a line touches where socket options are used, if any.
pub fn of_legacy(line: &Line) -> Option<&'static str> {
    let lists = line.word_lists();
    let lists_or_saves = |word: &String| {
        ["-L", "-l", "-S"].iter().any(|short| word.starts_with(short))
            || word.starts_with("--list")
            || word.starts_with("--save")
    };
    let listed = lists.iter().skip(1).any(|words| words.first().is_some_and(lists_or_saves));
    let tunnel = |word: &String| word.contains("gue") || word.contains("gre");
    let tunnelled = lists.iter().any(|words| words.iter().any(tunnel));
    of(line).or(listed.then_some(LEGACY)).or(tunnelled.then_some(LEGACY_TUNNEL))
}

/// The deviation that a line touches, if any.
pub fn of(line: &Line) -> Option<&'static str> {
    let lists = line.word_lists();
    RULES.iter().find(|(_, touches)| lists.iter().any(|words| touches(words))).map(|(name, _)| *name)
}

/// A service is added with a mark of 2147483648 or more, which the original shows as a negative number.
fn large_mark(words: &[String]) -> bool {
    let adds = words.iter().any(|word| word.starts_with("-A") || word.contains('A') || word.contains("add-service"));
    let large = |digits: &str| digits.parse::<u64>().is_ok_and(|mark| (1 << 31..1 << 32).contains(&mark));
    adds && words.iter().any(|word| word.split(|character: char| !character.is_ascii_digit()).any(large))
}

/// The value of `-b` is nothing but commas, with which the original crashes.
fn commas_only(words: &[String]) -> bool {
    words.iter().any(|word| {
        let rest = word.trim_end_matches(',');
        rest.len() < word.len() && (rest.is_empty() || rest.ends_with(['=', 'b']))
    })
}

/// The third scheduler flag with one of the two schedulers that name the others; the original does not save it.
fn third_flag(words: &[String]) -> bool {
    let named = words.iter().any(|word| word.ends_with("sh") || word.ends_with("mh"));
    named && words.iter().any(|word| word.contains("flag-3"))
}

/// Options that only this project has.
fn addition(words: &[String]) -> bool {
    let own = ["--json", "--plan", "--apply", "--check"];
    words.iter().any(|word| {
        own.iter().any(|own| word.strip_prefix(own).is_some_and(|rest| rest.is_empty() || rest.starts_with('=')))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn touched(args: &[&str], stdin: &str) -> Option<&'static str> {
        let args = args.iter().map(Into::into).collect();
        of(&Line { args, stdin: Some(stdin.as_bytes().to_vec()), ..Line::default() })
    }

    #[test]
    fn listings_inside_a_restore_count_only_with_socket_options() {
        let line = |stdin: &[u8]| Line { args: vec!["-R".into()], stdin: Some(stdin.to_vec()), ..Line::default() };
        assert_eq!(of_legacy(&line(b"-A -f 1\n-Sn\n")), Some(LEGACY));
        assert_eq!(of_legacy(&line(b"-A -f 1\n")), None);
        assert_eq!(of(&line(b"-A -f 1\n-Sn\n")), None);
    }

    #[test]
    fn lines_that_differ_on_purpose_are_recognised() {
        for (args, stdin, name) in [
            (&["-A", "-f", "4294967295"][..], "", Some("fwmark-unsigned")),
            (&["-Af2147483648"], "", Some("fwmark-unsigned")),
            (&["-A", "-f", "2147483647"], "", None),
            (&["-D", "-f", "4294967295"], "", None),
            (&["-A", "-b", ",,"], "", Some("sched-flags-commas-only")),
            (&["-A", "-b,"], "", Some("sched-flags-commas-only")),
            (&["-A", "--sched-flags=,"], "", Some("sched-flags-commas-only")),
            (&["-A", "-b", "flag-1,,"], "", None),
            (&["-A", "-s=mh", "-bflag-1,flag-3"], "", Some("save-third-flag")),
            (&["-A", "-s", "rr", "-b", "flag-3"], "", None),
            (&["-R"], "-C\n ipvsadm # x\n", Some("restore-comments")),
            (&["-R"], "-A -f 1 # x\n", None),
            (&["-L", "--json"], "", Some("Additions")),
            (&["-L", "--jsonx"], "", None),
        ] {
            assert_eq!(touched(args, stdin), name, "{args:?} {stdin:?}");
        }
    }
}
