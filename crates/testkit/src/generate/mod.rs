//! Random command lines of `ipvsadm`, valid and invalid, from a seed.
//!
//! A sequence starts with an empty table; [`state`] remembers roughly what its lines should have put there, so that most
//! lines that change something can succeed. [`command`] decides what a line is to say, [`spell`] how it is written,
//! [`mangle`] damages some, and [`deviations`] drops those for which this project differs on purpose.

pub mod address;
pub mod command;
pub mod connections;
pub mod deviations;
pub mod line;
pub mod mangle;
pub mod option;
pub mod restore;
pub mod server;
pub mod spell;
pub mod state;
pub mod values;

use std::ffi::OsString;

use crate::lab::process::Streams;
use crate::rng::Rng;
use command::Kind;
use line::Line;
use state::State;

/// Makes the lines of one part of a run.
///
/// It may be told what became of its lines; then the later ones fit better. So the lines depend on the seed, the index and
/// the program that runs them, and nothing else.
#[derive(Debug, Clone)]
pub struct Generator {
    rng: Rng,
    state: State,
    /// The state if the last line succeeded.
    hoped: State,
    made: usize,
    legacy: bool,
}

impl Generator {
    /// Starts part `index` of a run, with an empty table.
    pub fn new(seed: u64, index: u64) -> Self {
        let mut rng = Rng::part(seed, index);
        let state = State::new(&mut rng);
        Self { rng, hoped: state.clone(), state, made: 0, legacy: false }
    }

    /// Makes lines for programs that use the socket options of old kernels: other deviations are kept away from.
    #[must_use]
    pub fn legacy(mut self, legacy: bool) -> Self {
        self.legacy = legacy;
        self
    }

    /// Makes the next line.
    pub fn next_line(&mut self) -> Line {
        loop {
            self.hoped = self.state.clone();
            let candidate = line(&mut self.rng, &mut self.hoped, self.made);
            let deviation = if self.legacy { deviations::of_legacy(&candidate) } else { deviations::of(&candidate) };
            if deviation.is_none() {
                self.made += 1;
                return candidate;
            }
        }
    }

    /// Tells whether the last line succeeded.
    pub fn learn(&mut self, succeeded: bool) {
        if succeeded {
            self.state = self.hoped.clone();
        }
    }

    /// Tells what the table really holds, as text of `ipvsadm -S -n`; other lines in it do no harm.
    pub fn correct(&mut self, saved: &str) {
        self.state.correct(saved);
    }
}

/// The first `count` lines of one part of a run, if all lines succeeded.
pub fn sequence(seed: u64, index: u64, count: usize) -> Vec<Line> {
    let mut generator = Generator::new(seed, index);
    let next = || {
        let line = generator.next_line();
        generator.learn(true);
        line
    };
    std::iter::repeat_with(next).take(count).collect()
}

fn line(rng: &mut Rng, state: &mut State, position: usize) -> Line {
    let kind = match position {
        0 => Kind::AddService,
        1..=3 => rng.weighted(&[(3, Kind::AddService), (4, Kind::AddServer), (2, Kind::Restore)]),
        _ => Kind::random(rng),
    };
    let before = state.clone();
    let mut line = Line { kind, ..Line::default() };
    match kind {
        Kind::Restore => restore::fill(rng, state, &mut line),
        Kind::Connections => connections::fill(rng, state, &mut line),
        _ => {
            let options = command::options(rng, state, kind);
            line.args = spell::words(rng, &options).into_iter().map(OsString::from).collect();
        }
    }
    if rng.chance(9) {
        mangle::damage(rng, &mut line.args);
        *state = before;
    }
    surroundings(rng, &mut line, kind);
    line
}

/// What is around the arguments: the program's name, variables, and where its output goes.
fn surroundings(rng: &mut Rng, line: &mut Line, kind: Kind) {
    if rng.chance(5) {
        line.name = rng.word(&["/sbin/ipvsadm", "./ipvsadm", "ipvs", "/usr/local/sbin/ipvsadm", ""]).into();
    }
    if rng.chance(2) {
        line.posixly_correct = true;
    }
    if rng.chance(if kind == Kind::Restore { 30 } else { 4 }) {
        line.streams = Streams::Merged;
    }
    if line.stdin.is_none() && rng.chance(2) {
        line.stdin = Some(b"-A -t 10.0.0.1:80\n".to_vec());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_same_seed_gives_the_same_lines() {
        assert_eq!(sequence(3, 1, 60), sequence(3, 1, 60));
        assert_ne!(sequence(3, 1, 60), sequence(3, 2, 60));
    }

    /// Words that must turn up somewhere, or the generator has lost a part.
    const EXPECTED: &str = "\
        -A -E -D -a -e -d -C -R -S -Z -h -v --set --start-daemon --stop-daemon --add-service --edit-service \
        --delete-service --add-server --edit-server --delete-server --clear --restore --save --zero --list \
        --help --version -6 --ipv6 -o --ops -p --persistent -M --netmask -s --scheduler --pe -b \
        --sched-flags -g -m -i --gatewaying --masquerading --ipip -w --weight -x --u-threshold -y \
        --l-threshold --tun-type --tun-port --tun-nocsum --tun-csum --tun-remcsum -n --numeric -c \
        --connection --timeout --daemon --stats --rate --thresholds --persistent-conn --tun-info -X --exact \
        --nosort --sort --mcast-interface --syncid --sync-maxlen --mcast-group --mcast-port --mcast-ttl -t \
        --tcp-service -u --udp-service --sctp-service -f --fwmark-service -r --real-server -Ln --";

    #[test]
    fn every_option_in_every_spelling_turns_up() {
        let mut seen = BTreeSet::new();
        for index in 0..200 {
            for line in sequence(1, index, 50) {
                for word in line.args {
                    let word = word.to_string_lossy().into_owned();
                    seen.insert(word.split('=').next().unwrap_or_default().to_owned());
                }
            }
        }
        let missing: Vec<_> = EXPECTED.split_whitespace().filter(|word| !seen.contains(*word)).collect();
        assert!(missing.is_empty(), "{missing:?}");
    }

    #[test]
    fn nothing_that_differs_on_purpose_is_generated() {
        for index in 0..40 {
            for line in sequence(2, index, 50) {
                assert_eq!(deviations::of(&line), None, "{}", line.shell());
            }
        }
    }
}
