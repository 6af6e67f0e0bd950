//! Messages: the netlink header, the generic netlink header, and walking through a datagram.

use super::Malformed;
use super::attr::{Attrs, Writer};
use crate::consts::*;

/// Length of the netlink header.
pub const NLMSG_HDRLEN: usize = 16;
/// Length of the generic netlink header behind it.
pub const GENL_HDRLEN: usize = 4;

// libc has these as i32.
/// `NLMSG_NOOP`.
pub const NLMSG_NOOP: u16 = 1;
/// `NLMSG_ERROR`.
pub const NLMSG_ERROR: u16 = 2;
/// `NLMSG_DONE`.
pub const NLMSG_DONE: u16 = 3;
/// `NLMSG_OVERRUN`.
pub const NLMSG_OVERRUN: u16 = 4;
/// `NLM_F_REQUEST`.
pub const NLM_F_REQUEST: u16 = 0x01;
/// `NLM_F_MULTI`.
pub const NLM_F_MULTI: u16 = 0x02;
/// `NLM_F_ACK`.
pub const NLM_F_ACK: u16 = 0x04;
/// `NLM_F_DUMP`.
pub const NLM_F_DUMP: u16 = 0x300;

/// The headers of a message to send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// Message type: the number of the generic netlink family.
    pub family: u16,
    /// `NLM_F_*`.
    pub flags: u16,
    /// Sequence number; replies carry it back.
    pub sequence: u32,
    /// Command of the family.
    pub command: u8,
    /// Version of the family.
    pub version: u8,
}

/// Appends a message with the attributes that `fill` writes. The sender's port id stays zero: the kernel knows it.
pub fn encode(out: &mut Vec<u8>, header: Header, fill: impl FnOnce(&mut Writer<'_>)) {
    let start = out.len();
    out.extend_from_slice(&[0; 4]);
    out.extend_from_slice(&header.family.to_ne_bytes());
    out.extend_from_slice(&header.flags.to_ne_bytes());
    out.extend_from_slice(&header.sequence.to_ne_bytes());
    out.extend_from_slice(&[0; 4]);
    out.extend_from_slice(&[header.command, header.version, 0, 0]);
    fill(&mut Writer::new(out));
    let length = u32::try_from(out.len() - start).unwrap_or(u32::MAX).to_ne_bytes();
    if let Some(field) = out.get_mut(start..).and_then(<[u8]>::first_chunk_mut) {
        *field = length;
    }
}

/// Sets flags of the message that starts at `start`, after it was written.
pub fn add_flags(out: &mut [u8], start: usize, flags: u16) {
    if let Some([a, b]) = out.get_mut(start + 6..).and_then(<[u8]>::first_chunk_mut) {
        [*a, *b] = (u16::from_ne_bytes([*a, *b]) | flags).to_ne_bytes();
    }
}

/// Appends the request for the number of the family called `name`.
pub fn encode_get_family(out: &mut Vec<u8>, sequence: u32, name: &[u8]) {
    let header = Header {
        family: GENL_ID_CTRL,
        flags: NLM_F_REQUEST,
        sequence,
        command: CTRL_CMD_GETFAMILY,
        version: CTRL_VERSION,
    };
    encode(out, header, |writer| writer.string(CTRL_ATTR_FAMILY_NAME, name));
}

/// One message of a datagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Message<'a> {
    /// Message type: a family, or one of the `NLMSG_*` numbers below 16.
    pub kind: u16,
    /// `NLM_F_*`.
    pub flags: u16,
    /// Sequence number of the request it answers.
    pub sequence: u32,
    /// What follows the netlink header.
    pub payload: &'a [u8],
    /// Where the payload starts in the datagram.
    pub offset: usize,
}

impl<'a> Message<'a> {
    /// The command and the attributes of a generic netlink message.
    ///
    /// # Errors
    /// [`Malformed`] if it is too short.
    pub fn generic(&self) -> Result<(u8, Attrs<'a>), Malformed> {
        match self.payload {
            [command, _, _, _, attrs @ ..] => Ok((*command, Attrs::new(attrs, self.offset + GENL_HDRLEN))),
            _ => Err(Malformed { what: "truncated generic netlink header", offset: self.offset }),
        }
    }

    /// The positive errno in an `NLMSG_ERROR` or `NLMSG_DONE`; 0 for success, or if a `NLMSG_DONE` carries none.
    ///
    /// # Errors
    /// [`Malformed`] if an `NLMSG_ERROR` is too short.
    pub fn errno(&self) -> Result<i32, Malformed> {
        match self.payload.first_chunk() {
            Some(bytes) => Ok(i32::from_ne_bytes(*bytes).saturating_neg()),
            None if self.kind == NLMSG_DONE => Ok(0),
            None => Err(Malformed { what: "truncated error message", offset: self.offset }),
        }
    }
}

/// The messages of a datagram, in order. Ends after the first that is malformed.
#[derive(Clone, Debug)]
pub struct Messages<'a> {
    rest: &'a [u8],
    offset: usize,
}

impl<'a> Messages<'a> {
    /// Reads a datagram.
    #[must_use]
    pub fn new(datagram: &'a [u8]) -> Self {
        Self { rest: datagram, offset: 0 }
    }
}

impl<'a> Iterator for Messages<'a> {
    type Item = Result<Message<'a>, Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        let (whole, offset) = (self.rest, self.offset);
        if whole.is_empty() {
            return None;
        }
        self.rest = &[];
        let Some(&[l0, l1, l2, l3, k0, k1, f0, f1, s0, s1, s2, s3, _, _, _, _]) = whole.first_chunk::<NLMSG_HDRLEN>()
        else {
            return Some(Err(Malformed { what: "truncated message header", offset }));
        };
        let length = usize::try_from(u32::from_ne_bytes([l0, l1, l2, l3])).unwrap_or(usize::MAX);
        let Some(payload) = whole.get(NLMSG_HDRLEN..length) else {
            return Some(Err(Malformed { what: "message length outside its datagram", offset }));
        };
        let next = length.next_multiple_of(4);
        self.rest = whole.get(next..).unwrap_or(&[]);
        self.offset = offset + next;
        Some(Ok(Message {
            kind: u16::from_ne_bytes([k0, k1]),
            flags: u16::from_ne_bytes([f0, f1]),
            sequence: u32::from_ne_bytes([s0, s1, s2, s3]),
            payload,
            offset: offset + NLMSG_HDRLEN,
        }))
    }
}
