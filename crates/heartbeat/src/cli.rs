//! The command line, with the habits of the C library's `getopt`: clustered letters, options behind other arguments,
//! a complaint per unknown letter. Observed on heartbeat 3.0.6.

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::PathBuf;

/// What was asked for. Of several commands the first of this list counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// `--check`: look at the configuration in this directory. Ours; counts before everything else.
    Check(PathBuf),
    /// `-V`, at the place where it was met, whatever else is there.
    Version,
    /// Unknown letters, or `-C` without `-R`.
    Usage,
    /// `-D`: the directives, with `-W` as a wiki table.
    Directives {
        /// `-W`.
        wiki: bool,
    },
    /// `-k`.
    Stop,
    /// `-s`.
    Status,
    /// `-r`.
    Reload,
    /// `-R`: the daemon starts itself again.
    Restart,
    /// None of them.
    Start,
}

/// The command line as understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandLine {
    /// The last part of the program's name.
    pub program: String,
    /// What to do.
    pub command: Command,
    /// Complaints for standard error, without line feed. They precede everything else that is printed.
    pub complaints: Vec<Vec<u8>>,
    /// `-d`, counted.
    pub debug: u8,
    /// `-v`.
    pub verbose: bool,
    /// `-M`.
    pub no_resources: bool,
    /// `-l`.
    pub no_realtime: bool,
    /// `-f`.
    pub foreground: bool,
    /// `-C`: which resources are held.
    pub held: Option<OsString>,
}

/// The directory that `--check` looks at if none is named.
const DEFAULT_CHECK: &str = crate::paths::CONFIG_DIRECTORY;

/// Letters seen so far.
#[derive(Default)]
struct Seen {
    directives: bool,
    wiki: bool,
    stop: bool,
    status: bool,
    reload: bool,
    restart: bool,
}

/// Reads the command line; the first argument is the program's name.
#[must_use]
pub fn parse(arguments: &[OsString]) -> CommandLine {
    let name = arguments.first().map(|name| name.as_bytes()).unwrap_or_default();
    let program = name.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
    let mut line = CommandLine {
        program: String::from_utf8_lossy(program).into_owned(),
        command: Command::Start,
        complaints: Vec::new(),
        debug: 0,
        verbose: false,
        no_resources: false,
        no_realtime: false,
        foreground: false,
        held: None,
    };
    let words = arguments.get(1..).unwrap_or_default();
    if let Some(place) = words.iter().position(|word| word == "--check") {
        let directory = words.get(place + 1).map_or_else(|| PathBuf::from(DEFAULT_CHECK), PathBuf::from);
        line.command = Command::Check(directory);
        return line;
    }
    let mut seen = Seen::default();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let bytes = word.as_bytes();
        if bytes == b"--" {
            break;
        }
        let Some(mut letters) = bytes.strip_prefix(b"-").filter(|letters| !letters.is_empty()) else { continue };
        while let Some((letter, rest)) = letters.split_first() {
            letters = rest;
            match letter {
                b'V' => {
                    line.command = Command::Version;
                    return line;
                }
                b'd' => line.debug = line.debug.saturating_add(1),
                b'D' => seen.directives = true,
                b'W' => seen.wiki = true,
                b'k' => seen.stop = true,
                b's' => seen.status = true,
                b'r' => seen.reload = true,
                b'R' => seen.restart = true,
                b'M' => line.no_resources = true,
                b'l' => line.no_realtime = true,
                b'f' => line.foreground = true,
                b'v' => line.verbose = true,
                b'C' if !letters.is_empty() => {
                    line.held = Some(OsString::from_vec(std::mem::take(&mut letters).to_vec()));
                }
                b'C' => match words.next() {
                    Some(value) => line.held = Some(value.clone()),
                    None => line.complaints.push(complaint(name, "option requires an argument", b'C')),
                },
                other => line.complaints.push(complaint(name, "invalid option", *other)),
            }
        }
    }
    line.command = command(&seen, !line.complaints.is_empty() || (line.held.is_some() && !seen.restart));
    line
}

fn command(seen: &Seen, wrong: bool) -> Command {
    match seen {
        _ if wrong => Command::Usage,
        Seen { directives: true, wiki, .. } => Command::Directives { wiki: *wiki },
        Seen { stop: true, .. } => Command::Stop,
        Seen { status: true, .. } => Command::Status,
        Seen { restart: true, .. } => Command::Restart,
        Seen { reload: true, .. } => Command::Reload,
        _ => Command::Start,
    }
}

fn complaint(name: &[u8], what: &str, letter: u8) -> Vec<u8> {
    let mut text = name.to_vec();
    text.extend_from_slice(format!(": {what} -- '").as_bytes());
    text.extend_from_slice(&[letter, b'\'']);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(words: &str) -> CommandLine {
        let mut arguments = vec![OsString::from("/usr/libexec/heartbeat/heartbeat")];
        arguments.extend(words.split_whitespace().map(OsString::from));
        parse(&arguments)
    }

    #[test]
    fn of_several_commands_the_original_s_order_decides() {
        for (words, expected) in [
            ("", Command::Start),
            ("foo bar", Command::Start),
            ("-s -k", Command::Stop),
            ("-r -s", Command::Status),
            ("-kr", Command::Stop),
            ("-DW -s", Command::Directives { wiki: true }),
            ("-W", Command::Start),
            ("foo -s", Command::Status),
            ("-- -s", Command::Start),
            ("-", Command::Start),
            ("-R -C none", Command::Restart),
            ("-RCnone", Command::Restart),
            ("-C none", Command::Usage),
            ("-h", Command::Usage),
            ("-sK", Command::Usage),
            ("-K -V", Command::Version),
            ("-sVx", Command::Version),
            ("-s --check", Command::Check(DEFAULT_CHECK.into())),
            ("--check /tmp/x -V", Command::Check("/tmp/x".into())),
        ] {
            assert_eq!(read(words).command, expected, "{words}");
        }
    }

    #[test]
    fn each_unknown_letter_gets_its_complaint_up_to_a_version() {
        let text = |words| {
            let lines: Vec<_> =
                read(words).complaints.into_iter().map(|line| String::from_utf8(line).unwrap()).collect();
            lines.join("\n")
        };
        let name = "/usr/libexec/heartbeat/heartbeat";
        assert_eq!(text("--help").matches("invalid option").count(), 4);
        assert_eq!(text("--version").matches("invalid option").count(), 5);
        assert_eq!(text("-xVy"), format!("{name}: invalid option -- 'x'"));
        assert_eq!(text("-R -C"), format!("{name}: option requires an argument -- 'C'"));
    }

    #[test]
    fn letters_cluster_and_count() {
        let line = read("-dMd -lf -vd");
        assert_eq!(
            (line.debug, line.no_resources, line.no_realtime, line.foreground, line.verbose),
            (3, true, true, true, true)
        );
        assert_eq!(read("-R -C all").held.as_deref(), Some("all".as_ref()));
        assert_eq!(read("-RCall").held.as_deref(), Some("all".as_ref()));
    }

    #[test]
    fn the_program_s_name_is_the_last_part_even_if_that_is_empty() {
        for (name, expected) in [("/a/b/hb", "hb"), ("hb", "hb"), ("foo/", ""), ("", "")] {
            assert_eq!(parse(&[name.into()]).program, expected);
        }
        assert_eq!(parse(&[]).program, "");
    }
}
