//! Stopping, and starting again on request.

use super::Net;
use super::peer::Peer;
use crate::core::Phase;
use crate::event::Event;
use crate::input::Input;
use crate::message::Message;
use crate::output::{Ending, Output};
use crate::resources::event::ResourceEvent;
use crate::settings::AutoFailback;

const BOTH: [&str; 2] = ["alfa", "brav"];

#[test]
fn a_clean_stop_releases_says_so_lingers_for_a_second_and_is_no_surprise_to_the_peer() {
    let mut net = Net::active(&BOTH);
    let begin = net.now / 1000;
    net.feed(1, Input::Shutdown);
    net.run(4000);
    assert_eq!(net.exits(1), [(begin + net.work + 1000, Ending::Stop)]);
    let story = net.story(1);
    assert_eq!(story[..2], ["resource", "shutdone"]);
    assert!(net.has(0, &Event::Resource(ResourceEvent::ShutdownNotice("brav".into()))));
    let stonith = net.sent_of(0, "stonith");
    assert_eq!((stonith.len(), stonith[0].1.str("result")), (1, Some("unneeded")));
    assert!(net.has(0, &Event::Resource(ResourceEvent::DeadNodeGaveUp("brav".into()))));
    net.start(1);
    net.run(2000);
    assert_eq!((net.core(1).phase(), &*net.view(0, "brav").status), (Phase::Active, "active"));
}

#[test]
fn a_dead_peer_needs_no_fencing_only_if_it_held_nothing_or_said_that_it_released_all() {
    for (legacy, says, result) in [
        (true, None, "n_stnth"),
        (true, Some("shutdone"), "unneeded"),
        (false, None, "unneeded"),
        (false, Some("resource"), "n_stnth"),
    ] {
        let mut net = Net::with(&BOTH, |settings| {
            settings.auto_failback = if legacy { AutoFailback::Legacy } else { AutoFailback::On };
        });
        net.start(0);
        let mut peer = Peer::new("brav");
        peer.join(&mut net);
        if let Some(kind) = says {
            peer.say(
                &mut net,
                Message::of_type(kind).with("rsc_hold", "all").with("rtype", "full").with("isstable", "1"),
            );
        }
        net.run(4000);
        let stonith = net.sent_of(0, "stonith");
        assert_eq!((stonith.len(), stonith[0].1.str("result")), (1, Some(result)), "{legacy} {says:?}");
    }
}

#[test]
fn before_communication_is_up_a_stop_ends_at_once() {
    let mut net = Net::alone(&BOTH);
    net.run(1000);
    net.feed(0, Input::Shutdown);
    assert_eq!(net.exits(0), [(1000, Ending::Stop)]);
    assert_eq!(net.sent_of(0, "shutdone"), []);
}

#[test]
fn whoever_stops_while_asking_waits_for_its_clients_without_a_deadline_in_the_past() {
    let mut net = Net::alone(&BOTH);
    let mut peer = Peer::new("brav");
    peer.live(&mut net, "up", 400);
    let Some(core) = &mut net.cores[0] else { panic!("it runs") };
    assert_eq!(core.phase(), Phase::Asking);
    let clock = |core: &crate::core::Core, ms| {
        let mut now = core.now;
        now.mono = now.mono + std::time::Duration::from_millis(ms);
        now
    };
    let mut out = Vec::new();
    core.handle(clock(core, 0), Input::Shutdown, &mut out);
    assert!(out.contains(&Output::StopClients));
    let later = clock(core, 3000);
    core.handle(later, Input::Tick, &mut out);
    assert!(core.next_deadline().is_some_and(|at| at > later.mono));
    // A node list that comes now does not make it active.
    let list = Message::of_type("repnodes").with("dest", "alfa").with("nodelist", "alfa brav ");
    let message = peer.numbered(list);
    peer.give(&mut net, &message);
    assert_eq!(net.core(0).phase(), Phase::Asking);
    net.feed(0, Input::ClientsStopped);
    assert_eq!(net.exits(0).len(), 1);
}

#[test]
fn a_restart_on_request_tells_peers_to_wait_and_keeps_quiet_about_resources() {
    let mut net = Net::active(&BOTH);
    let begin = net.now / 1000;
    net.feed(1, Input::Restart);
    assert_eq!(net.exits(1), [(begin, Ending::Restart { after_ms: 0 })]);
    assert!(net.has(1, &Event::RestartTriggered));
    let last = net.sent_of(1, "status").last().cloned().unwrap().1;
    assert_eq!((last.str("dt"), net.sent_of(1, "shutdone")), (Some("7d00"), vec![]));
    net.run(4000);
    assert!(net.has(0, &Event::NodeRestarted("brav".into())) && !net.has(0, &Event::NodeDead("brav".into())));
    assert_eq!(net.core(1).phase(), Phase::Active);
}

#[test]
fn a_stop_overrides_a_restart_under_way() {
    let mut net = Net::active(&BOTH);
    net.cut(0, 1, true);
    net.run(5000);
    net.cut(0, 1, false);
    net.run(2500);
    assert_eq!(net.exits(0), []);
    net.feed(0, Input::Shutdown);
    net.run(2000);
    assert_eq!(net.exits(0).iter().map(|(_, ending)| *ending).collect::<Vec<_>>(), [Ending::Stop]);
}

#[test]
fn a_second_start_and_ticks_at_any_time_do_nothing() {
    let mut net = Net::active(&BOTH);
    net.feed(0, Input::Tick);
    net.feed(0, Input::Start);
    net.feed(0, Input::ClientsStopped);
    assert_eq!((net.sent(0), net.exits(0)), (vec![], vec![]));
}
