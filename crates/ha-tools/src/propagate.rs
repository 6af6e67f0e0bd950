//! `ha_propagate`: copies the configuration to the other nodes and lets heartbeat start there at boot.
//!
//! Source: daemon specification, section 7.2. The original is written for a language version that no system has any
//! more; unlike it, this one knows that a `node` line may name several nodes, and leaves out the node it runs on.

use crate::call::Call;
use crate::environment::Environment;
use crate::{exit, messages, out};
use ha_config::ha_cf::{Arguments, Entry, parse};
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

/// What makes heartbeat start at boot, with the tools of either generation.
const ENABLE: &str = "if command -v systemctl >/dev/null 2>&1; then systemctl enable heartbeat; \
                      elif command -v chkconfig >/dev/null 2>&1; then chkconfig heartbeat on; \
                      else update-rc.d heartbeat defaults; fi";
/// Files that are the same on all nodes.
const FILES: [&str; 2] = ["ha.cf", "authkeys"];

/// `ha_propagate`
pub(crate) fn ha_propagate(call: &Call) -> u8 {
    if !call.arguments.is_empty() {
        out::stdout("usage: ha_propagate\n");
        return if call.text(0) == "--help" { exit::OK } else { exit::FAILED };
    }
    let environment = Environment::of_process();
    let directory = environment.directory();
    let files: Vec<_> = FILES.iter().map(|name| directory.join(name)).collect();
    let text = files.first().and_then(|path| std::fs::read(path).ok());
    let (Some(text), true) = (text, files.iter().all(|path| path.is_file())) else {
        out::stdout("HA Linux not configured on this node.  Can not propagate.\n");
        return exit::FAILED;
    };
    let (nodes, bad) = nodes(&text, &local());
    for name in &bad {
        messages::failed(&call.program(), &format!("[{name}] is no name of a node"));
    }
    let mut failed = !bad.is_empty();
    for node in nodes {
        out::stdout(&format!("Propagating HA configuration files to node {node}.\n"));
        // -p keeps the mode: keys must stay secret.
        let target = format!("root@{node}:{}/", directory.display().to_string().trim_end_matches('/'));
        failed |= !done(call, Command::new("scp").arg("-p").args(&files).arg(target));
        out::stdout(&format!("Setting HA startup configuration on node {node}.\n"));
        failed |= !done(call, Command::new("ssh").arg(format!("root@{node}")).arg(ENABLE));
    }
    if failed { exit::FAILED } else { exit::OK }
}

/// This node's name: what the daemon would call it.
fn local() -> String {
    let own = std::env::var("HA_CURHOST").ok().filter(|name| !name.is_empty());
    let named = || first_line(Path::new("/etc/ha.d/nodeinfo"));
    own.or_else(named).or_else(|| first_line(Path::new("/proc/sys/kernel/hostname"))).unwrap_or_default().to_lowercase()
}

fn first_line(path: &Path) -> Option<String> {
    let text = std::fs::read_to_string(path).ok()?;
    text.lines().next().map(|line| line.trim().to_owned()).filter(|line| !line.is_empty())
}

/// The other nodes of `ha.cf` in lower case, each once, and words that no host can have as its name.
fn nodes(text: &[u8], local: &str) -> (BTreeSet<String>, Vec<String>) {
    let entries = parse(text);
    let words = entries.iter().filter_map(|entry| match entry {
        Entry::Directive { key, arguments: Arguments::Values(values), .. } if key.name == "node" => Some(values),
        _ => None,
    });
    let names = words.flatten().map(|word| word.lossy().to_lowercase());
    let (good, bad): (Vec<String>, Vec<String>) = names.partition(|name| is_host(name));
    (good.into_iter().filter(|name| name != local).collect(), bad)
}

/// A name that begins with a dash would be an option of ssh.
fn is_host(name: &str) -> bool {
    let allowed = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-' | '_');
    name.starts_with(|first: char| first.is_ascii_alphanumeric()) && name.chars().all(allowed)
}

fn done(call: &Call, command: &mut Command) -> bool {
    match command.status() {
        Ok(status) => status.success(),
        Err(error) => {
            let name = command.get_program().to_string_lossy().into_owned();
            messages::failed(&call.program(), &format!("{name}: {error}"));
            false
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_other_node_of_every_line_once() {
        let (good, bad) = nodes(b"node Alpha beta\nkeepalive 2\nnode gamma beta -oProxyCommand=x\n", "alpha");
        assert_eq!(good.into_iter().collect::<Vec<_>>(), ["beta", "gamma"]);
        assert_eq!(bad, ["-oproxycommand=x"]);
    }
}
