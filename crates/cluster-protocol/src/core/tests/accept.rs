//! The way of a packet through the rules of acceptance (wire specification, section 4.3).

use super::Net;
use super::peer::{Peer, status_message};
use crate::event::Event;
use crate::input::Input;
use crate::message::{Message, Uuid, Value};
use crate::settings::{Autojoin, MediumId};

const BOTH: [&str; 2] = ["alfa", "brav"];

fn news() -> Message {
    Message::of_type("news").with("x", "y")
}

/// A running `alfa` that has heard of `brav`.
fn heard() -> (Net, Peer) {
    let mut net = Net::alone(&BOTH);
    let mut peer = Peer::new("brav");
    peer.join(&mut net);
    net.out.clear();
    (net, peer)
}

#[test]
fn a_message_without_sender_time_or_type_is_dropped_and_reported_once() {
    let (mut net, mut peer) = heard();
    for field in ["src", "ts", "t"] {
        let mut message = peer.numbered(news());
        message.remove(field);
        peer.give(&mut net, &message);
    }
    assert_eq!(net.events(0).iter().filter(|(_, event)| *event == Event::MissingFields).count(), 1);
    assert_eq!((net.core(0).counters().incomplete, net.delivered(0, "news")), (3, vec![]));
}

#[test]
fn a_message_without_number_is_dropped_unless_its_type_says_so() {
    let (mut net, peer) = heard();
    let message = peer.unnumbered(news());
    peer.give(&mut net, &message);
    assert!(net.has(0, &Event::MissingSequence));
    assert_eq!(net.delivered(0, "news"), []);
    let message = peer.unnumbered(Message::of_type("NS_news"));
    peer.give(&mut net, &message);
    assert_eq!(net.delivered(0, "NS_news").len(), 1);
}

#[test]
fn a_time_of_zero_or_none_at_all_drops_the_message_without_a_word() {
    let (mut net, mut peer) = heard();
    for time in ["0", "00", "", "xyz"] {
        let mut message = peer.numbered(news());
        message.set_text("ts", time);
        peer.give(&mut net, &message);
    }
    assert_eq!((net.delivered(0, "news"), net.events(0)), (vec![], vec![]));
}

#[test]
fn ttl_load_and_uuid_may_be_missing() {
    let (mut net, mut peer) = heard();
    let mut message = peer.numbered(news());
    for field in ["ttl", "ld", "srcuuid"] {
        message.remove(field);
    }
    peer.give(&mut net, &message);
    assert_eq!(net.delivered(0, "news").len(), 1);
}

#[test]
fn an_unknown_name_is_dropped_and_names_are_case_sensitive() {
    for name in ["zulu", "BRAV"] {
        let (mut net, _) = heard();
        let mut stranger = Peer { uuid: Uuid([9; 16]), ..Peer::new(name) };
        stranger.say(&mut net, news());
        stranger.say(&mut net, news());
        assert_eq!((net.delivered(0, "news"), net.core(0).counters().strangers), (vec![], 2));
        let reported =
            net.events(0).into_iter().filter(|(_, event)| matches!(event, Event::UnknownNode { .. })).count();
        assert_eq!((reported, net.core(0).nodes().count()), (1, 2));
    }
}

#[test]
fn with_autojoin_an_unknown_name_becomes_a_node_but_a_deleted_one_does_not() {
    let mut net = Net::with(&BOTH, |settings| settings.autojoin = Autojoin::Other);
    net.start(0);
    Peer::new("brav").live(&mut net, "up", 200);
    let mut stranger = Peer { uuid: Uuid([9; 16]), ..Peer::new("zulu") };
    stranger.live(&mut net, "up", 400);
    assert!(net.has(0, &Event::NodeJoined("zulu".into())));
    assert_eq!(net.view(0, "zulu").status, "up");
    net.cores[0].as_mut().unwrap().deleted.insert("yank".into());
    let mut deleted = Peer { uuid: Uuid([8; 16]), ..Peer::new("yank") };
    deleted.live(&mut net, "up", 200);
    assert!(!net.has(0, &Event::NodeJoined("yank".into())));
}

#[test]
fn a_new_uuid_of_a_known_name_is_adopted() {
    let (mut net, mut peer) = heard();
    peer.uuid = Uuid([5; 16]);
    peer.say(&mut net, news());
    assert!(net.has(0, &Event::UuidChanged { node: "brav".into(), uuid: peer.uuid }));
    assert_eq!((net.view(0, "brav").uuid, net.delivered(0, "news").len()), (Some(peer.uuid), 1));
}

#[test]
fn a_replayed_packet_does_not_bring_an_old_uuid_back() {
    let (mut net, mut peer) = heard();
    let old = peer.numbered(news());
    peer.give(&mut net, &old);
    peer.uuid = Uuid([5; 16]);
    peer.say(&mut net, news());
    peer.say(&mut net, news());
    peer.give(&mut net, &old);
    assert_eq!(net.view(0, "brav").uuid, Some(peer.uuid));
}

#[test]
fn two_nodes_with_one_uuid_stay_two_nodes() {
    let mut net = Net::alone(&["alfa", "brav", "charlie"]);
    let (mut brav, mut charlie) = (Peer::new("brav"), Peer::new("charlie"));
    brav.live(&mut net, "up", 200);
    charlie.live(&mut net, "up", 200);
    brav.live(&mut net, "active", 200);
    let duplicate = Event::DuplicateUuid { node: "brav".into(), other: "charlie".into(), from: None };
    assert!(net.has(0, &duplicate));
    assert_eq!((&*net.view(0, "brav").status, &*net.view(0, "charlie").status), ("active", "up"));
    assert_eq!((net.view(0, "brav").uuid, net.view(0, "charlie").uuid), (Some(brav.uuid), None));
}

#[test]
fn another_machine_with_our_name_is_reported_and_changes_nothing() {
    let (mut net, _) = heard();
    let before = net.core(0).nodes().next().unwrap().generation;
    for (uuid, generation, seq) in
        [(Uuid([9; 16]), 5, 1), (Uuid([1; 16]), before + 1, 1), (Uuid([1; 16]), before, 5000)]
    {
        let mut twin = Peer { uuid, generation, seq, ..Peer::new("alfa") };
        net.out.clear();
        net.run(11_000);
        twin.say(&mut net, status_message("active"));
        assert!(net.has(0, &Event::DuplicateName { node: "alfa".into(), from: None }), "{uuid} {generation} {seq}");
        assert_eq!(net.view(0, "alfa").generation, before);
    }
}

#[test]
fn our_own_packets_come_back_and_mean_nothing_but_a_living_link() {
    let mut net = Net::active(&BOTH);
    net.feed(0, Input::Local(news()));
    net.run(500);
    assert_eq!(net.delivered(1, "news").len(), 1);
    let own = net.out.iter().filter(|(_, who, output)| {
        *who == 0 && matches!(output, crate::output::Output::Deliver { message, .. } if message.kind() == b"news")
    });
    assert_eq!(own.count(), 1);
    assert!(net.view(0, "alfa").links[0].up);
}

#[test]
fn who_is_addressed_is_decided_by_id_and_only_without_one_by_name() {
    let (mut net, mut peer) = heard();
    let to = |name: &str, uuid: Option<u8>| {
        let mut message = news().with("dest", name);
        if let Some(uuid) = uuid {
            message.push("destuuid", Value::Binary(vec![uuid; 16]));
        }
        message
    };
    for (message, ours) in [
        (to("alfa", None), true),
        (to("brav", None), false),
        (to("ALFA", None), false),
        (to("brav", Some(1)), true),
        (to("alfa", Some(7)), false),
    ] {
        let before = net.delivered(0, "news").len();
        peer.say(&mut net, message.clone());
        assert_eq!(net.delivered(0, "news").len() - before, usize::from(ours), "{message:?}");
    }
    assert_eq!(net.view(0, "brav").missing(), 0, "numbers count, whoever is addressed");
}

#[test]
fn an_older_generation_is_a_replay_and_a_missing_one_counts_as_zero() {
    let (mut net, mut peer) = heard();
    let seq = peer.seq;
    let mut old = Peer { generation: 39, seq: 700, ..peer.clone() };
    old.say(&mut net, status_message("dead"));
    assert!(net.has(0, &Event::Replay { node: "brav".into(), generation: 39, current: 40 }));
    let mut without = peer.numbered(news());
    without.remove("hg");
    peer.give(&mut net, &without);
    peer.seq = seq;
    assert_eq!((net.core(0).counters().replays, net.delivered(0, "news")), (2, vec![]));
    peer.say(&mut net, news());
    assert_eq!((net.delivered(0, "news").len(), net.view(0, "brav").missing()), (1, 0));
}

#[test]
fn only_a_status_begins_a_new_generation() {
    let (mut net, mut peer) = heard();
    peer.generation = 41;
    peer.seq = 0;
    peer.say(&mut net, news());
    assert_eq!((net.delivered(0, "news"), net.view(0, "brav").generation), (vec![], 40));
    peer.say(&mut net, status_message("init"));
    assert!(net.has(0, &Event::NodeRestarted("brav".into())));
    assert_eq!((net.view(0, "brav").generation, &*net.view(0, "brav").status), (41, "init"));
}

#[test]
fn messages_without_number_count_in_the_present_generation_only() {
    let (mut net, peer) = heard();
    for generation in [0, 39, 41] {
        let other = Peer { generation, ..peer.clone() };
        let message = other.unnumbered(Message::of_type("NS_news"));
        other.give(&mut net, &message);
    }
    assert_eq!(net.delivered(0, "NS_news"), []);
}

#[test]
fn a_duplicate_refreshes_the_link_it_came_through_and_an_old_packet_does_not() {
    let mut net = Net::with(&BOTH, |settings| {
        settings
            .media
            .push(crate::settings::Medium { name: "eth1".into(), kind: crate::settings::MediumKind::Network });
    });
    net.start(0);
    let mut peer = Peer::new("brav");
    let old = peer.status("up");
    peer.give(&mut net, &old);
    let message = peer.status("up");
    peer.give(&mut net, &message);
    assert!(net.view(0, "brav").links[0].up && !net.view(0, "brav").links[1].up);
    peer.give_through(&mut net, MediumId(1), &old);
    assert!(!net.view(0, "brav").links[1].up);
    peer.give_through(&mut net, MediumId(1), &message);
    assert!(net.view(0, "brav").links[1].up);
    assert!(net.has(0, &Event::Link { node: "brav".into(), link: "eth1".into(), up: true }));
    assert_eq!(net.delivered(0, "status").len(), 2);
    assert_eq!(net.core(0).counters().duplicates, 1);
}

#[test]
fn a_status_that_was_overtaken_does_not_bring_the_older_word_back() {
    let (mut net, mut peer) = heard();
    let old = peer.status("up");
    let new = peer.status("active");
    peer.give(&mut net, &new);
    peer.give(&mut net, &old);
    assert_eq!((&*net.view(0, "brav").status, net.view(0, "brav").missing()), ("active", 0));
}

#[test]
fn unknown_types_and_fields_are_handed_on_as_they_came() {
    let (mut net, mut peer) = heard();
    let message = Message::of_type("weird").with("a", "1").with("a", "2").with("b", "");
    peer.say(&mut net, message);
    let delivered = net.delivered(0, "weird");
    let values: Vec<_> =
        delivered[0].fields.iter().filter(|field| field.name == b"a").map(|field| &field.value).collect();
    assert_eq!(values, [&Value::Text(b"1".to_vec()), &Value::Text(b"2".to_vec())]);
    assert_eq!(delivered[0].str("b"), Some(""));
}

#[test]
fn bad_packets_are_reported_at_once_then_summed_up_every_ten_seconds() {
    let mut net = Net::alone(&BOTH);
    for _ in 0..5 {
        net.feed(0, Input::Datagram { medium: MediumId(0), bytes: b"junk", from: None });
    }
    let reported = |net: &Net| -> Vec<(u64, u64)> {
        let counts = net.events(0).into_iter().filter_map(|(at, event)| match event {
            Event::BadPackets { count, .. } => Some((at, count)),
            _ => None,
        });
        counts.collect()
    };
    assert_eq!(reported(&net), [(0, 1)]);
    net.run(25_000);
    assert_eq!(reported(&net), [(0, 1), (10_000, 4)]);
}
