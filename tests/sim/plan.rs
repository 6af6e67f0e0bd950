//! What a seed means: the cluster's configuration, and what happens to it when.

use std::time::Duration;

use cluster_protocol::auth::{AuthKeys, Key, Method};
use cluster_protocol::compress::Compression;
use cluster_protocol::rng::Rng;
use cluster_protocol::settings::{AutoFailback, Autojoin, Medium, MediumKind, MessageFormat, Settings};

use crate::network;

const SECOND: u64 = 1_000_000;
/// The ping node's name.
pub(crate) const PING: &str = "router";

/// One thing that happens from outside.
#[derive(Clone, Debug)]
pub(crate) enum Act {
    Start(usize),
    /// `kill -9`, and a new start after so many microseconds.
    Crash(usize, u64),
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
    pub(crate) acts: Vec<(u64, Act)>,
    pub(crate) heal: u64,
}

/// Both keys at every host; `active` signs.
pub(crate) fn keys(active: u8, method: Method) -> AuthKeys {
    let secret = |text: &str| if method == Method::Crc { Vec::new() } else { text.into() };
    let key = |index: u8, text| Key { index, method, secret: secret(text) };
    AuthKeys { active, keys: vec![key(1, "first"), key(2, "second")] }
}

fn settings(hosts: usize, rng: &mut Rng) -> Vec<Settings> {
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
        auto_failback: [AutoFailback::On, AutoFailback::Off, AutoFailback::Legacy]
            [usize::try_from(rng.below(3)).unwrap()],
        autojoin: Autojoin::None,
        msgfmt: if rng.below(2) == 0 { MessageFormat::Classic } else { MessageFormat::Netstring },
        compression: Compression::default(),
        max_rexmit_delay: Duration::from_millis(250),
        keys: keys(1, method),
        has_groups: rng.below(2) == 0,
        has_stonith: false,
    };
    names.into_iter().map(|node| Settings { node, ..common.clone() }).collect()
}

impl Plan {
    pub(crate) fn new(rng: &mut Rng) -> Self {
        let hosts = [2, 2, 2, 3, 3, 3, 4, 5][usize::try_from(rng.below(8)).unwrap()];
        let settings = settings(hosts, rng);
        let media: Vec<_> = settings[0]
            .media
            .iter()
            .map(|medium| network::Medium::new(!matches!(medium.kind, MediumKind::Ping(_)), rng))
            .collect();
        let heal = (8 + rng.below(22)) * SECOND;
        let mut acts = Vec::new();
        for host in 0..hosts {
            let late = if rng.below(8) == 0 { heal } else { 2 * SECOND };
            acts.push((rng.below(late), Act::Start(host)));
        }
        for _ in 0..2 + rng.below(9) {
            let at = SECOND + rng.below(heal - SECOND);
            acts.extend(one(at, hosts, media.len(), heal, rng));
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
        Self { settings, media, acts, heal }
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
