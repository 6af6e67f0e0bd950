//! The connection listing, from the kernel's file `/proc/net/ip_vs_conn`.
//!
//! Form of a line: protocol, then client, virtual and destination address each with its port in hexadecimal, state,
//! seconds left, and for persistence engines name and data (observed on Linux 6.1). Addresses are eight hexadecimal
//! digits, dotted, or IPv6 groups.

use crate::output::left;
use crate::text::Texts;
use ipvs::model::Protocol;
use nom::bytes::complete::{take_while, take_while1};
use nom::combinator::map_opt;
use nom::multi::many_m_n;
use nom::sequence::preceded;
use nom::{IResult, Parser};
use std::net::{IpAddr, Ipv4Addr};

/// The kernel's file.
pub const PATH: &str = "/proc/net/ip_vs_conn";

/// One connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connection<'a> {
    /// `TCP`, `UDP`, `SCTP`, or `IP` for the template of a marked service.
    pub protocol: &'a [u8],
    /// Client, virtual and real endpoint.
    pub endpoints: [(IpAddr, u16); 3],
    /// State, such as `ESTABLISHED`.
    pub state: &'a [u8],
    /// Seconds until it expires.
    pub expires: i64,
    /// Persistence engine and its data.
    pub pe: Option<(&'a [u8], &'a [u8])>,
}

/// Reads a line; `None` if it is not of the form above.
#[must_use]
pub fn parse(line: &[u8]) -> Option<Connection<'_>> {
    connection(line).ok().map(|(_, connection)| connection)
}

fn field(input: &[u8]) -> IResult<&[u8], &[u8]> {
    let blank = |byte: u8| byte == b' ' || byte == b'\t' || byte == b'\n' || byte == b'\r';
    preceded(take_while(blank), take_while1(move |byte| !blank(byte))).parse(input)
}

fn address(text: &[u8]) -> Option<IpAddr> {
    let text = std::str::from_utf8(text).ok()?;
    if let Ok(addr) = text.parse() {
        return Some(addr);
    }
    u32::from_str_radix(text, 16).ok().map(|bits| Ipv4Addr::from_bits(bits).into())
}

fn endpoint(input: &[u8]) -> IResult<&[u8], (IpAddr, u16)> {
    let port = |text: &[u8]| u16::from_str_radix(std::str::from_utf8(text).ok()?, 16).ok();
    (map_opt(field, address), map_opt(field, port)).parse(input)
}

fn connection(input: &[u8]) -> IResult<&[u8], Connection<'_>> {
    let seconds = |text: &[u8]| std::str::from_utf8(text).ok()?.parse::<i64>().ok();
    let (rest, (protocol, client, service, dest, state, expires, extra)) =
        (field, endpoint, endpoint, endpoint, field, map_opt(field, seconds), many_m_n(0, 2, field)).parse(input)?;
    let pe = match extra.as_slice() {
        [name, data] => Some((*name, *data)),
        _ => None,
    };
    Ok((rest, Connection { protocol, endpoints: [client, service, dest], state, expires, pe }))
}

/// Prints connections line by line, since there may be millions.
pub struct Printer<'n> {
    texts: Texts<'n>,
    with_pe: bool,
    scratch: Vec<u8>,
}

impl<'n> Printer<'n> {
    /// A printer; `with_pe` adds the columns of persistence engines.
    #[must_use]
    pub fn new(texts: Texts<'n>, with_pe: bool) -> Self {
        Self { texts, with_pe, scratch: Vec::new() }
    }

    /// The two title lines.
    pub fn title(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"IPVS connection entries\npro expire ");
        for (title, width) in [("state", 11), ("source", 18), ("virtual", 18)] {
            left(out, title.as_bytes(), width);
            out.push(b' ');
        }
        if self.with_pe {
            left(out, b"destination", 18);
            out.push(b' ');
            left(out, b"pe name", 16);
            out.extend_from_slice(b" pe_data\n");
        } else {
            out.extend_from_slice(b"destination\n");
        }
    }

    /// A line of the kernel's file; nothing if it is not understood.
    pub fn line(&mut self, out: &mut Vec<u8>, line: &[u8]) {
        if let Some(connection) = parse(line) {
            print(out, &mut self.texts, &mut self.scratch, &connection, self.with_pe);
        }
    }
}

fn print(out: &mut Vec<u8>, texts: &mut Texts<'_>, scratch: &mut Vec<u8>, connection: &Connection<'_>, with_pe: bool) {
    let protocol = match connection.protocol {
        b"TCP" => Some(Protocol::Tcp),
        b"UDP" => Some(Protocol::Udp),
        b"SCTP" => Some(Protocol::Sctp),
        _ => None,
    };
    left(out, connection.protocol, 3);
    out.push(b' ');
    let seconds = connection.expires;
    left(out, format!("{:02}:{:02}", seconds / 60, seconds % 60).as_bytes(), 6);
    out.push(b' ');
    left(out, connection.state, 11);
    let shown_pe = connection.pe.filter(|_| with_pe);
    // QUIRK: with an engine the destination is narrower and the name wider than their titles.
    let last_width = if shown_pe.is_some() { 16 } else { 0 };
    for ((addr, port), width) in connection.endpoints.into_iter().zip([18, 18, last_width]) {
        out.push(b' ');
        scratch.clear();
        texts.endpoint(scratch, addr, port, protocol);
        left(out, scratch, width);
    }
    if let Some((name, data)) = shown_pe {
        out.push(b' ');
        left(out, name, 18);
        out.push(b' ');
        out.extend_from_slice(data);
    }
    out.push(b'\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(line: &str, with_pe: bool) -> String {
        let mut out = Vec::new();
        Printer::new(Texts::numeric(), with_pe).line(&mut out, line.as_bytes());
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_line_has_protocol_expiry_state_and_three_endpoints() {
        assert_eq!(
            shown("TCP 0A0000FE 9C43 0A000001 1F91 0A00000C 1F91 SYN_RECV         59", false),
            "TCP 00:59  SYN_RECV    10.0.0.254:40003   10.0.0.1:8081      10.0.0.12:8081\n"
        );
    }

    #[test]
    fn engine_and_data_show_only_if_asked_for() {
        let line = "UDP 0A0000FE 0000 0A000001 13C4 0A00000B 13C4 NONE 59 sip call@host";
        assert!(shown(line, true).ends_with("10.0.0.11:5060   sip                call@host\n"));
        assert!(shown(line, false).ends_with("10.0.0.11:5060\n"));
    }

    #[test]
    fn a_line_of_any_length_is_one_entry() {
        let line = format!("UDP 0A0000FE 0000 0A000001 13C4 0A00000B 13C4 NONE 59 sip {}", "a".repeat(5000));
        assert_eq!(shown(&line, true).lines().count(), 1);
        assert!(shown(&line, true).contains(&"a".repeat(5000)));
    }

    #[test]
    fn lines_of_another_form_are_left_out() {
        for line in ["", "TCP", "TCP 0A0000FE 9C43 0A000001 1F91 0A00000C 1F91 SYN_RECV x", "TCP x 1 y 2 z 3 S 5"] {
            assert_eq!(parse(line.as_bytes()), None, "{line:?}");
        }
    }
}
