//! `-R` over a made-up kernel: when changes are carried out, whatever pieces the input comes in, and how a run ends.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise, in its helpers too"
)]

use ipvs::Client;
use ipvs::transport::SocketOptions;
use ipvsadm::args::Reading;
use ipvsadm::failure::Failure;
use ipvsadm::names::Nothing;
use ipvsadm::output::Output;
use ipvsadm::restore;
use ipvsadm::session::Session;
use std::io::{self, Read};
use std::sync::{Arc, Mutex};

/// Numbers of the socket options used here.
const INFO: i32 = 1153;
const ADD: i32 = 1154;

/// Ports of the services added so far.
type Added = Arc<Mutex<Vec<u16>>>;

/// A kernel that takes every service but those of port 81.
#[derive(Debug)]
struct Kernel(Added);

impl SocketOptions for Kernel {
    fn get(&mut self, name: i32, value: &mut [u8]) -> io::Result<usize> {
        assert_eq!(name, INFO);
        let info: Vec<u8> = [0x01_02_01_u32, 4096, 0].iter().flat_map(|number| number.to_ne_bytes()).collect();
        value.copy_from_slice(&info);
        Ok(info.len())
    }

    fn set(&mut self, name: i32, value: &[u8]) -> io::Result<()> {
        assert_eq!(name, ADD);
        let port = u16::from_be_bytes([value[8], value[9]]);
        if port == 81 {
            return Err(io::Error::from_raw_os_error(libc::EEXIST));
        }
        self.0.lock().unwrap().push(port);
        Ok(())
    }
}

/// Input in pieces; notes how many services there are whenever the next piece is asked for.
struct Pieces {
    pieces: Vec<Vec<u8>>,
    added: Added,
    seen: Vec<usize>,
}

impl Read for Pieces {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.seen.push(self.added.lock().unwrap().len());
        if self.pieces.is_empty() {
            return Ok(0);
        }
        let piece = self.pieces.remove(0);
        buffer[..piece.len()].copy_from_slice(&piece);
        Ok(piece.len())
    }
}

/// Runs `-R` with these pieces: how it ended, which ports were added, and how many when each piece was asked for.
fn run(pieces: &[&str]) -> (Result<u8, Failure>, Vec<u16>, Vec<usize>) {
    let added = Added::default();
    let mut session = Session {
        client: Client::with_socket_options(Box::new(Kernel(added.clone()))).unwrap(),
        out: Output::default(),
        names: &Nothing,
        program: b"ipvsadm".to_vec(),
    };
    let pieces = pieces.iter().map(|piece| piece.as_bytes().to_vec()).collect();
    let mut input = Pieces { pieces, added: added.clone(), seen: Vec::new() };
    let end = restore::run(&mut session, Reading::default(), &mut input);
    let ports = added.lock().unwrap().clone();
    (end, ports, input.seen)
}

#[test]
fn every_complete_line_has_taken_effect_before_more_input_is_asked_for() {
    let (end, ports, seen) = run(&["-A -t 1.1.1.1:1\n-A -t 1.1.1.1:2\n-A -t 1.1", ".1.1:3\n", "-A -t 1.1.1.1:4"]);
    assert_eq!((end.unwrap(), ports), (0, vec![1, 2, 3, 4]));
    assert_eq!(seen, [0, 2, 3, 3]);
}

#[test]
fn input_in_single_bytes_is_the_same_input() {
    let text = "-A -t 1.1.1.1:1\r\n\n# a comment\n ipvsadm -A -t 1.1.1.1:2";
    let bytes: Vec<String> = text.chars().map(String::from).collect();
    let (end, ports, _) = run(&bytes.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!((end.unwrap(), ports), (0, vec![1, 2]));
}

#[test]
fn a_refused_change_does_not_end_the_run_and_only_a_last_one_decides_its_status() {
    assert_eq!(run(&["-A -t 1.1.1.1:81\n-A -t 1.1.1.1:2\n"]).0.unwrap(), 0);
    assert_eq!(run(&["-A -t 1.1.1.1:2\n-A -t 1.1.1.1:81\n"]).0.unwrap(), 255);
    assert_eq!(run(&["-A -t 1.1.1.1:81\n--bogus\n"]).0.unwrap_err().status(), 255);
}

#[test]
fn a_line_with_an_unknown_option_is_skipped() {
    let (end, ports, _) = run(&["-A -t 1.1.1.1:1 --bogus\n-A -t 1.1.1.1:2\n"]);
    assert_eq!((end.unwrap(), ports), (0, vec![2]));
    assert_eq!(run(&["-A -t 1.1.1.1:1 --bogus\n"]).0.unwrap(), 255);
}

#[test]
fn a_wrong_line_ends_the_run_after_everything_before_it() {
    let (end, ports, _) = run(&["-A -t 1.1.1.1:1\n-A -t 1.1.1.1\n-A -t 1.1.1.1:2\n"]);
    assert_eq!((end.unwrap_err().status(), ports), (2, vec![1]));
}

#[test]
fn help_inside_ends_the_run_well() {
    let (end, ports, _) = run(&["-A -t 1.1.1.1:1\n-v\n-A -t 1.1.1.1:2\n"]);
    assert_eq!((end.unwrap(), ports), (0, vec![1]));
}
