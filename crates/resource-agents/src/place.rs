//! Where things lie: the directory for state that a reboot ends, programs, and settings.

use std::fs::DirBuilder;
use std::io;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// Where state lies unless `HA_RSCTMP` says otherwise (resource specification, section 11.2).
const TEMPORARY: &str = "/run/resource-agents";
/// Where programs are looked for besides `PATH`.
const DIRECTORIES: [&str; 6] = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];
/// Settings of single resources.
pub const CONFIGURATION: &str = "/etc/ha.d/conf";

/// `$HA_RSCTMP`.
#[must_use]
pub fn temporary() -> PathBuf {
    environment("HA_RSCTMP").map_or_else(|| TEMPORARY.into(), PathBuf::from)
}

/// Makes that directory, if it is not there.
///
/// # Errors
/// Those of `mkdir(2)`.
pub fn create_temporary() -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o755).create(temporary())
}

/// The first executable file of this name in `PATH` and the usual directories; an absolute path as it is.
#[must_use]
pub fn program(name: &str) -> Option<PathBuf> {
    let executable =
        |path: &Path| path.metadata().is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0);
    if name.contains('/') {
        return Some(PathBuf::from(name)).filter(|path| executable(path));
    }
    let path = environment("PATH").unwrap_or_default();
    let directories = path.split(':').filter(|directory| directory.starts_with('/')).chain(DIRECTORIES);
    directories.map(|directory| Path::new(directory).join(name)).find(|path| executable(path))
}

/// A variable of the environment that is there and not empty.
#[must_use]
pub fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// The assignments of a settings file: `NAME=VALUE`, perhaps with `export` before and quotes around the value.
///
/// Comments and other lines are skipped. Nothing is expanded.
#[must_use]
pub fn assignments(text: &str) -> Vec<(String, String)> {
    text.lines().filter_map(assignment).collect()
}

fn assignment(line: &str) -> Option<(String, String)> {
    let line = line.trim();
    let line = line.strip_prefix("export ").map_or(line, str::trim_start);
    let (name, value) = line.split_once('=')?;
    let valid = |character: char| character.is_ascii_alphanumeric() || character == '_';
    if name.is_empty() || !name.chars().all(valid) || name.starts_with(|first: char| first.is_ascii_digit()) {
        return None;
    }
    let value = match value.chars().next() {
        Some(quote @ ('"' | '\'')) => value.get(1..)?.split_once(quote)?.0,
        // A word ends at a blank or a command separator.
        _ => value.split([' ', '\t', ';']).next()?,
    };
    Some((name.to_owned(), value.to_owned()))
}

/// The value of a setting in such a file; of several the last.
#[must_use]
pub fn setting(path: &Path, name: &str) -> Option<String> {
    let text = String::from_utf8_lossy(&std::fs::read(path).ok()?).into_owned();
    assignments(&text).into_iter().rev().find(|(found, _)| found == name).map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn assignments_are_read_as_a_shell_reads_plain_ones() {
        let text = "# X=1\nA=1\n export B='two words' # c\nC=\"x\"\nD=a b\nE=\n1F=2\nG H=3\nif [ x ]; then\nA=2;\n";
        let all: Vec<_> = assignments(text).into_iter().map(|(name, value)| format!("{name}={value}")).collect();
        assert_eq!(all, ["A=1", "B=two words", "C=x", "D=a", "E=", "A=2"]);
    }

    #[test]
    fn programs_are_found_and_files_that_cannot_run_are_none() {
        assert!(program("sh").is_some() && program("no-such-program").is_none());
        assert_eq!((program("/etc/passwd"), program("/bin/sh")), (None, Some("/bin/sh".into())));
    }
}
