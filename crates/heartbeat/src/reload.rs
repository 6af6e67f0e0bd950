//! What a reload has to do: decided by the times of the files, as the original does.

use crate::paths;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// When a file was changed; `None` if it is not there. A file put in the place of another one counts as changed too.
type Stamp = Option<(i64, i64, u64)>;

/// The files that a running daemon has read, as they were then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamps {
    ha_cf: Stamp,
    authkeys: Stamp,
}

/// What changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Nothing that counts: `haresources` is read by the scripts at every use.
    Nothing,
    /// The keys, and they alone.
    Keys,
    /// The configuration.
    Configuration,
}

impl Stamps {
    /// The files as they are now. To be taken before they are read, so that no change is missed.
    #[must_use]
    pub fn take() -> Self {
        Self { ha_cf: stamp(Path::new(paths::HA_CF)), authkeys: stamp(Path::new(paths::AUTHKEYS)) }
    }

    /// What changed since then.
    #[must_use]
    pub fn change(&self, now: &Self) -> Change {
        if self.ha_cf != now.ha_cf {
            Change::Configuration
        } else if self.authkeys != now.authkeys {
            Change::Keys
        } else {
            Change::Nothing
        }
    }
}

fn stamp(path: &Path) -> Stamp {
    let found = fs::metadata(path).ok()?;
    Some((found.mtime(), found.mtime_nsec(), found.ino()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_configuration_counts_more_than_changed_keys() {
        let old = Stamps { ha_cf: Some((1, 0, 5)), authkeys: Some((1, 0, 6)) };
        assert_eq!(old.change(&old), Change::Nothing);
        assert_eq!(old.change(&Stamps { authkeys: Some((2, 0, 6)), ..old }), Change::Keys);
        assert_eq!(old.change(&Stamps { authkeys: None, ..old }), Change::Keys);
        assert_eq!(old.change(&Stamps { ha_cf: Some((1, 1, 5)), authkeys: None }), Change::Configuration);
    }

    #[test]
    fn a_file_s_time_is_seen_to_the_nanosecond() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let before = stamp(file.path());
        assert_eq!(stamp(file.path()), before);
        let time = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_nanos(1);
        file.as_file().set_modified(time).unwrap();
        assert_ne!(stamp(file.path()), before);
        assert_eq!(stamp(Path::new("/nonexistent")), None);
    }
}
