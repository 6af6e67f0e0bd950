//! Lines that lose, repeat and reorder datagrams, and strangers who send old ones again.

use testkit::cluster::{Cluster, Context as _, Mark, Node, Result, Weather, address, ensure, wait_until};

use crate::pair::{CEILING, both_start, is_active_with, logs};

/// How many gaps must be closed in bad weather before it may end.
const GAPS: usize = 4;

/// Loss, doubled datagrams and overtaking, until each node has missed packets of the other and got them again.
pub(crate) fn bad_weather(cluster: &Cluster) -> Result<()> {
    both_start(cluster, 0)?;
    let [one, two] = cluster.pair()?;
    let both = [(one, two.name(), one.mark()), (two, one.name(), two.mark())];
    cluster.weather(0, Weather::bad(3))?;
    for (node, peer, mark) in both {
        let mut from = mark;
        for gap in 0..GAPS {
            let lost = node.wait_for_log(from, &format!("lost packet(s) for [{peer}] ["), CEILING);
            let lost = lost.with_context(|| format!("gap {gap}"))?;
            from = node.wait_for_log(lost.after(), &format!("No pkts missing from {peer}!"), CEILING)?.after();
        }
    }
    cluster.weather(0, Weather::default())?;
    for (node, peer, mark) in both {
        wait_until("the last gap to be closed", CEILING, || Ok(closed(node, mark, peer).then_some(())))?;
        for never in ["is dead", "Irretrievably", "lost a lot", "Heartbeat restart", "returning after", "ERROR", "CRIT"]
        {
            node.never_logged(mark, never)?;
        }
    }
    Ok(())
}

/// True if the last word about missing packets is that none are.
fn closed(node: &Node, mark: Mark, peer: &str) -> bool {
    let told = [format!("lost packet(s) for [{peer}] ["), format!("No pkts missing from {peer}!")];
    let lines = node.log_since(mark);
    let last = lines.iter().rev().find(|line| told.iter().any(|text| line.text.contains(text)));
    last.is_some_and(|line| line.text.contains(&told[1]))
}

/// Someone recorded the heartbeats of a node and sends them again: those of this life do nothing, those of an earlier one
/// nothing but a line in the log.
pub(crate) fn replay(cluster: &Cluster) -> Result<()> {
    let capture = cluster.capture()?;
    both_start(cluster, 0)?;
    let [one, two] = cluster.pair()?;
    let recorded = capture.wait(0, 0, 30, CEILING)?;
    let again = |packets: &[testkit::cluster::Packet]| -> Result<()> {
        let stranger = cluster.outsider()?;
        for packet in packets {
            stranger.send_to(&packet.payload, (address(0, 1), packet.destination.1))?;
            stranger.send_to(&packet.payload, (address(0, 0), packet.destination.1))?;
        }
        Ok(())
    };
    let mark = two.mark();
    again(&recorded)?;
    let later = capture.packets().len();
    // Both go on as if nothing had happened.
    for node in 0..2 {
        capture.wait(later, node, 10, CEILING)?;
    }
    for text in ["replay", "Status update", "is dead", "Link", "lost packet", "Heartbeat restart", "ERROR"] {
        two.never_logged(mark, text).context("replay of the same life")?;
    }

    let (mark, own) = (two.mark(), one.mark());
    let [old, new] = [one.generation(), one.generation().map(|old| old + 1)];
    one.kill()?;
    one.start()?;
    is_active_with(one, own, two.name())?;
    logs(two, mark, &["Heartbeat restart on node node1", "Status update for node node1: status active"])?;
    let mark = two.mark();
    again(&recorded)?;
    let line = two.wait_for_log(mark, "should_drop_message: attempted replay attack [node1]? ", CEILING)?;
    let (old, new) = (old.context("no generation")?, new.context("no generation")?);
    ensure!(line.text.ends_with(&format!("[gen = {old}, curgen = {new}]")), "{}", line.text);
    let later = capture.packets().len();
    for node in 0..2 {
        capture.wait(later, node, 10, CEILING)?;
    }
    for text in ["Status update", "is dead", "Link", "lost packet", "Heartbeat restart"] {
        two.never_logged(mark, text).context("replay of an earlier life")?;
    }
    Ok(())
}

/// The node's own packet filter loses what comes in: the same as bad weather, in one direction.
pub(crate) fn one_way_loss(cluster: &Cluster) -> Result<()> {
    both_start(cluster, 0)?;
    let [one, two] = cluster.pair()?;
    let mark = one.mark();
    one.lose_incoming(25)?;
    logs(one, mark, &["lost packet(s) for [node2] ["])?;
    one.lose_incoming(0)?;
    wait_until("the last gap to be closed", CEILING, || Ok(closed(one, mark, two.name()).then_some(())))?;
    one.never_logged(mark, "Irretrievably")?;
    Ok(())
}
