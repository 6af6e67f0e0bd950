//! Sets of resource groups, as they travel in `rsc_hold`.

use crate::message::Message;

/// A set of resource groups, from one node's point of view (resource specification, section 3.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Set(u8);

impl Set {
    /// No group.
    pub const NONE: Self = Self(0);
    /// The groups whose line in `haresources` names this node.
    pub const LOCAL: Self = Self(1);
    /// All other groups.
    pub const FOREIGN: Self = Self(2);
    /// All groups.
    pub const ALL: Self = Self(3);

    /// The set of that word; `None` for any other word.
    #[must_use]
    pub fn parse(word: &[u8]) -> Option<Self> {
        match word {
            b"none" => Some(Self::NONE),
            b"local" => Some(Self::LOCAL),
            b"foreign" => Some(Self::FOREIGN),
            b"all" => Some(Self::ALL),
            _ => None,
        }
    }

    /// The word on the wire and in log lines.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self.0 {
            1 => "local",
            2 => "foreign",
            3 => "all",
            _ => "none",
        }
    }

    /// The same groups from the other node's point of view.
    #[must_use]
    pub fn mirrored(self) -> Self {
        Self((self.0 & 1) << 1 | (self.0 & 2) >> 1)
    }

    /// Whether every group of `other` is in it.
    #[must_use]
    pub fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Both together.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Without the groups of `other`.
    #[must_use]
    pub fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// The set that a message names; `None` if the field is missing. A word that is no set counts as none, as in the
    /// originals.
    pub(crate) fn of(message: &Message) -> Option<Self> {
        message.text(crate::fields::F_RESOURCES).map(|word| Self::parse(word).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_sets_belong_together() {
        for set in [Set::NONE, Set::LOCAL, Set::FOREIGN, Set::ALL] {
            assert_eq!(Set::parse(set.word().as_bytes()), Some(set));
            assert_eq!(set.mirrored().mirrored(), set);
        }
        assert_eq!(Set::parse(b"both"), None);
        assert_eq!(Set::LOCAL.mirrored(), Set::FOREIGN);
        assert_eq!(Set::LOCAL.with(Set::FOREIGN), Set::ALL);
        assert_eq!(Set::ALL.without(Set::LOCAL), Set::FOREIGN);
        assert!(Set::ALL.has(Set::LOCAL) && !Set::LOCAL.has(Set::ALL) && Set::NONE.has(Set::NONE));
    }
}
