//! The original scripts of Debian's `resource-agents` and ours, with the same arguments on equal machines.
//!
//! After every call the exit status, what heartbeat reads out of the text, its last line, and the state of the machine
//! are compared. A form that differs stands in [`DIFFERENCES`] with the reason; one that stands there and does not
//! differ fails too.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests"
)]

mod kit;

use kit::{addresses, agent, ip, machine, run, shown};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Mutex;

/// Where the originals are.
const ORIGINALS: &str = "/etc/ha.d/resource.d";

/// Script, arguments, what is done to the machine before, and the verbs.
#[derive(Clone, Copy)]
struct Form {
    script: &'static str,
    words: &'static [&'static str],
    before: &'static [&'static str],
    verbs: &'static [&'static str],
}

const USUAL: &[&str] = &["status", "stop", "start", "status", "start", "monitor", "stop", "status", "stop"];
/// Verbs without `monitor`, which the original IPaddr cannot do.
const NO_MONITOR: &[&str] = &["status", "stop", "start", "status", "start", "stop", "status", "stop"];
/// A start and what belongs to it, for originals that take seconds.
const ONCE: &[&str] = &["status", "start", "status", "stop", "status", "stop"];

const fn form(script: &'static str, words: &'static [&'static str]) -> Form {
    Form { script, words, before: &[], verbs: USUAL }
}

const fn after(before: &'static [&'static str], form: Form) -> Form {
    Form { before, ..form }
}

const fn verbs(verbs: &'static [&'static str], form: Form) -> Form {
    Form { verbs, ..form }
}

/// Arguments of both IPaddr and IPaddr2.
const ADDRESSES: &[&str] = &[
    "192.168.7.110/24/192.168.7.255",
    "192.168.7.77",
    "10.1.0.5",
    "10.1.0.5/16/eth1",
    "10.1.0.5/16/eth1/10.1.99.255",
    "192.168.7.110/24",
    "192.168.7.110/25",
    "192.168.7.110/32",
    "192.168.7.110/255.255.255.0",
    "192.168.7.110/24/eth0",
    "192.168.7.110/24/eth0:5",
    "192.168.7.110/24/eth0/192.168.7.250",
    "192.168.7.110/24/192.168.7.255/eth0",
    "192.168.7.110/24/eth0/192.168.7.255/x",
    "192.168.7.110/24//",
    "192.168.7.110/24/eth1",
    "10.99.0.1/24/eth0",
    "10.99.0.1/24/eth1/10.99.0.255",
    "10.99.0.1",
    "192.168.7.110/24/nope",
    "192.168.7.110/33",
    "192.168.7.110/0",
    "192.168.7.110//eth0",
    "192.168.7.110/24/eth0/foo",
    "192.168.7.300",
    "1.2.3",
    "x",
];

fn forms() -> Vec<Form> {
    let mut all = Vec::new();
    for words in ADDRESSES {
        let words = std::slice::from_ref(words);
        all.push(verbs(NO_MONITOR, form("IPaddr", words)));
        all.push(form("IPaddr2", words));
    }
    all.extend([
        after(
            &["addr add 192.168.7.112/24 dev eth0 label eth0:0"],
            verbs(NO_MONITOR, form("IPaddr", &["192.168.7.110"])),
        ),
        after(
            &["addr add 192.168.7.110/24 dev eth0 label eth0:x"],
            verbs(NO_MONITOR, form("IPaddr", &["192.168.7.110"])),
        ),
        after(&["addr add 192.168.7.110/24 dev eth0"], verbs(NO_MONITOR, form("IPaddr", &["192.168.7.110"]))),
        after(
            &["addr add 192.168.7.110/24 dev eth1 label eth1:3"],
            verbs(NO_MONITOR, form("IPaddr", &["192.168.7.110/24/eth0"])),
        ),
        after(
            &["addr add 192.168.7.110/32 dev lo label lo:0"],
            verbs(NO_MONITOR, form("IPaddr", &["192.168.7.110/24/eth0"])),
        ),
        after(&["addr add 192.168.7.110/24 dev eth0 label eth0:x"], form("IPaddr2", &["192.168.7.110"])),
        after(&["addr add 192.168.7.110/32 dev lo"], form("IPaddr2", &["192.168.7.110"])),
        after(&["addr add 192.168.7.110/32 dev lo label lo:0"], form("IPaddr2", &["192.168.7.110"])),
        after(&["addr add 192.168.7.110/32 dev eth0"], form("IPaddr2", &["192.168.7.110"])),
        form("IPaddr2", &["192.168.7.110/24/eth0:averyverylonglabel"]),
        form("IPaddr2", &["fd00:7::1/64/eth0"]),
        verbs(&["monitor"], form("IPaddr", &["192.168.7.110"])),
        form("SendArp", &["192.168.7.10/eth0"]),
        form("SendArp", &["192.168.7.10/nope"]),
        form("IPsrcaddr", &["192.168.7.10"]),
        after(&["addr add 192.168.7.50/24 dev eth0"], form("IPsrcaddr", &["192.168.7.50"])),
        form("IPsrcaddr", &["192.168.7.99"]),
        form("IPsrcaddr", &["10.1.0.1"]),
        form("IPsrcaddr", &["x"]),
        after(&["route del default"], form("IPsrcaddr", &["192.168.7.10"])),
        form("MailTo", &["root"]),
        form("MailTo", &["root", "subject"]),
        verbs(&["start"], form("Delay", &["0", "0"])),
        verbs(&["start"], form("Delay", &["a"])),
        form("Xinetd", &["nosuch"]),
        form("WinPopup", &[]),
        form("WinPopup", &["/nosuch"]),
        form("AudibleAlarm", &["localhost"]),
        form("apache", &["/nosuch"]),
        form("Filesystem", &["none", "/run/m", "tmpfs"]),
        form("Filesystem", &["none", "/run/m", "tmpfs", "size=1m"]),
        form("Filesystem", &["none", "/run/m"]),
        form("Filesystem", &["/run/resource-agents", "/run/m", "none", "bind"]),
        form("Filesystem", &["/dev/nosuch", "/run/m", "ext2"]),
        form("Filesystem", &["-Lnosuch", "/run/m", "ext2"]),
        verbs(ONCE, form("portblock", &["tcp", "80", "block"])),
        verbs(ONCE, form("portblock", &["udp", "80,443,100:200", "block"])),
        verbs(&["status", "start", "status"], form("portblock", &["tcp", "80", "unblock"])),
        verbs(&["status", "start"], form("portblock", &["udp", "x", "block"])),
        form("OCF", &["Dummy", "x"]),
        form("OCF", &["NoSuchAgent", "x"]),
        verbs(ONCE, form("IPv6addr", &["fd00:7::1/64/eth0"])),
        verbs(ONCE, form("IPv6addr", &["fd00:7::1"])),
        after(&["-6 addr add fd00:7::2/64 dev eth0 nodad"], verbs(ONCE, form("IPv6addr", &["fd00:7::1"]))),
        verbs(ONCE, form("IPv6addr", &["fd00:7:0:0:0:0:0", "1/64"])),
        verbs(ONCE, form("IPv6addr", &["x"])),
    ]);
    // What is printed for wrong counts and verbs.
    let scripts = ["IPaddr", "IPaddr2", "IPv6addr", "IPsrcaddr", "SendArp", "MailTo", "Filesystem", "portblock"];
    for script in scripts.into_iter().chain(["Xinetd", "WinPopup", "apache"]) {
        all.push(verbs(&["start"], form(script, &["a", "b", "c", "d", "e"])));
        all.push(verbs(&["start", "usage"], form(script, &[])));
    }
    all.retain(|form| {
        !(form.words.is_empty() && ["apache", "WinPopup"].contains(&form.script) && form.verbs.len() == 2)
    });
    for (script, words) in [
        ("IPaddr", &["192.168.7.110"][..]),
        ("IPaddr2", &["192.168.7.110"]),
        ("IPsrcaddr", &["192.168.7.10"]),
        ("SendArp", &["192.168.7.10/eth0"]),
        ("MailTo", &["root"]),
        ("Filesystem", &["a", "b"]),
        ("portblock", &["tcp", "80", "block"]),
        ("Xinetd", &["x"]),
        ("Delay", &["1"]),
    ] {
        all.push(verbs(&["restart", "usage"], form(script, words)));
    }
    all
}

/// Where ours does something else on purpose: form, and why.
const DIFFERENCES: &[(&str, &str)] = &[
    ("IPaddr 10.1.0.5", "the route decides; the original wants eth0 unless another interface is written"),
    ("IPaddr 192.168.7.300", "fails with 6 as any other word that is no address, not with 1"),
    (
        "IPaddr 192.168.7.110 addr add 192.168.7.112/24 dev eth0 label eth0:0",
        "the original takes a label that is in use, and with it the address that has it",
    ),
    ("IPaddr 192.168.7.110 addr add 192.168.7.110/24 dev eth0", "an address counts whatever its label"),
    (
        "IPaddr 192.168.7.110/24/eth0 addr add 192.168.7.110/32 dev lo label lo:0",
        "the original deletes the hidden address of a real server at a stop",
    ),
    ("IPaddr2 192.168.7.110 addr add 192.168.7.110/32 dev lo", "what comes back to lo has no broadcast address either"),
    ("IPaddr2 192.168.7.110 addr add 192.168.7.110/32 dev lo label lo:0", "what comes back to lo has its label"),
    ("IPaddr 192.168.7.110 monitor", "the original's monitor cannot run"),
    ("IPaddr2 192.168.7.110/24/eth0:averyverylonglabel", "a stop of what cannot run succeeds"),
    ("IPaddr2 fd00:7::1/64/eth0", "the original refuses IPv6 addresses here"),
    ("IPsrcaddr 192.168.7.50 addr add 192.168.7.50/24 dev eth0", "a second stop succeeds"),
    ("MailTo root", "a stop succeeds although there is no mail program"),
    ("MailTo root subject", "a stop succeeds although there is no mail program"),
    ("WinPopup", "a stop succeeds although there is nobody to tell"),
    ("WinPopup /nosuch", "a stop succeeds although there is nobody to tell"),
    ("portblock tcp 80 block", "the original does not recognise its own rule in the listing of iptables 1.8.9"),
    ("portblock udp 80,443,100:200 block", "the original does not recognise its own rule, see above"),
    ("OCF Dummy x", "the original looks for agents one directory too deep and finds none"),
    ("Xinetd x restart usage", "the original calls a function for its usage line that does not exist"),
    ("IPv6addr x", "a stop of what cannot run succeeds"),
];

/// What can be compared after a call.
#[derive(Debug, PartialEq, Eq)]
struct Seen {
    verb: &'static str,
    status: i32,
    running: bool,
    last: String,
    machine: Vec<String>,
}

fn name(form: &Form) -> String {
    let mut parts = vec![form.script];
    parts.extend(form.words);
    parts.extend(form.before);
    if form.verbs.len() < 3 {
        parts.extend(form.verbs);
    }
    parts.join(" ")
}

fn look(script: &str) -> Vec<String> {
    let mut all = addresses();
    all.extend(ip("-4 route").lines().map(|line| line.trim_end().to_owned()));
    if script == "portblock" {
        all.extend(shown("iptables", "-S INPUT").lines().map(str::to_owned));
    }
    if script == "Filesystem" {
        let mounts = std::fs::read_to_string("/proc/thread-self/mounts").unwrap();
        all.extend(mounts.lines().filter(|line| line.contains(" /run/m ")).map(str::to_owned));
    }
    all
}

fn sequence(form: &Form, originals: bool) -> Vec<Seen> {
    machine(|| {
        for line in form.before {
            ip(line);
        }
        let mut all = Vec::new();
        for verb in form.verbs {
            let ran = if originals {
                let mut words = form.words.to_vec();
                words.push(verb);
                run(&Path::new(ORIGINALS).join(form.script), &words)
            } else {
                let mut words = vec![form.script];
                words.extend(form.words);
                words.push(verb);
                run(&agent(), &words)
            };
            let last = ran.output.lines().last().unwrap_or_default().replace(&format!("{ORIGINALS}/"), "");
            all.push(Seen { verb, status: ran.status, running: ran.is_running(), last, machine: look(form.script) });
        }
        all
    })
}

/// The calls after which both differ, in words.
fn difference(form: &Form) -> Vec<String> {
    let (theirs, ours) = (sequence(form, true), sequence(form, false));
    let pairs = theirs.iter().zip(&ours).enumerate().filter(|(_, (theirs, ours))| theirs != ours);
    pairs
        .map(|(number, (theirs, ours))| {
            let only = |a: &Seen, b: &Seen| -> Vec<String> {
                a.machine.iter().filter(|line| !b.machine.contains(line)).cloned().collect()
            };
            format!(
                "    {number} {}: theirs {} {} {:?} {:?}, ours {} {} {:?} {:?}",
                theirs.verb,
                theirs.status,
                theirs.running,
                theirs.last,
                only(theirs, ours),
                ours.status,
                ours.running,
                ours.last,
                only(ours, theirs)
            )
        })
        .collect()
}

#[test]
fn ours_does_what_the_original_does() {
    assert!(Path::new(ORIGINALS).join("IPaddr").exists(), "install resource-agents: scripts/setup --lab");
    let forms = forms();
    let listed: BTreeSet<&str> = DIFFERENCES.iter().map(|(form, _)| *form).collect();
    assert!(forms.len() >= 40 && DIFFERENCES.iter().all(|(_, reason)| reason.len() > 10));
    let (queue, wrong) = (Mutex::new(forms.iter()), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                loop {
                    let Some(form) = queue.lock().unwrap().next() else { return };
                    let (name, found) = (name(form), difference(form));
                    if found.is_empty() == listed.contains(&*name) {
                        let what = if found.is_empty() { "does not differ" } else { "differs" };
                        wrong.lock().unwrap().push(format!("{name} {what}\n{}", found.join("\n")));
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "{} of {} forms:\n{}", wrong.len(), forms.len(), wrong.join("\n"));
}

/// One call of the original or of ours, which must succeed.
fn call(originals: bool, script: &str, words: &str) -> kit::Ran {
    let ran = if originals {
        run(&Path::new(ORIGINALS).join(script), &words.split(' ').collect::<Vec<_>>())
    } else {
        kit::ours(script, words)
    };
    assert!(ran.status == 0 || words.ends_with("status"), "originals: {originals}, {script} {words}: {ran:?}");
    ran
}

#[test]
fn either_knows_and_stops_what_the_other_started() {
    for first in [true, false] {
        for (script, words, before) in [
            ("IPaddr", "192.168.7.110/24/eth0", &[][..]),
            ("IPaddr2", "192.168.7.110/24/eth0", &[]),
            ("IPaddr2", "192.168.7.110", &["addr add 192.168.7.110/32 brd 255.255.255.255 dev lo"]),
            ("SendArp", "192.168.7.10/eth0", &[]),
            ("portblock", "tcp 80 unblock", &[]),
            ("AudibleAlarm", "localhost", &[]),
            ("Filesystem", "none /run/m tmpfs", &[]),
        ] {
            machine(|| {
                for line in before {
                    ip(line);
                }
                let begin = look(script);
                call(first, script, &format!("{words} start"));
                assert!(call(!first, script, &format!("{words} status")).is_running(), "{script} {words}");
                call(!first, script, &format!("{words} stop"));
                for originals in [true, false] {
                    assert!(!call(originals, script, &format!("{words} status")).is_running(), "{script} {words}");
                }
                if script != "portblock" {
                    assert_eq!(look(script), begin, "{script} {words}");
                }
            });
        }
    }
}

#[test]
fn the_same_frames_are_on_the_wire() {
    let frames = |originals| {
        machine(|| {
            let ear = kit::Ear::open("p0");
            let words = "192.168.7.110/24/eth0 start";
            call(originals, "IPaddr2", words);
            let own = ear.next(|frame| frame[12..14] == [8, 6]);
            // The interfaces of two machines have different Ethernet addresses.
            let plain = |frame: Vec<u8>| -> Vec<u8> {
                let mut frame = frame;
                for at in 0..frame.len() - 5 {
                    if frame[at..at + 6] == own[6..12] {
                        frame[at..at + 6].fill(0xee);
                    }
                }
                frame
            };
            let mut all = vec![plain(own.clone())];
            all.extend((1..10).map(|_| plain(ear.next(|frame| frame[12..14] == [8, 6]))));
            all
        })
    };
    assert_eq!(frames(false), frames(true));
}
