//! What a script's `status` text means. Only standard output counts, never the exit status.
//!
//! Resource specification, section 1.7.

/// Whether this text says that the resource runs; the first rule that matches decides. Runs of blanks and line ends
/// count as one blank, as the original's shell makes them.
///
/// | text contains | runs |
/// |---|---|
/// | `not running`, where `n`, `o`, `t` and `r` may be capitals | no |
/// | `running` or `Running` | yes |
/// | `OK` | yes |
/// | nothing of that | no |
#[must_use]
pub fn is_running(output: &[u8]) -> bool {
    let text = String::from_utf8_lossy(output);
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let negated = |at: usize| {
        let before = text.get(..at).unwrap_or_default();
        before.strip_suffix(' ').is_some_and(|before| {
            let tail = before.len().checked_sub(3).and_then(|start| before.get(start..));
            tail.is_some_and(|word| word.eq_ignore_ascii_case("not"))
        })
    };
    let mut places = text.match_indices("running").chain(text.match_indices("Running")).peekable();
    if places.peek().is_none() {
        return text.contains("OK");
    }
    !places.any(|(at, _)| negated(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_alone_decides() {
        let yes =
            ["running", "x is Running", "is stopped but OK", "INFO:  Running OK", "ldirectord is running: 1", "OK"];
        assert!(yes.iter().all(|text| is_running(text.as_bytes())), "{yes:?}");
        let no = [
            "",
            "RUNNING",
            "ok",
            "stopped",
            "dead but pid file exists",
            "not running",
            "NOT Running",
            "nOt running OK",
        ];
        for text in no {
            assert!(!is_running(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn one_negation_outweighs_any_number_of_others() {
        assert!(!is_running(b"a running\nb not running\nc OK"));
        assert!(is_running(b"cannot find it, running"));
        assert!(!is_running(b"cannot running"));
        assert!(is_running(b"NOT RUNNING, Running"));
        assert!(!is_running(b"not  running") && !is_running(b"not\n\trunning"));
        assert!(is_running("n\u{f6}t running".as_bytes()));
    }
}
