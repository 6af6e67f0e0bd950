//! Tests of [`crate::args`]: what command lines mean, and which mistake is reported first.

use super::*;
use crate::messages;
use crate::names::tests::Fixed;
use ipvs::model::{Dest, Family, ForwardMethod, Netmask, Service, ServiceFlags, Tunnel, TunnelChecksum};
use std::num::NonZeroU32;

fn read(line: &str) -> Result<Invocation, Refusal> {
    let words: Vec<&[u8]> =
        line.split_whitespace().map(|word| if word == "''" { b"" } else { word.as_bytes() }).collect();
    parse(&words, Reading::default(), &Fixed)
}

/// The message of a refused line.
fn message(line: &str) -> String {
    let error = read(line).expect_err(line).error;
    let text = String::from_utf8(messages::usage(&error, b"ipvsadm")).unwrap();
    format!("{} [{}]", text.trim_end(), error.status())
}

fn service(line: &str) -> Service {
    match read(line) {
        Ok(Invocation::Change(Op::NewService(service) | Op::SetService(service))) => service,
        other => panic!("{line}: {other:?}"),
    }
}

fn dest(line: &str) -> Dest {
    match read(line) {
        Ok(Invocation::Change(Op::NewDest(_, dest) | Op::SetDest(_, dest))) => dest,
        other => panic!("{line}: {other:?}"),
    }
}

#[test]
fn the_first_option_must_be_the_command() {
    for line in ["-n -L", "-nL", "foo", "''", "-", "-- -L", "--list=1", "--lis", "--start-daemon", "-Q"] {
        assert_eq!(message(line), "Try `ipvsadm -h' or 'ipvsadm --help' for more information. [255]", "{line}");
    }
    assert_eq!(message("foo -L"), "unexpected argument foo [2]");
}

#[test]
fn the_first_bad_word_decides_the_message() {
    assert_eq!(message("-A -f 0 -t bad"), "invalid fwmark value `0' specified [2]");
    assert_eq!(message("-A -t vip.example:80 -w 5 -w bad"), "multiple 'weight' options specified [2]");
    assert_eq!(message("-C foo --bogus"), "--bogus: unknown option [255]");
    assert_eq!(message("-C foo -n"), "unexpected argument foo [2]");
    assert_eq!(message("-L --start-daemon master"), "invalid option `master' [2]");
    assert_eq!(message("-AD -t 10.0.0.1:80"), "invalid option `-AD' [2]");
}

#[test]
fn rules_over_several_options_are_checked_in_the_order_of_the_original() {
    assert_eq!(message("--set 1 2"), "--set option requires 3 timeout values [2]");
    assert_eq!(message("-D -t 10.0.0.1:80 -b bogus"), "invalid scheduler flag `bogus' [2]");
    assert_eq!(message("-A -t 10.0.0.1 -o"), "Zero port specified for non-persistent service [2]");
    assert_eq!(message("-A -t 10.0.0.1 -o -p"), "One-Packet Scheduling is only for UDP virtual services [2]");
    let other_family = "-a -t 10.0.0.1:80 -r 2001:db8::1 --tun-type gue";
    assert_eq!(message(other_family), "Different address family is allowed only for tunneling servers [2]");
    assert_eq!(message("-a -t 10.0.0.1:80 -r 10.0.0.2 --tun-csum"), "Tunnel options conflict with forward method [2]");
}

#[test]
fn only_commas_as_scheduler_flags_are_refused() {
    assert_eq!(message("-A -t 10.0.0.1:80 -s sh -b ,"), "invalid scheduler flag `,' [2]");
    let flags = service("-A -t 10.0.0.1:80 -s sh -b sh-port,,flag-3").flags;
    assert_eq!(flags, ServiceFlags::SCHED_2.with(ServiceFlags::SCHED_3));
}

#[test]
fn a_netmask_is_read_by_the_family_known_so_far() {
    assert_eq!(service("-A -t 10.0.0.1:80 -p -M 255.255.0").netmask, Netmask::V4([255, 255, 0, 0].into()));
    assert_eq!(service("-A -M 24 -t 10.0.0.1:80 -p").netmask, Netmask::V4([0, 0, 0, 24].into()));
    assert_eq!(service("-A -M 255.0.0.0 -t ::1 -p").netmask, Netmask::V6(128));
    assert_eq!(service("-A -t ::1 -p -M 64abc").netmask, Netmask::V6(64));
    assert_eq!(service("-A -f 5 -M 255.0.0.0 -6 -p").netmask, Netmask::V6(128));
    assert_eq!(message("-A -t ::1 -p -M 129"), "illegal ipv6 netmask specified [2]");
}

#[test]
fn defaults_are_those_of_the_original() {
    let service = service("-A -t vip.example:http");
    assert_eq!((service.scheduler.as_bytes(), service.timeout, service.pe), (&b"wlc"[..], 0, None));
    let dest = dest("-a -t 10.0.0.1:80 -r 10.0.0.2");
    assert_eq!((dest.method, dest.weight.get(), dest.key.port), (ForwardMethod::Route, 1, 80));
}

#[test]
fn only_masquerading_keeps_a_port_of_its_own() {
    assert_eq!(dest("-a -t 10.0.0.1:80 -r 10.0.0.2:8080 -m").key.port, 8080);
    assert_eq!(dest("-a -t 10.0.0.1:80 -r 10.0.0.2:0 -m").key.port, 0);
    assert_eq!(dest("-a -t 10.0.0.1:80 -r 10.0.0.2:8080 -i").key.port, 80);
    assert_eq!(dest("-a -f 5 -r 10.0.0.2:8080").key.port, 8080);
    assert_eq!(dest("-a -r 10.0.0.2 -t 10.0.0.1:80 -m").key.port, 0);
    let delete = read("-d -t 10.0.0.1:80 -r 10.0.0.2:8080").unwrap();
    assert!(matches!(delete, Invocation::Change(Op::DelDest(_, key)) if key.port == 8080));
}

#[test]
fn tunnels_have_a_type_a_port_and_a_checksum() {
    let gue = dest("-a -t 10.0.0.1:80 -r 2001:db8::2 -i --tun-type gue --tun-port 6080 --tun-remcsum").method;
    let ForwardMethod::Tunnel(Tunnel::Gue { port, checksum }) = gue else { panic!("{gue:?}") };
    assert_eq!((port.get(), checksum), (6080, TunnelChecksum::Remote));
}

#[test]
fn a_mark_belongs_to_one_family() {
    let key = |line: &str| service(line).key;
    let mark = NonZeroU32::new(4_294_967_295).unwrap();
    assert_eq!(key("-A -f 4294967295"), ServiceKey::Fwmark { mark, family: Family::V4 });
    assert_eq!(key("-A -f 4294967295 -6 -6"), ServiceKey::Fwmark { mark, family: Family::V6 });
    assert_eq!(message("-A -6 -f 5"), "-6 used before -f [2]");
    assert_eq!(message("-A -f 4294967296"), "invalid fwmark value `4294967296' specified [2]");
}

#[test]
fn zeroing_the_address_zero_zeroes_everything() {
    assert_eq!(read("-Z"), Ok(Invocation::Change(Op::Zero(None))));
    assert_eq!(read("-Z -t 0.0.0.0"), Ok(Invocation::Change(Op::Zero(None))));
    assert!(matches!(read("-Z -t 0.0.0.0:5"), Ok(Invocation::Change(Op::Zero(Some(_))))));
}

#[test]
fn a_listing_shows_one_thing_in_one_format() {
    let listing = |line: &str| match read(line) {
        Ok(Invocation::List(listing)) => listing,
        other => panic!("{line}: {other:?}"),
    };
    assert_eq!(listing("-L --rate --stats").format, Format::Stats);
    assert_eq!(listing("-Lnc --persistent-conn").what, What::Connections { with_pe: true });
    assert_eq!(listing("-L --json -n").what, What::Json(None));
    assert!(!listing("-L --nosort --sort --sort").sorted);
    assert_eq!(message("-L --timeout --stats"), "options conflicts in the list command [2]");
    assert_eq!(message("-L --json --stats"), "options conflicts in the list command [2]");
}

#[test]
fn restore_is_no_command_inside_restore() {
    let nested = Reading { nested: true, ..Reading::default() };
    assert_eq!(parse(&[b"-R"], nested, &Fixed).unwrap_err().error, UsageError::Try);
    assert_eq!(parse(&[b"-R"], Reading::default(), &Fixed), Ok(Invocation::Restore));
}

#[test]
fn a_refusal_names_the_word_at_fault() {
    let word = |line: &str| read(line).unwrap_err().word;
    assert_eq!(word("-a -t 10.0.0.1:80 -r 10.0.0.2 -w x"), 6);
    assert_eq!(word("-A -t 10.0.0.1:80 --bogus"), 3);
    assert_eq!(word("-C foo"), 1);
    assert_eq!(word("-A -s rr"), 0);
}
