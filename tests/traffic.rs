//! Real traffic through our `ipvsadm`'s tables: scripts below `scripts/lab/net` build networks in the lab kernel, send
//! requests and print `ok NAME` or `FAIL NAME: why` per check. Here stands which checks must come, so that none gets lost.
//!
//! `LAB_IPVSADM` names another program to test, for instance the original: it must pass as well.
#![cfg(test)]

use std::env;
use std::path::PathBuf;
use std::process::Output;
use std::time::Duration;

use testkit::build::release_binary;
use testkit::paths::project_root;
use testkit::uml::Lab;

/// The three networks, each with the same checks.
const FORWARDING: &str = "nat-shares-by-weight nat-listing nat-connections nat-stats \
    dr-shares-by-weight dr-listing dr-connections dr-stats \
    tun-shares-by-weight tun-listing tun-connections tun-stats";

/// Each scheduler: named in the listing, then choosing servers as it should.
const SCHEDULERS: &str = "rr-listed rr wrr-listed wrr lc-listed lc wlc-listed wlc sed-listed sed \
    nq-listed nq nq-idle-server-first dh-listed dh lblc-listed lblc lblcr-listed lblcr sh-listed sh mh-listed mh \
    fo-listed fo ovf-listed ovf";

/// Everything else that traffic can show.
const FEATURES: &str = "ipv6-shares ipv6-listing ipv6-connections \
    fwmark-one-service-for-two-ports fwmark-listing \
    persistence-keeps-a-client persistence-listing persistence-template \
    quiesced-gets-nothing-new quiesced-keeps-open-connections quiesced-listing \
    threshold-stops-at-the-upper-limit threshold-listing counters-arrive counters-zeroed \
    sync-daemon-listed sync-backup-listed sync-copies-connections sync-daemon-stops \
    udp-one-socket-one-server udp-one-packet-takes-turns udp-one-packet-listing";

/// The `ipvsadm` to test: ours as it is shipped, unless the caller names another.
fn ipvsadm() -> PathBuf {
    env::var_os("LAB_IPVSADM").map_or_else(|| release_binary("ipvsadm").unwrap(), PathBuf::from)
}

/// Runs `script` inside the lab kernel.
fn in_the_lab(script: &str) -> Output {
    Lab::default()
        .limit(Duration::from_secs(300))
        .variable("LAB_IPVSADM", ipvsadm())
        .variable("LAB_LABNET", env!("CARGO_BIN_EXE_labnet"))
        .run(&project_root().join("scripts/lab/net").join(script), &[])
        .unwrap()
}

/// Runs one script and compares the names it passed with the `wanted` ones.
fn check(script: &str, wanted: &str) {
    let output = in_the_lab(script);
    let printed = String::from_utf8_lossy(&output.stdout);
    let passed: Vec<&str> = printed.lines().filter_map(|line| line.strip_prefix("ok ")).collect();
    let wanted: Vec<&str> = wanted.split_whitespace().collect();
    let report = format!("{printed}{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(passed, wanted, "the script printed:\n{report}");
    assert!(output.status.success(), "{}, and the script printed:\n{report}", output.status);
}

#[test]
fn nat_direct_routing_and_tunnels_share_requests_by_weight() {
    check("traffic-forwarding", FORWARDING);
}

#[test]
fn every_scheduler_chooses_servers_as_its_name_says() {
    check("traffic-schedulers", SCHEDULERS);
}

#[test]
fn ipv6_marks_persistence_quiescing_thresholds_counters_and_synchronisation_work() {
    check("traffic-features", FEATURES);
}
