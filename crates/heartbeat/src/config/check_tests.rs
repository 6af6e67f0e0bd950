//! Tests of `--check`, with files in a directory of their own and the machine they run on.

use super::*;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;

fn host() -> String {
    nix::sys::utsname::uname().unwrap().nodename().to_string_lossy().to_lowercase()
}

fn checked(ha_cf: &str, authkeys: &str, mode: u32, haresources: &str) -> (i32, String) {
    let directory = tempfile::tempdir().unwrap();
    let keys = directory.path().join("authkeys");
    fs::write(directory.path().join("ha.cf"), ha_cf).unwrap();
    fs::write(&keys, authkeys).unwrap();
    fs::set_permissions(&keys, fs::Permissions::from_mode(mode)).unwrap();
    fs::write(directory.path().join("haresources"), haresources).unwrap();
    let mut out = Vec::new();
    let status = run(directory.path(), &mut out);
    let text = String::from_utf8(out).unwrap();
    (status, text.replace(&format!("{}/", directory.path().display()), ""))
}

fn good() -> String {
    format!("node {} other\nucast lo 127.0.0.1\nlogfacility local0\nauto_failback on\n", host())
}

#[test]
fn a_good_configuration_is_one_line_with_checksums() {
    let (status, text) = checked(&good(), "auth 1\n1 sha1 secret\n", 0o600, &format!("{} 192.0.2.1 httpd\n", host()));
    assert_eq!(status, 0, "{text}");
    let start = "ok: ha.cf ";
    assert!(text.starts_with(start) && text.lines().count() == 1, "{text}");
    assert!(text.contains(", authkeys f6f097438603, haresources "), "{text}");
}

#[test]
fn all_files_are_checked_at_once() {
    let ha_cf = format!("{}keepalve 2\ndeadtime 2s\npingping1.linux-ha.org x\n", good());
    let (status, text) = checked(&ha_cf, "auth 1\n1 sha256 x\n", 0o640, "zeta a\neta b\n");
    assert_eq!(status, 1);
    for line in [
        "ha.cf:5:1: error: `keepalve` is no directive; did you mean `keepalive`?",
        "ha.cf:6:10: error: deadtime: `2s` is not possible; expected a time: a number of seconds, or a number followed by \
         ms or us",
        "ha.cf:7:1: error: `pingping1.linux-ha.org` is no directive; is a blank missing after `ping`?",
        "authkeys: error: mode 640 lets others read the keys: chmod 600",
        "authkeys:2:1: error: `sha256` is no method; expected sha1, md5 or crc",
        "haresources:1:1: error: `zeta` is no node of ha.cf",
        "haresources:2:1: error: `eta` is no node of ha.cf",
    ] {
        assert!(text.lines().any(|found| found == line), "{line}\nis not in\n{text}");
    }
    let files: Vec<&str> = text.lines().filter_map(|line| line.split(':').next()).collect();
    assert!(files.is_sorted_by_key(|file| ["ha.cf", "authkeys", "haresources"].iter().position(|name| name == file)));
}

#[test]
fn what_concerns_a_file_as_a_whole_comes_before_its_lines() {
    let ha_cf = good().replace(" other", "") + "hopfudge 1x\n";
    let (_, text) = checked(&ha_cf, "auth 1\n1 sha1 x\n", 0o600, "");
    let only = text.find("ha.cf: warning: ").unwrap();
    assert!(only < text.find("ha.cf:5:10: warning: hopfudge").unwrap(), "{text}");
}

#[test]
fn differences_between_files_and_lines_are_found() {
    let host = host();
    let ha_cf = format!("{}ucast lo 203.0.113.9\nnode OTHER\nudpport 700\nping 127.0.0.1\nwarntime 60\n", good());
    let resources = format!("{host} 192.0.2.1 httpd\nother IPaddr::192.0.2.1/24 httpd\nother x \\ \n");
    let (status, text) = checked(&ha_cf, "auth 2\n2 crc\n", 0o622, &resources);
    assert_eq!(status, 1);
    for part in [
        "ha.cf:6:6: warning: node other is named twice",
        "ha.cf:6:6: warning: node OTHER: names are compared in lower case",
        "ha.cf:7:9: warning: udpport counts only for media after it",
        "ha.cf: warning: warntime is not below deadtime",
        "authkeys: warning: crc protects from noise",
        "authkeys: warning: mode 622 lets others change the keys",
        "haresources:2:7: error: address 192.0.2.1 stands in line 1 already",
        "haresources:2:28: error: `httpd` stands in line 1 already",
        "haresources:3:9: warning: blanks after the backslash",
    ] {
        assert!(text.contains(part), "{part}\nis not in\n{text}");
    }
}

#[test]
fn ends_of_lines_that_are_none_are_found() {
    let ha_cf = good() + "keepalive 1\rdeadtime 5\nenv A=\\\nenv B=c\r\n";
    let (status, text) = checked(&ha_cf, "auth 1\n1 sha1 x\n", 0o600, "");
    assert_eq!(status, 0, "{text}");
    for part in ["ha.cf:5:12: warning: what follows", "ha.cf:6:7: warning: a backslash"] {
        assert!(text.contains(part), "{part}\nis not in\n{text}");
    }
    assert!(!text.contains("ha.cf:7:"), "{text}");
}

#[test]
fn missing_files_are_named() {
    let directory = tempfile::tempdir().unwrap();
    let mut out = Vec::new();
    assert_eq!(run(directory.path(), &mut out), 1);
    let text = String::from_utf8(out).unwrap();
    for name in ["ha.cf", "authkeys", "haresources"] {
        assert!(text.contains(&format!("/{name}: error: cannot be read")), "{text}");
    }
}
