//! What scripts see in their environment.

use std::collections::BTreeSet;
use std::env;
use std::fs;

use testkit::cluster::{Program, Result, ensure};
use testkit::resource_trace::Stage;

use crate::replay::directory;
use crate::stories::{BOTH, both_start};

/// Variables that belong to the shell, and the field by which two of ours know each other.
const IGNORED: [&str; 7] = ["_", "SHLVL", "PWD", "OLDPWD", "LC_ALL", "PATH", "HA_lvsha"];

/// Variables whose values change from run to run.
const CHANGING: [&str; 9] =
    ["HA_auth", "HA_seq", "HA_hg", "HA_ts", "HA_ld", "HA_LOGFILE", "HA_logfile", "HA_ttl", "HA_srcuuid"];

/// Each line of a recording once, with changing values left out and paths in their simplest form.
fn normal(text: &str) -> BTreeSet<String> {
    let text = text.replace("//", "/");
    let lines = text.lines().filter_map(|line| {
        let (place, value) = line.split_once('=')?;
        let (_, name) = place.rsplit_once(' ')?;
        let value = if CHANGING.contains(&name) { "*" } else { value };
        (!IGNORED.contains(&name)).then(|| format!("{place}={value}"))
    });
    lines.collect()
}

/// True if a node may lack a line that was recorded.
fn may_lack(line: &str, ours: bool) -> bool {
    let variable = |text: &str| line.splitn(3, ' ').nth(2) == Some(text);
    // Which states of its peer a node sees, and in which of its own, depends on who starts faster.
    let unseen = ["HA_st=", "HA_OSTATUS="].iter().any(|text| line.starts_with(&format!("rc.d-status status {text}")));
    // Ours makes the calls of the rc.d of the packages without the scripts; signatures are nobody's business;
    // what is not configured is not set.
    let left_out = line.starts_with("rc.d-")
        || ["HA_auth=*", "HA_LOGFACILITY=", "HA_LOGFACILITY=none"].iter().any(|text| variable(text));
    unseen || (ours && left_out)
}

/// True if a node may have a line that was not recorded.
fn may_have(line: &str, ours: bool) -> bool {
    // Children of ours all have the same variables. Those of the original that work for a standby lack some.
    let more = [" HA_NICEFAILBACK=yes", " HA_OSTATUS=active"].iter().any(|text| line.ends_with(text));
    ours && (line.starts_with("rc.d-") || more)
}

/// One resource goes to the other node and comes back, with everything about the environment of all scripts recorded.
pub(crate) fn script_environment(stage: &Stage) -> Result<()> {
    for node in BOTH {
        stage.environment(node)?;
    }
    both_start(stage)?;
    stage.standby("alpha", "local")?;
    stage.settle(6.0)?;
    stage.power_off("beta")?;
    stage.settle(6.0)?;
    for node in BOTH {
        let found = normal(&stage.environment(node)?);
        let path = directory().join(format!("script-environment.{node}.env"));
        if stage.is_rehearsal() {
            continue;
        }
        if env::var_os("LAB_RECORD").is_some() {
            let lines: Vec<_> = found.into_iter().collect();
            fs::write(path, lines.join("\n") + "\n")?;
            continue;
        }
        let recorded: BTreeSet<_> = normal(&fs::read_to_string(&path)?);
        let ours = stage.program(node)? != Program::Original;
        let missing: Vec<_> = recorded.difference(&found).filter(|line| !may_lack(line, ours)).collect();
        let more: Vec<_> = found.difference(&recorded).filter(|line| !may_have(line, ours)).collect();
        ensure!(missing.is_empty() && more.is_empty(), "{node}: environment\nmissing: {missing:#?}\nmore: {more:#?}");
    }
    Ok(())
}
