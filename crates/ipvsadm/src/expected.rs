//! Diagnostics of `--check`, `--plan` and `--apply`: what is wrong, and what was expected instead.

use crate::messages;
use crate::usage::{BadValue, UsageError};

/// The legacy sentence, then what would have been right.
#[must_use]
pub fn describe(error: &UsageError) -> String {
    let legacy = match error {
        UsageError::Try => b"no command".to_vec(),
        other => messages::usage(other, b"ipvsadm"),
    };
    let legacy = String::from_utf8_lossy(&legacy);
    match wanted(error) {
        Some(wanted) => format!("{}; expected {wanted}", legacy.trim_end()),
        None => legacy.trim_end().to_owned(),
    }
}

fn wanted(error: &UsageError) -> Option<&'static str> {
    Some(match error {
        UsageError::Try => "-A, -E, -D, -a, -e, -d or -C as the first word",
        UsageError::BadOption { .. } => "an option of ipvsadm(8), its value behind it",
        UsageError::InvalidOption(_) => "one command a line",
        UsageError::UnexpectedArgument(_) => "only options and their values",
        UsageError::SetNeedsThree => "--set TCP TCPFIN UDP",
        UsageError::BadTimeout(_) => "seconds from 1 to 2678400 (0 leaves a value of --set unchanged)",
        UsageError::BadFwmark(_) => "a number from 1 to 4294967295",
        UsageError::BadGroup4(_) => "an address from 224.0.0.0 to 239.255.255.255",
        UsageError::BadGroup6(_) => "an address in ff00::/8",
        UsageError::UnknownFlag(_) => {
            "flag-1, flag-2, flag-3, sh-fallback, sh-port, mh-fallback or mh-port, separated by commas"
        }
        UsageError::IncompatibleFlag(_) => "a flag of the scheduler given with -s",
        UsageError::ZeroPort => "a port, or -p for a service of all ports",
        UsageError::OpsNotUdp => "-o only with -u or -f",
        UsageError::FamilyMismatch => "an address of the service's family, or -i",
        UsageError::TunnelWithoutIpip => "-i with tunnel options",
        UsageError::Ipv6BeforeFwmark => "-6 behind -f",
        UsageError::BadValue(value) => match value {
            BadValue::StartState | BadValue::StopState => "master or backup",
            BadValue::Service | BadValue::RealServer => "ADDRESS[:PORT], [IPV6]:PORT or HOST[:SERVICE]",
            BadValue::Netmask4 => "an IPv4 mask such as 255.255.255.0",
            BadValue::Netmask6 => "a prefix length from 1 to 128",
            BadValue::Weight | BadValue::UThreshold | BadValue::LThreshold => "a number from 0 to 2147483647",
            BadValue::SyncId => "a number from 0 to 255",
            BadValue::McastPort | BadValue::TunnelPort => "a port from 1 to 65535",
            BadValue::McastTtl => "a number from 1 to 255",
            BadValue::SyncMaxlen => "a number from 1 to 65507",
            BadValue::TunnelType => "ipip, gue or gre",
        },
        UsageError::Multiple(_)
        | UsageError::Missing { .. }
        | UsageError::Illegal { .. }
        | UsageError::Conflict { .. }
        | UsageError::ListConflict => return None,
    })
}
