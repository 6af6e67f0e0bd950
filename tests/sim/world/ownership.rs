//! Who may start a group, and where groups must be when everything has come to rest.

use cluster_protocol::resources::{Set, State};

use super::World;
use crate::checks;
use crate::host::Host;

/// After a connection is repaired both sides tell what they hold; what was decided before that may still be started.
const LEARNING: u64 = 3_000_000;

/// Whoever is in the middle of something so long after the repair stays there.
const STUCK: u64 = 60_000_000;

impl World {
    /// One node declared the other dead. If a good medium connects them that is no excuse for anything.
    pub(super) fn missed(&mut self, a: usize, b: usize) {
        let perfect = self.media.iter().any(|medium| medium.perfect_since(a, b).is_some());
        if !perfect {
            (self.missed[a][b], self.missed[b][a]) = (self.now, self.now);
        }
    }

    /// One node saw that the other started again before it was missed. An original does not ask what became of the
    /// groups that ran there, nor does anybody with the protocol of 1.x: what it does not hold itself may be lost.
    pub(super) fn restarted(&mut self, host: usize, other: usize) {
        let lost = std::mem::take(&mut self.hosts[other].machine.lost);
        if self.hosts[host].settings.resources.as_original || self.hosts[host].legacy() {
            self.lost.extend(lost);
        }
    }

    /// Since when two daemons have heard each other without a break; `None` if they do not.
    fn hear_each_other_since(&self, a: usize, b: usize) -> Option<u64> {
        let link = self.media.iter().filter_map(|medium| medium.good_since(a, b)).min()?;
        let (first, second) = (&self.hosts[a], &self.hosts[b]);
        if first.stalled || second.stalled {
            return None;
        }
        let (mine, other) = (first.life.as_ref()?, second.life.as_ref()?);
        // Whoever was deceived by replayed packets of former lives knows nothing.
        if mine.fooled.contains(&second.name) || other.fooled.contains(&first.name) {
            return None;
        }
        let awake = if first.awake_since > mine.born { first.awake_since } else { 0 };
        Some(link.max(awake).max(second.awake_since).max(other.born).max(self.missed[a][b]))
    }

    /// A start on `host` by a child that was wanted at `begun`: the group must not run on a node that the starter
    /// hears, and with fencing on no other at all; nor may a dead node that held it still be without a reset.
    pub(super) fn may_start(&mut self, host: usize, group: usize, begun: u64, life: u64) -> Result<(), String> {
        let starter = &self.hosts[host];
        // Nobody looks after what a daemon's children do when it is gone.
        let orphan = starter.lives != life || starter.life.is_none();
        for other in (0..self.hosts.len()).filter(|&other| other != host) {
            let holder = &self.hosts[other];
            // For an original a node that last said `none` held nothing, whatever it was about to take: it takes without a
            // reset, and nobody can know.
            let trusting = [starter, holder].iter().any(|host| host.settings.resources.as_original);
            let text = |what: &str| Err(format!("{} starts group {group} {what} {}", starter.name, holder.name));
            let fooled = starter.life.as_ref().is_some_and(|life| life.fooled.contains(&holder.name));
            if starter.settings.has_stonith
                && !trusting
                && !orphan
                && !fooled
                && holder.machine.unfenced.contains(&group)
            {
                return text("before anybody reset");
            }
            if !holder.machine.runs(group) {
                continue;
            }
            // What ran before the holder's daemon was killed is not known to the one that runs now.
            let unknown = !holder.machine.runs_by_daemon(group);
            let bound = checks::micros(starter.settings.deadtime) + LEARNING;
            // With the protocol of 1.x a node that starts asks nobody as long as it knows of no active peer.
            let born = [holder, starter].into_iter().filter_map(|host| Some(host.life.as_ref()?.born)).max();
            let young = starter.legacy() && born.is_some_and(|born| born + bound > begun);
            if !unknown && !orphan && !fooled && !young && !trusting && starter.settings.has_stonith {
                return text("without a reset of");
            }
            let since = self.hear_each_other_since(host, other);
            // An original that is reloaded answers no node that starts meanwhile: two of them take the same after ten
            // seconds. One of ours on either side must prevent that.
            // A script that still waited when an original released its groups starts one again afterwards.
            let originals = [starter, holder].iter().all(|host| host.settings.resources.as_original)
                || self.is_forgotten(group, starter);
            if !unknown && !orphan && !originals && !young && since.is_some_and(|since| since + bound <= begun) {
                return text("while it runs on");
            }
            self.summary.unknowing_starts += 1;
            // With the protocol of 1.x nobody finds out that a node which it does not hear holds the same, and
            // originals say so in the log only.
            if starter.legacy() || originals {
                self.doubled.insert(group);
            }
        }
        Ok(())
    }

    /// A daemon that has released everything: nothing that it started runs.
    pub(super) fn must_run_nothing(&self, host: usize, when: &str) -> Result<(), String> {
        let machine = &self.hosts[host].machine;
        match (0..self.groups.len()).find(|&group| machine.runs_by_daemon(group)) {
            Some(group) => Err(format!("{} {when} while group {group} runs", self.hosts[host].name)),
            None => Ok(()),
        }
    }

    /// A daemon that starts again leaves no child behind that moves groups.
    pub(super) fn must_rest(&self, host: usize) -> Result<(), String> {
        let machine = &self.hosts[host].machine;
        let lives = self.hosts[host].lives;
        let busy =
            machine.children.values().any(|child| child.moves && child.works_on_resources && child.life == lives);
        if busy { Err(format!("{} starts again while a child works", self.hosts[host].name)) } else { Ok(()) }
    }

    /// After a reload groups move only if something happens to the cluster.
    pub(super) fn stays_undisturbed(&self, host: usize, child: u64, what: &str) -> Result<(), String> {
        let host = &self.hosts[host];
        let of_today = host.machine.children.get(&child).is_some_and(|child| child.life == host.lives);
        if of_today && host.life.as_ref().is_some_and(|life| life.undisturbed) {
            return Err(format!("{}: a reload {what} something", host.name));
        }
        Ok(())
    }

    /// Why groups are not where they should be in the end, if so.
    pub(super) fn not_settled(&self) -> Option<String> {
        // A standby of an original that the other side does not know of lasts an hour.
        let hour = |host: &Host| {
            let view = host.life.as_ref().map(|life| life.core.resources());
            // Or waits for an answer to a message that was lost with its sender's last life.
            let waits = view.is_some_and(|view| view.standby != "none" || view.state == State::Starting);
            host.settings.resources.as_original && waits && !host.machine.works()
        };
        if self.now > self.heal + STUCK && self.hosts.iter().any(hour) {
            return None;
        }
        if self.delayed > 0 {
            return Some("a standby after a failure is to come".into());
        }
        for host in &self.hosts {
            let life = host.life.as_ref()?;
            if host.machine.works() || !life.jobs.is_empty() {
                return Some(format!("children work on {}", host.name));
            }
            let word = life.core.resource_status();
            if word == "transition" && host.settings.resources.manages {
                let views =
                    self.hosts.iter().filter_map(|host| Some((&host.name, host.life.as_ref()?.core.resources())));
                return Some(format!("{} is in transition: {:?}", host.name, views.collect::<Vec<_>>()));
            }
        }
        (0..self.groups.len()).find_map(|group| self.misplaced(group))
    }

    /// An original that does not claim the group: a script that still waited when it released its groups starts one again
    /// afterwards, and nobody knows.
    fn is_forgotten(&self, group: usize, host: &Host) -> bool {
        let held = host.life.as_ref().and_then(|life| life.core.held()).unwrap_or_default();
        let part = if host.name == self.hosts[self.groups[group].home].name { Set::LOCAL } else { Set::FOREIGN };
        host.settings.resources.as_original && !held.has(part)
    }

    fn misplaced(&self, group: usize) -> Option<String> {
        let runs = |host: &usize| self.hosts[*host].machine.runs(group);
        let mut holders: Vec<usize> = (0..self.hosts.len()).filter(runs).collect();
        if holders.len() > 1 {
            holders.retain(|&host| !self.is_forgotten(group, &self.hosts[host]));
        }
        let names: Vec<&str> = holders.iter().map(|&host| self.hosts[host].name.as_str()).collect();
        // A group whose start failed may be stopped everywhere, and its claims are what they were.
        if self.doubled.contains(&group) && !holders.is_empty() {
            return None;
        }
        if !self.failed[group].is_empty() || self.lost.contains(&group) || self.doubled.contains(&group) {
            return (holders.len() > 1).then(|| format!("group {group} runs on {names:?}"));
        }
        // An original whose groups nobody claims only says so, and nobody else may take them while it lives.
        if holders.is_empty() && self.hosts[self.groups[group].home].settings.resources.as_original {
            return None;
        }
        let [holder] = holders[..] else { return Some(format!("group {group} runs on {names:?}")) };
        if !self.hosts[holder].machine.runs_whole(group) {
            return Some(format!("group {group} runs in part on {names:?}"));
        }
        for (host, machine) in self.hosts.iter().enumerate() {
            let held = machine.life.as_ref().and_then(|life| life.core.held()).unwrap_or_default();
            let part = if self.groups[group].home == host { Set::LOCAL } else { Set::FOREIGN };
            // With three nodes `foreign` may mean the groups of another one.
            let claims = if self.hosts.len() > 2 && part == Set::FOREIGN { holder == host } else { held.has(part) };
            if !machine.legacy() && claims != (holder == host) {
                return Some(format!("group {group} runs on {names:?}, {} claims {}", machine.name, held.word()));
            }
        }
        None
    }
}
