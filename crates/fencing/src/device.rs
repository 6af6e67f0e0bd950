//! A fencing device: what `ha.cf` says about it, and its way through the environment.

use crate::problem::Problem;
use crate::{encoding, parameters};
use ha_config::config::Config;
use std::{env, fmt, fs};

/// The variable that takes a device from the daemon to its jobs, see [`Device::encode`].
pub const ENVIRONMENT: &str = "LVS_HA_STONITH";

/// The parameters of a device, as far as they are understood.
#[derive(Clone, PartialEq, Eq)]
pub enum Parameters {
    /// The rest of a `stonith_host` line.
    Line(String),
    /// The file of a `stonith` line.
    File {
        /// Its name.
        path: String,
        /// Its line of parameters.
        line: String,
    },
    /// Names, as the plugin calls them, and values: what [`crate::check`] makes of the others.
    Named(Vec<(String, String)>),
}

/// Shows names only: values are passwords.
impl fmt::Debug for Parameters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(_) => f.write_str("Line"),
            Self::File { path, .. } => f.debug_tuple("File").field(path).finish(),
            Self::Named(pairs) => f.debug_list().entries(pairs.iter().map(|(name, _)| name)).finish(),
        }
    }
}

/// One device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    /// The plugin: `external/NAME`, or the name of a compiled one.
    pub kind: String,
    /// Its parameters.
    pub parameters: Parameters,
    /// The host of the `stonith_host` line, `*` for all; `None` for a `stonith` line.
    pub host: Option<String>,
    /// This node's name in the cluster, which is all that the type `suicide` can reset.
    pub node: String,
}

impl Device {
    /// The device in effect, if there is one: the last of the `stonith` lines and those `stonith_host` lines that are
    /// for `*` or for this node, whichever comes last. Observed: heartbeat 3.0.6 uses only that one.
    ///
    /// # Errors
    /// [`Problem::BadFile`] if the file of a `stonith` line cannot be read or says nothing.
    pub fn from_config(config: &Config, local_node: &str) -> Result<Option<Self>, Problem> {
        let ours = |host: &Option<String>| {
            host.as_deref().is_none_or(|host| host == "*" || host.eq_ignore_ascii_case(local_node))
        };
        let Some(line) = config.stonith.iter().rfind(|line| ours(&line.host)) else { return Ok(None) };
        let text = line.parameters.clone();
        let parameters = if line.host.is_some() {
            Parameters::Line(text)
        } else {
            let content = fs::read(&text).map_err(|_| Problem::BadFile(text.clone()))?;
            let content = String::from_utf8_lossy(&content).into_owned();
            let line = parameters::line_of(&content).ok_or_else(|| Problem::BadFile(text.clone()))?.to_owned();
            Parameters::File { path: text, line }
        };
        let (kind, host) = (line.kind.clone(), line.host.clone());
        Ok(Some(Self { kind, parameters, host, node: local_node.to_owned() }))
    }

    /// The device as one value for [`ENVIRONMENT`]. It holds passwords, so only the jobs of this crate should get it;
    /// plugins do not inherit it.
    #[must_use]
    pub fn encode(&self) -> String {
        let mut words = vec![self.kind.as_str(), self.host.as_deref().unwrap_or_default(), self.node.as_str()];
        match &self.parameters {
            Parameters::Line(line) => words.extend(["line", line]),
            Parameters::File { path, line } => words.extend(["file", path, line]),
            Parameters::Named(pairs) => {
                words.push("named");
                words.extend(pairs.iter().flat_map(|(name, value)| [name.as_str(), value.as_str()]));
            }
        }
        encoding::join(&words)
    }

    /// What [`Device::encode`] made.
    ///
    /// # Errors
    /// [`Problem::Damaged`].
    pub fn decode(value: &str) -> Result<Self, Problem> {
        let words = encoding::split(value).ok_or(Problem::Damaged)?;
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let [kind, host, node, form, rest @ ..] = words.as_slice() else { return Err(Problem::Damaged) };
        let parameters = match (*form, rest) {
            ("line", [line]) => Parameters::Line((*line).to_owned()),
            ("file", [path, line]) => Parameters::File { path: (*path).to_owned(), line: (*line).to_owned() },
            ("named", pairs) if pairs.len() % 2 == 0 => {
                let pair = |pair: &[&str]| match pair {
                    [name, value] => Some(((*name).to_owned(), (*value).to_owned())),
                    _ => None,
                };
                Parameters::Named(pairs.chunks(2).filter_map(pair).collect())
            }
            _ => return Err(Problem::Damaged),
        };
        let host = Some((*host).to_owned()).filter(|host| !host.is_empty());
        Ok(Self { kind: (*kind).to_owned(), parameters, host, node: (*node).to_owned() })
    }

    /// The device that the daemon gave to this job.
    ///
    /// # Errors
    /// [`Problem::NoDevice`], [`Problem::Damaged`].
    pub fn from_environment() -> Result<Self, Problem> {
        let value = env::var(ENVIRONMENT).map_err(|_| Problem::NoDevice)?;
        Self::decode(&value)
    }

    /// The problem of parameters that do not fit, worded after the kind of line.
    pub(crate) fn unfit(&self) -> Problem {
        match &self.parameters {
            Parameters::Line(line) => Problem::BadParameters(bracketed(line)),
            Parameters::File { path, .. } => Problem::BadFile(path.clone()),
            Parameters::Named(_) => Problem::Damaged,
        }
    }

    /// The problem of a plugin that fails with `code` for no reason that has a text.
    pub(crate) fn refused(&self, code: i32) -> Problem {
        match &self.parameters {
            Parameters::Line(line) => Problem::Unknown { text: bracketed(line), code },
            Parameters::File { path, .. } => Problem::UnknownFile { path: path.clone(), code },
            Parameters::Named(_) => Problem::Damaged,
        }
    }
}

/// The original shows the rest of the line from the type's end on, so with the blank between.
fn bracketed(line: &str) -> String {
    if line.is_empty() || line.starts_with(char::is_whitespace) { line.to_owned() } else { format!(" {line}") }
}

#[cfg(test)]
mod tests;
