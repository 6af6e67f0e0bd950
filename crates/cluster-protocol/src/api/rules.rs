//! Who may sign on under which name: the lines `apiauth` of `ha.cf` with their defaults.
//!
//! Source: client API specification, section 1.6.

use super::view::Credentials;
use thiserror::Error;

/// The rule for clients without a name of their own.
const CASUAL: &str = "anon";
/// The rule for names that have none.
const DEFAULT: &str = "default";

/// One line: who may sign on as `name`. Without users and groups, everybody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The client's name, `anon` for casual clients, `default` for names without a rule.
    pub name: String,
    /// User ids.
    pub uids: Vec<u32>,
    /// Group ids.
    pub gids: Vec<u32>,
}

/// Why a client may not sign on; the text is what it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Denied {
    /// Somebody is signed on under that id.
    #[error("duplicate add request")]
    Duplicate,
    /// User or group missing or no number; an id that cannot be used.
    #[error("invalid id info")]
    Invalid,
    /// User or group is not the one that the kernel names.
    #[error("incorrect/false credentials")]
    False,
    /// No rule for that name, and none for those without.
    #[error("no default client auth")]
    NoRule,
    /// The rule names others.
    #[error("client failed authorization")]
    Unauthorized,
    /// The process is no number.
    #[error("bad pid")]
    BadProcess,
    /// The process is not the one that the kernel names.
    #[error("pid mismatch")]
    Process,
}

/// Whether the peer may sign on under that name.
///
/// The group counts if it is the peer's own or one of its supplementary groups; originals look at its own only.
pub(super) fn allowed(rules: &[Rule], name: Option<&str>, peer: &Credentials) -> Result<(), Denied> {
    let find = |name: &str| rules.iter().find(|rule| rule.name == name);
    let rule = match name {
        None => find(CASUAL),
        Some(name) => find(name),
    };
    let rule = rule.or_else(|| find(DEFAULT)).ok_or(Denied::NoRule)?;
    let open = rule.uids.is_empty() && rule.gids.is_empty();
    let group = |gid: &u32| peer.gid == *gid || peer.groups.contains(gid);
    if open || rule.uids.contains(&peer.uid) || rule.gids.iter().any(group) {
        Ok(())
    } else {
        Err(Denied::Unauthorized)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(name: &str, uids: &[u32], gids: &[u32]) -> Rule {
        Rule { name: name.into(), uids: uids.into(), gids: gids.into() }
    }

    fn peer(uid: u32, gid: u32, groups: &[u32]) -> Credentials {
        Credentials { pid: 1, uid, gid, groups: groups.into() }
    }

    #[test]
    fn a_user_or_a_group_is_enough_and_root_has_no_privilege() {
        let rules = [rule("ipfail", &[100], &[]), rule("anon", &[0], &[106]), rule("open", &[], &[])];
        assert_eq!(allowed(&rules, Some("ipfail"), &peer(100, 7, &[])), Ok(()));
        assert_eq!(allowed(&rules, Some("ipfail"), &peer(0, 0, &[])), Err(Denied::Unauthorized));
        assert_eq!(allowed(&rules, None, &peer(0, 0, &[])), Ok(()));
        assert_eq!(allowed(&rules, None, &peer(9, 106, &[])), Ok(()));
        assert_eq!(allowed(&rules, None, &peer(9, 9, &[])), Err(Denied::Unauthorized));
        assert_eq!(allowed(&rules, Some("open"), &peer(9, 9, &[])), Ok(()));
    }

    #[test]
    fn a_supplementary_group_counts() {
        let rules = [rule("anon", &[], &[106])];
        assert_eq!(allowed(&rules, None, &peer(9, 9, &[5, 106])), Ok(()));
        assert_eq!(allowed(&rules, None, &peer(9, 9, &[5])), Err(Denied::Unauthorized));
    }

    #[test]
    fn names_without_a_rule_need_a_default_one() {
        let mut rules = vec![rule("anon", &[0], &[])];
        assert_eq!(allowed(&rules, Some("x"), &peer(0, 0, &[])), Err(Denied::NoRule));
        rules.push(rule("default", &[7], &[]));
        assert_eq!(allowed(&rules, Some("x"), &peer(7, 0, &[])), Ok(()));
        assert_eq!(allowed(&rules, Some("x"), &peer(0, 0, &[])), Err(Denied::Unauthorized));
    }
}
