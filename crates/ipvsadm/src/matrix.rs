//! Which option may, must or must not go with which command.

use crate::options::{Command, OPTIONS, Opt, OptSet};
use crate::usage::UsageError;

/// What one command (or tunnel type) says about the options.
struct Rule {
    required: OptSet,
    allowed: OptSet,
    /// At most one of these.
    exclusive: OptSet,
}

const NONE: OptSet = OptSet::of(&[]);

fn rule(command: Command) -> Rule {
    use Opt as O;
    let (required, allowed, exclusive): (OptSet, OptSet, OptSet) = match command {
        Command::AddService | Command::EditService => (
            OptSet::of(&[O::ServiceAddress]),
            OptSet::of(&[O::Scheduler, O::Persistent, O::Netmask, O::Ops, O::Pe, O::SchedFlags]),
            NONE,
        ),
        Command::DeleteService => (OptSet::of(&[O::ServiceAddress]), NONE, NONE),
        Command::AddServer | Command::EditServer => (
            OptSet::of(&[O::ServiceAddress, O::RealServer]),
            OptSet::of(&[
                O::ForwardingMethod,
                O::Weight,
                O::UThreshold,
                O::LThreshold,
                O::TunType,
                O::TunPort,
                O::TunNocsum,
                O::TunCsum,
                O::TunRemcsum,
            ]),
            NONE,
        ),
        Command::DeleteServer => (OptSet::of(&[O::ServiceAddress, O::RealServer]), NONE, NONE),
        Command::List => (
            NONE,
            OptSet::of(&[
                O::Numeric,
                O::Stats,
                O::Rate,
                O::Thresholds,
                O::PersistentConn,
                O::Nosort,
                O::Exact,
                O::TunInfo,
                O::Json,
                // QUIRK: taken, and without effect.
                O::SyncId,
            ]),
            OptSet::of(&[O::Connection, O::ServiceAddress, O::Timeout, O::Daemon]),
        ),
        Command::Zero => (NONE, OptSet::of(&[O::ServiceAddress]), NONE),
        Command::Save => (NONE, OptSet::of(&[O::Numeric]), NONE),
        Command::StartDaemon => (
            NONE,
            OptSet::of(&[O::McastInterface, O::SyncId, O::McastGroup, O::McastPort, O::McastTtl, O::SyncMaxlen]),
            NONE,
        ),
        Command::StopDaemon => (NONE, OptSet::of(&[O::SyncId]), NONE),
        Command::Check => (NONE, OptSet::of(&[O::Legacy]), NONE),
        Command::Flush
        | Command::Set
        | Command::Restore
        | Command::Help
        | Command::Version
        | Command::Plan
        | Command::Apply => (NONE, NONE, NONE),
    };
    Rule { required, allowed, exclusive }
}

fn apply(rule: &Rule, given: OptSet, over: OptSet, of: &'static str, tunnel: bool) -> Result<(), UsageError> {
    let mut chosen = None;
    for (option, _) in OPTIONS {
        if !over.has(option) {
            continue;
        }
        if !given.has(option) {
            if rule.required.has(option) {
                return Err(UsageError::Missing { option, of, tunnel });
            }
        } else if rule.exclusive.has(option) {
            if let Some(earlier) = chosen {
                return Err(UsageError::Conflict { later: option, earlier, of, tunnel });
            }
            chosen = Some(option);
        } else if !rule.required.has(option) && !rule.allowed.has(option) {
            return Err(UsageError::Illegal { option, of, tunnel });
        }
    }
    Ok(())
}

/// Checks the options given with a command; reports the first violation in check order.
///
/// # Errors
/// [`UsageError::Missing`], [`UsageError::Illegal`] or [`UsageError::Conflict`].
pub fn check(command: Command, given: OptSet) -> Result<(), UsageError> {
    let all = OptSet::of(&OPTIONS.map(|(option, _)| option));
    apply(&rule(command), given, all, command.name(), false)
}

/// Listing formats that cannot be combined with the listing asked for.
///
/// # Errors
/// [`UsageError::ListConflict`].
pub fn check_list(given: OptSet) -> Result<(), UsageError> {
    use Opt as O;
    let other = given.meets(OptSet::of(&[O::Connection, O::Timeout, O::Daemon]));
    let formats = OptSet::of(&[O::Stats, O::Rate, O::Thresholds]);
    let no_servers = given.meets(OptSet::of(&[O::Timeout, O::Daemon]));
    let json = given.has(O::Json)
        && (other || given.meets(formats) || given.meets(OptSet::of(&[O::PersistentConn, O::TunInfo, O::Exact])));
    if (other && given.meets(formats)) || (no_servers && given.has(O::PersistentConn)) || json {
        return Err(UsageError::ListConflict);
    }
    Ok(())
}

/// The options of tunnels.
pub const TUNNEL: OptSet = OptSet::of(&[Opt::TunType, Opt::TunPort, Opt::TunNocsum, Opt::TunCsum, Opt::TunRemcsum]);

/// Tunnel type as chosen on the command line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TunnelType {
    /// `ipip`
    #[default]
    Ipip,
    /// `gue`
    Gue,
    /// `gre`
    Gre,
}

/// Checks the tunnel options given with a tunnel type.
///
/// # Errors
/// [`UsageError::Missing`], [`UsageError::Illegal`] or [`UsageError::Conflict`].
pub fn check_tunnel(kind: TunnelType, given: OptSet) -> Result<(), UsageError> {
    use Opt as O;
    let allowed = OptSet::of(&[O::TunType]);
    let (name, rule) = match kind {
        TunnelType::Ipip => ("ipip", Rule { required: NONE, allowed, exclusive: NONE }),
        TunnelType::Gue => (
            "gue",
            Rule {
                required: OptSet::of(&[O::TunPort]),
                allowed,
                exclusive: OptSet::of(&[O::TunNocsum, O::TunCsum, O::TunRemcsum]),
            },
        ),
        TunnelType::Gre => {
            ("gre", Rule { required: NONE, allowed, exclusive: OptSet::of(&[O::TunNocsum, O::TunCsum]) })
        }
    };
    apply(&rule, given, TUNNEL, name, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_violation_in_check_order_is_reported() {
        let given = OptSet::of(&[Opt::RealServer, Opt::Numeric]);
        let error = check(Command::AddService, given);
        assert_eq!(error, Err(UsageError::Illegal { option: Opt::Numeric, of: "add-service", tunnel: false }));
        let error = check(Command::AddServer, OptSet::of(&[Opt::Json]));
        assert_eq!(error, Err(UsageError::Missing { option: Opt::ServiceAddress, of: "add-server", tunnel: false }));
    }

    #[test]
    fn only_one_kind_of_listing_can_be_asked_for() {
        let error = check(Command::List, OptSet::of(&[Opt::Timeout, Opt::Connection]));
        let want = UsageError::Conflict { later: Opt::Timeout, earlier: Opt::Connection, of: "list", tunnel: false };
        assert_eq!(error, Err(want));
    }

    #[test]
    fn gue_needs_a_port_and_at_most_one_checksum() {
        let missing = UsageError::Missing { option: Opt::TunPort, of: "gue", tunnel: true };
        assert_eq!(check_tunnel(TunnelType::Gue, OptSet::of(&[Opt::TunCsum])), Err(missing));
        assert_eq!(check_tunnel(TunnelType::Gue, OptSet::of(&[Opt::TunPort, Opt::TunCsum])), Ok(()));
        let both = OptSet::of(&[Opt::TunNocsum, Opt::TunCsum]);
        assert!(matches!(check_tunnel(TunnelType::Gre, both), Err(UsageError::Conflict { .. })));
    }

    #[test]
    fn options_of_ours_go_with_no_command_of_the_original_but_list() {
        for command in [Command::AddService, Command::Flush, Command::Save, Command::Zero, Command::Restore] {
            for option in [Opt::Json, Opt::Legacy] {
                let mut given = OptSet::of(&[option]);
                given.insert(Opt::ServiceAddress);
                assert!(check(command, given).is_err(), "{command:?} {option:?}");
            }
        }
    }
}
