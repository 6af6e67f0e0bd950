//! Silence, death, return, restart.

use super::Net;
use super::peer::{Peer, status_message};
use crate::core::Phase;
use crate::event::Event;
use crate::input::Input;
use crate::output::Ending;
use std::time::Duration;

const BOTH: [&str; 2] = ["alfa", "brav"];

#[test]
fn a_killed_node_is_dead_after_its_dead_time_and_returns_with_a_new_generation() {
    let mut net = Net::active(&BOTH);
    let killed = net.now / 1000;
    net.cores[1] = None;
    net.run(5000);
    let dead = net.when(0, &Event::NodeDead("brav".into())).unwrap();
    assert!((1800..=2001).contains(&(dead - killed)), "{}", dead - killed);
    let stonith = net.sent_of(0, "stonith");
    assert_eq!((stonith.len(), stonith[0].1.str("node")), (1, Some("brav")));
    assert!(net.has(0, &Event::Link { node: "brav".into(), link: "eth0".into(), up: false }));
    assert_eq!(net.delivered(0, "status").last().unwrap().str("st"), Some("dead"));
    net.start(1);
    net.run(1500);
    assert!(!net.has(0, &Event::ReturnedAfterPartition("brav".into())));
    assert!(net.has(0, &Event::NodeRestarted("brav".into())));
    for (node, other) in [(0, "brav"), (1, "alfa")] {
        assert_eq!((net.core(node).phase(), &*net.view(node, other).status), (Phase::Active, "active"));
    }
    let story = net.story(1);
    let end: Vec<&str> = story
        .iter()
        .map(|one| &**one)
        .filter(|one| ["reqnodes", "status active fa0", "starting"].contains(one))
        .collect();
    assert_eq!(end[..3], ["reqnodes", "status active fa0", "starting"]);
}

#[test]
fn a_restart_faster_than_the_dead_time_is_no_death() {
    let mut net = Net::active(&BOTH);
    net.cores[1] = None;
    net.run(700);
    net.start(1);
    net.run(3000);
    assert!(net.has(0, &Event::NodeRestarted("brav".into())));
    assert!(!net.has(0, &Event::NodeDead("brav".into())));
    assert_eq!((&*net.view(0, "brav").status, net.core(1).phase()), ("active", Phase::Active));
}

#[test]
fn after_a_partition_both_sides_announce_patience_and_start_again_with_new_generations() {
    let mut net = Net::with(&BOTH, |settings| settings.resources.as_original = true);
    net.start_all();
    net.run(15_000);
    net.out.clear();
    let generations = net.generations.clone();
    net.cut(0, 1, true);
    net.run(5000);
    assert!(net.has(0, &Event::NodeDead("brav".into())) && net.has(1, &Event::NodeDead("alfa".into())));
    net.cut(0, 1, false);
    net.out.clear();
    let healed = net.now / 1000;
    net.run(3500);
    for (node, other) in [(0, "brav"), (1, "alfa")] {
        let returned = net.when(node, &Event::ReturnedAfterPartition(other.into())).unwrap();
        let released = net.sent_of(node, "shutdone");
        assert_eq!(
            (released.len(), released[0].0 - returned, released[0].1.str("st")),
            (1, 2000 + net.work, Some("dead"))
        );
        let resource =
            net.sent_of(node, "resource").into_iter().find(|(_, message)| message.str("info") == Some("shutdown"));
        assert_eq!(resource.unwrap().0 + net.work, released[0].0);
        let (at, last) = net.sent_of(node, "status").last().cloned().unwrap();
        assert_eq!((last.str("dt"), last.str("st")), (Some("7d00"), Some("active")));
        assert_eq!(net.exits(node), [(at, Ending::Restart { after_ms: 3000 })]);
        assert!(returned - healed <= 210);
    }
    net.run(6000);
    for (node, other) in [(0, "brav"), (1, "alfa")] {
        assert_eq!(net.generations[node], generations[node] + 1);
        assert_eq!((net.core(node).phase(), &*net.view(node, other).status), (Phase::Active, "active"));
    }
}

#[test]
fn a_late_heartbeat_is_reported_with_its_interval() {
    let mut net = Net::alone(&BOTH);
    let mut peer = Peer::new("brav");
    peer.join(&mut net);
    net.run(1500);
    let message = peer.status("active");
    peer.give(&mut net, &message);
    let interval = Duration::from_millis(1510);
    assert!(
        net.has(0, &Event::LateHeartbeat { node: "brav".into(), interval, beyond_deadtime: false }),
        "{:?}",
        net.events(0)
    );
    net.run(900);
    net.out.clear();
    let message = peer.status("active");
    peer.give(&mut net, &message);
    assert!(!net.events(0).iter().any(|(_, event)| matches!(event, Event::LateHeartbeat { .. })));
}

#[test]
fn the_dead_time_that_a_node_announces_counts_not_ours() {
    let mut net = Net::alone(&BOTH);
    let mut peer = Peer::new("brav");
    peer.join(&mut net);
    peer.say(
        &mut net,
        crate::message::Message::of_type("status").with("st", "active").with("dt", "1388").with("protocol", "1"),
    );
    net.out.clear();
    let begin = net.now / 1000;
    net.run(6000);
    assert_eq!(net.when(0, &Event::NodeDead("brav".into())), Some(begin + 5000));
}

#[test]
fn a_node_lives_while_any_medium_delivers_and_its_links_die_apart() {
    let mut net = Net::with(&BOTH, |settings| {
        settings
            .media
            .push(crate::settings::Medium { name: "eth1".into(), kind: crate::settings::MediumKind::Network });
    });
    net.start(0);
    let mut peer = Peer::new("brav");
    peer.join(&mut net);
    for _ in 0..20 {
        let message = peer.status("active");
        peer.give_through(&mut net, crate::settings::MediumId(1), &message);
        net.run(200);
    }
    assert!(net.has(0, &Event::Link { node: "brav".into(), link: "eth0".into(), up: false }));
    assert!(net.view(0, "brav").links[1].up && !net.view(0, "brav").is_dead());
}

#[test]
fn captured_packets_do_not_revive_a_dead_node() {
    let mut net = Net::alone(&BOTH);
    let mut peer = Peer::new("brav");
    peer.join(&mut net);
    let captured: Vec<_> = (0..20).map(|_| peer.status("active")).collect();
    for message in &captured {
        peer.give(&mut net, message);
        net.run(200);
    }
    net.run(5000);
    assert!(net.view(0, "brav").is_dead());
    net.out.clear();
    for message in &captured {
        peer.give(&mut net, message);
        net.run(200);
    }
    assert!(net.view(0, "brav").is_dead());
    assert_eq!((net.events(0), net.delivered(0, "status")), (vec![], vec![]));
}

#[test]
fn a_word_that_nobody_knows_is_kept_as_the_nodes_status() {
    let mut net = Net::alone(&BOTH);
    let mut peer = Peer::new("brav");
    peer.join(&mut net);
    peer.say(&mut net, status_message("weird"));
    assert_eq!(net.view(0, "brav").status, "weird");
    assert!(net.has(0, &Event::NodeStatus { node: "brav".into(), status: "weird".into() }));
}

#[test]
fn three_nodes_go_on_when_one_dies_and_take_it_back() {
    let names = ["alfa", "brav", "charlie"];
    let mut net = Net::active(&names);
    net.cores[2] = None;
    net.run(4000);
    assert!([0, 1].iter().all(|&node| net.view(node, "charlie").is_dead() && net.core(node).phase() == Phase::Active));
    net.start(2);
    net.run(3000);
    for node in 0..3 {
        assert!(names.iter().all(|name| net.view(node, name).status == "active"), "{node}");
    }
}

#[test]
fn a_stalled_node_that_reads_its_sockets_first_declares_nobody_dead() {
    let mut net = Net::active(&BOTH);
    let mut waiting = Vec::new();
    // The engine of the first node stands still; what the second sends waits.
    let stalled = net.cores[0].take();
    net.out.clear();
    net.run(10_000);
    for (_, bytes) in net.packets(1) {
        waiting.push(bytes);
    }
    net.cores[0] = stalled;
    net.out.clear();
    for bytes in waiting {
        net.feed(0, Input::Datagram { medium: crate::settings::MediumId(0), bytes: &bytes, from: None });
    }
    net.feed(0, Input::Tick);
    assert!(!net.has(0, &Event::NodeDead("brav".into())));
}
