//! Two machines on a wire, and one alone: who tells whom what, and who gives up.

use crate::machine::{Action, Cluster, Ipfail, Level};
use heartbeat_client::{Event, Message};
use std::time::Duration;

/// What the daemon of one node says.
struct World {
    pings: Option<usize>,
    resources: &'static str,
    others: Vec<String>,
}

impl World {
    fn new(pings: usize, other: &str) -> Self {
        Self { pings: Some(pings), resources: "local", others: vec![other.to_owned()] }
    }
}

impl Cluster for World {
    fn ping_nodes(&mut self) -> Option<usize> {
        self.pings
    }

    fn resources(&mut self) -> Option<String> {
        Some(self.resources.to_owned())
    }

    fn others(&mut self) -> Vec<String> {
        self.others.clone()
    }
}

const KEEPALIVE: Duration = Duration::from_secs(2);

fn at(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn machine(me: &str) -> Ipfail {
    Ipfail::new(me, true, KEEPALIVE)
}

fn lines(actions: &[Action]) -> Vec<&str> {
    let info = |action| if let &Action::Log(Level::Info, ref text) = action { Some(text.as_str()) } else { None };
    actions.iter().filter_map(info).collect()
}

fn sent(actions: &[Action]) -> Vec<Message> {
    let message = |action: &Action| if let Action::Send(message) = action { Some(message.clone()) } else { None };
    actions.iter().filter_map(message).collect()
}

fn count(from: &str, number: &str) -> Event {
    Event::Message(Message::of_type("num_ping_nodes").with("src", from).with("num_ping", number).with("dest", "a"))
}

fn from_peer(kind: &str) -> Event {
    Event::Message(Message::of_type(kind).with("src", "b").with("dest", "a"))
}

#[test]
fn a_dead_ping_node_moves_everything_to_the_node_that_still_sees_it() {
    let (mut a, mut b) = (machine("a"), machine("b"));
    let (mut here, mut there) = (World::new(0, "b"), World::new(1, "a"));
    let dead = Event::Node { node: "router".into(), status: "dead".into() };
    let actions = a.handle(at(1), &dead, &mut here);
    assert_eq!(lines(&actions), ["Status update: Node router now has status dead", "NS: We are dead. :<"]);
    assert!(sent(&actions).is_empty());
    let link = Event::Link { node: "router".into(), link: "router".into(), status: "dead".into() };
    let actions = a.handle(at(1), &link, &mut here);
    assert_eq!(
        lines(&actions),
        [
            "Link Status update: Link router/router now has status dead",
            "We are dead. :<",
            "Asking other side for ping node count."
        ]
    );
    let told = sent(&actions);
    let wanted = Message::of_type("num_ping_nodes").with("src", "a").with("num_ping", "0").with("dest", "b");
    assert_eq!(told, [wanted]);
    let actions = b.handle(at(1), &Event::Message(told[0].clone()), &mut there);
    assert_eq!(lines(&actions), ["Telling other node that we have more visible ping nodes."]);
    assert_eq!(sent(&actions), [Message::of_type("you_are_dead").with("dest", "a")]);
    assert_eq!(b.next_deadline(), None);
    let actions = a.handle(at(1), &from_peer("you_are_dead"), &mut here);
    assert_eq!(
        lines(&actions),
        ["Giving up because we were told that we have less ping nodes.", "Delayed giveup in 4 seconds."]
    );
    assert_eq!(a.next_deadline(), Some(at(5)));
    assert!(a.tick(at(4), &mut here).is_empty());
    let actions = a.tick(at(5), &mut here);
    assert_eq!(lines(&actions), ["giveup() called (timeout worked)"]);
    let wanted = Message::of_type("ask_resources").with("rsc_hold", "all").with("src", "a").with("info", "me");
    assert_eq!(sent(&actions), [wanted]);
    assert_eq!(a.next_deadline(), None);
}

#[test]
fn equal_counts_cancel_a_give_up_and_otherwise_bring_groups_home() {
    let mut here = World::new(1, "b");
    let mut a = machine("a");
    let actions = a.handle(at(0), &count("b", "2"), &mut here);
    assert_eq!(lines(&actions), ["Giving up because we have less visible ping nodes.", "Delayed giveup in 4 seconds."]);
    let actions = a.handle(at(1), &count("b", "1"), &mut here);
    assert_eq!(lines(&actions), ["Ping node count is balanced.", "Aborted delayed giveup (1)"]);
    assert_eq!(sent(&actions), [Message::of_type("abort_giveup").with("src", "a").with("dest", "b")]);
    let actions = a.handle(at(2), &count("b", "1"), &mut here);
    assert_eq!(
        lines(&actions),
        [
            "Ping node count is balanced.",
            "Giving up foreign resources (auto_failback).",
            "Delayed giveup in 4 seconds."
        ]
    );
    assert_eq!(sent(&a.tick(at(6), &mut here))[0].str("rsc_hold"), Some("foreign"));
    let mut stays = Ipfail::new("a", false, KEEPALIVE);
    let actions = stays.handle(at(0), &count("b", "1"), &mut here);
    assert_eq!((lines(&actions), stays.next_deadline()), (vec!["Ping node count is balanced."], None));
}

#[test]
fn an_abort_of_the_other_side_cancels() {
    let mut here = World::new(0, "b");
    let mut a = machine("a");
    let abort = from_peer("abort_giveup");
    assert_eq!(lines(&a.handle(at(0), &abort, &mut here)), ["No giveup timer to abort."]);
    a.handle(at(0), &from_peer("you_are_dead"), &mut here);
    assert_eq!(lines(&a.handle(at(1), &abort, &mut here)), ["Aborted delayed giveup (1)"]);
    assert!(a.tick(at(9), &mut here).is_empty());
}

#[test]
fn a_give_up_during_a_transition_is_tried_again_every_second() {
    let mut here = World::new(0, "b");
    let mut a = machine("a");
    a.handle(at(0), &from_peer("you_are_dead"), &mut here);
    here.resources = "transition";
    assert_eq!(lines(&a.tick(at(4), &mut here)), ["giveup() called (timeout worked)"]);
    assert_eq!(a.next_deadline(), Some(at(5)));
    assert!(a.tick(at(5), &mut here).is_empty());
    here.resources = "all";
    assert_eq!(sent(&a.tick(at(6), &mut here)).len(), 1);
    assert_eq!(a.next_deadline(), None);
}

#[test]
fn a_give_up_that_waited_is_forgotten_when_we_see_more_again() {
    let mut here = World::new(0, "b");
    let mut a = machine("a");
    a.handle(at(0), &from_peer("you_are_dead"), &mut here);
    here.resources = "transition";
    a.tick(at(4), &mut here);
    here.pings = Some(2);
    a.handle(at(4), &count("b", "1"), &mut here);
    assert_eq!(a.next_deadline(), None);
}

#[test]
fn a_ping_node_that_returns_and_an_ipfail_that_comes_are_told_the_count() {
    let mut here = World::new(2, "b");
    let mut a = machine("a");
    let back = Event::Node { node: "router".into(), status: "ping".into() };
    let actions = a.handle(at(0), &back, &mut here);
    assert_eq!(lines(&actions)[1..], ["A ping node just came up.", "Asking other side for ping node count."]);
    assert_eq!(sent(&actions)[0].str("num_ping"), Some("2"));
    let join =
        |node: &str, status: &str| Event::Client { node: node.into(), client: "ipfail".into(), status: status.into() };
    assert_eq!(sent(&a.handle(at(0), &join("b", "join"), &mut here)).len(), 1);
    for nothing in [join("a", "join"), join("b", "leave")] {
        assert!(sent(&a.handle(at(0), &nothing, &mut here)).is_empty());
    }
}

#[test]
fn our_own_messages_and_nonsense_are_ignored() {
    let mut here = World::new(0, "b");
    let mut a = machine("a");
    let own = |kind: &str| Event::Message(Message::of_type(kind).with("src", "a"));
    for event in [own("you_are_dead"), count("a", "5"), count("b", "-1"), count("b", "x"), from_peer("other")] {
        assert!(a.handle(at(0), &event, &mut here).is_empty(), "{event:?}");
    }
    assert_eq!(a.next_deadline(), None);
}

#[test]
fn not_to_know_the_count_is_no_reason_to_give_up() {
    let mut here = World { pings: None, ..World::new(0, "b") };
    let mut a = machine("a");
    let link = Event::Link { node: "router".into(), link: "router".into(), status: "dead".into() };
    assert!(sent(&a.handle(at(0), &link, &mut here)).is_empty());
    assert!(sent(&a.handle(at(0), &count("b", "1"), &mut here)).is_empty());
    assert_eq!(a.next_deadline(), None);
}
