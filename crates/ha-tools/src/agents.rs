//! The built-in resource scripts and the other programs that have a library of their own.

use crate::exit;
use std::ffi::OsString;
use std::sync::LazyLock;

/// What is in that library and is no resource: nobody may name it in haresources.
const PROGRAMS: [&str; 3] = ["send_arp", "send_ua", "findif"];

static RESOURCES: LazyLock<Vec<&'static str>> =
    LazyLock::new(|| resource_agents::NAMES.iter().copied().filter(|name| !PROGRAMS.contains(name)).collect());

/// The names of the built-in resource scripts.
pub(crate) fn resources() -> &'static [&'static str] {
    &RESOURCES
}

/// All names that [`run`] knows.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    resource_agents::NAMES.iter().copied().chain(["meatclient"])
}

/// Runs the resource script or helper program of this name, if there is one.
///
/// Besides the verbs of the scripts there is `announce`: the resource manager asks for it when it finds an address
/// running that the other node may have had meanwhile.
pub(crate) fn run(name: &str, arguments: &[OsString]) -> Option<u8> {
    if name == "meatclient" {
        let words: Vec<String> = arguments.iter().map(|word| word.to_string_lossy().into_owned()).collect();
        return Some(exit::status(fencing::meatclient::main(&words)));
    }
    if !resource_agents::NAMES.contains(&name) {
        return None;
    }
    let code = match arguments.split_last() {
        Some((verb, rest)) if verb == "announce" && resources().contains(&name) => {
            i32::from(!resource_agents::announce(name, rest))
        }
        _ => resource_agents::run(name, arguments),
    };
    Some(exit::status(code))
}
