//! The running daemon: one thread, one loop, around the protocol's core.
//!
//! Whatever happens becomes an input of the core; what comes out is performed at once. A part that fails (a medium,
//! the FIFO, the watchdog, a child, a log target) is logged and repaired or left; the loop goes on.
//!
//! Packets come first: before the core is told that time has passed, everything that the media have received is
//! handed over. A process that was held up (suspended, swapped, starved) therefore never takes a peer for dead whose
//! messages lie unread in a socket.

use crate::admin_fifo::AdminFifo;
use crate::api::{Api, Around};
use crate::children::Children;
use crate::hostcache::Keeper;
use crate::hup::Reading;
use crate::identity::reason;
use crate::jobs::{Jobs, Started};
use crate::line::Severity;
use crate::links::Links;
use crate::loading::Options;
use crate::log::Log;
use crate::reload::Stamps;
use crate::truth::{self, Teller};
use crate::{events, hup};
use cluster_protocol::core::{Core, Phase};
use cluster_protocol::event::Event;
use cluster_protocol::fields::{T_ADDNODE, T_DELNODE, T_SETSITE, T_SETWEIGHT};
use cluster_protocol::input::Input;
use cluster_protocol::message::Message;
use cluster_protocol::output::{Ending, Output};
use cluster_protocol::settings::Medium;
use cluster_protocol::time::{Mono, Now, WallSeconds};
use ha_config::config::Config;
use ha_sys::poll::{Interest, Poller, Ready};
use ha_sys::signals::Signals;
use ha_sys::watchdog::Watchdog;
use ha_sys::{child, clock, realtime};
use nix::sys::signal::Signal;
use std::collections::VecDeque;
use std::time::Duration;

/// Tokens of the poller: media are counted from [`FIRST_MEDIUM`].
const SIGNALS: u64 = 0;
const FIFO: u64 = 1;
/// The end of a look at the configuration.
const READING: u64 = 2;
/// The first token that is a descriptor of a medium.
pub const FIRST_MEDIUM: u64 = 3;

/// How often the media are asked for more before time passes: with 64 packets each time, more than a socket's buffer
/// holds, so what was there when the deadline came is read; and a flood cannot keep the deadline away.
const ROUNDS: u32 = 64;
/// How often the system's load is read.
const LOAD_INTERVAL: Duration = Duration::from_secs(1);

/// Messages that change what is remembered of members.
const REMEMBERED: [&str; 4] = [T_ADDNODE, T_DELNODE, T_SETWEIGHT, T_SETSITE];

/// The signals that the daemon takes; all of them are blocked, the ones that are ignored too.
pub const TAKEN: [Signal; 10] = [
    Signal::SIGTERM,
    Signal::SIGHUP,
    Signal::SIGUSR1,
    Signal::SIGUSR2,
    Signal::SIGCHLD,
    Signal::SIGINT,
    Signal::SIGPIPE,
    Signal::SIGALRM,
    Signal::SIGTTIN,
    Signal::SIGTTOU,
];

/// Everything that a daemon is made of.
#[derive(Debug)]
pub struct Daemon {
    /// The protocol.
    pub core: Core,
    /// What it was started with.
    pub config: Config,
    /// What the command line said about it.
    pub options: Options,
    /// The files it was started with.
    pub stamps: Stamps,
    /// A look at the files that is under way, after a `SIGHUP`.
    pub reading: Option<Reading>,
    /// Keeps the members for the next start.
    pub keeper: Keeper,
    /// Where lines go.
    pub log: Log,
    /// What is waited for.
    pub poller: Poller,
    /// Signals.
    pub signals: Signals,
    /// The media.
    pub links: Links,
    /// Messages of scripts; none if the FIFO could not be made.
    pub fifo: Option<AdminFifo>,
    /// Local clients.
    pub api: Api,
    /// The respawn children.
    pub children: Children,
    /// Children that work on resources.
    pub jobs: Jobs,
    /// What status commands show.
    pub teller: Teller,
    /// The watchdog device.
    pub watchdog: Option<Watchdog>,
    /// Whether the last write to it failed.
    pub watchdog_failed: bool,
}

/// What the loop keeps between its turns.
#[derive(Default)]
struct Work {
    /// What the core wants.
    outputs: Vec<Output>,
    /// What the core shall be told next.
    inputs: VecDeque<Input<'static>>,
    buffer: Vec<u8>,
    ready: Vec<Ready>,
    load_due: Mono,
    /// A child that works on resources ended: groups may have changed.
    groups_changed: bool,
    /// Something about resources happened: status commands are to see it.
    view_changed: bool,
    ending: Option<Ending>,
}

/// The clocks, read now.
#[must_use]
pub fn now() -> Now {
    let mono = Mono(u64::try_from(clock::monotonic().as_micros()).unwrap_or(u64::MAX));
    Now { mono, wall: WallSeconds(clock::wall_seconds()) }
}

impl Daemon {
    /// Runs until the core says how to end.
    pub fn run(&mut self) -> Ending {
        let mut work = Work { buffer: vec![0; 65_536], ..Work::default() };
        self.register();
        self.refresh_load(&mut work);
        work.inputs.push_back(Input::Start);
        loop {
            self.settle(&mut work);
            if let Some(ending) = work.ending {
                return ending;
            }
            let timeout = self.next_deadline().map(|deadline| deadline.since(now().mono));
            self.wait(timeout, &mut work);
            self.take_ready(&mut work);
            let mut due = self.next_deadline().is_some_and(|deadline| deadline <= now().mono);
            for _ in 0..ROUNDS {
                if !due {
                    break;
                }
                self.wait(Some(Duration::ZERO), &mut work);
                due = work.ready.iter().any(|ready| ready.token >= FIRST_MEDIUM && !Api::owns(ready.token));
                self.take_ready(&mut work);
            }
            self.time_passes(&mut work);
        }
    }

    fn register(&mut self) {
        let result = self.poller.add(&self.signals, SIGNALS, Interest::READ);
        let fifo = self.fifo.as_ref().map_or(Ok(()), |fifo| self.poller.add(fifo, FIFO, Interest::READ));
        for failure in [result.err(), fifo.err()].into_iter().flatten() {
            self.log.error(&format!("Cannot wait for events: {failure}"));
        }
        self.links.register(&self.poller);
    }

    fn next_deadline(&self) -> Option<Mono> {
        let parts = [
            self.core.next_deadline(),
            self.children.next_deadline(),
            self.links.next_deadline(),
            self.api.next_deadline(),
        ];
        parts.into_iter().flatten().min()
    }

    fn wait(&mut self, timeout: Option<Duration>, work: &mut Work) {
        work.ready.clear();
        if let Err(failure) = self.poller.wait(timeout, &mut work.ready) {
            // Nothing can be waited for: without this pause the loop would burn the processor.
            self.log.error(&format!("Cannot wait for events: {failure}"));
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// Reads once from everything that is ready.
    fn take_ready(&mut self, work: &mut Work) {
        let ready = std::mem::take(&mut work.ready);
        for event in &ready {
            match event.token {
                SIGNALS => self.take_signals(work),
                FIFO => self.take_messages(work),
                READING => self.take_configuration(work),
                token if Api::owns(token) => self.clients(work, |api, around| api.take(*event, around)),
                _ => self.take_packets(*event, work),
            }
            self.settle(work);
        }
        work.ready = ready;
    }

    fn take_packets(&mut self, event: Ready, work: &mut Work) {
        let Self { core, links, poller, .. } = self;
        let Work { outputs, buffer, .. } = work;
        links.take(event, now().mono, poller, buffer, &mut |medium, bytes, from| {
            core.handle(now(), Input::Datagram { medium, bytes, from }, outputs);
        });
        self.log_links();
    }

    /// Lets local clients have their turn; what they send goes to the core.
    fn clients(&mut self, work: &mut Work, turn: impl FnOnce(&mut Api, Around<'_>) -> Vec<Message>) {
        let around = Around { core: &self.core, now: now(), poller: &self.poller };
        work.inputs.extend(turn(&mut self.api, around).into_iter().map(Input::Local));
    }

    fn take_messages(&mut self, work: &mut Work) {
        let Some(fifo) = &mut self.fifo else { return };
        for result in fifo.read(now().mono, &mut work.buffer) {
            match result {
                Ok(message) => work.inputs.push_back(Input::Local(message)),
                Err(lines) => self.log.lines(lines),
            }
        }
    }

    fn take_signals(&mut self, work: &mut Work) {
        while let Some(signal) = self.signals.next() {
            match signal {
                Signal::SIGTERM => work.inputs.push_back(Input::Shutdown),
                Signal::SIGHUP => self.reread(),
                Signal::SIGUSR1 => self.change_debug(1),
                Signal::SIGUSR2 => self.change_debug(-1),
                Signal::SIGCHLD => self.reap(work),
                _ => {}
            }
        }
        self.children_settle(work);
    }

    /// Children that ended. What they wrote into the FIFO before is read first.
    fn reap(&mut self, work: &mut Work) {
        self.take_messages(work);
        while let Some((pid, how)) = child::reap() {
            if let Some((id, end)) = self.jobs.ended(pid, how, &self.log) {
                work.inputs.push_back(Input::JobEnded { id, end });
                work.groups_changed = true;
            } else {
                self.children.ended(pid, how, now().mono, &self.log);
            }
        }
    }

    fn change_debug(&self, by: i8) {
        self.log.change_debug(by);
        self.log.lines(events::counters(self.core.counters()));
    }

    fn reread(&mut self) {
        if hup::begin(self) {
            let result =
                self.reading.as_ref().map_or(Ok(()), |reading| self.poller.add(reading, READING, Interest::READ));
            if let Err(failure) = result {
                self.log.error(&format!("Cannot wait for events: {failure}"));
            }
        }
    }

    fn take_configuration(&mut self, work: &mut Work) {
        let (input, again) = hup::end(self);
        work.inputs.extend(input);
        if again {
            self.reread();
        }
    }

    /// Gives the core, the children and the media their turn when their time has come.
    fn time_passes(&mut self, work: &mut Work) {
        let now = now();
        if self.core.next_deadline().is_some_and(|deadline| deadline <= now.mono) {
            self.refresh_load(work);
            work.inputs.push_back(Input::Tick);
        }
        if self.children.next_deadline().is_some_and(|deadline| deadline <= now.mono) {
            self.children.tick(now.mono, &self.log);
            self.children_settle(work);
        }
        if self.links.next_deadline().is_some_and(|deadline| deadline <= now.mono) {
            self.links.tick(now.mono, &self.poller);
            self.log_links();
        }
        if self.api.next_deadline().is_some_and(|deadline| deadline <= now.mono) {
            self.clients(work, Api::tick);
        }
    }

    fn children_settle(&mut self, work: &mut Work) {
        if self.children.take_stopped() {
            work.inputs.push_back(Input::ClientsStopped);
        }
    }

    fn refresh_load(&mut self, work: &mut Work) {
        let now = now();
        if work.load_due > now.mono {
            return;
        }
        work.load_due = now.mono + LOAD_INTERVAL;
        if let Some(load) = realtime::load_average() {
            self.core.handle(now, Input::Load(&load), &mut work.outputs);
        }
    }

    /// Hands inputs over and performs outputs until there are none.
    fn settle(&mut self, work: &mut Work) {
        loop {
            let outputs = std::mem::take(&mut work.outputs);
            for output in &outputs {
                self.perform(output, work);
            }
            if work.outputs.is_empty() {
                // Keeps its memory for the next time.
                work.outputs = outputs;
                work.outputs.clear();
                let Some(input) = work.inputs.pop_front() else { break };
                self.core.handle(now(), input, &mut work.outputs);
            }
        }
        self.tell(work);
    }

    /// What became of resources, for status commands here and on peers.
    fn tell(&mut self, work: &mut Work) {
        if std::mem::take(&mut work.groups_changed) {
            self.core.handle(now(), Input::Groups(&truth::groups()), &mut work.outputs);
            work.view_changed = true;
        }
        if std::mem::take(&mut work.view_changed) {
            self.teller.tell(&self.core, clock::wall_seconds());
        }
    }

    fn perform(&mut self, output: &Output, work: &mut Work) {
        match output {
            Output::Send { medium, bytes } => {
                self.links.send(*medium, bytes, now().mono, &self.poller);
                self.log_links();
            }
            // Belongs behind the end of the media: see `restart`.
            Output::Log(Event::RestartTriggered) => {}
            Output::Log(event) => {
                self.log_event(event);
                self.note_members(event);
                self.clients(work, |api, around| api.report(event, around));
                work.view_changed |= self.concerns_resources(event);
            }
            Output::Deliver { message, news } => {
                self.deliver(message);
                self.clients(work, |api, around| api.deliver(message, *news, around));
                if *news && REMEMBERED.iter().any(|kind| message.kind() == kind.as_bytes()) {
                    self.keeper.note(&self.core);
                }
            }
            Output::Run { id, job } => {
                let (id, status) = (*id, self.core.status());
                if let Started::Ended(end) = self.jobs.start(id, job, status, &self.log) {
                    work.inputs.push_back(Input::JobEnded { id, end });
                }
                work.view_changed = true;
            }
            Output::StartClients => {
                let around = Around { core: &self.core, now: now(), poller: &self.poller };
                self.api.open(around);
                self.children.start(now().mono, &self.log);
            }
            Output::StopClients => {
                self.children.stop(now().mono, &self.log);
                self.children_settle(work);
            }
            Output::Alive => {
                self.feed_watchdog();
                if let Some(line) = self.keeper.go_on() {
                    self.log.line(&line);
                }
            }
            Output::Exit(ending) => {
                if *ending == Ending::Emergency {
                    self.jobs.kill();
                }
                work.ending = Some(*ending);
            }
        }
    }

    fn log_event(&self, event: &Event) {
        if matches!(event, Event::BadPackets { .. }) && !self.config.logging.bad_packets {
            return;
        }
        self.log.lines(events::lines(event, self.media(), std::process::id()));
    }

    /// Whether the event belongs into what status commands show; the last one does as text.
    fn concerns_resources(&mut self, event: &Event) -> bool {
        match event {
            Event::Resource(_) => {
                let lines = events::lines(event, self.media(), std::process::id());
                if let Some((_, text)) = lines.iter().find(|(severity, _)| *severity != Severity::Debug) {
                    self.teller.note(text, clock::wall_seconds());
                }
                true
            }
            Event::LocalStatus(_) | Event::NodeStatus { .. } | Event::NodeDead(_) => true,
            _ => false,
        }
    }

    /// What may change the files of members. Ids come with the first message of a node, and so does its first status.
    fn note_members(&mut self, event: &Event) {
        let changes = matches!(
            event,
            Event::CommunicationUp
                | Event::NodeAdded(_)
                | Event::NodeJoined(_)
                | Event::NodeRemoved(_)
                | Event::NodeStatus { .. }
                | Event::UuidChanged { .. }
        );
        if changes && self.core.phase() == Phase::Active {
            self.keeper.note(&self.core);
        }
    }

    fn media(&self) -> &[Medium] {
        &self.core.settings().media
    }

    fn log_links(&mut self) {
        for line in self.links.take_lines() {
            self.log.line(&line);
        }
    }

    /// An accepted message. Nobody takes part yet: `rc.d` scripts will get it here.
    fn deliver(&self, message: &Message) {
        if self.log.debugs() {
            self.log.debug(&format!("message {}", message.kind().escape_ascii()));
        }
    }

    fn feed_watchdog(&mut self) {
        let Some(watchdog) = &mut self.watchdog else { return };
        let result = watchdog.feed();
        // Said once; the next byte may get through.
        if let (Err(failure), false) = (&result, self.watchdog_failed) {
            self.log.error(&format!("Watchdog write failure: {}", reason(failure)));
        }
        self.watchdog_failed = result.is_err();
    }
}
