//! Our scripts and companion programs in the place of the originals' on a node: as if nothing else had been installed.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use crate::paths::project_root;

/// Where a node finds our tools, see `node-init.sh`.
const TOOLS: &str = "/usr/libexec/heartbeat/ha-tools";

/// What is installed as links to the tools in `/usr/share/heartbeat`.
const COMPANIONS: [&str; 10] = [
    "ResourceManager",
    "req_resource",
    "mach_down",
    "hb_standby",
    "hb_takeover",
    "hb_addnode",
    "hb_delnode",
    "hb_setweight",
    "hb_setsite",
    "ha_propagate",
];

/// Replaces what a node has below `directory`: `harc`, `shellfuncs`, `rc.d` and, if wanted, all resource scripts;
/// gives the line that lets it see the companion programs.
pub(super) fn install(directory: &Path, bare: bool) -> Result<String> {
    let share = directory.join("share");
    fs::create_dir(&share)?;
    for name in COMPANIONS {
        symlink(TOOLS, share.join(name))?;
    }
    let settings = directory.join("ha.d");
    fs::remove_dir_all(settings.join("rc.d"))?;
    if bare {
        fs::remove_dir_all(settings.join("resource.d"))?;
    }
    let ours = project_root().join("crates/ha-tools/ha.d/.");
    let copied =
        Command::new("cp").args(["-a", "--remove-destination"]).arg(&ours).arg(&settings).status().context("cp")?;
    ensure!(copied.success(), "cannot copy {}", ours.display());
    Ok("share /usr/share/heartbeat\n".to_owned())
}
