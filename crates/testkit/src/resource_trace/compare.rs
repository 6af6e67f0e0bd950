//! What two runs of the same story have in common.
//!
//! - On each node, the sequence of calls of resource scripts. Free is only when the `status` of an own group's first
//!   resource comes between calls for other resources: the acquisition of own groups and a takeover run side by side.
//! - Between nodes, what is stopped on one and started on the other is stopped before.
//! - A reset that succeeds comes before any call of the takeover.
//! - The messages that move resources, the calls of `rc.d` where they are recorded, the calls of the fencing device.
//! - Who runs what in the end, which follows from the first rule, and what `cl_status rscstatus` says.
//! - Nothing takes much longer than it took.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::format::Conf;
use super::phases::{Call, Free, Part, Phase, Phases};

/// How much longer a phase may last, in seconds: the machine is busy with other clusters.
const SLACK: f64 = 8.0;

/// The differences between a recorded run and another.
#[derive(Debug, Clone, Default)]
pub struct Comparison {
    problems: Vec<String>,
}

/// What of a node can be compared.
#[derive(Debug, Clone, Default)]
pub(super) struct Seen {
    /// Its calls of `rc.d` are recorded.
    pub wrapped: bool,
    /// It is asked with `cl_status`.
    pub asked: bool,
}

impl Comparison {
    /// Holds `actual` against `expected`. `seen` says for each node what was recorded.
    pub(super) fn new(expected: &Phases, actual: &Phases, conf: &Conf, seen: &BTreeMap<String, Seen>) -> Self {
        let mut comparison = Self::default();
        for (number, (wanted, found)) in expected.list.iter().zip(&actual.list).enumerate() {
            let mut problems = Vec::new();
            for (node, wanted) in &wanted.parts {
                let found = found.parts.get(node).cloned().unwrap_or_default();
                let own: BTreeSet<_> = conf
                    .first_resources()
                    .into_iter()
                    .filter(|(owner, _)| owner == node)
                    .map(|(_, name)| name)
                    .collect();
                problems.extend(one_node(node, wanted, &found, &own, seen.get(node)));
            }
            problems.extend(between_nodes(wanted, found));
            problems.extend(statuses(wanted, found, seen));
            let (limit, length) = (wanted.length() + SLACK, found.length());
            if wanted.length() > 0.0 && length > limit {
                problems
                    .push(format!("the last script ended after {length:.1} s, recorded were {:.1}", wanted.length()));
            }
            let place = format!("phase {number} ({})", found.event);
            comparison.problems.extend(problems.into_iter().map(|problem| format!("{place}: {problem}")));
        }
        if expected.list.len() != actual.list.len() {
            comparison.problems.push(format!("{} phases, recorded were {}", actual.list.len(), expected.list.len()));
        }
        comparison
    }

    /// True if there are none.
    pub fn is_same(&self) -> bool {
        self.problems.is_empty()
    }

    /// All differences.
    pub fn report(&self) -> String {
        self.problems.join("\n")
    }
}

fn one_node(node: &str, wanted: &Part, found: &Part, own: &BTreeSet<String>, seen: Option<&Seen>) -> Vec<String> {
    let mut problems = Vec::new();
    let free = |what| wanted.free.contains(&what);
    if !free(Free::Calls) && !same_calls(wanted, &without_optional(wanted, found), own) {
        problems.push(format!("{node}: scripts\n{}", side_by_side(&texts(&wanted.calls), &texts(&found.calls))));
    }
    let sorted = |list: &[String]| {
        let mut list = list.to_vec();
        if free(Free::FencingOrder) {
            list.sort();
        }
        list
    };
    let recorded = seen.is_some_and(|seen| seen.wrapped);
    let lists = [
        ("messages", wanted.messages.clone(), without_optional_messages(wanted, found), !free(Free::Messages)),
        ("rc.d", wanted.rc_scripts.clone(), found.rc_scripts.clone(), !free(Free::RcScripts) && recorded),
        ("fencing", sorted(&wanted.fencing), sorted(&found.fencing), !free(Free::Fencing)),
    ];
    for (what, wanted, found, compared) in lists {
        if compared && wanted != found {
            problems.push(format!("{node}: {what}\n{}", side_by_side(&wanted, &found)));
        }
    }
    problems
}

/// The calls found, without those that need not be there and are more than recorded.
fn without_optional(wanted: &Part, found: &Part) -> Vec<Call> {
    let mut calls = found.calls.clone();
    for optional in &wanted.optional {
        let count = |calls: &[Call]| calls.iter().filter(|call| *call == optional).count();
        if count(&calls) > count(&wanted.calls) {
            if let Some(at) = calls.iter().position(|call| call == optional) {
                calls.remove(at);
            }
        }
    }
    calls
}

/// The messages found, without those that need not be there and are more than recorded.
fn without_optional_messages(wanted: &Part, found: &Part) -> Vec<String> {
    let mut messages = found.messages.clone();
    for optional in &wanted.optional_messages {
        let count = |messages: &[String]| messages.iter().filter(|message| *message == optional).count();
        if count(&messages) > count(&wanted.messages) {
            if let Some(at) = messages.iter().rposition(|message| message == optional) {
                messages.remove(at);
            }
        }
    }
    messages
}

fn same_calls(part: &Part, found: &[Call], own: &BTreeSet<String>) -> bool {
    let racing = part.free.contains(&Free::Racing);
    let counted =
        |calls: &[Call]| calls.iter().filter(|call| !racing || call.verb != "status").cloned().collect::<Vec<_>>();
    let (wanted, found) = (counted(&part.calls), counted(found));
    let of = |calls: &[Call], resource: &str| {
        calls.iter().filter(|call| call.resource == resource).cloned().collect::<Vec<_>>()
    };
    let resources: BTreeSet<_> = wanted.iter().chain(&found).map(|call| call.resource.clone()).collect();
    let each = resources.iter().all(|resource| of(&wanted, resource) == of(&found, resource));
    let floats = |call: &&Call| call.verb == "status" && own.contains(call.resource.trim_start_matches("init.d/"));
    let bound = |calls: &[Call]| calls.iter().filter(|call| !floats(call)).cloned().collect::<Vec<_>>();
    each && (racing || part.free.contains(&Free::Interleaving) || bound(&wanted) == bound(&found))
}

/// The end of the last successful stop, and the begin of the first successful start, of the resources both are about.
fn handover(giver: &Part, taker: &Part) -> Option<(f64, f64)> {
    let times = |part: &Part, verb: &str| -> Vec<(String, f64, f64)> {
        let calls = part.calls.iter().zip(&part.times).filter(|(call, _)| call.verb == verb && call.succeeds);
        calls.map(|(call, (begin, end))| (call.resource.clone(), *begin, *end)).collect()
    };
    let (stops, starts) = (times(giver, "stop"), times(taker, "start"));
    let moved = |resource: &String| {
        let among = |list: &[(String, f64, f64)]| list.iter().any(|(other, ..)| other == resource);
        among(&stops) && among(&starts)
    };
    let last = stops.iter().filter(|(resource, ..)| moved(resource)).map(|(.., end)| *end).reduce(f64::max)?;
    let first = starts.iter().filter(|(resource, ..)| moved(resource)).map(|(_, begin, _)| *begin).reduce(f64::min)?;
    Some((last, first))
}

fn between_nodes(wanted: &Phase, found: &Phase) -> Vec<String> {
    let mut problems = Vec::new();
    for (giver, stops) in &found.parts {
        for (taker, starts) in found.parts.iter().filter(|(taker, _)| *taker != giver) {
            let recorded = wanted.parts.get(giver).zip(wanted.parts.get(taker));
            let is_loose = |part: &Part| {
                [Free::Calls, Free::Interleaving, Free::Racing].iter().any(|what| part.free.contains(what))
            };
            let loose = recorded.is_some_and(|(one, two)| is_loose(one) || is_loose(two));
            let in_order = recorded.and_then(|(one, two)| handover(one, two)).is_none_or(|(last, first)| last <= first);
            if let (true, false, Some((last, first))) = (in_order, loose, handover(stops, starts)) {
                if last > first {
                    problems.push(format!("{taker} started at {first:.3} what {giver} stopped until {last:.3}"));
                }
            }
        }
    }
    for (node, part) in &found.parts {
        let resets = part.fencing.iter().any(|call| call.contains(" reset "));
        let first = part.times.iter().map(|(begin, _)| *begin).reduce(f64::min);
        if let (true, Some(first)) = (resets, first) {
            if first < part.last_fencing {
                problems.push(format!(
                    "{node} called a script at {first:.3}, before the reset at {:.3}",
                    part.last_fencing
                ));
            }
        }
    }
    problems
}

fn statuses(wanted: &Phase, found: &Phase, seen: &BTreeMap<String, Seen>) -> Option<String> {
    let asked = |list: &[String]| -> Vec<String> {
        let said = list.iter().filter_map(|status| Some((status.split_once('=')?, status)));
        said.filter(|((node, _), _)| seen.get(*node).is_some_and(|seen| seen.asked)).map(|(_, s)| s.clone()).collect()
    };
    let (wanted, found) = (asked(&wanted.statuses), asked(&found.statuses));
    wanted.iter().any(|status| !found.contains(status)).then(|| format!("cl_status\n{}", side_by_side(&wanted, &found)))
}

fn texts(calls: &[Call]) -> Vec<String> {
    calls.iter().map(Call::to_string).collect()
}

/// Two lists in two columns, with a mark where they begin to differ.
fn side_by_side(wanted: &[String], found: &[String]) -> String {
    let width = wanted.iter().map(String::len).max().unwrap_or(0).max(8);
    let mut text = format!("      {:width$}   found\n", "recorded");
    for number in 0..wanted.len().max(found.len()) {
        let [one, two] = [wanted, found].map(|list| list.get(number).map_or("", String::as_str));
        let mark = if one == two { ' ' } else { '*' };
        let _ = writeln!(text, "    {mark} {one:width$}   {two}");
    }
    text
}

#[cfg(test)]
mod tests;
