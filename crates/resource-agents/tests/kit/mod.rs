//! Throw-away networks for the tests: each has its own interfaces, addresses, `/run` and firewall.
#![allow(dead_code, reason = "every test file uses a part of this")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests"
)]

use nix::mount::{MsFlags, mount};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sched::{CloneFlags, unshare};
use nix::sys::socket::{AddressFamily, LinkAddr, SockFlag, SockProtocol, SockType, recvfrom, socket};
use std::fs;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// What a script did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ran {
    /// Its exit status.
    pub(crate) status: i32,
    /// Its standard output.
    pub(crate) output: String,
}

impl Ran {
    /// Whether heartbeat takes the output for that of something that runs.
    pub(crate) fn is_running(&self) -> bool {
        let bytes = self.output.as_bytes();
        let denied = bytes.windows(11).any(|part| {
            let word = String::from_utf8_lossy(part);
            word.to_lowercase().starts_with("not ") && (word.ends_with("running") || word.ends_with("Running"))
        });
        !denied && ["running", "Running", "OK"].iter().any(|word| self.output.contains(word))
    }
}

/// Runs `action` on a machine of its own: `eth0` 192.168.7.10/24 with the default route, `eth1` 10.1.0.1/16, whose
/// other ends are `p0` and `p1`.
pub(crate) fn machine<T: Send>(action: impl FnOnce() -> T + Send) -> T {
    // Not inside: there is no network there, and another `/run`.
    agent();
    std::thread::scope(|scope| {
        let thread = scope.spawn(|| {
            unshare(CloneFlags::CLONE_NEWNET | CloneFlags::CLONE_NEWNS).expect("these tests need root");
            let none: Option<&str> = None;
            mount(none, "/", none, MsFlags::MS_REC | MsFlags::MS_PRIVATE, none).unwrap();
            mount(Some("none"), "/run", Some("tmpfs"), MsFlags::empty(), none).unwrap();
            fs::create_dir("/run/resource-agents").unwrap();
            for line in [
                "link set lo up",
                "link add eth0 type veth peer name p0",
                "link add eth1 type veth peer name p1",
                "link set p0 up",
                "link set p1 up",
                "link set eth0 up",
                "link set eth1 up",
                "addr add 192.168.7.10/24 brd + dev eth0",
                "addr add 10.1.0.1/16 brd + dev eth1",
                "route add default via 192.168.7.1",
            ] {
                ip(line);
            }
            let result = action();
            end_senders();
            result
        });
        thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

/// Stops what still announces something.
fn end_senders() {
    for entry in fs::read_dir("/run/resource-agents").unwrap().flatten() {
        if entry.file_name().to_string_lossy().starts_with("send_arp-") {
            let pid = fs::read_to_string(entry.path()).unwrap_or_default();
            if let Ok(pid) = pid.trim().parse::<i32>() {
                let _ = nix::sys::signal::kill(nix::unistd::Pid::from_raw(pid), nix::sys::signal::Signal::SIGTERM);
            }
        }
    }
}

/// Runs a program to its end.
pub(crate) fn run(program: &Path, words: &[&str]) -> Ran {
    let mut command = Command::new(program);
    command.args(words).env("HA_LOGFILE", "/run/ha-log").env_remove("HA_DEBUGLOG").env_remove("HA_LOGFACILITY");
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().unwrap();
    Ran { status: output.status.code().unwrap_or(-1), output: String::from_utf8_lossy(&output.stdout).into_owned() }
}

/// What a command of the system prints; it must succeed.
pub(crate) fn shown(program: &str, words: &str) -> String {
    let words: Vec<&str> = words.split_whitespace().collect();
    let output = Command::new(program).args(&words).output().unwrap();
    assert!(output.status.success(), "{program} {words:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// `ip` with these words.
pub(crate) fn ip(words: &str) -> String {
    shown("ip", words)
}

/// The addresses without lifetimes, IPv4 and global IPv6.
pub(crate) fn addresses() -> Vec<String> {
    let lines = format!("{}{}", ip("-4 -o addr"), ip("-6 -o addr show scope global"));
    let words = |line: &str| {
        let line = line.split('\\').next().unwrap_or_default().to_owned();
        line.split_whitespace().skip(1).collect::<Vec<_>>().join(" ")
    };
    lines.lines().map(words).collect()
}

/// How long something may take before a test gives up.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// Hears every frame that arrives at an interface.
pub(crate) struct Ear {
    socket: OwnedFd,
    interface: usize,
}

impl Ear {
    pub(crate) fn open(interface: &str) -> Self {
        let interface = nix::net::if_::if_nametoindex(interface).unwrap() as usize;
        let all = SockProtocol::EthAll;
        Self { socket: socket(AddressFamily::Packet, SockType::Raw, SockFlag::SOCK_CLOEXEC, all).unwrap(), interface }
    }

    /// The next frame for which `wanted` is true.
    pub(crate) fn next(&self, wanted: impl Fn(&[u8]) -> bool) -> Vec<u8> {
        let (begin, mut buffer) = (Instant::now(), [0; 2048]);
        loop {
            let mut fds = [PollFd::new(self.socket.as_fd(), PollFlags::POLLIN)];
            poll(&mut fds, PollTimeout::from(100_u16)).unwrap();
            if fds[0].any() == Some(true) {
                let (length, from) = recvfrom::<LinkAddr>(self.socket.as_raw_fd(), &mut buffer).unwrap();
                if from.is_some_and(|from| from.ifindex() == self.interface) && wanted(&buffer[..length]) {
                    return buffer[..length].to_vec();
                }
            }
            assert!(begin.elapsed() < PATIENCE, "no such frame");
        }
    }

    /// The operations of this many ARP frames about an address, in order; all must be broadcast.
    pub(crate) fn arp(&self, address: [u8; 4], count: usize) -> Vec<u8> {
        let about = |frame: &[u8]| frame.len() >= 42 && frame[12..14] == [8, 6] && frame[28..32] == address;
        let frames = (0..count).map(|_| self.next(about));
        frames
            .map(|frame| {
                assert_eq!((&frame[..6], &frame[38..42]), (&[0xff; 6][..], &address[..]));
                frame[21]
            })
            .collect()
    }
}

/// The example program that is every script. It is built here, because a run of one test file alone would leave it as
/// it was.
pub(crate) fn agent() -> PathBuf {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    let build = || {
        let test = std::env::current_exe().unwrap();
        let directory = test.parent().and_then(Path::parent).unwrap();
        let mut command = Command::new(env!("CARGO"));
        command.args(["build", "-q", "-p", "resource-agents", "--example", "agent"]);
        command.current_dir(env!("CARGO_MANIFEST_DIR")).arg("--target-dir").arg(directory.parent().unwrap());
        if directory.ends_with("release") {
            command.arg("--release");
        }
        assert!(command.status().unwrap().success());
        directory.join("examples/agent")
    };
    BUILT.get_or_init(build).clone()
}

/// Runs one of our scripts.
pub(crate) fn ours(name: &str, words: &str) -> Ran {
    let mut all = vec![name];
    all.extend(words.split_whitespace());
    run(&agent(), &all)
}
