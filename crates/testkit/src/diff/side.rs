//! One of the two programs with its namespace.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};

use super::Settings;
use crate::generate::line::Line;
use crate::lab::connections;
use crate::lab::namespace::Namespace;
use crate::lab::process::Outcome;
use crate::lab::watchdog::Watchdog;
use crate::lab::{legacy, table};

/// What one line did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The program's end and output.
    pub outcome: Outcome,
    /// Everything the original shows of it, if asked for.
    pub everything: Option<Vec<u8>>,
}

/// One program in its own namespace.
#[derive(Debug)]
pub struct Side {
    /// Where programs run.
    work: Namespace,
    program: PathBuf,
    watchdog: Watchdog,
}

/// Two programs in two namespaces whose tables hash alike, so that kernel order is the same in both.
///
/// The kernel mixes the address of the namespace's data into its hash; only a few bits of it differ, so among some
/// namespaces two are alike.
///
/// # Errors
///
/// The namespaces cannot be made.
pub fn pair(settings: &Settings) -> Result<[Side; 2]> {
    let mut known: BTreeMap<Vec<u8>, Namespace> = BTreeMap::new();
    for _ in 0..300 {
        let namespace = Namespace::new()?;
        let order = namespace.run(hash_order)??;
        if let Some(other) = known.remove(&order) {
            let a = Side::new(other, settings.program_a.clone(), settings)?;
            let b = Side::new(namespace, settings.program_b.clone(), settings)?;
            return Ok([a, b]);
        }
        known.insert(order, namespace);
    }
    bail!("no two namespaces hash alike")
}

/// The listing of a table that shows the order of its hash. Leaves the table empty.
fn hash_order() -> Result<Vec<u8>> {
    let watchdog = Watchdog::default();
    // Addresses that differ from the first in one bit each: which of the two comes first tells that bit of the mixture.
    let hosts = [3, 2, 1, 7, 11, 19, 35, 67, 131];
    let services = hosts.map(|host| format!("-A -t 10.9.0.{host}:80"));
    table::reset(&services, &watchdog)?;
    let order = table::dump(&watchdog)?;
    table::reset(&[], &watchdog)?;
    Ok(order)
}

impl Side {
    fn new(work: Namespace, program: PathBuf, settings: &Settings) -> Result<Self> {
        if settings.legacy {
            work.run(legacy::without_netlink)??;
        }
        Ok(Self { work, program, watchdog: Watchdog::default() })
    }

    /// Makes the table as it is in the beginning.
    ///
    /// # Errors
    ///
    /// The original cannot do it.
    pub fn reset(&self) -> Result<()> {
        let watchdog = self.watchdog.clone();
        self.work.run(move || table::reset(&[], &watchdog))?
    }

    /// Runs one line.
    ///
    /// # Errors
    ///
    /// The program cannot be started.
    pub fn step(&self, line: &Line, complete: bool) -> Result<Step> {
        let program = line.program(&self.program);
        let (watchdog, pretended) = (self.watchdog.clone(), line.connections.clone());
        let shown = line.shell();
        let step = move || -> Result<Step> {
            let outcome = match pretended {
                Some(content) => connections::pretend(&content, || program.run(&watchdog))?,
                None => program.run(&watchdog)?,
            };
            let everything = if complete { Some(table::dump(&watchdog)?) } else { None };
            Ok(Step { outcome, everything })
        };
        self.work.run(step)?.context(shown)
    }

    /// Everything the original shows of the table.
    ///
    /// # Errors
    ///
    /// The original cannot show it.
    pub fn everything(&self) -> Result<Vec<u8>> {
        let watchdog = self.watchdog.clone();
        self.work.run(move || table::dump(&watchdog))?
    }
}
