//! Sync daemons.

use crate::values::*;
use crate::{EEXIST, EINVAL, ENODEV, ESRCH, Outcome, refused, same};
use ipvs::model::*;
use ipvs::{Client, Interface, Op};
use std::num::{NonZeroU8, NonZeroU16, NonZeroU32};

fn interface() -> InterfaceName {
    InterfaceName::truncated(b"selftest")
}

/// What both interfaces tell of a daemon.
fn brief(daemon: &Daemon) -> Daemon {
    Daemon::new(daemon.state, daemon.interface, daemon.sync_id)
}

pub(crate) fn on_any_interface(client: &mut Client) -> Outcome {
    same("daemons at first", client.daemons()?, vec![])?;
    let backup = Daemon::new(DaemonState::Backup, interface(), 255);
    let master = Daemon::new(DaemonState::Master, interface(), 3);
    client.execute(&Op::StartDaemon(backup))?;
    client.execute(&Op::StartDaemon(master))?;
    let running = client.daemons()?;
    same("daemons", running.iter().map(brief).collect(), vec![master, backup])?;
    let told = if client.interface() == Interface::Netlink { Some(8848) } else { None };
    let ports: Vec<_> = running.iter().map(|daemon| daemon.port.map(NonZeroU16::get)).collect();
    same("ports", ports, vec![told, told])?;
    refused(client, &Op::StartDaemon(master), EEXIST)?;
    client.execute(&Op::StopDaemon(DaemonState::Master, 0))?;
    same("daemons left", client.daemons()?.iter().map(brief).collect(), vec![backup])?;
    client.execute(&Op::StopDaemon(DaemonState::Backup, 255))?;
    refused(client, &Op::StopDaemon(DaemonState::Backup, 255), ESRCH)?;
    let nowhere = Daemon::new(DaemonState::Master, InterfaceName::truncated(b"nowhere"), 3);
    refused(client, &Op::StartDaemon(nowhere), ENODEV)
}

pub(crate) fn with_options(client: &mut Client) -> Outcome {
    for group in ["224.0.0.99".parse()?, "ff02::5".parse()?] {
        let wanted = Daemon {
            max_length: NonZeroU16::new(1200),
            group: Some(group),
            port: NonZeroU16::new(9999),
            ttl: NonZeroU8::new(7),
            ..Daemon::new(DaemonState::Master, interface(), 0)
        };
        client.execute(&Op::StartDaemon(wanted))?;
        same("daemon", client.daemons()?, vec![wanted])?;
        // The sync protocol cannot carry mixed families.
        let key = mark(NonZeroU32::MIN, Family::V4);
        client.execute(&Op::NewService(service(key, "rr")))?;
        let mixed = Dest { method: ForwardMethod::Tunnel(Tunnel::Ipip), ..dest(v6(1), 80) };
        refused(client, &Op::NewDest(key, mixed), EINVAL)?;
        client.execute(&Op::StopDaemon(DaemonState::Master, 0))?;
        client.execute(&Op::NewDest(key, mixed))?;
        refused(client, &Op::StartDaemon(wanted), EINVAL)?;
        client.execute(&Op::Flush)?;
    }
    Ok(())
}
