//! Ours beside the original: in both places, over every medium, with every signature; and two of ours.

use testkit::cluster::{Medium, Network, Signature, Weather};

use crate::bad_lines::{bad_weather, one_way_loss, replay};
use crate::pair::{Pair, Setting, side_by_side};
use crate::signatures::{rollover, wrong_key};
use crate::stories::{life, message_of_a_script, one_link_of_two, partition, power_cut, serial_line};

const MIXED: [Pair; 2] = [Pair::OriginalAndOurs, Pair::OursAndOriginal];
const ALL: [Pair; 3] = [Pair::OriginalAndOurs, Pair::OursAndOriginal, Pair::Ours];
const MEDIA: [Medium; 3] = [Medium::Bcast(0), Medium::Ucast(0), Medium::Mcast(0)];

/// Each medium with each signature.
fn matrix(pairs: &[Pair]) -> Vec<Setting> {
    let mut settings = Vec::new();
    for pair in pairs {
        for medium in MEDIA {
            settings.extend(Signature::ALL.map(|signature| Setting::new(*pair, &[medium], signature)));
        }
    }
    settings
}

/// Each pair with a medium and a signature of its own, so that together they see all.
fn sample(pairs: &[Pair], adapt: impl Fn(Setting) -> Setting) -> Vec<Setting> {
    let turns = MEDIA.into_iter().zip(Signature::ALL).cycle();
    pairs
        .iter()
        .zip(turns)
        .map(|(pair, (medium, signature))| adapt(Setting::new(*pair, &[medium], signature)))
        .collect()
}

#[test]
fn the_second_node_lives_through_everything_and_the_first_watches() {
    side_by_side(&matrix(&MIXED), |cluster| life(cluster, 1));
}

#[test]
fn the_first_node_lives_through_everything_and_the_second_watches() {
    side_by_side(&sample(&MIXED, |setting| setting), |cluster| life(cluster, 0));
}

#[test]
fn two_of_ours_live_through_everything() {
    side_by_side(&matrix(&[Pair::Ours]), |cluster| life(cluster, 1));
}

#[test]
fn both_restart_after_a_partition() {
    side_by_side(&matrix(&MIXED), partition);
    // Two of ours settle it without a restart, unless they are told not to.
    let as_original = |setting: Setting| setting.line("env AS_ORIGINAL=yes");
    side_by_side(&sample(&[Pair::Ours], as_original), partition);
}

#[test]
fn one_link_of_two_may_fail() {
    let settings = ALL.map(|pair| Setting::new(pair, &[Medium::Bcast(0), Medium::Ucast(1)], Signature::Sha1));
    side_by_side(&settings, one_link_of_two);
}

#[test]
fn a_serial_line_is_enough() {
    let settings = ALL.map(|pair| Setting::new(pair, &[Medium::Serial], Signature::Sha1));
    side_by_side(&settings, serial_line);
}

#[test]
fn lost_doubled_and_reordered_packets_do_no_harm() {
    let relay = |setting: Setting| setting.over(Network::Relay(Weather::default()));
    side_by_side(&matrix(&MIXED).into_iter().map(relay).collect::<Vec<_>>(), bad_weather);
    side_by_side(&sample(&[Pair::Ours], relay), bad_weather);
    side_by_side(&sample(&MIXED, |setting| setting), one_way_loss);
}

#[test]
fn replayed_packets_do_no_harm() {
    side_by_side(&sample(&ALL, |setting| Setting { media: vec![Medium::Bcast(0)], ..setting }), replay);
}

#[test]
fn keys_can_be_changed_one_node_after_the_other() {
    let settings = ALL.map(|pair| Setting::new(pair, &[Medium::Bcast(0)], Signature::Sha1));
    side_by_side(&settings, |cluster| rollover(cluster, 0));
    side_by_side(&settings, |cluster| rollover(cluster, 1));
}

#[test]
fn a_node_with_another_key_is_not_heard() {
    side_by_side(&sample(&ALL, |setting| Setting { signature: Signature::Sha1, ..setting }), wrong_key);
}

#[test]
fn a_power_cut_is_noticed() {
    side_by_side(&sample(&ALL, |setting| setting), |cluster| power_cut(cluster, 0));
    side_by_side(&sample(&MIXED, |setting| setting), |cluster| power_cut(cluster, 1));
}

#[test]
fn messages_of_scripts_go_to_all_nodes() {
    side_by_side(&sample(&ALL, |setting| setting), message_of_a_script);
}
