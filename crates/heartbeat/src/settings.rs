//! From the configuration to what the protocol's core is told.

use cluster_protocol::auth::AuthKeys;
use cluster_protocol::settings::{Medium, MediumKind, Settings};
use ha_config::config::{self, Config};

/// The core's settings. `has_groups`: whether `haresources` names any group.
#[must_use]
pub fn build(config: &Config, keys: AuthKeys, has_groups: bool) -> Settings {
    Settings {
        node: config.node.clone(),
        nodes: config.nodes.clone(),
        media: config.media.iter().map(medium).collect(),
        keepalive: config.keepalive,
        deadtime: config.deadtime,
        warntime: config.warntime,
        deadping: config.deadping,
        initdead: config.initdead,
        hopfudge: config.hopfudge,
        auto_failback: config.auto_failback,
        autojoin: config.autojoin,
        msgfmt: config.msgfmt,
        compression: config.compression,
        max_rexmit_delay: config.max_rexmit_delay,
        keys,
        has_groups,
        has_stonith: !config.stonith.is_empty(),
    }
}

/// A medium under the name that log lines and `cl_status` show.
fn medium(medium: &config::Medium) -> Medium {
    let network = |interface: &String| Medium { name: interface.clone(), kind: MediumKind::Network };
    match medium {
        config::Medium::Broadcast { interface, .. }
        | config::Medium::Multicast { interface, .. }
        | config::Medium::Multicast6 { interface, .. }
        | config::Medium::Unicast { interface, .. } => network(interface),
        config::Medium::Serial { device, .. } => {
            Medium { name: device.to_string_lossy().into_owned(), kind: MediumKind::Serial }
        }
        config::Medium::Ping { node, .. } => Medium { name: node.clone(), kind: MediumKind::Ping(node.clone()) },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn media_keep_their_order_and_get_the_names_of_their_links() {
        let mut config = sample::config();
        config.media.push(config::Medium::Serial { device: "/dev/ttyS0".into(), baud: 19200 });
        let members = vec![[10, 0, 0, 1].into()];
        config.media.push(config::Medium::Ping { node: "router".into(), members, group: false });
        let settings = build(&config, AuthKeys { active: 1, keys: Vec::new() }, true);
        let media: Vec<_> = settings.media.iter().map(|medium| (medium.name.as_str(), &medium.kind)).collect();
        let ping = MediumKind::Ping("router".into());
        assert_eq!(media, [("eth0", &MediumKind::Network), ("/dev/ttyS0", &MediumKind::Serial), ("router", &ping)]);
        assert!(settings.has_groups);
    }
}
