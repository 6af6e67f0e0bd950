//! `ipvsadm`: the rules file as a resource, where there is no `/etc/init.d/ipvsadm`.
//!
//! `status` prints the table, which says neither "running" nor "OK": so, as with Debian's script, the rules are loaded
//! at every transition (resource specification, section 12). Nothing but `usage` ever fails: a cluster takes a failure
//! as a reason to give the whole group up.

use super::process::{feed, run as run_program};
use crate::output::{print, report};
use crate::place;
use std::path::{Path, PathBuf};

/// The rules of Red Hat's script and of Debian's; the first that exists.
const RULES: [&str; 2] = ["/etc/sysconfig/ipvsadm", "/etc/ipvsadm.rules"];

/// What `ipvsadm -R` understands: no comments.
fn rules(text: &[u8]) -> Vec<u8> {
    let lines = text.split(|byte| *byte == b'\n');
    let kept = lines.filter(|line| !line.trim_ascii_start().starts_with(b"#") && !line.trim_ascii().is_empty());
    kept.flat_map(|line| line.iter().copied().chain([b'\n'])).collect()
}

fn program() -> Option<PathBuf> {
    let usual = ["/sbin/ipvsadm", "/usr/sbin/ipvsadm"].iter().find_map(|path| place::program(path));
    usual.or_else(|| place::program("ipvsadm"))
}

/// Runs the script; returns its exit status.
#[must_use]
pub fn run(words: &[String]) -> i32 {
    let [verb] = words else { return usage() };
    // Without the program there is no table that could be looked after; Debian's script ends the same way.
    let Some(program) = program() else { return 0 };
    match verb.as_str() {
        // Services of others, of ldirectord above all, stay: heartbeat also starts what has never stopped.
        "start" => load(&program),
        "restart" | "reload" | "force-reload" => {
            clear(&program);
            load(&program);
        }
        "stop" => clear(&program),
        "status" | "monitor" => complain(&program, run_program(&program, &["-L", "-n"])),
        _ => return usage(),
    }
    0
}

fn clear(program: &Path) {
    print("Clearing the current IPVS table...");
    complain(program, run_program(program, &["-C"]));
}

fn load(program: &Path) {
    let file = RULES.iter().map(Path::new).find(|path| path.exists());
    let text = file.and_then(|path| std::fs::read(path).ok()).map(|text| rules(&text)).unwrap_or_default();
    if text.is_empty() {
        return;
    }
    print("Loading IPVS configuration...");
    complain(program, feed(program, &["-R"], &text));
}

fn complain(program: &Path, result: std::io::Result<i32>) {
    match result {
        Ok(0) => {}
        Ok(status) => report(&format!("{} failed with status {status}", program.display())),
        Err(error) => report(&format!("{}: {error}", program.display())),
    }
}

fn usage() -> i32 {
    print("Usage: ipvsadm {start|stop|restart|reload|force-reload|status}");
    1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_empty_lines_are_no_rules() {
        assert_eq!(rules(b"# ipvsadm.rules\n\n  # x\n-A -t 192.0.2.1:80\n-a"), b"-A -t 192.0.2.1:80\n-a\n");
        assert_eq!(rules(b"# ipvsadm.rules\n"), b"");
    }

    #[test]
    fn words_that_heartbeat_reads_as_running_do_not_occur() {
        assert_eq!((run(&[]), run(&["x".into(), "start".into()])), (1, 1));
    }
}
