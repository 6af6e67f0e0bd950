//! What must hold after every step, and what must hold in the end.

use cluster_protocol::core::Phase;
use cluster_protocol::event::Event;
use cluster_protocol::node::Kind;
use cluster_protocol::output::Output;
use cluster_protocol::seq::CAPACITY;
use cluster_protocol::settings::Settings;

use crate::host::{Host, mark};
use crate::network::{HOSTS, Medium};

/// The most outputs of one input. A request brings at most 50 messages or refusals, one output per medium and log lines;
/// a stalled node that wakes asks for at most 500 numbers of each peer, of which none is next to another.
const OUTPUTS: usize = 1200;
/// A node that starts again announces its dead time and so much more.
const RESTART_ALLOWANCE: u64 = 30_000_000;
/// From the return of a node to the end of the engine that noticed it: grace, last word, clients.
const LEAVING: u64 = 2_000_000 + 1_000_000 + 1_000_000;
/// What resources need to come to rest: a start failed, the delayed standby, a stop that loses its patience with a peer,
/// waits of ten seconds on both sides, resets that are repeated.
const RESOURCES: u64 = 30_000_000 + 60_000_000 + 2 * 10_000_000 + 20_000_000;
/// What chance may take in addition: lost messages, delays, the rhythm of looking.
const SLACK: u64 = 5_000_000;

pub(crate) fn micros(span: std::time::Duration) -> u64 {
    u64::try_from(span.as_micros()).unwrap()
}

/// A repaired cluster is whole after: a return noticed, the engine's end, silence, a start that waits for a silent node and
/// then asks everybody else; and once more, because a node that starts again may be missed by one that has just started.
pub(crate) fn whole_within(settings: &Settings) -> u64 {
    let round = LEAVING
        + micros(settings.deadtime)
        + 1_000_000
        + micros(settings.initdead)
        + 1_000_000 * settings.nodes.len() as u64
        + 2 * micros(settings.keepalive);
    let resources = if settings.resources.manages { RESOURCES } else { 0 };
    2 * round + SLACK + resources
}

/// Two nodes that hear each other agree after the start of the later one: it waits for silent nodes, then asks the others
/// in turn, dead ones among them until their announced dead time is over.
fn agreement(settings: &Settings) -> u64 {
    micros(settings.initdead) + 2_000_000 * settings.nodes.len() as u64 + micros(settings.deadtime) + SLACK
}

/// Nobody believes in a node that was not heard for this long.
fn death(settings: &Settings) -> u64 {
    micros(settings.initdead) + micros(settings.deadtime) + RESTART_ALLOWANCE + SLACK
}

/// One input's outputs, before they are performed.
pub(crate) fn outputs(host: &mut Host, out: &[Output], injected: Option<bool>) -> Result<(), String> {
    let Some(life) = &mut host.life else { return Ok(()) };
    if out.len() > OUTPUTS {
        return Err(format!("{}: {} outputs at once", host.name, out.len()));
    }
    for output in out {
        match output {
            Output::Deliver { message, .. } => {
                if let Some(mark) = mark(message) {
                    if life.delivered.contains(&mark) {
                        return Err(format!("{} delivered a message twice: {message:?}", host.name));
                    }
                    if injected == Some(true) {
                        life.fooled.extend(message.str("src").map(str::to_owned));
                    }
                }
            }
            Output::Log(
                event @ (Event::DuplicateName { .. }
                | Event::DuplicateUuid { .. }
                | Event::UnknownNode { .. }
                | Event::UuidChanged { .. }
                | Event::MissingFields
                | Event::MissingSequence
                | Event::InvalidRexmit { .. }
                | Event::InvalidLocalMessage(_)
                | Event::FlowControlDisabled),
            ) => return Err(format!("{}: {event:?}", host.name)),
            _ => {}
        }
    }
    if life.core.nodes().count() > HOSTS + 1 {
        return Err(format!("{} made nodes up", host.name));
    }
    if life.core.nodes().any(|node| node.missing() as u64 > CAPACITY) {
        return Err(format!("{} misses more than it may", host.name));
    }
    Ok(())
}

/// Why the cluster is not whole, if it is not.
pub(crate) fn not_whole(hosts: &[Host]) -> Option<String> {
    for host in hosts {
        let Some(life) = &host.life else { return Some(format!("{} does not run", host.name)) };
        if life.leaving || life.core.phase() != Phase::Active {
            return Some(format!("{} is {:?}", host.name, life.core.phase()));
        }
        for node in life.core.nodes() {
            let expected = if node.kind == Kind::Ping { "ping" } else { "active" };
            if node.status != expected {
                return Some(format!("{} sees {} {}", host.name, node.name, node.status));
            }
            if node.missing() > 0 {
                return Some(format!("{} misses {} messages of {}", host.name, node.missing(), node.name));
            }
        }
    }
    None
}

/// Whoever saw a dead node return with its old generation starts again.
pub(crate) fn partitions(now: u64, hosts: &[Host]) -> Result<(), String> {
    for host in hosts.iter().filter(|host| !host.stalled) {
        let since = host.life.as_ref().and_then(|life| life.partition).map(|since| since.max(host.awake_since));
        // Before that nothing may move: a stop waits for a peer that is not settled as long as its patience lasts, and
        // for children. One that hangs keeps it for ever.
        let since = since.filter(|_| !host.machine.hangs());
        if since.is_some_and(|since| now - since > LEAVING + 1_000_000 + RESOURCES) {
            return Err(format!("{} saw a node return after a partition and goes on", host.name));
        }
    }
    Ok(())
}

/// Which pairs disagree since when.
#[derive(Debug, Default)]
pub(crate) struct Pairs {
    /// Numbers of both lives, and since when the first does not see the second active although they hear each other.
    apart: [[Option<(u64, u64, u64)>; HOSTS]; HOSTS],
    /// The same for a second that nobody can hear and the first does not see dead.
    ghost: [[Option<(u64, u64, u64)>; HOSTS]; HOSTS],
}

impl Pairs {
    /// The longest disagreement of two that hear each other, or what is wrong.
    pub(crate) fn look(&mut self, now: u64, hosts: &[Host], media: &[Medium]) -> Result<u64, String> {
        let mut longest = 0;
        for a in 0..hosts.len() {
            for b in (0..hosts.len()).filter(|&b| b != a) {
                let (first, second) = (&hosts[a], &hosts[b]);
                let seen = first.life.as_ref().and_then(|life| {
                    let node = life.core.nodes().find(|node| node.name == second.name)?;
                    Some((life, node.status.clone()))
                });
                let Some((life, status)) = seen.filter(|(life, _)| !life.leaving && !first.stalled) else {
                    self.apart[a][b] = None;
                    self.ghost[a][b] = None;
                    continue;
                };
                let lives = (first.lives, second.lives);
                let connected = media.iter().filter_map(|medium| medium.good_since(a, b)).min();
                let other = second.life.as_ref().filter(|other| !other.leaving && !second.stalled);
                let agree = status == "active" && life.core.phase() == Phase::Active;
                let apart = (other.is_some() && connected.is_some() && !agree).then_some(());
                let since = self.apart[a][b].filter(|&(x, y, _)| (x, y) == lives).map_or(now, |(_, _, since)| since);
                self.apart[a][b] = apart.map(|()| (lives.0, lives.1, since));
                if apart.is_some() {
                    let from = since.max(life.born).max(connected.unwrap_or(now)).max(first.awake_since);
                    let lasted = now.saturating_sub(from.max(second.awake_since));
                    longest = longest.max(lasted);
                    if lasted > agreement(&first.settings) {
                        let phase = life.core.phase();
                        return Err(format!("{} ({phase:?}) hears {} and sees it {status}", first.name, second.name));
                    }
                }
                let mute = second.life.is_none() || media.iter().all(|medium| !medium.members || medium.cuts[b][a] > 0);
                let ghost = mute && status != "dead" && !life.fooled.contains(&second.name);
                let since = self.ghost[a][b].filter(|&(x, _, _)| x == lives.0).map_or(now, |(_, _, since)| since);
                self.ghost[a][b] = ghost.then_some((lives.0, lives.1, since));
                if ghost && now - since > death(&first.settings) {
                    return Err(format!("{} believes in {}, which is not there", first.name, second.name));
                }
            }
        }
        Ok(longest)
    }
}
