//! Which plugin a type means, and what every plugin can do.

use crate::command::{Compiled, Reset};
use crate::device::{Device, Parameters};
use crate::external::Script;
use crate::places::Places;
use crate::{Problem, Severity, Sink, meatware, parameters, suicide};

/// The original's number for a plugin that is called wrongly.
const OOPS: i32 = 8;

/// A device's plugin.
pub(crate) enum Plugin<'a> {
    /// Does nothing, and calls that a reset: for tests of a cluster.
    Null,
    Meatware,
    Suicide,
    Script(Script<'a>),
    Compiled(Compiled<'a>),
}

/// Whether devices of this type can be used here: it is built in, or a script `external/NAME`, or a compiled plugin
/// together with the tool `stonith`. A script need not exist: the original finds that out later, with other texts
/// ([`crate::check`]).
#[must_use]
pub fn is_known(kind: &str, places: &Places) -> bool {
    if matches!(kind, "null" | "meatware" | "suicide" | "external") {
        return true;
    }
    match kind.split_once('/') {
        Some((folder, name)) => folder == "external" && is_plain(name),
        None => is_plain(kind) && places.stonith.is_some() && places.plugin(&format!("stonith2/{kind}.so")).is_file(),
    }
}

/// A name that stays in its folder and is no option.
fn is_plain(name: &str) -> bool {
    !name.is_empty() && !name.contains('/') && !name.starts_with(['.', '-'])
}

impl<'a> Plugin<'a> {
    /// The plugin of a type, with parameters by name.
    pub(crate) fn of(kind: &'a str, parameters: &'a [(String, String)], places: &'a Places) -> Result<Self, Problem> {
        if !is_known(kind, places) {
            return Err(Problem::BadType(kind.to_owned()));
        }
        let plugin = match (kind, kind.split_once('/'), &places.stonith) {
            ("null", ..) => Self::Null,
            ("meatware", ..) => Self::Meatware,
            ("suicide", ..) => Self::Suicide,
            (_, Some((_, name)), _) => Self::Script(Script { name, parameters, places }),
            (_, None, Some(tool)) => Self::Compiled(Compiled { kind, tool, parameters, places }),
            (_, None, None) => return Err(Problem::BadType(kind.to_owned())),
        };
        Ok(plugin)
    }

    /// The names of its parameters; `None` if it cannot say.
    fn names(&self, log: Sink<'_>) -> Option<Vec<String>> {
        match self {
            Self::Null | Self::Meatware => Some(vec!["hostlist".to_owned()]),
            Self::Suicide => Some(Vec::new()),
            Self::Script(script) => script.names(log),
            Self::Compiled(compiled) => compiled.names(log),
        }
    }

    /// What the device is called in the log.
    ///
    /// The original's compiled plugins have names for themselves; the tool does not tell them, so it is the type here.
    pub(crate) fn device_name(&self, log: Sink<'_>) -> String {
        match self {
            Self::Null => "NULL STONITH device".to_owned(),
            Self::Meatware => meatware::NAME.to_owned(),
            Self::Suicide => suicide::NAME.to_owned(),
            Self::Script(script) => script.device_name(log),
            Self::Compiled(compiled) => compiled.kind.to_owned(),
        }
    }

    /// Whether the device works. Those built in always do.
    pub(crate) fn status(&self, log: Sink<'_>) -> bool {
        match self {
            Self::Null | Self::Meatware | Self::Suicide => true,
            Self::Script(script) => script.status(log),
            Self::Compiled(compiled) => compiled.status(log),
        }
    }

    /// Resets a host, given in lower case; `node` is this node.
    pub(crate) fn reset(&self, node: &str, host: &str, places: &Places, log: Sink<'_>) -> Reset {
        let done = match self {
            Self::Null => {
                log(Severity::Info, &format!("glib: Host null-reset: {host}"));
                true
            }
            Self::Meatware => meatware::reset(host, places, log),
            Self::Suicide => suicide::reset(node, host, places, log),
            Self::Script(script) => script.reset(host, log),
            Self::Compiled(compiled) => return compiled.reset(host, log),
        };
        if done { Reset::Done } else { Reset::Failed }
    }
}

/// The device with its parameters by name.
pub(crate) fn named(device: &Device, places: &Places, log: Sink<'_>) -> Result<Device, Problem> {
    let line = match &device.parameters {
        Parameters::Named(_) => return Ok(device.clone()),
        Parameters::Line(line) | Parameters::File { line, .. } => line,
    };
    if device.kind == "external" {
        log(Severity::Error, "glib: external_set_config: invoked without subplugin");
        return Err(device.refused(OOPS));
    }
    let names = Plugin::of(&device.kind, &[], places)?.names(log).ok_or_else(|| device.unfit())?;
    let pairs = parameters::assign(&names, line).ok_or_else(|| device.unfit())?;
    if device.kind == "meatware" {
        log(Severity::Info, &format!("glib: parse config info info={line}"));
    }
    Ok(Device { parameters: Parameters::Named(pairs), ..device.clone() })
}
