//! Ping nodes, serial lines, several media.

use super::Net;
use super::peer::Peer;
use crate::core::Phase;
use crate::event::Event;
use crate::input::Input;
use crate::message::Message;
use crate::node::Kind;
use crate::output::Output;
use crate::packet::{Encoding, open};
use crate::settings::{Medium, MediumId, MediumKind};

const BOTH: [&str; 2] = ["alfa", "brav"];

fn with_medium(name: &str, kind: &MediumKind) -> Net {
    let mut net = Net::with(&BOTH, |settings| settings.media.push(Medium { name: name.into(), kind: kind.clone() }));
    net.start(0);
    net
}

fn pinging() -> Net {
    with_medium("group1", &MediumKind::Ping("group1".into()))
}

fn through(net: &Net, medium: usize) -> Vec<Vec<u8>> {
    let sent = net.out.iter().filter_map(|(_, _, output)| match output {
        Output::Send { medium: MediumId(index), bytes } if *index == medium => Some(bytes.to_vec()),
        _ => None,
    });
    sent.collect()
}

#[test]
fn each_status_sends_one_echo_request_that_names_the_ping_node() {
    let mut net = pinging();
    net.run(2000);
    let echoes = through(&net, 1);
    assert_eq!(echoes.len(), net.sent_of(0, "status").len());
    let message = open(&echoes[0], &super::keys(1)).unwrap().message;
    assert_eq!(
        (message.str("t"), message.str("st"), message.str("info"), message.str("src")),
        (Some("NS_st"), Some("ping"), Some("ping"), Some("group1"))
    );
    assert!(message.get("srcuuid").is_none() && message.get("hg").is_none() && message.get("seq").is_none());
}

#[test]
fn a_ping_node_lives_by_its_replies_and_dies_without_them() {
    let mut net = pinging();
    assert_eq!(net.view(0, "group1").kind, Kind::Ping);
    let reply = through(&net, 1).remove(0);
    for _ in 0..10 {
        net.feed(0, Input::Datagram { medium: MediumId(1), bytes: &reply, from: None });
        net.run(200);
    }
    assert!(net.has(0, &Event::NodeStatus { node: "group1".into(), status: "ping".into() }));
    assert!(net.has(0, &Event::Link { node: "group1".into(), link: "group1".into(), up: true }));
    net.run(8000);
    assert_eq!((&*net.view(0, "group1").status, net.core(0).phase()), ("dead", Phase::Active));
    assert!(net.has(0, &Event::Link { node: "group1".into(), link: "group1".into(), up: false }));
    assert!(net.sent_of(0, "stonith").iter().all(|(_, message)| message.str("node") != Some("group1")));
    // A living ping node is asked for no node list, and a dead one that answers is no partition.
    assert_eq!(net.sent_of(0, "reqnodes"), []);
    net.feed(0, Input::Datagram { medium: MediumId(1), bytes: &reply, from: None });
    assert_eq!(net.view(0, "group1").status, "ping");
    net.run(4000);
    assert_eq!(net.exits(0), []);
}

#[test]
fn a_ping_nodes_name_through_another_medium_counts_for_nothing() {
    let mut net = pinging();
    let reply = through(&net, 1).remove(0);
    net.feed(0, Input::Datagram { medium: MediumId(0), bytes: &reply, from: None });
    assert_eq!((&*net.view(0, "group1").status, net.core(0).counters().strangers), ("init", 1));
    let mut peer = Peer::new("group1");
    let message = peer.status("active");
    peer.give_through(&mut net, MediumId(1), &message);
    assert_eq!(net.view(0, "group1").status, "init");
}

#[test]
fn a_silent_ping_node_delays_the_start_until_the_initial_dead_time() {
    let mut net = pinging();
    Peer::new("brav").live(&mut net, "up", 4800);
    assert_eq!(net.core(0).phase(), Phase::Waiting);
    let mut net = pinging();
    let reply = through(&net, 1).remove(0);
    net.feed(0, Input::Datagram { medium: MediumId(1), bytes: &reply, from: None });
    Peer::new("brav").live(&mut net, "up", 200);
    assert_eq!(net.core(0).phase(), Phase::Asking);
}

#[test]
fn a_serial_line_gets_classic_text_without_nul_whatever_the_network_gets() {
    let mut net = with_medium("/dev/ttyS0", &MediumKind::Serial);
    net.feed(0, Input::Local(Message::of_type("news")));
    let lines = through(&net, 1);
    assert_eq!(lines.len(), net.packets(0).len());
    assert!(lines.iter().all(|bytes| bytes.starts_with(b">>>\n") && bytes.ends_with(b"<<<\n")));
    assert!(net.packets(0).iter().all(|(_, bytes)| bytes.starts_with(b"###\n")));
}

#[test]
fn text_on_a_serial_line_does_not_make_us_write_text_to_the_network() {
    let mut net = with_medium("/dev/ttyS0", &MediumKind::Serial);
    let mut peer = Peer { encoding: Encoding::Classic, ..Peer::new("brav") };
    let message = peer.status("up");
    peer.give_through(&mut net, MediumId(1), &message);
    assert!(net.view(0, "brav").links.iter().any(|link| link.name == "/dev/ttyS0" && link.up));
    net.out.clear();
    net.run(500);
    assert!(net.packets(0).iter().all(|(_, bytes)| bytes.starts_with(b"###\n")));
}

#[test]
fn media_of_one_name_are_one_link() {
    let net = with_medium("eth0", &MediumKind::Network);
    assert_eq!(net.view(0, "brav").links.len(), 1);
    assert_eq!(through(&net, 0), through(&net, 1));
}
