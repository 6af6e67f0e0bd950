//! From the first packet to active.

use super::Net;
use super::peer::{Peer, status_message};
use crate::core::Phase;
use crate::event::Event;
use crate::message::Message;
use crate::output::Output;
use crate::settings::{AutoFailback, Autojoin};

const BOTH: [&str; 2] = ["alfa", "brav"];

#[test]
fn two_nodes_start_as_in_the_recorded_trace() {
    let mut net = Net::new(&BOTH);
    net.start_all();
    net.run(4900);
    for node in [0, 1] {
        let story = net.story(node);
        let expected =
            ["status init fa0", "status up fa0", "reqnodes", "repnodes", "status active fa0", "starting", "resource"];
        let firsts: Vec<&str> =
            expected.iter().filter_map(|kind| story.iter().find(|one| one == kind)).map(|s| &**s).collect();
        assert_eq!(firsts, expected, "{story:?}");
        let at = |kind| story.iter().position(|one| *one == kind);
        assert_eq!((at("status init fa0"), at("status up fa0")), (Some(0), Some(1)), "{story:?}");
        assert!(at("reqnodes") < at("status active fa0") && at("status active fa0") < at("starting"), "{story:?}");
        assert!(net.has(node, &Event::CommunicationUp));
        let first = &net.sent(node)[0].1;
        assert_eq!((first.str("seq"), first.str("protocol"), first.str("ttl")), (Some("1"), Some("1"), Some("3")));
    }
    assert!(
        net.out
            .iter()
            .all(|(_, _, output)| !matches!(output, Output::Deliver { message, .. } if message.kind() == b"stonith"))
    );
}

#[test]
fn the_longer_dead_time_of_the_start_ends_after_five_seconds() {
    let mut net = Net::new(&BOTH);
    net.start_all();
    net.run(8000);
    let change: Vec<u64> = net
        .sent_of(0, "status")
        .windows(2)
        .filter(|pair| pair[0].1.str("dt") == Some("fa0") && pair[1].1.str("dt") == Some("7d0"))
        .map(|pair| pair[1].0)
        .collect();
    assert_eq!(change, [5000]);
}

#[test]
fn the_first_status_is_init_exactly_once() {
    let mut net = Net::alone(&BOTH);
    net.run(3000);
    let words: Vec<String> =
        net.sent_of(0, "status").iter().filter_map(|(_, message)| message.str("st").map(str::to_owned)).collect();
    assert_eq!(words.iter().filter(|word| *word == "init").count(), 1);
    assert_eq!((&*words[0], &*words[1], &*words[2]), ("init", "up", "up"));
}

#[test]
fn status_messages_keep_their_rhythm() {
    let mut net = Net::active(&BOTH);
    net.run(10_000);
    let times: Vec<u64> = net.sent_of(0, "status").iter().map(|(at, _)| *at).collect();
    assert!(times.len() >= 49 && times.windows(2).all(|pair| pair[1] - pair[0] == 200), "{times:?}");
}

#[test]
fn alone_it_waits_for_the_initial_dead_time_and_goes_on_without_asking() {
    let mut net = Net::alone(&BOTH);
    net.run(4990);
    assert_eq!(net.core(0).phase(), Phase::Waiting);
    net.run(20);
    assert_eq!((net.core(0).phase(), net.core(0).status()), (Phase::Active, "active"));
    assert_eq!((net.when(0, &Event::NodeDead("brav".into())), net.sent_of(0, "reqnodes")), (Some(5000), vec![]));
}

#[test]
fn a_question_without_answer_is_repeated_every_second_for_ever_to_the_next_living_node() {
    let mut net = Net::alone(&["alfa", "brav", "charlie"]);
    let mut brav = Peer::new("brav");
    let mut charlie = Peer { uuid: crate::message::Uuid([0xcc; 16]), ..Peer::new("charlie") };
    for _ in 0..100 {
        let (one, other) = (brav.status("up"), charlie.status("up"));
        brav.give(&mut net, &one);
        charlie.give(&mut net, &other);
        net.run(200);
    }
    let asked = net.sent_of(0, "reqnodes");
    assert!((19..=21).contains(&asked.len()), "{}", asked.len());
    assert!(
        asked.windows(2).all(|pair| pair[1].0 - pair[0].0 == 1000 && pair[0].1.str("dest") != pair[1].1.str("dest"))
    );
    assert_eq!((net.core(0).phase(), net.core(0).status()), (Phase::Asking, "up"));
    // Resources are not spoken of before.
    charlie.say(&mut net, Message::of_type("starting"));
    assert_eq!(net.sent_of(0, "resource"), []);
}

#[test]
fn if_the_only_node_it_can_ask_dies_it_goes_on_alone() {
    let mut net = Net::alone(&BOTH);
    Peer::new("brav").live(&mut net, "up", 1000);
    assert_eq!(net.core(0).phase(), Phase::Asking);
    net.run(5000);
    assert_eq!(net.core(0).phase(), Phase::Active);
    assert!(net.has(0, &Event::NodeDead("brav".into())));
}

#[test]
fn a_peer_without_protocol_field_is_neither_asked_nor_acknowledged_and_communication_comes_up() {
    let mut net = Net::alone(&BOTH);
    let mut peer = Peer::new("brav");
    peer.say(&mut net, Message::of_type("status").with("st", "up").with("dt", "7d0"));
    assert!(net.has(0, &Event::FlowControlDisabled));
    assert_eq!((net.core(0).phase(), net.sent_of(0, "reqnodes")), (Phase::Active, vec![]));
    net.out.clear();
    for _ in 0..30 {
        peer.say(&mut net, Message::of_type("status").with("st", "active").with("dt", "7d0"));
        net.run(200);
    }
    assert_eq!(net.sent_of(0, "NS_ackmsg"), []);
    assert!(net.sent_of(0, "status").iter().all(|(_, message)| message.get("protocol").is_none()));
}

#[test]
fn a_node_list_adds_what_we_lack_and_removes_nothing_of_ours() {
    let mut net = Net::alone(&["alfa", "brav", "charlie"]);
    let mut brav = Peer::new("brav");
    brav.live(&mut net, "up", 5200);
    assert_eq!(net.core(0).phase(), Phase::Asking);
    brav.say(
        &mut net,
        Message::of_type("repnodes")
            .with("dest", "alfa")
            .with("nodelist", "alfa brav delta ")
            .with("delnodelist", "yank "),
    );
    assert_eq!(net.core(0).phase(), Phase::Active);
    assert!(net.has(0, &Event::NodeAdded("delta".into())));
    assert!(net.has(0, &Event::ListLacksNodes { from: "brav".into(), missing: vec!["charlie".into()] }));
    let names: Vec<&str> = net.core(0).nodes().map(|node| &*node.name).collect();
    assert_eq!(names, ["alfa", "brav", "charlie", "delta"]);
}

#[test]
fn the_answer_names_all_members_each_followed_by_a_blank() {
    let mut net = Net::alone(&BOTH);
    let mut peer = Peer::new("brav");
    peer.say(&mut net, status_message("up"));
    peer.say(&mut net, Message::of_type("reqnodes").with("dest", "alfa"));
    let answers = net.sent_of(0, "repnodes");
    let answer = &answers[0].1;
    assert_eq!(answer.fields[0].name, b"dest");
    assert_eq!((answer.str("nodelist"), answer.str("delnodelist")), (Some("alfa brav "), Some(" ")));
    assert_eq!(answer.uuid("destuuid"), Some(peer.uuid));
}

#[test]
fn in_legacy_mode_nobody_speaks_of_resources() {
    let mut net = Net::with(&BOTH, |settings| settings.auto_failback = AutoFailback::Legacy);
    net.start_all();
    net.run(20_000);
    for node in [0, 1] {
        assert_eq!(net.core(node).phase(), Phase::Active);
        assert_eq!((net.sent_of(node, "starting"), net.sent_of(node, "resource")), (vec![], vec![]));
    }
}

#[test]
fn with_autojoin_it_waits_the_whole_initial_dead_time_for_nodes_it_does_not_know() {
    let mut net = Net::with(&BOTH, |settings| settings.autojoin = Autojoin::Any);
    net.start_all();
    net.run(4900);
    assert_eq!(net.core(0).phase(), Phase::Waiting);
    net.run(1500);
    assert_eq!(net.core(0).phase(), Phase::Active);
}
