//! Follows a growing text file: each line with the moment when it came.

use std::fs::File;
use std::io::Read as _;
use std::os::fd::AsFd as _;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use nix::sys::inotify::{AddWatchFlags, InitFlags, Inotify};

use super::worker::{NAP, Worker, wait_for_input};

/// A line of a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Its place among all lines, from 0.
    pub index: usize,
    /// When it was seen, some milliseconds after it was written.
    pub at: Instant,
    /// Without the newline.
    pub text: String,
}

/// A position between two lines. Lines after it are new.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mark(usize);

impl Line {
    /// The position after this line.
    pub fn after(&self) -> Mark {
        Mark(self.index.saturating_add(1))
    }
}

#[derive(Debug, Default)]
struct Shared {
    lines: Mutex<Vec<Line>>,
    grown: Condvar,
}

impl Shared {
    fn lines(&self) -> MutexGuard<'_, Vec<Line>> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, texts: &[String]) {
        let at = Instant::now();
        let mut lines = self.lines();
        for text in texts {
            let index = lines.len();
            lines.push(Line { index, at, text: text.clone() });
        }
        drop(lines);
        self.grown.notify_all();
    }
}

/// A file that is followed until this is dropped. It need not exist yet.
#[derive(Debug)]
pub struct Log {
    shared: Arc<Shared>,
    _follower: Worker,
}

impl Log {
    /// Follows the file from its beginning.
    ///
    /// # Errors
    ///
    /// The directory cannot be watched.
    pub fn follow(path: &Path) -> Result<Self> {
        let shared = Arc::new(Shared::default());
        let watch = Inotify::init(InitFlags::IN_CLOEXEC | InitFlags::IN_NONBLOCK).context("inotify")?;
        let directory = path.parent().context("a file in a directory")?;
        watch.add_watch(directory, AddWatchFlags::IN_CREATE | AddWatchFlags::IN_MODIFY).context("inotify")?;
        let (path, to) = (path.to_owned(), Arc::clone(&shared));
        let mut reader = Reader::default();
        let step = move || {
            let lines = reader.read(&path);
            if lines.is_empty() {
                wait_for_input(watch.as_fd(), NAP);
                let _ = watch.read_events();
            } else {
                to.add(&lines);
            }
        };
        Ok(Self { shared, _follower: Worker::new(step) })
    }

    /// The position after all lines so far.
    pub fn mark(&self) -> Mark {
        Mark(self.shared.lines().len())
    }

    /// The lines after `mark` so far.
    pub fn since(&self, mark: Mark) -> Vec<Line> {
        self.shared.lines().iter().skip(mark.0).cloned().collect()
    }

    /// Waits for the first line after `mark` that holds `text`.
    ///
    /// # Errors
    ///
    /// It did not come before `ceiling`, which only ends the wait: nothing depends on its length.
    pub fn wait(&self, mark: Mark, text: &str, ceiling: Duration) -> Result<Line> {
        let end = Instant::now() + ceiling;
        let mut lines = self.shared.lines();
        let mut seen = mark.0;
        loop {
            if let Some(line) = lines.iter().skip(seen).find(|line| line.text.contains(text)) {
                return Ok(line.clone());
            }
            seen = seen.max(lines.len());
            let Some(rest) = end.checked_duration_since(Instant::now()) else {
                bail!("no line with '{text}' within {ceiling:?}");
            };
            lines = self.shared.grown.wait_timeout(lines, rest).unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

/// Reads a file in pieces of whole lines.
#[derive(Debug, Default)]
struct Reader {
    file: Option<File>,
    rest: Vec<u8>,
}

impl Reader {
    fn read(&mut self, path: &Path) -> Vec<String> {
        if self.file.is_none() {
            self.file = File::open(path).ok();
        }
        if let Some(file) = &mut self.file {
            let _ = file.read_to_end(&mut self.rest);
        }
        let complete = self.rest.iter().rposition(|byte| *byte == b'\n').map_or(0, |last| last + 1);
        let lines: Vec<u8> = self.rest.drain(..complete).collect();
        String::from_utf8_lossy(&lines).lines().map(str::to_owned).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::fs::OpenOptions;
    use std::io::Write as _;

    use super::*;

    const CEILING: Duration = Duration::from_secs(20);

    #[test]
    fn lines_are_seen_as_they_come_even_if_the_file_comes_later() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("log");
        let log = Log::follow(&path).unwrap();
        assert_eq!(log.mark(), Mark(0));
        let mut file = OpenOptions::new().create(true).append(true).open(&path).unwrap();
        file.write_all(b"one\ntw").unwrap();
        assert_eq!(log.wait(Mark(0), "on", CEILING).unwrap().after(), Mark(1));
        assert!(log.wait(Mark(0), "tw", Duration::from_millis(1)).is_err());
        file.write_all(b"o\none\n").unwrap();
        let again = log.wait(Mark(1), "one", CEILING).unwrap();
        assert_eq!((again.index, again.text.as_str()), (2, "one"));
        assert_eq!(log.since(Mark(1)).len(), 2);
        assert!(log.wait(again.after(), "one", Duration::from_millis(1)).is_err());
    }
}
