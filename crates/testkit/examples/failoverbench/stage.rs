//! One cluster of two nodes with an address on its network, a client that asks it for echoes, and what can happen.

use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use testkit::build::heartbeat_under_test;
use testkit::cluster::{
    Cluster, Context as _, HEARTBEAT, Network, NetworkPlace, Node, NodeConfig, Program, Result, wait_until,
};

use crate::evaluate::interruption;
use crate::holder::Watch;
use crate::probe::Prober;

/// The address that moves.
pub(crate) const ADDRESS: Ipv4Addr = Ipv4Addr::new(10, 9, 0, 100);
/// Ends a wait for something that does not come.
const CEILING: Duration = Duration::from_secs(90);
/// After something happened, the address must have answered for so long before the next thing may happen.
const CALM: Duration = Duration::from_millis(500);
/// Probes so shortly before the end may still be answered in time, and so long before the beginning all is still well.
const EDGE: Duration = Duration::from_millis(60);
/// For five seconds after its start a node announces a longer dead time.
const SETTLED: Duration = Duration::from_secs(7);
/// What of Debian's original has files below `/etc/ha.d`. Ours is measured on machines that have nothing of it.
const FOREIGN: [&str; 4] = ["resource.d", "rc.d", "harc", "shellfuncs"];

/// Only one cluster is measured at a time; the others wait for something or idle.
static GATE: Mutex<()> = Mutex::new(());

/// The right to disturb the machine.
pub(crate) fn alone() -> MutexGuard<'static, ()> {
    GATE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How the address moved.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Move {
    /// How long it was away for the client.
    pub(crate) interruption: Duration,
    /// From the beginning until exactly the wanted nodes had it.
    pub(crate) held: Duration,
}

/// Everything ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Stage {
    prober: Prober,
    watches: [Watch; 2],
    _client: NetworkPlace,
    cluster: Cluster,
    ours: bool,
}

/// The programs that are compared: the original and ours.
pub(crate) fn programs() -> Result<[Program; 2]> {
    Ok([Program::Original, Program::Ours(heartbeat_under_test()?)])
}

impl Stage {
    /// Two nodes of one program with these lines in `ha.cf`, of which the first owns the address; started and settled.
    pub(crate) fn new(name: &str, program: &Program, lines: &[&str]) -> Result<Self> {
        let config = |node: &str| {
            let mut config = NodeConfig::new(node, program.clone());
            config.haresources = format!("node1 {}\n", resource());
            lines.iter().fold(config, |config, line| config.line(line))
        };
        let name = format!("{name}, {}", program.label());
        let cluster = Cluster::new(&name, &[Network::Bridge], vec![config("node1"), config("node2")])?;
        let ours = matches!(program, Program::Ours(_));
        let [one, two] = cluster.pair()?;
        if ours {
            for node in [one, two] {
                for file in FOREIGN.map(|file| node.directory().join("ha.d").join(file)) {
                    remove(&file)?;
                }
            }
        }
        let client = guest(&cluster)?;
        let watches = [Watch::start(one.network(), ADDRESS)?, Watch::start(two.network(), ADDRESS)?];
        let stage = Self { prober: Prober::start(&client, ADDRESS)?, watches, _client: client, cluster, ours };
        let [one, two] = stage.cluster.pair()?;
        one.start()?;
        two.start()?;
        stage.wait([true, false])?;
        // Originals make up their minds ten seconds after the start.
        std::thread::sleep(SETTLED + Duration::from_secs(5));
        Ok(stage)
    }

    pub(crate) fn cluster(&self) -> &Cluster {
        &self.cluster
    }

    pub(crate) fn prober(&self) -> &Prober {
        &self.prober
    }

    pub(crate) fn watches(&self) -> &[Watch; 2] {
        &self.watches
    }

    fn owner(&self) -> Result<&Node> {
        self.cluster.node(0)
    }

    /// Waits until exactly these nodes have the address. Gives when the last of them got or lost it.
    fn wait(&self, holders: [bool; 2]) -> Result<Instant> {
        let [one, two] = &self.watches;
        wait_until(&format!("{holders:?} to have the address"), CEILING, || {
            let last = [one.last(), two.last()].into_iter().flatten().map(|change| change.at).max();
            Ok(([one.holds(), two.holds()] == holders).then(|| last.unwrap_or_else(Instant::now)))
        })
    }

    /// Waits until the client has had its answers for a while.
    fn calm(&self) -> Result<Instant> {
        wait_until("an address that answers", CEILING, || {
            let now = Instant::now();
            let away = interruption(&self.prober.probes(), before(now, CALM), now);
            Ok((away == Some(Duration::ZERO)).then_some(now))
        })
    }

    /// Lets something happen that ends with exactly these nodes having the address, and measures it.
    fn measure(&self, what: &str, holders: [bool; 2], action: impl FnOnce() -> Result<()>) -> Result<Move> {
        let story = || -> Result<Move> {
            let _alone = alone();
            self.calm()?;
            let begin = Instant::now();
            action()?;
            let held = self.wait(holders)?.saturating_duration_since(begin);
            let end = self.calm()?;
            let away = interruption(&self.prober.probes(), before(begin, EDGE), before(end, EDGE));
            Ok(Move { interruption: away.context("the address was away before anything happened")?, held })
        };
        let moved = story().with_context(|| format!("{what}, {}", self.label()))?;
        eprintln!("{what}, {}: held {:?}, interruption {:?}", self.label(), moved.held, moved.interruption);
        Ok(moved)
    }

    fn label(&self) -> &'static str {
        if self.ours { "ours" } else { "original" }
    }

    /// The owner of the address loses its power: first its cable, so that no kernel goes on answering, then all
    /// processes. Gives besides how long after the last packet of the dead node the other one had the address.
    pub(crate) fn crash(&self) -> Result<(Move, Duration)> {
        let capture = self.cluster.capture()?;
        // For the first packet to be seen: it is sent again within any keepalive.
        std::thread::sleep(CALM);
        // In this kernel the dead node keeps the address, as if it had not lost its memory.
        let moved = self.measure("power cut", [true, true], || {
            self.cluster.cut(0, 0)?;
            self.owner()?.pull_the_plug();
            Ok(())
        })?;
        let [_, two] = &self.watches;
        let held = two.last().context("the other node has the address")?.at;
        let last = capture.packets().iter().filter(|packet| packet.port == "0-0").map(|packet| packet.at).max();
        Ok((moved, held.saturating_duration_since(last.context("a packet of the owner")?)))
    }

    /// The owner's machine is switched on again, without heartbeat and without the address.
    pub(crate) fn power(&self) -> Result<()> {
        let owner = self.owner()?;
        owner.switch_on()?;
        owner.run("ip", &["address", "del", &format!("{ADDRESS}/24"), "dev", "eth0"])?;
        self.wait([false, true])?;
        self.cluster.heal(0, 0)
    }

    /// The owner's heartbeat is started and gets the address back.
    pub(crate) fn come_back(&self) -> Result<Move> {
        let back = self.measure("return", [true, false], || self.owner()?.start())?;
        std::thread::sleep(SETTLED);
        Ok(back)
    }

    /// The owner's heartbeat is stopped in the clean way.
    pub(crate) fn stop(&self) -> Result<Move> {
        let stopped = self.measure("stop", [false, true], || self.owner()?.stop())?;
        // Until the dead time of the stopped node is over.
        std::thread::sleep(SETTLED);
        Ok(stopped)
    }

    /// The owner goes standby.
    pub(crate) fn standby(&self) -> Result<Move> {
        self.tool([false, true], "hb_standby")
    }

    /// The owner takes back.
    pub(crate) fn takeover(&self) -> Result<Move> {
        self.tool([true, false], "hb_takeover")
    }

    fn tool(&self, holders: [bool; 2], name: &str) -> Result<Move> {
        let moved = self.measure(name, holders, || {
            let node = self.owner()?;
            if self.ours {
                node.done(&tools(), &[name, "all"]).map(drop)
            } else {
                node.done(&format!("/usr/share/heartbeat/{name}"), &["all"]).map(drop)
            }
        })?;
        std::thread::sleep(Duration::from_secs(3));
        Ok(moved)
    }

    /// How to call the script that the nodes use for addresses.
    pub(crate) fn script(&self) -> Vec<String> {
        if self.ours { vec![tools(), "IPaddr".to_owned()] } else { vec!["/etc/ha.d/resource.d/IPaddr".to_owned()] }
    }

    /// Cuts the second node off until both have the address, and heals. Gives how long it took after that until exactly
    /// one node had it and none of both changed anything for `quiet`, and how long the client was without it.
    pub(crate) fn partition(&self, quiet: Duration) -> Result<Move> {
        self.cluster.cut(0, 1)?;
        self.wait([true, true])?;
        std::thread::sleep(SETTLED);
        let _alone = alone();
        let healed = Instant::now();
        self.cluster.heal(0, 1)?;
        let [one, two] = &self.watches;
        let last = wait_until("one node to have the address", CEILING, || {
            let last = [one.last(), two.last()].into_iter().flatten().map(|change| change.at).max().unwrap_or(healed);
            Ok((one.holds() != two.holds() && last.elapsed() > quiet).then_some(last))
        })?;
        let away = interruption(&self.prober.probes(), before(healed, EDGE), before(Instant::now(), EDGE));
        Ok(Move { interruption: away.unwrap_or(quiet), held: last.saturating_duration_since(healed) })
    }
}

/// An earlier moment.
fn before(moment: Instant, by: Duration) -> Instant {
    moment.checked_sub(by).unwrap_or(moment)
}

/// The resource word of haresources.
fn resource() -> String {
    format!("IPaddr::{ADDRESS}/24/eth0")
}

/// Where a node of ours has the program with all the tools.
fn tools() -> String {
    HEARTBEAT.rsplit_once('/').map_or(HEARTBEAT, |(directory, _)| directory).to_owned() + "/ha-tools"
}

fn remove(file: &PathBuf) -> Result<()> {
    match std::fs::symlink_metadata(file) {
        Ok(data) if data.is_dir() => std::fs::remove_dir_all(file)?,
        Ok(_) => std::fs::remove_file(file)?,
        Err(_) => {}
    }
    Ok(())
}

/// One more machine at the bridge, with a kernel that learns hardware addresses as any other does.
fn guest(cluster: &Cluster) -> Result<NetworkPlace> {
    let guest = NetworkPlace::new()?;
    cluster.hub().ip(&format!(
        "link add guest type veth peer name eth0 netns {}\nlink set guest master br0\nlink set guest up\n",
        guest.process()
    ))?;
    guest.ip("addr add 10.9.0.200/24 brd + dev eth0\nlink set eth0 up\n")?;
    Ok(guest)
}
