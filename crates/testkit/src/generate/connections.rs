//! Listings of connections, with a made-up table of the kernel.

use super::command::{self, Kind};
use super::line::Line;
use super::option::Opt;
use super::spell;
use super::state::State;
use crate::rng::Rng;

const TITLE: &str = "Pro FromIP   FPrt ToIP     TPrt DestIP   DPrt State       Expires PEName PEData";

/// Makes a line that lists connections.
pub fn fill(rng: &mut Rng, state: &mut State, line: &mut Line) {
    let mut options = vec![Opt::flag("list"), Opt::flag("connection")];
    for (percent, long) in [
        (60, "numeric"),
        (40, "persistent-conn"),
        (10, "exact"),
        (10, "nosort"),
        (5, "sort"),
        (3, "stats"),
        (3, "tun-info"),
    ] {
        if rng.chance(percent) {
            options.push(Opt::flag(long));
        }
    }
    if rng.chance(5) {
        options.extend(command::options(rng, state, Kind::List).into_iter().skip(1));
    }
    line.args = spell::words(rng, &options).into_iter().map(Into::into).collect();
    if rng.chance(90) {
        line.connections = Some(table(rng));
    }
}

fn table(rng: &mut Rng) -> String {
    if rng.chance(3) {
        return String::new();
    }
    let mut text = format!("{TITLE}\n");
    for _ in 0..rng.below(12) {
        text.push_str(&entry(rng));
        text.push('\n');
    }
    if rng.chance(5) {
        text.pop();
    }
    text
}

fn entry(rng: &mut Rng) -> String {
    let protocol = rng.weighted(&[(6, "TCP"), (3, "UDP"), (1, "SCTP"), (1, "IP "), (1, "ICMP")]);
    let v6 = rng.chance(25);
    let state = rng.word(&[
        "ESTABLISHED",
        "SYN_RECV",
        "FIN_WAIT",
        "TIME_WAIT",
        "CLOSE",
        "NONE",
        "ASSURED",
        "UDP",
        "LISTEN",
        "SYNACK",
    ]);
    let seconds = rng.weighted(&[(10, 899), (3, 0), (2, 59), (2, 60), (1, 3600), (1, 10_000), (1, 2_678_400)]);
    let client = end(rng, v6);
    // A firewall mark stands in the place of an address of the family, in its first four bytes.
    let virtual_end = match (protocol, v6) {
        ("IP ", false) => "00000007 0000".to_owned(),
        ("IP ", true) => "0000:0007:0000:0000:0000:0000:0000:0000 0000".to_owned(),
        _ => end(rng, v6),
    };
    let other_family = rng.chance(5);
    let server = end(rng, v6 ^ other_family);
    let mut text = format!("{protocol} {client} {virtual_end} {server} {state:<11} {seconds:>7}");
    match rng.below(6) {
        0 => text.push_str(" sip a84b4c76e66710@pc33.example"),
        1 => text.push_str(" sip"),
        _ => {}
    }
    if rng.chance(3) {
        // Fields are separated by blanks, however many.
        text = text.split_whitespace().collect::<Vec<_>>().join(*rng.pick(&[" ", "  "]));
    }
    text
}

/// An address and a port, in the kernel's hexadecimal form.
fn end(rng: &mut Rng, v6: bool) -> String {
    let address = if v6 {
        let last = rng.pick(&["0001", "0011", "0012", "0254", "ffff"]);
        format!("2001:0db8:0000:0000:0000:0000:0000:{last}")
    } else {
        rng.word(&[
            "0A0000FE", "0A000001", "0A00000B", "0A00000C", "0A00000D", "0A00004E", "C0A80001", "7F000001", "FFFFFFFF",
        ])
    };
    let port = rng.word(&["0000", "0050", "01BB", "0035", "13C4", "0F1C", "1F90", "9C43", "FFFF", "0015"]);
    format!("{address} {port}")
}
