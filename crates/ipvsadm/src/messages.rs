//! Every sentence a user can see on standard error, and the help and version texts.
//!
//! Programs match these, so they are those of ipvsadm 1.31 to the byte, odd grammar included. What is ours alone says
//! `ipvsadm:` first.

use crate::options::Opt;
use crate::popt::Problem;
use crate::usage::{BadValue, UsageError};
use ipvs::model::Version;
use ipvs::{Command, Error};

/// The version line, without newline. The IPVS number is that of the interface known when the original was compiled.
pub const VERSION: &str = "ipvsadm v1.31 2019/12/24 (compiled with popt and IPVS v1.2.1)";

/// The oldest kernel interface that is known to work.
const OLDEST: Version = Version { major: 1, minor: 1, patch: 4 };

/// The text and newline for a refused command line.
#[must_use]
pub fn usage(error: &UsageError, program: &[u8]) -> Vec<u8> {
    let name = |option: &Opt| option.name();
    let kind = |tunnel: &bool| if *tunnel { "tunnel type" } else { "command" };
    let quoted = |before: &str, value: &[u8], after: &str| [before.as_bytes(), value, after.as_bytes()].concat();
    let mut text = match error {
        UsageError::Try => [b"Try `", program, b" -h' or '", program, b" --help' for more information."].concat(),
        UsageError::BadOption { token, problem } => {
            let problem: &[u8] = match problem {
                Problem::Unknown => b": unknown option",
                Problem::MissingValue => b": missing argument",
                Problem::UnwantedValue => b": option does not take an argument",
            };
            [token, problem].concat()
        }
        UsageError::InvalidOption(token) => quoted("invalid option `", token, "'"),
        UsageError::UnexpectedArgument(word) => quoted("unexpected argument ", word, ""),
        UsageError::SetNeedsThree => b"--set option requires 3 timeout values".to_vec(),
        UsageError::Multiple(option) => format!("multiple '{}' options specified", name(option)).into_bytes(),
        UsageError::Missing { option, of, tunnel } => {
            format!("You need to supply the '{}' option for the '{of}' {}", name(option), kind(tunnel)).into_bytes()
        }
        UsageError::Illegal { option, of, tunnel } => {
            format!("Illegal '{}' option with the '{of}' {}", name(option), kind(tunnel)).into_bytes()
        }
        UsageError::Conflict { later, earlier, of, tunnel } => format!(
            "The option '{}' conflicts with the '{}' option in the '{of}' {}",
            name(later),
            name(earlier),
            kind(tunnel)
        )
        .into_bytes(),
        UsageError::ListConflict => b"options conflicts in the list command".to_vec(),
        UsageError::TunnelWithoutIpip => b"Tunnel options conflict with forward method".to_vec(),
        UsageError::BadValue(value) => bad_value(*value).as_bytes().to_vec(),
        UsageError::BadTimeout(value) => quoted("invalid timeout value `", value, "' specified"),
        UsageError::BadFwmark(value) => quoted("invalid fwmark value `", value, "' specified"),
        UsageError::BadGroup6(value) => quoted("invalid IPv6 mcast-group `", value, "'"),
        UsageError::BadGroup4(value) => quoted("invalid IPv4 mcast-group `", value, "'"),
        UsageError::UnknownFlag(value) => quoted("invalid scheduler flag `", value, "'"),
        UsageError::IncompatibleFlag(value) => quoted("incompatible scheduler flag `", value, "'"),
        UsageError::ZeroPort => b"Zero port specified for non-persistent service".to_vec(),
        UsageError::OpsNotUdp => b"One-Packet Scheduling is only for UDP virtual services".to_vec(),
        UsageError::FamilyMismatch => b"Different address family is allowed only for tunneling servers".to_vec(),
        // QUIRK: an empty line follows.
        UsageError::Ipv6BeforeFwmark => b"-6 used before -f\n".to_vec(),
    };
    text.push(b'\n');
    text
}

fn bad_value(value: BadValue) -> &'static str {
    match value {
        BadValue::StartState => "illegal start-daemon parameter specified",
        // QUIRK: the two commands name themselves differently.
        BadValue::StopState => "illegal start_daemon specified",
        BadValue::Service => "illegal virtual server address[:port] specified",
        BadValue::RealServer => "illegal real server address[:port] specified",
        BadValue::Netmask4 => "illegal virtual server persistent mask specified",
        BadValue::Netmask6 => "illegal ipv6 netmask specified",
        BadValue::Weight => "illegal weight specified",
        BadValue::UThreshold => "illegal u_threshold specified",
        BadValue::LThreshold => "illegal l_threshold specified",
        BadValue::SyncId => "illegal syncid specified",
        BadValue::McastPort => "illegal mcast-port specified",
        BadValue::McastTtl => "illegal mcast-ttl specified",
        BadValue::SyncMaxlen => "illegal sync-maxlen specified",
        BadValue::TunnelType => "illegal tunnel type specified",
        BadValue::TunnelPort => "illegal tunnel port specified",
    }
}

/// The text, without newline, for what the kernel or the conversation with it said.
#[must_use]
pub fn kernel(error: &Error) -> String {
    match error {
        Error::Kernel { command, errno } => errno_text(Some(*command), *errno),
        Error::Unavailable { errno } => errno_text(None, *errno),
        Error::Unsupported { .. } => errno_text(None, libc::EAFNOSUPPORT),
        Error::Io(error) => error.raw_os_error().map_or_else(|| error.to_string(), |errno| errno_text(None, errno)),
        other => format!("ipvsadm: {other}"),
    }
}

fn errno_text(command: Option<Command>, errno: i32) -> String {
    use Command as C;
    use libc as e;
    let special = match (command, errno) {
        (Some(C::NewService), e::EEXIST) => "Service already exists",
        (Some(C::NewService | C::SetService), e::ENOENT) => "Scheduler or persistence engine not found",
        (Some(C::SetService | C::DelService | C::Zero | C::GetService), e::ESRCH) => "No such service",
        (Some(C::NewDest | C::SetDest | C::DelDest), e::ESRCH) => "Service not defined",
        (Some(C::NewDest), e::EEXIST) => "Destination already exists",
        (Some(C::SetDest | C::DelDest), e::ENOENT) => "No such destination",
        (Some(C::NewDaemon), e::EEXIST) => "Daemon has already run",
        (Some(C::DelDaemon), e::ESRCH) => "No daemon is running",
        (_, e::EPERM) => "Permission denied (you must be root)",
        (_, e::EINVAL) => "Invalid operation.  Possibly wrong module version, address not unicast, ...",
        (_, e::ENOPROTOOPT) => "Protocol not available",
        (_, e::ENOMEM) => "Memory allocation problem",
        (_, e::EOPNOTSUPP) => "Operation not supported with IPv6",
        (_, e::EAFNOSUPPORT) => "Operation not supported with specified address family",
        (_, e::EMSGSIZE) => "Module is wrong version",
        _ => return system_text(errno),
    };
    special.to_owned()
}

/// What the C library says of an errno.
fn system_text(errno: i32) -> String {
    let text = std::io::Error::from_raw_os_error(errno).to_string();
    text.split(" (os error").next().unwrap_or_default().to_owned()
}

/// The text, with newlines, when IPVS cannot be reached.
#[must_use]
pub fn unavailable(error: &Error) -> String {
    format!(
        "Can't initialize ipvs: {}\nAre you sure that IP Virtual Server is built in the kernel or as module?\n",
        kernel(error)
    )
}

/// A warning if the kernel's interface is older than any known to work.
#[must_use]
pub fn old_kernel(version: Version) -> Option<String> {
    (version < OLDEST).then(|| {
        format!(
            "Warning: IPVS version mismatch: \n  Kernel compiled with IPVS version {version}\n  \
             ipvsadm v1.31  requires minimum IPVS version {OLDEST}\n\n"
        )
    })
}

/// The help text; `program` as typed.
#[must_use]
pub fn help(program: &[u8]) -> Vec<u8> {
    let mut text = format!("{VERSION}\nUsage:\n").into_bytes();
    for line in SYNOPSIS.lines() {
        text.extend_from_slice(b"  ");
        text.extend_from_slice(program);
        text.push(b' ');
        text.extend_from_slice(line.as_bytes());
        text.push(b'\n');
    }
    text.extend_from_slice(HELP.as_bytes());
    text
}

const SYNOPSIS: &str = "\
-A|E virtual-service [-s scheduler] [-p [timeout]] [-M netmask] [--pe persistence_engine] [-b sched-flags]
-D virtual-service
-C
-R
-S [-n]
-a|e virtual-service -r server-address [options]
-d virtual-service -r server-address
-L|l [virtual-service] [options]
-Z [virtual-service]
--set tcp tcpfin udp
--start-daemon {master|backup} [daemon-options]
--stop-daemon {master|backup}
-h
";

const HELP: &str = "
Commands:
Either long or short options are allowed.
  --add-service     -A        add virtual service with options
  --edit-service    -E        edit virtual service with options
  --delete-service  -D        delete virtual service
  --clear           -C        clear the whole table
  --restore         -R        restore rules from stdin
  --save            -S        save rules to stdout
  --add-server      -a        add real server with options
  --edit-server     -e        edit real server with options
  --delete-server   -d        delete real server
  --list            -L|-l     list the table
  --zero            -Z        zero counters in a service or all services
  --set tcp tcpfin udp        set connection timeout values
  --start-daemon              start connection sync daemon
  --stop-daemon               stop connection sync daemon
  --help            -h        display this help message

virtual-service:
  --tcp-service|-t  service-address   service-address is host[:port]
  --udp-service|-u  service-address   service-address is host[:port]
  --sctp-service    service-address   service-address is host[:port]
  --fwmark-service|-f fwmark          fwmark is an integer greater than zero

Options:
  --ipv6         -6                   fwmark entry uses IPv6
  --scheduler    -s scheduler         one of rr|wrr|lc|wlc|lblc|lblcr|dh|sh|sed|nq|fo|ovf|mh,
                                      the default scheduler is wlc.
  --pe            engine              alternate persistence engine may be sip,
                                      not set by default.
  --persistent   -p [timeout]         persistent service
  --netmask      -M netmask           persistent granularity mask
  --real-server  -r server-address    server-address is host (and port)
  --gatewaying   -g                   gatewaying (direct routing) (default)
  --ipip         -i                   ipip encapsulation (tunneling)
  --masquerading -m                   masquerading (NAT)
  --tun-type      type                one of ipip|gue|gre,
                                      the default tunnel type is ipip.
  --tun-port      port                tunnel destination port
  --tun-nocsum                        tunnel encapsulation without checksum
  --tun-csum                          tunnel encapsulation with checksum
  --tun-remcsum                       tunnel encapsulation with remote checksum
  --weight       -w weight            capacity of real server
  --u-threshold  -x uthreshold        upper threshold of connections
  --l-threshold  -y lthreshold        lower threshold of connections
  --connection   -c                   output of current IPVS connections
  --timeout                           output of timeout (tcp tcpfin udp)
  --daemon                            output of daemon information
  --stats                             output of statistics information
  --rate                              output of rate information
  --exact                             expand numbers (display exact values)
  --thresholds                        output of thresholds information
  --persistent-conn                   output of persistent connection info
  --tun-info                          output of tunnel information
  --nosort                            disable sorting output of service/server entries
  --sort                              does nothing, for backwards compatibility
  --ops          -o                   one-packet scheduling
  --numeric      -n                   numeric output of addresses and ports
  --sched-flags  -b flags             scheduler flags (comma-separated)
Daemon Options:
  --syncid sid                        syncid for connection sync (default=255)
  --sync-maxlen length                Max sync message length (default=1472)
  --mcast-interface interface         multicast interface for connection sync
  --mcast-group address               IPv4/IPv6 group (default=224.0.0.81)
  --mcast-port port                   UDP port (default=8848)
  --mcast-ttl ttl                     Multicast TTL (default=1)
";
