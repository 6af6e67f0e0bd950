//! Messages on the wire as rows.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use super::format::{Kind, Row};
use crate::cluster::Packet;

/// The types that are about resources; retransmission and acknowledgements are not.
const TYPES: [&str; 13] = [
    "status",
    "starting",
    "resource",
    "stonith",
    "ask_resources",
    "ip-request",
    "ip-request-resp",
    "shutdone",
    "hb_takeover",
    "hbapi-clstat",
    "num_ping_nodes",
    "you_are_dead",
    "abort_giveup",
];

/// The fields that are kept, in this order.
const FIELDS: [&str; 14] = [
    "st", "rsc_hold", "rtype", "isstable", "num_ping", "node", "result", "dest", "ipaddr", "weown", "ok", "info",
    "from_id", "to_id",
];

/// The first sending of each message, and of `status` only those with another state than the last one of the node.
#[derive(Debug, Default)]
pub(super) struct Messages {
    rows: Vec<Row>,
    packets: usize,
    seen: BTreeSet<[String; 3]>,
    states: BTreeMap<String, String>,
}

impl Messages {
    /// How many packets were looked at.
    pub(super) fn packets(&self) -> usize {
        self.packets
    }

    /// Looks at further packets; `origin` is the beginning of the trace.
    pub(super) fn add(&mut self, packets: &[Packet], origin: Instant) {
        self.packets += packets.len();
        self.rows.extend(packets.iter().filter_map(|packet| row(packet, origin, &mut self.seen, &mut self.states)));
    }

    /// All rows so far.
    pub(super) fn rows(&self) -> &[Row] {
        &self.rows
    }
}

fn row(
    packet: &Packet,
    origin: Instant,
    seen: &mut BTreeSet<[String; 3]>,
    states: &mut BTreeMap<String, String>,
) -> Option<Row> {
    let fields = fields(&packet.payload);
    let get = |name: &str| fields.get(name).cloned().unwrap_or_default();
    let kind = get("t");
    if !TYPES.contains(&kind.as_str()) || !seen.insert([get("src"), get("hg"), get("seq")]) {
        return None;
    }
    if kind == "status" && states.insert(get("src"), get("st")) == Some(get("st")) {
        return None;
    }
    let kept = FIELDS.iter().filter_map(|name| fields.get(*name).map(|value| format!("{name}={value}")));
    let kept: Vec<_> = if kind == "status" { vec![format!("st={}", get("st"))] } else { kept.collect() };
    let at = packet.at.saturating_duration_since(origin).as_secs_f64();
    Some(Row {
        at,
        begin: at,
        node: get("src"),
        kind: Kind::Message,
        name: kind,
        args: String::new(),
        verb: String::new(),
        detail: kept.join(" "),
    })
}

/// The fields of a message in either form, as far as they are text.
fn fields(payload: &[u8]) -> BTreeMap<String, String> {
    let pair = |bytes: &[u8]| {
        let text = String::from_utf8(bytes.to_vec()).ok()?;
        let text = text.strip_prefix("(0)").unwrap_or(&text);
        text.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned()))
    };
    let Some(mut rest) = payload.strip_prefix(b"###\n") else {
        return payload.split(|byte| *byte == b'\n').filter_map(pair).collect();
    };
    let mut fields = BTreeMap::new();
    while let Some((field, after)) = netstring(rest) {
        fields.extend(pair(field));
        rest = after;
    }
    fields
}

/// The first of a row of strings with lengths, `LENGTH:BYTES,`, and what follows it.
fn netstring(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let colon = bytes.iter().position(|byte| *byte == b':')?;
    let length: usize = std::str::from_utf8(bytes.get(..colon)?).ok()?.parse().ok()?;
    let rest = bytes.get(colon + 1..)?;
    (*rest.get(length)? == b',').then_some((rest.get(..length)?, rest.get(length + 1..)?))
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    fn packet(payload: &str) -> Packet {
        carries(format!(">>>\n{payload}<<<\n").as_bytes())
    }

    fn carries(payload: &[u8]) -> Packet {
        let (end, payload) = ((Ipv4Addr::LOCALHOST, 694), payload.to_vec());
        Packet { at: Instant::now(), port: "0-0".into(), source: end, destination: end, payload }
    }

    #[test]
    fn a_message_counts_once_and_a_status_only_if_it_is_another() {
        let origin = Instant::now();
        let packets = [
            packet("t=status\nst=up\nsrc=a\nhg=1\nseq=1\n"),
            packet("t=status\nst=up\nsrc=a\nhg=1\nseq=2\n"),
            packet("t=resource\nisstable=0\nrsc_hold=none\nsrc=a\nhg=1\nseq=3\n"),
            packet("t=resource\nisstable=0\nrsc_hold=none\nsrc=a\nhg=1\nseq=3\n"),
            packet("t=NS_rexmit\nsrc=a\nhg=1\nseq=4\n"),
            carries(b"###\n11:(0)t=status,12:(0)st=active,8:(0)src=a,14:(1)srcuuid=,\xff\n,8:(0)seq=5,%%%\n3:x=y,"),
        ];
        let mut messages = Messages::default();
        messages.add(&packets[..1], origin);
        messages.add(&packets[1..], origin);
        assert_eq!(messages.packets(), packets.len());
        let found: Vec<_> = messages.rows().iter().map(|row| format!("{} {}", row.name, row.detail)).collect();
        assert_eq!(found, ["status st=up", "resource rsc_hold=none isstable=0", "status st=active"]);
    }
}
