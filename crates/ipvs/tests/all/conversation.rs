//! Opening and reading over a scripted netlink socket: what can go wrong on the way, and what is made of it.

use crate::replies::*;
use ipvs::consts::*;
use ipvs::model::*;
use ipvs::transport::Scripted;
use ipvs::wire::attr::Writer;
use ipvs::{Client, Command, Error, Interface};

fn open(script: Scripted) -> Result<Client, Error> {
    Client::with_transport(Box::new(script))
}

#[test]
fn opening_takes_two_requests_and_reads_the_info() {
    let script = opened();
    let sent = script.sent();
    let client = client(script);
    assert_eq!((client.info(), client.interface()), (some_info(), Interface::Netlink));
    assert_eq!(sent.lock().unwrap().len(), 2);
    // Neither asks for an acknowledgement: flags are NLM_F_REQUEST alone.
    assert!(sent.lock().unwrap().iter().all(|request| request[6..8] == 1u16.to_ne_bytes()));
}

#[test]
fn a_missing_family_is_unavailable() {
    let missing = open(Scripted::new().expect_any().reply(error(1, libc::ENOENT)));
    assert_eq!(errno(&missing.unwrap_err()), libc::ENOPROTOOPT);
    let dead = open(Scripted::new().expect_any().fail(libc::ECONNREFUSED));
    assert_eq!(errno(&dead.unwrap_err()), libc::ENOPROTOOPT);
}

#[test]
fn refused_info_is_unavailable_with_the_kernels_errno() {
    let script = Scripted::new().expect_any().reply(family()).expect_any().reply(error(2, libc::EPERM));
    let refused = open(script).unwrap_err();
    assert!(matches!(refused, Error::Unavailable { errno: libc::EPERM }), "{refused}");
}

#[test]
fn answers_to_other_requests_are_skipped() {
    let mut datagram = service_part(77, &some_service(9));
    datagram.extend(done(77, 0));
    let script = opened()
        .expect_any()
        .reply(error(1, libc::EINVAL))
        .reply(datagram)
        .reply(service_part(FIRST, &some_service(1)))
        .reply(done(FIRST, 0));
    assert_eq!(client(script).services().unwrap(), [some_service(1)]);
    let script = opened().expect_any().reply(error(1, libc::EINVAL)).reply(service_part(FIRST, &some_service(1)));
    assert_eq!(client(script).service(&some_key(1)).unwrap(), some_service(1));
}

#[test]
fn a_dump_goes_over_several_datagrams_and_messages() {
    let mut first = service_part(FIRST, &some_service(1));
    first.extend(service_part(FIRST, &some_service(2)));
    let mut last = service_part(FIRST, &some_service(3));
    last.extend(done(FIRST, 0));
    let mut client = client(opened().expect_any().reply(first).reply(last));
    assert_eq!(client.services().unwrap(), [some_service(1), some_service(2), some_service(3)]);
}

#[test]
fn an_empty_dump_is_empty() {
    let mut client = client(opened().expect_any().reply(done(FIRST, 0)).expect_any().reply(done(FIRST + 1, 0)));
    assert_eq!(client.dests(&some_service(1)).unwrap(), []);
    assert_eq!(client.daemons().unwrap(), []);
}

#[test]
fn a_dump_that_ends_with_an_error_fails() {
    let script = opened().expect_any().reply(service_part(FIRST, &some_service(1))).reply(done(FIRST, libc::ENOMEM));
    let failed = client(script).services().unwrap_err();
    assert!(matches!(failed, Error::Kernel { command: Command::GetService, errno: libc::ENOMEM }), "{failed}");
}

#[test]
fn a_refused_request_is_reported_with_its_command() {
    let script = opened().expect_any().reply(error(FIRST, libc::ESRCH)).expect_any().reply(error(4, libc::EPERM));
    let mut client = client(script);
    let missing = client.service(&some_key(1)).unwrap_err();
    assert!(matches!(missing, Error::Kernel { command: Command::GetService, errno: libc::ESRCH }), "{missing}");
    let refused = client.daemons().unwrap_err();
    assert!(matches!(refused, Error::Kernel { command: Command::GetDaemon, errno: libc::EPERM }), "{refused}");
}

fn interrupted(sequence: u32) -> Vec<u8> {
    let mut part = service_part(sequence, &some_service(9));
    ipvs::wire::genl::add_flags(&mut part, 0, NLM_F_DUMP_INTR);
    part
}

#[test]
fn an_interrupted_dump_is_begun_again() {
    let script = opened()
        .expect_any()
        .reply(interrupted(FIRST))
        .reply(done(FIRST, 0))
        .expect_any()
        .reply(service_part(FIRST + 1, &some_service(1)))
        .reply(done(FIRST + 1, 0));
    assert_eq!(client(script).services().unwrap(), [some_service(1)]);
}

#[test]
fn a_dump_that_is_always_interrupted_fails_in_the_end() {
    let mut script = opened();
    let sent = script.sent();
    for sequence in FIRST..FIRST + 100 {
        script = script.expect_any().reply(interrupted(sequence)).reply(done(sequence, 0));
    }
    let failed = client(script).services().unwrap_err();
    assert!(matches!(failed, Error::Interrupted { command: Command::GetService }), "{failed}");
    assert!(sent.lock().unwrap().len() < 30);
}

#[test]
fn a_busy_socket_is_asked_again() {
    let script = opened()
        .expect_any()
        .reply(error(FIRST, libc::EBUSY))
        .expect_any()
        .reply(dest_part(FIRST + 1, &some_dest(1)))
        .reply(done(FIRST + 1, 0));
    assert_eq!(client(script).dests(&some_service(1)).unwrap(), [some_dest(1)]);
}

#[test]
fn a_datagram_without_room_is_asked_for_again() {
    let script = opened()
        .expect_any()
        .fail(libc::EMSGSIZE)
        .reply(done(FIRST, 0))
        .expect_any()
        .reply(service_part(FIRST + 1, &some_service(1)))
        .reply(done(FIRST + 1, 0))
        .expect_any()
        .fail(libc::EMSGSIZE)
        .expect_any()
        .reply(service_part(FIRST + 3, &some_service(2)));
    let mut client = client(script);
    assert_eq!(client.services().unwrap(), [some_service(1)]);
    assert_eq!(client.service(&some_key(2)).unwrap(), some_service(2));
}

/// What the datagram makes of a dump; the dump is then ended, and another must work on the same socket.
fn broken_dump(datagram: Vec<u8>) -> Error {
    let script = opened().expect_any().reply(datagram).reply(done(FIRST, 0)).expect_any().reply(done(FIRST + 1, 0));
    let mut client = client(script);
    let broken = client.services().unwrap_err();
    assert_eq!(client.services().unwrap(), []);
    broken
}

fn is_malformed(error: &Error) -> bool {
    matches!(error, Error::Malformed { command: Command::GetService, .. })
}

#[test]
fn truncated_and_overlong_messages_are_malformed() {
    let whole = service_part(FIRST, &some_service(1));
    for length in [1, 15, 17, 21, 30, whole.len() - 1] {
        let broken = broken_dump(whole[..length].to_vec());
        assert!(is_malformed(&broken), "cut to {length}: {broken}");
    }
    for length in [0u32, 15, 1 << 31, u32::MAX] {
        let mut lying = whole.clone();
        lying[..4].copy_from_slice(&length.to_ne_bytes());
        let broken = broken_dump(lying);
        assert!(is_malformed(&broken), "length {length}: {broken}");
    }
    let no_generic_header = whole[..16].to_vec();
    let mut lying = no_generic_header;
    lying[..4].copy_from_slice(&16u32.to_ne_bytes());
    assert!(is_malformed(&broken_dump(lying)));
}

#[test]
fn answers_of_another_kind_are_malformed() {
    let service = |writer: &mut Writer<'_>| ipvs::wire::service::encode_entry(writer, &some_service(1));
    assert!(is_malformed(&broken_dump(message(FAMILY + 1, 0, FIRST, IPVS_CMD_NEW_SERVICE, service))));
    assert!(is_malformed(&broken_dump(message(FAMILY, 0, FIRST, IPVS_CMD_NEW_DEST, service))));
    assert!(is_malformed(&broken_dump(message(FAMILY, 0, FIRST, IPVS_CMD_NEW_SERVICE, |_| {}))));
}

#[test]
fn the_offset_of_what_is_malformed_counts_from_the_start_of_the_datagram() {
    let mut datagram = service_part(FIRST, &some_service(1));
    let second = datagram.len();
    datagram.extend(service_part(FIRST, &some_service(2)));
    // The family of the second: header 20, nested attribute 4, attribute header 4.
    datagram[second + 28] = 99;
    match broken_dump(datagram) {
        Error::Malformed { offset, what, .. } => assert_eq!((offset, what), (second + 28, "unknown address family")),
        other => panic!("{other}"),
    }
}

#[test]
fn an_acknowledgement_instead_of_an_answer_is_malformed() {
    let script = opened().expect_any().reply(error(FIRST, 0)).expect_any().reply(error(FIRST + 1, 0));
    let mut client = client(script);
    assert!(is_malformed(&client.service(&some_key(1)).unwrap_err()));
    assert!(is_malformed(&client.services().unwrap_err()));
}

#[test]
fn a_request_without_answer_is_repeated_but_not_for_ever() {
    let script = opened().expect_any().expect_any().reply(service_part(FIRST + 1, &some_service(1)));
    assert_eq!(client(script).service(&some_key(1)).unwrap(), some_service(1));
    let mut script = opened();
    for _ in 0..100 {
        script = script.expect_any();
    }
    let mut client = client(script);
    assert!(matches!(client.timeouts(), Err(Error::Interrupted { command: Command::GetTimeouts })));
    assert!(matches!(client.services(), Err(Error::Interrupted { command: Command::GetService })));
}

#[test]
fn lost_answers_are_an_error() {
    let script = opened().expect_any().fail(libc::ENOBUFS);
    match client(script).services().unwrap_err() {
        Error::Io(error) => assert_eq!(error.raw_os_error(), Some(libc::ENOBUFS)),
        other => panic!("{other}"),
    }
}

#[test]
fn destinations_of_each_come_in_the_order_given_and_stop_at_the_callers_error() {
    let script = opened()
        .expect_any()
        .reply(dest_part(FIRST, &some_dest(1)))
        .reply(done(FIRST, 0))
        .expect_any()
        .reply(done(FIRST + 1, 0))
        .expect_any()
        .reply(dest_part(FIRST + 2, &some_dest(3)))
        .reply(done(FIRST + 2, 0));
    let services = [some_service(1), some_service(2), some_service(3), some_service(4)];
    let mut seen = Vec::new();
    let outcome = client(script).dests_of_each(&services, |service, dests| {
        seen.push((*service, dests.clone()));
        if seen.len() == 3 { Err(Error::Interrupted { command: Command::Zero }) } else { Ok(()) }
    });
    assert!(matches!(outcome, Err(Error::Interrupted { command: Command::Zero })));
    let expected = [vec![some_dest(1)], vec![], vec![some_dest(3)]];
    assert_eq!(seen, services.into_iter().zip(expected).collect::<Vec<_>>());
}

#[test]
fn a_destination_without_family_has_that_of_its_service() {
    // Kernels before 3.18.
    let mut service = some_service(1);
    let key = DestKey { addr: "2001:db8::5".parse().unwrap(), port: 80 };
    let mut entry = some_dest(1);
    entry.dest.key = key;
    service.service.key = ServiceKey::Address { protocol: Protocol::Tcp, addr: key.addr, port: 80 };
    let whole = dest_part(FIRST, &entry);
    let part = message(FAMILY, 2, FIRST, IPVS_CMD_NEW_DEST, |writer| {
        let mut attrs = ipvs::wire::genl::Messages::new(&whole).next().unwrap().unwrap().generic().unwrap().1;
        writer.nested(IPVS_CMD_ATTR_DEST, |writer| {
            for attr in attrs.next().unwrap().unwrap().nested().map(Result::unwrap) {
                if attr.kind != IPVS_DEST_ATTR_ADDR_FAMILY {
                    writer.bytes(attr.kind, attr.payload);
                }
            }
        });
    });
    let script = opened().expect_any().reply(part).reply(done(FIRST, 0));
    assert_eq!(client(script).dests(&service).unwrap(), [entry]);
}
