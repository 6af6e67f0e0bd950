//! A few engines on a small network without loss, and peers made of single packets: what each must report and send.
//!
//! Times are those of the recorded traces: keepalive 200 ms, dead time 2 s, warning after 1 s, first dead time 5 s.

mod accept;
mod admin;
mod ends;
mod hostile;
mod keys;
mod liveness;
mod media;
mod peer;
mod reliable;
mod resources;
mod start;

use super::*;
use crate::auth::{AuthKeys, Key, Method};
use crate::compress::Compression;
use crate::fields::T_ACK;
use crate::message::{Message, Uuid};
use crate::output::Ending;
use crate::packet::open;
use crate::resources::{Job, JobEnd, JobId, Set};
use crate::settings::{AutoFailback, Autojoin, Medium, MessageFormat, ResourceSettings};
use crate::time::WallSeconds;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Way of a packet.
const LATENCY: u64 = 1000;

fn keys(active: u8) -> AuthKeys {
    let key = |index, method, secret: &str| Key { index, method, secret: secret.into() };
    AuthKeys { active, keys: vec![key(1, Method::Sha1, "SecretKey1"), key(2, Method::Md5, "Hello")] }
}

fn settings(node: &str, nodes: &[&str]) -> Settings {
    Settings {
        node: node.into(),
        nodes: nodes.iter().map(|&name| name.into()).collect(),
        media: vec![Medium { name: "eth0".into(), kind: MediumKind::Network }],
        keepalive: Duration::from_millis(200),
        deadtime: Duration::from_secs(2),
        warntime: Duration::from_secs(1),
        deadping: Duration::from_secs(2),
        initdead: Duration::from_secs(5),
        hopfudge: 1,
        auto_failback: AutoFailback::On,
        autojoin: Autojoin::None,
        msgfmt: MessageFormat::Classic,
        compression: Compression::default(),
        max_rexmit_delay: Duration::from_millis(250),
        keys: keys(1),
        resources: ResourceSettings::default(),
        has_stonith: false,
    }
}

/// A packet on its way: from, to, through, what.
type Flying = (usize, usize, MediumId, Arc<[u8]>);

/// The engines, the network between them, and everything that came out of them.
struct Net {
    now: u64,
    settings: Vec<Settings>,
    generations: Vec<u64>,
    cores: Vec<Option<Core>>,
    /// Ways that are cut, all media.
    cuts: BTreeSet<(usize, usize)>,
    /// By time and number.
    packets: BTreeMap<(u64, u64), Flying>,
    reborn: Vec<(u64, usize)>,
    /// Children at work: end, number, node, in which life.
    jobs: Vec<(u64, JobId, usize, u64, Job)>,
    /// How long each child works, in milliseconds.
    work: u64,
    /// Whose groups run on each node; a crash does not stop them.
    running: Vec<BTreeSet<String>>,
    /// Groups that began to run on a second node while both nodes heard each other.
    doubled: Vec<String>,
    /// Exit statuses of the next resets; 0 when there are none.
    fences: Vec<i32>,
    /// So many of the next children are killed.
    kills: u32,
    /// What a reload leaves to the next life.
    held: Vec<Option<Set>>,
    count: u64,
    out: Vec<(u64, usize, Output)>,
}

impl Net {
    /// One engine per name, none started.
    fn new(names: &[&str]) -> Self {
        Self::with(names, |_| {})
    }

    /// The same, with other settings.
    fn with(names: &[&str], change: impl Fn(&mut Settings)) -> Self {
        let mut settings: Vec<Settings> = names.iter().map(|name| settings(name, names)).collect();
        settings.iter_mut().for_each(change);
        Self {
            now: 0,
            generations: vec![100; names.len()],
            cores: names.iter().map(|_| None).collect(),
            settings,
            cuts: BTreeSet::new(),
            packets: BTreeMap::new(),
            reborn: Vec::new(),
            jobs: Vec::new(),
            work: 10,
            running: vec![BTreeSet::new(); names.len()],
            doubled: Vec::new(),
            fences: Vec::new(),
            kills: 0,
            held: vec![None; names.len()],
            count: 0,
            out: Vec::new(),
        }
    }

    /// The first of these nodes only, started; the others are for [`peer::Peer`].
    fn alone(names: &[&str]) -> Self {
        let mut net = Self::new(names);
        net.start(0);
        net
    }

    fn start(&mut self, node: usize) {
        self.generations[node] += 1;
        let uuid = Uuid([u8::try_from(node).unwrap() + 1; 16]);
        let identity = Identity { uuid, generation: self.generations[node] };
        let mut settings = self.settings[node].clone();
        settings.resources.held = self.held[node].take();
        self.cores[node] = Some(Core::new(settings, identity, 7 + node as u64));
        self.feed(node, Input::Start);
    }

    fn start_all(&mut self) {
        (0..self.cores.len()).for_each(|node| self.start(node));
    }

    /// All started and active.
    fn active(names: &[&str]) -> Self {
        let mut net = Self::new(names);
        net.start_all();
        net.run(7000);
        assert!((0..names.len()).all(|node| net.core(node).phase() == Phase::Active));
        net.out.clear();
        net
    }

    fn core(&self, node: usize) -> &Core {
        self.cores[node].as_ref().expect("it runs")
    }

    /// What `node` thinks of the node of that name.
    fn view(&self, node: usize, name: &str) -> &Node {
        self.core(node).nodes().find(|node| node.name == name).expect("a known node")
    }

    fn feed(&mut self, node: usize, input: Input<'_>) {
        let now = Now { mono: Mono(self.now + 1_000_000), wall: WallSeconds(1_700_000_000 + self.now / 1_000_000) };
        let Some(core) = &mut self.cores[node] else { return };
        let mut out = Vec::new();
        core.handle(now, input, &mut out);
        let held = core.held();
        let mut stop_clients = false;
        for output in out {
            match &output {
                Output::Send { medium, bytes } => self.carry(node, *medium, bytes),
                Output::StopClients => stop_clients = true,
                Output::Run { id, job } => {
                    let life = self.generations[node];
                    self.jobs.push((self.now + self.work * 1000, *id, node, life, job.clone()));
                }
                Output::Exit(ending) => {
                    self.cores[node] = None;
                    if *ending == (Ending::Restart { after_ms: 0 }) {
                        self.held[node] = held;
                    }
                    if let Ending::Restart { after_ms } = ending {
                        self.reborn.push((self.now + after_ms * 1000, node));
                    }
                }
                _ => {}
            }
            self.out.push((self.now, node, output));
        }
        if stop_clients {
            self.feed(node, Input::ClientsStopped);
        }
    }

    fn carry(&mut self, from: usize, medium: MediumId, bytes: &Arc<[u8]>) {
        if matches!(self.settings[from].media[medium.0].kind, MediumKind::Ping(_)) {
            return;
        }
        for to in 0..self.cores.len() {
            self.count += 1;
            self.packets.insert((self.now + LATENCY, self.count), (from, to, medium, Arc::clone(bytes)));
        }
    }

    /// Lets so many milliseconds pass.
    fn run(&mut self, ms: u64) {
        let end = self.now + ms * 1000;
        loop {
            let deadline = |(node, core): (usize, &Option<Core>)| {
                Some((core.as_ref()?.next_deadline()?.0.saturating_sub(1_000_000).max(self.now), node))
            };
            let tick = self.cores.iter().enumerate().filter_map(deadline).min();
            let packet = self.packets.first_key_value().map(|(key, _)| key.0);
            let birth = self.reborn.iter().min().copied();
            let job = self.jobs.iter().map(|job| job.0).min();
            let next = [tick.map(|tick| tick.0), packet, birth.map(|birth| birth.0), job].into_iter().flatten().min();
            let Some(next) = next.filter(|&next| next <= end) else { break };
            self.now = next;
            if packet == Some(next) {
                let Some((_, (from, to, medium, bytes))) = self.packets.pop_first() else { break };
                if !self.cuts.contains(&(from, to)) {
                    self.feed(to, Input::Datagram { medium, bytes: &bytes, from: None });
                }
            } else if job == Some(next) {
                self.end_job(next);
            } else if let Some((_, node)) = birth.filter(|birth| birth.0 == next) {
                self.reborn.retain(|&(_, other)| other != node);
                self.start(node);
            } else if let Some((_, node)) = tick {
                self.feed(node, Input::Tick);
            }
        }
        self.now = end;
    }

    /// A child's end, and what it said before: scripts speak through the FIFO.
    fn end_job(&mut self, at: u64) {
        let Some(place) = self.jobs.iter().position(|job| job.0 == at) else { return };
        let (_, id, node, life, job) = self.jobs.remove(place);
        if self.generations[node] != life || self.cores[node].is_none() {
            return;
        }
        if self.kills > 0 {
            self.kills -= 1;
            self.feed(node, Input::JobEnded { id, end: JobEnd::Killed(9) });
            return;
        }
        if matches!(job, Job::Fence { .. }) {
            let status = if self.fences.is_empty() { 0 } else { self.fences.remove(0) };
            self.feed(node, Input::JobEnded { id, end: JobEnd::Exited(status) });
            return;
        }
        self.work_done(node, &job);
        if let Job::Script { kind, message } = &job {
            if kind == "status" && message.str("st") == Some("dead") && message.str("info").is_none() {
                let told = Message::of_type("resource").with("rsc_hold", "foreign").with("info", "mach_down");
                if self.settings[node].auto_failback != AutoFailback::Legacy {
                    self.feed(node, Input::Local(told));
                }
            }
        }
        self.feed(node, Input::JobEnded { id, end: JobEnd::Exited(0) });
    }

    /// What a child leaves behind: groups, by the names of their nodes.
    fn work_done(&mut self, node: usize, job: &Job) {
        let names = self.settings[node].nodes.clone();
        let own = self.settings[node].node.clone();
        let of = |set: Set, only: &[String]| {
            let in_set = |name: &&String| if **name == own { set.has(Set::LOCAL) } else { set.has(Set::FOREIGN) };
            let found = names.iter().filter(in_set).filter(|name| only.is_empty() || only.contains(name));
            found.cloned().collect::<Vec<_>>()
        };
        match job {
            Job::AcquireLocal { .. } => self.begin_to_run(node, vec![own.clone()]),
            Job::Acquire { set, only } => self.begin_to_run(node, of(*set, only)),
            Job::Release { set, only } => of(*set, only).iter().for_each(|name| {
                self.running[node].remove(name);
            }),
            Job::GiveUp => self.running[node].clear(),
            Job::Script { kind, message } if kind == "status" && message.str("st") == Some("dead") => {
                let dead = message.str("src").unwrap_or_default().to_owned();
                self.begin_to_run(node, vec![dead]);
            }
            _ => {}
        }
    }

    fn begin_to_run(&mut self, node: usize, names: Vec<String>) {
        for name in names {
            if !self.running[node].insert(name.clone()) {
                continue;
            }
            for other in (0..self.cores.len()).filter(|&other| other != node) {
                let hears = !self.cuts.contains(&(node, other)) && self.cores[other].is_some();
                if hears && self.running[other].contains(&name) {
                    self.doubled.push(format!("{name} at {} ms on {node}, held by {other}", self.now / 1000));
                }
            }
        }
    }

    /// Whose groups run where, in short: `alfa:alfa brav | brav:`.
    fn holders(&self) -> String {
        let shown = |node: usize| {
            let running: Vec<&str> = self.running[node].iter().map(String::as_str).collect();
            format!("{}:{}", self.settings[node].node, running.join("+"))
        };
        (0..self.cores.len()).map(shown).collect::<Vec<_>>().join(" ")
    }

    /// Children that a node started, with times in milliseconds; scripts that do nothing are left out.
    fn calls(&self, node: usize) -> Vec<(u64, String)> {
        let jobs = self.out.iter().filter(|(_, who, _)| *who == node).filter_map(|(at, _, output)| match output {
            Output::Run { job: Job::Script { kind, message }, .. } => {
                let status = message.str("st").unwrap_or_default();
                let about = message.str("src").unwrap_or_default();
                (kind != "stonith" && (kind != "status" || status == "dead"))
                    .then(|| (at / 1000, format!("{kind} {status} {about}")))
            }
            Output::Run { job: Job::Acquire { set, only }, .. } => {
                Some((at / 1000, format!("acquire {} {}", set.word(), only.join("+"))))
            }
            Output::Run { job: Job::Release { set, only }, .. } => {
                Some((at / 1000, format!("release {} {}", set.word(), only.join("+"))))
            }
            Output::Run { job, .. } => Some((at / 1000, job.name())),
            _ => None,
        });
        jobs.map(|(at, text)| (at, text.trim_end().to_owned())).collect()
    }

    /// Cuts or joins two nodes, both ways.
    fn cut(&mut self, a: usize, b: usize, cut: bool) {
        for way in [(a, b), (b, a)] {
            if cut {
                self.cuts.insert(way);
            } else {
                self.cuts.remove(&way);
            }
        }
    }

    /// What a node reported, with times in milliseconds.
    fn events(&self, node: usize) -> Vec<(u64, Event)> {
        let events = self.out.iter().filter(|(_, who, _)| *who == node).filter_map(|(at, _, output)| match output {
            Output::Log(event) => Some((at / 1000, event.clone())),
            _ => None,
        });
        events.collect()
    }

    /// When it reported this first, in milliseconds.
    fn when(&self, node: usize, wanted: &Event) -> Option<u64> {
        self.events(node).into_iter().find(|(_, event)| event == wanted).map(|(at, _)| at)
    }

    fn has(&self, node: usize, wanted: &Event) -> bool {
        self.when(node, wanted).is_some()
    }

    /// The packets that a node sent through its first medium.
    fn packets(&self, node: usize) -> Vec<(u64, Arc<[u8]>)> {
        let sent = self.out.iter().filter(|(_, who, _)| *who == node).filter_map(|(at, _, output)| match output {
            Output::Send { medium: MediumId(0), bytes } => Some((at / 1000, Arc::clone(bytes))),
            _ => None,
        });
        sent.collect()
    }

    /// The messages that a node sent, with times in milliseconds.
    fn sent(&self, node: usize) -> Vec<(u64, Message)> {
        let packets = self.packets(node).into_iter();
        packets.map(|(at, bytes)| (at, open(&bytes, &keys(1)).expect("it opens").message)).collect()
    }

    /// Those of one type.
    fn sent_of(&self, node: usize, kind: &str) -> Vec<(u64, Message)> {
        self.sent(node).into_iter().filter(|(_, message)| message.kind() == kind.as_bytes()).collect()
    }

    /// What a node sent, in short: type and status, no acknowledgement, equal ones in a row once.
    fn story(&self, node: usize) -> Vec<String> {
        let mut story: Vec<String> = self
            .sent(node)
            .iter()
            .filter(|(_, message)| message.kind() != T_ACK.as_bytes())
            .map(|(_, message)| match message.str("st").filter(|_| message.kind() == b"status") {
                Some(status) => format!("status {status} {}", message.str("dt").unwrap_or_default()),
                None => String::from_utf8_lossy(message.kind()).into_owned(),
            })
            .collect();
        story.dedup();
        story
    }

    /// What a node handed to scripts and clients of others' messages, by type.
    fn delivered(&self, node: usize, kind: &str) -> Vec<Message> {
        let own = self.settings[node].node.clone();
        let messages = self.out.iter().filter(|(_, who, _)| *who == node).filter_map(|(_, _, output)| match output {
            Output::Deliver { message, .. } => Some(message.clone()),
            _ => None,
        });
        messages.filter(|message| message.kind() == kind.as_bytes() && message.str("src") != Some(&own)).collect()
    }

    fn exits(&self, node: usize) -> Vec<(u64, Ending)> {
        let exits = self.out.iter().filter(|(_, who, _)| *who == node).filter_map(|(at, _, output)| match output {
            Output::Exit(ending) => Some((at / 1000, *ending)),
            _ => None,
        });
        exits.collect()
    }
}
