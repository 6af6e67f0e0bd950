//! A trace in phases: what followed each event that came after a rest.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use anyhow::{Context as _, Result, bail, ensure};

use super::format::{Kind, Row};

/// A call of a resource script.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Call {
    /// The script and its arguments: `LabA a1`, with `init.d/` before what was found there.
    pub resource: String,
    /// `status`, `start`, `stop`.
    pub verb: String,
    /// False if it was made to fail.
    pub succeeds: bool,
}

impl Call {
    /// Reads `LabA a1 start`; a call that fails has ` !` behind.
    ///
    /// # Errors
    ///
    /// There is no verb.
    pub fn parse(text: &str) -> Result<Self> {
        let (text, succeeds) = text.strip_suffix(" !").map_or((text, true), |text| (text, false));
        let (resource, verb) = text.rsplit_once(' ').with_context(|| format!("no verb: {text}"))?;
        Ok(Self { resource: resource.into(), verb: verb.into(), succeeds })
    }

    fn of(row: &Row) -> Self {
        let script = row.name.strip_prefix("/etc/ha.d/resource.d/").or_else(|| row.name.strip_prefix("/etc/"));
        let script = script.unwrap_or(&row.name);
        let resource = if row.args.is_empty() { script.into() } else { format!("{script} {}", row.args) };
        Self { resource, verb: row.verb.clone(), succeeds: row.verb == "status" || row.field("rc") == Some("0") }
    }
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}{}", self.resource, self.verb, if self.succeeds { "" } else { " !" })
    }
}

/// What of a part may differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Free {
    /// The order between calls for different resources: two children work side by side.
    Interleaving,
    /// How often and when `status` is called: two children may both want to start the same.
    Racing,
    /// All calls of resource scripts.
    Calls,
    /// All messages.
    Messages,
    /// All calls of `rc.d`.
    RcScripts,
    /// The order of the calls of the fencing device.
    FencingOrder,
    /// Calls of the fencing device.
    Fencing,
}

/// What one node did in a phase.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Part {
    /// Calls of resource scripts, in the order of their ends.
    pub calls: Vec<Call>,
    /// Of each call its begin and end, in seconds since the phase began. Empty if the calls were edited.
    pub times: Vec<(f64, f64)>,
    /// Calls that may be missing, or there in addition.
    pub optional: Vec<Call>,
    /// Messages of the protocols that move resources.
    pub messages: Vec<String>,
    /// Messages that may be missing, or there in addition.
    pub optional_messages: Vec<String>,
    /// Calls of `rc.d`.
    pub rc_scripts: Vec<String>,
    /// Calls of the fencing device, and of `reboot`.
    pub fencing: Vec<String>,
    /// When the last of them was, in seconds since the phase began.
    pub last_fencing: f64,
    /// What of this is not compared.
    pub free: BTreeSet<Free>,
}

/// One event and what followed until the next rest was over.
#[derive(Debug, Clone, PartialEq)]
pub struct Phase {
    /// The text of the event.
    pub event: String,
    /// When it was.
    pub at: f64,
    /// What each node did.
    pub parts: BTreeMap<String, Part>,
    /// What `cl_status rscstatus` said, as `alpha=local`.
    pub statuses: Vec<String>,
}

impl Phase {
    /// The last end of a script, in seconds since the phase began.
    pub fn length(&self) -> f64 {
        self.parts.values().flat_map(|part| part.times.iter().map(|(_, end)| *end)).fold(0.0, f64::max)
    }
}

/// All of a trace, open to edits for what a node does in another way on purpose.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Phases {
    /// In the order of time.
    pub list: Vec<Phase>,
}

impl Phases {
    /// Splits a trace at the events `starts`, each looked for after the one before.
    ///
    /// # Errors
    ///
    /// One of them did not happen.
    pub fn split(rows: &[Row], nodes: &[&str], starts: &[String]) -> Result<Self> {
        let mut list: Vec<Phase> = Vec::new();
        let mut starts = starts.iter().peekable();
        for row in rows {
            if row.kind == Kind::Event && starts.peek().is_some_and(|start| **start == row.name) {
                starts.next();
                let parts = nodes.iter().map(|node| ((*node).to_owned(), Part::default())).collect();
                list.push(Phase { event: row.name.clone(), at: row.at, parts, statuses: Vec::new() });
            }
            let Some(phase) = list.last_mut() else { continue };
            if let Some(said) = row.name.strip_prefix("cl_status rscstatus ") {
                phase.statuses = said.split_whitespace().map(str::to_owned).collect();
            }
            let at = phase.at;
            let Some(part) = phase.parts.get_mut(&row.node) else { continue };
            match row.kind {
                Kind::Script => {
                    part.calls.push(Call::of(row));
                    part.times.push((row.begin - at, row.at - at));
                }
                Kind::RcScript => part.rc_scripts.extend(rc_script(row)),
                Kind::Message => part.messages.extend(message(row)),
                Kind::Stonith | Kind::Reboot => {
                    part.fencing.push(format!("{} {}", row.name, row.detail).trim().to_owned());
                    part.last_fencing = row.at - at;
                }
                Kind::Event | Kind::Begin => {}
            }
        }
        if let Some(missing) = starts.next() {
            bail!("the trace has no event '{missing}' at its place");
        }
        Ok(Self { list })
    }

    fn part(&mut self, phase: usize, node: &str) -> Result<&mut Part> {
        let phase = self.list.get_mut(phase).with_context(|| format!("no phase {phase}"))?;
        phase.parts.get_mut(node).with_context(|| format!("no node {node}"))
    }

    /// Lets a node make these calls in the place of the recorded ones.
    ///
    /// # Errors
    ///
    /// There is no such phase or node, or a text is no call.
    pub fn replace(&mut self, phase: usize, node: &str, calls: &[&str]) -> Result<()> {
        let calls = calls.iter().map(|text| Call::parse(text)).collect::<Result<_>>()?;
        let part = self.part(phase, node)?;
        (part.calls, part.times) = (calls, Vec::new());
        Ok(())
    }

    /// A recorded call may also be missing; one of several that are equal.
    ///
    /// # Errors
    ///
    /// It was not recorded.
    pub fn may_lack(&mut self, phase: usize, node: &str, call: &str) -> Result<()> {
        let call = Call::parse(call)?;
        let part = self.part(phase, node)?;
        let at = part.calls.iter().position(|recorded| *recorded == call);
        let at = at.with_context(|| format!("{node} did not call {call} in phase {phase}"))?;
        part.calls.remove(at);
        if at < part.times.len() {
            part.times.remove(at);
        }
        part.optional.push(call);
        Ok(())
    }

    /// Lets a node send these messages in the place of the recorded ones.
    ///
    /// # Errors
    ///
    /// There is no such phase or node.
    pub fn replace_messages(&mut self, phase: usize, node: &str, messages: &[&str]) -> Result<()> {
        self.part(phase, node)?.messages = messages.iter().map(|&message| message.to_owned()).collect();
        Ok(())
    }

    /// Lets a node call its fencing device like this in the place of what was recorded.
    ///
    /// # Errors
    ///
    /// There is no such phase or node.
    pub fn replace_fencing(&mut self, phase: usize, node: &str, calls: &[&str]) -> Result<()> {
        self.part(phase, node)?.fencing = calls.iter().map(|&call| call.to_owned()).collect();
        Ok(())
    }

    /// Recorded messages that begin with `head` may also be missing.
    ///
    /// # Errors
    ///
    /// There is no such phase or node.
    pub fn may_lack_message(&mut self, phase: usize, node: &str, head: &str) -> Result<()> {
        let part = self.part(phase, node)?;
        let (optional, kept) = part.messages.drain(..).partition(|message| message.starts_with(head));
        (part.optional_messages, part.messages) = (optional, kept);
        Ok(())
    }

    /// Lets a node send a message in the place of a recorded one.
    ///
    /// # Errors
    ///
    /// It was not recorded.
    pub fn change_message(&mut self, phase: usize, node: &str, from: &str, to: &str) -> Result<()> {
        let part = self.part(phase, node)?;
        let found = part.messages.iter_mut().find(|message| *message == from);
        to.clone_into(found.with_context(|| format!("{node} did not send {from} in phase {phase}"))?);
        Ok(())
    }

    /// Something of what a node did in a phase is not compared.
    ///
    /// # Errors
    ///
    /// There is no such phase or node.
    pub fn free(&mut self, phase: usize, node: &str, what: &[Free]) -> Result<()> {
        self.part(phase, node)?.free.extend(what);
        Ok(())
    }

    /// What `cl_status rscstatus` said at the end of a phase is not compared.
    ///
    /// # Errors
    ///
    /// There is no such phase.
    pub fn any_statuses(&mut self, phase: usize) -> Result<()> {
        self.list.get_mut(phase).with_context(|| format!("no phase {phase}"))?.statuses.clear();
        Ok(())
    }

    /// How many phases there must be.
    ///
    /// # Errors
    ///
    /// There are more or less.
    pub fn must_be(&self, number: usize) -> Result<()> {
        ensure!(self.list.len() == number, "{} phases, not {number}", self.list.len());
        Ok(())
    }
}

/// What of a call of `rc.d` is the same in every run. While nodes start, it depends on who hears whom first which
/// states `status` is called for, so only death counts.
fn rc_script(row: &Row) -> Option<String> {
    if row.name == "rc.d/status" && row.field("st") != Some("dead") {
        return None;
    }
    Some(format!("{} {}", row.name, row.detail))
}

/// What of a message is the same in every run. How often a node repeats its `resource` depends on who is the faster
/// one.
fn message(row: &Row) -> Option<String> {
    let kept = ["ask_resources", "stonith", "shutdone", "hb_takeover", "ip-request", "ip-request-resp"];
    kept.contains(&row.name.as_str()).then(|| format!("{} {}", row.name, row.detail))
}
