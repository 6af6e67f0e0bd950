//! From the configuration to what the protocol's core is told.

use cluster_protocol::auth::AuthKeys;
use cluster_protocol::resources::Set;
use cluster_protocol::settings::{Medium, MediumKind, ResourceSettings, Settings};
use ha_config::config::{self, Config};
use resource_manager::truth::{self, State};

/// `env AS_ORIGINAL=yes` in `ha.cf`: towards nodes of ours too, behave as the originals do.
const AS_ORIGINAL: &str = "HA_AS_ORIGINAL";

/// From one life to the next through a reload, in the environment: whose groups are held.
pub const HOMES: &str = "LVS_HA_HOMES";

/// The core's settings. `manages`: resources are ours to manage; `held`: after a reload, what was held before it;
/// `device`: there is a fencing device.
#[must_use]
pub fn build(config: &Config, keys: AuthKeys, manages: bool, held: Option<Set>, device: bool) -> Settings {
    let homes = held.and_then(|_| std::env::var(HOMES).ok()).unwrap_or_default();
    let homes = homes.split_ascii_whitespace().map(str::to_owned).collect();
    let leftovers = held.is_none() && truth::read_all().iter().any(|group| group.state != State::Stopped);
    let as_original = config.environment.iter().any(|(name, value)| name == AS_ORIGINAL && value == "yes");
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
        resources: ResourceSettings { manages, held, homes, leftovers, as_original },
        has_stonith: device,
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
        let settings = build(&config, AuthKeys { active: 1, keys: Vec::new() }, true, None, false);
        let media: Vec<_> = settings.media.iter().map(|medium| (medium.name.as_str(), &medium.kind)).collect();
        let ping = MediumKind::Ping("router".into());
        assert_eq!(media, [("eth0", &MediumKind::Network), ("/dev/ttyS0", &MediumKind::Serial), ("router", &ping)]);
        assert!(settings.resources.manages && !settings.resources.as_original);
    }
}
