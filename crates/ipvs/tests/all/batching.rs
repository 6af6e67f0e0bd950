//! Batches over a scripted netlink socket.

use crate::replies::*;
use ipvs::model::DaemonState;
use ipvs::transport::{Expected, Scripted, Transport};
use ipvs::wire::genl::Messages;
use ipvs::{Command, Error, Op};
use std::io;
use std::sync::{Arc, Mutex};

fn deletions(count: u8) -> Vec<Op> {
    (0..count).map(|last| Op::DelService(some_key(last))).collect()
}

/// Flags of the messages of a datagram.
fn flags(datagram: &[u8]) -> Vec<u16> {
    Messages::new(datagram).map(|message| message.unwrap().flags).collect()
}

#[test]
fn a_batch_is_one_datagram_of_which_only_the_last_asks_for_an_answer() {
    let script = opened().expect_any().reply(error(FIRST + 2, 0));
    let sent = script.sent();
    let failures = client(script).batch(&deletions(3)).unwrap();
    assert!(failures.is_empty());
    assert_eq!(sent.lock().unwrap().len(), 3);
    assert_eq!(flags(&sent.lock().unwrap()[2]), [1, 1, 5]);
}

#[test]
fn refusals_are_reported_in_order_with_command_and_place() {
    let script = opened()
        .expect_any()
        .reply(error(99, libc::EINVAL))
        .reply(error(FIRST, libc::ESRCH))
        .reply(error(FIRST + 2, libc::EPERM))
        .reply(error(FIRST + 3, libc::ENOENT));
    let ops = [deletions(3), vec![Op::Flush]].concat();
    let failures = client(script).batch(&ops).unwrap();
    let told: Vec<_> = failures
        .iter()
        .map(|failure| match failure.error {
            Error::Kernel { command, errno } => (failure.index, command, errno),
            ref other => panic!("{other}"),
        })
        .collect();
    assert_eq!(
        told,
        [
            (0, Command::DelService, libc::ESRCH),
            (2, Command::DelService, libc::EPERM),
            (3, Command::Flush, libc::ENOENT)
        ]
    );
}

#[test]
fn one_change_fails_or_succeeds() {
    let script = opened().expect_any().reply(error(FIRST, 0)).expect_any().reply(error(FIRST + 1, libc::EEXIST));
    let mut client = client(script);
    client.execute(&Op::Flush).unwrap();
    assert_eq!(errno(&client.execute(&Op::Flush).unwrap_err()), libc::EEXIST);
}

#[test]
fn an_empty_batch_sends_nothing() {
    assert!(client(opened()).batch(&[]).unwrap().is_empty());
}

#[test]
fn a_batch_is_cut_to_the_room_for_refusals() {
    let mut script = opened().with_room(30);
    let sent = script.sent();
    for (begin, end) in [(0, 30), (30, 60), (60, 90), (90, 100)] {
        script = script.expect_any().reply(error(FIRST + begin, libc::ESRCH)).reply(error(FIRST + end - 1, 0));
    }
    let failures = client(script).batch(&deletions(100)).unwrap();
    assert_eq!(failures.iter().map(|failure| failure.index).collect::<Vec<_>>(), [0, 30, 60, 90]);
    let counts: Vec<_> = sent.lock().unwrap()[2..].iter().map(|datagram| flags(datagram).len()).collect();
    assert_eq!(counts, [30, 30, 30, 10]);
}

#[test]
fn a_long_batch_is_cut_to_datagrams_of_bounded_size() {
    /// Acknowledges the last message of whatever comes.
    #[derive(Debug)]
    struct Obliging {
        script: Scripted,
        last: Vec<u8>,
        sizes: Arc<Mutex<Vec<usize>>>,
    }
    impl Transport for Obliging {
        fn send(&mut self, datagram: &[u8]) -> io::Result<()> {
            let last = Messages::new(datagram).last().unwrap().unwrap();
            if last.flags & 4 != 0 {
                self.sizes.lock().unwrap().push(datagram.len());
                self.last = error(last.sequence, 0);
                return Ok(());
            }
            self.script.send(datagram)
        }
        fn receive(&mut self, expected: Expected) -> io::Result<&[u8]> {
            if self.last.is_empty() { self.script.receive(expected) } else { Ok(&self.last) }
        }
        fn reserve(&mut self, wanted: usize) -> io::Result<usize> {
            Ok(wanted)
        }
    }
    let sizes = Arc::new(Mutex::new(Vec::new()));
    let transport = Obliging { script: opened(), last: Vec::new(), sizes: Arc::clone(&sizes) };
    let mut client = ipvs::Client::with_transport(Box::new(transport)).unwrap();
    let ops: Vec<Op> = (0..20_000).map(|_| Op::NewDest(some_key(1), some_dest(1).dest)).collect();
    assert!(client.batch(&ops).unwrap().is_empty());
    let sizes = sizes.lock().unwrap();
    assert!(sizes.len() > 10 && sizes.iter().all(|size| *size < 128 * 1024), "{sizes:?}");
}

#[test]
fn a_datagram_too_large_for_the_socket_is_halved() {
    /// Takes only datagrams up to a size.
    #[derive(Debug)]
    struct Narrow(Scripted);
    impl Transport for Narrow {
        fn send(&mut self, datagram: &[u8]) -> io::Result<()> {
            if datagram.len() > 1000 {
                return Err(io::Error::from_raw_os_error(libc::EMSGSIZE));
            }
            self.0.send(datagram)
        }
        fn receive(&mut self, expected: Expected) -> io::Result<&[u8]> {
            self.0.receive(expected)
        }
        fn reserve(&mut self, wanted: usize) -> io::Result<usize> {
            self.0.reserve(wanted)
        }
    }
    // 40 requests of 68 bytes: 2720, 1360 and 680 are tried; the numbers of the unsent ones are not used again.
    let mut script = opened();
    let sent = script.sent();
    let mut sequence = FIRST + 40 + 20;
    for count in [10, 10, 10, 10] {
        script = script.expect_any().reply(error(sequence, libc::ESRCH)).reply(error(sequence + count - 1, 0));
        sequence += count;
    }
    let mut client = ipvs::Client::with_transport(Box::new(Narrow(script))).unwrap();
    let failures = client.batch(&deletions(40)).unwrap();
    assert_eq!(failures.iter().map(|failure| failure.index).collect::<Vec<_>>(), [0, 10, 20, 30]);
    assert_eq!(sent.lock().unwrap().len(), 6);
}

#[test]
fn lost_refusals_are_an_error_not_a_success() {
    let script = opened().expect_any().reply(error(FIRST, libc::ESRCH)).fail(libc::ENOBUFS);
    match client(script).batch(&deletions(3)).unwrap_err() {
        Error::Io(error) => assert_eq!(error.raw_os_error(), Some(libc::ENOBUFS)),
        other => panic!("{other}"),
    }
}

#[test]
fn no_answer_is_an_interruption_but_means_that_a_daemon_stopped() {
    let stop = Op::StopDaemon(DaemonState::Master, 0);
    let script = opened().expect_any().reply(error(FIRST, libc::ESRCH)).expect_any();
    let sent = script.sent();
    let failures = client(script).batch(&[Op::Flush, stop, Op::Flush]).unwrap();
    let told: Vec<_> = failures.iter().map(|failure| (failure.index, errno(&failure.error))).collect();
    assert_eq!(told, [(0, libc::ESRCH), (2, libc::EINTR)]);
    // What follows is sent only when the daemon has stopped.
    let counts: Vec<_> = sent.lock().unwrap()[2..].iter().map(|datagram| flags(datagram).len()).collect();
    assert_eq!(counts, [2, 1]);
}

#[test]
fn a_truncated_refusal_is_malformed() {
    let mut cut = error(FIRST, libc::ESRCH);
    cut.truncate(18);
    let length = u32::try_from(cut.len()).unwrap();
    cut[..4].copy_from_slice(&length.to_ne_bytes());
    let script = opened().expect_any().reply(cut);
    assert!(matches!(client(script).batch(&deletions(3)), Err(Error::Malformed { .. })));
}
