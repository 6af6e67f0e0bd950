//! Where things are in the project.

use std::path::{Path, PathBuf};

/// The top directory of the project, as it was when this crate was compiled.
///
/// The user-mode kernel sees the same path, because its root file system is the host's.
pub fn project_root() -> &'static Path {
    let crate_dir = Path::new(env!("CARGO_MANIFEST_DIR"));
    crate_dir.ancestors().nth(2).unwrap_or(crate_dir)
}

/// The recorded cases of one tool, such as `ipvsadm`.
pub fn fixtures(tool: &str) -> PathBuf {
    project_root().join("compat-fixtures").join(tool)
}

/// The scripts that are shipped, such as `ipvsadm-save`.
pub fn scripts() -> PathBuf {
    project_root().join("scripts")
}
