//! Builds programs of the workspace with cargo, once per test process.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Mutex;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use crate::paths::project_root;

static BUILT: Mutex<BTreeMap<(String, bool), PathBuf>> = Mutex::new(BTreeMap::new());

/// The program `name` of the package of the same name, as it is shipped (release profile).
///
/// # Errors
///
/// Cargo's, if the program cannot be built.
pub fn release_binary(name: &str) -> Result<PathBuf> {
    binary(name, name, &["--bin", name], true)
}

/// The `ipvsadm` to test: ours as it is shipped, or the program that the variable `LAB_IPVSADM` names.
///
/// # Errors
///
/// As [`release_binary`].
pub fn ipvsadm_under_test() -> Result<PathBuf> {
    std::env::var_os("LAB_IPVSADM").map_or_else(|| release_binary("ipvsadm"), |path| Ok(path.into()))
}

/// The `heartbeat` to test: ours as it is shipped, with its tools beside it, or the program that the variable
/// `LAB_HEARTBEAT` names.
///
/// # Errors
///
/// As [`release_binary`].
pub fn heartbeat_under_test() -> Result<PathBuf> {
    match std::env::var_os("LAB_HEARTBEAT") {
        Some(path) => Ok(path.into()),
        None => release_binary("ha-tools").and_then(|_| release_binary("heartbeat")),
    }
}

/// An example of a package, in the development profile.
///
/// # Errors
///
/// Cargo's, if it cannot be built.
pub fn example(package: &str, name: &str) -> Result<PathBuf> {
    binary(package, name, &["--example", name], false)
}

/// The program `lvs-lab` of this package, in the development profile: what tests start inside the lab.
///
/// # Errors
///
/// Cargo's, if it cannot be built.
pub fn agent() -> Result<PathBuf> {
    binary("testkit", "lvs-lab", &["--bin", "lvs-lab"], false)
}

fn binary(package: &str, name: &str, target: &[&str], release: bool) -> Result<PathBuf> {
    let key = (format!("{package}/{name}"), release);
    let mut built = BUILT.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    if let Some(path) = built.get(&key) {
        return Ok(path.clone());
    }
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.current_dir(project_root()).args([
        "build",
        "--quiet",
        "--locked",
        "--message-format=json-render-diagnostics",
    ]);
    command.args(["--package", package]).args(target).args(release.then_some("--release"));
    let output = command.stderr(Stdio::inherit()).output().context("cargo build")?;
    ensure!(output.status.success(), "cargo could not build {name} of {package}");
    let path = executable(&output.stdout, name).with_context(|| format!("cargo named no program {name}"))?;
    built.insert(key, path.clone());
    Ok(path)
}

/// Finds the program in cargo's messages, one JSON object per line.
fn executable(messages: &[u8], name: &str) -> Option<PathBuf> {
    messages.split(|byte| *byte == b'\n').find_map(|line| {
        let message: Value = serde_json::from_slice(line).ok()?;
        let path = message.get("executable")?.as_str()?;
        (message.get("target")?.get("name")? == name).then(|| PathBuf::from(path))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_program_is_found_among_cargos_messages() {
        let messages = b"{\"reason\":\"compiler-artifact\",\"target\":{\"name\":\"ipvsadm\"},\"executable\":null}\n\
            {\"reason\":\"compiler-artifact\",\"target\":{\"name\":\"other\"},\"executable\":\"/t/other\"}\n\
            {\"reason\":\"compiler-artifact\",\"target\":{\"name\":\"ipvsadm\"},\"executable\":\"/t/ipvsadm\"}\n\
            {\"reason\":\"build-finished\",\"success\":true}\n";
        assert_eq!(executable(messages, "ipvsadm"), Some(PathBuf::from("/t/ipvsadm")));
        assert_eq!(executable(messages, "missing"), None);
    }
}
