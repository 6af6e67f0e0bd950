//! What can happen to two nodes, and what must be seen of it. Each part ends as it began: both active.

use std::time::Duration;

use testkit::cluster::{Cluster, Context as _, Mark, Node, Result, address, ensure, wait_until};

use crate::pair::{CEILING, answers_when_asked, both_start, is_active_with, logs};

/// The `deadtime` of the nodes.
const DEADTIME: Duration = Duration::from_secs(2);

/// How much later than `deadtime` a death may be noticed: a keepalive, a poll, and a busy machine.
const SLACK: Duration = Duration::from_secs(3);

/// A whole life: `acting` fails, stops and returns in all ways, and the other watches.
pub(crate) fn life(cluster: &Cluster, acting: usize) -> Result<()> {
    let (actor, watcher) = (cluster.node(acting)?, cluster.node(1 - acting)?);
    both_start(cluster, acting).context("start")?;
    comes_late(actor, watcher).context("late heartbeat")?;
    is_killed(actor, watcher).context("kill -9")?;
    returns(actor, watcher).context("return after kill -9")?;
    restarts_at_once(actor, watcher).context("quick restart")?;
    stops(actor, watcher).context("clean stop")?;
    returns(actor, watcher).context("return after clean stop")?;
    Ok(())
}

/// Hangs for longer than `warntime` and shorter than `deadtime`: noted, with no effect.
fn comes_late(actor: &Node, watcher: &Node) -> Result<()> {
    let mark = watcher.mark();
    actor.freeze_for(Duration::from_millis(1300))?;
    let line = watcher.wait_for_log(mark, &format!("Late heartbeat: Node {}: interval ", actor.name()), CEILING)?;
    let interval = line.text.rsplit("interval ").next().and_then(|rest| rest.strip_suffix(" ms")?.parse::<u64>().ok());
    ensure!(interval.is_some_and(|ms| (1000..2000).contains(&ms)), "{}", line.text);
    watcher.never_logged(mark, "is dead")?;
    watcher.never_logged(mark, " dead.")
}

/// Vanishes without a word: dead after `deadtime`, not before.
fn is_killed(actor: &Node, watcher: &Node) -> Result<()> {
    let mark = watcher.mark();
    let killed = actor.kill()?;
    let death = watcher.wait_for_log(mark, &format!("WARN: node {}: is dead", actor.name()), CEILING)?;
    let after = death.at.duration_since(killed);
    ensure!(after > DEADTIME.mul_f32(0.8) && after < DEADTIME + SLACK, "noticed after {after:?}");
    links_die(actor, watcher, mark)?;
    let said = actor.status()?;
    ensure!(said.starts_with("heartbeat is stopped."), "{}: {said}", actor.name());
    Ok(())
}

/// The links die with the node, a moment later if another message than its last status was the last one.
fn links_die(actor: &Node, watcher: &Node, mark: Mark) -> Result<()> {
    for medium in &actor.config().media {
        watcher.wait_for_log(mark, &format!("Link {}:{} dead.", actor.name(), medium.link()), CEILING)?;
    }
    Ok(())
}

/// Starts again after its death was noticed: a new generation, links and states come back.
fn returns(actor: &Node, watcher: &Node) -> Result<()> {
    let (mark, own) = (watcher.mark(), actor.mark());
    let generation = actor.generation().context("no generation")?;
    actor.start()?;
    is_active_with(actor, own, watcher.name())?;
    logs(
        watcher,
        mark,
        &[
            &format!("Heartbeat restart on node {}", actor.name()),
            &format!("Status update for node {}: status active", actor.name()),
        ],
    )?;
    for medium in &actor.config().media {
        watcher.wait_for_log(mark, &format!("Link {}:{} up.", actor.name(), medium.link()), CEILING)?;
    }
    ensure!(actor.generation() == Some(generation + 1), "generation {:?} after {generation}", actor.generation());
    watcher.never_logged(mark, "returning after partition")?;
    answers_when_asked(watcher, actor.name())?;
    answers_when_asked(actor, watcher.name())
}

/// Is killed and starts again before anyone could notice: no death, but a restart.
fn restarts_at_once(actor: &Node, watcher: &Node) -> Result<()> {
    let (mark, own) = (watcher.mark(), actor.mark());
    let generation = actor.generation().context("no generation")?;
    actor.kill()?;
    actor.start()?;
    is_active_with(actor, own, watcher.name())?;
    logs(
        watcher,
        mark,
        &[
            &format!("Heartbeat restart on node {}", actor.name()),
            &format!("Status update for node {}: status up", actor.name()),
            &format!("Status update for node {}: status active", actor.name()),
        ],
    )?;
    watcher.never_logged(mark, "is dead")?;
    ensure!(actor.generation() == Some(generation + 1), "generation {:?} after {generation}", actor.generation());
    Ok(())
}

/// Says good-bye: the other knows at once, and buries it after `deadtime`.
fn stops(actor: &Node, watcher: &Node) -> Result<()> {
    let (mark, own) = (watcher.mark(), actor.mark());
    actor.stop()?;
    actor.wait_for_log(own, &format!("info: {} Heartbeat shutdown complete.", actor.name()), CEILING)?;
    logs(
        watcher,
        mark,
        &[
            &format!("Received shutdown notice from '{}'.", actor.name()),
            &format!("WARN: node {}: is dead", actor.name()),
            &format!("Dead node {} gave up resources.", actor.name()),
        ],
    )?;
    links_die(actor, watcher, mark)?;
    let left = wait_until("no process left", CEILING, || Ok(actor.processes()?.is_empty().then_some(())));
    left.with_context(|| format!("{:?}", actor.processes()))
}

/// Loses sight of the other while both live on, then sees it again: both restart, with new generations.
pub(crate) fn partition(cluster: &Cluster) -> Result<()> {
    both_start(cluster, 0)?;
    let [one, two] = cluster.pair()?;
    let before = [(one, two), (two, one)].map(|(node, peer)| (node, peer, node.mark(), node.generation()));
    cluster.cut(0, 1)?;
    for (node, peer, mark, _) in before {
        node.wait_for_log(mark, &format!("WARN: node {}: is dead", peer.name()), CEILING).context("cut")?;
    }
    cluster.heal(0, 1)?;
    for (node, peer, mark, generation) in before {
        let returned = format!("CRIT: Cluster node {} returning after partition.", peer.name());
        let healed = node.wait_for_log(mark, &returned, CEILING).context("heal")?.after();
        logs(node, healed, &["Heartbeat shutdown in progress.", "Performing heartbeat restart exec."])?;
        is_active_with(node, healed, peer.name()).context("after the restart")?;
        let after = node.generation();
        ensure!(after == generation.map(|old| old + 1), "{}: generation {after:?} after {generation:?}", node.name());
    }
    for (node, peer, ..) in before {
        answers_when_asked(node, peer.name())?;
    }
    Ok(())
}

/// Loses one of two links: nothing happens but that both say so.
pub(crate) fn one_link_of_two(cluster: &Cluster) -> Result<()> {
    both_start(cluster, 0)?;
    let [one, two] = cluster.pair()?;
    for (network, cut) in [(0, "eth0"), (1, "eth1")] {
        let both = [(one, two.name(), one.mark()), (two, one.name(), two.mark())];
        cluster.cut(network, 1)?;
        for (node, peer, mark) in both {
            node.wait_for_log(mark, &format!("Link {peer}:{cut} dead."), CEILING)?;
        }
        cluster.heal(network, 1)?;
        for (node, peer, mark) in both {
            node.wait_for_log(mark, &format!("Link {peer}:{cut} up."), CEILING)?;
            node.never_logged(mark, "is dead")?;
            node.never_logged(mark, "Status update")?;
        }
    }
    Ok(())
}

/// Nothing but a serial line between them.
pub(crate) fn serial_line(cluster: &Cluster) -> Result<()> {
    both_start(cluster, 0)?;
    let [one, two] = cluster.pair()?;
    for (actor, watcher) in [(one, two), (two, one)] {
        is_killed(actor, watcher).context("kill -9")?;
        returns(actor, watcher).context("return")?;
    }
    Ok(())
}

/// The power of one fails: its memory and its network are gone, its disk stays.
pub(crate) fn power_cut(cluster: &Cluster, acting: usize) -> Result<()> {
    both_start(cluster, 0)?;
    let (actor, watcher) = (cluster.node(acting)?, cluster.node(1 - acting)?);
    let mark = watcher.mark();
    actor.pull_the_plug();
    watcher.wait_for_log(mark, &format!("WARN: node {}: is dead", actor.name()), CEILING)?;
    links_die(actor, watcher, mark)?;
    ensure!(actor.status().is_err(), "{} answers without power", actor.name());
    actor.switch_on()?;
    returns(actor, watcher)
}

/// A message that a script writes into the FIFO goes to all nodes as it is, with the fields that every message has.
pub(crate) fn message_of_a_script(cluster: &Cluster) -> Result<()> {
    let capture = cluster.capture()?;
    both_start(cluster, 0)?;
    for (number, node) in cluster.nodes().iter().enumerate() {
        node.write_fifo(b">>>\nt=greeting\ninfo=from a script\n<<<\n")?;
        let wanted = ["t=greeting", "info=from a script", &format!("src={}", node.name())];
        wait_until("the message", CEILING, || {
            let packets = capture.packets().into_iter().filter(|packet| packet.port.ends_with(&format!("-{number}")));
            let mut texts = packets.map(|packet| String::from_utf8_lossy(&packet.payload).into_owned());
            Ok(texts.find(|text| wanted.iter().all(|field| text.contains(field))))
        })
        .with_context(|| node.name().to_owned())?;
    }
    // What a port of the bridge recorded was sent by the node behind it, and by no other.
    for packet in capture.packets() {
        let sender = (0..2).find(|number| packet.port == format!("0-{number}")).context("an unknown port")?;
        ensure!(packet.source.0 == address(0, sender), "{packet:?}");
    }
    Ok(())
}
