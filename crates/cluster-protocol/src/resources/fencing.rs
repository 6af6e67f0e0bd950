//! Fencing: no takeover of what a dead node may still hold before it was reset (resource specification, section 7).

use super::event::ResourceEvent;
use super::{Engine, Job, JobEnd};
use crate::time::{Mono, Now};
use std::time::Duration;

/// A reset that failed is tried again after this time, for ever.
const AGAIN: Duration = Duration::from_secs(5);
/// The device is asked for its status so often.
const CHECK: Duration = Duration::from_secs(3600);
/// Exit status of a reset that the device cannot do.
const BAD_HOST: i32 = 100;

/// The fencing of one node.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Fence {
    Running,
    Again(Mono),
}

impl Fence {
    pub(crate) fn deadline(&self) -> Option<Mono> {
        match self {
            Self::Running => None,
            Self::Again(at) => Some(*at),
        }
    }
}

impl Engine {
    pub(super) fn fence(&mut self, node: &str) {
        if matches!(self.fencing.get(node), Some(Fence::Running)) {
            return;
        }
        self.log(ResourceEvent::Fencing(node.to_owned()));
        self.fencing.insert(node.to_owned(), Fence::Running);
        self.run(Job::Fence { node: node.to_owned() });
    }

    pub(super) fn fence_again(&mut self, now: Mono) {
        let due = |fence: &Fence| fence.deadline().is_some_and(|at| at <= now);
        let nodes: Vec<String> =
            self.fencing.iter().filter(|(_, fence)| due(fence)).map(|(node, _)| node.clone()).collect();
        for node in nodes {
            self.fence(&node);
        }
    }

    /// A reset ended. If nobody waits for it any more, a success is still told: the node was reset.
    pub(super) fn fenced(&mut self, node: &str, end: JobEnd, now: Mono) {
        let wanted = self.fencing.contains_key(node);
        match end {
            JobEnd::Exited(0) => {
                self.fencing.remove(node);
                self.say_fencing(node, "OK");
                if wanted {
                    self.take_over(node, Now { mono: now, ..self.now });
                }
            }
            other if wanted => {
                self.say_fencing(node, if other == JobEnd::Exited(BAD_HOST) { "badhost" } else { "bad" });
                self.log(ResourceEvent::FencingFailed(node.to_owned()));
                self.fencing.insert(node.to_owned(), Fence::Again(now + AGAIN));
            }
            _ => {}
        }
    }

    /// The node lives, or has released everything: nothing is gained by resetting it. (A reset that runs goes on.)
    pub(super) fn cancel_fencing(&mut self, node: &str) {
        if self.fencing.remove(node).is_some() {
            self.log(ResourceEvent::FencingCancelled(node.to_owned()));
        }
    }

    pub(super) fn check_device(&mut self, now: Mono) {
        self.device_check = None;
        if self.has_device && !self.stopping() {
            self.device_check = Some(now + CHECK);
            self.run(Job::CheckDevice);
        }
    }
}
