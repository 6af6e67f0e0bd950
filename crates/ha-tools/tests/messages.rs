//! Messages as they arrive in the daemon's pipe, and what the tools say when there is no daemon.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise, also in helpers")]

use assert_cmd::Command;
use ha_sys::fifo::Fifo;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::time::Duration;

const PROGRAM: &str = env!("CARGO_BIN_EXE_ha-tools");
const SHELL_FUNCTIONS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/ha.d/shellfuncs");

/// A directory with the pipe, and links to the program.
struct Place {
    directory: tempfile::TempDir,
    fifo: Fifo,
}

impl Place {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let fifo = Fifo::open(&directory.path().join("fifo")).unwrap();
        Self { directory, fifo }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// A link of this name, below the directory.
    fn link(&self, name: &str) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        if !path.exists() {
            symlink(PROGRAM, &path).unwrap();
        }
        path
    }

    fn message(&mut self) -> String {
        let mut buffer = [0; 4096];
        let length = self.fifo.read(&mut buffer).unwrap();
        String::from_utf8(buffer.get(..length).unwrap().to_vec()).unwrap()
    }
}

/// The command with no variables but these, and its own pipe.
fn command(program: &Path, fifo: &Path) -> Command {
    let mut command = Command::new(program);
    command.env_clear().env("PATH", "/usr/bin:/bin").env("HA_FIFO", fifo).env("HA_LOGFILE", "/dev/null");
    command.env("HA_CURHOST", "alpha").timeout(Duration::from_secs(20));
    command
}

#[test]
fn the_name_of_the_link_is_the_tool() {
    let mut place = Place::new();
    for (name, words, message) in [
        ("hb_standby", &["foreign"][..], ">>>\nt=ask_resources\nrsc_hold=foreign\ninfo=me\n<<<\n"),
        ("hb_takeover", &["failback"], ">>>\nt=hb_takeover\nrsc_hold=local\n<<<\n"),
        ("hb_addnode", &["a", "b"], ">>>\nt=addnode\nnodelist=a b\n<<<\n"),
        ("hb_delnode", &["a"], ">>>\nt=delnode\nnodelist=a\n<<<\n"),
        ("hb_setweight", &["a", "5"], ">>>\nt=setweight\nnode=a\nweight=5\n<<<\n"),
        ("hb_setsite", &["a", "x"], ">>>\nt=setsite\nnode=a\nsite=x\n<<<\n"),
    ] {
        let fifo = place.path("fifo");
        command(&place.link(name), &fifo).args(words).assert().success().stdout("").stderr("");
        assert_eq!(place.message(), message);
        command(Path::new(PROGRAM), &fifo).arg(name).args(words).assert().success();
        assert_eq!(place.message(), message);
    }
}

#[test]
fn hb_takeover_in_rc_d_is_the_script() {
    let mut place = Place::new();
    let fifo = place.path("fifo");
    let standby = ">>>\nt=ask_resources\nrsc_hold=foreign\ninfo=me\n<<<\n";
    let variables = [("HA_src", "beta"), ("HA_rsc_hold", "failback")];
    command(&place.link("rc.d/hb_takeover"), &fifo).envs(variables).assert().success();
    assert_eq!(place.message(), standby);
    command(Path::new(PROGRAM), &fifo).args(["rc", "hb_takeover"]).envs(variables).assert().success();
    assert_eq!(place.message(), standby);
}

#[test]
fn without_a_daemon_every_tool_fails_at_once_and_leaves_no_file() {
    let place = Place::new();
    let missing = place.path("missing");
    for (name, words) in
        [("hb_standby", &[][..]), ("hb_takeover", &[]), ("hb_addnode", &["a"]), ("hb_setsite", &["a", "b"])]
    {
        let path = place.link(name);
        let expected = format!("{}: {}: no such pipe, heartbeat is not running\n", path.display(), missing.display());
        command(&path, &missing).args(words).assert().code(1).stdout("").stderr(expected);
    }
    assert!(!missing.exists());
}

#[test]
fn going_standby_is_logged_only_if_somebody_hears_it() {
    let place = Place::new();
    let log = place.path("log");
    command(&place.link("hb_standby"), &place.path("missing")).env("HA_LOGFILE", &log).assert().code(1);
    assert!(!log.exists());
    let mut standby = command(&place.link("hb_standby"), &place.path("fifo"));
    standby.env("HA_LOGFILE", &log).env("HA_DATEFMT", "D ").env("HA_LOGTAG", "T").assert().success();
    assert_eq!(std::fs::read_to_string(&log).unwrap(), "D  T:    Going standby [all].\n");
}

#[test]
fn a_delayed_standby_is_a_standby() {
    let mut place = Place::new();
    let fifo = place.path("fifo");
    command(Path::new(PROGRAM), &fifo).args(["--delayed-standby", "0", "local"]).assert().success();
    assert_eq!(place.message(), ">>>\nt=ask_resources\nrsc_hold=local\ninfo=me\n<<<\n");
    for bad in [&["--delayed-standby"][..], &["--delayed-standby", "x", "all"], &["--delayed-standby", "-1", "all"]] {
        command(Path::new(PROGRAM), &fifo).args(bad).assert().code(2);
    }
}

#[test]
fn the_job_for_a_message_runs_a_site_s_script_and_does_a_missing_one_itself() {
    let mut place = Place::new();
    let (fifo, output) = (place.path("fifo"), place.path("output"));
    let job = |kind: &str| {
        let mut job = command(Path::new(PROGRAM), &fifo);
        job.args(["--job", "rc", kind]).env("HA_DIR", place.directory.path()).env("HA_DEBUGLOG", &output);
        job.env("HA_src", "beta").env("HA_rsc_hold", "local");
        job
    };
    job("hb_takeover").assert().success().stdout("").stderr("");
    job("../x").assert().code(2);
    let script = place.path("rc.d/hb_takeover");
    std::fs::create_dir_all(place.path("rc.d")).unwrap();
    std::fs::write(&script, "#!/bin/sh\necho \"site $1 $HA_src\"; exit 7\n").unwrap();
    job("site").assert().code(1);
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(&script, mode).unwrap();
    job("HB_takeover").assert().code(7).stdout("");
    assert!(std::fs::read_to_string(&output).unwrap().ends_with("site hb_takeover beta\n"));
    assert_eq!(place.message(), ">>>\nt=ask_resources\nrsc_hold=foreign\ninfo=me\n<<<\n");
}

#[test]
fn unknown_tools_and_jobs_are_refused() {
    let place = Place::new();
    let fifo = place.path("fifo");
    for words in [&[][..], &["nonsense"], &["--job"], &["--job", "nonsense"], &["rc", "nonsense"], &["--as", "x"]] {
        command(Path::new(PROGRAM), &fifo).args(words).assert().code(2).stdout("");
    }
    for words in
        [&["standby", "take", "all"][..], &["standby", "acquire", "x"], &["standby", "acquire", "all", "--only"]]
    {
        command(Path::new(PROGRAM), &fifo).arg("--job").args(words).assert().code(2);
    }
    let help = command(Path::new(PROGRAM), &fifo).arg("--help").assert().success();
    assert!(String::from_utf8_lossy(&help.get_output().stdout).contains("\nhb_standby\n"));
}

#[test]
fn shell_functions_never_wait_and_never_leave_a_file() {
    let mut place = Place::new();
    let (missing, regular, dead) = (place.path("missing"), place.path("regular"), place.path("dead"));
    std::fs::write(&regular, "kept").unwrap();
    nix::unistd::mkfifo(&dead, nix::sys::stat::Mode::S_IRWXU).unwrap();
    let send = format!(". {SHELL_FUNCTIONS}; printf '\\tt=x\\n\\n\\ta=b=c\\n' | ha_clustermsg");
    for shell in ["/bin/dash", "/bin/bash"] {
        for fifo in [&missing, &regular, &dead] {
            command(Path::new(shell), fifo).args(["-c", &send]).assert().code(1).stdout("");
        }
        command(Path::new(shell), &place.path("fifo")).args(["-c", &send]).assert().success().stderr("");
        assert_eq!(place.message(), ">>>\nt=x\na=b=c\n<<<\n", "{shell}");
    }
    assert!(!missing.exists());
    assert_eq!(std::fs::read_to_string(&regular).unwrap(), "kept");
}

#[test]
fn shell_functions_work_without_the_resource_agents() {
    let place = Place::new();
    let script = format!(
        "set -eu; . {SHELL_FUNCTIONS}; HA_LOGTAG=T; ha_log info: a; ha_debug b; ha_pseudo_resource x start; \
         ha_pseudo_resource x status; ha_pseudo_resource x stop; BSD_Status no-such-program; Echo -n c; hadate"
    );
    for shell in ["/bin/dash", "/bin/bash"] {
        let log = place.path(shell.trim_start_matches("/bin/"));
        let mut command = command(Path::new(shell), &place.path("fifo"));
        command.env("OCF_FUNCTIONS_DIR", "/nowhere").env("HA_DATEFMT", "D ").env("HA_RSCTMP", place.directory.path());
        command.env("HA_LOGFILE", &log).args(["-c", &script]).assert().success().stdout("stopped\ncD \n").stderr("");
        assert_eq!(std::fs::read_to_string(&log).unwrap(), "D  T:    info: a\n", "{shell}");
    }
}

#[test]
fn built_in_resources_run_under_their_names() {
    let place = Place::new();
    let fifo = place.path("fifo");
    for (program, words) in [(place.link("IPaddr2"), &[][..]), (PROGRAM.into(), &["IPaddr2"])] {
        let usage = command(&program, &fifo).args(words).assert().code(1);
        let text = String::from_utf8_lossy(&usage.get_output().stdout).into_owned();
        assert!(text.contains("(start|stop|status|usage|meta-data)"), "{text}");
    }
    // Without an address there is nothing to announce, and it is not taken for a verb of the script.
    command(&place.link("Delay"), &fifo).args(["1", "announce"]).assert().code(1).stdout("");
    let nobody = command(&place.link("meatclient"), &fifo).assert();
    assert_eq!(nobody.get_output().status.code(), Some(3));
}
