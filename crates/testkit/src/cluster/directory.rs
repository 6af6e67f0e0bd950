//! A temporary directory that goes away even if the test process is killed.

use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, Result};

/// What removes the directory when its input ends. Dying nodes may still write into it for a moment.
const SWEEP: &str = r#"cat; until rm -rf -- "$1" 2>/dev/null; do sleep 0.1; done"#;

/// A directory with everything in it.
#[derive(Debug)]
pub(super) struct Directory {
    path: PathBuf,
    sweeper: Child,
}

impl Directory {
    /// Makes one, empty, with a short path: it will hold sockets.
    pub(super) fn new() -> Result<Self> {
        let made = tempfile::Builder::new().prefix("lvs-ha-cluster-").tempdir()?;
        let sweeper = Command::new("/bin/sh")
            .args(["-c", SWEEP, "sweep"])
            .arg(made.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            // The keyboard's signal that ends a test must not end this.
            .process_group(0)
            .spawn()
            .context("/bin/sh")?;
        Ok(Self { path: made.keep(), sweeper })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        drop(self.sweeper.stdin.take());
        let _ = self.sweeper.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_goes_with_its_value() {
        let directory = Directory::new().unwrap();
        let path = directory.path().to_owned();
        std::fs::create_dir(path.join("inner")).unwrap();
        std::fs::write(path.join("inner/file"), "x").unwrap();
        drop(directory);
        assert!(!path.exists());
    }
}
