//! Runs one program with captured output.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{Read as _, Seek as _, Write as _};
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};

use super::ENVIRONMENT;
use super::watchdog::Watchdog;
use crate::cases::Exit;

/// Where a program's output goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Streams {
    /// Two pipes.
    #[default]
    Separate,
    /// One file for both, so that their order shows.
    Merged,
}

/// One program to run.
#[derive(Debug, Clone)]
pub struct Program {
    /// The file to execute.
    pub path: PathBuf,
    /// What it sees as its own name.
    pub name: OsString,
    /// Its arguments.
    pub args: Vec<OsString>,
    /// Variables besides [`ENVIRONMENT`].
    pub variables: Vec<(OsString, OsString)>,
    /// Its standard input; the null device if absent.
    pub stdin: Option<Vec<u8>>,
    /// Where its output goes.
    pub streams: Streams,
}

/// What a program did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// How it ended.
    pub exit: Exit,
    /// Standard output, or both streams where they are merged.
    pub stdout: Vec<u8>,
    /// Standard error.
    pub stderr: Vec<u8>,
    /// It was killed because it did not end by itself.
    pub hung: bool,
}

impl Outcome {
    /// Whether the program ended with status 0.
    pub fn success(&self) -> bool {
        self.exit == Exit::Code(0)
    }
}

impl Program {
    /// A program by its path, without arguments, called by its file name.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        let name = path.file_name().unwrap_or(OsStr::new("")).to_owned();
        Self { path, name, args: Vec::new(), variables: Vec::new(), stdin: None, streams: Streams::default() }
    }

    /// A recorded command line, as `sh -c` would run it.
    ///
    /// Without pipes and other things that need a shell the program is started directly: it saves time, and a shell
    /// would report a program killed by a signal in its own way.
    pub fn recorded(command: &str) -> Self {
        let direct = words(command).and_then(|words| {
            let (name, args) = words.split_first()?;
            let mut program = Self::new(find(name)?).args(args);
            program.name = name.into();
            Some(program)
        });
        direct.unwrap_or_else(|| Self::new("/bin/sh").args(["-c", command]))
    }

    /// Adds arguments.
    #[must_use]
    pub fn args<W: Into<OsString>>(mut self, args: impl IntoIterator<Item = W>) -> Self {
        self.args.extend(args.into_iter().map(Into::into));
        self
    }

    /// Sets the standard input.
    #[must_use]
    pub fn stdin(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.stdin = Some(bytes.into());
        self
    }

    /// Runs it to its end. It inherits the calling thread's namespaces.
    ///
    /// # Errors
    ///
    /// The program cannot be started, or the memory for its streams not be had.
    pub fn run(&self, watchdog: &Watchdog) -> Result<Outcome> {
        let mut command = Command::new(&self.path);
        command.arg0(&self.name).args(&self.args).env_clear().envs(ENVIRONMENT).envs(self.variables.iter().cloned());
        command.stdin(match &self.stdin {
            Some(bytes) => Stdio::from(scratch(bytes)?),
            None => Stdio::null(),
        });
        let mut merged = None;
        match self.streams {
            Streams::Separate => command.stdout(Stdio::piped()).stderr(Stdio::piped()),
            Streams::Merged => {
                let file = scratch(&[])?;
                command.stdout(file.try_clone()?).stderr(file.try_clone()?);
                merged = Some(file);
                &mut command
            }
        };
        let child = command.spawn().with_context(|| self.path.display().to_string())?;
        watchdog.watch(child.id());
        let output = child.wait_with_output();
        let hung = watchdog.release();
        let output = output?;
        let exit = match (output.status.code(), output.status.signal()) {
            (Some(code), _) => Exit::Code(code),
            (None, Some(signal)) => Exit::Signal(signal),
            (None, None) => bail!("{} neither ended nor was killed", self.path.display()),
        };
        let mut stdout = output.stdout;
        if let Some(mut file) = merged {
            file.rewind()?;
            file.read_to_end(&mut stdout)?;
        }
        Ok(Outcome { exit, stdout, stderr: output.stderr, hung })
    }
}

/// Splits a command at blanks, with single quotes; `None` if a shell would see more than words.
fn words(command: &str) -> Option<Vec<String>> {
    const SHELL: &str = "|&;<>()$`\"\\*~#!{}\n";
    let mut words: Vec<String> = Vec::new();
    let mut open = false;
    for (index, part) in command.split('\'').enumerate() {
        if index % 2 == 1 {
            if !open {
                words.push(String::new());
                open = true;
            }
            words.last_mut()?.push_str(part);
            continue;
        }
        for character in part.chars() {
            match character {
                ' ' | '\t' => open = false,
                _ if SHELL.contains(character) => return None,
                _ => {
                    if !open {
                        words.push(String::new());
                        open = true;
                    }
                    words.last_mut()?.push(character);
                }
            }
        }
    }
    let assigns = words.first().is_none_or(|word| word.contains('='));
    (command.matches('\'').count() % 2 == 0 && !assigns).then_some(words)
}

/// Finds a program where the recorded environment looks for it.
fn find(name: &str) -> Option<PathBuf> {
    if name.contains('/') {
        return Some(name.into());
    }
    let (_, path) = ENVIRONMENT.iter().find(|(variable, _)| *variable == "PATH")?;
    path.split(':').map(|directory| Path::new(directory).join(name)).find(|program| program.exists())
}

/// An unnamed file in memory with this content, positioned at its start.
fn scratch(content: &[u8]) -> Result<File> {
    let mut file = tempfile::tempfile_in("/dev/shm").context("a file in memory")?;
    file.write_all(content)?;
    file.rewind()?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn simple_commands_are_split_into_words() {
        for (command, expected) in [
            ("ipvsadm -Ln", Some(&["ipvsadm", "-Ln"][..])),
            ("ipvsadm ''  -t '10.0.0.1: +80' -s ", Some(&["ipvsadm", "", "-t", "10.0.0.1: +80", "-s"])),
            ("ipvsadm -t=[::1]:80 a'b c'd", Some(&["ipvsadm", "-t=[::1]:80", "ab cd"])),
            ("ipvsadm -Sn | ipvsadm -R", None),
            ("A=1 ipvsadm", None),
            ("ipvsadm 'open", None),
            ("", None),
        ] {
            let words = words(command);
            assert_eq!(
                words.as_deref(),
                expected.map(|all| all.iter().map(|&word| word.to_owned()).collect::<Vec<_>>()).as_deref()
            );
        }
    }

    #[test]
    fn a_program_is_run_with_exactly_the_recorded_environment() {
        let outcome = Program::recorded("env").stdin("").run(&Watchdog::default()).unwrap();
        assert_eq!(outcome.stdout, b"LC_ALL=C\nPATH=/usr/sbin:/usr/bin:/sbin:/bin\n");
        assert!(outcome.success());
    }

    #[test]
    fn merged_streams_keep_the_order_of_both() {
        let mut program = Program::new("/bin/sh").args(["-c", "echo a; echo b >&2; cat"]).stdin("c\n");
        program.streams = Streams::Merged;
        let outcome = program.run(&Watchdog::default()).unwrap();
        assert_eq!((outcome.stdout, outcome.stderr), (b"a\nb\nc\n".to_vec(), Vec::new()));
    }

    #[test]
    fn a_program_killed_by_a_signal_is_reported() {
        let outcome = Program::new("/bin/sh").args(["-c", "kill -9 $$"]).run(&Watchdog::default()).unwrap();
        assert_eq!(outcome.exit, Exit::Signal(9));
        assert!(!outcome.hung);
    }
}
