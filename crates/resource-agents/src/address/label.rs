//! The labels of addresses as `ifconfig` shows them: `eth0:0`, `eth0:1`, …

use crate::place;
use nix::fcntl::{Flock, FlockArg};
use std::fs::{File, OpenOptions};
use std::io;

/// The longest label that the kernel takes, and the longest name of an interface.
pub(super) const LONGEST: usize = 15;

/// The first label `NIC:N`, N from 0, that is not among those in use; `None` if the name leaves no room for one.
#[must_use]
pub fn first_free<'a>(nic: &str, in_use: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let taken: Vec<&str> = in_use.into_iter().filter_map(|label| label.strip_prefix(nic)?.strip_prefix(':')).collect();
    let number = (0..=taken.len()).find(|number| !taken.contains(&number.to_string().as_str()))?;
    Some(format!("{nic}:{number}")).filter(|label| label.len() <= LONGEST)
}

/// Held while a label is chosen and used, so that two starts at once do not choose the same.
///
/// # Errors
/// Those of opening and locking `$HA_RSCTMP/IPaddr-NIC`.
pub(super) fn lock(nic: &str) -> io::Result<Flock<File>> {
    place::create_temporary()?;
    let path = place::temporary().join(format!("IPaddr-{nic}"));
    let file = OpenOptions::new().write(true).create(true).truncate(false).open(path)?;
    Flock::lock(file, FlockArg::LockExclusive).map_err(|(_, errno)| errno.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_gap_is_taken_and_other_interfaces_do_not_count() {
        for (in_use, expected) in [
            (&[][..], "eth0:0"),
            (&["eth0", "eth0:0"], "eth0:1"),
            (&["eth0:1", "eth0:2"], "eth0:0"),
            (&["eth0:0", "eth0:2"], "eth0:1"),
            (&["eth01:0", "eth1:0", "eth0:foo", "eth0:00"], "eth0:0"),
            (&["eth0:0", "eth0:0", "eth0:1"], "eth0:2"),
        ] {
            assert_eq!(first_free("eth0", in_use.iter().copied()).as_deref(), Some(expected), "{in_use:?}");
        }
    }

    #[test]
    fn a_name_that_leaves_no_room_has_no_label() {
        assert_eq!(first_free("interfacename", []).as_deref(), Some("interfacename:0"));
        assert_eq!(first_free("interfacename1", []), None);
    }
}
