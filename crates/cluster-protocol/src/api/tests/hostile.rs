//! Clients that want to do harm, or do not know better.

use super::*;
use proptest::prelude::*;

#[test]
fn an_absurd_length_ends_that_connection_with_one_line() {
    let mut desk = Desk::new();
    let (bad, good) = (desk.casual(7), desk.casual(8));
    desk.events.clear();
    let header = [307_200_u32.to_ne_bytes(), frame::MAGIC.to_ne_bytes()].concat();
    desk.bytes(bad, &header);
    desk.bytes(bad, &header);
    assert_eq!(desk.closed, [bad]);
    let frames = desk.events.iter().filter(|event| matches!(event, ApiEvent::Frame { .. })).count();
    assert_eq!(frames, 1);
    assert!(!desk.server.has_work() && !desk.server.wants_input(bad));
    assert!(desk.answer(good, "numnodes", &[]).ends_with("OK"));
}

#[test]
fn unreadable_messages_are_counted_for_each_client_alone() {
    let mut desk = Desk::new();
    let (bad, good) = (desk.casual(7), desk.casual(8));
    for round in 1..10 {
        desk.bytes(bad, &frame::wrap(b"nonsense"));
        desk.bytes(good, &frame::wrap(b""));
        assert!(desk.closed.is_empty(), "{round}");
    }
    assert!(desk.answer(good, "numnodes", &[]).ends_with("OK"));
    desk.bytes(bad, &frame::wrap(b"nonsense"));
    desk.bytes(good, &frame::wrap(b"nonsense"));
    assert_eq!(desk.closed, [bad], "a readable message begins the count anew");
}

#[test]
fn who_does_not_read_is_given_up_when_its_queue_is_full_and_nobody_else_suffers() {
    let mut desk = Desk::new();
    let (slow, quick) = (desk.named("ipfail", 7, 103, 106), desk.casual(8));
    desk.sent.clear();
    for number in 0..=64 {
        desk.delivers(&Message::of_type("x"), true);
        desk.event(|server, view, out| server.blocked(slow, view, out));
        assert_eq!(desk.hears(quick).len(), 1);
        assert_eq!(desk.closed.len(), usize::from(number == 64), "{number}");
    }
    assert_eq!(desk.closed, [slow]);
    assert_eq!(desk.sent[0].str("info"), Some("sendfail"));
    desk.event(|server, _, _| server.forget(slow));
    assert_eq!(desk.server.len(), 1);
}

#[test]
fn a_longer_queue_is_given_on_request() {
    let mut desk = Desk::new();
    let id = desk.casual(7);
    desk.ask(id, "set_sendqlen", &[("sendqlen", "1024")]);
    for _ in 0..1024 {
        desk.delivers(&Message::of_type("x"), true);
    }
    desk.event(|server, view, out| server.blocked(id, view, out));
    assert!(desk.closed.is_empty());
    desk.delivers(&Message::of_type("x"), true);
    desk.event(|server, view, out| server.blocked(id, view, out));
    assert_eq!(desk.closed, [id]);
}

#[test]
fn who_asks_without_reading_gets_no_further_answers_but_is_not_given_up() {
    let mut desk = Desk::new();
    let id = desk.casual(7);
    let many: Vec<u8> = (0..1000).flat_map(|_| frame::encode(&request_of("numnodes"), false)).collect();
    desk.bytes(id, &many);
    desk.event(|server, view, out| server.blocked(id, view, out));
    assert!(!desk.server.has_work() && !desk.server.wants_input(id) && desk.closed.is_empty());
    let mut answers = 0;
    loop {
        let heard = desk.hears(id).len();
        answers += heard;
        if heard == 0 {
            break;
        }
        desk.event(|_, _, _| {});
    }
    assert_eq!(answers, 1000);
    assert!(desk.server.wants_input(id));
}

#[test]
fn clients_get_their_turns_one_after_the_other() {
    let mut desk = Desk::new();
    let (greedy, modest) = (desk.casual(7), desk.casual(8));
    let many: Vec<u8> = (0..25).flat_map(|_| frame::encode(&request_of("numnodes"), false)).collect();
    let view = View { now: Mono(0), nodes: desk.nodes.iter().collect(), unacknowledged: 0 };
    let mut out = Vec::new();
    desk.server.received(greedy, &many);
    desk.server.received(modest, &frame::encode(&request_of("numnodes"), false));
    desk.server.turn(&view, &mut out);
    assert!(desk.server.has_work(), "the greedy one is not finished");
    drop(view);
    assert_eq!(desk.hears(modest).len(), 1);
    assert_eq!(desk.hears(greedy).len(), 16);
}

#[test]
fn connections_are_limited_and_those_that_say_nothing_go_first() {
    let mut desk = Desk::new();
    let known = desk.casual(7);
    let idle = desk.open(peer(8, 0, 0));
    for pid in 0..510 {
        desk.casual(1000 + pid);
    }
    let room = |desk: &mut Desk| {
        let mut has = false;
        desk.event(|server, view, out| has = server.has_room(view, out));
        has
    };
    assert_eq!(desk.server.len(), 512);
    assert!(room(&mut desk));
    assert_eq!(desk.closed, [idle]);
    assert!(!room(&mut desk), "all others have signed on");
    assert!(desk.answer(known, "numnodes", &[]).ends_with("OK"));
}

#[test]
fn lines_that_clients_cause_are_limited() {
    let mut desk = Desk::new();
    let id = desk.casual(7);
    desk.events.clear();
    for _ in 0..1000 {
        desk.ask(id, "nonsense", &[]);
    }
    assert!(desk.events.len() <= 20, "{}", desk.events.len());
    desk.now += 10_000_000;
    desk.ask(id, "nonsense", &[]);
    assert!(desk.events.iter().any(|event| matches!(event, ApiEvent::Suppressed(count) if *count > 900)));
}

#[test]
fn a_client_whose_process_is_gone_leaves() {
    let mut desk = Desk::new();
    let id = desk.named("ipfail", 9, 103, 106);
    desk.sent.clear();
    assert_eq!(desk.server.processes().collect::<Vec<_>>(), [(id, 9)]);
    desk.event(|server, view, out| server.vanished(id, view, out));
    assert_eq!(desk.sent[0].str("info"), Some("died-audit"));
}

fn any_message() -> impl Strategy<Value = Message> {
    let name = prop_oneof![
        Just("t".to_owned()),
        Just("reqtype".into()),
        Just("from_id".into()),
        Just("pid".into()),
        Just("node".into()),
        Just("fmask".into()),
        Just("signal".into()),
        Just("sendqlen".into()),
        Just("pname".into()),
        Just("dest".into()),
        Just("to_id".into()),
        Just("cn".into()),
        "[a-z]{1,8}"
    ];
    let value = prop_oneof![
        Just("hbapi-req".to_owned()),
        Just("nodelist".into()),
        Just("setfilter".into()),
        Just("clientstatus".into()),
        Just("signoff".into()),
        Just("signon".into()),
        Just("enode2".into()),
        Just("7".into()),
        "[ -~]{0,20}"
    ];
    proptest::collection::vec((name, value), 0..8)
        .prop_map(|fields| fields.iter().fold(Message::new(), |message, (name, value)| message.with(name, value)))
}

proptest! {
    #[test]
    fn no_bytes_harm_the_server(
        pieces in proptest::collection::vec(prop_oneof![
            proptest::collection::vec(any::<u8>(), 0..200),
            any_message().prop_map(|message| frame::encode(&message, false)),
            any_message().prop_map(|message| frame::encode(&message, true)),
        ], 1..20),
        named in any::<bool>(),
    ) {
        let mut desk = Desk::new();
        let id = if named { desk.named("ping", 7, 0, 106) } else { desk.casual(7) };
        let other = desk.casual(8);
        for piece in &pieces {
            desk.bytes(id, piece);
            desk.hears(id);
        }
        let count = desk.sent.len();
        for message in desk.sent.clone() {
            prop_assert!(message.str("t").is_some());
            desk.delivers(&message, true);
        }
        prop_assert!(count <= 2 * pieces.len() + 1);
        prop_assert!(desk.closed.len() <= 1 && !desk.closed.contains(&other));
        desk.hears(other);
        prop_assert!(desk.answer(other, "numnodes", &[]).ends_with("numnodes=2 result=OK"));
    }
}
