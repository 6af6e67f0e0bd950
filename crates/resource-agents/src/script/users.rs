//! Processes that keep a file system from being unmounted.

use ha_sys::process;
use nix::sys::signal::Signal;
use std::fs;
use std::path::Path;

/// The processes with a file, a directory or their program below `directory`; never ourselves and the first one.
pub(super) fn of(directory: &Path) -> Vec<i32> {
    let own = i32::try_from(std::process::id()).unwrap_or(0);
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let all = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    all.filter(|pid| *pid > 1 && *pid != own && uses(*pid, directory)).collect()
}

fn uses(pid: i32, directory: &Path) -> bool {
    let base = Path::new("/proc").join(pid.to_string());
    let below = |path: &Path| fs::read_link(path).is_ok_and(|target| target.starts_with(directory));
    if ["cwd", "root", "exe"].iter().any(|name| below(&base.join(name))) {
        return true;
    }
    if fs::read_dir(base.join("fd")).into_iter().flatten().flatten().any(|entry| below(&entry.path())) {
        return true;
    }
    // A mapped file needs no descriptor.
    let maps = fs::read_to_string(base.join("maps")).unwrap_or_default();
    maps.lines()
        .filter_map(|line| line.find('/').and_then(|at| line.get(at..)))
        .any(|path| Path::new(path).starts_with(directory))
}

/// Sends a signal to each of them.
pub(super) fn signal(users: &[i32], signal: Signal) {
    for pid in users {
        // One that is gone already is what we want.
        let _ = process::send(*pid, signal);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    #[test]
    fn a_process_is_found_by_its_directory() {
        let directory = tempfile::tempdir().unwrap();
        let path = fs::canonicalize(directory.path()).unwrap();
        assert_eq!(of(&path), []);
        let mut child = Command::new("sleep").arg("60").current_dir(&path).spawn().unwrap();
        let pid = i32::try_from(child.id()).unwrap();
        assert_eq!(of(&path), [pid]);
        signal(&of(&path), Signal::SIGKILL);
        child.wait().unwrap();
        assert_eq!(of(&path), []);
    }
}
