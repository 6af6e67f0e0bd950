//! What a line says: a command with options that mostly fit.

use super::address::{self, Protocol};
use super::option::Opt;
use super::server;
use super::state::{Key, State};
use super::values;
use crate::rng::Rng;

/// The kinds of lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "named after the commands")]
pub enum Kind {
    AddService,
    EditService,
    DeleteService,
    AddServer,
    EditServer,
    DeleteServer,
    Clear,
    List,
    Connections,
    Save,
    Restore,
    Zero,
    Set,
    StartDaemon,
    StopDaemon,
    Help,
    Nothing,
    Anything,
}

impl Kind {
    /// A kind, by how often it should appear.
    pub fn random(rng: &mut Rng) -> Self {
        rng.weighted(&[
            (16, Self::AddService),
            (7, Self::EditService),
            (4, Self::DeleteService),
            (22, Self::AddServer),
            (9, Self::EditServer),
            (5, Self::DeleteServer),
            (1, Self::Clear),
            (18, Self::List),
            (3, Self::Connections),
            (4, Self::Save),
            (9, Self::Restore),
            (3, Self::Zero),
            (3, Self::Set),
            (4, Self::StartDaemon),
            (2, Self::StopDaemon),
            (1, Self::Help),
            (1, Self::Nothing),
            (2, Self::Anything),
        ])
    }
}

impl Kind {
    /// Whether such a line changes the table, the timeouts or the daemons when it succeeds.
    pub fn changes(self) -> bool {
        use Kind::{Anything, Connections, Help, List, Nothing, Save};
        !matches!(self, List | Connections | Save | Help | Nothing | Anything)
    }
}

/// The options of one line, the command first. Restore and connection listings are made elsewhere.
pub fn options(rng: &mut Rng, state: &mut State, kind: Kind) -> Vec<Opt> {
    let (command, mut rest) = match kind {
        Kind::AddService => (Opt::flag("add-service"), service(rng, state, true)),
        Kind::EditService => (Opt::flag("edit-service"), service(rng, state, false)),
        Kind::DeleteService => (Opt::flag("delete-service"), delete_service(rng, state)),
        Kind::AddServer => (Opt::flag("add-server"), server::options(rng, state, kind)),
        Kind::EditServer => (Opt::flag("edit-server"), server::options(rng, state, kind)),
        Kind::DeleteServer => (Opt::flag("delete-server"), server::options(rng, state, kind)),
        Kind::Clear => {
            state.services.clear();
            (Opt::flag("clear"), Vec::new())
        }
        Kind::List | Kind::Connections => (Opt::flag("list"), list(rng, state)),
        Kind::Save => (Opt::flag("save"), if rng.chance(60) { vec![Opt::flag("numeric")] } else { Vec::new() }),
        Kind::Restore => (Opt::flag("restore"), Vec::new()),
        Kind::Zero => (Opt::flag("zero"), if rng.chance(60) { known_service(rng, state) } else { Vec::new() }),
        Kind::Set => (Opt::flag("set"), set(rng)),
        Kind::StartDaemon => (Opt::with("start-daemon", daemon_to_start(rng, state)), start_daemon(rng)),
        Kind::StopDaemon => (Opt::with("stop-daemon", daemon_to_stop(rng, state)), stop_daemon(rng)),
        Kind::Help => (Opt::flag(if rng.chance(50) { "help" } else { "version" }), Vec::new()),
        Kind::Nothing => return Vec::new(),
        Kind::Anything => (anything(rng), (0..rng.below(4)).map(|_| anything(rng)).collect()),
    };
    if rng.chance(2) {
        rest.push(anything(rng));
    }
    if rng.chance(45) {
        shuffle(rng, &mut rest);
    }
    rest.insert(0, command);
    rest
}

/// Puts options into another order; `-6` mostly stays behind its mark.
fn shuffle(rng: &mut Rng, options: &mut Vec<Opt>) {
    let six = options.iter().position(|option| option.long == "ipv6").map(|index| options.remove(index));
    rng.shuffle(options);
    if let Some(six) = six {
        let mark = options.iter().position(|option| option.long == "fwmark-service").map_or(0, |index| index + 1);
        let place = if rng.chance(95) { mark } else { rng.below(options.len() + 1) };
        options.insert(place, six);
    }
}

/// The options that name a service.
pub fn service_options(rng: &mut Rng, key: &Key) -> Vec<Opt> {
    match key {
        Key::Address(protocol, address, port) => {
            let long = match protocol {
                Protocol::Tcp => "tcp-service",
                Protocol::Udp => "udp-service",
                Protocol::Sctp => "sctp-service",
            };
            let written = (*port != 0 || rng.chance(50)).then_some(*port);
            let mut options = vec![Opt::with(long, address::spelled(rng, address, written, Some(*protocol)))];
            if rng.chance(1) {
                options.push(Opt::flag("ipv6"));
            }
            options
        }
        Key::Mark(mark, v6) => {
            let value = if rng.chance(3) { values::number(rng, 1, 4_294_967_295) } else { mark.to_string() };
            let mut options = vec![Opt::with("fwmark-service", value)];
            if *v6 && rng.chance(97) || rng.chance(2) {
                options.push(Opt::flag("ipv6"));
            }
            options
        }
    }
}

fn known_service(rng: &mut Rng, state: &State) -> Vec<Opt> {
    let key = state.known_key(rng);
    service_options(rng, &key)
}

fn delete_service(rng: &mut Rng, state: &mut State) -> Vec<Opt> {
    let key = state.known_key(rng);
    state.remove(&key);
    service_options(rng, &key)
}

/// The options of a line that adds or changes a service.
fn service(rng: &mut Rng, state: &mut State, new: bool) -> Vec<Opt> {
    let key = if new && rng.chance(95) { state.new_key(rng) } else { state.known_key(rng) };
    let mut options = service_options(rng, &key);
    let mut scheduler = "wlc".to_owned();
    if rng.chance(80) {
        scheduler = values::scheduler(rng);
        options.push(Opt::with("scheduler", scheduler.clone()));
    }
    let needs_persistence = matches!(key, Key::Address(_, _, 0)) && rng.chance(90);
    let persistent = needs_persistence || rng.chance(30);
    if persistent && rng.chance(70) {
        options.push(Opt::with("persistent", values::persistence(rng)));
    } else if persistent {
        options.push(Opt::flag("persistent"));
    }
    if rng.chance(if persistent { 35 } else { 4 }) {
        options.push(Opt::with("netmask", values::netmask(rng, key.v6())));
    }
    let one_packet = if matches!(key, Key::Address(Protocol::Tcp | Protocol::Sctp, ..)) { 2 } else { 20 };
    if rng.chance(one_packet) {
        options.push(Opt::flag("ops"));
    }
    if rng.chance(if persistent { 15 } else { 2 }) {
        options.push(Opt::with("pe", values::engine(rng)));
    }
    if rng.chance(if matches!(scheduler.as_str(), "sh" | "mh") { 50 } else { 10 }) {
        options.push(Opt::with("sched-flags", values::scheduler_flags(rng, &scheduler)));
    }
    if new {
        state.add(key);
    }
    options
}

/// The options of a listing of the table.
fn list(rng: &mut Rng, state: &State) -> Vec<Opt> {
    let mut options = Vec::new();
    if rng.chance(60) {
        options.push(Opt::flag("numeric"));
    }
    match rng.below(20) {
        0 => options.push(Opt::flag("timeout")),
        1 => options.push(Opt::flag("daemon")),
        2 => options.push(Opt::flag("connection")),
        3..=7 => options.extend(known_service(rng, state)),
        _ => {}
    }
    let formats = ["stats", "rate", "thresholds", "persistent-conn", "tun-info"];
    if rng.chance(60) {
        options.push(Opt::flag(rng.name(&formats)));
    }
    for (percent, long) in [
        (8, *rng.pick(&formats)),
        (20, "exact"),
        (30, "nosort"),
        (6, "sort"),
        (2, "timeout"),
        (2, "daemon"),
        (2, "connection"),
    ] {
        if rng.chance(percent) {
            options.push(Opt::flag(long));
        }
    }
    options
}

fn set(rng: &mut Rng) -> Vec<Opt> {
    let count = rng.weighted(&[(1, 0), (1, 2), (30, 3), (1, 4)]);
    (0..count).map(|_| Opt::argument(values::timeout(rng))).collect()
}

const DAEMONS: [&str; 2] = ["master", "backup"];

fn strange_daemon(rng: &mut Rng) -> String {
    rng.word(&["both", "", "MASTER", "masters", "1", "back"])
}

fn daemon_to_start(rng: &mut Rng, state: &mut State) -> String {
    let stopped: Vec<_> = DAEMONS.into_iter().filter(|daemon| !state.daemons.contains(daemon)).collect();
    if stopped.is_empty() || rng.chance(10) {
        return if rng.chance(40) { strange_daemon(rng) } else { rng.word(&DAEMONS) };
    }
    let daemon = rng.name(&stopped);
    state.daemons.push(daemon);
    daemon.to_owned()
}

fn daemon_to_stop(rng: &mut Rng, state: &mut State) -> String {
    if state.daemons.is_empty() || rng.chance(10) {
        return if rng.chance(40) { strange_daemon(rng) } else { rng.word(&DAEMONS) };
    }
    state.daemons.swap_remove(rng.below(state.daemons.len())).to_owned()
}

fn start_daemon(rng: &mut Rng) -> Vec<Opt> {
    let mut options = Vec::new();
    if rng.chance(92) {
        options.push(Opt::with("mcast-interface", values::interface(rng)));
    }
    for (percent, long, low, high) in [
        (50, "syncid", 0, 255),
        (20, "sync-maxlen", 1, 65_507),
        (20, "mcast-port", 1, 65_535),
        (20, "mcast-ttl", 1, 255),
    ] {
        if rng.chance(percent) {
            options.push(Opt::with(long, values::number(rng, low, high)));
        }
    }
    if rng.chance(30) {
        options.push(Opt::with("mcast-group", values::group(rng)));
    }
    options
}

fn stop_daemon(rng: &mut Rng) -> Vec<Opt> {
    if rng.chance(30) { vec![Opt::with("syncid", values::number(rng, 0, 255))] } else { Vec::new() }
}

/// Any option at all, with any value.
fn anything(rng: &mut Rng) -> Opt {
    const FLAGS: &[&str] = &[
        "add-service",
        "edit-service",
        "delete-service",
        "clear",
        "list",
        "add-server",
        "edit-server",
        "delete-server",
        "set",
        "save",
        "zero",
        "help",
        "version",
        "ipv6",
        "ops",
        "gatewaying",
        "masquerading",
        "ipip",
        "tun-nocsum",
        "tun-csum",
        "tun-remcsum",
        "numeric",
        "connection",
        "timeout",
        "daemon",
        "stats",
        "rate",
        "thresholds",
        "persistent-conn",
        "tun-info",
        "exact",
        "nosort",
        "sort",
        "persistent",
        "usage",
        "bogus",
    ];
    match rng.below(12) {
        0..=5 => Opt::flag(rng.name(FLAGS)),
        6 => Opt::argument(rng.word(&["foo", "-", "", "10.0.0.1:80", "-n", "ipvsadm", "--", "-q", "#", "-?"])),
        7 => Opt::with("tcp-service", address::strange(rng)),
        8 => Opt::with("fwmark-service", values::number(rng, 1, 4_294_967_295)),
        9 => Opt::with(rng.name(&["weight", "u-threshold", "l-threshold", "tun-port"]), values::number(rng, 0, 65_535)),
        10 => Opt::with(rng.name(&["scheduler", "pe", "netmask", "sched-flags", "mcast-group", "real-server"]), "rr"),
        _ => Opt::with(rng.name(&["syncid", "mcast-ttl", "mcast-port", "sync-maxlen"]), values::number(rng, 0, 255)),
    }
}
