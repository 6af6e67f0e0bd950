//! `ha.cf`, as the daemon and `--check` read it.

use crate::config::{lies_inside, machine};
use ha_config::evaluate::{Files, Options, Source, evaluate, survey};
use ha_config::finding::{File, Gravity};

/// Runs the target on one input.
///
/// # Panics
/// If a place lies outside the file, or the answer and the findings contradict each other.
pub fn run(data: &[u8]) {
    let files = Files {
        ha_cf: Source::Content(data),
        authkeys: Source::Content(b"auth 1\n1 crc\n"),
        authkeys_mode: 0o600,
        haresources: Source::Content(b""),
    };
    let options = Options { manages_resources: true };
    let result = evaluate(&files, options, &machine());
    let wrong = result.findings().any(|found| found.finding.gravity() == Gravity::Error);
    assert_eq!(result.config.is_none(), wrong, "{:?}", result.steps);
    for found in result.findings().filter(|found| found.file == File::HaCf) {
        if let Some(span) = found.span {
            lies_inside(data, span);
        }
    }
    let all = survey(&files, options, &machine());
    assert_eq!(all.config, result.config);
    if let Some(config) = result.config {
        assert!(config.nodes.contains(&config.node) && !config.media.is_empty());
        assert!(config.deadtime > config.keepalive.saturating_mul(2) && config.initdead >= config.deadtime);
        assert!(
            config.nodes.iter().enumerate().all(|(index, node)| !config.nodes.iter().take(index).any(|n| n == node))
        );
    }
}
