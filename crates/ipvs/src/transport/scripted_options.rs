//! Socket options that play back a script, for tests without a kernel.

use super::SocketOptions;
use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Socket options known in advance: a list of (option, expected bytes, outcome).
#[derive(Debug, Default)]
pub struct ScriptedOptions {
    steps: VecDeque<Step>,
    calls: Arc<AtomicUsize>,
}

#[derive(Debug)]
struct Step {
    set: bool,
    name: i32,
    value: Vec<u8>,
    outcome: Result<Vec<u8>, i32>,
}

impl ScriptedOptions {
    /// An empty script.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The next call must read `name` with a buffer that begins with `question`; it yields `answer`.
    #[must_use]
    pub fn get(mut self, name: i32, question: impl Into<Vec<u8>>, answer: Result<Vec<u8>, i32>) -> Self {
        self.steps.push_back(Step { set: false, name, value: question.into(), outcome: answer });
        self
    }

    /// The next call must set `name` to exactly `value`; it yields success or an errno.
    #[must_use]
    pub fn set(mut self, name: i32, value: impl Into<Vec<u8>>, outcome: Result<(), i32>) -> Self {
        let outcome = outcome.map(|()| Vec::new());
        self.steps.push_back(Step { set: true, name, value: value.into(), outcome });
        self
    }

    /// A handle to the number of calls so far, those that the script did not expect included.
    #[must_use]
    pub fn calls(&self) -> Arc<AtomicUsize> {
        Arc::clone(&self.calls)
    }

    fn step(&mut self, set: bool, name: i32) -> io::Result<Step> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        match self.steps.pop_front() {
            Some(step) if step.set == set && step.name == name => Ok(step),
            Some(step) => Err(io::Error::other(format!("option {name} instead of {}", step.name))),
            None => Err(io::Error::other("an option after the end of the script")),
        }
    }
}

impl SocketOptions for ScriptedOptions {
    fn get(&mut self, name: i32, value: &mut [u8]) -> io::Result<usize> {
        let step = self.step(false, name)?;
        if !value.starts_with(&step.value) {
            return Err(io::Error::other(format!("option {name} read with {value:02x?}")));
        }
        let answer = step.outcome.map_err(io::Error::from_raw_os_error)?;
        for (to, from) in value.iter_mut().zip(&answer) {
            *to = *from;
        }
        Ok(answer.len().min(value.len()))
    }

    fn set(&mut self, name: i32, value: &[u8]) -> io::Result<()> {
        let step = self.step(true, name)?;
        if step.value != value {
            return Err(io::Error::other(format!("option {name} set to {value:02x?}")));
        }
        step.outcome.map(drop).map_err(io::Error::from_raw_os_error)
    }
}
