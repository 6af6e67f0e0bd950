//! Which line of `ha.cf` counts, and the way through the environment.

use super::*;
use ha_config::evaluate::{Files, Options, Source, evaluate};
use ha_config::scripted::Scripted;
use std::io::Write;

/// The device of an `ha.cf` with these lines, on node alpha.
fn device(lines: &str) -> Result<Option<Device>, Problem> {
    let mut machine = Scripted { node: "alpha".into(), root: true, ..Scripted::default() };
    machine.stonith_types = ["null", "suicide", "external/x"].map(str::to_owned).into();
    let path = lines.split_whitespace().find(|word| word.starts_with('/')).unwrap_or_default();
    machine.stonith_files.insert(path.to_owned(), "said to be there".to_owned());
    let text = format!("node alpha beta\nserial /dev/ttyS0\nauto_failback on\nlogfacility local0\n{lines}\n");
    machine.paths.insert("/dev/ttyS0".into(), ha_config::machine::PathKind::Device);
    let files = Files {
        ha_cf: Source::Content(text.as_bytes()),
        authkeys: Source::Content(b"auth 1\n1 crc\n"),
        authkeys_mode: 0o600,
        haresources: Source::Content(b"alpha x\n"),
    };
    let evaluation = evaluate(&files, Options { manages_resources: true }, &machine);
    let findings: Vec<_> = evaluation.findings().collect();
    let config = evaluation.config.as_ref().unwrap_or_else(|| panic!("{findings:?}"));
    Device::from_config(config, "alpha")
}

fn line(kind: &str, host: Option<&str>, parameters: Parameters) -> Device {
    Device { kind: kind.to_owned(), parameters, host: host.map(str::to_owned), node: "alpha".to_owned() }
}

#[test]
fn the_last_line_for_this_node_counts() {
    let text = |text: &str| Parameters::Line(text.to_owned());
    for (lines, expected) in [
        ("", None),
        ("stonith_host beta null beta", None),
        ("stonith_host * null one\nstonith_host alpha external/x two", Some(("external/x", "alpha", "two"))),
        ("stonith_host ALPHA null one\nstonith_host * external/x t w o", Some(("external/x", "*", "t w o"))),
        ("stonith_host * null one\nstonith_host beta external/x two", Some(("null", "*", "one"))),
    ] {
        let expected = expected.map(|(kind, host, words)| line(kind, Some(host), text(words)));
        assert_eq!(device(lines).unwrap(), expected, "{lines}");
    }
}

#[test]
fn a_file_gives_its_first_line_that_is_no_comment() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    let path = file.path().to_str().unwrap().to_owned();
    let both = format!("stonith_host * external/x two\nstonith null {path}");
    assert_eq!(device(&both), Err(Problem::BadFile(path.clone())));
    file.write_all(b"# a comment\nalpha beta\nmore\n").unwrap();
    let expected = Parameters::File { path: path.clone(), line: "alpha beta".to_owned() };
    assert_eq!(device(&both).unwrap(), Some(line("null", None, expected)));
    drop(file);
    assert_eq!(device(&both), Err(Problem::BadFile(path)));
}

#[test]
fn devices_come_back_from_the_environment() {
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    for parameters in [
        Parameters::Line(" a%b  c ".to_owned()),
        Parameters::Line(String::new()),
        Parameters::File { path: "/x y".to_owned(), line: "l".to_owned() },
        Parameters::Named(vec![]),
        Parameters::Named(vec![pair("hostlist", "alpha beta"), pair("empty", "")]),
    ] {
        for host in [None, Some("*")] {
            let device = line("external/x", host, parameters.clone());
            assert_eq!(Device::decode(&device.encode()).as_ref(), Ok(&device), "{}", device.encode());
        }
    }
    let good = line("null", None, Parameters::Named(vec![pair("hostlist", "x")])).encode();
    for damaged in ["", "null", "null * alpha", "null * alpha line", "null * alpha other x", &good[..good.len() - 2]] {
        assert_eq!(Device::decode(damaged), Err(Problem::Damaged), "{damaged}");
    }
}

#[test]
fn values_are_not_shown() {
    for parameters in [Parameters::Line("secret".into()), Parameters::Named(vec![("password".into(), "secret".into())])]
    {
        let shown = format!("{:?}", line("null", None, parameters));
        assert!(!shown.contains("secret"), "{shown}");
    }
}
