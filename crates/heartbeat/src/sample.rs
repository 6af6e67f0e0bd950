//! A plain configuration for tests.
#![cfg(test)]

use cluster_protocol::compress::Compression;
use cluster_protocol::settings::{AutoFailback, Autojoin, MessageFormat};
use ha_config::config::{Config, Logging, Medium};
use std::time::Duration;

/// Two nodes and one broadcast medium.
pub(crate) fn config() -> Config {
    Config {
        node: "node1".into(),
        nodes: vec!["node1".into(), "node2".into()],
        media: vec![Medium::Broadcast { interface: "eth0".into(), port: 694 }],
        keepalive: Duration::from_secs(1),
        deadtime: Duration::from_secs(10),
        warntime: Duration::from_secs(5),
        deadping: Duration::from_secs(10),
        initdead: Duration::from_secs(20),
        hopfudge: 1,
        auto_failback: AutoFailback::On,
        autojoin: Autojoin::None,
        msgfmt: MessageFormat::Classic,
        compression: Compression::default(),
        max_rexmit_delay: Duration::from_millis(250),
        generation_is_time: false,
        uuid_from_name: false,
        logging: Logging::default(),
        realtime: false,
        realtime_priority: 1,
        memory_reserve_kb: 6500,
        watchdog: None,
        respawn: Vec::new(),
        apiauth: Vec::new(),
        stonith: Vec::new(),
        coredumps: true,
        coreroot: "/var/lib/heartbeat/cores".into(),
        use_apphbd: false,
        manages_resources: true,
        parameters: Vec::new(),
        environment: Vec::new(),
    }
}
