//! `Filesystem`: mounts a file system, and unmounts it whoever still uses it.

use super::process::{run, run_quietly};
use super::users;
use crate::agent::{Call, Outcome, Verb};
use crate::place;
use nix::sys::signal::Signal;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How often users of the mount are asked to go, and then killed.
const ATTEMPTS: u32 = 3;
/// How long they have each time.
const PATIENCE: Duration = Duration::from_secs(2);
const STEP: Duration = Duration::from_millis(20);
/// File systems without a device.
const BODILESS: &[&str] =
    &["tmpfs", "ramfs", "none", "bind", "overlay", "overlayfs", "nfs", "nfs4", "cifs", "smbfs", "ceph", "glusterfs"];

/// The arguments: `DEVICE DIR [FSTYPE [OPTIONS]]`.
#[derive(Debug, PartialEq, Eq)]
struct Mount<'a> {
    device: &'a str,
    directory: &'a str,
    kind: Option<&'a str>,
    options: Option<&'a str>,
}

impl<'a> Mount<'a> {
    fn parse(words: &'a [String]) -> Self {
        let word = |at: usize| words.get(at).map(String::as_str);
        let [device, directory] = [word(0), word(1)].map(Option::unwrap_or_default);
        let filled = |at: usize| word(at).filter(|word| !word.is_empty());
        Self { device, directory, kind: filled(2), options: filled(3) }
    }

    fn has_option(&self, name: &str) -> bool {
        self.options.is_some_and(|options| options.split(',').any(|option| option == name))
    }

    /// The device as messages name it: a label or a UUID without its letter.
    fn shown(&self) -> &str {
        ["-U", "-L"].iter().find_map(|prefix| self.device.strip_prefix(prefix)).unwrap_or(self.device)
    }

    /// Whether the device must be a file that exists.
    fn needs_device(&self) -> bool {
        let named = self.shown() != self.device || self.device.contains('=');
        let remote = self.device.starts_with("//") || self.device.split_once(":/").is_some();
        let bodiless = self.kind.is_some_and(|kind| BODILESS.contains(&kind)) || self.has_option("bind");
        !named && !remote && !bodiless
    }

    /// The arguments of `mount`.
    fn arguments(&self) -> Vec<&str> {
        let mut all = Vec::new();
        if let Some(kind) = self.kind {
            all.extend(["-t", kind]);
        }
        if let Some(options) = self.options {
            all.extend(["-o", options]);
        }
        match self.device.split_at_checked(2) {
            Some((option @ ("-U" | "-L"), value)) => all.extend([option, value]),
            _ => all.push(self.device),
        }
        all.push(self.directory);
        all
    }
}

/// The mount points in the text of `/proc/self/mountinfo`; blanks stand there as `\040`.
fn mount_points(text: &[u8]) -> Vec<Vec<u8>> {
    let lines = text.split(|byte| *byte == b'\n');
    lines.filter_map(|line| Some(unescape(line.split(|byte| *byte == b' ').nth(4)?))).collect()
}

fn unescape(word: &[u8]) -> Vec<u8> {
    let (mut rest, mut out) = (word, Vec::with_capacity(word.len()));
    while let Some((first, tail)) = rest.split_first() {
        let code = tail.get(..3).and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 8).ok());
        match code.filter(|_| *first == b'\\') {
            Some(byte) => {
                out.push(byte);
                rest = tail.get(3..).unwrap_or_default();
            }
            None => {
                out.push(*first);
                rest = tail;
            }
        }
    }
    out
}

/// The directory without links, `..` and double slashes; as it is if it does not exist.
fn real(directory: &str) -> PathBuf {
    fs::canonicalize(directory).unwrap_or_else(|_| PathBuf::from(directory))
}

fn is_mounted(directory: &Path) -> bool {
    let text = fs::read("/proc/self/mountinfo").unwrap_or_default();
    mount_points(&text).iter().any(|point| point == directory.as_os_str().as_bytes())
}

/// Carries out one verb.
pub(super) fn act(call: &Call, words: &[String], verb: Verb) -> Outcome {
    let mount = Mount::parse(words);
    match verb {
        Verb::Status if is_mounted(&real(mount.directory)) => Outcome::Success,
        Verb::Status => Outcome::Stopped,
        Verb::Start => start(call, &mount),
        Verb::Stop => stop(call, &mount),
    }
}

fn start(call: &Call, mount: &Mount<'_>) -> Outcome {
    call.info(&format!("Running start for {} on {}", mount.shown(), mount.directory));
    if is_mounted(&real(mount.directory)) {
        call.info(&format!("Filesystem {} is already mounted.", mount.directory));
        return Outcome::Success;
    }
    if mount.needs_device() && !Path::new(mount.device).exists() {
        let text = format!("Couldn't find device [{}]. Expected /dev/??? to exist", mount.device);
        return call.fail(&text, Outcome::Installed);
    }
    // As the original does, observed. What is wrong with the path, `mount` will say.
    let _ = fs::create_dir_all(mount.directory);
    let Some(program) = place::program("mount") else {
        return call.fail("Setup problem: couldn't find command: mount", Outcome::Installed);
    };
    match run(&program, &mount.arguments()) {
        Ok(0) => Outcome::Success,
        _ => {
            call.error(&format!("Couldn't mount device [{}] as {}", mount.shown(), mount.directory));
            Outcome::Generic
        }
    }
}

fn stop(call: &Call, mount: &Mount<'_>) -> Outcome {
    call.info(&format!("Running stop for {} on {}", mount.shown(), mount.directory));
    let directory = real(mount.directory);
    let Some(program) = place::program("umount") else {
        return call.fail("Setup problem: couldn't find command: umount", Outcome::Installed);
    };
    let path = directory.to_string_lossy();
    let mut signals = [Signal::SIGTERM, Signal::SIGKILL].iter().flat_map(|signal| [*signal; ATTEMPTS as usize]);
    // Several file systems may lie on one another.
    while is_mounted(&directory) {
        call.info(&format!("Trying to unmount {path}"));
        if run_quietly(&program, &[&path]).is_ok_and(|status| status == 0) {
            call.info(&format!("unmounted {path} successfully"));
            continue;
        }
        let Some(signal) = signals.next() else {
            return call.fail(&format!("Couldn't unmount {path}, giving up!"), Outcome::Generic);
        };
        let users = users::of(&directory);
        call.error(&format!("Couldn't unmount {path}; trying cleanup with {signal:?}"));
        users::signal(&users, signal);
        let begin = Instant::now();
        while begin.elapsed() < PATIENCE && !users::of(&directory).is_empty() {
            std::thread::sleep(STEP);
        }
    }
    Outcome::Success
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        text.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn mount_is_called_with_what_was_given() {
        for (text, expected) in [
            ("/dev/sda1 /mnt", "/dev/sda1 /mnt"),
            ("/dev/sda1 /mnt ext3", "-t ext3 /dev/sda1 /mnt"),
            ("/dev/sda1 /mnt ext3 ro,noatime", "-t ext3 -o ro,noatime /dev/sda1 /mnt"),
            ("-Uabc /mnt ext3", "-t ext3 -U abc /mnt"),
            ("-Ldata /mnt", "-L data /mnt"),
        ] {
            let words = words(text);
            assert_eq!(Mount::parse(&words).arguments().join(" "), expected, "{text}");
        }
    }

    #[test]
    fn devices_must_exist_unless_they_are_none() {
        for (text, needs) in [
            ("/dev/x /mnt", true),
            ("none /mnt", true),
            ("none /mnt tmpfs", false),
            ("/a /b none bind", false),
            ("/a /b ext3 rw,bind", false),
            ("-Uabc /mnt ext3", false),
            ("LABEL=x /mnt ext3", false),
            ("host:/dir /mnt nfs", false),
            ("//host/share /mnt", false),
        ] {
            let words = words(text);
            assert_eq!(Mount::parse(&words).needs_device(), needs, "{text}");
        }
    }

    #[test]
    fn mount_points_with_blanks_are_found() {
        let text =
            b"22 1 0:20 / /proc rw - proc proc rw\n23 1 8:1 /x /mnt/a\\040b\\134c rw shared:1 - ext3 /dev/x rw\n";
        assert_eq!(mount_points(text), [b"/proc".to_vec(), b"/mnt/a b\\c".to_vec()]);
        assert!(is_mounted(Path::new("/proc")) && !is_mounted(Path::new("/proc/self")));
    }
}
