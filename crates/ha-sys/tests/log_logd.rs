//! Our log against the original's logging daemon, which runs with a private `/var/lib/heartbeat` and `/run`.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use ha_sys::log::{LogSettings, Logger, Severity};
use std::fs;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(20);

/// A running `ha_logd`; it ends with its namespace of processes.
struct Daemon(Child);

impl Daemon {
    /// Starts it with `directory` as its `/var/lib/heartbeat`, and waits until it listens.
    fn start(directory: &Path) -> Self {
        let place = directory.display();
        let config = directory.join("logd.cf");
        fs::write(&config, format!("logfile {place}/log\ndebugfile {place}/debug\nlogfacility none\n")).unwrap();
        for user in ["root", "hacluster", "nobody"] {
            fs::create_dir_all(directory.join("cores").join(user)).unwrap();
        }
        let script = format!(
            "mount --make-rprivate / && mount --bind {place} /var/lib/heartbeat && mount -t tmpfs tmpfs /run && \
             exec /usr/lib/heartbeat/ha_logd -c {}",
            config.display()
        );
        let mut command = Command::new("unshare");
        command.args(["-m", "-p", "-u", "--fork", "--kill-child", "sh", "-c", &script]);
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let (daemon, start) = (Self(child), Instant::now());
        while UnixStream::connect(directory.join("log_daemon")).is_err() {
            assert!(start.elapsed() < PATIENCE, "ha_logd does not listen");
            std::thread::yield_now();
        }
        daemon
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The first line of a file that holds `text`, waited for.
fn line_with(path: &Path, text: &str) -> String {
    let start = Instant::now();
    loop {
        let content = fs::read_to_string(path).unwrap_or_default();
        if let Some(line) = content.lines().find(|line| line.contains(text)) {
            return line.to_owned();
        }
        assert!(start.elapsed() < PATIENCE, "no line with {text:?} in {content}");
        std::thread::yield_now();
    }
}

#[test]
fn the_originals_logging_daemon_writes_our_lines_as_its_own_clients() {
    let directory = tempfile::tempdir().unwrap();
    let daemon = Daemon::start(directory.path());
    let mut log = Logger::new(LogSettings {
        logd_socket: Some(directory.path().join("log_daemon")),
        logfile: Some(directory.path().join("own")),
        stderr: false,
        ..LogSettings::stderr_only("heartbeat", "node1")
    });
    log.start_thread().unwrap();
    log.log(Severity::Warn, "node brav: is dead");
    log.log(Severity::Debug, "a detail");
    assert!(log.flush(PATIENCE));
    let line = line_with(&directory.path().join("log"), "brav");
    let expected = format!(" heartbeat: [{}]: WARN: node brav: is dead", std::process::id());
    assert!(line.ends_with(&expected), "{line}");
    let line = line_with(&directory.path().join("debug"), "detail");
    assert!(line.ends_with(&format!(" heartbeat: [{}]: debug: a detail", std::process::id())), "{line}");
    assert!(!fs::read_to_string(directory.path().join("log")).unwrap().contains("detail"));
    // Nothing was written past the daemon, and lines go to the file once it is gone.
    assert!(!directory.path().join("own").exists());
    drop(daemon);
    // The namespace's processes end a moment after the one that we have waited for.
    let start = Instant::now();
    while UnixStream::connect(directory.path().join("log_daemon")).is_ok() {
        assert!(start.elapsed() < PATIENCE, "ha_logd lives on");
        std::thread::yield_now();
    }
    log.log(Severity::Info, "without daemon");
    assert!(log.flush(PATIENCE));
    line_with(&directory.path().join("own"), "without daemon");
}
