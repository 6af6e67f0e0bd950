//! Live clusters of heartbeat nodes in namespaces of this machine: the original, ours, or both.
//!
//! A [`Cluster`] is a network namespace with one bridge (or [relay](Network::Relay)) for each network, and nodes around it.
//! Each [`Node`] has its own network, mount, process, host name and IPC namespaces, with its own `/etc/ha.d`,
//! `/var/lib/heartbeat`, `/run` and `/dev`. Nothing has a name on the host but one temporary directory, all ends with the
//! value or with the process that holds it, and any number of clusters run side by side. Needs root, and the packages that
//! `scripts/setup --lab` installs.
//!
//! ```no_run
//! use std::time::Duration;
//! use testkit::cluster::{Cluster, Network, NodeConfig, Program, Result};
//!
//! fn main() -> Result<()> {
//!     let nodes = ["node1", "node2"].map(|name| NodeConfig::new(name, Program::Original));
//!     let cluster = Cluster::new("example", &[Network::Bridge], nodes.into())?;
//!     let [one, two] = cluster.pair()?;
//!     one.start()?;
//!     two.start()?;
//!     let mark = one.mark();
//!     two.kill()?;
//!     one.wait_for_log(mark, "node node2: is dead", Duration::from_secs(60))?;
//!     Ok(())
//! }
//! ```

mod capture;
mod config;
mod directory;
mod frame;
mod log;
mod machine;
mod node;
mod place;
mod relay;
mod serial;
mod stock;
mod syslog;
mod turn;
mod weather;
mod wire;
mod worker;

use std::fmt::Write as _;
use std::fs;
use std::net::{SocketAddrV4, UdpSocket};
use std::path::Path;

pub use anyhow::{Context, Error, Result, bail, ensure};

pub use capture::{Capture, Packet};
pub use config::{Files, Medium, NodeConfig, Program, SERIAL_DEVICE, Signature, address};
pub use log::{Line, Log, Mark};
pub use node::{HEARTBEAT, Node};
pub use place::{NetworkPlace, wait_until};
pub use serial::SerialLine;
pub use weather::Weather;
pub(crate) use worker::Worker;

use directory::Directory;
use relay::Relay;
use turn::Turn;

/// How the nodes are connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Network {
    /// By a bridge of the kernel.
    Bridge,
    /// By a thread of the test, which treats datagrams as this weather says. IPv4 only.
    Relay(Weather),
}

/// How many lines of each log a report shows.
const REPORTED: usize = 60;

/// Nodes and what connects them. All ends when this is dropped; the order of the fields is the order of the end.
#[derive(Debug)]
pub struct Cluster {
    nodes: Vec<Node>,
    relays: Vec<Option<Relay>>,
    serial: Option<SerialLine>,
    hub: NetworkPlace,
    name: String,
    _directory: Directory,
    _turn: Turn,
}

impl Cluster {
    /// Builds a cluster and switches its machines on, without starting heartbeat. Waits for its turn if many run already.
    ///
    /// # Errors
    ///
    /// Not root, the original heartbeat is not installed, or namespaces cannot be made.
    pub fn new(name: &str, networks: &[Network], configs: Vec<NodeConfig>) -> Result<Self> {
        let turn = Turn::take();
        ensure!(Path::new(HEARTBEAT).exists(), "the original heartbeat is not installed: scripts/setup --lab");
        let directory = Directory::new()?;
        let hub = NetworkPlace::new()?;
        let places = configs.iter().map(|_| NetworkPlace::new()).collect::<Result<Vec<_>>>()?;
        connect(&hub, &places, networks)?;
        let mut relays = Vec::new();
        for (number, network) in networks.iter().enumerate() {
            relays.push(match network {
                Network::Bridge => None,
                Network::Relay(weather) => {
                    let ports = (0..places.len()).map(|node| port(number, node)).collect();
                    Some(Relay::start(&hub, ports, *weather)?)
                }
            });
        }
        let wants_serial = configs.iter().any(|config| config.media.contains(&Medium::Serial));
        ensure!(!wants_serial || configs.len() == 2, "a serial line has two ends");
        let serial = wants_serial.then(SerialLine::new).transpose()?;
        let names: Vec<String> = configs.iter().map(|config| config.name.clone()).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let mut nodes = Vec::new();
        for (number, (config, place)) in configs.into_iter().zip(places).enumerate() {
            let own = directory.path().join(&config.name);
            fs::create_dir(&own)?;
            let device = serial.as_ref().map(|line| line.device(number == 1).clone());
            nodes.push(Node::new(config, number, &names, own, place, device)?);
        }
        Ok(Self { nodes, relays, serial, hub, name: name.to_owned(), _directory: directory, _turn: turn })
    }

    /// The node at this place.
    ///
    /// # Errors
    ///
    /// There is none.
    pub fn node(&self, number: usize) -> Result<&Node> {
        self.nodes.get(number).with_context(|| format!("{} has no node number {number}", self.name))
    }

    /// The two nodes of a cluster of two.
    ///
    /// # Errors
    ///
    /// It has less or more.
    pub fn pair(&self) -> Result<[&Node; 2]> {
        match self.nodes.as_slice() {
            [one, two] => Ok([one, two]),
            other => bail!("{} has {} nodes, not two", self.name, other.len()),
        }
    }

    /// All nodes.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// The serial line, if a node uses one.
    pub fn serial(&self) -> Option<&SerialLine> {
        self.serial.as_ref()
    }

    /// Pulls the cable of a node out of a network.
    ///
    /// # Errors
    ///
    /// There is no such cable.
    pub fn cut(&self, network: usize, node: usize) -> Result<()> {
        self.hub.ip(&format!("link set {} down\n", port(network, node)))
    }

    /// Puts the cable back.
    ///
    /// # Errors
    ///
    /// There is no such cable.
    pub fn heal(&self, network: usize, node: usize) -> Result<()> {
        self.hub.ip(&format!("link set {} up\n", port(network, node)))
    }

    /// Changes the weather of a network.
    ///
    /// # Errors
    ///
    /// It is no relay.
    pub fn weather(&self, network: usize, weather: Weather) -> Result<()> {
        let relay = self.relays.get(network).and_then(Option::as_ref).context("this network has no weather")?;
        relay.set(weather);
        Ok(())
    }

    /// Records what the nodes send, from now on.
    ///
    /// # Errors
    ///
    /// The host allows no such socket.
    pub fn capture(&self) -> Result<Capture> {
        let networks = 0..self.relays.len();
        let ports = networks.flat_map(|network| (0..self.nodes.len()).map(move |node| port(network, node)));
        Capture::start(&self.hub, ports.collect())
    }

    /// A socket at the place of the bridges (address 10.9.NETWORK.254), which may also send broadcasts.
    ///
    /// # Errors
    ///
    /// The host allows no such socket.
    pub fn outsider(&self) -> Result<UdpSocket> {
        self.hub.inside(|| {
            let socket = UdpSocket::bind("0.0.0.0:0")?;
            socket.set_broadcast(true)?;
            Ok(socket)
        })
    }

    /// The place of the bridges, for whoever wants to connect another machine.
    pub fn hub(&self) -> &NetworkPlace {
        &self.hub
    }

    /// Sends a datagram from the place of the bridges.
    ///
    /// # Errors
    ///
    /// It cannot be sent.
    pub fn inject(&self, to: SocketAddrV4, payload: &[u8]) -> Result<()> {
        self.outsider()?.send_to(payload, to)?;
        Ok(())
    }

    /// The ends of all logs, for people.
    pub fn report(&self) -> String {
        let mut report = String::new();
        for node in &self.nodes {
            let lines = node.log_since(Mark::default());
            let skipped = lines.len().saturating_sub(REPORTED);
            let label = node.config().program.label();
            let _ =
                writeln!(report, "-- {}: {} ({label}), log without the first {skipped} lines:", self.name, node.name());
            for line in lines.iter().skip(skipped) {
                let _ = writeln!(report, "   {}", line.text);
            }
        }
        report
    }

    /// Lets something happen in the cluster. What goes wrong is reported with the ends of all logs.
    ///
    /// # Errors
    ///
    /// Those of `story`.
    pub fn tell(&self, story: impl FnOnce(&Self) -> Result<()>) -> Result<()> {
        story(self).map_err(|error| error.context(format!("{}\n{}", self.name, self.report())))
    }
}

/// The bridge's side of a cable.
fn port(network: usize, node: usize) -> String {
    format!("p{network}-{node}")
}

/// Makes bridges, cables and addresses.
fn connect(hub: &NetworkPlace, places: &[NetworkPlace], networks: &[Network]) -> Result<()> {
    let mut lines = String::new();
    for (number, network) in networks.iter().enumerate() {
        if *network == Network::Bridge {
            let _ = writeln!(lines, "link add br{number} type bridge mcast_snooping 0");
            let _ = writeln!(lines, "addr add 10.9.{number}.254/24 brd + dev br{number}");
            let _ = writeln!(lines, "link set br{number} up");
        }
        for (node, place) in places.iter().enumerate() {
            let (port, process) = (port(number, node), place.process());
            let _ = writeln!(lines, "link add {port} type veth peer name eth{number} netns {process}");
            if *network == Network::Bridge {
                let _ = writeln!(lines, "link set {port} master br{number}");
            }
            let _ = writeln!(lines, "link set {port} up");
        }
    }
    hub.ip(&lines)?;
    for (node, place) in places.iter().enumerate() {
        let mut lines = String::new();
        for number in 0..networks.len() {
            let _ = writeln!(lines, "addr add {}/24 brd + dev eth{number}", address(number, node));
            let _ = writeln!(lines, "link set eth{number} up");
        }
        place.ip(&lines)?;
    }
    Ok(())
}
