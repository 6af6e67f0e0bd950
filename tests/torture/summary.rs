//! What was seen in many rounds.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

/// Numbers of one pairing.
#[derive(Debug, Default)]
pub(crate) struct Summary {
    /// Rounds that came to rest.
    pub(crate) rounds: u64,
    /// How often an original left its own groups to nobody.
    pub(crate) helped: u64,
    /// Of each reason that excuses two owners: how often, the longest time, and the longest time after its end.
    excused: BTreeMap<String, (u64, Duration, Duration)>,
    /// Times with two owners that nothing excuses.
    pub(crate) violations: Vec<String>,
}

impl Summary {
    /// Notes a time with two owners that something excuses.
    pub(crate) fn excuse(&mut self, why: String, length: Duration, after: Duration) {
        let (count, longest, last) = self.excused.entry(why).or_default();
        *count += 1;
        *longest = length.max(*longest);
        *last = after.max(*last);
    }

    /// Adds those of another cluster.
    pub(crate) fn add(&mut self, other: Self) {
        self.rounds += other.rounds;
        self.helped += other.helped;
        for (why, (count, longest, last)) in other.excused {
            let sum = self.excused.entry(why).or_default();
            *sum = (sum.0 + count, sum.1.max(longest), sum.2.max(last));
        }
        self.violations.extend(other.violations);
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} rounds, {} times with two owners without excuse", self.rounds, self.violations.len())?;
        if self.helped > 0 {
            write!(f, "; {} times an original had to be helped", self.helped)?;
        }
        for (why, (count, longest, last)) in &self.excused {
            write!(f, "; {count} because {why}, longest {longest:.1?}, until {last:.1?} after it")?;
        }
        Ok(())
    }
}
