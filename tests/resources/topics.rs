//! The tests: traces by topic. Clusters mostly wait, so those of a topic run side by side.

use testkit::cluster::Files;

use crate::replay::{Pairing, Tale, Variant, tell, tell_to};
use crate::{more_stories as more, stories};

const COLD_CRASH_STOP: Tale = ("cold-crash-stop.auto_failback-on", stories::cold_crash_stop);

#[test]
fn originals_repeat_what_they_did() {
    tell_to(&[COLD_CRASH_STOP], &[(Pairing::Originals, Variant::default())]);
}

#[test]
fn scripts_of_rc_d_that_were_changed_are_run_to_the_same_effect() {
    let changed = Variant { wrapped: true, files: Files::Original };
    tell_to(&[COLD_CRASH_STOP], &[(Pairing::Ours, changed), (Pairing::OursAndOriginal, changed)]);
}

#[test]
fn our_own_scripts_and_companion_programs_do_the_same() {
    let tales = [
        COLD_CRASH_STOP,
        ("cold-crash-stop.auto_failback-legacy", stories::cold_crash_stop),
        ("one-node-initdead", stories::one_node),
        ("standby-takeover", stories::standby_takeover),
    ];
    let [plain, changed] = [false, true].map(|wrapped| Variant { wrapped, files: Files::Ours });
    tell_to(&tales, &[(Pairing::Ours, plain), (Pairing::Ours, changed), (Pairing::OriginalAndOurs, changed)]);
}

#[test]
fn starts_and_returns() {
    tell(&[
        COLD_CRASH_STOP,
        ("cold-crash-stop.auto_failback-off", stories::cold_crash_stop),
        ("cold-crash-stop.auto_failback-legacy", stories::cold_crash_stop),
        ("one-node-initdead", stories::one_node),
        ("staggered-start", stories::staggered_start),
        ("staggered-start.auto_failback-off", more::staggered_start_without_failback),
        ("three-nodes", stories::three_nodes),
        ("quick-return-after-stop", more::quick_return_after_stop),
        ("quick-return-after-kill", more::quick_return_after_kill),
        ("peer-starts-during-takeover", more::peer_starts_during_takeover),
        ("legacy-death-during-ip-request", more::legacy_death_during_ip_request),
    ]);
}

#[test]
fn standbys_and_takeovers() {
    tell(&[
        ("standby-takeover", stories::standby_takeover),
        ("shutdown-races", stories::shutdown_races),
        ("standby-taker-stops", more::standby_taker_stops),
        ("standby-crossing", more::standby_crossing),
        ("standby-same-moment", more::standby_at_the_same_moment),
        ("standby-death.before-answer", more::standby_death_before_answer),
        ("standby-death.giver-stopping", more::standby_death_giver_stopping),
        ("standby-death.taker-waiting", more::standby_death_taker_waiting),
        ("standby-death.giver-done", more::standby_death_giver_done),
        ("standby-death.taker-starting", more::standby_death_taker_starting),
        ("ipfail", stories::ipfail),
    ]);
}

#[test]
fn failures_of_scripts_daemons_and_networks() {
    tell(&[
        ("net-cut-heal", stories::net_cut_heal),
        ("kill9-daemon-only", stories::kill9),
        ("kill9-holding-all", more::kill9_holding_all),
        ("start-failure-on-owner", stories::start_failure_on_owner),
        ("start-failure-on-peer", stories::start_failure_on_peer),
        ("start-failure-two-groups", more::start_failure_two_groups),
        ("stop-failure-reboot", stories::stop_failure_reboot),
        ("hang-while-peer-dies", more::hang_while_peer_dies),
    ]);
}

#[test]
fn fencing() {
    tell(&[
        ("stonith-null", stories::stonith_null),
        ("stonith-fail-twice-then-ok", stories::stonith_fail_twice),
        ("stonith-never-heard", more::stonith_never_heard),
        ("stonith-death.giver-stopping", more::standby_death_giver_stopping),
        ("stonith-return-while-retrying", more::stonith_return_while_retrying),
    ]);
}

#[test]
fn groups_and_files() {
    tell(&[
        ("reload", stories::reload),
        ("reload-busy", more::reload_busy),
        ("two-groups-per-node", more::two_groups_per_node),
        ("node-without-groups", more::node_without_groups),
        ("haresources-edited", more::haresources_edited),
        ("script-lookup", more::script_lookup),
        ("script-environment", crate::environment::script_environment),
    ]);
}
