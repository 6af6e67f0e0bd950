//! The `ipvsadm` command: a drop-in for ipvsadm 1.31.
//!
//! The way of a command line: [`popt`] splits it, [`args`] reads it into an [`args::Invocation`] with the help of
//! [`draft`] and [`matrix`], [`session`] carries it out. [`restore`] does that for every line of its input. Every text a
//! user sees on standard error is in [`messages`]; [`failure`] knows the exit status.

pub mod address;
pub mod args;
pub mod connections;
pub mod draft;
pub mod expected;
pub mod failure;
pub mod json;
pub mod list;
pub mod matrix;
pub mod messages;
pub mod names;
pub mod number;
pub mod options;
pub mod output;
pub mod popt;
pub mod restore;
pub mod rules;
pub mod rules_file;
pub mod session;
pub mod sort;
pub mod table_commands;
pub mod text;
pub mod usage;

use args::{Invocation, Reading};
use failure::Failure;
use ipvs::Client;
use names::{Names, System};
use output::Output;
use session::Session;
use std::io::{self, Write};
use std::process::{Command, Stdio};

/// Runs the program with these words, the first being its own name; returns the exit status.
#[must_use]
pub fn run(words: &[&[u8]]) -> u8 {
    let (program, words) = words.split_first().map_or((&b"ipvsadm"[..], words), |(program, rest)| (*program, rest));
    let mut out = Output::default();
    let result = dispatch(program, words, &mut out);
    let (mut status, message) = match result {
        Ok(status) => (status, Vec::new()),
        Err(failure) => (failure.status(), failure.message(program)),
    };
    // What was listed before a failure is shown all the same, and where the original would show it.
    let before = if message.is_empty() { Ok(()) } else { out.before_error() };
    let _ = io::stderr().lock().write_all(&message);
    if let Err(error) = before.and_then(|()| out.flush()) {
        if error.kind() != io::ErrorKind::BrokenPipe {
            let failure = Failure::Output(error);
            let _ = io::stderr().lock().write_all(&failure.message(program));
            status = failure.status();
        }
    }
    status
}

fn dispatch(program: &[u8], words: &[&[u8]], out: &mut Output) -> Result<u8, Failure> {
    let names: &dyn Names = &System;
    let reading = Reading { posixly_correct: std::env::var_os("POSIXLY_CORRECT").is_some(), nested: false };
    // Checking a file must work where there is no IPVS; the original has no such command.
    if words.first() == Some(&&b"--check"[..]) {
        let Invocation::Check { source, legacy } = parse(words, reading, names)? else { return Ok(0) };
        table_commands::check(&source, legacy, names, program)?;
        return Ok(0);
    }
    // Before any option is looked at, as the original does: scripts load the module this way.
    let client = open().map_err(Failure::Unavailable)?;
    if let Some(warning) = messages::old_kernel(client.info().version) {
        let _ = io::stderr().lock().write_all(warning.as_bytes());
    }
    let mut session = Session { client, out: std::mem::take(out), names, program: program.to_vec() };
    let result = perform(&mut session, words, reading);
    *out = session.out;
    result
}

fn parse(words: &[&[u8]], reading: Reading, names: &dyn Names) -> Result<Invocation, Failure> {
    args::parse(words, reading, names).map_err(|refusal| refusal.error.into())
}

fn perform(session: &mut Session<'_>, words: &[&[u8]], reading: Reading) -> Result<u8, Failure> {
    match parse(words, reading, session.names)? {
        Invocation::Restore => restore::run(session, reading, io::stdin().lock()),
        Invocation::Plan(source) => table_commands::plan(session, &source),
        Invocation::Apply(source) => table_commands::apply(session, &source).map(|()| 0),
        invocation => session.perform(&invocation).map(|()| 0),
    }
}

/// Opens the kernel interface; loads the module and tries once more if it is missing.
fn open() -> ipvs::Result<Client> {
    Client::open().or_else(|error| {
        let modprobe = Command::new("/sbin/modprobe").args(["--", "ip_vs"]).stdin(Stdio::null()).status();
        if modprobe.is_ok_and(|status| status.success()) { Client::open() } else { Err(error) }
    })
}
