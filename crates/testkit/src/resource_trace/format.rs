//! The form in which traces are kept: `NAME.conf`, what the nodes were told, and `NAME.tsv`, what happened.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, bail, ensure};

/// The first line of a `.tsv`.
const HEAD: &str = "t_seconds\tnode\tkind\tname\targs\tverb\tdetail";

/// What begins the two parts of a `.conf`.
const PARTS: [&str; 2] = ["# ha.cf (same on every node)", "# haresources (same on every node)"];

/// What a row is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// Something was done to the cluster.
    Event,
    /// A resource script ended.
    Script,
    /// A script of `rc.d` was called.
    RcScript,
    /// A message was on the wire for the first time.
    Message,
    /// The fencing device was asked.
    Stonith,
    /// A reboot was ordered.
    Reboot,
    /// A resource script that is to go wrong began. Only while recording, never kept.
    Begin,
}

impl Kind {
    const ALL: [(Self, &'static str); 7] = [
        (Self::Event, "event"),
        (Self::Script, "script"),
        (Self::RcScript, "rc-script"),
        (Self::Message, "message"),
        (Self::Stonith, "stonith-plugin"),
        (Self::Reboot, "reboot"),
        (Self::Begin, "begin"),
    ];

    /// The kind of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, word)| *word == name).map(|(kind, _)| *kind)
    }

    /// Its name.
    pub fn word(self) -> &'static str {
        Self::ALL.iter().find(|(kind, _)| *kind == self).map_or("", |(_, word)| *word)
    }
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Seconds since the beginning. Of a script call: its end.
    pub at: f64,
    /// Seconds since the beginning: when a script call began; as `at` where that is not known.
    pub begin: f64,
    /// The node, or `-` for events.
    pub node: String,
    /// What it is about.
    pub kind: Kind,
    /// The text of an event, the path of a script, the type of a message.
    pub name: String,
    /// The arguments of a script, separated by blanks.
    pub args: String,
    /// The verb of a script.
    pub verb: String,
    /// `rc=`, `out=`, fields of a message, main variables.
    pub detail: String,
}

impl Row {
    /// An event.
    pub fn event(at: f64, text: &str) -> Self {
        Self {
            at,
            begin: at,
            node: "-".into(),
            kind: Kind::Event,
            name: text.into(),
            args: String::new(),
            verb: String::new(),
            detail: String::new(),
        }
    }

    fn parse(line: &str) -> Result<Self> {
        let [at, node, kind, name, args, verb, detail] = line.split('\t').collect::<Vec<_>>()[..] else {
            bail!("not seven columns: {line}");
        };
        let at = at.parse().with_context(|| format!("no time: {line}"))?;
        Ok(Self {
            at,
            begin: at,
            node: node.into(),
            kind: Kind::named(kind).with_context(|| format!("unknown kind: {line}"))?,
            name: name.into(),
            args: args.into(),
            verb: verb.into(),
            detail: detail.into(),
        })
    }

    /// The value of a field of the details.
    pub fn field(&self, name: &str) -> Option<&str> {
        self.detail.split(' ').find_map(|field| field.strip_prefix(name)?.strip_prefix('='))
    }

    /// As a line of a `.tsv`, without the newline.
    pub fn line(&self) -> String {
        let kind = self.kind.word();
        format!("{:.3}\t{}\t{kind}\t{}\t{}\t{}\t{}", self.at, self.node, self.name, self.args, self.verb, self.detail)
    }
}

/// What the nodes of a trace were told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conf {
    /// `ha.cf`, with names of log files that stand for any.
    pub ha_cf: String,
    /// `haresources`, with remarks about faults at its end.
    pub haresources: String,
}

impl Conf {
    /// Reads a `.conf`.
    ///
    /// # Errors
    ///
    /// It does not have the two parts.
    pub fn parse(text: &str) -> Result<Self> {
        let [first, second] = PARTS;
        let (before, haresources) = text.split_once(&format!("{second}\n")).context("no haresources")?;
        let ha_cf = before.strip_prefix(&format!("{first}\n")).context("no ha.cf")?;
        Ok(Self { ha_cf: ha_cf.into(), haresources: haresources.into() })
    }

    /// The names of the `node` lines, in their order.
    pub fn nodes(&self) -> Vec<&str> {
        self.ha_cf.lines().filter_map(|line| line.strip_prefix("node ")).map(str::trim).collect()
    }

    /// The first resources of the groups, each with its node: `("alpha", "LabA a1")`.
    pub fn first_resources(&self) -> Vec<(String, String)> {
        let lines = self.haresources.lines().filter(|line| !line.starts_with('#'));
        let words = lines.filter_map(|line| {
            let mut words = line.split_whitespace();
            Some((words.next()?.to_lowercase(), words.next()?.replace("::", " ")))
        });
        words.collect()
    }
}

/// A recorded life of a cluster.
#[derive(Debug, Clone, PartialEq)]
pub struct Trace {
    /// What the nodes were told.
    pub conf: Conf,
    /// What happened, in the order of time.
    pub rows: Vec<Row>,
}

impl Trace {
    /// Reads `NAME.conf` and `NAME.tsv`.
    ///
    /// # Errors
    ///
    /// A file cannot be read, or is not in the form.
    pub fn read(directory: &Path, name: &str) -> Result<Self> {
        let conf = Self::read_conf(directory, name)?;
        let path = directory.join(format!("{name}.tsv"));
        let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        let rows = parse_rows(&text).with_context(|| path.display().to_string())?;
        Ok(Self { conf, rows })
    }

    /// Reads `NAME.conf` alone, for a story that is to be recorded.
    ///
    /// # Errors
    ///
    /// As [`Self::read`].
    pub fn read_conf(directory: &Path, name: &str) -> Result<Conf> {
        let path = directory.join(format!("{name}.conf"));
        let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        Conf::parse(&text).with_context(|| path.display().to_string())
    }

    /// The text of a `.tsv` with these rows.
    pub fn render_rows(rows: &[Row]) -> String {
        let mut text = format!("{HEAD}\n");
        for row in rows {
            let _ = writeln!(text, "{}", row.line());
        }
        text
    }
}

fn parse_rows(text: &str) -> Result<Vec<Row>> {
    let mut lines = text.lines();
    ensure!(lines.next() == Some(HEAD), "the first line is not the names of the columns");
    lines.map(Row::parse).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paths::fixtures;

    #[test]
    fn every_recorded_trace_is_read_and_written_as_it_is() {
        let directory = fixtures("heartbeat").join("resources");
        let mut seen = 0;
        for entry in fs::read_dir(&directory).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|end| end == "tsv") {
                let name = path.file_stem().unwrap().to_str().unwrap();
                let trace = Trace::read(&directory, name).unwrap();
                assert_eq!(Trace::render_rows(&trace.rows), fs::read_to_string(&path).unwrap(), "{name}");
                assert!(!trace.conf.nodes().is_empty() && !trace.rows.is_empty(), "{name}");
                seen += 1;
            }
        }
        assert!(seen >= 17, "{seen}");
    }

    #[test]
    fn rows_that_are_not_in_the_form_are_refused() {
        for wrong in ["", "1\ta\tscript\tx\t\t", "x\ta\tscript\tx\t\t\t", "1\ta\tother\tx\t\t\t"] {
            assert!(Row::parse(wrong).is_err(), "{wrong}");
        }
        let row = Row::parse("1.5\ta\tscript\t/x/LabA\ta1\tstatus\trc=3 out=stopped").unwrap();
        assert_eq!((row.field("rc"), row.field("out"), row.field("ou")), (Some("3"), Some("stopped"), None));
    }

    #[test]
    fn a_configuration_has_two_parts() {
        let conf = Conf::parse(&format!("{}\nnode a\n{}\nA X::1::2 Y\n# fault\n", PARTS[0], PARTS[1])).unwrap();
        assert_eq!(conf.nodes(), ["a"]);
        assert_eq!(conf.first_resources(), [("a".to_owned(), "X 1 2".to_owned())]);
        assert!(Conf::parse("node a\n").is_err());
    }
}
