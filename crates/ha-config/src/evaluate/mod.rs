//! From the three files to a configuration, or to everything that is wrong with them.
//!
//! The order is the original's: `ha.cf` line by line; only if that is free of errors `authkeys`; then defaults and the
//! checks across directives; and `haresources` only if all was well until then. Pure: files come as bytes, facts about the
//! machine through [`Machine`].

mod draft;
mod lines;
mod media;
mod scalars;
mod semantics;

use crate::authkeys;
use crate::config::{Config, Medium};
use crate::finding::{File, Finding, Keys, Located};
use crate::ha_cf::{self, Arguments, Entry};
use crate::haresources::{self, Group};
use crate::lexer::Span;
use crate::machine::Machine;
use cluster_protocol::auth::AuthKeys;
use draft::Draft;
use std::path::PathBuf;

/// The most nodes a cluster may have, as observed on heartbeat 3.0.6: the 101st is refused.
pub const MOST_NODES: usize = 100;

/// A file's content.
#[derive(Clone, Copy, Debug)]
pub enum Source<'a> {
    /// It was read.
    Content(&'a [u8]),
    /// It could not be read.
    Missing {
        /// Because it was not allowed.
        denied: bool,
    },
}

/// The three files.
#[derive(Clone, Copy, Debug)]
pub struct Files<'a> {
    /// `ha.cf`
    pub ha_cf: Source<'a>,
    /// `authkeys`
    pub authkeys: Source<'a>,
    /// The mode of `authkeys`.
    pub authkeys_mode: u32,
    /// `haresources`
    pub haresources: Source<'a>,
}

/// What the command line decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Resources are managed and `haresources` is read; `false` with option `-M`.
    pub manages_resources: bool,
}

/// A change of where messages go. It counts for the findings after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LogChange {
    /// `logfile`
    LogFile(PathBuf),
    /// `debugfile`
    DebugFile(PathBuf),
    /// `logfacility`; `None` for `none`.
    Facility(Option<String>),
    /// `debug`
    Debug(u8),
    /// `use_logd`
    Logd(bool),
    /// `syslogmsgfmt`
    SyslogFormat(bool),
}

/// What happened, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Something to tell.
    Finding(Located),
    /// Messages go somewhere else from here on.
    Log(LogChange),
}

/// The result.
#[derive(Clone, Debug)]
pub struct Evaluation {
    /// The configuration; `None` if anything is wrong with any file.
    pub config: Option<Config>,
    /// The keys; there if `config` is.
    pub keys: Option<AuthKeys>,
    /// The groups of `haresources`, empty if resources are not managed.
    pub groups: Vec<Group>,
    /// What happened, in order.
    pub steps: Vec<Step>,
    /// The exit status if there is no configuration: 6, or 4 if something was not allowed.
    pub exit: u8,
}

impl Evaluation {
    /// The findings, in order.
    pub fn findings(&self) -> impl Iterator<Item = &Located> {
        self.steps.iter().filter_map(|step| match step {
            Step::Finding(located) => Some(located),
            Step::Log(_) => None,
        })
    }
}

/// The bits of a mode with which others may read.
const OTHERS_READ: u32 = 0o044;

/// Exit status: the configuration is wrong or missing (LSB).
const NOT_CONFIGURED: u8 = 6;
/// Exit status: not allowed (LSB).
const NOT_ALLOWED: u8 = 4;

/// Judges the files.
#[must_use]
pub fn evaluate(files: &Files<'_>, options: Options, machine: &dyn Machine) -> Evaluation {
    let mut draft = Draft::new(machine);
    let mut exit = NOT_CONFIGURED;
    match files.ha_cf {
        Source::Content(text) => walk(&mut draft, text),
        Source::Missing { denied } => {
            if denied {
                exit = NOT_ALLOWED;
            }
            draft.find(File::HaCf, None, Finding::CannotOpen(File::HaCf));
        }
    }
    if draft.failed {
        draft.find(File::HaCf, None, Finding::NotStarted);
        return ended(draft, exit);
    }
    // The original has met a refusal by now if it is not root's, and tells so with its exit status.
    if !machine.is_root() || matches!(files.authkeys, Source::Missing { denied: true }) {
        exit = NOT_ALLOWED;
    }
    let keys = read_keys(&mut draft, files);
    if draft.failed {
        draft.find(File::AuthKeys, None, Finding::KeysRefused);
        return ended(draft, exit);
    }
    semantics::check(&mut draft, options);
    // Announced before the last file is read, as the original does.
    if !draft.failed {
        draft.overall(Finding::Validated);
    }
    let groups = if options.manages_resources && !draft.failed {
        read_resources(&mut draft, files.haresources)
    } else {
        Vec::new()
    };
    if draft.failed {
        return ended(draft, exit);
    }
    let config = semantics::config(&draft, options);
    Evaluation { config: Some(config), keys, groups, steps: draft.steps, exit }
}

fn ended(draft: Draft<'_>, exit: u8) -> Evaluation {
    Evaluation { config: None, keys: None, groups: Vec::new(), steps: draft.steps, exit }
}

/// Every line of `ha.cf`, whatever is wrong with those before.
fn walk(draft: &mut Draft<'_>, text: &[u8]) {
    for entry in ha_cf::parse(text) {
        match entry {
            Entry::TooLong { span, length } => draft.problem(span, Finding::LineTooLong { length }),
            Entry::Unknown(word) => draft.problem(word.span, Finding::UnknownDirective { name: word.lossy() }),
            Entry::Directive { key, span, arguments } => match arguments {
                Arguments::Values(values) => {
                    if key.name == "udp" {
                        draft.problem(span, Finding::UdpReplaced);
                    }
                    for value in values {
                        draft.value(key, value.span, &value.lossy());
                    }
                }
                Arguments::Line(rest) => draft.line(key, span, &rest),
            },
        }
    }
}

/// The keys. Only what others may read is refused: heartbeat 3.0.6 was seen to accept modes 620 and 602.
fn read_keys(draft: &mut Draft<'_>, files: &Files<'_>) -> Option<AuthKeys> {
    let text = match files.authkeys {
        Source::Content(text) => text,
        Source::Missing { .. } => {
            draft.find(File::AuthKeys, None, Finding::CannotOpen(File::AuthKeys));
            return None;
        }
    };
    if files.authkeys_mode & OTHERS_READ != 0 {
        draft.find(File::AuthKeys, None, Finding::Keys(Keys::Mode(files.authkeys_mode & 0o7777)));
        return None;
    }
    let parsed = authkeys::parse(text);
    for (span, problem) in parsed.problems {
        draft.find(File::AuthKeys, span, Finding::Keys(problem));
    }
    parsed.keys
}

/// The first word of each line must be a node, ping nodes included; the original stops at the first that is not.
fn read_resources(draft: &mut Draft<'_>, source: Source<'_>) -> Vec<Group> {
    let text = match source {
        Source::Content(text) => text,
        Source::Missing { .. } => {
            draft.find(File::HaResources, None, Finding::CannotOpen(File::HaResources));
            return Vec::new();
        }
    };
    for word in haresources::nodes(text) {
        let name = word.lossy();
        if !draft.is_node(&name) {
            draft.find(File::HaResources, Some(word.span), Finding::ResourceNode { name });
            return Vec::new();
        }
    }
    haresources::groups(text)
}

/// Everything that can be said of the files, without stopping at the first stage that fails.
#[derive(Clone, Debug)]
pub struct Survey {
    /// The configuration; `None` if anything is wrong with any file.
    pub config: Option<Config>,
    /// The keys, if nothing is wrong with them, their mode aside.
    pub keys: Option<AuthKeys>,
    /// The members, as far as they could be read.
    pub nodes: Vec<String>,
    /// The media, as far as they could be read.
    pub media: Vec<Medium>,
    /// The findings of all files.
    pub findings: Vec<Located>,
}

impl Survey {
    /// Whether `name` is a member or a ping node, in any case.
    #[must_use]
    pub fn is_node(&self, name: &str) -> bool {
        draft::is_node(&self.nodes, &self.media, name)
    }
}

/// Looks at all files, whatever is wrong with the others. For people: the daemon uses [`evaluate`].
#[must_use]
pub fn survey(files: &Files<'_>, options: Options, machine: &dyn Machine) -> Survey {
    let mut draft = Draft::new(machine);
    match files.ha_cf {
        Source::Content(text) => walk(&mut draft, text),
        Source::Missing { .. } => draft.find(File::HaCf, None, Finding::CannotOpen(File::HaCf)),
    }
    // A line that was refused would make further checks complain of what it should have said.
    if !draft.failed {
        semantics::check(&mut draft, options);
    }
    let readable = Files { authkeys_mode: 0, ..*files };
    let keys = read_keys(&mut draft, &readable);
    if files.authkeys_mode & OTHERS_READ != 0 {
        let mode = Keys::Mode(files.authkeys_mode & 0o7777);
        draft.find(File::AuthKeys, None, Finding::Keys(mode));
    }
    match files.haresources {
        Source::Missing { .. } => draft.find(File::HaResources, None, Finding::CannotOpen(File::HaResources)),
        // Without members every name would be wrong.
        Source::Content(text) if !draft.nodes.is_empty() => {
            for word in haresources::nodes(text) {
                let name = word.lossy();
                if !draft.is_node(&name) {
                    draft.find(File::HaResources, Some(word.span), Finding::ResourceNode { name });
                }
            }
        }
        Source::Content(_) => {}
    }
    let config = (!draft.failed).then(|| semantics::config(&draft, options));
    let Draft { nodes, media, steps, .. } = draft;
    let findings = steps.into_iter().filter_map(|step| match step {
        Step::Finding(located) => Some(located),
        Step::Log(_) => None,
    });
    Survey { config, keys, nodes, media, findings: findings.collect() }
}

/// A place of `ha.cf`, short for the modules below.
type At = Span;

#[cfg(test)]
mod tests;
