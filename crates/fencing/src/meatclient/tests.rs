//! The client alone, and with the waiting side.

use super::*;
use crate::{Severity, meatware};
use std::fs;
use std::path::PathBuf;
use std::sync::mpsc;

fn strings(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// Status, output and errors, with the folder's name taken out.
fn client(folder: &Path, words: &[&str], mut input: &[u8]) -> (i32, String, String) {
    let (mut output, mut errors) = (Vec::new(), Vec::new());
    let status = run("meatclient", &strings(words), folder, &mut input, &mut output, &mut errors).unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap().replace(folder.to_str().unwrap(), "DIR");
    (status, text(output), text(errors))
}

#[test]
fn options_are_those_of_getopt() {
    let parsed = |words: &[&str]| {
        let (options, complaints) = parse(&strings(words));
        options.map_or_else(|| complaints.join("; "), |options| format!("{}/{}", options.node, options.wait))
    };
    assert_eq!(parsed(&["-c", "Beta"]), "beta/false");
    assert_eq!(parsed(&["-wc", "beta"]), "beta/true");
    assert_eq!(parsed(&["-cbeta", "-w"]), "beta/true");
    assert_eq!(parsed(&["-c", "a", "-c", "b"]), "b/false");
    assert_eq!(parsed(&["-c", "a", "b"]), "");
    assert_eq!(parsed(&["-c", "a", "--", "b"]), "");
    assert_eq!(parsed(&["-c"]), "option requires an argument -- 'c'");
    assert_eq!(parsed(&["-xq"]), "invalid option -- 'x'; invalid option -- 'q'");
}

#[test]
fn without_anybody_waiting_nothing_is_asked() {
    let folder = tempfile::tempdir().unwrap();
    let usage = "usage: meatclient -c node [-w]\n".to_owned();
    assert_eq!(client(folder.path(), &[], b""), (3, String::new(), usage.clone()));
    let errors = format!("meatclient: invalid option -- 'h'\n{usage}");
    assert_eq!(client(folder.path(), &["-h"], b""), (3, String::new(), errors));
    let nobody = |reason: &str| (4, String::new(), format!("Meatware_IPC failed: DIR/meatware.beta: {reason}\n"));
    assert_eq!(client(folder.path(), &["-c", "beta"], b"y\n"), nobody("No such file or directory"));
    let fifo = folder.path().join("meatware.beta");
    nix::unistd::mkfifo(&fifo, nix::sys::stat::Mode::S_IRWXU).unwrap();
    assert_eq!(client(folder.path(), &["-c", "beta"], b"y\n"), nobody("No such device or address"));
    fs::remove_file(&fifo).unwrap();
    fs::write(&fifo, "").unwrap();
    assert_eq!(client(folder.path(), &["-c", "beta"], b"y\n"), nobody("No such device or address"));
    assert_eq!(fs::read(&fifo).unwrap(), b"");
}

/// A reset that waits in its own thread: tells when it has asked the operator, and what came of it.
fn waiting(folder: PathBuf) -> (mpsc::Receiver<String>, std::thread::JoinHandle<bool>) {
    let (sender, receiver) = mpsc::channel();
    let places = Places { meetings: folder, ..Places::from_environment() };
    let mut log = move |severity: Severity, text: &str| sender.send(format!("{severity}: {text}")).unwrap();
    (receiver, std::thread::spawn(move || meatware::reset("beta", &places, &mut log)))
}

#[test]
fn a_small_y_confirms_and_everything_else_refuses() {
    let folder = tempfile::tempdir().unwrap();
    let answers =
        [("y\n", true), ("yes", true), (" \n y\n", true), ("Y\n", false), ("n\n", false), ("", false), ("ny\n", false)];
    for (answer, expected) in answers {
        let (log, reset) = waiting(folder.path().to_owned());
        assert_eq!(log.recv().unwrap(), "ERROR: glib: OPERATOR INTERVENTION REQUIRED to reset beta.");
        let request = "ERROR: glib: Run \"meatclient -c beta\" AFTER power-cycling the machine.";
        assert_eq!(log.recv().unwrap(), request);
        let (status, output, errors) = client(folder.path(), &["-c", "Beta"], answer.as_bytes());
        assert_eq!((status, errors.as_str()), (if expected { 0 } else { 3 }, ""), "{answer:?}");
        assert!(output.starts_with("\nWARNING!\n\nIf node \"beta\" has not been"), "{output}");
        let last = if expected { "reset confirmed" } else { "operation canceled" };
        assert!(output.ends_with(&format!("\n\nPROCEED? [yN] Meatware_client: {last}.\n")), "{output}");
        assert_eq!(reset.join().unwrap(), expected, "{answer:?}");
        let said = if expected {
            "info: glib: node Meatware-reset: beta"
        } else {
            "ERROR: glib: Format error - failed to Meatware-reset node beta"
        };
        assert_eq!(log.recv().unwrap(), said);
        assert_eq!(folder.path().join("meatware.beta").exists(), !expected);
    }
}

#[test]
fn only_the_right_confirmation_counts() {
    let folder = tempfile::tempdir().unwrap();
    for (text, expected) in
        [("meatware reply beta", true), ("meatware reply bet", false), ("meatware reply beta2", false), ("y", false)]
    {
        let (log, reset) = waiting(folder.path().to_owned());
        log.recv().unwrap();
        fs::write(folder.path().join("meatware.beta"), text).unwrap();
        assert_eq!(reset.join().unwrap(), expected, "{text}");
    }
}

#[test]
fn waiting_for_somebody_shows_dots() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().to_owned();
    let asker = std::thread::spawn(move || client(&place, &["-wc", "beta"], b"y\n"));
    let (_log, reset) = waiting(folder.path().to_owned());
    let (status, output, _) = asker.join().unwrap();
    assert_eq!(status, 0);
    let dots = output.trim_start_matches('.');
    assert!(dots.starts_with(if dots.len() < output.len() { "\n\nWARNING!" } else { "\nWARNING!" }), "{output}");
    assert!(reset.join().unwrap());
}
