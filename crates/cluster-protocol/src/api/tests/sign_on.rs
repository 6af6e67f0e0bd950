//! Signing on, and the end of a connection.

use super::*;

#[test]
fn the_captured_exchange_is_reproduced_to_the_byte() {
    let mut desk = Desk::with(ApiSettings {
        version: "3.0.6 (node: 958e11be8686759f1b99204c17812f2c2633b169)".into(),
        ..settings()
    });
    let id = desk.open(peer(233, 0, 106));
    let body = b">>>\nt=hbapi-req\nreqtype=signon\ndest=enode1\npid=233\nfrom_id=233\nuid=0\ngid=106\n<<<\n\0";
    desk.bytes(id, &frame::wrap(body));
    let wanted = b">>>\nt=hbapi-resp\nreqtype=signon\nresult=OK\ndeadtime=7d0\nkeepalive=c8\nnode=enode1\n\
        hbversion=3.0.6 (node: 958e11be8686759f1b99204c17812f2c2633b169)\npacemaker=false\nlogfacility=-1\n<<<\n\0";
    assert_eq!(desk.server.output(id), Some(&frame::wrap(wanted)[..]));
    assert!(desk.sent.is_empty() && desk.closed.is_empty());
}

#[test]
fn a_refusal_carries_the_same_fields_and_ends_the_connection() {
    let refused = |peer: Credentials, message: &Message| {
        let mut desk = Desk::new();
        let id = desk.open(peer);
        desk.says(id, message);
        assert_eq!((desk.closed.as_slice(), desk.sent.len()), (&[id][..], 0), "{message:?}");
        let heard = desk.hears(id);
        assert_eq!(heard.len(), 1);
        assert_eq!((heard[0].str("result"), heard[0].str("deadtime")), (Some("badreq"), Some("7d0")));
        heard[0].str("info").unwrap().to_owned()
    };
    let base = |id: &str| sign_on(7, id, 0, 0);
    assert_eq!(refused(peer(7, 0, 0), &base("ipfail")), "client failed authorization");
    assert_eq!(refused(peer(7, 0, 0), &base("other")), "no default client auth");
    assert_eq!(refused(peer(7, 0, 5), &base("7")), "incorrect/false credentials");
    assert_eq!(refused(peer(7, 1, 0), &base("7")), "incorrect/false credentials");
    assert_eq!(refused(peer(8, 0, 0), &base("7")), "pid mismatch");
    let mut no_uid = base("7");
    no_uid.remove(F_UID);
    assert_eq!(refused(peer(7, 0, 0), &no_uid), "invalid id info");
    let mut no_number = base("7");
    no_number.set_text(F_PID, "x");
    assert_eq!(refused(peer(7, 0, 0), &no_number), "bad pid");
}

#[test]
fn ids_longer_than_the_originals_buffer_are_refused_and_none_is_cut() {
    let mut desk = Desk::with(ApiSettings { rules: vec![rule("default", &[], &[])], ..settings() });
    for (length, wanted) in [(31, "OK"), (32, "badreq")] {
        let id = desk.open(peer(7, 0, 0));
        desk.says(id, &sign_on(7, &"n".repeat(length), 0, 0));
        assert_eq!(desk.hears(id)[0].str("result"), Some(wanted), "{length}");
    }
}

#[test]
fn an_id_is_taken_once_whether_it_is_a_name_or_a_process() {
    let mut desk = Desk::new();
    desk.named("ping", 7, 0, 106);
    let second = desk.open(peer(8, 0, 106));
    desk.says(second, &sign_on(8, "ping", 0, 106));
    assert_eq!(desk.hears(second)[0].str("info"), Some("duplicate add request"));
    desk.casual(9);
    let third = desk.open(peer(10, 0, 0));
    desk.says(third, &sign_on(10, "9", 0, 0));
    assert_eq!(desk.hears(third)[0].str("info"), Some("duplicate add request"));
    assert_eq!(desk.closed, [second, third]);
}

#[test]
fn a_client_is_casual_if_its_id_begins_with_its_process() {
    let mut desk = Desk::new();
    let id = desk.open(peer(12, 0, 0));
    desk.says(id, &sign_on(12, "12abc", 0, 0));
    assert_eq!(desk.hears(id)[0].str("result"), Some("OK"));
    assert!(desk.sent.is_empty(), "casual clients do not join");
    let id = desk.open(peer(13, 0, 0));
    desk.says(id, &sign_on(13, "12xyz", 0, 0));
    assert_eq!(desk.hears(id)[0].str("info"), Some("no default client auth"));
}

#[test]
fn a_process_of_another_namespace_is_not_compared() {
    let mut desk = Desk::new();
    let id = desk.open(peer(0, 0, 0));
    desk.says(id, &sign_on(77, "77", 0, 0));
    assert_eq!(desk.hears(id)[0].str("result"), Some("OK"));
}

#[test]
fn named_clients_join_and_leave_with_a_growing_number() {
    let mut desk = Desk::new();
    desk.casual(6);
    let id = desk.named("ipfail", 7, 103, 106);
    assert_eq!(
        texts(&desk.sent),
        ["t=hbapi-clstat st=join from_id=ipfail to_id=ipfail src=enode1 info=signon client_gen=2"]
    );
    desk.sent.clear();
    assert!(desk.ask(id, "signoff", &[]).iter().all(|heard| heard.str("t") == Some("hbapi-clstat")), "no answer");
    assert_eq!(
        texts(&desk.sent),
        ["t=hbapi-clstat st=leave from_id=ipfail to_id=ipfail src=enode1 info=signoff client_gen=2"]
    );
    assert_eq!(desk.closed, [id]);
    let id = desk.named("ipfail", 8, 103, 106);
    desk.sent.clear();
    desk.event(|server, view, out| server.closed(id, view, out));
    assert_eq!(desk.sent[0].str("info"), Some("EOF"));
    assert_eq!(desk.sent[0].str("client_gen"), Some("3"));
    desk.event(|server, view, out| server.closed(id, view, out));
    assert_eq!(desk.sent.len(), 1, "once");
}

#[test]
fn requests_before_the_sign_on_end_the_connection() {
    let mut desk = Desk::new();
    for message in [request_of("nodelist"), Message::of_type("status"), Message::new()] {
        let id = desk.open(peer(7, 0, 0));
        desk.says(id, &message);
        assert_eq!((desk.closed.pop(), desk.hears(id).len()), (Some(id), 0));
    }
}

#[test]
fn the_facility_is_told_shifted() {
    let none = vec![("logfacility".to_owned(), "none".to_owned())];
    for (facility, parameters, wanted) in [(Some(16), Vec::new(), "128"), (None, none, "0"), (None, Vec::new(), "-1")] {
        let mut desk = Desk::with(ApiSettings { facility, parameters, ..settings() });
        let id = desk.open(peer(7, 0, 0));
        desk.says(id, &sign_on(7, "7", 0, 0));
        assert_eq!(desk.hears(id)[0].str("logfacility"), Some(wanted));
    }
}

#[test]
fn a_sign_on_without_process_is_no_harm() {
    // One of these kills the original 3.0.6.
    for field in [F_PID, F_FROM_ID] {
        let mut desk = Desk::new();
        let id = desk.open(peer(7, 0, 0));
        let mut message = sign_on(7, "7", 0, 0);
        message.remove(field);
        desk.says(id, &message);
        assert_eq!(desk.hears(id)[0].str("result"), Some("OK"), "{field}");
    }
}
