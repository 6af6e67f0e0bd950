//! Processor time and memory of all heartbeat processes of a node, as the kernel counts them.

use testkit::cluster::{Context as _, Node, Result, ensure};

/// What the processes of a node have used and hold.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Usage {
    /// Processor time in nanoseconds, all threads.
    pub(crate) time: f64,
    /// Proportional share of resident memory in KiB: pages shared by several processes count once.
    pub(crate) shared: f64,
    /// Resident memory in KiB, added up over the processes as `ps` shows them.
    pub(crate) resident: f64,
    /// Processes.
    pub(crate) processes: f64,
}

/// Adds up what every process with the name heartbeat says about itself. `schedstat` counts nanoseconds.
const SCRIPT: &str = r#"
for process in /proc/[0-9]*; do
  read -r name <"$process/comm" && [ "$name" = heartbeat ] || continue
  cat "$process"/task/*/schedstat | sed 's/^/time /'
  sed -n 's/^\(Pss\|Rss\): *\([0-9]*\) kB/\1 \2/p' "$process/smaps_rollup"
  echo process 1
done"#;

impl Usage {
    /// Asks a node.
    pub(crate) fn of(node: &Node) -> Result<Self> {
        let printed = node.done("sh", &["-c", SCRIPT])?;
        let mut usage = Self::default();
        for line in printed.lines() {
            let mut words = line.split_ascii_whitespace();
            let (Some(what), Some(number)) = (words.next(), words.next()) else { continue };
            let number: f64 = number.parse().with_context(|| format!("a number in '{line}'"))?;
            match what {
                "time" => usage.time += number,
                "Pss" => usage.shared += number,
                "Rss" => usage.resident += number,
                _ => usage.processes += number,
            }
        }
        ensure!(usage.processes > 0.0, "no heartbeat runs on {}", node.name());
        Ok(usage)
    }
}
