//! The report as text for people.

use super::report::{GroupLine, PeerLine, Place, Report, Verdict};
use ha_sys::log::local_time;

/// The columns' names.
const HEADS: [&str; 7] = ["GROUP", "HOME", "STATE", "WHERE", "SINCE", "LAST TRANSITION", "LAST FAILURE"];
/// What stands for nothing.
const NOTHING: &str = "-";

/// The whole text.
pub(super) fn text(report: &Report) -> String {
    let mut text = head(report);
    for peer in &report.peers {
        text.push_str(&format!("{}\n", peer_line(peer)));
    }
    if report.groups.is_empty() {
        text.push_str("no resource groups\n");
    } else {
        text.push('\n');
        text.push_str(&aligned(&rows(report)));
    }
    text
}

fn head(report: &Report) -> String {
    let node = clean(&report.node);
    let Some(daemon) = report.daemon.as_ref().filter(|_| report.running) else {
        return format!("node {node}: heartbeat is not running\n");
    };
    let rest = if daemon.stable { "stable" } else { "in transition" };
    let standby = match daemon.standby.as_str() {
        "" | "none" => String::new(),
        phase => format!(", standby {}", clean(phase)),
    };
    let (status, state, claims) = (clean(&daemon.status), clean(&daemon.state), clean(&daemon.claims));
    let mut text =
        format!("node {node}: {status}, {state} since {}, {rest}, claims {claims}{standby}\n", date(daemon.since));
    if !daemon.last_event.is_empty() {
        text.push_str(&format!("last event: {} at {}\n", clean(&daemon.last_event), date(daemon.last_event_at)));
    }
    text
}

fn peer_line(peer: &PeerLine) -> String {
    let alive = if peer.alive { "alive" } else { "not heard" };
    let rest = if peer.stable { "stable" } else { "in transition" };
    format!("peer {}: {}, {alive}, {rest}, claims {}", clean(&peer.node), clean(&peer.status), clean(&peer.claims))
}

fn rows(report: &Report) -> Vec<[String; 7]> {
    let heads = HEADS.map(str::to_owned);
    std::iter::once(heads).chain(report.groups.iter().map(row)).collect()
}

fn row(group: &GroupLine) -> [String; 7] {
    let home = group.home.as_deref().map_or_else(|| "(not in haresources)".to_owned(), clean);
    let state = match group.verdict {
        Verdict::Running => "running",
        Verdict::Twice => "RUNNING TWICE",
        Verdict::Moving => "moving",
        Verdict::Failed => "FAILED",
        Verdict::Stopped => "STOPPED",
    };
    let shown = shown(group);
    let places: Vec<String> = shown.iter().map(|place| place_text(place, group.verdict)).collect();
    let since = shown.iter().map(|place| place.since).max().filter(|since| *since > 0);
    [
        clean(&group.key),
        home,
        state.to_owned(),
        if places.is_empty() { NOTHING.to_owned() } else { places.join(", ") },
        since.map_or_else(|| NOTHING.to_owned(), date),
        group.last_transition.map_or_else(|| NOTHING.to_owned(), date),
        group.last_failure.as_deref().map_or_else(|| NOTHING.to_owned(), clean),
    ]
}

/// The nodes that matter: those where it runs or is about to; otherwise those that failed.
fn shown(group: &GroupLine) -> Vec<&Place> {
    let with = |words: &[&str]| -> Vec<&Place> {
        group.places.iter().filter(|place| words.contains(&place.state.as_str())).collect()
    };
    let moving = with(&["running", "starting", "stopping"]);
    if moving.is_empty() { with(&["failed"]) } else { moving }
}

fn place_text(place: &Place, verdict: Verdict) -> String {
    let node = clean(&place.node);
    let plain = matches!(verdict, Verdict::Running | Verdict::Twice | Verdict::Failed);
    match (place.claimed, plain && place.state != "starting" && place.state != "stopping") {
        (true, _) => format!("{node} (claimed)"),
        (false, true) => node,
        (false, false) => format!("{node} ({})", clean(&place.state)),
    }
}

/// Columns with two blanks between them; the last one has no blanks after it.
fn aligned(rows: &[[String; 7]]) -> String {
    let width = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max();
    let widths: Vec<usize> = (0..HEADS.len()).map(|column| width(column).unwrap_or(0)).collect();
    let line = |row: &[String; 7]| {
        let cells: Vec<String> = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        format!("{}\n", cells.join("  ").trim_end())
    };
    rows.iter().map(line).collect()
}

/// Local time without a zone, for people.
pub(super) fn date(seconds: u64) -> String {
    let time = i64::try_from(seconds).ok().and_then(local_time);
    time.map_or_else(
        || NOTHING.to_owned(),
        |time| {
            let (year, month, day) = (time.year, time.month, time.day);
            format!("{year}-{month:02}-{day:02} {:02}:{:02}:{:02}", time.hour, time.minute, time.second)
        },
    )
}

/// Text of other nodes must not reach the terminal's controls.
fn clean(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { '?' } else { letter }).collect()
}
