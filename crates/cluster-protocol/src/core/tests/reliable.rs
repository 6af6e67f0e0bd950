//! Gaps, requests, refusals, acknowledgements.

use super::Net;
use super::peer::{Peer, status_message};
use crate::event::Event;
use crate::input::Input;
use crate::message::Message;

const BOTH: [&str; 2] = ["alfa", "brav"];

fn joined() -> (Net, Peer) {
    let mut net = Net::alone(&BOTH);
    let mut peer = Peer::new("brav");
    peer.join(&mut net);
    net.run(100);
    net.out.clear();
    (net, peer)
}

/// Requests that the engine sent, as times and numbers.
fn requests(net: &Net) -> Vec<(u64, u64, u64)> {
    let sent = net.sent_of(0, "NS_rexmit").into_iter();
    sent.map(|(at, message)| (at, message.number("firstseq", 10).unwrap(), message.number("lastseq", 10).unwrap()))
        .collect()
}

#[test]
fn a_gap_of_three_is_asked_for_within_and_then_every_quarter_second_until_it_is_refused() {
    let (mut net, mut peer) = joined();
    let begin = net.now / 1000;
    let after = peer.seq;
    peer.seq += 3;
    peer.say(&mut net, status_message("active"));
    assert!(net.has(0, &Event::Lost { node: "brav".into(), count: 3, after, before: after + 4 }));
    net.run(1500);
    for number in after + 1..=after + 3 {
        let times: Vec<u64> =
            requests(&net).iter().filter(|(_, a, b)| (a..=b).contains(&&number)).map(|(at, ..)| *at).collect();
        assert!(times[0] - begin <= 250 && times.len() >= 5, "{times:?}");
        assert!(times.windows(2).all(|pair| (249..=251).contains(&(pair[1] - pair[0]))), "{times:?}");
    }
    let refuse = |peer: &Peer, number: u64| {
        peer.unnumbered(Message::of_type("NS_nak_rexmit").with("firstseq", format!("{number:x}")).with("dest", "alfa"))
    };
    for number in after + 1..=after + 3 {
        let message = refuse(&peer, number);
        peer.give(&mut net, &message);
        assert!(net.has(0, &Event::Irretrievable { node: "brav".into(), sequence: number }));
    }
    assert_eq!(net.view(0, "brav").missing(), 0);
    let message = refuse(&peer, after + 4);
    peer.give(&mut net, &message);
    assert!(!net.has(0, &Event::Irretrievable { node: "brav".into(), sequence: after + 4 }));
}

#[test]
fn what_is_missing_is_accepted_late_and_once() {
    let (mut net, mut peer) = joined();
    let late = peer.numbered(Message::of_type("news"));
    peer.say(&mut net, status_message("active"));
    assert_eq!(net.view(0, "brav").missing(), 1);
    peer.give(&mut net, &late);
    peer.give(&mut net, &late);
    assert_eq!((net.view(0, "brav").missing(), net.delivered(0, "news").len()), (0, 1));
    assert!(net.has(0, &Event::NothingMissing("brav".into())));
}

#[test]
fn lost_messages_come_between_two_engines_without_anybody_noticing() {
    let mut net = Net::active(&BOTH);
    net.cut(0, 1, true);
    for _ in 0..60 {
        net.feed(0, Input::Local(Message::of_type("news")));
    }
    net.run(300);
    net.cut(0, 1, false);
    net.run(1000);
    assert_eq!((net.delivered(1, "news").len(), net.view(1, "alfa").missing()), (60, 0));
    assert_eq!(
        (net.core(1).counters().lost, net.core(0).counters().resent),
        (net.core(0).counters().resent, net.core(1).counters().lost)
    );
}

#[test]
fn a_request_is_answered_with_the_message_as_it_was() {
    let (mut net, peer) = joined();
    net.feed(0, Input::Local(Message::of_type("news").with("x", "y")));
    let (_, news) = net.sent_of(0, "news")[0].clone();
    let number = news.number("seq", 16).unwrap();
    net.run(2000);
    net.out.clear();
    let request = |first: u64, last: u64| {
        Message::of_type("NS_rexmit")
            .with("dest", "alfa")
            .with("firstseq", first.to_string())
            .with("lastseq", last.to_string())
    };
    // Acknowledged or not: an acknowledgement names no generation and may have been meant for our former start.
    let ack = peer.unnumbered(Message::of_type("NS_ackmsg").with("dest", "alfa").with("ackseq", format!("{number:x}")));
    peer.give(&mut net, &ack);
    for _ in 0..2 {
        let message = peer.unnumbered(request(number, number));
        peer.give(&mut net, &message);
    }
    let again: Vec<Message> = net.sent_of(0, "news").into_iter().map(|(_, message)| message).collect();
    assert_eq!(again, [news], "once within 240 ms");
    for (first, last) in [(0, 3), (5, 4)] {
        let message = peer.unnumbered(request(first, last));
        peer.give(&mut net, &message);
        net.run(10_500);
        assert!(net.has(0, &Event::InvalidRexmit { first, last }));
    }
    let message = peer.unnumbered(request(90_000, 90_001));
    peer.give(&mut net, &message);
    assert!(net.events(0).iter().any(|(_, event)| matches!(event, Event::RexmitBeyondEnd { sequence: 90_001, .. })));
}

#[test]
fn what_is_gone_is_refused_in_hexadecimal() {
    let (mut net, peer) = joined();
    for _ in 0..600 {
        net.feed(0, Input::Local(Message::of_type("news")));
    }
    let request = Message::of_type("NS_rexmit").with("dest", "alfa").with("firstseq", "30").with("lastseq", "31");
    let message = peer.unnumbered(request);
    peer.give(&mut net, &message);
    let refused: Vec<Option<String>> =
        net.sent_of(0, "NS_nak_rexmit").iter().map(|(_, message)| message.str("firstseq").map(str::to_owned)).collect();
    assert_eq!(refused, [Some("1e".to_owned()), Some("1f".to_owned())]);
    let (_, nak) = &net.sent_of(0, "NS_nak_rexmit")[0];
    assert_eq!((nak.str("dest"), nak.str("info")), (Some("brav"), Some("seqno too low")));
}

#[test]
fn every_tenth_message_is_acknowledged_to_its_sender() {
    let (mut net, mut peer) = joined();
    peer.live(&mut net, "active", 20_000);
    let acked: Vec<u64> =
        net.sent_of(0, "NS_ackmsg").iter().filter_map(|(_, message)| message.number("ackseq", 16)).collect();
    assert_eq!(acked.len(), 10);
    assert!(acked.windows(2).all(|pair| pair[1] - pair[0] == 10));
    assert!(
        net.sent_of(0, "NS_ackmsg")
            .iter()
            .all(|(_, message)| message.str("dest") == Some("brav") && message.get("seq").is_none())
    );
}

#[test]
fn acknowledgements_count_for_flow_control_and_those_of_the_future_are_reported() {
    let (mut net, peer) = joined();
    for _ in 0..100 {
        net.feed(0, Input::Local(Message::of_type("news")));
    }
    assert!(net.core(0).unacknowledged() >= 100);
    let last = net.sent_of(0, "news").last().unwrap().1.number("seq", 16).unwrap();
    let ack = |number: u64| Message::of_type("NS_ackmsg").with("dest", "alfa").with("ackseq", format!("{number:x}"));
    for (number, left) in [(last - 20, 20), (last - 50, 20), (last + 1, 20), (last, 0)] {
        let message = peer.unnumbered(ack(number));
        peer.give(&mut net, &message);
        assert_eq!(net.core(0).unacknowledged(), left);
    }
    assert!(net.has(0, &Event::CorruptedAck { node: "brav".into(), sequence: last + 1, last }));
}

#[test]
fn a_history_that_nobody_acknowledges_is_reported() {
    let (mut net, _) = joined();
    for _ in 0..380 {
        net.feed(0, Input::Local(Message::of_type("news")));
    }
    assert!(net.events(0).iter().any(|(_, event)| matches!(event, Event::HistoryFilling(376))));
}
