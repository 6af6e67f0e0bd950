//! Random files: what is printed is read back the same, and nothing at all makes the readers panic.
#![cfg(test)]

use cluster_protocol::auth::{AuthKeys, Key, Method};
use ha_config::config::{Config, Medium};
use ha_config::evaluate::{Evaluation, Files, Options, Source, evaluate, survey};
use ha_config::scripted::{Interface, Scripted};
use ha_config::{authkeys, haresources};
use proptest::prelude::*;
use std::fmt::Write as _;
use std::net::Ipv4Addr;

const OPTIONS: Options = Options { manages_resources: true };

fn machine() -> Scripted {
    let mut machine = Scripted { node: "node1".into(), root: true, ..Scripted::default() };
    for (name, index) in [("eth0", 2), ("eth1", 3)] {
        let address = Some((Ipv4Addr::new(10, 0, 0, 1), Ipv4Addr::new(10, 0, 0, 255)));
        machine.interfaces.insert(name.into(), Interface { index, address });
    }
    machine
}

fn judge(ha_cf: &[u8]) -> Evaluation {
    let files = Files {
        ha_cf: Source::Content(ha_cf),
        authkeys: Source::Content(b"auth 1\n1 crc\n"),
        authkeys_mode: 0o600,
        haresources: Source::Content(b""),
    };
    evaluate(&files, OPTIONS, &machine())
}

/// The lines that make a configuration: what is not written here keeps its default.
fn print(config: &Config) -> String {
    let mut text = String::new();
    for (name, value) in &config.parameters {
        if name != "auto_failback" || value != "legacy" {
            let _ = writeln!(text, "{name} {value}");
        }
    }
    for node in &config.nodes {
        let _ = writeln!(text, "node {node}");
    }
    for medium in &config.media {
        let _ = match medium {
            Medium::Broadcast { interface, .. } => writeln!(text, "bcast {interface}"),
            Medium::Unicast { interface, peer, .. } => writeln!(text, "ucast {interface} {peer}"),
            Medium::Multicast { interface, group, port, ttl, loopback } => {
                writeln!(text, "mcast {interface} {group} {port} {ttl} {}", u8::from(*loopback))
            }
            other => writeln!(text, "# {other:?}"),
        };
    }
    for (name, value) in &config.environment {
        let _ = writeln!(text, "env {}={value}", name.trim_start_matches("HA_"));
    }
    text
}

fn medium_line() -> impl Strategy<Value = String> {
    let interface = prop_oneof![Just("eth0"), Just("eth1")];
    prop_oneof![
        interface.clone().prop_map(|interface| format!("bcast {interface}")),
        (interface.clone(), any::<u8>()).prop_map(|(interface, last)| format!("ucast {interface} 10.0.0.{last}")),
        (interface, 1..u16::MAX, 0..5_u8, 0..2_u8)
            .prop_map(|(interface, port, ttl, own)| format!("mcast {interface} 225.0.0.1 {port} {ttl} {own}")),
    ]
}

prop_compose! {
    fn ha_cf()(
        keepalive in 1..2000_u32,
        deadtime in 4001..60_000_u32,
        initdead in 60_000..90_000_u32,
        port in 1..65535_u32,
        hopfudge in 0..256_u32,
        failback in prop_oneof![Just("on"), Just("OFF"), Just("legacy")],
        format in prop_oneof![Just("classic"), Just("netstring")],
        module in prop_oneof![Just("zlib"), Just("bz2")],
        threshold in 1..100_u32,
        names in proptest::collection::btree_set("[a-z][a-z0-9.-]{0,12}", 0..5),
        media in proptest::collection::vec(medium_line(), 1..4),
        variables in proptest::collection::vec(("[A-Z]{1,8}", "[a-z=/]{0,8}"), 0..3),
    ) -> String {
        let mut text = format!(
            "udpport {port}\nkeepalive {keepalive}ms\ndeadtime {deadtime}ms # x\n  initdead\t{initdead}ms\nhopfudge {hopfudge}\n\
             auto_failback {failback}\nmsgfmt {format}\ncompression {module}\ncompression_threshold {threshold}\n\
             node node1\nlogfacility local0\n"
        );
        for name in names {
            let _ = writeln!(text, "node {name}");
        }
        for line in media {
            let _ = writeln!(text, "{line}");
        }
        for (name, value) in variables {
            let _ = writeln!(text, "env {name}={value}");
        }
        text
    }
}

proptest! {
    #[test]
    fn a_configuration_that_is_printed_is_read_back_the_same(text in ha_cf()) {
        let first = judge(text.as_bytes());
        prop_assert!(first.config.is_some(), "{text}\n{:?}", first.steps);
        let config = first.config.unwrap();
        let printed = print(&config);
        let second = judge(printed.as_bytes()).config;
        // Files for scripts only: `/dev/null` is written out and read back as a real one.
        let second = second.map(|mut second| {
            second.logging.logfile = None;
            second.logging.debugfile = None;
            second
        });
        prop_assert_eq!(second, Some(config), "{}\n{}", text, printed);
    }

    #[test]
    fn keys_that_are_printed_are_read_back_the_same(
        secrets in proptest::collection::btree_map(0..16_u8, "[!-~]{1,40}", 1..16),
        crc in any::<bool>(),
    ) {
        let keys: Vec<Key> = secrets
            .into_iter()
            .map(|(index, secret)| match (index % 3, crc) {
                (0, true) => Key { index, method: Method::Crc, secret: Vec::new() },
                (1, _) => Key { index, method: Method::Md5, secret: secret.into_bytes() },
                _ => Key { index, method: Method::Sha1, secret: secret.into_bytes() },
            })
            .collect();
        let expected = AuthKeys { active: keys[0].index, keys };
        let mut text = format!("auth {}\n", expected.active);
        for key in &expected.keys {
            let method = match key.method {
                Method::Crc => "crc",
                Method::Md5 => "md5",
                Method::Sha1 => "sha1",
            };
            let _ = writeln!(text, "{} {method} {}", key.index, String::from_utf8_lossy(&key.secret));
        }
        prop_assert_eq!(authkeys::parse(text.as_bytes()).keys, Some(expected), "{}", text);
    }

    #[test]
    fn no_bytes_make_the_readers_panic(
        ha_cf in proptest::collection::vec(any::<u8>(), 0..400),
        words in "((node|bcast|mcast|ucast6|udpport|apiauth|keepalive|stonith_host|respawn|env|ping_group)[ \t,#\r]{0,2}[a-z0-9.:=%/*-]{0,8}[ \n]{0,2}){0,30}",
        keys in "((auth|[0-9]{1,3}|crc|sha1)[ \t\r]{0,2}[a-z#]{0,4}\n?){0,20}",
        resources in "([a-z0-9.:/#\\\\]{0,9}[ \t\r\n]{0,2}){0,30}",
    ) {
        for text in [ha_cf.as_slice(), words.as_bytes()] {
            let files = Files {
                ha_cf: Source::Content(text),
                authkeys: Source::Content(keys.as_bytes()),
                authkeys_mode: 0o600,
                haresources: Source::Content(resources.as_bytes()),
            };
            let result = evaluate(&files, OPTIONS, &machine());
            prop_assert_eq!(result.config.is_some(), result.keys.is_some());
            let all = survey(&files, OPTIONS, &machine());
            prop_assert_eq!(all.config.is_some(), result.config.is_some());
        }
        let groups = haresources::groups(resources.as_bytes());
        prop_assert!(groups.iter().all(|group| !group.node.text.is_empty()));
    }
}
