//! `ha_propagate` with programs of the test in place of scp and ssh, and `hbstatus` with files of the test.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise, also in helpers")]

use assert_cmd::Command;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

fn tool(name: &str, directory: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ha-tools"));
    command.arg(name).env_clear().env("HA_DIR", directory).env("HA_CURHOST", "alpha").env("TZ", "UTC");
    command.env("HA_ENGINEFILE", directory.join("engine.json")).env("HA_TRUTHDIR", directory.join("groups"));
    command
}

#[test]
fn ha_propagate_copies_to_every_other_node() {
    let directory = tempfile::tempdir().unwrap();
    let place = directory.path();
    let root = place.display();
    tool("ha_propagate", place).assert().code(1).stdout("HA Linux not configured on this node.  Can not propagate.\n");
    fs::write(place.join("ha.cf"), "node Alpha beta\nnode gamma\n").unwrap();
    fs::write(place.join("authkeys"), "auth 1\n").unwrap();
    for (name, code) in [("scp", 0), ("ssh", 0)] {
        let script = format!("#!/bin/sh\necho {name} \"$@\" >>{root}/calls\nexit {code}\n");
        fs::write(place.join(name), script).unwrap();
        fs::set_permissions(place.join(name), fs::Permissions::from_mode(0o755)).unwrap();
    }
    let lines = |node: &str| {
        format!(
            "Propagating HA configuration files to node {node}.\nSetting HA startup configuration on node {node}.\n"
        )
    };
    let mut command = tool("ha_propagate", place);
    command.env("PATH", place).env("HA_BIN", place).assert().success().stdout(lines("beta") + &lines("gamma"));
    let calls = fs::read_to_string(place.join("calls")).unwrap();
    let calls: Vec<&str> = calls.lines().collect();
    assert_eq!(calls.len(), 4, "{calls:?}");
    assert_eq!(calls[0], format!("scp -p {root}/ha.cf {root}/authkeys root@beta:{root}/"));
    assert!(calls[3].starts_with("ssh root@gamma ") && calls[3].contains("chkconfig heartbeat on"), "{calls:?}");
    fs::write(place.join("scp"), "#!/bin/sh\nexit 1\n").unwrap();
    tool("ha_propagate", place).env("PATH", place).env("HA_BIN", place).assert().code(1);
}

#[test]
fn hbstatus_says_what_runs_and_what_is_only_claimed() {
    let directory = tempfile::tempdir().unwrap();
    let place = directory.path();
    fs::write(place.join("haresources"), "alpha one\nbeta two\n").unwrap();
    tool("hbstatus", place).assert().code(1).stdout(
        "node alpha: heartbeat is not running\n\n\
         GROUP  HOME   STATE    WHERE  SINCE  LAST TRANSITION  LAST FAILURE\n\
         one    alpha  STOPPED  -      -      -                -\n\
         two    beta   STOPPED  -      -      -                -\n",
    );
    let engine = |holds: &str| {
        format!(
            r#"{{"node":"alpha","status":"active","state":"stable","holds":"local","stable":true,"standby":"none",
            "since":0,"pid":{},"last_event":"a\u001bb","last_event_at":60,"peers":[{{"node":"beta","status":"active",
            "alive":true,"ours":false,"holds":"{holds}","stable":true,"groups":[]}}]}}"#,
            std::process::id()
        )
    };
    fs::write(place.join("engine.json"), engine("all")).unwrap();
    tool("hbstatus", place).assert().success().stdout(
        "node alpha: active, stable since 1970-01-01 00:00:00, stable, claims local\n\
         last event: a?b at 1970-01-01 00:01:00\n\
         peer beta: active, alive, stable, claims all\n\n\
         GROUP  HOME   STATE    WHERE           SINCE  LAST TRANSITION  LAST FAILURE\n\
         one    alpha  running  beta (claimed)  -      -                -\n\
         two    beta   running  beta (claimed)  -      -                -\n",
    );
    fs::write(place.join("engine.json"), engine("local")).unwrap();
    let output = tool("hbstatus", place).arg("--json").assert().code(2);
    let report: serde_json::Value = serde_json::from_slice(&output.get_output().stdout).unwrap();
    assert_eq!(report["groups"][0]["verdict"], "stopped");
    assert_eq!(report["groups"][1]["places"][0]["node"], "beta");
    tool("hbstatus", place).arg("--help").assert().success();
    tool("hbstatus", place).arg("--nonsense").assert().code(3);
}
