//! Lets the original heartbeat check configurations, in namespaces of its own, and notes what it says.
//!
//! The pid file names a process that lives, so that the daemon ends after all checks with `already running` and status
//! 0: nothing is ever started. The recorder starts itself again inside the namespaces, where it is process 1 and dies
//! with all it mounted.

use anyhow::{Context as _, Result, ensure};
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::{Case, Expected, format, world};

/// The program that is recorded.
pub const ORIGINAL: &str = "/usr/libexec/heartbeat/heartbeat";

/// What the kernel's files say, if a case does not give another content: nothing that the daemon warns of.
const KERNEL: [(&str, &str); 2] =
    [("/proc/sys/kernel/core_pattern", "core\n"), ("/proc/sys/kernel/core_uses_pid", "1\n")];

/// Where the daemon keeps what it knows between starts.
const STATE: &str = "/var/lib/heartbeat";

/// The directory of the log files that a case may name.
const LOGS: &str = "/var/log";

/// Starts `program inside FILE...` in namespaces of its own.
///
/// # Errors
///
/// If the namespaces cannot be made, or the recording fails.
pub fn outside(program: &Path, files: &[PathBuf]) -> Result<()> {
    let status = Command::new("unshare")
        .args(["--mount", "--uts", "--net", "--ipc", "--pid", "--fork", "--kill-child", "--"])
        .arg(program)
        .arg("inside")
        .args(files)
        .status()
        .context("unshare")?;
    ensure!(status.success(), "recording failed: {status}");
    Ok(())
}

/// Records the files anew. Only to be called by [`outside`].
///
/// # Errors
///
/// If the environment cannot be made, or a file cannot be read or written.
pub fn inside(files: &[PathBuf]) -> Result<()> {
    let scratch = prepare()?;
    for path in files {
        let mut file = format::read(path)?;
        for case in &mut file.cases {
            case.recorded = Some(run(case, &scratch).with_context(|| case.name.clone())?);
        }
        fs::write(path, format::render(&file)).with_context(|| path.display().to_string())?;
        let _ = writeln!(std::io::stderr(), "{}: {} cases", path.display(), file.cases.len());
    }
    Ok(())
}

fn sh(command: &str) -> Result<()> {
    let status = Command::new("sh").args(["-c", command]).status().context("sh")?;
    ensure!(status.success(), "{command}: {status}");
    Ok(())
}

/// Builds the machine of [`world`]; the result is a directory for scratch files.
fn prepare() -> Result<PathBuf> {
    sh("mount --make-rprivate / && mount -t proc proc /proc && mount -t tmpfs tmpfs /run")?;
    for command in world::INTERFACES {
        sh(command)?;
    }
    let scratch = PathBuf::from("/run/scratch");
    fs::create_dir(&scratch)?;
    let names = [
        ("/etc/hosts", world::HOSTS),
        ("/etc/services", world::SERVICES),
        ("/etc/passwd", world::PASSWD),
        ("/etc/group", world::GROUP),
        ("/etc/nsswitch.conf", world::NSSWITCH),
    ];
    for (target, content) in names.into_iter().chain(KERNEL) {
        let source = scratch.join(target.replace('/', "_"));
        fs::write(&source, content)?;
        sh(&format!("mount --bind {} {target}", source.display()))?;
    }
    // What the package put below these directories stays; what the daemon adds is gone afterwards.
    for directory in ["/etc/ha.d", STATE, LOGS] {
        let copy = scratch.join(directory.replace('/', "_"));
        sh(&format!("cp -a {directory} {copy} && mount -t tmpfs tmpfs {directory}", copy = copy.display()))?;
        if directory != LOGS {
            sh(&format!("cp -a {}/. {directory}/", copy.display()))?;
        }
    }
    fs::create_dir_all("/run/heartbeat")?;
    Ok(scratch)
}

/// Runs one case.
fn run(case: &Case, scratch: &Path) -> Result<Expected> {
    let ha_d = Path::new("/etc/ha.d");
    for name in ["ha.cf", "authkeys", "haresources"] {
        let _ = fs::remove_file(ha_d.join(name));
    }
    let state = scratch.join(STATE.replace('/', "_"));
    sh(&format!("rm -rf {STATE}/* && cp -a {}/. {STATE}/", state.display()))?;
    let mut placed = Vec::new();
    for file in case.placed() {
        let path = ha_d.join(&file.path);
        fs::write(&path, &file.content).with_context(|| path.display().to_string())?;
        fs::set_permissions(&path, fs::Permissions::from_mode(file.mode))?;
        placed.push(path);
    }
    sh(&format!("hostname {}", case.uname.as_deref().unwrap_or("node1")))?;
    fs::write("/run/heartbeat.pid", format!("{}\n", std::process::id()))?;
    fs::set_permissions(LOGS, fs::Permissions::from_mode(0o777))?;
    let mut command = Command::new("timeout");
    command.arg("150");
    if let Some(user) = &case.user {
        command.args(["setpriv", "--reuid", user, "--regid", "nogroup", "--clear-groups"]);
    }
    let output = command
        .arg(ORIGINAL)
        .args(&case.args)
        .env_clear()
        .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
        .env("LC_ALL", "C")
        .env("TZ", "UTC")
        .current_dir(LOGS)
        .stdin(Stdio::null())
        .output()?;
    let logs = logs()?;
    for path in placed {
        match KERNEL.iter().find(|(target, _)| Path::new(target) == path) {
            Some((_, content)) => fs::write(path, content)?,
            None => fs::remove_file(path)?,
        }
    }
    Ok(Expected {
        exit: output.status.code().unwrap_or(-1),
        stdout: normalised(&output.stdout),
        stderr: normalised(&output.stderr),
        logs,
    })
}

/// The log files that the daemon has written; they are removed.
fn logs() -> Result<Vec<(String, String)>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(LOGS)? {
        let path = entry?.path();
        if path.is_file() {
            found.push((path.display().to_string(), normalised(&fs::read(&path)?)));
            fs::remove_file(&path)?;
        }
    }
    found.sort();
    Ok(found)
}

/// The output without what differs from run to run, and without what is for debugging.
fn normalised(bytes: &[u8]) -> String {
    let text = stamps_replaced(bytes);
    text.split_inclusive('\n').filter(|line| !for_debugging(line)).collect()
}

/// True for lines of severity `debug`, and for the one line of a higher one that tells addresses in memory.
fn for_debugging(line: &str) -> bool {
    ["@debug: ", "%debug: ", "@info: AUTH: i="].iter().any(|start| line.starts_with(start))
}

/// Replaces the beginnings of log lines, wherever they stand: `@` for the format with the host's name, `%` for the
/// older one; and `[pid 1]` is the process that the pid file names.
fn stamps_replaced(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let mut result = String::new();
    let mut rest = text.as_ref();
    while let Some(at) = rest.find("heartbeat") {
        let (before, after) = rest.split_at(at);
        if let Some((start, end)) = stamped(before, after) {
            result.push_str(before.get(..start).unwrap_or_default());
            result.push('@');
            rest = after.get(end..).unwrap_or_default();
        } else if let Some(end) = unstamped(after) {
            result.push_str(before);
            result.push('%');
            rest = after.get(end..).unwrap_or_default();
        } else {
            let (word, later) = after.split_at("heartbeat".len());
            result.push_str(before);
            result.push_str(word);
            rest = later;
        }
    }
    result.push_str(rest);
    result
}

/// `Nov 23 09:03:57 node1 ` before `heartbeat: [31]: `: where the first begins, and where the second ends.
fn stamped(before: &str, after: &str) -> Option<(usize, usize)> {
    let end = end_of_number(after, "heartbeat: [", "]: ")?;
    let host = before.strip_suffix(' ')?;
    let stamp = host.get(..host.rfind(' ')?)?;
    let start = stamp.len().checked_sub("Nov 23 09:03:57".len())?;
    let shape: String = stamp.get(start..)?.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    shape.get(3..).is_some_and(|rest| rest == " 00 00:00:00").then_some((start, end))
}

/// `heartbeat[3654]: 2026/11/22_07:19:04 `: where it ends.
fn unstamped(after: &str) -> Option<usize> {
    let end = end_of_number(after, "heartbeat[", "]: ")? + "2026/11/22_07:19:04 ".len();
    after.get(..end)?.ends_with(' ').then_some(end)
}

fn end_of_number(text: &str, before: &str, after: &str) -> Option<usize> {
    let rest = text.strip_prefix(before)?;
    let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    rest.get(digits..)?.starts_with(after).then_some(before.len() + digits + after.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_for_debugging_are_left_out() {
        let text = b"Nov 23 09:03:57 node1 heartbeat: [31]: debug: x\nNov 23 09:03:57 node1 heartbeat: [31]: info: y\n";
        assert_eq!(normalised(text), "@info: y\n");
    }

    #[test]
    fn beginnings_of_log_lines_are_replaced_even_in_the_middle() {
        let text = b"heartbeat: xNov 23 09:03:57 node1 heartbeat: [31]: WARN: a heartbeat\nheartbeat[7]: 2026/11/22_07:19:04 info: b\n";
        assert_eq!(stamps_replaced(text), "heartbeat: x@WARN: a heartbeat\n%info: b\n");
    }
}
