//! The places that a running daemon needs: made if they are missing, with the owners that scripts and clients expect.

use crate::identity::reason;
use crate::line::{Line, warn};
use crate::paths;
use nix::unistd::{Group, User, chown};
use std::env;
use std::fs::{self, DirBuilder, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::Path;

/// Directories of the cluster's user below the run directory.
const OWNED: [&str; 3] = ["ccm", "crm", "dopd"];

/// The cluster's user and group by number; `None` for one that does not exist on this machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct Owner {
    user: Option<nix::unistd::Uid>,
    group: Option<nix::unistd::Gid>,
}

impl Owner {
    /// Looks both up.
    #[must_use]
    pub fn find() -> Self {
        Self {
            user: User::from_name(paths::CLUSTER_USER).ok().flatten().map(|user| user.uid),
            group: Group::from_name(paths::CLUSTER_GROUP).ok().flatten().map(|group| group.gid),
        }
    }

    fn give(self, path: &Path) -> io::Result<()> {
        Ok(chown(path, self.user, self.group)?)
    }
}

/// Makes the run directory and those in it, where they are missing: `/run` is empty after a boot.
pub fn prepare_run(owner: Owner) {
    let run = Path::new(paths::RUN_DIRECTORY);
    for path in std::iter::once(run.to_owned()).chain(OWNED.iter().map(|name| run.join(name))) {
        if !path.exists() && DirBuilder::new().recursive(true).mode(0o750).create(&path).is_ok() {
            let _ = owner.give(&path);
        }
    }
}

/// Empties the directory where resource scripts keep their state.
///
/// # Errors
/// The kernel's.
pub fn renew_resource_state() -> io::Result<()> {
    let path = Path::new(paths::RESOURCE_STATE);
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => DirBuilder::new().recursive(true).create(path)?,
    }
    fs::set_permissions(path, Permissions::from_mode(0o1755))
}

/// Gives a log file to the cluster's user, so that its programs can write there; the line if that fails.
#[must_use]
pub fn give_log_file(owner: Owner, what: &str, path: &Path) -> Option<Line> {
    let failure = owner.give(path).err()?;
    Some(warn(format!("change_logfile_ownership: failed to chown {what}: {}", reason(&failure))))
}

/// Goes to the directory where core dumps are to land, made if it is missing; to the root directory if that fails.
pub fn enter_core_directory(root: &Path) {
    let own = root.join("root");
    let _ = DirBuilder::new().recursive(true).mode(0o700).create(&own);
    if env::set_current_dir(&own).is_err() {
        let _ = env::set_current_dir("/");
    }
}
