//! The dialogue of two `ipfail`s, as a state machine without I/O.
//!
//! | event | answer |
//! |---|---|
//! | a link died, a ping node answers again, another `ipfail` came | tell the others how many ping nodes I see |
//! | I see more than the other | tell it: `you_are_dead` |
//! | I see less, or am told so | give up everything, after twice the heartbeat interval |
//! | we see equally many | tell it: `abort_giveup`; my own give-up is cancelled |
//! | the same, none was due, and groups return to their owners | give up what is not mine |
//! | `abort_giveup` | cancel |
//!
//! Source: client API specification, section 5, and resource specification, section 10. Two points differ from the
//! originals, in which a give-up that comes while resources move is put off until the peer says it is stable, then for
//! ten more seconds in which nothing else is heard: here it is tried again every second. And the count goes to every
//! other member, not to the last one of the list only; with two nodes that is the same.

use heartbeat_client::{Event, Message};
use std::time::Duration;

/// How many ping nodes the sender sees.
const COUNT: &str = "num_ping_nodes";
/// The receiver sees fewer than the sender.
const YOU_ARE_DEAD: &str = "you_are_dead";
/// Both see equally many.
const ABORT: &str = "abort_giveup";
/// The daemons' standby dialogue.
const STANDBY: &str = "ask_resources";
/// The daemons' news of who holds what.
const RESOURCE: &str = "resource";
/// What `getrsc` says while resources move.
const TRANSITION: &str = "transition";
/// How often a give-up that cannot be done now is tried again.
const RETRY: Duration = Duration::from_secs(1);

/// What is asked of the daemon before a decision.
pub trait Cluster {
    /// How many nodes have the status `ping`; a group of ping nodes counts one. `None` if there is no answer: then
    /// nothing is decided, because not to know is no reason to give up.
    fn ping_nodes(&mut self) -> Option<usize>;
    /// What this node holds, or `transition`; `None` if there is no answer, which counts as stable.
    fn resources(&mut self) -> Option<String>;
    /// The names of the other members.
    fn others(&mut self) -> Vec<String>;
}

/// Who reads a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// Administrators.
    Info,
    /// Whoever looks for an error.
    Debug,
}

/// One thing to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Send a message to the namesakes on a node, or on all without `dest`.
    Send(Message),
    /// Write a log line.
    Log(Level, String),
}

/// Which groups are given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Set {
    All,
    Foreign,
}

impl Set {
    fn word(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Foreign => "foreign",
        }
    }
}

/// A give-up that is due at `at`.
#[derive(Debug, Clone, Copy)]
struct Timer {
    id: u32,
    at: Duration,
    set: Set,
    /// It was tried once, and resources were moving.
    again: bool,
}

/// One `ipfail`. All times are since any fixed moment.
#[derive(Debug, Clone)]
pub struct Ipfail {
    me: String,
    auto_failback: bool,
    keepalive: Duration,
    timer: Option<Timer>,
    timers: u32,
    out: Vec<Action>,
}

impl Ipfail {
    /// One that has seen nothing yet. `me` is this node, `auto_failback` whether groups return to their owners.
    #[must_use]
    pub fn new(me: &str, auto_failback: bool, keepalive: Duration) -> Self {
        Self { me: me.to_owned(), auto_failback, keepalive, timer: None, timers: 0, out: Vec::new() }
    }

    /// When [`tick`](Self::tick) is wanted.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Duration> {
        self.timer.map(|timer| timer.at)
    }

    /// Something happened in the cluster.
    pub fn handle(&mut self, now: Duration, event: &Event, cluster: &mut dyn Cluster) -> Vec<Action> {
        match event {
            Event::Node { node, status } => self.node(node, status, cluster),
            Event::Link { node, link, status } => {
                self.info(format!("Link Status update: Link {node}/{link} now has status {status}"));
                if status == "dead" {
                    let Some(count) = cluster.ping_nodes() else { return std::mem::take(&mut self.out) };
                    self.info(if count > 0 { "Checking remote count of ping nodes." } else { "We are dead. :<" });
                    self.ask(cluster);
                }
            }
            Event::Client { node, client, status } => {
                if status == "join" && client == "ipfail" && *node != self.me {
                    self.debug(format!("Got join message from another ipfail client. ({node})"));
                    self.ask(cluster);
                }
            }
            Event::Message(message) => self.message(now, message, cluster),
        }
        std::mem::take(&mut self.out)
    }

    /// The give-up is due if its time has come.
    pub fn tick(&mut self, now: Duration, cluster: &mut dyn Cluster) -> Vec<Action> {
        let Some(timer) = self.timer.filter(|timer| timer.at <= now) else { return Vec::new() };
        if !timer.again {
            self.info("giveup() called (timeout worked)");
        }
        if cluster.resources().as_deref() == Some(TRANSITION) {
            self.timer = Some(Timer { at: now + RETRY, again: true, ..timer });
        } else {
            self.timer = None;
            let message =
                Message::of_type(STANDBY).with("rsc_hold", timer.set.word()).with("src", &self.me).with("info", "me");
            self.out.push(Action::Send(message));
        }
        std::mem::take(&mut self.out)
    }

    fn node(&mut self, node: &str, status: &str, cluster: &mut dyn Cluster) {
        self.info(format!("Status update: Node {node} now has status {status}"));
        match status {
            "dead" => {
                let Some(count) = cluster.ping_nodes() else { return };
                self.info(if count > 0 { "NS: We are still alive!" } else { "NS: We are dead. :<" });
            }
            "ping" => {
                self.info("A ping node just came up.");
                self.ask(cluster);
            }
            _ => {}
        }
    }

    fn message(&mut self, now: Duration, message: &Message, cluster: &mut dyn Cluster) {
        let Some(from) = message.str("src").filter(|from| *from != self.me).map(str::to_owned) else { return };
        match message.str("t") {
            Some(COUNT) => {
                if let Some(theirs) = message.number("num_ping", 10) {
                    self.compare(now, &from, theirs, cluster);
                }
            }
            Some(YOU_ARE_DEAD) => {
                self.info("Giving up because we were told that we have less ping nodes.");
                self.start(now, Set::All);
            }
            Some(ABORT) => self.abort(),
            Some(RESOURCE) => match (message.str("isstable"), message.text("info")) {
                (Some("1"), None) => self.debug("Other side is now stable."),
                (Some("0"), _) => self.debug("Other side is unstable."),
                _ => {}
            },
            _ => {}
        }
    }

    /// Tells the others how many ping nodes we see.
    fn ask(&mut self, cluster: &mut dyn Cluster) {
        let Some(count) = cluster.ping_nodes() else { return };
        self.info("Asking other side for ping node count.");
        for other in cluster.others() {
            let message =
                Message::of_type(COUNT).with("src", &self.me).with("num_ping", count.to_string()).with("dest", other);
            self.out.push(Action::Send(message));
        }
    }

    fn compare(&mut self, now: Duration, from: &str, theirs: u64, cluster: &mut dyn Cluster) {
        self.debug("Got asked for num_ping.");
        let Some(mine) = cluster.ping_nodes().and_then(|count| u64::try_from(count).ok()) else { return };
        if mine > theirs {
            self.info("Telling other node that we have more visible ping nodes.");
            self.debug("Sending you_are_dead.");
            self.out.push(Action::Send(Message::of_type(YOU_ARE_DEAD).with("dest", from)));
            // One that could not be done so far has no reason any more.
            self.timer = self.timer.filter(|timer| !timer.again);
            return;
        }
        if mine < theirs {
            self.info("Giving up because we have less visible ping nodes.");
            self.start(now, Set::All);
            return;
        }
        self.info("Ping node count is balanced.");
        let abort = Message::of_type(ABORT).with("src", &self.me).with("dest", from);
        self.out.push(Action::Send(abort));
        self.debug("Abort message sent.");
        if self.timer.is_some() {
            self.abort();
        } else if self.auto_failback && cluster.resources().as_deref() != Some(TRANSITION) {
            self.info("Giving up foreign resources (auto_failback).");
            self.start(now, Set::Foreign);
        }
    }

    fn start(&mut self, now: Duration, set: Set) {
        if self.timer.is_some() {
            self.debug("Detected existing delay timer, overriding");
        }
        let delay = self.keepalive * 2;
        self.timers = self.timers.wrapping_add(1);
        self.timer = Some(Timer { id: self.timers, at: now + delay, set, again: false });
        self.info(format!("Delayed giveup in {} seconds.", delay.as_secs()));
    }

    fn abort(&mut self) {
        match self.timer.take() {
            Some(timer) => self.info(format!("Aborted delayed giveup ({})", timer.id)),
            None => self.info("No giveup timer to abort."),
        }
    }

    fn info(&mut self, text: impl Into<String>) {
        self.out.push(Action::Log(Level::Info, text.into()));
    }

    fn debug(&mut self, text: impl Into<String>) {
        self.out.push(Action::Log(Level::Debug, text.into()));
    }
}
