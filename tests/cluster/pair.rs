//! Two nodes, who watches and who acts, and what both must log.

use std::fs::File;
use std::process::Command;
use std::time::Duration;

use testkit::build::heartbeat_under_test;
use testkit::cluster::{Cluster, Context as _, Mark, Medium, Network, Node, NodeConfig, Program, Result, Signature};
use testkit::cluster::{HEARTBEAT, ensure, wait_until};

/// Ends a wait for something that does not come. Everything here takes less than half of it.
pub(crate) const CEILING: Duration = Duration::from_secs(60);

/// The programs of the first and the second node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pair {
    Originals,
    OriginalAndOurs,
    OursAndOriginal,
    Ours,
}

impl Pair {
    fn programs(self) -> Result<[Program; 2]> {
        let ours = || heartbeat_under_test().map(Program::Ours);
        Ok(match self {
            Self::Originals => [Program::Original, Program::Original],
            Self::OriginalAndOurs => [Program::Original, ours()?],
            Self::OursAndOriginal => [ours()?, Program::Original],
            Self::Ours => [ours()?, ours()?],
        })
    }
}

/// How two nodes are to be connected.
#[derive(Debug, Clone)]
pub(crate) struct Setting {
    pub(crate) pair: Pair,
    pub(crate) media: Vec<Medium>,
    pub(crate) signature: Signature,
    pub(crate) networks: Vec<Network>,
    /// More lines of `ha.cf`.
    pub(crate) lines: Vec<String>,
}

impl Setting {
    pub(crate) fn new(pair: Pair, media: &[Medium], signature: Signature) -> Self {
        Self { pair, media: media.to_vec(), signature, networks: vec![Network::Bridge; 2], lines: Vec::new() }
    }

    pub(crate) fn line(mut self, line: &str) -> Self {
        self.lines.push(line.to_owned());
        self
    }

    pub(crate) fn over(mut self, network: Network) -> Self {
        self.networks = vec![network];
        self
    }

    /// Builds the cluster and lets `story` happen in it. Ours logs any line it has at its own places, so stories wait for
    /// lines in any order unless the order is the point.
    pub(crate) fn run(&self, story: impl FnOnce(&Cluster) -> Result<()>) -> Result<()> {
        let media: Vec<&str> = self.media.iter().map(|medium| medium.word()).collect();
        let name = format!("{:?}, {}, {}", self.pair, media.join(" and "), self.signature.word());
        let [one, two] = self.pair.programs()?;
        let config = |name, program| {
            let config = NodeConfig::new(name, program).media(&self.media).signature(self.signature);
            self.lines.iter().fold(config, |config, line| config.line(line))
        };
        Cluster::new(&name, &self.networks, vec![config("node1", one), config("node2", two)])?.tell(story)
    }
}

/// Waits until `node` has logged each of `texts` after `mark`, in any order.
pub(crate) fn logs(node: &Node, mark: Mark, texts: &[&str]) -> Result<()> {
    for text in texts {
        node.wait_for_log(mark, text, CEILING)?;
    }
    Ok(())
}

/// Waits until `node` logs that it is active and sees `peer` active over all its media.
pub(crate) fn is_active_with(node: &Node, mark: Mark, peer: &str) -> Result<()> {
    logs(node, mark, &["Local status now set to: 'active'", &format!("Status update for node {peer}: status active")])?;
    for medium in &node.config().media {
        node.wait_for_log(mark, &format!("Link {peer}:{} up.", medium.link()), CEILING)?;
    }
    Ok(())
}

/// Makes sure that the process with this number on the node is the program that the test is about. Without this, a node
/// that ran the original in the place of ours would pass everything.
fn runs_its_program(node: &Node, number: &str) -> Result<()> {
    let path = match &node.config().program {
        Program::Original => HEARTBEAT.into(),
        Program::Ours(path) => path.clone(),
    };
    // On the host, where nothing takes the place of anything.
    let wanted = Command::new("sha256sum").stdin(File::open(&path)?).output()?.stdout;
    let wanted = String::from_utf8_lossy(&wanted);
    let wanted = wanted.split_whitespace().next().context("sha256sum")?;
    let runs = node.done("sha256sum", &[&format!("/proc/{number}/exe")])?;
    ensure!(runs.starts_with(wanted), "{}: process {number} is not {}: {runs}", node.name(), path.display());
    Ok(())
}

/// Asks a node that is active and sees its peer so, in all ways that an operator has.
pub(crate) fn answers_when_asked(node: &Node, peer: &str) -> Result<()> {
    let (status, name) = (node.status()?, node.name());
    let ends = format!(" et al] is running on {name} [{name}]...\n");
    let number = status.strip_prefix("heartbeat OK [pid ").and_then(|rest| rest.strip_suffix(&ends));
    runs_its_program(node, number.with_context(|| format!("{name}: -s says {status}"))?)?;
    if node.config().program == Program::Original {
        for (words, wanted) in [(vec!["nodestatus", peer], "active"), (vec!["nodestatus", name], "active")] {
            wait_until(&format!("{name}: cl_status {words:?} {wanted}"), CEILING, || {
                Ok((node.cl_status(&words)? == wanted).then_some(()))
            })?;
        }
        for medium in &node.config().media {
            let said = node.cl_status(&["hblinkstatus", peer, &medium.link()])?;
            ensure!(said == "up", "{name}: link to {peer} over {}: {said}", medium.link());
        }
    }
    Ok(())
}

/// Starts both, the one at place `first` before the other, and waits until both are active and see each other.
pub(crate) fn both_start(cluster: &Cluster, first: usize) -> Result<()> {
    let [one, two] = cluster.pair()?;
    cluster.node(first)?.start()?;
    cluster.node(1 - first)?.start()?;
    for (node, peer) in [(one, two), (two, one)] {
        is_active_with(node, Mark::default(), peer.name()).context("start")?;
    }
    for (node, peer) in [(one, two), (two, one)] {
        answers_when_asked(node, peer.name()).context("start")?;
        node.never_logged(Mark::default(), "is dead")?;
    }
    Ok(())
}

/// Runs all settings side by side, as far as the machine allows, and fails with everything that went wrong.
pub(crate) fn side_by_side(settings: &[Setting], story: impl Fn(&Cluster) -> Result<()> + Sync) {
    let story = &story;
    let failures: Vec<String> = std::thread::scope(|scope| {
        let threads: Vec<_> = settings.iter().map(|setting| scope.spawn(move || setting.run(story))).collect();
        let ends =
            threads.into_iter().map(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        ends.filter_map(|end| end.err().map(|error| format!("{error:#}"))).collect()
    });
    assert!(
        failures.is_empty(),
        "{} of {} clusters failed:\n{}",
        failures.len(),
        settings.len(),
        failures.join("\n\n")
    );
}
