//! Starting again in the same process: the program is executed once more, with the same process id and a new
//! generation, as the original does after a changed configuration or a healed partition.

use crate::identity::reason;
use crate::log::Log;
use crate::settings::HOMES;
use cluster_protocol::resources::Set;
use nix::unistd::execve;
use std::ffi::{CString, OsString};
use std::io;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;

/// How to start again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Again {
    program: PathBuf,
    arguments: Vec<OsString>,
    homes: Vec<String>,
}

impl Again {
    /// The same program, from the path where it was found at the start: after an update that is the new one. `held`: the
    /// resources that are still held; `None` if everything was released.
    #[must_use]
    pub fn new(program: PathBuf, options: crate::loading::Options, debug: u8, held: Option<Set>) -> Self {
        let mut arguments: Vec<OsString> = vec!["-R".into()];
        if let Some(held) = held {
            arguments.extend(["-C".into(), held.word().into()]);
        }
        if !options.manages_resources {
            arguments.push("-M".into());
        }
        if !options.realtime {
            arguments.push("-l".into());
        }
        arguments.extend((0..debug).map(|_| "-d".into()));
        Self { program, arguments, homes: Vec::new() }
    }

    /// With more than two nodes: whose groups are held.
    #[must_use]
    pub fn holding(mut self, homes: Vec<String>) -> Self {
        self.homes = homes;
        self
    }

    /// The running program's path, to be asked at the start: of a program that was replaced meanwhile it would be the
    /// deleted file.
    #[must_use]
    pub fn own_program() -> PathBuf {
        std::env::current_exe().unwrap_or_else(|_| PathBuf::from("/proc/self/exe"))
    }

    /// Executes it. Returns only if that is impossible. Signals stay blocked meanwhile, so that one that comes now is
    /// taken by the new program.
    pub fn execute(&self, log: &Log) {
        log.info("Performing heartbeat restart exec.");
        log.flush();
        for program in [self.program.clone(), PathBuf::from("/proc/self/exe")] {
            let failure = self.try_program(program.clone());
            log.error(&format!("Cannot exec {}: {}", program.display(), reason(&failure)));
        }
    }

    /// Ours, with what the next life has to know.
    fn environment(&self) -> io::Result<Vec<CString>> {
        let inherited = std::env::vars_os().filter(|(name, _)| *name != *HOMES);
        let homes = (!self.homes.is_empty()).then(|| (HOMES.into(), self.homes.join(" ").into()));
        let pair = |(name, value): (OsString, OsString)| {
            let mut text = name;
            text.push("=");
            text.push(value);
            CString::new(text.into_vec()).map_err(io::Error::from)
        };
        inherited.chain(homes).map(pair).collect()
    }

    fn try_program(&self, program: PathBuf) -> io::Error {
        let text = |word: OsString| CString::new(word.into_vec()).map_err(io::Error::from);
        // The first argument is the path from the start: log lines and `-s` show its last part.
        let words = std::iter::once(self.program.clone().into_os_string()).chain(self.arguments.iter().cloned());
        let result = words.map(text).collect::<io::Result<Vec<_>>>().and_then(|words| {
            let error = execve(&text(program.into_os_string())?, &words, &self.environment()?).err();
            error.map_or(Ok(()), |errno| Err(errno.into()))
        });
        result.err().unwrap_or_else(|| io::ErrorKind::Other.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::loading::Options;

    #[test]
    fn the_options_of_the_first_start_stay() {
        let again = |options, debug, held| {
            let words = Again::new(Again::own_program(), options, debug, held).arguments;
            words.iter().map(|word| word.to_str().unwrap().to_owned()).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(again(Options { manages_resources: true, realtime: true }, 0, Some(Set::LOCAL)), "-R -C local");
        assert_eq!(again(Options { manages_resources: false, realtime: false }, 2, None), "-R -M -l -d -d");
    }
}
