//! Checks of a program on the real kernel that are no single command lines.

use std::path::PathBuf;
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};

use super::namespace::Namespace;
use super::process::{Outcome, Program};
use super::watchdog::Watchdog;
use super::{ORIGINAL, live, table};
use crate::text::{difference, quote_all};

/// A check: what must be so, and the function that finds out.
type Check = (&'static str, fn(&Checks) -> Result<()>);

/// All checks.
pub const ALL: &[Check] = &[
    ("every scheduler can be used", every_scheduler),
    ("saving, restoring and saving again gives the same text", round_trip),
    ("saving and restoring by the scripts gives the same table", scripts),
    ("listings of live traffic are those of the original", live_listings),
    ("zeroing counters works as by the original", zeroing),
];

/// Listings that show something of live traffic.
const LISTINGS: &[&str] = &[
    "-Ln",
    "-L",
    "-Ln --stats",
    "-L --stats --exact",
    "-Ln --rate",
    "-Ln --rate --exact",
    "-Ln --thresholds",
    "-Ln --persistent-conn",
    "-Ln --tun-info",
    "-Lnc",
    "-Lc",
    "-Lnc --persistent-conn",
    "-Ln --nosort",
    "-Ln -t 10.0.0.1:80 --stats",
    "-Ln -u [2001:db8::1]:53",
    "-L -f 7 -6",
    "-Sn",
    "-S",
    "-L --daemon",
    "-L --timeout",
];

/// One program in a namespace of its own.
#[derive(Debug)]
pub struct Checks {
    namespace: Namespace,
    program: PathBuf,
    watchdog: Watchdog,
}

impl Checks {
    /// Prepares the namespace.
    ///
    /// # Errors
    ///
    /// It cannot be made.
    pub fn new(program: PathBuf) -> Result<Self> {
        Ok(Self { namespace: Namespace::new()?, program, watchdog: Watchdog::default() })
    }

    fn run(&self, program: Program) -> Result<Outcome> {
        let watchdog = self.watchdog.clone();
        self.namespace.run(move || program.run(&watchdog))?
    }

    /// Runs our program, which must succeed silently on standard error, and gives its output.
    fn ours(&self, args: &str, stdin: &[u8]) -> Result<Vec<u8>> {
        self.success(&self.program, args, stdin)
    }

    fn original(&self, args: &str, stdin: &[u8]) -> Result<Vec<u8>> {
        self.success(&PathBuf::from(ORIGINAL), args, stdin)
    }

    fn success(&self, path: &PathBuf, args: &str, stdin: &[u8]) -> Result<Vec<u8>> {
        let args: Vec<_> = args.split_whitespace().collect();
        let mut program = Program::new(path).args(&args).stdin(stdin);
        program.name = "ipvsadm".into();
        let Outcome { exit, stdout, stderr, .. } = self.run(program)?;
        let what = format!("{} {}", path.display(), quote_all(&args));
        ensure!(
            stderr.is_empty() && exit == super::super::cases::Exit::Code(0),
            "{what}: exit {exit}, {}",
            String::from_utf8_lossy(&stderr)
        );
        Ok(stdout)
    }

    fn reset(&self) -> Result<()> {
        let watchdog = self.watchdog.clone();
        self.namespace.run(move || table::reset(&[], &watchdog))?
    }
}

fn equal(what: &str, wanted: &[u8], got: &[u8]) -> Result<()> {
    ensure!(wanted == got, "{what} (- expected, + got):\n{}", difference(wanted, got));
    Ok(())
}

fn every_scheduler(lab: &Checks) -> Result<()> {
    lab.reset()?;
    let mut wanted = String::new();
    for (scheduler, port) in live::SCHEDULERS.iter().zip(1..) {
        lab.ours(&format!("-A -t 10.0.0.1:{port} -s {scheduler}"), b"").context(*scheduler)?;
        lab.ours(&format!("-a -t 10.0.0.1:{port} -r 10.0.0.11 -m -w 2"), b"").context(*scheduler)?;
        wanted += &format!("-A -t 10.0.0.1:{port} -s {scheduler}\n-a -t 10.0.0.1:{port} -r 10.0.0.11:{port} -m -w 2\n");
    }
    equal("the original saves", wanted.as_bytes(), &lab.original("-Sn", b"")?)
}

fn round_trip(lab: &Checks) -> Result<()> {
    lab.reset()?;
    lab.ours("-R", live::TABLE.as_bytes())?;
    // With names it cannot be restored: names of IPv6 servers are saved, but not read.
    equal("saved with names", &lab.original("-S", b"")?, &lab.ours("-S", b"")?)?;
    let first = lab.ours("-Sn", b"")?;
    equal("saved", &lab.original("-Sn", b"")?, &first)?;
    lab.ours("-C", b"")?;
    equal("saved after -C", b"", &lab.ours("-Sn", b"")?)?;
    lab.ours("-R", &first)?;
    equal("saved again", &first, &lab.ours("-Sn", b"")?)?;
    lab.ours("-C", b"")?;
    lab.original("-R", &first)?;
    equal("restored by the original", &first, &lab.ours("-Sn", b"")?)
}

fn scripts(lab: &Checks) -> Result<()> {
    lab.reset()?;
    lab.ours("-R", live::TABLE.as_bytes())?;
    let saved = lab.success(&"/usr/sbin/ipvsadm-save".into(), "-n", b"")?;
    equal("ipvsadm-save -n", &lab.original("-Sn", b"")?, &saved)?;
    lab.original("-R", b"-A -t 10.99.0.1:99\n")?;
    let file = [b"# a comment\n", saved.as_slice()].concat();
    lab.success(&"/usr/sbin/ipvsadm-restore".into(), "", &file)?;
    equal("after ipvsadm-restore", &saved, &lab.original("-Sn", b"")?)
}

fn live_listings(lab: &Checks) -> Result<()> {
    lab.reset()?;
    lab.ours("-R", live::TABLE.as_bytes())?;
    lab.namespace.run(live::send)??;
    // The kernel adds up its counters every two seconds.
    let deadline = Instant::now() + Duration::from_secs(30);
    while !String::from_utf8_lossy(&lab.original("-Ln --stats", b"")?).contains("  1 ") {
        ensure!(Instant::now() < deadline, "the counters of live traffic stay zero");
        sleep(Duration::from_millis(200));
    }
    let connections = String::from_utf8_lossy(&lab.original("-Lnc --persistent-conn", b"")?).into_owned();
    for part in ["a84b4c76e66710@pc33.example", "[2001:db8::254]:40002", "TCP ", "NONE "] {
        ensure!(connections.contains(part), "no connection shows {part:?}:\n{connections}");
    }
    LISTINGS.iter().try_for_each(|listing| same_listing(lab, listing))
}

/// The original, ours, the original again: if nothing changed meanwhile, ours must be the same.
fn same_listing(lab: &Checks, args: &str) -> Result<()> {
    for _ in 0..20 {
        let before = lab.original(args, b"")?;
        let ours = lab.ours(args, b"")?;
        if before == lab.original(args, b"")? {
            return equal(args, &before, &ours);
        }
    }
    anyhow::bail!("{args}: the original never printed the same twice")
}

fn zeroing(lab: &Checks) -> Result<()> {
    // The traffic of the check before is still counted.
    lab.ours("-Z -t 10.0.0.1:80", b"")?;
    same_listing(lab, "-Ln --stats --exact")?;
    lab.ours("-Z", b"")?;
    same_listing(lab, "-Ln --stats --exact")?;
    let shown = lab.ours("-Ln --stats", b"")?;
    let counted = String::from_utf8_lossy(&shown)
        .lines()
        .skip(3)
        .any(|line| line.split_whitespace().rev().take(5).any(|number| number != "0"));
    ensure!(!counted, "counters are not zero:\n{}", String::from_utf8_lossy(&shown));
    lab.reset()
}
