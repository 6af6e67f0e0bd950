//! Messages of administrators and local programs.

use super::Net;
use crate::core::Core;
use crate::event::Event;
use crate::input::Input;
use crate::message::{Message, Uuid};
use crate::settings::{Autojoin, Identity, KnownNode};

const THREE: [&str; 3] = ["alfa", "brav", "charlie"];

fn tell(net: &mut Net, message: Message) {
    net.feed(0, Input::Local(message));
    net.run(50);
}

#[test]
fn an_added_node_is_added_everywhere_and_counts_in_ttl() {
    let mut net = Net::active(&THREE[..2]);
    tell(&mut net, Message::of_type("addnode").with("nodelist", "delta brav "));
    for node in [0, 1] {
        assert_eq!(net.view(node, "delta").status, "init");
        assert!(net.has(node, &Event::NodeAdded("delta".into())) && net.has(node, &Event::NodeExists("brav".into())));
    }
    net.out.clear();
    net.run(500);
    assert!(net.sent_of(0, "status").iter().all(|(_, message)| message.str("ttl") == Some("4")));
    // It never spoke, so its silence is nobody's death to take over from.
    net.run(5000);
    assert!(net.has(0, &Event::NodeDead("delta".into())));
    assert_eq!(net.sent_of(0, "stonith"), []);
}

#[test]
fn a_dead_node_can_be_deleted_and_a_living_one_cannot() {
    let mut net = Net::active(&THREE);
    tell(&mut net, Message::of_type("delnode").with("nodelist", "charlie "));
    assert!(net.has(0, &Event::DeleteLiving("charlie".into())) && net.has(1, &Event::DeleteLiving("charlie".into())));
    net.cores[2] = None;
    net.run(3000);
    tell(&mut net, Message::of_type("delnode").with("nodelist", "charlie zulu "));
    for node in [0, 1] {
        assert!(
            net.has(node, &Event::NodeRemoved("charlie".into())) && net.has(node, &Event::NodeUnknown("zulu".into()))
        );
        assert_eq!(net.core(node).nodes().count(), 2);
    }
    net.start(2);
    net.run(500);
    assert!(
        net.events(0).iter().any(|(_, event)| matches!(event, Event::UnknownNode { node, .. } if node == "charlie"))
    );
}

#[test]
fn nothing_is_deleted_while_another_node_is_dead() {
    let mut net = Net::active(&["alfa", "brav", "charlie", "delta"]);
    net.cores[2] = None;
    net.cores[3] = None;
    net.run(3000);
    tell(&mut net, Message::of_type("delnode").with("nodelist", "charlie "));
    assert!(net.has(0, &Event::DeleteNeeds("delta".into())));
    tell(&mut net, Message::of_type("delnode").with("nodelist", "charlie delta "));
    assert_eq!(net.core(0).nodes().count(), 2);
}

#[test]
fn whoever_is_deleted_itself_stops() {
    let mut net = Net::active(&THREE[..2]);
    tell(&mut net, Message::of_type("delnode").with("nodelist", "brav "));
    assert!(net.has(1, &Event::DeletingMyself));
    net.run(2000);
    assert_eq!(net.exits(1).len(), 1);
}

#[test]
fn weight_and_site_are_kept_by_all() {
    let mut net = Net::active(&THREE[..2]);
    tell(&mut net, Message::of_type("setweight").with("node", "brav").with("weight", "7"));
    tell(&mut net, Message::of_type("setsite").with("node", "brav").with("site", "west"));
    tell(&mut net, Message::of_type("setweight").with("node", "zulu").with("weight", "7"));
    for node in [0, 1] {
        assert_eq!((net.view(node, "brav").weight, &*net.view(node, "brav").site), (7, &b"west"[..]));
        assert!(net.has(node, &Event::NoSuchNode { what: "weight", node: "zulu".into() }));
    }
}

#[test]
fn a_local_message_goes_to_everybody_with_all_common_fields_in_order() {
    let mut net = Net::active(&THREE[..2]);
    tell(&mut net, Message::of_type("news").with("src", "liar").with("x", "y"));
    let (_, message) = net.sent_of(0, "news").remove(0);
    let names: Vec<&[u8]> = message.fields.iter().map(|field| &*field.name).collect();
    assert_eq!(names, [&b"t"[..], b"src", b"x", b"srcuuid", b"seq", b"hg", b"ts", b"ld", b"ttl", b"auth"]);
    assert_eq!(message.str("src"), Some("alfa"));
    assert_eq!(net.delivered(1, "news").len(), 1);
}

#[test]
fn a_local_message_without_type_or_with_one_too_long_goes_nowhere() {
    let mut net = Net::active(&THREE[..2]);
    for message in [Message::new().with("x", "y"), Message::of_type(&"t".repeat(32))] {
        net.out.clear();
        net.feed(0, Input::Local(message));
        assert_eq!((net.sent(0), net.events(0).len()), (vec![], 1));
    }
    net.feed(0, Input::Local(Message::of_type("NS_news")));
    assert!(net.sent_of(0, "NS_news")[0].1.get("seq").is_none());
}

#[test]
fn the_load_that_the_shell_told_stands_in_numbered_messages() {
    let mut net = Net::active(&THREE[..2]);
    net.feed(0, Input::Load("0.10 0.20 0.30 1/99 1234"));
    net.feed(0, Input::Local(Message::of_type("news")));
    assert_eq!(net.sent_of(0, "news")[0].1.str("ld"), Some("0.10 0.20 0.30 1/99 1234"));
}

#[test]
fn a_flood_of_new_names_is_bounded() {
    let mut net = Net::active(&THREE[..2]);
    let names: String = (0..300).map(|number| format!("n{number} ")).collect();
    tell(&mut net, Message::of_type("addnode").with("nodelist", names));
    for node in [0, 1] {
        assert_eq!(net.core(node).nodes().count(), 100);
        assert!(net.has(node, &Event::TooManyNodes("n98".into())));
    }
}

#[test]
fn remembered_nodes_are_members_again_only_if_nodes_may_join() {
    let known =
        |name: &str, byte| KnownNode { name: name.into(), uuid: Uuid([byte; 16]), weight: 7, site: b"s".into() };
    let known = [known("alfa", 1), known("brav", 2), known("delta", 3), known("zulu", 4)];
    for (autojoin, names) in [(Autojoin::None, vec!["alfa", "brav"]), (Autojoin::Any, vec!["alfa", "brav", "delta"])] {
        let mut net = Net::new(&THREE[..2]);
        net.settings[0].autojoin = autojoin;
        let mut core = Core::new(net.settings[0].clone(), Identity { uuid: Uuid([9; 16]), generation: 5 }, 1);
        core.remember(&known, vec!["zulu".into()]);
        assert_eq!(core.nodes().map(|node| node.name.as_str()).collect::<Vec<_>>(), names);
        let brav = core.nodes().find(|node| node.name == "brav").unwrap();
        assert_eq!((brav.uuid, brav.weight, &*brav.site), (Some(Uuid([2; 16])), 7, &b"s"[..]));
        assert_eq!(core.nodes().next().unwrap().uuid, Some(Uuid([9; 16])), "our own id is what the start says");
        assert_eq!(core.deleted().collect::<Vec<_>>(), ["zulu"]);
    }
}
