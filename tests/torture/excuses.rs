//! Times at which two owners cannot be helped.

use std::fmt;
use std::time::{Duration, Instant};

use testkit::resource_trace::Sighting;

/// What was begun while nodes could not know of each other may still take effect: a takeover whose scripts are
/// running when the cable is put back.
const UNDER_WAY: Duration = Duration::from_secs(1);

/// How long after a heal two nodes of ours may take until they have settled who keeps what both have, and after the
/// start of a daemon until what its predecessor left running is given back.
pub(crate) const SETTLING: Duration = Duration::from_secs(2);

/// The same with an original in the cluster: then all is stopped on both sides, and everyone starts again.
pub(crate) const RESTARTING: Duration = Duration::from_secs(8);

/// Why nodes could not know of each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Why {
    /// The network was cut.
    Cut,
    /// A daemon was killed while its resources went on: nothing answered, but the link was up.
    Killed,
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Cut => "the network was cut",
            Self::Killed => "the daemon was killed alone",
        })
    }
}

/// All cuts of the network, and all lives of resources without a daemon.
#[derive(Debug)]
pub(crate) struct Excuses {
    afterwards: Duration,
    over: Vec<(Why, Instant, Instant)>,
}

impl Excuses {
    /// None so far. `afterwards` is how long two owners may last when the reason for it is over.
    pub(crate) fn new(afterwards: Duration) -> Self {
        Self { afterwards, over: Vec::new() }
    }

    /// Notes such a time, from its begin to now: the network is whole, or the daemon is started.
    pub(crate) fn add(&mut self, why: Why, from: Instant) {
        self.over.push((why, from, Instant::now()));
    }

    /// What excuses a sighting of two owners: it must have begun at such a time, and may not last much longer.
    /// Also how long it went on afterwards.
    pub(crate) fn find(&self, sighting: &Sighting) -> Option<(Why, Duration)> {
        let covers = |from: Instant, to: Instant| {
            (from..=to + UNDER_WAY).contains(&sighting.from) && sighting.to <= to + self.afterwards
        };
        let found = self.over.iter().find(|(_, from, to)| covers(*from, *to));
        found.map(|(why, _, to)| (*why, sighting.to.saturating_duration_since(*to)))
    }
}

#[test]
fn only_what_began_with_the_cut_and_ended_soon_is_excused() {
    let now = Instant::now();
    let at = |second: u64| now + Duration::from_secs(second);
    let excuses = Excuses { afterwards: RESTARTING, over: vec![(Why::Cut, at(10), at(20))] };
    let found = |from: Instant, to: Instant| {
        excuses
            .find(&Sighting { from, to, resource: String::new(), nodes: Vec::new() })
            .map(|(_, after)| after.as_secs())
    };
    assert_eq!(found(at(10), at(15)), Some(0));
    assert_eq!(found(at(21), at(28)), Some(8));
    assert_eq!(found(at(9), at(15)), None);
    assert_eq!(found(at(15), at(29)), None);
    assert_eq!(found(at(22), at(23)), None);
}
