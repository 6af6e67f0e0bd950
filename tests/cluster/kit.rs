//! Two originals: what they do is right, so these tests check the stories and the test kit.

use std::env;
use std::io::{BufRead as _, BufReader, Read as _, Write as _, stdin, stdout};
use std::path::Path;
use std::process::{Command, Stdio};

use testkit::cluster::{Cluster, Medium, Network, NodeConfig, Program, Signature, Weather, wait_until};

use crate::bad_lines::{bad_weather, one_way_loss, replay};
use crate::pair::{CEILING, Pair, Setting, side_by_side};
use crate::signatures::{rollover, wrong_key};
use crate::stories::{life, message_of_a_script, one_link_of_two, partition, power_cut, serial_line};

fn originals(media: &[Medium], signature: Signature) -> Setting {
    Setting::new(Pair::Originals, media, signature)
}

#[test]
fn originals_live_through_everything_that_happens_to_one_of_them() {
    let settings = [
        originals(&[Medium::Bcast(0)], Signature::Sha1),
        originals(&[Medium::Ucast(0)], Signature::Md5),
        originals(&[Medium::Mcast(0)], Signature::Crc),
    ];
    side_by_side(&settings, |cluster| life(cluster, 1));
}

#[test]
fn originals_restart_after_a_partition_and_survive_one_link_of_two() {
    side_by_side(&[originals(&[Medium::Bcast(0)], Signature::Sha1)], partition);
    side_by_side(&[originals(&[Medium::Bcast(0), Medium::Ucast(1)], Signature::Md5)], one_link_of_two);
}

#[test]
fn originals_speak_over_a_serial_line() {
    side_by_side(&[originals(&[Medium::Serial], Signature::Sha1)], serial_line);
}

#[test]
fn originals_get_lost_packets_again() {
    let relay = Network::Relay(Weather::default());
    side_by_side(&[originals(&[Medium::Ucast(0)], Signature::Crc).over(relay)], bad_weather);
    side_by_side(&[originals(&[Medium::Bcast(0)], Signature::Sha1)], one_way_loss);
}

#[test]
fn originals_ignore_replayed_packets() {
    side_by_side(&[originals(&[Medium::Bcast(0)], Signature::Sha1)], replay);
}

#[test]
fn originals_change_keys_together_and_do_not_hear_strangers() {
    side_by_side(&[originals(&[Medium::Bcast(0)], Signature::Sha1)], |cluster| rollover(cluster, 0));
    side_by_side(&[originals(&[Medium::Bcast(0)], Signature::Sha1)], wrong_key);
}

#[test]
fn originals_notice_a_power_cut_and_send_messages_of_scripts() {
    side_by_side(&[originals(&[Medium::Mcast(0)], Signature::Sha1)], |cluster| power_cut(cluster, 0));
    side_by_side(&[originals(&[Medium::Ucast(0)], Signature::Md5)], message_of_a_script);
}

/// Tells a second run of the following test that it is the one to be killed.
const VICTIM: &str = "LAB_CLUSTER_VICTIM";

#[test]
fn nothing_is_left_of_a_cluster_if_the_test_process_is_killed() {
    if env::var_os(VICTIM).is_some() {
        let cluster =
            Cluster::new("victim", &[Network::Bridge], vec![NodeConfig::new("node1", Program::Original)]).unwrap();
        let node = cluster.node(0).unwrap();
        node.start().unwrap();
        let network = node.done("readlink", &["/proc/self/ns/net"]).unwrap();
        writeln!(stdout(), "\nvictim {} {}", node.directory().display(), network.trim()).unwrap();
        // Until the end.
        let _ = stdin().read(&mut [0]);
        return;
    }
    let name = "kit::nothing_is_left_of_a_cluster_if_the_test_process_is_killed";
    let mut victim = Command::new(env::current_exe().unwrap());
    victim.args(["--exact", name, "--nocapture"]).env(VICTIM, "1").stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut victim = victim.spawn().unwrap();
    let mut lines = BufReader::new(victim.stdout.take().unwrap()).lines().map(Result::unwrap);
    let said = lines.find_map(|line| line.strip_prefix("victim ").map(str::to_owned)).unwrap();
    let (directory, network) = said.split_once(' ').unwrap();
    assert!(Path::new(directory).exists() && living_in(network) > 3, "{directory}, {}", living_in(network));
    victim.kill().unwrap();
    victim.wait().unwrap();
    let gone = || Ok((living_in(network) == 0 && !Path::new(directory).exists()).then_some(()));
    wait_until("the end of all processes and files", CEILING, gone).unwrap();
}

/// How many processes are in a network namespace, given as the link in `/proc` says.
fn living_in(network: &str) -> usize {
    let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let spaces = processes.filter_map(|process| std::fs::read_link(process.path().join("ns/net")).ok());
    spaces.filter(|space| space.as_os_str() == network).count()
}
