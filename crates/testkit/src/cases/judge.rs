//! Compares what a program did with what was expected of it.

use std::fmt::Write as _;

use super::{Case, Exit, Whose};
use crate::text::difference;

/// What a program did with one case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observed {
    /// How it ended.
    pub exit: Exit,
    /// Its standard output.
    pub stdout: Vec<u8>,
    /// Its standard error.
    pub stderr: Vec<u8>,
    /// Standard output of the command afterwards, if the case has one.
    pub after: Option<Vec<u8>>,
}

/// The differences between a case and what was observed, readable; `None` if all bytes are equal.
pub fn differences(case: &Case, whose: Whose, observed: &Observed) -> Option<String> {
    let expected = case.expected(whose);
    let mut report = String::new();
    if expected.exit != observed.exit {
        let _ = writeln!(report, "  exit: expected {}, got {}", expected.exit, observed.exit);
    }
    let mut compare = |what: &str, wanted: &str, got: &[u8]| {
        if wanted.as_bytes() != got {
            let _ = write!(report, "  {what} (- expected, + got):\n{}", difference(wanted.as_bytes(), got));
        }
    };
    compare("stdout", &expected.stdout, &observed.stdout);
    compare("stderr", &expected.stderr, &observed.stderr);
    if let Some(command) = &case.after {
        compare(
            &format!("stdout of `{command}` afterwards"),
            &expected.after,
            observed.after.as_deref().unwrap_or(&[]),
        );
    }
    (!report.is_empty()).then_some(report)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cases::{Deviation, Expected};

    fn case() -> Case {
        Case {
            after: Some("ipvsadm -Sn".into()),
            recorded: Expected { stdout: "a \n".into(), after: "t\n".into(), ..Expected::default() },
            deviation: Some(Deviation { stdout: Some("b\n".into()), ..Deviation::default() }),
            ..Case::default()
        }
    }

    fn observed() -> Observed {
        Observed { exit: Exit::Code(0), stdout: b"a \n".into(), stderr: Vec::new(), after: Some(b"t\n".into()) }
    }

    #[test]
    fn equal_bytes_give_no_report() {
        assert_eq!(differences(&case(), Whose::Original, &observed()), None);
    }

    #[test]
    fn each_part_that_differs_is_reported() {
        for (changed, words) in [
            (Observed { exit: Exit::Signal(9), ..observed() }, "exit: expected 0, got signal 9"),
            (Observed { stdout: b"a\n".into(), ..observed() }, "    - |a \n    + |a\n"),
            (Observed { stderr: b"x".into(), ..observed() }, "stderr"),
            (Observed { after: Some(Vec::new()), ..observed() }, "`ipvsadm -Sn` afterwards"),
        ] {
            let report = differences(&case(), Whose::Original, &changed).unwrap();
            assert!(report.contains(words), "{report}");
        }
    }

    #[test]
    fn where_we_deviate_the_recorded_bytes_are_wrong() {
        let report = differences(&case(), Whose::Ours, &observed()).unwrap();
        assert!(report.contains("- |b"), "{report}");
    }
}
