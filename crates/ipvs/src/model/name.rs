//! Bounded names as the kernel stores them: scheduler, persistence engine, network interface.

use std::fmt;

/// A byte string of at most `N` bytes without NUL, stored inline so that a listing allocates nothing per name.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Name<const N: usize> {
    // Bytes behind the name are zero, so that the derived comparisons are comparisons of the names.
    bytes: [u8; N],
}

/// A scheduler name, at most 15 bytes (`IP_VS_SCHEDNAME_MAXLEN` is 16 with the NUL; `linux/ip_vs.h`).
pub type SchedulerName = Name<15>;
/// A persistence engine name, at most 16 bytes (`IP_VS_PENAME_MAXLEN`; `linux/ip_vs.h`).
pub type PeName = Name<16>;
/// A network interface name, at most 15 bytes (`IP_VS_IFNAME_MAXLEN` is 16 with the NUL; `linux/ip_vs.h`).
pub type InterfaceName = Name<15>;

/// Why bytes are no [`Name`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NameError {
    /// More bytes than fit.
    #[error("name of {length} bytes, at most {limit} fit")]
    TooLong {
        /// Length given, in bytes.
        length: usize,
        /// Longest possible length, in bytes.
        limit: usize,
    },
    /// A NUL byte inside.
    #[error("name contains a NUL byte")]
    Nul,
}

impl<const N: usize> Name<N> {
    /// The empty name. For a scheduler it means "none".
    pub const EMPTY: Self = Self { bytes: [0; N] };

    /// Makes a name of exactly these bytes.
    ///
    /// # Errors
    /// [`NameError`] if there are more than `N` bytes or one is NUL.
    pub fn new(name: &[u8]) -> Result<Self, NameError> {
        if name.len() > N {
            return Err(NameError::TooLong { length: name.len(), limit: N });
        }
        if name.contains(&0) {
            return Err(NameError::Nul);
        }
        Ok(Self::truncated(name))
    }

    /// Makes a name of the first `N` bytes, ending before the first NUL.
    #[must_use]
    pub fn truncated(name: &[u8]) -> Self {
        let mut bytes = [0; N];
        for (to, from) in bytes.iter_mut().zip(name.iter().take_while(|byte| **byte != 0)) {
            *to = *from;
        }
        Self { bytes }
    }

    /// The name's bytes, without NUL.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        let length = self.bytes.iter().position(|byte| *byte == 0).unwrap_or(N);
        self.bytes.get(..length).unwrap_or(&self.bytes)
    }

    /// Whether the name has no byte.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.as_bytes().is_empty()
    }
}

impl<const N: usize> Default for Name<N> {
    fn default() -> Self {
        Self::EMPTY
    }
}

impl<const N: usize> fmt::Display for Name<N> {
    /// The name as text; bytes that are not UTF-8 appear as replacement characters.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        String::from_utf8_lossy(self.as_bytes()).fmt(f)
    }
}

impl<const N: usize> fmt::Debug for Name<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.as_bytes().escape_ascii())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_holds_up_to_n_bytes_and_no_nul() {
        assert_eq!(SchedulerName::new(b"wlc").unwrap().as_bytes(), b"wlc");
        assert_eq!(SchedulerName::new(&[b'x'; 15]).unwrap().as_bytes().len(), 15);
        assert_eq!(SchedulerName::new(&[b'x'; 16]), Err(NameError::TooLong { length: 16, limit: 15 }));
        assert_eq!(SchedulerName::new(b"a\0b"), Err(NameError::Nul));
        assert!(SchedulerName::default().is_empty());
    }

    #[test]
    fn truncation_stops_at_the_limit_or_the_first_nul() {
        assert_eq!(SchedulerName::truncated(b"0123456789abcdefgh").as_bytes(), b"0123456789abcde");
        assert_eq!(SchedulerName::truncated(b"wrr\0junk").as_bytes(), b"wrr");
    }
}
