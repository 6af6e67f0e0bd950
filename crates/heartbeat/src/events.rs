//! The core's events in the words that monitoring matches: one place for every line that the protocol can cause.
//!
//! Templates observed in heartbeat 3.0.6 (daemon specification, section 5.7). Lines that the originals do not have say
//! more about the same thing and follow the line that they have.

use crate::resource_events;
use cluster_protocol::core::Counters;
use cluster_protocol::event::Event;
use cluster_protocol::packet::Rejected;
use cluster_protocol::settings::Medium;
use ha_sys::log::Severity;

/// One log line.
pub type Line = (Severity, String);

fn info(text: impl Into<String>) -> Line {
    (Severity::Info, text.into())
}

fn warn(text: impl Into<String>) -> Line {
    (Severity::Warn, text.into())
}

fn error(text: impl Into<String>) -> Line {
    (Severity::Error, text.into())
}

/// The lines for one event. `media` are the media that the core knows; `pid` is this process.
#[must_use]
pub fn lines(event: &Event, media: &[Medium], pid: u32) -> Vec<Line> {
    let line = match event {
        Event::LocalStatus(status) => info(format!("Local status now set to: '{status}'")),
        Event::CommunicationUp => info("Comm_now_up(): updating status to active"),
        Event::Link { node, link, up } => info(format!("Link {node}:{link} {}.", if *up { "up" } else { "dead" })),
        Event::NodeStatus { node, status } => info(format!("Status update for node {node}: status {status}")),
        Event::NodeDead(node) => warn(format!("node {node}: is dead")),
        Event::LateHeartbeat { node, interval, beyond_deadtime } => {
            let text = format!("Late heartbeat: Node {node}: interval {} ms", interval.as_millis());
            if *beyond_deadtime { (Severity::Crit, format!("{text} (> deadtime)")) } else { warn(text) }
        }
        Event::NodeRestarted(node) => info(format!("Heartbeat restart on node {node}")),
        Event::ReturnedAfterPartition(node) => return after_partition(node),
        Event::Lost { node, count, after, before } => {
            warn(format!("{count} lost packet(s) for [{node}] [{after}:{before}]"))
        }
        Event::LostTooMany(node) => {
            return vec![
                error("lost a lot of packets!"),
                error(format!("The missing packets are those of node {node}.")),
            ];
        }
        Event::NothingMissing(node) => info(format!("No pkts missing from {node}!")),
        Event::Irretrievable { node, sequence } => {
            error(format!("Irretrievably lost packet: node {node} seq {sequence}"))
        }
        Event::Replay { node, generation, current } => error(format!(
            "should_drop_message: attempted replay attack [{node}]? [gen = {generation}, curgen = {current}]"
        )),
        Event::UnknownNode { node, dump, from } => {
            let first = error(format!("process_status_message: bad node [{node}] in message"));
            return with_dump(first, dump)
                .into_iter()
                .chain(from.map(|from| info(format!("It came from {from}."))))
                .collect();
        }
        Event::MissingFields => error("process_clustermsg: missing from/ts/type"),
        Event::MissingSequence => error("process_clustermsg: missing seqno"),
        Event::UuidChanged { node, uuid } => warn(format!("node {node} changed its uuid to {uuid}")),
        Event::DuplicateUuid { node, other, from } => error(format!(
            "Nodes {node} and {other} have the same uuid{}: give one of them a new /var/lib/heartbeat/hb_uuid by removing the file and restarting heartbeat there.",
            origin(*from)
        )),
        Event::DuplicateName { node, from } => {
            error(format!("Another machine uses our node name {node}{}: its messages are dropped.", origin(*from)))
        }
        Event::BadPackets { medium, reason, from, count } => {
            let link = media.get(medium.0).map_or("?", |medium| medium.name.as_str());
            return bad_packets(link, *reason, &origin(*from), *count);
        }
        Event::RexmitBeyondEnd { sequence, last } => {
            error(format!("Rexmit of seq {sequence} requested. {last} is max."))
        }
        Event::InvalidRexmit { first, last } => {
            return vec![error("Invalid rexmit seqnos"), error(format!("They are {first} to {last}."))];
        }
        Event::CannotRexmit { sequence, node, reason } => {
            error(format!("Cannot rexmit pkt {sequence} for {node}: {reason}"))
        }
        Event::CorruptedAck { node, sequence, last } => {
            let text = "HBDoMsg_T_ACK: corrupted ackseq current hiseq";
            return vec![
                error(format!("{text} = {last} ackseq ={sequence} in this message")),
                info(format!("The message is one of node {node}.")),
            ];
        }
        Event::HistoryFilling(count) => {
            let text = format!("Message hist queue is filling up ({count} messages in queue)");
            if *count > 450 { error(text) } else { warn(text) }
        }
        _ => return administration(event, pid),
    };
    vec![line]
}

/// Lines about joining, leaving, stopping and resources.
fn administration(event: &Event, pid: u32) -> Vec<Line> {
    let line = match event {
        Event::FlowControlDisabled => warn("flow control disabled due to different version heartbeat"),
        Event::NodeAdded(node) => info(format!("hb_add_one_node: Adding new node[{node}] to configuration.")),
        Event::NodeExists(node) => {
            return vec![
                error(format!("hb_add_one_node: node({node}) already exists")),
                error(format!("Add node {node} failed")),
            ];
        }
        Event::TooManyNodes(node) => error(format!("Add node {node} failed: there are as many nodes as there may be.")),
        Event::NodeJoined(node) => info(format!("process_clustermsg: Adding new node [{node}] to configuration.")),
        Event::NodeRemoved(node) => info(format!("Removing node [{node}] from configuration.")),
        Event::NodeUnknown(node) => {
            return vec![
                error(format!("hb_remove_one_node: node {node} not found in config")),
                error(format!("Deleting node {node} failed")),
            ];
        }
        Event::DeleteLiving(node) => warn(format!("deletion failed: node {node} is not dead")),
        Event::DeleteNeeds(node) => error(format!(
            "HBDoMsg_T_DELNODE: deletion failed. We don't have all required nodes alive ({node} is dead)"
        )),
        Event::DeletingMyself => error("I am being deleted from the cluster. This should not happen"),
        Event::ListLacksNodes { from, missing } => warn(format!(
            "The node list of {from} lacks {}: they stay, because our ha.cf names them.",
            missing.join(" ")
        )),
        Event::NoSuchNode { what: "weight", node } => {
            (Severity::Debug, format!("set weight to non-existing node {node}"))
        }
        Event::NoSuchNode { what, node } => (Severity::Debug, format!("set {what} to non-existing node {node}")),
        Event::InvalidLocalMessage(dump) => {
            return with_dump(error("Invalid message in send_cluster_msg"), dump);
        }
        Event::SigningWith { key, wanted } if key == wanted => {
            info(format!("All nodes sign with key {wanted} now, and so do we."))
        }
        Event::SigningWith { key, wanted } => warn(format!(
            "A peer still signs with key {key}: so do we, until its auth line says {wanted} as ours does."
        )),
        Event::RestartTriggered => info("Heartbeat restart triggered."),
        Event::Resource(event) => return resource_events::lines(event, pid),
        other => (Severity::Debug, format!("{other:?}")),
    };
    vec![line]
}

/// What was received, dropped and sent since the start: asked for with `SIGUSR1` or `SIGUSR2`.
#[must_use]
pub fn counters(counters: &Counters) -> Vec<Line> {
    let Counters { received, fresh, duplicates, own, old, replays, strangers, incomplete, .. } = counters;
    let Counters { lost, requests, resent, sent, rejected, .. } = counters;
    let bad: u64 = rejected.values().sum();
    let reasons: String = rejected.iter().map(|(reason, count)| format!("; {reason}: {count}")).collect();
    vec![
        info(format!(
            "Packets in: {received}; new: {fresh}, from another link before: {duplicates}, our own: {own}, old: {old}, replayed: {replays}, of strangers: {strangers}, incomplete: {incomplete}"
        )),
        info(format!("Packets dropped as bad: {bad}{reasons}")),
        info(format!(
            "Messages out: {sent}; lost at first: {lost}, asked for: {requests}, sent again for others: {resent}"
        )),
    ]
}

fn after_partition(node: &str) -> Vec<Line> {
    vec![
        (Severity::Crit, format!("Cluster node {node} returning after partition.")),
        info("For information on cluster partitions, See URL: http://linux-ha.org/wiki/Split_Brain"),
        warn("Deadtime value may be too small."),
        info("See FAQ for information on tuning deadtime."),
        info("URL: http://linux-ha.org/wiki/FAQ#Heavy_Load"),
    ]
}

fn bad_packets(link: &str, reason: Rejected, origin: &str, count: u64) -> Vec<Line> {
    let legacy = match reason {
        Rejected::WrongSignature(_) => Some(error("netstring authentication failed, s=###")),
        Rejected::UnknownKey(key) => Some(error(format!("Invalid authentication [{key}] in message!"))),
        Rejected::NoSignature => Some(error("Bad/invalid netstring auth string")),
        _ => None,
    };
    let detail = warn(format!("{count} bad packet(s) dropped on {link}, the last one{origin}: {reason}"));
    legacy.into_iter().chain([detail]).collect()
}

fn origin(from: Option<std::net::IpAddr>) -> String {
    from.map_or_else(String::new, |from| format!(" (from {from})"))
}

fn with_dump(first: Line, dump: &[String]) -> Vec<Line> {
    let head = info(format!("MSG: Dumping message with {} fields", dump.len()));
    let fields = dump.iter().enumerate().map(|(index, field)| info(format!("MSG[{index}] : [{field}]")));
    [first, head].into_iter().chain(fields).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use cluster_protocol::settings::{MediumId, MediumKind};
    use std::time::Duration;

    fn texts(event: &Event) -> Vec<String> {
        let media = [Medium { name: "eth0".into(), kind: MediumKind::Network }];
        lines(event, &media, 7).into_iter().map(|(severity, text)| format!("{severity}: {text}")).collect()
    }

    #[test]
    fn lines_that_monitoring_matches_are_the_originals() {
        let late = |beyond_deadtime| Event::LateHeartbeat {
            node: "n".into(),
            interval: Duration::from_millis(1660),
            beyond_deadtime,
        };
        assert_eq!(texts(&late(false)), ["WARN: Late heartbeat: Node n: interval 1660 ms"]);
        assert_eq!(texts(&late(true)), ["CRIT: Late heartbeat: Node n: interval 1660 ms (> deadtime)"]);
        assert_eq!(texts(&Event::NodeDead("n".into())), ["WARN: node n: is dead"]);
        let link = Event::Link { node: "n".into(), link: "eth0".into(), up: false };
        assert_eq!(texts(&link), ["info: Link n:eth0 dead."]);
        let lost = Event::Lost { node: "n".into(), count: 3, after: 102, before: 106 };
        assert_eq!(texts(&lost), ["WARN: 3 lost packet(s) for [n] [102:106]"]);
        let replay = Event::Replay { node: "n".into(), generation: 1, current: 2 };
        assert_eq!(texts(&replay), ["ERROR: should_drop_message: attempted replay attack [n]? [gen = 1, curgen = 2]"]);
        assert_eq!(texts(&Event::ReturnedAfterPartition("n".into())).len(), 5);
    }

    #[test]
    fn bad_packets_name_medium_sender_reason_and_count() {
        let event = Event::BadPackets {
            medium: MediumId(0),
            reason: Rejected::WrongSignature(1),
            from: Some([10, 0, 0, 3].into()),
            count: 12,
        };
        assert_eq!(
            texts(&event),
            [
                "ERROR: netstring authentication failed, s=###",
                "WARN: 12 bad packet(s) dropped on eth0, the last one (from 10.0.0.3): wrong signature with key 1"
            ]
        );
    }
}
