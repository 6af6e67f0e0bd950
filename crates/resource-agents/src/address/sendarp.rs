//! `SendArp`: announces an address that something else has put up.

use super::silence;
use crate::agent::{Call, Outcome, Verb};
use crate::announce::{self, Pace};
use crate::place;
use std::fs;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};

/// `IP/NIC`.
fn parse(text: &str) -> Option<(Ipv4Addr, &str)> {
    let (ip, nic) = text.split_once('/')?;
    Some((ip.parse().ok()?, nic)).filter(|(_, nic)| !nic.is_empty())
}

/// The file that says that it was started.
fn state(ip: &str) -> PathBuf {
    place::temporary().join(format!("SendArp_SendArp_{ip}"))
}

/// The original's numbers, unless `/etc/ha.d/conf/arp_config` has others.
fn pace() -> Pace {
    let file = Path::new(place::CONFIGURATION).join("arp_config");
    let number = |name: &str| place::setting(&file, name);
    Pace {
        interval_ms: number("ARP_INTERVAL_MS").and_then(|text| text.parse().ok()).unwrap_or(Pace::IPADDR2.interval_ms),
        count: number("ARP_REPEAT").and_then(|text| text.parse().ok()).unwrap_or(Pace::IPADDR2.count),
    }
}

/// Carries out one verb.
#[must_use]
pub fn act(call: &Call, text: &str, verb: Verb) -> Outcome {
    let file = state(text.split('/').next().unwrap_or_default());
    match (verb, parse(text)) {
        (Verb::Status, _) if file.exists() => Outcome::Success,
        (Verb::Status, _) => Outcome::Stopped,
        (Verb::Start, None) => call.fail(&format!("[{text}] is not an address and an interface"), Outcome::Configured),
        (Verb::Start, Some((ip, nic))) => {
            if let Err(error) = place::create_temporary().and_then(|()| fs::write(&file, "")) {
                return call.fail(&format!("{}: {error}", file.display()), Outcome::Generic);
            }
            // As in the original the resource counts as started even so: what has the address is another resource.
            if let Err(error) = announce::announce(nic, ip.into(), pace()) {
                let _ = call.fail(&format!("Could not send gratuitous arps: {error}"), Outcome::Success);
            }
            Outcome::Success
        }
        (Verb::Stop, place) => {
            if let Some((ip, _)) = place {
                silence(call, ip.into());
            }
            if fs::remove_file(&file).is_ok() {
                call.info(&format!("SendArp for {text} released"));
            }
            Outcome::Success
        }
    }
}

/// Announces the address again if it was started.
pub fn announce_again(call: &Call, text: &str) {
    if act(call, text, Verb::Status) == Outcome::Success {
        let _ = act(call, text, Verb::Start);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_argument_is_an_address_and_an_interface() {
        assert_eq!(parse("192.0.2.1/eth0"), Some((Ipv4Addr::new(192, 0, 2, 1), "eth0")));
        for bad in ["192.0.2.1", "192.0.2.1/", "x/eth0", ""] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}
