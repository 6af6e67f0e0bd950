//! How grave a log line is, with the words of the legacy lines.

use std::fmt;

/// The severity of a line, gravest first.
///
/// The mixed case of the words is interface: scripts and monitors match them. Source: observed on heartbeat 3.0.6.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// `EMERG`
    Emerg,
    /// `ALERT`
    Alert,
    /// `CRIT`
    Crit,
    /// `ERROR`
    Error,
    /// `WARN`
    Warn,
    /// `notice`
    Notice,
    /// `info`
    Info,
    /// `debug`
    Debug,
}

impl Severity {
    /// The word in a line.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Emerg => "EMERG",
            Self::Alert => "ALERT",
            Self::Crit => "CRIT",
            Self::Error => "ERROR",
            Self::Warn => "WARN",
            Self::Notice => "notice",
            Self::Info => "info",
            Self::Debug => "debug",
        }
    }

    /// The priority of syslog: 0 (`LOG_EMERG`) to 7 (`LOG_DEBUG`).
    #[must_use]
    pub fn priority(self) -> u8 {
        match self {
            Self::Emerg => 0,
            Self::Alert => 1,
            Self::Crit => 2,
            Self::Error => 3,
            Self::Warn => 4,
            Self::Notice => 5,
            Self::Info => 6,
            Self::Debug => 7,
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// The syslog facility behind a word of `logfacility`, as its number without the shift by three.
///
/// Case is ignored. `None` for words that syslog does not know, `none` among them.
/// Source: the names of syslog.h's `facilitynames`.
#[must_use]
pub fn facility(word: &str) -> Option<u8> {
    let number = match word.to_ascii_lowercase().as_str() {
        "kern" => 0,
        "user" => 1,
        "mail" => 2,
        "daemon" => 3,
        "auth" | "security" => 4,
        "syslog" => 5,
        "lpr" => 6,
        "news" => 7,
        "uucp" => 8,
        "cron" => 9,
        "authpriv" => 10,
        "ftp" => 11,
        "local0" => 16,
        "local1" => 17,
        "local2" => 18,
        "local3" => 19,
        "local4" => 20,
        "local5" => 21,
        "local6" => 22,
        "local7" => 23,
        _ => return None,
    };
    Some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_keep_their_mixed_case() {
        use Severity::{Alert, Crit, Debug, Emerg, Error, Info, Notice, Warn};
        let words: Vec<_> = [Emerg, Alert, Crit, Error, Warn, Notice, Info, Debug].map(Severity::word).into();
        assert_eq!(words.join(" "), "EMERG ALERT CRIT ERROR WARN notice info debug");
        assert_eq!([Emerg, Warn, Debug].map(Severity::priority), [0, 4, 7]);
    }

    #[test]
    fn a_facility_is_found_by_its_word_in_any_case() {
        assert_eq!(facility("local0"), Some(16));
        assert_eq!(facility("DAEMON"), Some(3));
        assert_eq!(facility("none"), None);
        assert_eq!(facility("locale"), None);
    }
}
