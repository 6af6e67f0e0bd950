//! The resource engine, fed by a peer that has the key and says whatever it likes in any order, while children end in any
//! way.
//!
//! Input: one byte for the settings, then steps of four bytes: what happens, and what it says.

use crate::cluster::keys;
use cluster_protocol::core::Core;
use cluster_protocol::input::Input;
use cluster_protocol::message::{Message, Uuid, Value};
use cluster_protocol::output::Output;
use cluster_protocol::packet::{Encoding, seal};
use cluster_protocol::resources::{JobEnd, JobId};
use cluster_protocol::settings::{
    AutoFailback, Autojoin, Identity, Medium, MediumId, MediumKind, MessageFormat, ResourceSettings, Settings,
};
use cluster_protocol::time::{Mono, Now, WallSeconds};
use std::time::Duration;

const KINDS: [&str; 12] = [
    "resource",
    "starting",
    "ask_resources",
    "shutdone",
    "ip-request",
    "ip-request-resp",
    "hb_takeover",
    "status",
    "stonith",
    "lvshagroups",
    "repnodes",
    "site",
];
const SETS: [&str; 5] = ["none", "local", "foreign", "all", "both"];
const COMMENTS: [&str; 9] =
    ["me", "other", "done", "mach_down", "shutdown", "standby", "partition", "req_our_resources()", "x"];
const STATUSES: [&str; 4] = ["init", "up", "active", "dead"];
/// The most that one input may bring about.
const OUTPUTS: usize = 1200;

fn settings(choice: u8) -> Settings {
    let nodes = ["n1", "n2", "n3"].into_iter().take(2 + usize::from(choice & 1)).map(str::to_owned).collect();
    Settings {
        node: "n1".into(),
        nodes,
        media: vec![Medium { name: "eth0".into(), kind: MediumKind::Network }],
        keepalive: Duration::from_millis(200),
        deadtime: Duration::from_secs(2),
        warntime: Duration::from_secs(1),
        deadping: Duration::from_secs(2),
        initdead: Duration::from_secs(3),
        hopfudge: 1,
        auto_failback: [AutoFailback::On, AutoFailback::Off, AutoFailback::Legacy][usize::from(choice >> 1) % 3],
        autojoin: Autojoin::None,
        msgfmt: MessageFormat::Classic,
        compression: cluster_protocol::compress::Compression::default(),
        max_rexmit_delay: Duration::from_millis(250),
        keys: keys(),
        resources: ResourceSettings {
            manages: true,
            held: None,
            homes: Vec::new(),
            leftovers: false,
            as_original: choice & 16 > 0,
        },
        has_stonith: choice & 32 > 0,
    }
}

struct Cluster {
    core: Core,
    now: u64,
    sequence: [u64; 2],
    jobs: Vec<JobId>,
    over: bool,
}

impl Cluster {
    fn feed(&mut self, input: Input<'_>) {
        if self.over {
            return;
        }
        let mut out = Vec::new();
        let now = Now { mono: Mono(self.now), wall: WallSeconds(1_700_000_000 + self.now / 1_000_000) };
        self.core.handle(now, input, &mut out);
        assert!(out.len() <= OUTPUTS, "{} outputs at once", out.len());
        for output in out {
            match output {
                Output::Run { id, .. } => {
                    assert!(!self.jobs.contains(&id), "a number was used twice");
                    self.jobs.push(id);
                }
                Output::Exit(_) => self.over = true,
                _ => {}
            }
        }
    }

    fn pass(&mut self, micros: u64) {
        let end = self.now + micros;
        let (mut ticks, mut last) = (0, self.now);
        while let Some(at) = self.core.next_deadline().filter(|at| at.0 <= end && !self.over) {
            self.now = self.now.max(at.0);
            ticks = if self.now == last { ticks + 1 } else { 0 };
            last = self.now;
            assert!(ticks < 20, "time does not pass: {:?}", self.core.resources());
            self.feed(Input::Tick);
        }
        self.now = end;
    }

    fn say(&mut self, from: usize, mut message: Message) {
        self.sequence[from] += 1;
        message.set_text("src", ["n2", "n3"][from]);
        message.set("srcuuid", Value::Binary(vec![from as u8 + 2; 16]));
        message.set_text("seq", format!("{:x}", self.sequence[from]));
        message.set_text("hg", "28");
        message.set_text("ts", "6553f100");
        message.set_text("ld", "0");
        message.set_text("ttl", "3");
        let bytes = seal(&message, &keys(), 2, Encoding::NetstringWithAuth, &Default::default());
        self.feed(Input::Datagram { medium: MediumId(0), bytes: &bytes, from: None });
    }

    fn status(&mut self, from: usize, word: &str, ours: bool) {
        let message = Message::of_type("status").with("st", word).with("dt", "7d0").with("protocol", "1");
        self.say(from, if ours { message.with("lvsha", "1") } else { message });
    }
}

fn word<'a>(words: &[&'a str], byte: u8) -> &'a str {
    words[usize::from(byte) % words.len()]
}

/// Runs the target on one input.
///
/// # Panics
/// If one input brings about too much, a child's number is used twice, or time stands still.
pub fn run(data: &[u8]) {
    let Some((choice, steps)) = data.split_first() else { return };
    let identity = Identity { uuid: Uuid([1; 16]), generation: 7 };
    let mut cluster = Cluster {
        core: Core::new(settings(*choice), identity, 1),
        now: 1_000_000,
        sequence: [0; 2],
        jobs: Vec::new(),
        over: false,
    };
    cluster.feed(Input::Start);
    cluster.status(0, "up", choice & 64 > 0);
    cluster
        .say(0, Message::of_type("repnodes").with("dest", "n1").with("nodelist", "n1 n2 n3 ").with("delnodelist", " "));
    cluster.status(0, "active", choice & 64 > 0);
    for step in steps.chunks_exact(4).take(400) {
        let [what, kind, set, comment] = [step[0], step[1], step[2], step[3]];
        let from = usize::from(what >> 7);
        let message = || {
            let message = Message::of_type(word(&KINDS, kind)).with("rsc_hold", word(&SETS, set));
            let message = message.with("info", word(&COMMENTS, comment));
            let message = if kind & 16 > 0 { message.with("rtype", "full") } else { message };
            let stable = ["0", "1"][usize::from(kind >> 6 & 1)];
            let message = if kind & 32 > 0 { message.with("isstable", stable) } else { message };
            if set & 16 > 0 {
                message.with("lvshahomes", "n2 n3 ").with("lvshagroups", "a|running|1|")
            } else {
                message
            }
        };
        match what & 0x7f {
            0..=50 => cluster.say(from, message()),
            51..=60 => cluster.feed(Input::Local(message())),
            61..=80 => cluster.status(from, word(&STATUSES, set), comment & 1 > 0),
            81..=95 => cluster.pass(u64::from(kind) * 20_000),
            96..=118 => {
                if !cluster.jobs.is_empty() {
                    let id = cluster.jobs[usize::from(kind) % cluster.jobs.len()];
                    let end = [JobEnd::Exited(0), JobEnd::Exited(1), JobEnd::Exited(100), JobEnd::Killed(9)];
                    let end = end[usize::from(set) % 4];
                    // One that was killed may be run again under its number.
                    cluster.jobs.retain(|other| *other != id);
                    cluster.feed(Input::JobEnded { id, end });
                }
            }
            119..=121 => cluster.feed(Input::JobEnded { id: JobId(u64::from(kind)), end: JobEnd::Exited(0) }),
            122 => cluster.feed(Input::Shutdown),
            123 => cluster.feed(Input::Restart),
            124 => cluster.feed(Input::ClientsStopped),
            125 => cluster.feed(Input::Groups("a|running|1|")),
            _ => cluster.pass(u64::from(kind) * 1_000_000),
        }
    }
    cluster.pass(4_000_000);
    let _ = cluster.core.resources();
}
