//! Who runs what: read from the recording nodes while they live.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::cluster::Worker;

/// How often the sampler looks.
const INTERVAL: Duration = Duration::from_millis(10);

/// The nodes on which each resource runs; `LabA.a1` is a resource.
pub type Owners = BTreeMap<String, Vec<String>>;

/// Looks into the directories of states.
pub(super) fn look(states: &[(String, PathBuf)]) -> Owners {
    let mut owners = Owners::new();
    for (node, directory) in states {
        for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
            owners.entry(entry.file_name().to_string_lossy().into_owned()).or_default().push(node.clone());
        }
    }
    owners
}

/// Looks twice if a resource seems to run on several nodes: directories are read one after the other, and it may have
/// moved meanwhile.
fn look_closely(states: &[(String, PathBuf)]) -> Owners {
    let first = look(states);
    if first.values().all(|nodes| nodes.len() < 2) {
        return first;
    }
    confirmed(first, &look(states))
}

/// Of the nodes that a resource was seen on, if they are several, those that still run it at the second look. What runs
/// on the first node before and after the look at the second one ran on both at that moment.
fn confirmed(first: Owners, second: &Owners) -> Owners {
    let nodes_of = |(resource, nodes): (String, Vec<String>)| {
        let still = |node: &String| second.get(&resource).is_some_and(|nodes| nodes.contains(node));
        let nodes: Vec<_> = if nodes.len() > 1 { nodes.into_iter().filter(still).collect() } else { nodes };
        (!nodes.is_empty()).then_some((resource, nodes))
    };
    first.into_iter().filter_map(nodes_of).collect()
}

/// A time during which a resource ran on the same nodes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sighting {
    /// When this was first seen.
    pub from: Instant,
    /// When it was last seen.
    pub to: Instant,
    /// The resource.
    pub resource: String,
    /// The nodes.
    pub nodes: Vec<String>,
}

/// Looks every 10 ms until it is dropped.
#[derive(Debug)]
pub struct Sampler {
    sightings: Arc<Mutex<Vec<Sighting>>>,
    _worker: Worker,
}

impl Sampler {
    pub(super) fn start(states: Vec<(String, PathBuf)>) -> Self {
        let sightings = Arc::new(Mutex::new(Vec::new()));
        let to = Arc::clone(&sightings);
        let mut open: BTreeMap<String, Sighting> = BTreeMap::new();
        let step = move || {
            let now = Instant::now();
            let owners = look_closely(&states);
            for (resource, nodes) in &owners {
                let fresh = || Sighting { from: now, to: now, resource: resource.clone(), nodes: nodes.clone() };
                let sighting = open.entry(resource.clone()).or_insert_with(fresh);
                if sighting.nodes == *nodes {
                    sighting.to = now;
                } else {
                    let ended = std::mem::replace(sighting, fresh());
                    to.lock().unwrap_or_else(PoisonError::into_inner).push(ended);
                }
            }
            let gone: Vec<_> = open.keys().filter(|resource| !owners.contains_key(*resource)).cloned().collect();
            let ended = gone.iter().filter_map(|resource| open.remove(resource));
            to.lock().unwrap_or_else(PoisonError::into_inner).extend(ended);
            thread::sleep(INTERVAL);
        };
        Self { sightings, _worker: Worker::new(step) }
    }

    /// What is over by now.
    pub fn sightings(&self) -> Vec<Sighting> {
        self.sightings.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Times over by now during which a resource ran on more than one node.
    pub fn shared(&self) -> Vec<Sighting> {
        self.sightings().into_iter().filter(|sighting| sighting.nodes.len() > 1).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::wait_until;

    #[test]
    fn what_moved_between_two_looks_had_one_owner() {
        let owners = |resource: &str, nodes: &[&str]| -> Owners {
            [(resource.to_owned(), nodes.iter().map(|&node| node.to_owned()).collect())].into()
        };
        let both = owners("LabA.a1", &["a", "b"]);
        assert_eq!(confirmed(both.clone(), &owners("LabA.a1", &["b"])), owners("LabA.a1", &["b"]));
        assert_eq!(confirmed(both.clone(), &both), both);
        assert_eq!(confirmed(both.clone(), &Owners::new()), Owners::new());
        let one = owners("LabA.a1", &["a"]);
        assert_eq!(confirmed(one.clone(), &Owners::new()), one);
    }

    #[test]
    fn two_nodes_with_the_same_resource_are_seen() {
        let directory = tempfile::tempdir().unwrap();
        let states = ["a", "b"].map(|node| (node.to_owned(), directory.path().join(node)));
        for (_, path) in &states {
            fs::create_dir(path).unwrap();
        }
        let sampler = Sampler::start(states.to_vec());
        let put = |node: &str| fs::write(directory.path().join(node).join("LabA.a1"), "").unwrap();
        let take = |node: &str| fs::remove_file(directory.path().join(node).join("LabA.a1")).unwrap();
        put("a");
        thread::sleep(INTERVAL * 4);
        put("b");
        assert_eq!(look(&states).get("LabA.a1").unwrap(), &["a", "b"]);
        thread::sleep(INTERVAL * 4);
        take("a");
        take("b");
        let ended = || Ok((!sampler.shared().is_empty()).then_some(()));
        wait_until("the end of it", Duration::from_secs(20), ended).unwrap();
        assert_eq!(sampler.shared()[0].nodes, ["a", "b"]);
        assert_eq!(sampler.sightings()[0].nodes, ["a"]);
    }
}
