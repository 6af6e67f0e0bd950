//! What no single line can tell: defaults, relations between times, membership, log targets. And the result.

use super::draft::Draft;
use super::{LogChange, Options};
use crate::config::{ApiAuth, Config, Logging};
use crate::finding::Finding;
use crate::keys;
use cluster_protocol::compress::Compression;
use cluster_protocol::settings::{AutoFailback, Autojoin};
use std::path::PathBuf;
use std::time::Duration;

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

const TEN_SECONDS: Duration = Duration::from_secs(10);

/// Who may be one of the well-known clients, unless `apiauth` says otherwise: client, user, group.
const CLIENTS: &[(&str, Option<&str>, Option<&str>)] = &[
    ("ipfail", Some("hacluster"), None),
    ("ccm", Some("hacluster"), None),
    ("ping", None, Some("haclient")),
    ("lha-snmpagent", Some("root"), None),
    ("anon", Some("root"), Some("haclient")),
];

/// The checks, in the original's order.
pub(super) fn check(draft: &mut Draft<'_>, options: Options) {
    if !draft.written.contains_key("coredumps") {
        draft.check_core_files(None);
    }
    if !draft.pacemaker_seen {
        draft.overall(Finding::Pacemaker { value: "false".to_owned() });
    }
    if draft.media.is_empty() {
        draft.overall(Finding::NoMedia);
    }
    membership(draft);
    times(draft);
    if draft.auto_failback == AutoFailback::Legacy {
        draft.overall(Finding::LegacyFailback);
    }
    log_targets(draft);
    if options.manages_resources && draft.autojoin != Autojoin::None {
        draft.overall(Finding::AutojoinConflict);
    }
}

fn membership(draft: &mut Draft<'_>) {
    if draft.nodes.is_empty() && draft.autojoin != Autojoin::Any {
        draft.overall(Finding::NoNodes);
    }
    if draft.nodes.contains(&draft.node) {
        return;
    }
    let node = draft.node.clone();
    if draft.autojoin == Autojoin::Any {
        draft.nodes.push(node.clone());
        draft.overall(Finding::Added { node });
    } else {
        draft.overall(Finding::NotAMember { node });
    }
}

fn times(draft: &mut Draft<'_>) {
    let keepalive = draft.keepalive;
    let deadtime = draft.deadtime;
    let twice = keepalive.saturating_mul(2);
    if deadtime <= twice {
        draft.overall(Finding::DeadtimeTooSmall { deadtime: millis(deadtime), keepalive: millis(keepalive) });
    }
    let initdead = initdead(draft);
    if initdead < deadtime {
        draft.overall(Finding::InitdeadTooSmall { initdead: millis(initdead), deadtime: millis(deadtime) });
    } else if initdead < TEN_SECONDS {
        draft.overall(Finding::InitdeadShort { initdead: millis(initdead) });
    }
    if let Some(deadping) = draft.deadping.filter(|deadping| *deadping <= twice) {
        draft.overall(Finding::DeadpingTooSmall { deadping: millis(deadping), keepalive: millis(keepalive) });
    }
}

/// Above ten seconds the dead time itself; below six seconds twelve; between them twice the dead time.
fn initdead(draft: &Draft<'_>) -> Duration {
    let deadtime = draft.deadtime;
    draft.initdead.unwrap_or_else(|| {
        if deadtime > TEN_SECONDS {
            deadtime
        } else if deadtime < Duration::from_secs(6) {
            Duration::from_secs(12)
        } else {
            deadtime.saturating_mul(2)
        }
    })
}

/// Facility `kern` has number 0, which the original takes for none (observed on heartbeat 3.0.6).
fn has_facility(draft: &Draft<'_>) -> bool {
    draft.facility.as_deref().is_some_and(|word| word != "kern")
}

fn log_targets(draft: &mut Draft<'_>) {
    let facility = has_facility(draft);
    let any = facility || draft.logfile.is_some() || draft.debugfile.is_some();
    let finding = match (any, draft.use_logd) {
        (true, Some(true)) => Finding::LogdBesides { facility },
        (true, _) => Finding::LogdOff,
        (false, Some(true)) => return,
        (false, wanted) => {
            draft.use_logd = Some(true);
            draft.log(LogChange::Logd(true));
            let unreachable = draft.logd_unreachable();
            if wanted.is_none() {
                draft.written.insert("use_logd", "yes".to_owned());
                Finding::NoLogTarget { unreachable }
            } else {
                Finding::NowhereToLog { unreachable }
            }
        }
    };
    draft.overall(finding);
}

/// The configuration. Only for a draft in which nothing is wrong.
pub(super) fn config(draft: &Draft<'_>, options: Options) -> Config {
    let deadtime = draft.deadtime;
    let threshold = usize::try_from(draft.threshold_kb).unwrap_or(usize::MAX).saturating_mul(1024);
    let compression = Compression { algorithm: draft.algorithm, threshold, traditional: draft.traditional };
    Config {
        node: draft.node.clone(),
        nodes: draft.nodes.clone(),
        media: draft.media.clone(),
        keepalive: draft.keepalive,
        deadtime,
        warntime: draft.warntime.unwrap_or_else(|| half(deadtime)),
        deadping: draft.deadping.unwrap_or(deadtime),
        initdead: initdead(draft),
        hopfudge: draft.hopfudge,
        auto_failback: draft.auto_failback,
        autojoin: draft.autojoin,
        msgfmt: draft.msgfmt,
        compression,
        max_rexmit_delay: draft.max_rexmit_delay,
        generation_is_time: draft.generation_is_time,
        uuid_from_name: draft.uuid_from_name,
        logging: logging(draft),
        realtime: draft.realtime,
        realtime_priority: draft.realtime_priority,
        memory_reserve_kb: draft.memory_reserve_kb,
        watchdog: draft.watchdog.clone(),
        respawn: draft.respawn.clone(),
        apiauth: clients(draft),
        stonith: draft.stonith.clone(),
        coredumps: draft.coredumps,
        coreroot: draft.coreroot.clone().unwrap_or_else(|| PathBuf::from("/var/lib/heartbeat/cores")),
        use_apphbd: draft.use_apphbd,
        manages_resources: options.manages_resources,
        parameters: parameters(draft),
        environment: draft.environment.clone(),
    }
}

/// Half a time, in whole milliseconds.
fn half(time: Duration) -> Duration {
    Duration::from_millis(millis(time) / 2)
}

fn logging(draft: &Draft<'_>) -> Logging {
    Logging {
        debug: draft.debug,
        logfile: draft.logfile.clone(),
        debugfile: draft.debugfile.clone(),
        facility: draft.facility.clone(),
        use_logd: draft.use_logd == Some(true),
        reconnect: draft.reconnect,
        syslog_format: draft.syslog_format,
        bad_packets: draft.bad_packets,
    }
}

fn clients(draft: &Draft<'_>) -> Vec<ApiAuth> {
    let mut all = draft.apiauth.clone();
    for (client, user, group) in CLIENTS {
        if all.iter().any(|known| known.client == *client) {
            continue;
        }
        let uids = user.and_then(|name| draft.machine.user(name)).map(|user| user.uid).into_iter().collect();
        let gids = group.and_then(|name| draft.machine.group(name)).into_iter().collect();
        all.push(ApiAuth { client: (*client).to_owned(), uids, gids });
    }
    all
}

/// What scripts and `-v` see: values as written, defaults, and what follows from other values.
fn parameters(draft: &Draft<'_>) -> Vec<(String, String)> {
    let in_millis = |time: Duration| Some(format!("{}ms", millis(time)));
    let nowhere = || has_facility(draft).then(|| "/dev/null".to_owned());
    let derived = |name: &str| match name {
        "deadping" => in_millis(draft.deadtime),
        "initdead" => in_millis(initdead(draft)),
        "warntime" => in_millis(half(draft.deadtime)),
        "udpport" => Some(draft.port.to_string()),
        "debug" => Some("0".to_owned()),
        "logfile" | "debugfile" => nowhere(),
        _ => None,
    };
    let value = |key: &keys::Key| {
        let written = draft.written.get(key.name).cloned();
        written.or_else(|| key.default.map(str::to_owned)).or_else(|| derived(key.name))
    };
    let exported = keys::KEYS.iter().filter(|key| key.exported);
    exported.filter_map(|key| Some((key.name.to_owned(), value(key)?))).collect()
}
