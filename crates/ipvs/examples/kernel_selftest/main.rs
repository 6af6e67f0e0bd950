//! Checks this crate against the IPVS of the running kernel, over netlink and over socket options.
//!
//! Needs root and changes the IPVS table of the current network namespace, so it is meant for a virtual machine:
//! `scripts/lab/boot target/debug/examples/kernel_selftest`. It loads the modules and makes a network interface for sync daemons.
//! Prints one line per check and ends with status 1 at the first that fails.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a test program reports on standard output")]

mod batches;
mod changes;
mod counters;
mod daemons;
mod plans;
mod reading;
mod values;

use ipvs::{Client, Error, Interface, Op};
use std::fmt::Debug;
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode};

/// Why a check failed, for a human.
type Outcome = Result<(), Box<dyn std::error::Error>>;

/// A named check on an open client with an empty table.
type Check = (&'static str, fn(&mut Client) -> Outcome);

const ON_BOTH: &[Check] = &[
    ("services keep their settings", changes::services),
    ("destinations keep their settings", changes::destinations),
    ("refusals have the right errno", changes::refusals),
    ("timeouts can be set one by one", changes::timeouts),
    ("flush and zero", changes::flush_and_zero),
    ("sync daemons start, are listed and stop", daemons::on_any_interface),
    ("traffic is counted", counters::traffic),
    ("large tables are read completely", reading::large),
    ("a table that changes meanwhile is read without error", reading::while_changing),
    ("a batch reports each of its refusals", batches::mixed),
];

const ON_NETLINK: &[Check] = &[
    ("IPv6, marks, engines and tunnels", changes::beyond_ipv4),
    ("daemons with all their options", daemons::with_options),
    ("reading without counters tells the same", reading::brief),
    ("thousands of refusals are all reported", batches::refused),
    ("a plan carried out leaves nothing to do", plans::carried_out),
    ("a plan never leaves a service without servers", plans::watched),
];

fn main() -> ExitCode {
    if std::env::args().nth(1).as_deref() == Some(UNPRIVILEGED) {
        return report("without privilege IPVS is unavailable", unprivileged());
    }
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(status) => status,
    }
}

fn run() -> Result<(), ExitCode> {
    let step = |name: &str, outcome: Outcome| match outcome {
        Ok(()) => {
            println!("ok    {name}");
            Ok(())
        }
        Err(error) => Err(report(name, Err(error))),
    };
    step("set-up", set_up())?;
    for (interface, checks) in
        [(Interface::Netlink, [ON_BOTH, ON_NETLINK].concat()), (Interface::SocketOptions, ON_BOTH.to_vec())]
    {
        for (name, check) in checks {
            let outcome = Client::open_interface(interface).map_err(Into::into).and_then(|mut client| {
                client.execute(&Op::Flush)?;
                check(&mut client)?;
                Ok(client.execute(&Op::Flush)?)
            });
            step(&format!("{interface:?}: {name}"), outcome)?;
        }
    }
    step("without privilege IPVS is unavailable", unprivileged_child())
}

fn report(name: &str, outcome: Outcome) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("FAIL  {name}: {error}");
            ExitCode::FAILURE
        }
    }
}

fn set_up() -> Outcome {
    for command in [
        "modprobe ip_vs",
        "modprobe ip_vs_pe_sip",
        "ip link set lo up",
        "ip link add selftest type dummy",
        "ip link set selftest multicast on",
        "ip addr add 10.99.0.1/24 dev selftest",
        "ip addr add 2001:db8:99::1/64 dev selftest nodad",
        "ip link set selftest up",
        "ip route add 224.0.0.0/4 dev selftest",
    ] {
        let mut words = command.split(' ');
        let status = Command::new(words.next().unwrap_or_default()).args(words).status()?;
        check(status.success(), || format!("{command}: {status}"))?;
    }
    let client = Client::open()?;
    same("interface chosen", client.interface(), Interface::Netlink)?;
    check(client.info().version.major == 1 && client.info().connection_table_size >= 256, || {
        format!("odd info: {:?}", client.info())
    })
}

const UNPRIVILEGED: &str = "unprivileged";

fn unprivileged_child() -> Outcome {
    let status = Command::new("/proc/self/exe").arg(UNPRIVILEGED).uid(65534).gid(65534).status()?;
    check(status.success(), || format!("child ended with {status}"))
}

fn unprivileged() -> Outcome {
    for opened in
        [Client::open(), Client::open_interface(Interface::Netlink), Client::open_interface(Interface::SocketOptions)]
    {
        match opened {
            Err(Error::Unavailable { errno: EPERM }) => {}
            other => return Err(format!("opened without privilege: {other:?}").into()),
        }
    }
    Ok(())
}

// From errno.h; the crate keeps libc out of its interface.
const EPERM: i32 = 1;
const ENOENT: i32 = 2;
const ESRCH: i32 = 3;
const EEXIST: i32 = 17;
const ENODEV: i32 = 19;
const EINVAL: i32 = 22;
const ERANGE: i32 = 34;

fn check(holds: bool, otherwise: impl FnOnce() -> String) -> Outcome {
    if holds { Ok(()) } else { Err(otherwise().into()) }
}

#[expect(clippy::needless_pass_by_value, reason = "callers have temporary values to compare")]
fn same<T: PartialEq + Debug>(what: &str, found: T, expected: T) -> Outcome {
    check(found == expected, || format!("{what}: {found:?} instead of {expected:?}"))
}

/// Fails unless the kernel refuses with this errno.
fn refused(client: &mut Client, op: &Op, expected: i32) -> Outcome {
    match client.execute(op) {
        Err(Error::Kernel { command, errno }) if errno == expected && command == op.command() => Ok(()),
        other => Err(format!("{op:?}: {other:?} instead of errno {expected}").into()),
    }
}

/// Carries out all of these and fails if one is refused.
fn carry_out(client: &mut Client, ops: &[Op]) -> Outcome {
    match client.batch(ops)?.into_iter().next() {
        Some(failure) => Err(format!("{:?}: {}", ops.get(failure.index), failure.error).into()),
        None => Ok(()),
    }
}
