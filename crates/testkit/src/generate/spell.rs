//! How a line is written: short or long names, clusters, values attached or apart.

use super::option::Opt;
use crate::rng::Rng;

/// Writes options as words.
pub fn words(rng: &mut Rng, options: &[Opt]) -> Vec<String> {
    // A line prefers one style, as people do.
    let long_names = rng.weighted(&[(6, 10), (2, 50), (2, 95)]);
    let cluster = rng.weighted(&[(4, 10), (2, 60), (1, 95)]);
    let mut words: Vec<String> = Vec::new();
    // Whether the last word is a cluster of short options that can grow.
    let mut open = false;
    for option in options {
        let Some(value) = &option.value else {
            match option.short.filter(|_| !rng.chance(long_names)) {
                Some(short) => {
                    let short = if short == 'L' && rng.chance(10) { 'l' } else { short };
                    push_short(rng, &mut words, open, cluster, short);
                    // `-p` would take what follows in its word as its value.
                    open = !option.optional;
                }
                None => {
                    words.push(format!("--{}", option.long));
                    open = false;
                }
            }
            continue;
        };
        if option.long.is_empty() {
            words.push(value.clone());
            open = false;
            continue;
        }
        match option.short.filter(|_| !rng.chance(long_names)) {
            Some(short) => {
                push_short(rng, &mut words, open, cluster, short);
                push_value(rng, &mut words, value);
            }
            None if rng.chance(40) => words.push(format!("--{}={value}", option.long)),
            None => words.extend([format!("--{}", option.long), value.clone()]),
        }
        open = false;
    }
    words
}

fn push_short(rng: &mut Rng, words: &mut Vec<String>, open: bool, cluster: usize, short: char) {
    match words.last_mut() {
        Some(word) if open && rng.chance(cluster) => word.push(short),
        _ => words.push(format!("-{short}")),
    }
}

fn push_value(rng: &mut Rng, words: &mut Vec<String>, value: &str) {
    match (rng.below(12), words.last_mut()) {
        (0..=1, Some(word)) => word.push_str(value),
        (2, Some(word)) => {
            word.push('=');
            word.push_str(value);
        }
        _ => words.push(value.to_owned()),
    }
}
