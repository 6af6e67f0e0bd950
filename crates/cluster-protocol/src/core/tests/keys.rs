//! Changing keys while running, with originals and among ourselves.

use super::peer::Peer;
use super::{Net, keys};
use crate::auth::{AuthKeys, Key, Token};
use crate::core::Phase;
use crate::event::Event;
use crate::framing::netstring;
use crate::input::Input;
use crate::message::Message;
use crate::packet::Encoding;

const BOTH: [&str; 2] = ["alfa", "brav"];

/// Whether an original with these keys accepts a netstring: it takes the method of the packet's index, but the secret of
/// its own `auth` line (observed on 3.0.6).
fn original_accepts(bytes: &[u8], own: &AuthKeys) -> bool {
    let length = netstring::span(bytes).expect("a netstring");
    let (signed, behind) = bytes.split_at(length);
    let token = netstring::trailer(behind).and_then(Token::parse).expect("a signature");
    let named = own.key(token.index).expect("a known index");
    let used = own.key(own.active.into()).expect("an active key");
    Key { secret: used.secret.clone(), ..named.clone() }.verifies(&[signed], token.digest)
}

/// How many of the last packets an original with this `auth` line would take, and how many there are.
fn accepted(net: &Net, active: u8) -> (usize, usize) {
    let packets = net.packets(0);
    let own = keys(active);
    (packets.iter().filter(|(_, bytes)| original_accepts(bytes, &own)).count(), packets.len())
}

#[test]
fn while_a_peer_signs_with_another_key_we_use_that_one_and_say_which_we_want() {
    let mut net = Net::alone(&BOTH);
    net.run(1000);
    assert_eq!(accepted(&net, 2).0, 0, "the model of the original works");
    assert_eq!(accepted(&net, 1).0, accepted(&net, 1).1);
    let mut peer = Peer { key: 2, ..Peer::new("brav") };
    peer.join(&mut net);
    assert!(net.has(0, &Event::SigningWith { key: 2, wanted: 1 }));
    net.out.clear();
    peer.live(&mut net, "active", 2000);
    let (good, all) = accepted(&net, 2);
    assert!(good == all && all >= 10, "{good} of {all}");
    assert!(net.sent_of(0, "status").iter().all(|(_, message)| message.str("authwant") == Some("1")));
    // The administrator comes to us at last.
    net.feed(0, Input::NewKeys(keys(2)));
    net.out.clear();
    peer.live(&mut net, "active", 1000);
    assert_eq!(accepted(&net, 2).0, accepted(&net, 2).1);
    assert!(net.sent_of(0, "status").iter().all(|(_, message)| message.get("authwant").is_none()));
}

#[test]
fn a_peer_with_another_key_is_understood_again_after_it_died_and_came_back() {
    let mut net = Net::alone(&BOTH);
    let mut peer = Peer { key: 2, ..Peer::new("brav") };
    peer.join(&mut net);
    net.run(5000);
    assert!(net.view(0, "brav").is_dead());
    assert!(net.has(0, &Event::SigningWith { key: 1, wanted: 1 }));
    (peer.generation, peer.seq) = (41, 0);
    let message = peer.status("init");
    peer.give(&mut net, &message);
    net.out.clear();
    peer.live(&mut net, "up", 1000);
    let (good, all) = accepted(&net, 2);
    assert!(good == all && all >= 5, "{good} of {all}");
}

#[test]
fn a_peer_whose_key_we_do_not_have_does_not_change_ours() {
    let mut net = Net::alone(&BOTH);
    net.settings[0].keys.keys.push(Key { index: 3, ..keys(1).keys[0].clone() });
    let mut peer = Peer { key: 3, ..Peer::new("brav") };
    peer.say(&mut net, super::peer::status_message("up"));
    assert_eq!(net.core(0).counters().rejected.values().sum::<u64>(), 1);
    assert!(!net.events(0).iter().any(|(_, event)| matches!(event, Event::SigningWith { .. })));
}

#[test]
fn two_of_ours_with_different_keys_understand_each_other_and_settle_when_they_agree() {
    let mut net = Net::new(&BOTH);
    net.settings[1].keys = keys(2);
    net.start_all();
    net.run(6000);
    for (node, other) in [(0, "brav"), (1, "alfa")] {
        assert_eq!((net.core(node).phase(), &*net.view(node, other).status), (Phase::Active, "active"));
    }
    let switches = |net: &Net, node| {
        net.events(node).iter().filter(|(_, event)| matches!(event, Event::SigningWith { .. })).count()
    };
    assert!(switches(&net, 0) <= 2 && switches(&net, 1) <= 2, "{:?} {:?}", net.events(0), net.events(1));
    net.feed(0, Input::NewKeys(keys(2)));
    net.run(1000);
    net.out.clear();
    net.run(1000);
    for node in [0, 1] {
        assert!(net.sent_of(node, "status").iter().all(|(_, message)| message.get("authwant").is_none()));
        assert!(net.packets(node).iter().all(|(_, bytes)| original_accepts(bytes, &keys(2))));
    }
    assert_eq!(net.core(0).counters().rejected.len() + net.core(1).counters().rejected.len(), 0);
}

#[test]
fn an_original_among_us_is_followed_and_one_of_ours_that_is_ahead_is_not() {
    let mut net = Net::alone(&["alfa", "brav", "chas"]);
    let (mut original, mut ahead) = (Peer::new("brav"), Peer { key: 2, ..Peer::new("chas") });
    original.say(&mut net, super::peer::status_message("up"));
    ahead.say(&mut net, super::peer::status_message("up"));
    let wish = super::peer::status_message("up").with("authwant", "2");
    for _ in 0..5 {
        // One of ours that wants key 2 and signs with whatever the original reads.
        ahead.key = 1;
        ahead.say(&mut net, wish.clone());
        original.live(&mut net, "active", 200);
    }
    net.out.clear();
    original.live(&mut net, "active", 1000);
    let (good, all) = accepted(&net, 1);
    assert!(good == all && all >= 5, "{good} of {all}");
    ahead.key = 2;
    ahead.say(&mut net, wish);
    original.live(&mut net, "active", 1000);
    assert_eq!(accepted(&net, 1).0, accepted(&net, 1).1);
}

#[test]
fn a_peer_that_writes_classic_text_gets_classic_text_until_it_is_dead() {
    let mut net = Net::alone(&BOTH);
    assert!(net.packets(0).iter().all(|(_, bytes)| bytes.starts_with(b"###\n")));
    let mut peer = Peer { encoding: Encoding::ClassicNul, ..Peer::new("brav") };
    peer.join(&mut net);
    net.out.clear();
    net.feed(0, Input::Local(Message::of_type("news")));
    assert!(net.packets(0).iter().all(|(_, bytes)| bytes.starts_with(b">>>\n") && bytes.ends_with(b"<<<\n\0")));
    net.run(5000);
    net.out.clear();
    net.run(1000);
    assert!(net.packets(0).iter().all(|(_, bytes)| bytes.starts_with(b"###\n")));
}
