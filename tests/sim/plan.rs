//! What a seed means: the cluster's configuration, and what happens to it when.

use std::time::Duration;

use cluster_protocol::auth::{AuthKeys, Key, Method};
use cluster_protocol::compress::Compression;
use cluster_protocol::rng::Rng;
use cluster_protocol::settings::{
    AutoFailback, Autojoin, Medium, MediumKind, MessageFormat, ResourceSettings, Settings,
};

use crate::machine::{Fault, Group};
use crate::network;

const SECOND: u64 = 1_000_000;
/// The ping node's name.
pub(crate) const PING: &str = "router";

/// One thing that happens from outside.
#[derive(Clone, Debug)]
pub(crate) enum Act {
    Start(usize),
    /// The machine loses its power, and starts again after so many microseconds.
    Crash(usize, u64),
    /// `kill -9`: the daemon is gone, its groups and children run on. A new start after so many microseconds.
    Kill(usize, u64),
    /// A clean stop, and a new start so long after its end.
    Stop(usize, u64),
    Restart(usize),
    /// The process stands still for so long.
    Stall(usize, u64),
    /// On these media (bits) nothing goes from these hosts to those, for so long.
    Cut {
        media: usize,
        from: usize,
        to: usize,
        both: bool,
        lasts: u64,
    },
    Uncut {
        media: usize,
        from: usize,
        to: usize,
        both: bool,
    },
    Loss {
        medium: usize,
        share: u64,
    },
    Keys(usize, u8),
    WallClock(usize, i64),
    Ping(bool),
    /// A local program sends a message to all.
    Say(usize),
    /// `hb_standby` with this word.
    Standby(usize, &'static str),
    /// `hb_takeover` with this word.
    Takeover(usize, &'static str),
    /// Something goes wrong with scripts or fencing of this machine.
    Fault(usize, Fault),
    /// The attacker puts so many packets in.
    Attack(u64),
    /// Everything is repaired.
    Heal,
}

/// Everything that a seed decides in advance.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) settings: Vec<Settings>,
    pub(crate) media: Vec<network::Medium>,
    pub(crate) groups: Vec<Group>,
    pub(crate) acts: Vec<(u64, Act)>,
    pub(crate) heal: u64,
}

/// Both keys at every host; `active` signs.
pub(crate) fn keys(active: u8, method: Method) -> AuthKeys {
    let secret = |text: &str| if method == Method::Crc { Vec::new() } else { text.into() };
    let key = |index: u8, text| Key { index, method, secret: secret(text) };
    AuthKeys { active, keys: vec![key(1, "first"), key(2, "second")] }
}

fn settings(hosts: usize, manages: bool, rng: &mut Rng) -> Vec<Settings> {
    let names: Vec<String> = ["alfa", "brav", "charlie", "delta", "echo"].map(str::to_owned)[..hosts].to_vec();
    let keepalive = Duration::from_millis([250, 400, 500, 1000][usize::try_from(rng.below(4)).unwrap()]);
    let deadtime = keepalive * u32::try_from(4 + rng.below(6)).unwrap();
    let count = 1 + rng.below(if hosts > 3 { 2 } else { 3 });
    let mut media: Vec<Medium> =
        (0..count).map(|index| Medium { name: format!("eth{index}"), kind: MediumKind::Network }).collect();
    if hosts == 2 && rng.below(4) == 0 {
        media.push(Medium { name: "/dev/ttyS0".into(), kind: MediumKind::Serial });
    }
    if rng.below(4) == 0 {
        media.push(Medium { name: PING.into(), kind: MediumKind::Ping(PING.into()) });
    }
    let method = if rng.below(10) == 0 { Method::Sha1 } else { Method::Crc };
    let common = Settings {
        node: String::new(),
        nodes: names.clone(),
        media,
        keepalive,
        deadtime,
        warntime: deadtime / 2,
        deadping: deadtime,
        initdead: deadtime + Duration::from_millis(rng.below(4000)),
        hopfudge: 1,
        auto_failback: auto_failback(hosts, manages, rng),
        autojoin: Autojoin::None,
        msgfmt: if rng.below(2) == 0 { MessageFormat::Classic } else { MessageFormat::Netstring },
        compression: Compression::default(),
        max_rexmit_delay: Duration::from_millis(250),
        keys: keys(1, method),
        resources: ResourceSettings { manages, ..ResourceSettings::default() },
        // Three nodes of which each hears another part of the cluster can reset each other in turns and still be wrong about
        // what the third one did meanwhile: fencing is proven for two nodes (docs/HEARTBEAT.md says so).
        has_stonith: manages && rng.below(3) == 0 && hosts == 2,
    };
    let mut each = |node| {
        // Three originals start everything twice: nobody can ask more of them (resource specification, section 8).
        let as_original = (hosts == 2 || !manages) && rng.below(3) == 0;
        let resources = ResourceSettings { as_original, ..common.resources.clone() };
        Settings { node, resources, ..common.clone() }
    };
    names.into_iter().map(&mut each).collect()
}

/// Of three nodes every one answers a request of 1.x, and the first answer counts although another node may not have
/// released yet: with that protocol only two nodes can be asked for one owner.
fn auto_failback(hosts: usize, manages: bool, rng: &mut Rng) -> AutoFailback {
    let words = [AutoFailback::On, AutoFailback::Off, AutoFailback::On, AutoFailback::Off, AutoFailback::Legacy];
    let most = if hosts > 2 && manages { 4 } else { 5 };
    words[usize::try_from(rng.below(most)).unwrap()]
}

fn groups(hosts: usize, rng: &mut Rng) -> Vec<Group> {
    let mut groups = Vec::new();
    for home in 0..hosts {
        for _ in 0..[1, 1, 1, 2, 2, 0][usize::try_from(rng.below(6)).unwrap()] {
            groups.push(Group { home, members: usize::try_from(1 + rng.below(3)).unwrap() });
        }
    }
    groups
}

impl Plan {
    pub(crate) fn new(rng: &mut Rng) -> Self {
        let manages = rng.below(5) > 0;
        let hosts = if manages { [2, 2, 2, 2, 2, 2, 3, 3] } else { [2, 2, 2, 3, 3, 3, 4, 5] };
        let hosts = hosts[usize::try_from(rng.below(8)).unwrap()];
        let settings = settings(hosts, manages, rng);
        let groups = if manages { groups(hosts, rng) } else { Vec::new() };
        let media: Vec<_> = settings[0]
            .media
            .iter()
            .map(|medium| network::Medium::new(!matches!(medium.kind, MediumKind::Ping(_)), rng))
            .collect();
        // Resources have to come to rest before anything can be done to them.
        let heal = (if manages { 15 } else { 8 } + rng.below(22)) * SECOND;
        let mut acts = Vec::new();
        for host in 0..hosts {
            let late = if rng.below(8) == 0 { heal } else { 2 * SECOND };
            acts.push((rng.below(late), Act::Start(host)));
        }
        for _ in 0..2 + rng.below(9) {
            let at = SECOND + rng.below(heal - SECOND);
            acts.extend(one(at, hosts, media.len(), heal, rng));
        }
        for _ in 0..if manages { 1 + rng.below(7) } else { 0 } {
            let at = SECOND + rng.below(heal - SECOND);
            acts.push((at, with_resources(hosts, groups.len(), rng)));
        }
        if rng.below(2) == 0 {
            for _ in 0..rng.below(40) {
                acts.push((rng.below(heal), Act::Attack(1 + rng.below(12))));
            }
        }
        if rng.below(5) == 0 {
            // A rollover: everybody changes, each when its administrator comes to it.
            let start = rng.below(heal);
            acts.extend((0..hosts).map(|host| (start + rng.below(5 * SECOND), Act::Keys(host, 2))));
        }
        acts.push((heal, Act::Heal));
        Self { settings, media, groups, acts, heal }
    }
}

fn one(at: u64, hosts: usize, media: usize, heal: u64, rng: &mut Rng) -> Vec<(u64, Act)> {
    let any = |rng: &mut Rng| usize::try_from(rng.below(hosts as u64)).unwrap();
    let host = any(rng);
    let some = |rng: &mut Rng, all: usize| usize::try_from(1 + rng.below((1 << all) - 1)).unwrap();
    match rng.below(13) {
        0 | 1 => vec![(at, Act::Crash(host, 100_000 + rng.below(9 * SECOND)))],
        2 => vec![(at, Act::Stop(host, 100_000 + rng.below(9 * SECOND)))],
        3 => vec![(at, Act::Restart(host))],
        4 | 5 => vec![(at, Act::Stall(host, 100_000 + rng.below(8 * SECOND)))],
        6..=8 => {
            let from = some(rng, hosts);
            let to = if rng.below(2) == 0 { !from & ((1 << hosts) - 1) } else { some(rng, hosts) };
            let media = if rng.below(2) == 0 { (1 << media) - 1 } else { some(rng, media) };
            vec![(at, Act::Cut { media, from, to, both: rng.below(3) > 0, lasts: 200_000 + rng.below(12 * SECOND) })]
        }
        9 => {
            let medium = usize::try_from(rng.below(media as u64)).unwrap();
            let end = at + rng.below(heal - at + 1);
            vec![(at, Act::Loss { medium, share: rng.below(900) }), (end, Act::Loss { medium, share: 0 })]
        }
        10 => vec![(at, Act::WallClock(host, i64::try_from(rng.below(20_000)).unwrap() - 10_000))],
        11 => vec![(at, Act::Ping(false)), (at + rng.below(8 * SECOND), Act::Ping(true))],
        _ => (0..rng.below(60)).map(|_| (at + rng.below(SECOND), Act::Say(any(rng)))).collect(),
    }
}

fn with_resources(hosts: usize, groups: usize, rng: &mut Rng) -> Act {
    let host = usize::try_from(rng.below(hosts as u64)).unwrap();
    let set = ["local", "foreign", "all"][usize::try_from(rng.below(3)).unwrap()];
    let fault = match rng.below(16) {
        0..=3 => return Act::Standby(host, set),
        4 | 5 => return Act::Takeover(host, set),
        6 => return Act::Kill(host, 100_000 + rng.below(9 * SECOND)),
        7 => return Act::Restart(host),
        8 | 9 => Fault::Slow(SECOND + rng.below(20 * SECOND)),
        10 if groups > 0 => {
            Fault::FailingStarts(usize::try_from(rng.below(groups as u64)).unwrap(), SECOND + rng.below(30 * SECOND))
        }
        11 => Fault::HangingStart,
        12 => Fault::FailingStop,
        13 => Fault::Kills(1 + rng.below(3)),
        14 if rng.below(2) == 0 => Fault::NoChildren(1 + rng.below(2)),
        14 => Fault::FencingHangs(SECOND + rng.below(8 * SECOND)),
        _ => Fault::FencingFails(1 + rng.below(3)),
    };
    Act::Fault(host, fault)
}
