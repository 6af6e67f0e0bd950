//! Messages from clients to the cluster, and from the cluster to clients.

use super::*;

fn heard(desk: &mut Desk, ids: &[ClientId]) -> Vec<usize> {
    ids.iter().map(|id| desk.hears(*id).len()).collect()
}

#[test]
fn a_named_client_s_message_gets_its_name_and_keeps_order_and_doubles() {
    let mut desk = Desk::new();
    let id = desk.named("ping", 7, 0, 106);
    desk.sent.clear();
    let message = Message::of_type("CCM_TYPE_JOIN")
        .with("ccmmajor", "1")
        .with("from_id", "somebody")
        .with("ccmmajor", "2")
        .with("ccmcookie", ";Mgu^*4vcuvC!}=");
    desk.says(id, &message);
    assert_eq!(
        texts(&desk.sent),
        ["t=CCM_TYPE_JOIN ccmmajor=1 from_id=ping ccmmajor=2 ccmcookie=;Mgu^*4vcuvC!}= to_id=ping client_gen=1"]
    );
}

#[test]
fn messages_that_only_daemons_send_are_refused() {
    let mut desk = Desk::new();
    let id = desk.named("ping", 7, 0, 106);
    desk.sent.clear();
    let core = [
        "status",
        "NS_st",
        "NS_rexmit",
        "NS_ackmsg",
        "resource",
        "ip-request",
        "ip-request-resp",
        "starting",
        "stonith",
        "shutdone",
        "addnode",
        "delnode",
        "setweight",
        "setsite",
        "reqnodes",
        "repnodes",
        "hbapi-clstat",
    ];
    for kind in core {
        desk.events.clear();
        desk.says(id, &Message::of_type(kind).with("st", "dead"));
        assert!(desk.sent.is_empty(), "{kind}");
        assert_eq!(desk.events, [ApiEvent::Forged { id: "ping".into(), kind: kind.into() }]);
        desk.now += 10_000_000;
    }
    desk.says(id, &Message::new().with("x", "y"));
    assert!(desk.sent.is_empty());
    for kind in ["ask_resources", "query-cstatus", "ping", "hb_takeover"] {
        desk.says(id, &Message::of_type(kind));
        assert_eq!(desk.sent.pop().unwrap().str("t"), Some(kind));
    }
    assert!(desk.closed.is_empty());
}

#[test]
fn a_peer_s_message_that_its_client_made_up_is_known() {
    use super::super::is_forged;
    let of = |kind: &str| Message::of_type(kind).with("src", "enode2");
    for kind in ["status", "NS_st", "shutdone", "resource", "addnode"] {
        assert!(is_forged(&of(kind).with("from_id", "me")) && !is_forged(&of(kind)), "{kind}");
    }
    for kind in ["hbapi-clstat", "ask_resources", "query-cstatus", "ping"] {
        assert!(!is_forged(&of(kind).with("from_id", "me")), "{kind}");
    }
}

#[test]
fn a_casual_client_that_sends_is_thrown_out() {
    let mut desk = Desk::new();
    let id = desk.casual(7);
    desk.says(id, &Message::of_type("ping"));
    assert_eq!((desk.closed.as_slice(), desk.sent.len()), (&[id][..], 0));
}

#[test]
fn messages_reach_whom_they_name() {
    let mut desk = Desk::new();
    let ids = [desk.casual(7), desk.named("ping", 8, 0, 106), desk.named("ipfail", 9, 103, 106)];
    let news = |fields: &[(&str, &str)]| {
        fields
            .iter()
            .fold(Message::of_type("x").with("src", "enode2"), |message, (name, value)| message.with(name, value))
    };
    for (message, wanted) in [
        (news(&[]), [1, 1, 1]),
        (news(&[("to_id", "ping")]), [0, 1, 0]),
        (news(&[("to_id", "7"), ("dest", "enode1")]), [1, 0, 0]),
        (news(&[("to_id", "ping"), ("dest", "enode2")]), [0, 0, 0]),
        (news(&[("dest", "enode2")]), [0, 0, 0]),
        (news(&[("to_id", "nobody")]), [0, 0, 0]),
    ] {
        desk.delivers(&message, true);
        assert_eq!(heard(&mut desk, &ids), wanted, "{message:?}");
    }
    let mut by_id = news(&[]);
    by_id.push("destuuid", crate::message::Value::Binary(vec![2; 16]));
    desk.delivers(&by_id, true);
    assert_eq!(heard(&mut desk, &ids), [0, 0, 0]);
    by_id.set("destuuid", crate::message::Value::Binary(vec![1; 16]));
    desk.delivers(&by_id, true);
    assert_eq!(heard(&mut desk, &ids), [1, 1, 1]);
}

#[test]
fn repeated_heartbeats_and_requests_are_for_those_who_asked_for_them() {
    let mut desk = Desk::new();
    let (plain, curious) = (desk.casual(7), desk.casual(8));
    desk.ask(curious, "setfilter", &[("fmask", "13")]);
    let beat = Message::of_type("status").with("src", "enode2").with("st", "active");
    desk.delivers(&beat, false);
    assert_eq!(heard(&mut desk, &[plain, curious]), [0, 1]);
    desk.delivers(&beat, true);
    assert_eq!(heard(&mut desk, &[plain, curious]), [1, 1]);
    desk.says(plain, &request_of("numnodes"));
    assert_eq!(heard(&mut desk, &[plain, curious]), [1, 1]);
    let own = desk.ask(curious, "numnodes", &[]);
    assert_eq!([own[0].str("t"), own[1].str("t")], [Some("hbapi-req"), Some("hbapi-resp")]);
}

#[test]
fn a_status_message_without_status_would_kill_old_clients() {
    let mut desk = Desk::new();
    let id = desk.casual(7);
    desk.delivers(&Message::of_type("status").with("src", "enode2"), true);
    assert!(desk.hears(id).is_empty());
}

#[test]
fn links_are_told_with_three_fields() {
    let mut desk = Desk::new();
    let id = desk.casual(7);
    desk.event(|server, view, out| server.link("enode2", "eth1", false, view, out));
    assert_eq!(texts(&desk.hears(id)), ["t=ifstat node=enode2 ifname=eth1 st=dead"]);
}

#[test]
fn a_question_for_a_client_is_answered_to_its_asker_and_passed_on_to_nobody() {
    let mut desk = Desk::new();
    let id = desk.named("ipfail", 9, 103, 106);
    desk.sent.clear();
    let question = |client: &str| {
        Message::of_type("query-cstatus").with("cn", client).with("from_id", "mytest").with("src", "enode2")
    };
    desk.delivers(&question("ipfail").with("dest", "enode1"), true);
    desk.delivers(&question("other"), true);
    desk.delivers(&question("ipfail").with("dest", "enode2"), true);
    assert_eq!(
        texts(&desk.sent),
        [
            "t=respond-cstatus dest=enode2 result=OK cn=ipfail to_id=mytest cs=online",
            "t=respond-cstatus dest=enode2 result=OK cn=other to_id=mytest cs=offline"
        ]
    );
    assert!(desk.hears(id).is_empty());
}

#[test]
fn news_of_clients_wait_for_older_messages_of_their_node() {
    use std::time::Duration;
    let mut desk = Desk::new();
    let id = desk.named("ipfail", 9, 103, 106);
    let mut rng = Rng::new(2);
    let mut receive = |desk: &mut Desk, number| {
        desk.nodes[1].window.receive(number, Mono::default(), &mut rng, Duration::from_millis(1));
    };
    receive(&mut desk, 1);
    receive(&mut desk, 3);
    assert!(desk.nodes[1].missing() > 0);
    let join = Message::of_type("hbapi-clstat").with("st", "join").with("to_id", "ipfail").with("src", "enode2");
    desk.delivers(&join, true);
    desk.delivers(&Message::of_type("x").with("src", "enode2"), true);
    assert_eq!(texts(&desk.hears(id)), ["t=x src=enode2"]);
    receive(&mut desk, 2);
    desk.delivers(&Message::of_type("y").with("src", "enode2"), true);
    assert_eq!(texts(&desk.hears(id)), [text(&join), "t=y src=enode2".to_owned()]);
}

#[test]
fn a_signal_follows_each_message() {
    let mut desk = Desk::new();
    let id = desk.casual(7);
    desk.ask(id, "setsignal", &[("signal", "10")]);
    desk.delivers(&Message::of_type("x"), true);
    assert_eq!(desk.signals, [(7, 10)]);
    desk.ask(id, "setsignal", &[("signal", "0")]);
    desk.delivers(&Message::of_type("x"), true);
    assert_eq!(desk.signals.len(), 1);
}

#[test]
fn nobody_is_listened_to_while_peers_lag_behind() {
    let mut desk = Desk::new();
    let id = desk.casual(7);
    desk.unacknowledged = 251;
    desk.says(id, &request_of("numnodes"));
    assert!(desk.hears(id).is_empty());
    assert!(desk.server.is_paused() && !desk.server.wants_input(id) && !desk.server.has_work());
    desk.unacknowledged = 200;
    desk.event(|_, _, _| {});
    assert!(desk.hears(id).is_empty());
    desk.unacknowledged = 100;
    desk.event(|_, _, _| {});
    assert_eq!(desk.hears(id).len(), 1);
    assert!(desk.server.wants_input(id));
    let lines: Vec<_> =
        desk.events.iter().filter(|event| matches!(event, ApiEvent::Paused | ApiEvent::Resumed)).collect();
    assert_eq!(lines, [&ApiEvent::Paused, &ApiEvent::Resumed]);
}

#[test]
fn answers_are_netstrings_if_messages_are() {
    let mut desk = Desk::with(ApiSettings { netstrings: true, ..settings() });
    let id = desk.casual(7);
    desk.says(id, &request_of("numnodes"));
    let bytes = desk.server.output(id).unwrap();
    assert!(bytes[8..].starts_with(b"###\n") && bytes.ends_with(b"%%%\n\0"));
}
