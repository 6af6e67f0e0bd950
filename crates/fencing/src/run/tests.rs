//! Plugins that end, that do not, and that leave something behind.

use super::*;
use nix::sys::signal::{kill, raise};
use std::fs;

fn shell(script: &str, limit: Option<Duration>) -> (Ended, String) {
    let environment = [("GIVEN".to_owned(), "a value".to_owned())];
    let call = Call { program: Path::new("/bin/sh"), arguments: &["-c", script], environment: &environment, limit };
    run(&call).unwrap()
}

#[test]
fn output_and_status_are_kept_and_the_plugin_leads_its_group() {
    let (ended, output) = shell(r#"echo "$GIVEN"; [ $$ = $(ps -o pgid= -p $$) ] && exit 3"#, None);
    assert_eq!((ended, output.as_str()), (Ended::Exited(3), "a value\n"));
    assert_eq!(shell("kill -9 $$", None).0, Ended::Exited(137));
}

#[test]
fn a_process_left_behind_does_not_keep_us_waiting() {
    let (ended, output) = shell("sleep 60 & echo $!", None);
    assert_eq!(ended, Ended::Exited(0));
    let left = Pid::from_raw(output.trim().parse().unwrap());
    // It is still at work: that is how a reset in the background must be treated.
    kill(left, Signal::SIGKILL).unwrap();
}

#[test]
fn a_plugin_that_takes_too_long_is_killed_with_its_group() {
    let script = "trap '' TERM; sleep 60 & echo $!; wait; sleep 60";
    let (ended, output) = shell(script, Some(Duration::from_millis(300)));
    assert_eq!(ended, Ended::Expired);
    let process = format!("/proc/{}/stat", output.trim());
    // A zombie, until init has time for it, is gone too. Not at once: the signal has to arrive.
    let alive = || fs::read_to_string(&process).is_ok_and(|stat| !stat.contains(") Z "));
    assert!((0..500).any(|_| {
        thread::sleep(Duration::from_millis(TICK_MS.into()));
        !alive()
    }));
}

#[test]
fn a_job_that_is_told_to_stop_takes_its_plugin_with_it() {
    let child = Command::new("/bin/sleep").arg("600").process_group(0).spawn().unwrap();
    let process = format!("/proc/{}", child.id());
    let stops = Stops::watch().unwrap();
    // Held back by this thread's mask, and sent to this thread only.
    raise(Signal::SIGTERM).unwrap();
    assert!(stops.arrived().unwrap());
    raise(Signal::SIGTERM).unwrap();
    assert_eq!(wait(child, None).unwrap(), Ended::Stopped);
    assert!(!Path::new(&process).exists());
}

#[test]
fn a_script_without_its_first_line_is_run_by_the_shell() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("plain");
    // Written by another process: a file that a thread of ours is writing cannot be executed meanwhile.
    let script = r#"echo 'echo plain $1' > "$1" && chmod 755 "$1""#;
    assert!(Command::new("/bin/sh").args(["-c", script, "sh"]).arg(&path).status().unwrap().success());
    let call = Call { program: &path, arguments: &["status"], environment: &[], limit: None };
    assert_eq!(run(&call).unwrap(), (Ended::Exited(0), "plain status\n".to_owned()));
}
