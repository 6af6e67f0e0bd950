//! `WinPopup`: a message on the screens of old Windows machines, through `smbclient`.

use super::process::feed;
use crate::agent::{Call, Outcome, Verb};
use crate::log::today;
use crate::output::print;
use crate::place;

/// The machines of a list: one a line, comments after `#`.
fn machines(text: &str) -> Vec<&str> {
    let lines = text.lines().map(|line| line.split('#').next().unwrap_or_default());
    lines.flat_map(str::split_whitespace).filter(|name| !name.starts_with('-')).collect()
}

/// Carries out one verb.
pub(super) fn act(call: &Call, words: &[String], verb: Verb) -> Outcome {
    if verb == Verb::Status {
        print("stopped");
        call.warning(
            "Don't stat/monitor me! WinPopup is a pseudo resource agent, so the status reported may be incorrect",
        );
        return Outcome::Stopped;
    }
    let outcome = tell(call, words.first().map_or("hosts", String::as_str), verb);
    // A stop that fails is tried eleven times and may reboot the machine; no message is worth that.
    if verb == Verb::Stop { Outcome::Success } else { outcome }
}

fn tell(call: &Call, path: &str, verb: Verb) -> Outcome {
    let Ok(list) = std::fs::read_to_string(path) else {
        call.error(&format!("Workstation file {path} missing or corrupt!"));
        return Outcome::Argument;
    };
    let Some(smbclient) = place::program("smbclient") else {
        return call.fail("Setup problem: couldn't find command: smbclient", Outcome::Installed);
    };
    let node = nix::unistd::gethostname().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let what = if verb == Verb::Start { "Takeover in progress" } else { "Migrating resource away" };
    let text = format!("{what} at {} on {node}\n", today());
    let mut outcome = Outcome::Success;
    for machine in machines(&list) {
        if !feed(&smbclient, &["-M", machine], text.as_bytes()).is_ok_and(|status| status == 0) {
            call.error(&format!("no message to {machine}"));
            outcome = Outcome::Generic;
        }
    }
    outcome
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_machines_may_have_comments_and_no_options() {
        assert_eq!(machines("pc1\n# pc2\npc3 # x\n\n-Lfoo\n"), ["pc1", "pc3"]);
    }
}
