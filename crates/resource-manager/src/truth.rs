//! What really became of each group on this node: a small file for each, for the status command.
//!
//! The daemon claims sets (`local`, `foreign`) and is not told when a start fails; here is what was tried and how it
//! ended. One file for each key in `/run/heartbeat/groups` (or `HA_TRUTHDIR`), replaced as a whole; the daemon
//! empties the directory when it starts afresh. An operation never fails because this cannot be written.

use ha_sys::state;
use md5::{Digest, Md5};
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{env, fs};

/// Where the files are, unless `HA_TRUTHDIR` names another directory.
pub const DIRECTORY: &str = "/run/heartbeat/groups";
/// Longer keys are shortened and told apart by a digest: names have at most 255 bytes.
const LONGEST_NAME: usize = 160;
/// More than any such file has, in bytes.
const LIMIT: u64 = 64 * 1024;

/// How far a group is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Its resources are being started, or a start hangs.
    Starting,
    /// All were started, or found running.
    Running,
    /// Its resources are being stopped, or a stop hangs.
    Stopping,
    /// All were stopped.
    Stopped,
    /// A start failed and the group was stopped, or something could not be stopped.
    Failed,
}

const STATES: [(State, &str); 5] = [
    (State::Starting, "starting"),
    (State::Running, "running"),
    (State::Stopping, "stopping"),
    (State::Stopped, "stopped"),
    (State::Failed, "failed"),
];

impl State {
    /// The word in the file, also for people.
    #[must_use]
    pub fn word(self) -> &'static str {
        STATES.iter().find(|(state, _)| *state == self).map_or("", |(_, word)| word)
    }
}

/// The last script that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The resource's word in `haresources`.
    pub resource: String,
    /// `start` or `stop`.
    pub verb: String,
    /// The exit status.
    pub code: i32,
    /// When, in seconds since 1970.
    pub time: u64,
}

/// What is known about a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupTruth {
    /// The group's key: its first resource.
    pub key: String,
    /// The node of its line in `haresources`.
    pub node: String,
    /// How far it is.
    pub state: State,
    /// Since when it is in this state, in seconds since 1970.
    pub since: u64,
    /// When a start or stop of the whole group last ended, in seconds since 1970.
    pub last_transition: Option<u64>,
    /// The last script that failed, also if all was well afterwards.
    pub last_failure: Option<Failure>,
    /// How often in a row the start failed on this node. A successful start makes it 0.
    pub failed_starts: u32,
}

/// The directory: `HA_TRUTHDIR` or [`DIRECTORY`].
#[must_use]
pub fn directory() -> PathBuf {
    env::var_os("HA_TRUTHDIR").filter(|path| !path.is_empty()).map_or_else(|| DIRECTORY.into(), PathBuf::from)
}

/// All groups that were started or stopped since the daemon's start, ordered by key. Files that make no sense are
/// left out.
#[must_use]
pub fn read_all() -> Vec<GroupTruth> {
    read_all_in(&directory())
}

/// The same for another directory.
#[must_use]
pub fn read_all_in(directory: &Path) -> Vec<GroupTruth> {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten().map(|entry| entry.path());
    let files = entries.filter(|path| path.extension().is_none_or(|extension| extension != "tmp"));
    let mut all: Vec<_> = files.filter_map(|path| read(&path)).collect();
    all.sort_by(|a, b| a.key.cmp(&b.key));
    all
}

/// Forgets everything, for a fresh start of the daemon. Files that are none of these, or cannot be removed, stay.
pub fn clear() {
    clear_in(&directory());
}

/// The same for another directory.
pub fn clear_in(directory: &Path) {
    for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
        if read(&entry.path()).is_some() {
            let _ = fs::remove_file(entry.path());
        }
    }
}

impl GroupTruth {
    /// What is known about this group, or that it is stopped as far as anybody knows.
    #[must_use]
    pub fn load(directory: &Path, key: &str, node: &str) -> Self {
        let known = read(&directory.join(file_name(key))).filter(|truth| truth.key == key);
        let fresh = Self {
            key: key.to_owned(),
            node: node.to_owned(),
            state: State::Stopped,
            since: 0,
            last_transition: None,
            last_failure: None,
            failed_starts: 0,
        };
        known.map_or(fresh, |truth| Self { node: node.to_owned(), ..truth })
    }

    /// Enters a state. A group that runs has started, one that was starting and failed has not.
    pub fn enter(&mut self, state: State, now: u64) {
        if matches!(state, State::Running | State::Stopped | State::Failed) {
            self.last_transition = Some(now);
        }
        if state == State::Running {
            self.failed_starts = 0;
        }
        (self.state, self.since) = (state, now);
    }

    /// Notes a script that failed.
    pub fn failed(&mut self, failure: Failure) {
        if failure.verb == "start" {
            self.failed_starts = self.failed_starts.saturating_add(1);
        }
        self.last_failure = Some(failure);
    }

    /// Writes it. That it cannot be written is not worth a failed takeover.
    pub fn save(&self, directory: &Path) {
        let _ = fs::create_dir_all(directory);
        let _ = state::replace(&directory.join(file_name(&self.key)), self.text().as_bytes(), 0o644);
    }

    fn text(&self) -> String {
        let mut text =
            format!("key={}\nnode={}\nstate={}\nsince={}\n", self.key, self.node, self.state.word(), self.since);
        if let Some(time) = self.last_transition {
            let _ = writeln!(text, "last_transition={time}");
        }
        if let Some(Failure { resource, verb, code, time }) = &self.last_failure {
            let _ = writeln!(text, "failure={time} {code} {verb} {resource}");
        }
        let _ = writeln!(text, "failed_starts={}", self.failed_starts);
        text
    }

    fn parse(text: &str) -> Option<Self> {
        let field = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
        let state = STATES.iter().find(|(_, word)| Some(*word) == field("state"))?.0;
        Some(Self {
            key: field("key")?.to_owned(),
            node: field("node")?.to_owned(),
            state,
            since: field("since")?.parse().ok()?,
            last_transition: field("last_transition").and_then(|time| time.parse().ok()),
            last_failure: field("failure").and_then(failure),
            failed_starts: field("failed_starts").and_then(|count| count.parse().ok()).unwrap_or_default(),
        })
    }
}

fn failure(text: &str) -> Option<Failure> {
    let mut words = text.splitn(4, ' ');
    let time = words.next()?.parse().ok()?;
    let code = words.next()?.parse().ok()?;
    Some(Failure { verb: words.next()?.to_owned(), resource: words.next()?.to_owned(), code, time })
}

fn read(path: &Path) -> Option<GroupTruth> {
    let bytes = state::read(path, LIMIT).ok()??;
    GroupTruth::parse(&String::from_utf8_lossy(&bytes))
}

/// A key as a file name: everything unusual as `%XX`.
fn file_name(key: &str) -> String {
    let mut name = String::new();
    for byte in key.bytes() {
        // No dot: names would otherwise be hidden, mean directories, or look like unfinished files.
        if byte.is_ascii_alphanumeric() || matches!(byte, b':' | b'-' | b'_') {
            name.push(char::from(byte));
        } else {
            let _ = write!(name, "%{byte:02X}");
        }
    }
    if name.len() > LONGEST_NAME {
        name.truncate(LONGEST_NAME);
        for byte in Md5::digest(key.as_bytes()) {
            let _ = write!(name, "{byte:02x}");
        }
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(key: &str) -> GroupTruth {
        let failure = Failure { resource: "Q::a b".into(), verb: "start".into(), code: -4, time: 99 };
        let mut truth = GroupTruth::load(Path::new("/nonexistent"), key, "alpha");
        truth.last_failure = Some(failure);
        truth.failed_starts = 2;
        truth.enter(State::Failed, 100);
        truth
    }

    #[test]
    fn what_was_saved_is_read() {
        let directory = tempfile::tempdir().unwrap();
        let groups = directory.path().join("deep/groups");
        let keys =
            ["..", "IPaddr::10.0.0.1/24/eth0", "a%2F", "a/", &"x".repeat(1000), &format!("{}y", "x".repeat(999))];
        for key in keys {
            sample(key).save(&groups);
            assert_eq!(GroupTruth::load(&groups, key, "alpha"), sample(key));
        }
        let all = read_all_in(&groups);
        assert_eq!(all.len(), keys.len());
        assert!(all.windows(2).all(|pair| pair[0].key < pair[1].key));
        fs::write(groups.join("broken"), "key=x\nstate=odd\n").unwrap();
        assert_eq!(read_all_in(&groups).len(), keys.len());
        clear_in(&groups);
        let left: Vec<_> = fs::read_dir(&groups).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(left, ["broken"]);
    }

    #[test]
    fn a_directory_that_cannot_be_written_does_not_matter() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("file");
        fs::write(&file, "").unwrap();
        sample("a").save(&file.join("groups"));
        assert!(read_all_in(&file).is_empty());
    }

    #[test]
    fn a_successful_start_forgives_failures_and_a_stop_does_not() {
        let mut truth = sample("a");
        assert_eq!((truth.last_transition, truth.since), (Some(100), 100));
        truth.enter(State::Stopping, 101);
        truth.enter(State::Stopped, 102);
        assert_eq!((truth.failed_starts, truth.last_transition), (2, Some(102)));
        truth.enter(State::Starting, 103);
        assert_eq!((truth.last_transition, truth.since), (Some(102), 103));
        truth.enter(State::Running, 104);
        assert_eq!((truth.failed_starts, truth.last_failure.is_some()), (0, true));
    }
}
