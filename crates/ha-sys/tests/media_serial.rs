//! Serial lines over a pair of pseudo-terminals: attributes, lock file, pace, and a line whose other end goes away.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "helpers of tests")]

use ha_sys::media::{BUFFER, Endpoint, MediaError, MediumSpec};
use nix::errno::Errno;
use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::pty::{PtyMaster, grantpt, posix_openpt, ptsname_r, unlockpt};
use nix::sys::termios::{
    ControlFlags, InputFlags, LocalFlags, OutputFlags, SpecialCharacterIndices, cfgetospeed, tcgetattr,
};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tempfile::TempDir;

const PATIENCE: Duration = Duration::from_secs(20);

/// The far end of a line, the near end's path, and a directory for lock files.
struct Line {
    far: PtyMaster,
    device: PathBuf,
    locks: TempDir,
}

impl Line {
    fn new() -> Self {
        let far = posix_openpt(OFlag::O_RDWR | OFlag::O_NOCTTY | OFlag::O_CLOEXEC).unwrap();
        grantpt(&far).unwrap();
        unlockpt(&far).unwrap();
        fcntl(&far, FcntlArg::F_SETFL(OFlag::O_NONBLOCK)).unwrap();
        let device = ptsname_r(&far).unwrap().into();
        Self { far, device, locks: tempfile::tempdir().unwrap() }
    }

    fn spec(&self, baud: u32) -> MediumSpec {
        let lock_directory = self.locks.path().to_owned();
        MediumSpec::Serial { device: self.device.clone(), baud, lock_directory }
    }

    fn open(&self, baud: u32) -> Endpoint {
        Endpoint::open(&self.spec(baud)).unwrap()
    }

    /// What the far end can read now.
    fn read(&mut self) -> Vec<u8> {
        let mut buffer = [0; 4096];
        match self.far.read(&mut buffer) {
            Ok(length) => buffer[..length].to_vec(),
            Err(error) if error.raw_os_error() == Some(Errno::EAGAIN as i32) => Vec::new(),
            Err(error) => panic!("{error}"),
        }
    }
}

fn received(endpoint: &mut Endpoint, length: usize) -> Vec<u8> {
    let (start, mut all) = (Instant::now(), Vec::new());
    while all.len() < length && start.elapsed() < PATIENCE {
        endpoint.receive(&mut vec![0; BUFFER], &mut |chunk, _| all.extend_from_slice(chunk)).unwrap();
        std::thread::yield_now();
    }
    all
}

#[test]
fn the_line_is_set_up_as_by_the_original() {
    let line = Line::new();
    let endpoint = line.open(115_200);
    let attributes = tcgetattr(endpoint.descriptors()[0].descriptor).unwrap();
    let input = InputFlags::BRKINT | InputFlags::INPCK | InputFlags::ISTRIP | InputFlags::IGNCR;
    assert_eq!(attributes.input_flags, input);
    let control = attributes.control_flags;
    assert!(control.contains(ControlFlags::CS8 | ControlFlags::CLOCAL | ControlFlags::CREAD | ControlFlags::CRTSCTS));
    assert!(!control.intersects(ControlFlags::PARENB | ControlFlags::CSTOPB));
    assert!(!attributes.local_flags.intersects(LocalFlags::ICANON | LocalFlags::ECHO | LocalFlags::ISIG));
    assert!(attributes.local_flags.contains(LocalFlags::IEXTEN));
    let (least, wait) = (SpecialCharacterIndices::VMIN as usize, SpecialCharacterIndices::VTIME as usize);
    assert_eq!((attributes.control_chars[least], attributes.control_chars[wait]), (1, 1));
    assert!(!attributes.output_flags.contains(OutputFlags::OPOST));
    assert_eq!(cfgetospeed(&attributes), nix::sys::termios::BaudRate::B115200);
}

#[test]
fn messages_pass_in_both_directions_unchanged_but_for_carriage_returns() {
    let mut line = Line::new();
    let mut endpoint = line.open(115_200);
    endpoint.send(b">>>\nt=status\n<<<\n").unwrap();
    assert_eq!(line.read(), b">>>\nt=status\n<<<\n");
    line.far.write_all(b">>>\r\nt=status\r\n<<<\r\n").unwrap();
    assert_eq!(received(&mut endpoint, 17), b">>>\nt=status\n<<<\n");
}

#[test]
fn a_long_message_is_paced_by_the_clock_that_is_passed_in() {
    let mut line = Line::new();
    let mut endpoint = line.open(9600);
    let message: Vec<u8> = (0..1500_u32).map(|n| b'a' + u8::try_from(n % 26).unwrap()).collect();
    endpoint.send(&message).unwrap();
    let mut all = line.read();
    assert_eq!(all.len(), 512);
    assert!(!endpoint.descriptors()[0].write);
    assert_eq!(endpoint.next_deadline().unwrap().as_millis(), 426);
    endpoint.tick(Duration::from_millis(425)).unwrap();
    assert!(line.read().is_empty());
    while let Some(due) = endpoint.next_deadline() {
        endpoint.tick(due).unwrap();
        all.extend(line.read());
    }
    assert_eq!(all, message);
}

#[test]
fn a_far_end_that_does_not_read_delays_nobody_and_costs_whole_old_messages() {
    let mut line = Line::new();
    let mut endpoint = line.open(460_800);
    let start = Instant::now();
    let message = |number: u32| format!(">>>{number:>05}{}<<<\n", "x".repeat(991));
    for number in 0..2000 {
        endpoint.send(message(number).as_bytes()).unwrap();
        endpoint.tick(Duration::from_secs(u64::from(number))).unwrap();
    }
    assert!(start.elapsed() < Duration::from_secs(5));
    assert!(endpoint.dropped() > 1000, "{}", endpoint.dropped());
    let mut now = Duration::from_secs(3000);
    let mut all = Vec::new();
    while endpoint.next_deadline().is_some() || endpoint.descriptors()[0].write {
        now += Duration::from_secs(1);
        endpoint.tick(now).unwrap();
        all.extend(line.read());
    }
    all.extend(line.read());
    let text = String::from_utf8(all).unwrap();
    let numbers: Vec<u32> = text.lines().map(|line| line[3..8].parse().unwrap()).collect();
    assert!(text.lines().all(|line| line.len() == 1002 && line.ends_with("<<<")));
    assert!(numbers.is_sorted());
    assert_eq!(numbers.last(), Some(&1999));
}

#[test]
fn the_lock_file_is_there_while_the_line_is_open_and_through_a_reopening() {
    let line = Line::new();
    let name = line.device.to_str().unwrap().replace("/dev/", "").replace('/', "");
    let path = line.locks.path().join(format!("LCK..{name}"));
    let mut endpoint = line.open(9600);
    assert!(path.exists());
    endpoint.reopen().unwrap();
    assert!(path.exists());
    drop(endpoint);
    assert_eq!(std::fs::read_dir(line.locks.path()).unwrap().count(), 0);
}

#[test]
fn a_line_that_another_process_has_locked_is_left_alone() {
    let line = Line::new();
    let name = line.device.to_str().unwrap().replace("/dev/", "").replace('/', "");
    std::fs::write(line.locks.path().join(format!("LCK..{name}")), "         1\n").unwrap();
    assert_eq!(Endpoint::open(&line.spec(9600)).unwrap_err(), MediaError::Locked { pid: 1 });
}

#[test]
fn a_line_whose_far_end_went_away_is_told_and_can_be_closed() {
    let line = Line::new();
    let mut endpoint = line.open(9600);
    let Line { far, device: _, locks: _locks } = line;
    drop(far);
    let mut buffer = vec![0; BUFFER];
    let error = endpoint.receive(&mut buffer, &mut |_, _| {}).unwrap_err();
    assert!(matches!(error, MediaError::HungUp | MediaError::Gone { .. }), "{error:?}");
    assert!(matches!(endpoint.send(b"lost"), Err(MediaError::Gone { .. })));
    assert!(endpoint.reopen().is_err());
    assert!(endpoint.descriptors().is_empty());
    assert_eq!(endpoint.receive(&mut buffer, &mut |_, _| {}), Ok(0));
}

#[test]
fn what_is_no_serial_line_is_refused() {
    let locks = tempfile::tempdir().unwrap();
    let spec = |device: &str, baud| MediumSpec::Serial {
        device: Path::new(device).to_owned(),
        baud,
        lock_directory: locks.path().to_owned(),
    };
    let no_tty = Endpoint::open(&spec("/dev/null", 9600)).unwrap_err();
    assert_eq!(no_tty.errno(), Some(libc_enotty()));
    assert!(matches!(Endpoint::open(&spec("/dev/nope0", 9600)), Err(MediaError::Gone { .. })));
    assert_eq!(Endpoint::open(&spec("/dev/null", 300)).unwrap_err(), MediaError::Baud { baud: 300 });
    assert_eq!(std::fs::read_dir(locks.path()).unwrap().count(), 0);
}

fn libc_enotty() -> i32 {
    Errno::ENOTTY as i32
}
