//! Resources: who works on which groups when, in clusters of our nodes that behave as ours or as originals.

use super::Net;
use super::peer::Peer;
use crate::event::Event;
use crate::input::Input;
use crate::message::Message;
use crate::output::Ending;
use crate::resources::event::ResourceEvent;
use crate::settings::AutoFailback;

const BOTH: [&str; 2] = ["alfa", "brav"];

fn as_originals(failback: AutoFailback) -> Net {
    Net::with(&BOTH, |settings| {
        settings.resources.as_original = true;
        settings.auto_failback = failback;
    })
}

fn ask(set: &str) -> Message {
    Message::of_type("ask_resources").with("rsc_hold", set).with("info", "me")
}

fn texts(calls: &[(u64, String)]) -> Vec<&str> {
    calls.iter().map(|(_, text)| text.as_str()).collect()
}

impl Net {
    fn settled(names: &[&str]) -> Self {
        let mut net = Self::new(names);
        net.start_all();
        net.run(15_000);
        net.check();
        net.out.clear();
        net
    }

    fn check(&self) {
        assert_eq!(self.doubled, [""; 0]);
    }

    fn crash(&mut self, node: usize) {
        self.cores[node] = None;
        self.running[node].clear();
    }

    fn status(&self, node: usize) -> &'static str {
        self.core(node).resource_status()
    }

    fn statuses(&self) -> [&'static str; 2] {
        [self.status(0), self.status(1)]
    }

    fn resource_event(&self, node: usize, event: ResourceEvent) -> bool {
        self.has(node, &Event::Resource(event))
    }
}

#[test]
fn originals_wait_ten_seconds_for_each_other_and_ours_do_not_wait_at_all() {
    for (as_original, least, most) in [(true, 10_000, 10_700), (false, 0, 700)] {
        let mut net = Net::with(&BOTH, |settings| settings.resources.as_original = as_original);
        net.start_all();
        net.run(13_000);
        net.check();
        assert_eq!(net.holders(), "alfa:alfa brav:brav");
        assert_eq!(net.statuses(), ["local", "local"]);
        for node in [0, 1] {
            let calls = net.calls(node);
            assert_eq!(texts(&calls), ["req_our_resources(ask)"]);
            assert!((least..most).contains(&calls[0].0), "{calls:?}");
            let done = ResourceEvent::InitialAcquisitionComplete("req_our_resources");
            let early = ResourceEvent::InitialAcquisitionComplete("T_RESOURCES(us)");
            assert!(net.resource_event(node, done) || net.resource_event(node, early));
        }
    }
}

#[test]
fn a_lone_node_takes_everything_and_the_returning_one_gets_its_groups_back() {
    for as_original in [true, false] {
        let mut net = Net::with(&BOTH, |settings| settings.resources.as_original = as_original);
        net.start(0);
        net.run(6000);
        assert_eq!(net.holders(), "alfa:alfa+brav brav:");
        let calls = net.calls(0);
        assert_eq!(texts(&calls), ["status dead brav", "req_our_resources"]);
        net.run(12_000);
        assert_eq!(net.status(0), "all");
        net.start(1);
        net.run(4000);
        net.check();
        assert_eq!(net.holders(), "alfa:alfa brav:brav");
        assert_eq!(net.statuses(), ["local", "local"]);
        assert_eq!(texts(&net.calls(0))[2..], ["release foreign"]);
        assert_eq!(texts(&net.calls(1)), ["acquire local"]);
    }
}

#[test]
fn without_failback_groups_stay() {
    let mut net = as_originals(AutoFailback::Off);
    net.start(0);
    net.run(18_000);
    net.start(1);
    net.run(15_000);
    net.check();
    assert_eq!((net.holders().as_str(), net.statuses()), ("alfa:alfa+brav brav:", ["all", "none"]));
    assert!(net.resource_event(1, ResourceEvent::NothingToAcquire));
}

#[test]
fn a_dead_node_is_taken_over_at_once_and_its_return_is_a_handback() {
    let mut net = Net::settled(&BOTH);
    let crash = net.now / 1000;
    net.crash(0);
    net.run(5000);
    let calls = net.calls(1);
    assert_eq!(texts(&calls), ["status dead alfa", "req_our_resources"]);
    assert!((crash + 1800..=crash + 2200).contains(&calls[0].0));
    assert_eq!((net.holders().as_str(), net.status(1)), ("alfa: brav:alfa+brav", "all"));
    let stonith = net.sent_of(1, "stonith");
    assert_eq!((stonith.len(), stonith[0].1.str("result")), (1, Some("n_stnth")));
    net.start(0);
    net.run(3000);
    net.check();
    assert_eq!(net.holders(), "alfa:alfa brav:brav");
    let told = |node| net.sent_of(node, "ask_resources").into_iter().map(|(_, m)| m.str("info").unwrap().to_owned());
    assert_eq!(told(1).collect::<Vec<_>>(), ["me", "done"]);
    assert_eq!(told(0).collect::<Vec<_>>(), ["other", "done"]);
}

#[test]
fn a_clean_stop_hands_over_before_the_dead_time() {
    let mut net = Net::settled(&BOTH);
    net.feed(0, Input::Shutdown);
    net.run(500);
    net.check();
    assert_eq!(texts(&net.calls(0)), ["hb_giveup_resources"]);
    assert_eq!((net.holders().as_str(), net.status(1)), ("alfa: brav:alfa+brav", "all"));
    net.run(4000);
    assert_eq!(net.exits(0).len(), 1);
    // The death of a node that gave up is no second takeover.
    assert_eq!(texts(&net.calls(1)), ["status dead alfa", "req_our_resources(ask)"]);
}

#[test]
fn standby_of_every_set_moves_that_set() {
    let mut net = Net::settled(&BOTH);
    for (node, set, holders, held) in [
        (0, "local", "alfa: brav:alfa+brav", ["none", "all"]),
        (0, "foreign", "alfa: brav:alfa+brav", ["none", "all"]),
        (1, "foreign", "alfa:alfa brav:brav", ["local", "local"]),
        (1, "all", "alfa:alfa+brav brav:", ["all", "none"]),
        (0, "foreign", "alfa:alfa brav:brav", ["local", "local"]),
    ] {
        net.out.clear();
        net.feed(node, Input::Local(ask(set)));
        net.run(1000);
        net.check();
        assert_eq!((net.holders().as_str(), net.statuses()), (holders, held), "{set}");
        assert_eq!(net.calls(node).len(), 1);
    }
}

#[test]
fn a_standby_without_anybody_to_take_is_refused_at_once_or_times_out() {
    for as_original in [true, false] {
        let mut net = as_originals(AutoFailback::On);
        net.settings[0].resources.as_original = as_original;
        net.start(0);
        net.run(20_000);
        net.out.clear();
        net.feed(0, Input::Local(ask("all")));
        net.run(100);
        assert_eq!(net.status(0), if as_original { "transition" } else { "all" });
        net.run(10_100);
        assert_eq!((net.status(0), net.calls(0).len()), ("all", 0));
        assert_eq!(net.resource_event(0, ResourceEvent::StandbyTimeout), as_original);
    }
}

#[test]
fn both_stop_at_once_and_nobody_takes_anything_over() {
    let mut net = Net::settled(&BOTH);
    net.work = 500;
    net.feed(0, Input::Shutdown);
    net.feed(1, Input::Shutdown);
    net.run(5000);
    net.check();
    assert_eq!(net.holders(), "alfa: brav:");
    assert_eq!((net.exits(0).len(), net.exits(1).len()), (1, 1));
    let jobs: Vec<String> = net.calls(0).into_iter().chain(net.calls(1)).map(|(_, text)| text).collect();
    assert_eq!(jobs, ["hb_giveup_resources", "hb_giveup_resources"]);
}

#[test]
fn a_stop_during_a_standby_waits_for_its_end() {
    let mut net = Net::settled(&BOTH);
    net.work = 1000;
    net.feed(0, Input::Local(ask("local")));
    net.run(300);
    net.feed(0, Input::Shutdown);
    assert!(net.resource_event(0, ResourceEvent::ShutdownDelayed));
    net.run(8000);
    net.check();
    assert_eq!(net.holders(), "alfa: brav:alfa+brav");
    assert_eq!(texts(&net.calls(0)), ["release local", "hb_giveup_resources"]);
    assert_eq!(net.exits(0).len(), 1);
}

#[test]
fn after_a_partition_each_of_ours_keeps_its_own_groups_without_a_restart() {
    for failback in [AutoFailback::On, AutoFailback::Off] {
        let mut net = Net::with(&BOTH, |settings| settings.auto_failback = failback);
        net.start_all();
        net.run(15_000);
        net.cut(0, 1, true);
        net.run(5000);
        assert_eq!(net.holders(), "alfa:alfa+brav brav:alfa+brav");
        net.out.clear();
        net.cut(0, 1, false);
        net.run(1000);
        assert_eq!(net.holders(), "alfa:alfa brav:brav");
        assert_eq!((net.exits(0), net.exits(1)), (vec![], vec![]));
        net.run(4000);
        assert_eq!((net.holders().as_str(), net.statuses()), ("alfa:alfa brav:brav", ["local", "local"]));
        for node in [0, 1] {
            assert_eq!(texts(&net.calls(node)), ["release foreign"]);
        }
    }
}

#[test]
fn if_only_one_side_noticed_the_partition_it_releases_what_the_other_never_lost() {
    let mut net = Net::settled(&BOTH);
    net.cuts.insert((0, 1));
    net.run(5000);
    assert_eq!(net.holders(), "alfa:alfa brav:alfa+brav");
    net.cuts.clear();
    net.run(3000);
    assert_eq!((net.holders().as_str(), net.statuses()), ("alfa:alfa brav:brav", ["local", "local"]));
}

#[test]
fn a_reload_keeps_what_is_held_and_calls_nothing() {
    let mut net = Net::settled(&BOTH);
    net.feed(0, Input::Restart);
    net.run(4000);
    net.check();
    assert_eq!(net.exits(0).len(), 1);
    assert_eq!((net.calls(0), net.calls(1)), (vec![], vec![]));
    assert_eq!((net.holders().as_str(), net.statuses()), ("alfa:alfa brav:brav", ["local", "local"]));
}

#[test]
fn a_reload_waits_for_resources_that_move() {
    let mut net = Net::settled(&BOTH);
    net.work = 2000;
    net.feed(0, Input::Local(ask("local")));
    net.run(300);
    net.feed(0, Input::Restart);
    assert_eq!(net.exits(0), []);
    net.run(3500);
    net.work = 10;
    net.run(6000);
    net.check();
    assert_eq!(net.exits(0).len(), 1);
    assert_eq!((net.holders().as_str(), net.statuses()), ("alfa: brav:alfa+brav", ["none", "all"]));
}

#[test]
fn nothing_is_taken_before_the_dead_node_is_fenced() {
    let mut net = Net::with(&BOTH, |settings| settings.has_stonith = true);
    net.start_all();
    net.run(15_000);
    net.out.clear();
    net.crash(0);
    net.fences = vec![1, 100, 0];
    net.run(4000);
    assert_eq!((texts(&net.calls(1)), net.holders().as_str()), (vec!["STONITH alfa"], "alfa: brav:brav"));
    net.run(5000);
    assert_eq!(net.holders(), "alfa: brav:brav");
    net.run(6000);
    let results = net.sent_of(1, "stonith").into_iter().map(|(_, message)| message.str("result").unwrap().to_owned());
    assert_eq!(results.collect::<Vec<_>>(), ["bad", "badhost", "OK"]);
    assert_eq!(net.holders(), "alfa: brav:alfa+brav");
}

#[test]
fn fencing_ends_when_the_node_returns() {
    let mut net = Net::with(&BOTH, |settings| settings.has_stonith = true);
    net.start_all();
    net.run(15_000);
    net.crash(0);
    net.fences = vec![1, 1, 1, 1, 1, 1, 1];
    net.run(4000);
    net.start(0);
    net.run(12_000);
    net.check();
    assert!(net.resource_event(1, ResourceEvent::FencingCancelled("alfa".into())));
    assert_eq!((net.holders().as_str(), net.statuses()), ("alfa:alfa brav:brav", ["local", "local"]));
}

#[test]
fn a_node_that_dies_while_it_takes_or_gives_is_fenced_whatever_it_announced() {
    for (victim, asker) in [(0, 0), (1, 0)] {
        let mut net = Net::with(&BOTH, |settings| settings.has_stonith = true);
        net.start_all();
        net.run(15_000);
        net.feed(asker, Input::Local(ask("all")));
        net.work = 20_000;
        net.run(1000);
        net.out.clear();
        net.crash(victim);
        net.run(3000);
        assert!(texts(&net.calls(1 - victim)).contains(&["STONITH alfa", "STONITH brav"][victim]), "{victim}");
    }
}

#[test]
fn a_node_that_was_never_heard_is_fenced_before_its_groups_are_taken() {
    let mut net = Net::with(&BOTH, |settings| settings.has_stonith = true);
    net.start(0);
    net.run(8000);
    assert_eq!(texts(&net.calls(0)), ["STONITH-stat", "STONITH brav", "status dead brav", "req_our_resources"]);
    assert_eq!(net.holders(), "alfa:alfa+brav brav:");
}

#[test]
fn legacy_nodes_ask_for_each_key_and_take_over_without_sets() {
    let mut net = as_originals(AutoFailback::Legacy);
    net.start_all();
    net.run(3000);
    assert_eq!((net.sent_of(0, "resource").len(), net.sent_of(0, "starting").len()), (0, 0));
    assert_eq!((net.holders().as_str(), net.statuses()), ("alfa:alfa brav:brav", ["none", "none"]));
    net.crash(0);
    net.run(5000);
    assert_eq!(net.holders(), "alfa: brav:alfa+brav");
    net.feed(1, Input::Local(ask("all")));
    assert!(net.resource_event(1, ResourceEvent::StandbyNeedsFailback));
}

#[test]
fn of_three_nodes_of_ours_one_takes_over_and_the_return_gives_back() {
    let names = ["alfa", "brav", "char"];
    let mut net = Net::settled(&names);
    assert_eq!(net.holders(), "alfa:alfa brav:brav char:char");
    net.crash(0);
    net.run(4000);
    net.check();
    assert_eq!(net.holders(), "alfa: brav:alfa+brav char:char");
    net.crash(1);
    net.run(4000);
    net.check();
    assert_eq!(net.holders(), "alfa: brav: char:alfa+brav+char");
    net.start(0);
    net.run(6000);
    net.check();
    assert_eq!(net.holders(), "alfa:alfa brav: char:brav+char");
    net.start(1);
    net.run(6000);
    net.check();
    assert_eq!(net.holders(), "alfa:alfa brav:brav char:char");
    net.feed(2, Input::Local(ask("all")));
    net.run(2000);
    net.check();
    assert_eq!(net.holders(), "alfa:alfa+char brav:brav char:");
}

#[test]
fn three_nodes_of_ours_settle_after_a_partition() {
    let names = ["alfa", "brav", "char"];
    let mut net = Net::settled(&names);
    net.cut(0, 1, true);
    net.cut(0, 2, true);
    net.run(4000);
    assert_eq!(net.holders(), "alfa:alfa+brav+char brav:alfa+brav char:char");
    net.cut(0, 1, false);
    net.cut(0, 2, false);
    net.run(3000);
    assert_eq!(net.holders(), "alfa:alfa brav:brav char:char");
    net.run(10_000);
    assert_eq!(net.holders(), "alfa:alfa brav:brav char:char");
}

#[test]
fn of_three_nodes_that_start_together_while_one_is_dead_one_takes_its_groups() {
    let mut net = Net::new(&["alfa", "brav", "char"]);
    net.start(0);
    net.start(1);
    net.run(9000);
    net.check();
    assert_eq!(net.holders(), "alfa:alfa+char brav:brav char:");
    net.start(2);
    net.run(5000);
    net.check();
    assert_eq!(net.holders(), "alfa:alfa brav:brav char:char");
}

#[test]
fn towards_an_original_peer_a_partition_means_giving_everything_up() {
    let mut net = Net::alone(&BOTH);
    let mut peer = Peer::new("brav");
    peer.join(&mut net);
    net.run(3000);
    net.out.clear();
    let message = peer.status("active");
    peer.give(&mut net, &message);
    net.run(3500);
    assert_eq!(texts(&net.calls(0)).last(), Some(&"hb_giveup_resources"));
    assert_eq!(net.exits(0).iter().map(|exit| exit.1).collect::<Vec<_>>(), [Ending::Restart { after_ms: 3000 }]);
}

#[test]
fn a_child_that_was_killed_is_run_again_before_anybody_hears_that_it_is_done() {
    let mut net = Net::settled(&BOTH);
    net.kills = 2;
    net.feed(0, Input::Local(ask("local")));
    net.run(500);
    assert!(net.sent_of(0, "ask_resources").iter().all(|(_, message)| message.str("info") != Some("done")));
    net.run(4000);
    net.check();
    assert_eq!(texts(&net.calls(0)), ["release local", "release local", "release local"]);
    assert_eq!(net.holders(), "alfa: brav:alfa+brav");
}

#[test]
fn a_stop_does_not_wait_for_ever_for_a_peer_that_never_settles() {
    let mut net = Net::alone(&BOTH);
    let mut peer = Peer::new("brav");
    peer.join(&mut net);
    let unstable = Message::of_type("resource").with("rsc_hold", "local").with("rtype", "full").with("isstable", "0");
    peer.say(&mut net, unstable);
    net.feed(0, Input::Shutdown);
    peer.live(&mut net, "active", 50_000);
    assert_eq!(net.exits(0), []);
    peer.live(&mut net, "active", 25_000);
    assert_eq!(net.exits(0).len(), 1);
}

#[test]
fn a_node_that_manages_nothing_takes_part_and_starts_no_child() {
    let mut net = Net::with(&BOTH, |settings| settings.resources.manages = false);
    net.start_all();
    net.run(3000);
    assert_eq!(net.statuses(), ["local", "local"]);
    net.feed(0, Input::Local(ask("all")));
    net.run(500);
    assert_eq!(net.statuses(), ["none", "all"]);
    net.feed(1, Input::Shutdown);
    net.run(3000);
    assert_eq!((net.status(0), net.exits(1).len()), ("all", 1));
    assert_eq!((net.calls(0), net.calls(1)), (vec![], vec![]));
}

#[test]
fn who_waits_for_the_other_to_stop_takes_nothing_over_from_it() {
    let mut net = Net::settled(&BOTH);
    net.work = 500;
    net.feed(1, Input::Shutdown);
    net.run(100);
    net.feed(0, Input::Shutdown);
    assert!(net.resource_event(0, ResourceEvent::ShutdownDelayed));
    net.run(5000);
    assert!(net.resource_event(0, ResourceEvent::TakeoverCancelled));
    assert_eq!(texts(&net.calls(0)), ["hb_giveup_resources"]);
    assert_eq!(net.holders(), "alfa: brav:");
}

#[test]
fn a_giver_whose_taker_dies_starts_its_groups_again_after_it_stopped_them() {
    let mut net = Net::settled(&BOTH);
    net.work = 4000;
    net.feed(0, Input::Local(ask("local")));
    net.run(500);
    net.crash(1);
    net.run(3000);
    // Still stopping.
    assert_eq!(texts(&net.calls(0)), ["release local"]);
    net.work = 10;
    net.run(3000);
    assert_eq!((net.holders().as_str(), net.status(0)), ("alfa:alfa+brav brav:", "all"));
}

#[test]
fn a_node_that_returns_before_its_dead_time_gets_its_groups_back() {
    let mut net = Net::settled(&BOTH);
    net.feed(0, Input::Shutdown);
    net.run(1300);
    assert_eq!(net.exits(0).len(), 1);
    net.start(0);
    net.run(3000);
    net.check();
    assert_eq!((net.holders().as_str(), net.statuses()), ("alfa:alfa brav:brav", ["local", "local"]));
    let asked = net.sent_of(1, "ask_resources").len();
    assert_eq!(asked, 2);
}

#[test]
fn a_stop_that_takes_an_hour_ends_by_force() {
    let mut net = Net::alone(&BOTH);
    net.run(12_000);
    net.work = 10_000_000;
    net.feed(0, Input::Shutdown);
    net.run(3_500_000);
    assert_eq!(net.exits(0), []);
    net.run(200_000);
    assert_eq!(net.exits(0).iter().map(|exit| exit.1).collect::<Vec<_>>(), [Ending::Emergency]);
    assert!(net.resource_event(0, ResourceEvent::EmergencyShutdown));
}

#[test]
fn a_life_that_holds_something_from_before_a_reload_releases_it_even_if_it_never_took_part() {
    let mut net = Net::new(&BOTH);
    net.held[0] = Some(crate::resources::Set::LOCAL);
    net.running[0].insert("alfa".into());
    net.start(0);
    net.run(500);
    net.feed(0, Input::Shutdown);
    net.run(3000);
    assert_eq!((net.holders().as_str(), net.exits(0).len()), ("alfa: brav:", 1));
}

#[test]
fn a_message_that_was_overtaken_changes_nothing() {
    let mut net = Net::alone(&BOTH);
    let mut peer = Peer::new("brav");
    peer.join(&mut net);
    let claims = |set: &str, stable: &str| {
        Message::of_type("resource").with("rsc_hold", set).with("rtype", "full").with("isstable", stable)
    };
    let first = peer.numbered(claims("none", "0"));
    let second = peer.numbered(claims("local", "1"));
    peer.give(&mut net, &second);
    peer.give(&mut net, &first);
    let view = net.core(0).resources();
    assert_eq!((view.peers[0].holds.word(), view.peers[0].stable), ("local", true));
}

#[test]
fn a_cluster_of_one_node_takes_its_groups_and_stops_at_once() {
    for failback in [AutoFailback::Legacy, AutoFailback::On, AutoFailback::Off] {
        for wait in [0, 5, 1000, 20_000] {
            let mut net = Net::with(&["alfa"], |settings| settings.auto_failback = failback);
            net.start(0);
            net.run(wait);
            assert!(wait < 1000 || net.holders() == "alfa:alfa", "{failback:?} {wait}: {}", net.holders());
            net.feed(0, Input::Shutdown);
            net.run(3000);
            assert_eq!((net.exits(0).len(), net.holders().as_str()), (1, "alfa:"), "{failback:?} {wait}");
        }
    }
}

#[test]
fn a_lone_node_stops_at_once_whenever_that_is() {
    for failback in [AutoFailback::Legacy, AutoFailback::On, AutoFailback::Off] {
        for (reload, wait) in [(false, 6000), (false, 20_000), (true, 1000), (true, 6500), (true, 20_000)] {
            let mut net = Net::with(&BOTH, |settings| settings.auto_failback = failback);
            net.start(0);
            net.run(if reload { 20_000 } else { 0 });
            if reload {
                net.feed(0, Input::Restart);
            }
            net.run(wait);
            net.out.clear();
            net.feed(0, Input::Shutdown);
            net.run(3000);
            assert_eq!(net.exits(0).len(), 1, "{failback:?} {reload} {wait}: {:?}", net.core(0).resources());
        }
    }
}
