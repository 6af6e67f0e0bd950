//! Jobs with scripts made for the purpose. The lines are those that heartbeat 3.0.6 wrote with the same scripts.

use super::*;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;
use tempfile::TempDir;

/// Writes down every call; what it answers comes from the file `behaviour` beside it.
const SCRIPT: &str = r#"#!/bin/sh
here=$(dirname "$0")
echo "$* hostlist=$hostlist secret=$secret tag=$HA_LOGTAG given=${LVS_HA_STONITH-none}" >> "$here/calls"
names="hostlist secret"; devid="Fake device"; rc=0; out=
. "$here/behaviour"
case "$1" in
getconfignames) echo $names; exit ${rc_names:-0};;
getinfo-devid) echo "$devid"; exit ${rc_id:-0};;
*) [ -z "$out" ] || printf "$out"; exit $rc;;
esac
"#;

struct Lab {
    folder: TempDir,
    places: Places,
    lines: Vec<String>,
}

impl Lab {
    fn new(behaviour: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let scripts = folder.path().join("external");
        fs::create_dir(&scripts).unwrap();
        fs::write(scripts.join("behaviour"), behaviour).unwrap();
        let path = folder.path().to_owned();
        let places = Places {
            plugins: vec![path.clone()],
            stonith: None,
            meetings: path.clone(),
            reboot: format!("echo rebooted > {}", path.join("reboots").display()),
            timeout: None,
        };
        let lab = Self { folder, places, lines: Vec::new() };
        lab.program("external/fake", SCRIPT);
        lab
    }

    /// Makes a program. Another process writes it: what a thread of ours is writing cannot be executed by the others.
    fn program(&self, place: &str, text: &str) {
        let path = self.folder.path().join(place);
        let write = r#"printf %s "$2" > "$1" && chmod 755 "$1""#;
        let status = Command::new("/bin/sh").args(["-c", write, "sh"]).arg(path).arg(text).status();
        assert!(status.unwrap().success());
    }

    fn script(&self) -> PathBuf {
        self.folder.path().join("external/fake")
    }

    fn mode(&self, mode: u32) {
        fs::set_permissions(self.script(), fs::Permissions::from_mode(mode)).unwrap();
    }

    fn check(&mut self, kind: &str, line: &str) -> Result<Device, Problem> {
        let parameters = Parameters::Line(line.to_owned());
        let device = Device { kind: kind.to_owned(), parameters, host: None, node: "alpha".to_owned() };
        check(&device, &self.places, &mut |severity, text| self.lines.push(format!("{severity}: {text}")))
    }

    fn fence(&mut self, device: &Device, node: &str) -> i32 {
        job_fence(device, node, &self.places, &mut |severity, text| self.lines.push(format!("{severity}: {text}")))
    }

    fn status(&mut self, device: &Device) -> i32 {
        job_status(device, &self.places, &mut |severity, text| self.lines.push(format!("{severity}: {text}")))
    }

    /// What was logged since the last time, with the folder's name taken out.
    fn log(&mut self) -> Vec<String> {
        let folder = self.folder.path().to_str().unwrap();
        std::mem::take(&mut self.lines).into_iter().map(|line| line.replace(folder, "DIR")).collect()
    }

    fn calls(&self) -> Vec<String> {
        let path = self.folder.path().join("external/calls");
        let calls = fs::read_to_string(&path).unwrap_or_default();
        let _ = fs::remove_file(path);
        calls.lines().map(str::to_owned).collect()
    }
}

#[test]
fn a_script_is_called_as_the_original_calls_it() {
    let mut lab = Lab::new("out='one\\ntwo\\n'");
    let device = lab.check("external/fake", "alpha,beta pw d").unwrap();
    let rest = "tag=external/fake given=none";
    let with = format!("hostlist=alpha,beta secret=pw d {rest}");
    assert_eq!(lab.calls(), [format!("getconfignames hostlist= secret= {rest}"), format!("status {with}")]);
    assert_eq!(
        lab.log(),
        [
            "info: glib: external_run_cmd: 'DIR/external/fake status' output: one",
            "info: glib: external_run_cmd: 'DIR/external/fake status' output: two",
        ]
    );
    assert_eq!(lab.fence(&device, "Beta"), RESET);
    assert_eq!(lab.calls(), [format!("getinfo-devid {with}"), format!("reset beta {with}")]);
    assert_eq!(
        lab.log(),
        [
            "info: Resetting node Beta with [Fake device]",
            "info: glib: external_run_cmd: 'DIR/external/fake reset beta' output: one",
            "info: glib: external_run_cmd: 'DIR/external/fake reset beta' output: two",
            "info: node Beta now reset.",
        ]
    );
    assert_eq!(lab.status(&device), RESET);
    assert_eq!(lab.calls(), [format!("getinfo-devid {with}"), format!("status {with}")]);
    assert_eq!(lab.log()[0], "info: Checking status of STONITH device [Fake device]");
}

#[test]
fn a_script_that_fails_lets_the_daemon_start_but_resets_nothing() {
    let mut lab = Lab::new("rc=100; rc_id=3");
    let device = lab.check("external/fake", "alpha pw").unwrap();
    assert_eq!(lab.log(), ["WARN: glib: external_status: 'fake status' failed with rc 100"]);
    assert_eq!((lab.fence(&device, "beta"), lab.status(&device)), (FAILED, FAILED));
    assert_eq!(
        lab.log(),
        [
            "ERROR: glib: external_getinfo: 'fake getinfo-devid' failed with rc 3",
            "info: Resetting node beta with [(null)]",
            "ERROR: glib: external_reset_req: 'fake reset' for host beta failed with rc 100",
            "ERROR: Host beta not reset!",
            "ERROR: glib: external_getinfo: 'fake getinfo-devid' failed with rc 3",
            "info: Checking status of STONITH device [(null)]",
            "WARN: glib: external_status: 'fake status' failed with rc 100",
            "ERROR: STONITH device (null) not operational!",
        ]
    );
}

#[test]
fn bad_lines_have_the_texts_of_the_original() {
    let mut lab = Lab::new("");
    for (kind, line, expected) in [
        ("nosuch", "x", "Invalid Stonith type [nosuch]"),
        ("../external/fake", "a b", "Invalid Stonith type [../external/fake]"),
        ("external/../fake", "a b", "Invalid Stonith type [external/../fake]"),
        ("external/nosuch", "x", "Invalid Stonith configuration parameter [ x]"),
        ("external/fake", "a", "Invalid Stonith configuration parameter [ a]"),
        ("external", "a b", "Unknown Stonith config error parsing [ a b] [8]"),
        ("null", "", "Invalid Stonith configuration parameter []"),
        ("meatware", "", "Invalid Stonith configuration parameter []"),
    ] {
        assert_eq!(lab.check(kind, line).unwrap_err().to_string(), expected);
    }
    assert_eq!(
        lab.log(),
        [
            "ERROR: glib: external_run_cmd: stat(2) of DIR/external/nosuch failed: No such file or directory",
            "ERROR: glib: external_get_confignames: 'nosuch getconfignames' failed with rc -1",
            "ERROR: glib: external_set_config: invoked without subplugin",
        ]
    );
    let parameters = Parameters::File { path: "/f".to_owned(), line: "few".to_owned() };
    let device = Device { kind: "external/fake".to_owned(), parameters, host: None, node: "alpha".to_owned() };
    let problem = check(&device, &lab.places, &mut |_, _| ()).unwrap_err();
    assert_eq!(problem.to_string(), "Invalid Stonith config file [/f]");
}

#[test]
fn scripts_that_others_may_write_are_not_run() {
    let mut lab = Lab::new("");
    let refused = "ERROR: glib: external_get_confignames: 'fake getconfignames' failed with rc -1";
    for (mode, reason) in [
        (0o644, "found NOT to be executable."),
        (0o775, "found to be writable by group/others, NOT executing for security purposes."),
        (0o757, "found to be writable by group/others, NOT executing for security purposes."),
    ] {
        lab.mode(mode);
        assert!(lab.check("external/fake", "a b").is_err());
        assert_eq!(lab.log(), [format!("ERROR: glib: external_run_cmd: DIR/external/fake {reason}").as_str(), refused]);
    }
    assert_eq!(lab.calls(), [""; 0]);
}

#[test]
fn a_script_that_hangs_is_a_failure_when_there_is_a_limit() {
    let mut lab = Lab::new("[ \"$1\" != reset ] || sleep 60");
    let device = lab.check("external/fake", "a b").unwrap();
    lab.log();
    lab.places.timeout = Some(Duration::from_secs(1));
    assert_eq!(lab.fence(&device, "beta"), FAILED);
    assert_eq!(
        lab.log(),
        [
            "info: Resetting node beta with [Fake device]",
            "ERROR: 'fake reset beta' did not end within 1 s and was killed",
            "ERROR: glib: external_reset_req: 'fake reset' for host beta failed with rc -1",
            "ERROR: Host beta not reset!",
        ]
    );
}

#[test]
fn null_resets_everything_and_suicide_only_itself() {
    let mut lab = Lab::new("");
    let null = lab.check("null", "alpha").unwrap();
    assert_eq!((lab.fence(&null, "beta"), lab.status(&null)), (RESET, RESET));
    let id = "[NULL STONITH device]";
    assert_eq!(
        lab.log(),
        [
            format!("info: Resetting node beta with {id}").as_str(),
            "info: glib: Host null-reset: beta",
            "info: node beta now reset.",
            &format!("info: Checking status of STONITH device {id}"),
        ]
    );
    let suicide = lab.check("suicide", "").unwrap();
    assert_eq!(lab.fence(&suicide, "beta"), FAILED);
    assert_eq!(
        lab.log(),
        [
            "info: Resetting node beta with [Suicide STONITH device]",
            "ERROR: glib: alpha doesn't control host [beta]",
            "ERROR: Host beta not reset!",
        ]
    );
    assert_eq!(lab.fence(&suicide, "ALPHA"), RESET);
    let reboots = lab.folder.path().join("reboots");
    assert!((0..400).any(|_| {
        std::thread::sleep(Duration::from_millis(50));
        fs::read_to_string(&reboots).is_ok_and(|text| text == "rebooted\n")
    }));
}

#[test]
fn compiled_plugins_go_through_the_tool_without_their_parameters_on_its_command_line() {
    let mut lab = Lab::new("");
    let path = lab.folder.path().to_owned();
    fs::create_dir(path.join("stonith2")).unwrap();
    fs::write(path.join("stonith2/ssh.so"), "").unwrap();
    assert_eq!(lab.check("ssh", "x").unwrap_err(), Problem::BadType("ssh".to_owned()));
    let tool = path.join("stonith");
    let script = r#"#!/bin/sh
echo "$* hostlist=$hostlist" >> "$(dirname "$0")/external/calls"
case "$*" in *-n) echo "hostlist  ";; *gamma) exit 4;; *delta) exit 5;; esac
"#;
    lab.program("stonith", script);
    lab.places.stonith = Some(tool);
    let device = lab.check("ssh", "alpha beta").unwrap();
    let statuses = ["beta", "gamma", "delta", "-h"].map(|node| lab.fence(&device, node));
    assert_eq!(statuses, [RESET, BAD_HOST, FAILED, BAD_HOST]);
    let with = "hostlist=alpha beta";
    let reset = |node: &str| format!("-t ssh -E -T reset {node} {with}");
    assert_eq!(
        lab.calls(),
        [
            "-t ssh -n hostlist=".to_owned(),
            format!("-t ssh -E -S {with}"),
            reset("beta"),
            reset("gamma"),
            reset("delta")
        ]
    );
    let log = lab.log();
    assert!(log.contains(&"ERROR: Device ssh cannot reset host gamma.".to_owned()), "{log:?}");
}
