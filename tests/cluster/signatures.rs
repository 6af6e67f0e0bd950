//! New keys while the cluster runs.

use testkit::cluster::{Cluster, Node, Program, Result, ensure, wait_until};

use crate::pair::{CEILING, both_start};

const OLD: &str = "auth 1\n1 sha1 old key\n2 md5 new key\n";
const NEW: &str = "auth 2\n1 sha1 old key\n2 md5 new key\n";

/// Replaces the keys of a node that runs.
///
/// The original notes the file's time some moment after it said that it reads it: a version that comes meanwhile counts as
/// read (`Configuration unchanged.`), so it is written once more, with a later time.
fn take(node: &Node, keys: &str) -> Result<()> {
    loop {
        let mark = node.mark();
        node.write_authkeys(keys)?;
        node.reload()?;
        let answer = wait_until("an answer to the reload", CEILING, || {
            let lines = node.log_since(mark);
            let said = |text: &str| lines.iter().any(|line| line.text.contains(text));
            Ok(match (said("Rereading authentication file."), said("Configuration unchanged.")) {
                (true, _) => Some(true),
                (_, true) => Some(false),
                _ => None,
            })
        })?;
        if answer {
            return Ok(());
        }
        ensure!(node.config().program == Program::Original, "{} did not read new keys", node.name());
    }
}

/// Both learn the new key, then one after the other begins to sign with it. The original takes only the signatures of its
/// own key, so two originals must change within `deadtime`; ours waits for its peer and understands both.
pub(crate) fn rollover(cluster: &Cluster, first: usize) -> Result<()> {
    both_start(cluster, 0)?;
    let order = [cluster.node(first)?, cluster.node(1 - first)?];
    let capture = cluster.capture()?;
    for node in order {
        take(node, OLD)?;
    }
    let marks = order.map(Node::mark);
    let mixed = order.iter().any(|node| node.config().program != Program::Original);
    for node in order {
        take(node, NEW)?;
        if mixed {
            // Longer than `deadtime`: fifteen heartbeats of each.
            let seen = capture.packets().len();
            for sender in 0..2 {
                capture.wait(seen, sender, 15, CEILING)?;
            }
        }
    }
    let seen = capture.packets().len();
    for sender in 0..2 {
        let sent = capture.wait(seen, sender, 15, CEILING)?;
        let last = sent.last().map(|packet| String::from_utf8_lossy(&packet.payload).into_owned()).unwrap_or_default();
        ensure!(last.contains("auth=2 ") || last.contains(":2 "), "still signed with the old key: {last}");
    }
    for (node, mark) in order.into_iter().zip(marks) {
        for text in ["is dead", "Status update", " dead.", "Heartbeat restart"] {
            node.never_logged(mark, text)?;
        }
    }
    Ok(())
}

/// A node with a wrong key is not heard at all.
pub(crate) fn wrong_key(cluster: &Cluster) -> Result<()> {
    let [one, two] = cluster.pair()?;
    two.write_authkeys("auth 1\n1 sha1 quite another secret\n")?;
    let marks = [one, two].map(Node::mark);
    one.start()?;
    two.start()?;
    for ((node, peer), mark) in [(one, two), (two, one)].into_iter().zip(marks) {
        let peer = peer.name();
        node.wait_for_log(mark, "netstring authentication failed, s=###", CEILING)?;
        node.wait_for_log(mark, &format!("WARN: node {peer}: is dead"), CEILING)?;
        node.wait_for_log(mark, "Local status now set to: 'active'", CEILING)?;
        for text in [format!("Link {peer}:"), format!("Status update for node {peer}")] {
            node.never_logged(mark, &text)?;
        }
    }
    Ok(())
}
