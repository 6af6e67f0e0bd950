//! The resource scripts that a machine needs which has nothing but this project installed: addresses, announcements,
//! file systems and the rest, each under the name, with the arguments, verbs, texts and exit statuses of the scripts
//! that `haresources` files call (resource specification, section 11).
//!
//! [`run`] is the whole interface for programs: one multi-call binary serves every name of [`NAMES`]. The crate talks
//! to the kernel itself and starts other programs only where they are the thing to be started (`mount`, `iptables`, a
//! mail program, a web server); no shell is involved anywhere.

#![forbid(unsafe_code)]

pub mod address;
mod agent;
pub mod announce;
mod log;
pub mod netlink;
mod output;
pub mod place;
pub mod script;

pub use agent::{Call, Outcome, Verb};

use std::ffi::OsString;

/// Every name that [`run`] knows: resource scripts, then programs.
pub const NAMES: &[&str] = &[
    "IPaddr",
    "IPaddr2",
    "IPv6addr",
    "IPsrcaddr",
    "SendArp",
    "LVSSyncDaemonSwap",
    "ldirectord",
    "ipvsadm",
    "MailTo",
    "Filesystem",
    "Delay",
    "Xinetd",
    "portblock",
    "AudibleAlarm",
    "WinPopup",
    "OCF",
    "apache",
    "send_arp",
    "send_ua",
    "findif",
];

/// Runs the script or program `name` with the words after its name; returns its exit status.
///
/// Prints on standard output and standard error, and logs where the environment of heartbeat's scripts says. An unknown
/// name gives 1.
///
/// Announcements go on in the background after the return: the program `/proc/self/exe` is started with `send_arp` or
/// `send_ua` as its own name (`argv[0]`) and must then call this function with that name.
#[must_use]
pub fn run(name: &str, arguments: &[OsString]) -> i32 {
    match name {
        "send_arp" => return announce::send_arp(arguments),
        "send_ua" => return announce::send_ua(arguments),
        "findif" => return address::findif::run(arguments),
        _ => {}
    }
    let words: Vec<String> = arguments.iter().map(|word| word.to_string_lossy().into_owned()).collect();
    match name {
        "ldirectord" => script::ldirectord::run(&words),
        "ipvsadm" => script::ipvsadm::run(&words),
        "OCF" => script::ocf::run(&words),
        "LVSSyncDaemonSwap" => script::sync_daemon::run(&words),
        _ => match script::wrapped(name) {
            Some(wrapped) => wrapped.run(&words),
            None => {
                output::report(&format!("{name}: no such resource script"));
                1
            }
        },
    }
}

/// Announces the address of a resource that was found running and is therefore not started: neighbours may still have
/// the Ethernet address of a node that had it before. Does nothing for resources without an address.
///
/// `arguments` are those of the resource, without a verb. Returns whether there was something to announce; failures are
/// logged. The first frame is sent before it returns, the others in the background as described at [`run`].
#[must_use]
pub fn announce(name: &str, arguments: &[OsString]) -> bool {
    let words: Vec<String> = arguments.iter().map(|word| word.to_string_lossy().into_owned()).collect();
    let words = script::joined(name, words);
    let [text] = words.as_slice() else { return false };
    let call = Call::new(name, &format!("{name}_{}", text.split('/').next().unwrap_or_default()));
    let result = match name {
        "IPaddr" => address::ipaddr::announce_again(&call, text),
        "IPaddr2" => address::ipaddr2::announce_again(&call, text),
        "IPv6addr" => address::ipv6addr::announce_again(&call, text),
        "SendArp" => {
            address::sendarp::announce_again(&call, text);
            Ok(())
        }
        _ => return false,
    };
    if let Err(error) = result {
        call.warning(&format!("cannot announce {text}: {error}"));
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn names_are_listed_once_and_every_one_is_known() {
        assert_eq!(NAMES.iter().collect::<BTreeSet<_>>().len(), NAMES.len());
        let own = ["ldirectord", "ipvsadm", "OCF", "LVSSyncDaemonSwap", "send_arp", "send_ua", "findif"];
        for name in NAMES {
            assert!(own.contains(name) || script::wrapped(name).is_some(), "{name}");
        }
        assert_eq!(run("no-such-script", &[]), 1);
    }

    #[test]
    fn resources_without_an_address_have_nothing_to_announce() {
        assert!(!announce("Filesystem", &["x".into()]) && !announce("IPaddr", &[]));
    }
}
