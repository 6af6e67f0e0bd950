//! Which tool a call means: by the name of the program, or by its first argument.
//!
//! `hb_takeover` is both a companion program and an rc.d script; the script is meant if the path says so.

use crate::call::{Call, PROGRAMS, base_name};
use crate::environment::Environment;
use crate::rc::Kind;
use crate::{agents, clustermsg, exit, harc, hbstatus, jobs, membership, messages, out, propagate, rc, standby};
use resource_manager::{mach_down, manager, req_resource};
use std::ffi::{OsStr, OsString};
use std::path::Path;

/// Exit status of a call that means nothing.
const MISUSED: u8 = 2;

type Tool = fn(&Call) -> u8;

/// The companion programs.
const TOOLS: [(&str, Tool); 14] = [
    ("hb_standby", standby::hb_standby),
    ("hb_takeover", standby::hb_takeover),
    ("hb_addnode", membership::add),
    ("hb_delnode", membership::delete),
    ("hb_setweight", membership::set_weight),
    ("hb_setsite", membership::set_site),
    ("ha_propagate", propagate::ha_propagate),
    ("harc", harc::harc),
    ("hbstatus", hbstatus::run),
    ("cl_status", |call| exit::status(cl_status::main(call.arguments.clone()))),
    ("ipfail", |call| exit::status(ipfail::main(call.arguments.clone()))),
    ("ResourceManager", |call| exit::status(manager::main(&call.arguments))),
    ("req_resource", |call| exit::status(req_resource::main(&call.arguments))),
    ("mach_down", |call| exit::status(mach_down::main(&call.arguments))),
];

/// Does what the command line asks for; `words` begins with the program's name. Gives the exit status.
pub(crate) fn run(words: Vec<OsString>) -> u8 {
    let mut words = words.into_iter();
    let program = words.next().unwrap_or_default();
    let call = Call::new(program, words);
    by_name(&base_name(&call.program), &call).unwrap_or_else(|| by_argument(&call, None))
}

/// The tool of this name, if it is one.
fn by_name(name: &str, call: &Call) -> Option<u8> {
    let scripted = Path::new(&call.program).parent().and_then(Path::file_name) == Some(OsStr::new("rc.d"));
    if let Some(kind) = Kind::named(name).filter(|kind| scripted || *kind != Kind::Takeover) {
        return Some(rc::run(kind, call, &Environment::of_process()));
    }
    let tool = TOOLS.iter().find(|(known, _)| *known == name).map(|(_, tool)| tool);
    tool.map(|tool| tool(call)).or_else(|| agents::run(name, &call.arguments))
}

/// `ha-tools [--as PATH] NAME ARG...` and the daemon's calls. `path` is what stands for `$0`.
fn by_argument(call: &Call, path: Option<&OsStr>) -> u8 {
    let Some((first, rest)) = call.arguments.split_first() else { return usage() };
    match (first.to_string_lossy().as_ref(), rest) {
        ("--job", rest) => jobs::run(rest),
        ("--delayed-standby", rest) => jobs::delayed_standby(rest),
        ("--clustermsg", []) => clustermsg::run(&call.program),
        ("--as", [path, rest @ ..]) => by_argument(&Call::new(&call.program, rest.iter().cloned()), Some(path)),
        ("rc", [kind, rest @ ..]) => script(kind, rest, path),
        ("--help", []) => {
            out::stdout(&help());
            exit::OK
        }
        (name, rest) => {
            let program = path.map_or_else(|| companion(name), OsStr::to_owned);
            by_name(name, &Call::new(program, rest.iter().cloned())).unwrap_or_else(usage)
        }
    }
}

/// Where a tool is installed. `harc` and the rc.d scripts are configuration.
fn companion(name: &str) -> OsString {
    match name {
        "harc" => "/etc/ha.d/harc".into(),
        name if Kind::named(name).is_some_and(|kind| kind != Kind::Takeover) => format!("/etc/ha.d/rc.d/{name}").into(),
        name => format!("{PROGRAMS}/{name}").into(),
    }
}

/// `rc TYPE ARG...`
fn script(kind: &OsStr, rest: &[OsString], path: Option<&OsStr>) -> u8 {
    let Some(known) = Kind::named(&kind.to_string_lossy()) else { return usage() };
    let environment = Environment::of_process();
    let program = path.map_or_else(|| environment.script(&kind.to_string_lossy()).into(), OsStr::to_owned);
    rc::run(known, &Call::new(program, rest.iter().cloned()), &environment)
}

fn usage() -> u8 {
    messages::failed("ha-tools", &"unknown tool; see ha-tools --help");
    MISUSED
}

/// All tools by name.
pub(crate) fn names() -> Vec<&'static str> {
    let mut names: Vec<&str> = TOOLS.iter().map(|(name, _)| *name).chain(agents::names()).collect();
    names.sort_unstable();
    names
}

fn help() -> String {
    format!(
        "usage: ha-tools [--as PATH] NAME ARG...\n       ha-tools [--as PATH] rc TYPE ARG...\n\n\
         Runs the small program NAME of heartbeat; the same as calling it by a link of that name.\n\n{}\n",
        names().join("\n")
    )
}
