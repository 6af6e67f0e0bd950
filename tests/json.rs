//! `ipvsadm --list --json` against the real kernel, and `docs/JSON.md` against both.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may stop at the first surprise, also in the helpers that clippy does not take for tests"
)]

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::path::PathBuf;
use std::sync::LazyLock;

use serde_json::{Value, json};
use testkit::build::release_binary;
use testkit::paths::project_root;
use testkit::uml::Lab;

/// What `tests/lab/json` printed, line by line.
static LINES: LazyLock<Vec<String>> = LazyLock::new(|| {
    let ours = env::var_os("LAB_IPVSADM").map_or_else(|| release_binary("ipvsadm").unwrap(), PathBuf::from);
    let lab = Lab::default().variable("LAB_IPVSADM", ours);
    let output = lab.run(&project_root().join("tests/lab/json"), &[]).unwrap();
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{}: {printed}{}", output.status, String::from_utf8_lossy(&output.stderr));
    printed.lines().map(str::to_owned).collect()
});

fn document(index: usize) -> Value {
    serde_json::from_str(&LINES[index]).unwrap_or_else(|error| panic!("{error}: {}", LINES[index]))
}

/// The service of a document with this value of a key.
fn service<'a>(document: &'a Value, key: &str, value: &str) -> &'a Value {
    let mut services = document["services"].as_array().unwrap().iter();
    services.find(|service| service[key] == value).unwrap_or_else(|| panic!("{key} {value} in {document}"))
}

/// Paths of all keys, without the indexes of lists: `services.destinations.weight`.
fn keys(value: &Value, path: &str, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => {
            for (key, value) in object {
                let path = format!("{path}.{key}");
                keys(value, &path, found);
                found.insert(path);
            }
        }
        Value::Array(list) => list.iter().for_each(|value| keys(value, path, found)),
        _ => {}
    }
}

fn keys_of(documents: &[Value]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    documents.iter().for_each(|document| keys(document, "", &mut found));
    found
}

fn documentation() -> String {
    fs::read_to_string(project_root().join("docs/JSON.md")).unwrap()
}

#[test]
fn the_example_of_the_documentation_has_the_keys_that_the_program_prints() {
    let text = documentation();
    let example = text.split("```json\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let example: Value = serde_json::from_str(example).unwrap();
    assert_eq!(keys_of(&[example]), keys_of(&[document(1), document(4)]));
}

#[test]
fn every_key_is_explained_and_every_explained_key_exists() {
    let text = documentation();
    let rows = text.lines().filter_map(|line| line.strip_prefix("| `"));
    let mut explained = BTreeSet::new();
    for row in rows {
        let cell = row.split(" | ").next().unwrap();
        explained.extend(cell.split(|c| "`, ".contains(c)).filter(|key| !key.is_empty()).map(str::to_owned));
    }
    // Explained in a sentence.
    explained.extend(["tcp", "tcp_fin", "udp", "timeout", "netmask"].map(str::to_owned));
    let printed = keys_of(&[document(1), document(4)]);
    let printed: BTreeSet<String> = printed.iter().map(|path| path.rsplit('.').next().unwrap().to_owned()).collect();
    assert_eq!(explained, printed);
}

#[test]
fn an_empty_table_is_a_document_too() {
    let empty = document(0);
    assert_eq!(empty["schema"], 1);
    assert_eq!(empty["version"], "1.2.1");
    assert!(empty["connection_table_size"].as_u64().unwrap() > 0);
    assert_eq!(empty["timeouts"], json!({"tcp": 900, "tcp_fin": 120, "udp": 300}));
    assert_eq!((&empty["services"], &empty["daemons"]), (&json!([]), &json!([])));
}

#[test]
fn services_are_shown_with_all_their_settings() {
    let all = document(1);
    assert_eq!(all["timeouts"], json!({"tcp": 901, "tcp_fin": 121, "udp": 301}));
    let tcp = service(&all, "protocol", "tcp");
    assert_eq!((&tcp["address"], &tcp["port"]), (&json!("192.168.0.1"), &json!(80)));
    assert_eq!((&tcp["fwmark"], &tcp["family"], &tcp["scheduler"]), (&Value::Null, &json!("ipv4"), &json!("sh")));
    assert_eq!(tcp["flags"], json!(["sh-port", "flag-3"]));
    assert_eq!(tcp["persistent"], json!({"timeout": 600, "netmask": "255.255.255.0"}));
    let udp = service(&all, "protocol", "udp");
    assert_eq!((&udp["one_packet"], &udp["persistent"], &udp["pe"]), (&json!(true), &Value::Null, &Value::Null));
    let mark = service(&all, "protocol", "fwmark");
    assert_eq!((&mark["fwmark"], &mark["family"]), (&json!(4_294_967_295_u32), &json!("ipv6")));
    assert_eq!((&mark["address"], &mark["port"]), (&Value::Null, &Value::Null));
    assert_eq!((&mark["pe"], &mark["scheduler"]), (&json!("sip"), &json!("none")));
    let sctp = service(&all, "protocol", "sctp");
    assert_eq!((&sctp["address"], &sctp["flags"]), (&json!("2001:db8::9"), &json!(["mh-fallback"])));
    assert_eq!(sctp["persistent"], json!({"timeout": 60, "netmask": 64}));
}

#[test]
fn destinations_are_shown_with_all_their_settings() {
    let all = document(1);
    let nat = &service(&all, "protocol", "tcp")["destinations"][0];
    assert_eq!((&nat["address"], &nat["port"], &nat["family"]), (&json!("10.0.0.11"), &json!(8080), &json!("ipv4")));
    assert_eq!((&nat["forward"], &nat["tunnel"]), (&json!("masquerade"), &Value::Null));
    assert_eq!(nat["weight"], 2_147_483_647);
    assert_eq!((&nat["upper_threshold"], &nat["lower_threshold"]), (&json!(4294), &json!(17)));
    let destinations = service(&all, "protocol", "udp")["destinations"].as_array().unwrap();
    let mut tunnels: Vec<(String, Value)> = Vec::new();
    for destination in destinations {
        tunnels.push((destination["address"].as_str().unwrap().to_owned(), destination["tunnel"].clone()));
    }
    tunnels.sort_by(|a, b| a.0.cmp(&b.0));
    let wanted = [
        ("10.0.0.12", Value::Null),
        ("10.0.0.13", json!({"type": "ipip", "port": null, "checksum": null})),
        ("10.0.0.14", json!({"type": "gre", "port": null, "checksum": "csum"})),
        ("2001:db8::15", json!({"type": "gue", "port": 5555, "checksum": "remcsum"})),
    ];
    assert_eq!(tunnels, wanted.map(|(address, tunnel)| (address.to_owned(), tunnel)));
}

#[test]
fn traffic_is_counted() {
    let udp = service(&document(1), "protocol", "udp").clone();
    assert_eq!(udp["stats"]["connections"], 1);
    assert_eq!(udp["stats"]["in_packets"], 1);
    let servers = udp["destinations"].as_array().unwrap();
    assert_eq!(servers.iter().map(|server| server["stats"]["in_packets"].as_u64().unwrap()).sum::<u64>(), 1);
}

#[test]
fn nosort_has_the_same_services_and_one_service_only_itself() {
    let (all, unsorted, one) = (document(1), document(2), document(3));
    let names = |document: &Value| -> BTreeSet<String> {
        document["services"].as_array().unwrap().iter().map(|service| service["address"].to_string()).collect()
    };
    assert_eq!(names(&all), names(&unsorted));
    assert_eq!(all["services"].as_array().unwrap().len(), 4);
    let services = one["services"].as_array().unwrap();
    assert_eq!((services.len(), &services[0]["fwmark"]), (1, &json!(4_294_967_295_u32)));
    assert_eq!(document(4)["services"][0]["port"], 80);
}

#[test]
fn daemons_are_shown() {
    let wanted = json!([{"role": "backup", "interface": "eth0", "sync_id": 7, "max_length": 1472,
        "group": "224.0.0.81", "port": 8848, "ttl": 1}]);
    assert_eq!(document(4)["daemons"], wanted);
    assert_eq!(document(1)["daemons"], json!([]));
}

#[test]
fn a_missing_service_is_an_error_without_any_json() {
    assert_eq!(LINES[5..], ["No such service", "status 1"]);
}
