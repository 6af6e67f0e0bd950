//! The world: one queue of events in order of time, and what each of them does.

mod acts;
mod children;
mod ownership;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use cluster_protocol::core::Phase;
use cluster_protocol::event::Event;
use cluster_protocol::input::Input;
use cluster_protocol::message::Message;
use cluster_protocol::output::{Ending, Output};
use cluster_protocol::resources::event::ResourceEvent;
use cluster_protocol::rng::Rng;
use cluster_protocol::settings::{MediumId, MediumKind};

use crate::checks::{self, Pairs};
use crate::host::{Host, Packet, Waiting, mark};
use crate::log::Log;
use crate::machine::Group;
use crate::network::{HOSTS, Medium, spoil};
use crate::plan::{Act, Plan};
use crate::summary::{Summary, seconds};

/// How often all hosts are looked at (microseconds).
const LOOK: u64 = 250_000;
/// A cluster that was whole for so long stays so: longer than the grace and the last word after a partition.
const SETTLED: u64 = 4_500_000;
/// Packets that the attacker remembers.
const CAPTURES: usize = 64;
/// More events than any run needs by far.
const EVENTS: u64 = 300_000;
/// The message of the final round, and what local programs say before.
const FINAL: &str = "final";

#[derive(Debug)]
enum Happening {
    Arrive(usize, Packet),
    ClientsStopped(usize, u64),
    Wake(usize, u64),
    Reborn(usize, u64),
    Act(Act),
    /// The next step of a child, by host, start of the machine and number.
    Child(usize, u64, u64),
    /// `hb_standby` half a minute after a start failed.
    DelayedStandby(usize, u64, &'static str),
    Look,
}

pub(crate) struct World {
    now: u64,
    events: u64,
    queue: BTreeMap<(u64, u64), Happening>,
    pub(crate) hosts: Vec<Host>,
    pub(crate) media: Vec<Medium>,
    groups: Vec<Group>,
    /// Starts of these groups failed somewhere: they may be stopped everywhere.
    failed: Vec<Vec<usize>>,
    /// Groups that the original's protocol may leave on no node, or on two: see `ownership`.
    lost: BTreeSet<usize>,
    doubled: BTreeSet<usize>,
    /// Delayed standby requests that have not come yet.
    delayed: usize,
    /// When one of two nodes last believed the other dead although only a lossy medium could be blamed for it.
    missed: [[u64; HOSTS]; HOSTS],
    rng: Rng,
    log: Log,
    captures: Vec<(usize, Arc<[u8]>)>,
    pub(crate) ping: bool,
    heal: u64,
    pub(crate) healed: bool,
    whole_since: Option<u64>,
    pairs: Pairs,
    summary: Summary,
    /// Packets stand in the text of the log too.
    packets: bool,
}

impl World {
    pub(crate) fn new(seed: u64, trace: bool) -> Self {
        // Neighbouring seeds must not share their streams.
        let mut rng = Rng::new(Rng::new(seed).bits());
        let plan = Plan::new(&mut rng);
        let hosts = plan.settings.iter().enumerate();
        let hosts = hosts.map(|(index, settings)| Host::new(index, settings.clone(), &plan.groups, &mut rng)).collect();
        let mut world = Self {
            now: 0,
            events: 0,
            queue: BTreeMap::new(),
            hosts,
            media: plan.media,
            lost: BTreeSet::new(),
            doubled: BTreeSet::new(),
            failed: vec![Vec::new(); plan.groups.len()],
            groups: plan.groups,
            delayed: 0,
            missed: Default::default(),
            rng,
            log: Log::new(trace),
            captures: Vec::new(),
            ping: true,
            heal: plan.heal,
            healed: false,
            whole_since: None,
            pairs: Pairs::default(),
            summary: Summary::default(),
            packets: trace && std::env::var_os("SIM_PACKETS").is_some(),
        };
        let originals: Vec<bool> = plan.settings.iter().map(|settings| settings.resources.as_original).collect();
        let text = format!("{:?} originals {originals:?} {:?} {:?}", plan.settings[0], world.groups, plan.acts);
        world.log.bytes(text.as_bytes());
        world.log.say(0, || text);
        for (at, act) in plan.acts {
            world.at(at, Happening::Act(act));
        }
        world.at(LOOK, Happening::Look);
        world
    }

    /// Runs to the end: a whole cluster after the repair. The error says what went wrong when.
    pub(crate) fn run(mut self) -> Result<Summary, String> {
        let result = self.go();
        result.map(|()| self.summary).map_err(|what| format!("at {:.6} s: {what}", seconds(self.now)))
    }

    /// As [`run`](Self::run); the hash of the log, whatever came out.
    pub(crate) fn run_to_the_end(mut self) -> u64 {
        let result = format!("{:?}", self.go());
        self.log.bytes(result.as_bytes());
        self.log.hash()
    }

    fn at(&mut self, time: u64, event: Happening) {
        self.events += 1;
        self.queue.insert((time.max(self.now), self.events), event);
    }

    fn go(&mut self) -> Result<(), String> {
        loop {
            let ticks = self.hosts.iter().enumerate().filter(|(_, host)| !host.stalled);
            let ticks = ticks.filter_map(|(id, host)| Some((host.life.as_ref()?.tick?, id)));
            let tick = ticks.min();
            let next = self.queue.first_key_value().map(|(&(time, _), _)| time);
            if self.events > EVENTS {
                return Err("it never ends".into());
            }
            match (tick, next) {
                // What lies in the sockets comes before the timer.
                (Some((at, host)), next) if next.is_none_or(|next| at < next) => {
                    self.now = self.now.max(at);
                    self.tick(host)?;
                }
                (_, Some(_)) => {
                    let Some(((time, _), event)) = self.queue.pop_first() else { continue };
                    self.now = time;
                    if self.event(event)? {
                        return Ok(());
                    }
                }
                _ => return Err("nothing happens any more".into()),
            }
        }
    }

    /// True at the end.
    fn event(&mut self, event: Happening) -> Result<bool, String> {
        match event {
            Happening::Arrive(to, packet) => self.arrive(to, packet)?,
            Happening::ClientsStopped(host, life) => {
                if self.hosts[host].life_of(life).is_some() {
                    self.feed(host, Input::ClientsStopped, None)?;
                }
            }
            Happening::Wake(host, life) => {
                if self.hosts[host].life_of(life).is_some() {
                    self.wake(host)?;
                }
            }
            Happening::Reborn(host, lives) => {
                if self.hosts[host].life.is_none() && self.hosts[host].lives == lives {
                    self.start(host)?;
                }
            }
            Happening::Act(act) => self.act(&act)?,
            Happening::Child(host, boots, number) => {
                if self.hosts[host].machine.boots == boots {
                    self.step(host, number)?;
                }
            }
            Happening::DelayedStandby(host, boots, set) => {
                self.delayed -= 1;
                if self.hosts[host].machine.boots == boots {
                    self.say(host, ask(set))?;
                }
            }
            Happening::Look => return self.look(),
        }
        Ok(false)
    }

    fn start(&mut self, host: usize) -> Result<(), String> {
        if self.hosts[host].life.is_some() {
            return Ok(());
        }
        let seed = self.rng.bits();
        self.hosts[host].begin(self.now, seed);
        self.feed(host, Input::Start, None)
    }

    fn tick(&mut self, host: usize) -> Result<(), String> {
        self.feed(host, Input::Tick, None)?;
        // Becoming active shortens the patience with nodes: what that makes due needs a second tick, never a third.
        if self.due(host) {
            self.feed(host, Input::Tick, None)?;
            if self.due(host) {
                let deadline = self.hosts[host].life.as_ref().and_then(|life| life.core.next_deadline());
                return Err(format!("{}: {deadline:?} is over and Tick does not help", self.hosts[host].name));
            }
        }
        Ok(())
    }

    fn due(&self, host: usize) -> bool {
        let host = &self.hosts[host];
        let deadline = host.life.as_ref().and_then(|life| life.core.next_deadline());
        deadline.is_some_and(|at| at <= host.clocks(self.now).mono)
    }

    fn arrive(&mut self, to: usize, packet: Packet) -> Result<(), String> {
        let host = &mut self.hosts[to];
        if host.stalled {
            host.queue(Waiting::Packet(packet));
        } else if host.life.is_some() {
            let bytes = Arc::clone(&packet.bytes);
            let input = Input::Datagram { medium: MediumId(packet.medium), bytes: &bytes, from: None };
            self.feed(to, input, Some(packet.injected))?;
        }
        Ok(())
    }

    fn wake(&mut self, host: usize) -> Result<(), String> {
        self.hosts[host].stalled = false;
        self.hosts[host].awake_since = self.now;
        let inbox: VecDeque<Waiting> = std::mem::take(&mut self.hosts[host].inbox);
        for waiting in inbox {
            match waiting {
                Waiting::Packet(packet) => self.arrive(host, packet)?,
                Waiting::Message(message) => self.say(host, message)?,
                Waiting::Ended(life, id, end) => self.job_ended(host, life, id, end)?,
            }
        }
        if self.hosts[host].life.is_some() { self.tick(host) } else { Ok(()) }
    }

    /// One input, and everything that comes of it. `injected` is known for datagrams.
    fn feed(&mut self, id: usize, input: Input<'_>, injected: Option<bool>) -> Result<(), String> {
        let host = &mut self.hosts[id];
        let clocks = host.clocks(self.now);
        let Some(life) = &mut host.life else { return Ok(()) };
        let mut out = Vec::new();
        let name = &host.name;
        match &input {
            Input::Datagram { .. } => self.summary.packets += 1,
            other => self.log.say(self.now, || format!("{name} <- {other:?}")),
        }
        life.core.handle(clocks, input, &mut out);
        if out.len() > self.summary.outputs.0 {
            self.summary.outputs.0 = out.len();
        }
        checks::outputs(host, &out, injected)?;
        for output in out {
            self.perform(id, output)?;
        }
        self.arm(id);
        Ok(())
    }

    /// A local program writes into the FIFO; without a daemon that fails.
    fn say(&mut self, host: usize, message: Message) -> Result<(), String> {
        if self.hosts[host].stalled {
            self.hosts[host].queue(Waiting::Message(message));
            return Ok(());
        }
        self.feed(host, Input::Local(message), None)
    }

    /// The shell's timer: never early, a little late.
    fn arm(&mut self, id: usize) {
        let delay = self.rng.below(3000);
        let host = &mut self.hosts[id];
        let deadline = host.life.as_ref().and_then(|life| life.core.next_deadline());
        let at = deadline.map(|at| host.in_world(at).max(self.now) + delay);
        if let Some(life) = &mut host.life {
            life.tick = at;
        }
    }

    fn perform(&mut self, id: usize, output: Output) -> Result<(), String> {
        let number = self.hosts[id].lives;
        match output {
            Output::Send { medium, bytes } => self.send(id, medium.0, &bytes),
            Output::Log(event) => self.log_event(id, &event),
            Output::Deliver { message, .. } => {
                self.log.bytes(message.kind());
                let host = &mut self.hosts[id];
                if message.kind() == FINAL.as_bytes() {
                    host.finals.extend(message.text("src").map(<[u8]>::to_vec));
                }
                if let (Some(life), Some(mark)) = (&mut host.life, mark(&message)) {
                    life.delivered.insert(mark);
                    if matches!(message.kind(), b"ask_resources" | b"shutdone" | b"starting" | b"hb_takeover") {
                        life.undisturbed = false;
                    }
                }
                if message.kind() == b"shutdone" && message.str("src") == Some(&self.hosts[id].name) {
                    self.must_run_nothing(id, "says that it released everything")?;
                }
            }
            Output::Run { id: job, job: what } => self.run_child(id, job, &what)?,
            Output::StartClients => {
                if let Some(life) = &mut self.hosts[id].life {
                    life.clients = true;
                }
            }
            Output::StopClients => {
                let longest = if self.rng.below(4) == 0 { 1_000_000 } else { 5000 };
                let at = self.now + self.rng.below(longest);
                self.at(at, Happening::ClientsStopped(id, number));
                if let Some(life) = &mut self.hosts[id].life {
                    life.leaving = true;
                }
            }
            Output::Alive => {}
            Output::Exit(ending) => return self.exit(id, ending),
        }
        Ok(())
    }

    fn log_event(&mut self, id: usize, event: &Event) {
        let now = self.now;
        let text = format!("{}: {event:?}", self.hosts[id].name);
        let find = |name: &String| self.hosts.iter().position(|host| host.name == *name);
        match event {
            Event::ReturnedAfterPartition(name) => {
                let other = find(name);
                // Two of ours settle without a restart what both hold.
                let alone = |host: &Host| host.settings.resources.as_original || host.legacy();
                let restarts = other.is_some_and(|other| alone(&self.hosts[other])) || alone(&self.hosts[id]);
                if let Some(life) = &mut self.hosts[id].life {
                    life.undisturbed = false;
                    if restarts {
                        life.partition.get_or_insert(now);
                    }
                }
            }
            Event::NodeDead(name) => {
                let other = find(name);
                if let Some(life) = &mut self.hosts[id].life {
                    life.undisturbed = false;
                }
                if let Some(other) = other {
                    self.missed(id, other);
                    self.hosts[other].machine.lost.clear();
                }
            }
            Event::NodeRestarted(name) => {
                let other = find(name);
                if let Some(life) = &mut self.hosts[id].life {
                    life.undisturbed = false;
                }
                if let Some(other) = other {
                    self.restarted(id, other);
                }
            }
            Event::Resource(ResourceEvent::Settling(_)) => {
                if let Some(life) = &mut self.hosts[id].life {
                    life.undisturbed = false;
                }
            }
            _ => {}
        }
        self.log.bytes(text.as_bytes());
        self.log.say(now, || text);
    }

    fn exit(&mut self, id: usize, ending: Ending) -> Result<(), String> {
        let host = &mut self.hosts[id];
        let number = host.lives;
        let name = &host.name;
        self.log.say(self.now, || format!("{name} -> {ending:?}"));
        let held = host.life.as_ref().and_then(|life| life.core.held());
        let homes = host.life.as_ref().map(|life| life.core.homes()).unwrap_or_default();
        match ending {
            Ending::Restart { after_ms: 0 } => {
                self.must_rest(id)?;
                self.hosts[id].machine.held = held.filter(|_| self.hosts[id].settings.resources.manages);
                self.hosts[id].machine.homes = homes;
                self.summary.reloads += 1;
            }
            Ending::Restart { .. } | Ending::Stop => self.must_run_nothing(id, "ends")?,
            Ending::Emergency => return Err(format!("{} ends by force", self.hosts[id].name)),
        }
        self.hosts[id].end(self.now);
        if let Ending::Restart { after_ms } = ending {
            self.at(self.now + after_ms * 1000, Happening::Reborn(id, number));
        } else if self.healed {
            self.at(self.now + 500_000, Happening::Reborn(id, number));
        }
        Ok(())
    }

    fn send(&mut self, from: usize, medium: usize, bytes: &Arc<[u8]>) {
        self.log.bytes(bytes);
        if self.packets {
            let text =
                format!("{} ~> {medium}: {}", self.hosts[from].name, String::from_utf8_lossy(bytes).escape_debug());
            self.log.say(self.now, || text);
        }
        if self.captures.len() < CAPTURES {
            self.captures.push((medium, Arc::clone(bytes)));
        } else if self.rng.below(20) == 0 {
            let place = usize::try_from(self.rng.below(CAPTURES as u64)).unwrap();
            self.captures[place] = (medium, Arc::clone(bytes));
        }
        let ping = matches!(self.hosts[from].settings.media[medium].kind, MediumKind::Ping(_));
        for to in 0..self.hosts.len() {
            if ping && (to != from || !self.ping) {
                continue;
            }
            for (delay, spoiled) in self.media[medium].carry(from, to, &mut self.rng) {
                let bytes = if spoiled { spoil(bytes, &mut self.rng).into() } else { Arc::clone(bytes) };
                self.at(self.now + delay, Happening::Arrive(to, Packet { medium, bytes, injected: false }));
            }
        }
    }

    fn look(&mut self) -> Result<bool, String> {
        self.at(self.now + LOOK, Happening::Look);
        checks::partitions(self.now, &self.hosts)?;
        let longest = self.pairs.look(self.now, &self.hosts, &self.media)?;
        if seconds(longest) > self.summary.disagreed.0 {
            self.summary.disagreed.0 = seconds(longest);
        }
        if !self.healed {
            return Ok(false);
        }
        match checks::not_whole(&self.hosts).or_else(|| self.not_settled()) {
            None => {
                let since = *self.whole_since.get_or_insert(self.now);
                if self.now - since < SETTLED {
                    return Ok(false);
                }
                self.summary.whole_after.0 = seconds(since - self.heal);
                return self.finish().map(|()| true);
            }
            Some(why) => {
                self.whole_since = None;
                let bound = checks::whole_within(&self.hosts[0].settings);
                if self.now > self.heal + bound {
                    return Err(format!("not whole {:.1} s after the repair: {why}", seconds(bound)));
                }
            }
        }
        Ok(false)
    }

    /// In a whole cluster everybody hears what anybody says, once.
    fn finish(&mut self) -> Result<(), String> {
        let hosts = self.hosts.len();
        for host in 0..hosts {
            self.feed(host, Input::Local(Message::of_type(FINAL)), None)?;
        }
        let end = self.now + 2_000_000;
        while let Some(((time, _), event)) = self.queue.pop_first() {
            if time > end {
                break;
            }
            self.now = time;
            if let Happening::Arrive(to, packet) = event {
                self.arrive(to, packet)?;
            }
        }
        for host in &mut self.hosts {
            host.finals.sort();
            let heard: Vec<String> =
                host.finals.iter().map(|name| String::from_utf8_lossy(name).into_owned()).collect();
            let mut expected = host.settings.nodes.clone();
            expected.sort();
            if heard != expected {
                return Err(format!("{} heard the last words of {heard:?}", host.name));
            }
            if host.life.as_ref().is_none_or(|life| !life.clients || life.core.phase() != Phase::Active) {
                return Err(format!("{} did not start its clients", host.name));
            }
        }
        Ok(())
    }
}

/// What `hb_standby` writes into the FIFO.
fn ask(set: &str) -> Message {
    Message::of_type("ask_resources").with("rsc_hold", set).with("info", "me")
}
