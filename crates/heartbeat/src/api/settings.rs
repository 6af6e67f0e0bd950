//! From the configuration to what the server is told.

use crate::messages;
use cluster_protocol::api::{ApiSettings, Rule};
use cluster_protocol::settings::MessageFormat;
use ha_config::config::Config;
use ha_sys::log::facility;
use nix::unistd::geteuid;

/// The server's settings.
pub(super) fn build(config: &Config) -> ApiSettings {
    ApiSettings {
        node: config.node.clone(),
        uid: geteuid().as_raw(),
        deadtime: config.deadtime,
        keepalive: config.keepalive,
        version: version(),
        facility: config.logging.facility.as_deref().and_then(facility),
        parameters: config.parameters.clone(),
        rules: config
            .apiauth
            .iter()
            .map(|line| Rule { name: line.client.clone(), uids: line.uids.clone(), gids: line.gids.clone() })
            .collect(),
        netstrings: config.msgfmt == MessageFormat::Netstring,
    }
}

/// What clients see as `hbversion`: monitoring compares the number in front.
fn version() -> String {
    format!("{} (node: lvs-ha {})", messages::VERSION, env!("CARGO_PKG_VERSION"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;
    use ha_config::config::ApiAuth;

    #[test]
    fn names_times_and_rules_are_those_of_the_configuration() {
        let mut config = sample::config();
        config.apiauth = vec![ApiAuth { client: "ipfail".into(), uids: vec![7], gids: vec![8, 9] }];
        config.logging.facility = Some("local0".into());
        config.msgfmt = MessageFormat::Netstring;
        let settings = build(&config);
        assert_eq!(settings.rules, [Rule { name: "ipfail".into(), uids: vec![7], gids: vec![8, 9] }]);
        assert_eq!((settings.node.as_str(), settings.facility, settings.netstrings), ("node1", Some(16), true));
        assert!(settings.version.starts_with("3.0.6 (node: "));
    }
}
