//! `OCF`: resource agents of the OCF standard as resources of `haresources` (resource specification, section 11.9).

use super::process::capture;
use crate::output::{print, report};
use crate::place;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const USAGE: &str = "usage: OCF OCF-resource-name OCF-instance-name operation-name

OCF-resource-name  the name of a resource agent below /usr/lib/ocf/resource.d/heartbeat/, an immediate
                   subdirectory of it, or another provider's directory beside it
OCF-instance-name  an instance of it: its parameters stand in /etc/ha.d/conf/OCF/OCF-resource-name/OCF-instance-name
operation-name     start, stop, status or monitor
";
const ROOT: &str = "/usr/lib/ocf";
const AGENTS: &str = "/usr/lib/ocf/resource.d/heartbeat/";

/// The agent of a name: below `$OCF_AGENTS` where the original looks, then where agents really are.
fn agent(agents: &Path, root: &Path, name: &str) -> Option<PathBuf> {
    if name.is_empty() || name.contains('/') || name == ".." {
        return None;
    }
    let below = |directory: &Path| {
        let entries = fs::read_dir(directory).into_iter().flatten().flatten();
        let mut all: Vec<PathBuf> = entries.map(|entry| entry.path().join(name)).collect();
        all.sort();
        all
    };
    let mut candidates = below(agents);
    candidates.push(agents.join(name));
    candidates.extend(below(&root.join("resource.d")));
    candidates.into_iter().find_map(|path| place::program(path.to_str()?))
}

/// What `status` prints, given the exit status and the output of the agent.
///
/// heartbeat only reads the text, so the text must say what the status means.
fn status_text(name: &str, instance: &str, status: i32, output: &str) -> String {
    let lower = output.to_lowercase();
    let claims = output.contains("OK") || lower.contains("running");
    let denies = lower.contains("not running");
    match (status, claims && !denies) {
        (0, true) => output.trim_end().to_owned(),
        (0, false) => format!("OCF Resource {name}::{instance} is running"),
        (_, true) => format!("OCF Resource {name}::{instance} is stopped"),
        (_, false) => output.trim_end().to_owned(),
    }
}

/// Runs the script; returns its exit status.
#[must_use]
pub fn run(words: &[String]) -> i32 {
    let [name, instance, verb] = words else {
        report(USAGE);
        return 1;
    };
    let agents = place::environment("OCF_AGENTS").unwrap_or_else(|| AGENTS.to_owned());
    let Some(program) = agent(Path::new(&agents), Path::new(ROOT), name) else {
        report(USAGE);
        return 1;
    };
    let quality = match verb.as_str() {
        "status" => Some("0"),
        "monitor" => Some("10"),
        "start" | "stop" => None,
        _ => {
            report(USAGE);
            return 1;
        }
    };
    let file = Path::new(place::CONFIGURATION).join("OCF").join(name).join(instance.replace('/', "_"));
    let settings = fs::read(&file).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default();
    let mut command = Command::new(program);
    command.envs(place::assignments(&settings));
    command.env("OCF_ROOT", ROOT).env("OCF_RESOURCE_INSTANCE", instance).env("OCF_TYPE", name);
    command.env("OCF_RA_VERSION_MAJOR", "1").env("OCF_RA_VERSION_MINOR", "0");
    let Some(quality) = quality else {
        return match command.arg(verb).status() {
            Ok(status) => status.code().unwrap_or(1),
            Err(error) => {
                report(&format!("{name}: {error}"));
                1
            }
        };
    };
    match query(&mut command, quality) {
        Ok((status, output)) => {
            print(&status_text(name, instance, status, &output));
            status
        }
        Err(error) => {
            report(&format!("{name}: {error}"));
            1
        }
    }
}

/// Asks the agent; many do not know `status`, which the standard calls `monitor`.
fn query(command: &mut Command, quality: &str) -> std::io::Result<(i32, String)> {
    command.env("OCF_STATUS_QOS", quality).env("OCF_CHECK_LEVEL", quality);
    let mut again = Command::new(command.get_program());
    again.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let finished = capture(command.arg("status"))?;
    // OCF_ERR_UNIMPLEMENTED
    let finished = if finished.status == 3 { capture(again.arg("monitor"))? } else { finished };
    Ok((finished.status, finished.output))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn the_text_agrees_with_the_exit_status() {
        let text = |status, output| status_text("X", "1", status, output);
        assert_eq!(text(0, "Running OK\n"), "Running OK");
        assert_eq!(text(0, "fine"), "OCF Resource X::1 is running");
        assert_eq!(text(0, "not running"), "OCF Resource X::1 is running");
        assert_eq!(text(7, "was running"), "OCF Resource X::1 is stopped");
        assert_eq!(text(7, "stopped\n"), "stopped");
        assert_eq!(text(7, "not running"), "not running");
    }

    #[test]
    fn agents_are_found_where_the_original_looks_and_where_they_are() {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path();
        let agents = root.join("resource.d/heartbeat");
        let make = |path: PathBuf| {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, "").unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
            path
        };
        let other = make(root.join("resource.d/other/A"));
        assert_eq!(agent(&agents, root, "A"), Some(other));
        let direct = make(agents.join("A"));
        assert_eq!(agent(&agents, root, "A"), Some(direct));
        let below = make(agents.join("sub/A"));
        assert_eq!(agent(&agents, root, "A"), Some(below));
        for name in ["B", "", "..", "../other/A"] {
            assert_eq!(agent(&agents, root, name), None, "{name}");
        }
    }
}
