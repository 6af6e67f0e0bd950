//! The scripts on a live network: addresses in the kernel, frames on the wire, rules in the firewall.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests"
)]

mod kit;

use kit::{Ear, PATIENCE, addresses, ip, machine, ours, shown};
use nix::fcntl::{Flock, FlockArg};
use nix::mount::{MsFlags, mount};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::{Duration, Instant};

fn has(line: &str) -> bool {
    addresses().iter().any(|found| found == line)
}

fn ok(name: &str, words: &str) {
    assert_eq!(ours(name, words).status, 0, "{name} {words}");
}

/// Waits until nobody announces an address any more, as the missing pid file says.
fn wait_for_the_end_of_announcing(address: &str) {
    let (path, begin) = (format!("/run/resource-agents/send_arp-{address}"), Instant::now());
    while Path::new(&path).exists() {
        assert!(begin.elapsed() < PATIENCE, "still there: {path}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn ipaddr_brings_up_an_alias_announces_it_twenty_times_and_takes_it_down() {
    machine(|| {
        let ear = Ear::open("p0");
        let words = "192.168.7.110/24/192.168.7.255";
        assert!(!ours("IPaddr", &format!("{words} status")).is_running());
        ok("IPaddr", &format!("{words} start"));
        let line = "eth0 inet 192.168.7.110/24 brd 192.168.7.255 scope global secondary eth0:0";
        assert!(has(line), "{:?}", addresses());
        let status = ours("IPaddr", &format!("{words} status"));
        assert_eq!((status.status, &*status.output), (0, "INFO:  Running OK\n"));
        assert_eq!(ours("IPaddr", &format!("{words} monitor")), status);
        assert_eq!(ear.arp([192, 168, 7, 110], 20), [1, 2].repeat(10));
        wait_for_the_end_of_announcing("192.168.7.110");
        ok("IPaddr", &format!("{words} stop"));
        assert!(!has(line));
        ok("IPaddr", &format!("{words} stop"));
    });
}

#[test]
fn ipaddr2_announces_ten_times_and_a_stop_ends_that() {
    machine(|| {
        let ear = Ear::open("p1");
        ok("IPaddr2", "10.1.0.5 start");
        assert!(has("eth1 inet 10.1.0.5/16 brd 10.1.255.255 scope global secondary eth1"), "{:?}", addresses());
        assert_eq!(ear.arp([10, 1, 0, 5], 10), [1, 2].repeat(5));
        wait_for_the_end_of_announcing("10.1.0.5");
        ok("IPaddr2", "10.1.0.5 stop");

        ok("IPaddr", "10.1.0.6 start");
        let pid = fs::read_to_string("/run/resource-agents/send_arp-10.1.0.6").unwrap();
        let process = format!("/proc/{}", pid.trim());
        assert!(fs::read_to_string(format!("{process}/cmdline")).unwrap().starts_with("send_arp\0"));
        ok("IPaddr", "10.1.0.6 stop");
        let begin = Instant::now();
        while Path::new(&process).exists() {
            assert!(begin.elapsed() < PATIENCE, "the sender lives");
            std::thread::sleep(Duration::from_millis(5));
        }
        assert!(!Path::new("/run/resource-agents/send_arp-10.1.0.6").exists());
    });
}

#[test]
fn an_address_that_is_up_is_announced_again() {
    machine(|| {
        let ear = Ear::open("p0");
        ip("addr add 192.168.7.120/24 dev eth0");
        ok("IPaddr2", "192.168.7.120/24/eth0 start");
        assert_eq!(ear.arp([192, 168, 7, 120], 2), [1, 2]);
        ok("announce", "IPaddr 192.168.7.120");
        assert_eq!(ear.arp([192, 168, 7, 120], 2), [1, 2]);
        assert_eq!(ours("announce", "Filesystem x y").status, 1);
        assert_eq!(addresses().iter().filter(|line| line.contains(".120/")).count(), 1);
    });
}

#[test]
fn labels_are_the_first_that_are_free_also_for_many_at_once() {
    machine(|| {
        ip("addr add 192.168.7.90/24 dev eth0 label eth0:1");
        let wanted: Vec<String> = (100..108).map(|number| format!("192.168.7.{number}/24/eth0 start")).collect();
        let children: Vec<_> = wanted
            .iter()
            .map(|words| {
                let mut command = std::process::Command::new(kit::agent());
                command.arg("IPaddr").args(words.split_whitespace()).env("HA_LOGFILE", "/run/ha-log");
                command.stdout(std::process::Stdio::null()).spawn().unwrap()
            })
            .collect();
        for mut child in children {
            assert!(child.wait().unwrap().success());
        }
        let mut labels: Vec<String> = addresses()
            .iter()
            .filter(|line| line.contains("192.168.7.10") && line.contains("eth0:"))
            .map(|line| line.rsplit(' ').next().unwrap().to_owned())
            .collect();
        labels.sort();
        assert_eq!(labels, [0, 2, 3, 4, 5, 6, 7, 8].map(|number| format!("eth0:{number}")));
    });
}

#[test]
fn a_start_waits_while_another_chooses_a_label() {
    machine(|| {
        let file = fs::File::create("/run/resource-agents/IPaddr-eth0").unwrap();
        let lock = Flock::lock(file, FlockArg::LockExclusive).unwrap();
        let mut command = std::process::Command::new(kit::agent());
        command.args(["IPaddr", "192.168.7.110/24/eth0", "start"]).env("HA_LOGFILE", "/run/ha-log");
        let mut child = command.stdout(std::process::Stdio::null()).spawn().unwrap();
        let waiting = format!("-> FLOCK  ADVISORY  WRITE {} ", child.id());
        let begin = Instant::now();
        while !fs::read_to_string("/proc/locks").unwrap().contains(&waiting) {
            assert!(begin.elapsed() < PATIENCE && child.try_wait().unwrap().is_none(), "it does not wait");
            std::thread::sleep(Duration::from_millis(5));
        }
        ip("addr add 192.168.7.90/24 dev eth0 label eth0:0");
        drop(lock);
        assert!(child.wait().unwrap().success());
        assert!(has("eth0 inet 192.168.7.110/24 brd 192.168.7.255 scope global secondary eth0:1"), "{:?}", addresses());
    });
}

#[test]
fn deleting_the_first_address_of_a_network_keeps_the_others_and_their_routes() {
    machine(|| {
        // An interface without any address, be it for a moment, loses all its routes.
        ip("addr del 10.1.0.1/16 dev eth1");
        ok("IPaddr", "10.9.0.1/24/eth1 start");
        ip("addr add 10.9.0.2/24 brd 10.9.0.255 dev eth1 label eth1:x");
        ip("addr add 10.9.0.3/24 dev eth1");
        ip("route add 172.16.0.0/16 via 10.9.0.77");
        ok("IPaddr", "10.9.0.1/24/eth1 stop");
        let left: Vec<String> = addresses().into_iter().filter(|line| line.contains(" 10.9.0.")).collect();
        let expected = [
            "eth1 inet 10.9.0.2/24 brd 10.9.0.255 scope global eth1:x",
            "eth1 inet 10.9.0.3/24 scope global secondary eth1",
        ];
        assert_eq!(left, expected);
        assert!(ip("route").contains("172.16.0.0/16 via 10.9.0.77 dev eth1"));
    });
}

#[test]
fn a_hidden_address_moves_from_the_loopback_interface_and_back_with_its_label() {
    machine(|| {
        ip("addr add 192.168.7.120/32 dev lo label lo:0");
        ip("route add 192.168.7.120/32 dev lo");
        let words = "192.168.7.120";
        assert!(!ours("IPaddr2", &format!("{words} status")).is_running());
        ok("IPaddr2", &format!("{words} start"));
        assert!(has("eth0 inet 192.168.7.120/24 brd 192.168.7.255 scope global secondary eth0"), "{:?}", addresses());
        assert!(!addresses().iter().any(|line| line.starts_with("lo ") && line.contains(".120")));
        let saved = fs::read_to_string("/run/resource-agents/192.168.7.120").unwrap();
        assert_eq!(saved, "192.168.7.120 32 255.255.255.255 lo\n");
        assert!(ours("IPaddr2", &format!("{words} status")).is_running());
        ok("IPaddr2", &format!("{words} stop"));
        assert!(has("lo inet 192.168.7.120/32 scope global lo:0"), "{:?}", addresses());
        assert!(!Path::new("/run/resource-agents/192.168.7.120").exists());
        ok("IPaddr2", &format!("{words} stop"));
        assert!(has("lo inet 192.168.7.120/32 scope global lo:0"));
    });
}

#[test]
fn ipv6addr_waits_for_the_kernel_and_advertises_five_times() {
    machine(|| {
        let ear = Ear::open("p0");
        assert_eq!(ours("IPv6addr", "fd00:7::1 start").status, 1);
        ip("-6 addr add fd00:7::2/64 dev eth0 nodad");
        // As heartbeat splits it.
        ok("IPv6addr", "fd00:7 1 start");
        assert!(has("eth0 inet6 fd00:7::1/64 scope global"), "{:?}", addresses());
        assert!(ours("IPv6addr", "fd00:7::1/64/eth0 status").is_running());
        let advertised = |frame: &[u8]| frame.len() == 86 && frame[54] == 136 && frame[62..66] == [0xfd, 0, 0, 7];
        for _ in 0..5 {
            let frame = ear.next(advertised);
            assert_eq!((&frame[..6], frame[58]), (&[0x33, 0x33, 0, 0, 0, 1][..], 0x20));
        }
        ok("IPv6addr", "fd00:7::1/64/eth0 stop");
        assert!(!has("eth0 inet6 fd00:7::1/64 scope global"));
        ok("IPv6addr", "fd00:7::1/64/eth0 stop");
    });
}

#[test]
fn an_ipv6_address_of_another_machine_is_not_taken() {
    machine(|| {
        ip("link add br0 type bridge");
        ip("link set br0 up");
        ip("link set p0 master br0");
        ip("-6 addr add fd00:7::1/64 dev br0 nodad");
        let ran = ours("IPv6addr", "fd00:7::1/64/eth0 start");
        assert_eq!(ran.status, 1, "{ran:?}");
        assert!(!addresses().iter().any(|line| line.starts_with("eth0 inet6 fd00:7::1")));
    });
}

#[test]
fn ipsrcaddr_sets_the_source_of_the_default_route_and_takes_it_back() {
    machine(|| {
        ip("addr add 192.168.7.50/24 dev eth0");
        assert!(!ours("IPsrcaddr", "192.168.7.50 status").is_running());
        ok("IPsrcaddr", "192.168.7.50 start");
        assert!(ip("route").contains("default via 192.168.7.1 dev eth0 src 192.168.7.50"), "{}", ip("route"));
        assert!(ours("IPsrcaddr", "192.168.7.50 status").is_running());
        ok("IPsrcaddr", "192.168.7.50 stop");
        assert!(ip("route").contains("default via 192.168.7.1 dev eth0 src 192.168.7.10"), "{}", ip("route"));
        ok("IPsrcaddr", "192.168.7.50 stop");
        assert_eq!(ours("IPsrcaddr", "10.1.0.1 start").status, 1);
    });
}

#[test]
fn sendarp_announces_and_remembers() {
    machine(|| {
        let ear = Ear::open("p0");
        let before = ours("SendArp", "192.168.7.10/eth0 status");
        assert_eq!((before.status, &*before.output), (7, ""));
        ok("SendArp", "192.168.7.10/eth0 start");
        assert!(ours("SendArp", "192.168.7.10/eth0 status").is_running());
        assert_eq!(ear.arp([192, 168, 7, 10], 10), [1, 2].repeat(5));
        ok("SendArp", "192.168.7.10/eth0 stop");
        assert!(!ours("SendArp", "192.168.7.10/eth0 status").is_running());
    });
}

#[test]
fn send_arp_sends_pairs_and_findif_finds() {
    machine(|| {
        let ear = Ear::open("p0");
        ok("send_arp", "-i 20 -r 3 -p /run/pid eth0 192.168.7.10 auto not not");
        assert_eq!(ear.arp([192, 168, 7, 10], 6), [1, 2].repeat(3));
        assert!(!Path::new("/run/pid").exists());
        let find = |address: &str| {
            let mut command = std::process::Command::new(kit::agent());
            let output = command.args(["findif", "-C"]).env("OCF_RESKEY_ip", address).output().unwrap();
            (output.status.code(), String::from_utf8(output.stdout).unwrap())
        };
        assert_eq!(find("10.1.0.3"), (Some(0), "eth1\tnetmask 16\tbroadcast 10.1.255.255\n".into()));
        assert_eq!((find("10.2.0.3").0, find("x").0), (Some(1), Some(6)));
    });
}

#[test]
fn portblock_closes_a_port_until_it_is_opened() {
    machine(|| {
        let rules = || shown("iptables", "-S INPUT").matches("--dports 80 -j DROP").count();
        assert!(!ours("portblock", "tcp 80 block status").is_running());
        ok("portblock", "tcp 80 block start");
        ok("portblock", "tcp 80 block start");
        assert_eq!(rules(), 1);
        assert!(ours("portblock", "tcp 80 block status").is_running());
        ok("portblock", "tcp 80 unblock start");
        assert_eq!(rules(), 0);
        assert!(ours("portblock", "tcp 80 block status").is_running());
        assert!(ours("portblock", "tcp 80 unblock status").is_running());
        ok("portblock", "tcp 80 unblock stop");
        assert_eq!(rules(), 1);
        ok("portblock", "tcp 80 block stop");
        assert_eq!(rules(), 0);
        ok("portblock", "tcp 80 block stop");
    });
}

#[test]
fn a_file_system_in_use_is_unmounted_all_the_same() {
    machine(|| {
        ok("Filesystem", "none /run/m tmpfs start");
        assert!(ours("Filesystem", "none /run/m tmpfs status").is_running());
        let mut user = std::process::Command::new("sleep").arg("600").current_dir("/run/m").spawn().unwrap();
        ok("Filesystem", "none /run/m tmpfs stop");
        assert!(!ours("Filesystem", "none /run/m tmpfs status").is_running());
        assert!(!user.wait().unwrap().success());
    });
}

/// Puts a program of ours in the place of one of the system, and an `/etc` with these files in the place of the
/// system's.
fn instead(program: &str, text: &str, files: &[(&str, &str)]) {
    let none: Option<&str> = None;
    for (path, text) in files {
        let path = Path::new("/run/etc").join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    mount(Some("/run/etc"), "/etc", none, MsFlags::MS_BIND, none).unwrap();
    fs::write("/run/program", text).unwrap();
    fs::set_permissions("/run/program", fs::Permissions::from_mode(0o755)).unwrap();
    if !program.is_empty() {
        mount(Some("/run/program"), program, none, MsFlags::MS_BIND, none).unwrap();
    }
}

#[test]
fn the_rules_file_is_a_resource() {
    machine(|| {
        let script =
            "#!/bin/sh\n[ $1 != -L ] || echo 'IP Virtual Server'\n(echo \"$@\"; [ $1 != -R ] || cat) >>/run/calls\n";
        instead("/usr/sbin/ipvsadm", script, &[("ipvsadm.rules", "# mine\n-A -t 192.0.2.1:80\n")]);
        for verb in ["start", "stop", "reload"] {
            let ran = ours("ipvsadm", verb);
            assert!(ran.status == 0 && !ran.is_running(), "{ran:?}");
        }
        let status = ours("ipvsadm", "status");
        assert_eq!((status.status, &*status.output), (0, "IP Virtual Server\n"));
        let load = "-R\n-A -t 192.0.2.1:80\n";
        assert_eq!(fs::read_to_string("/run/calls").unwrap(), format!("{load}-C\n-C\n{load}-L -n\n"));
    });
}

#[test]
fn an_ocf_agent_gets_its_parameters_and_its_words_are_made_to_agree_with_its_status() {
    machine(|| {
        let script =
            "#!/bin/sh\necho \"$OCF_RESKEY_dir $OCF_RESOURCE_INSTANCE $1\" >>/run/calls\n[ $1 != status ] || exit 7\n";
        instead("", script, &[("ha.d/conf/OCF/program/one", "OCF_RESKEY_dir='two words'\n")]);
        for (verb, status) in [("start", 0), ("status", 7)] {
            let mut command = std::process::Command::new(kit::agent());
            command.args(["OCF", "program", "one", verb]).env("OCF_AGENTS", "/run");
            assert_eq!(command.output().unwrap().status.code(), Some(status), "{verb}");
        }
        assert_eq!(fs::read_to_string("/run/calls").unwrap(), "two words one start\ntwo words one status\n");
    });
}
