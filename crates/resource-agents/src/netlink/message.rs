//! Netlink messages as bytes: the header before every message, and what an acknowledgement says.

use super::{Error, Result};
use ipvs::wire::attr::Malformed;

/// Length of `struct nlmsghdr`.
const HEADER: usize = 16;

/// One message of a datagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Message<'a> {
    /// `RTM_…`, `NLMSG_ERROR` or `NLMSG_DONE`.
    pub kind: u16,
    /// `NLM_F_…`.
    pub flags: u16,
    /// The number of the request that it answers.
    pub sequence: u32,
    /// What follows the header.
    pub body: &'a [u8],
}

/// A request: the header and `body` (a fixed structure and attributes).
#[must_use]
pub(super) fn request(kind: u16, flags: u16, sequence: u32, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(HEADER + body.len()).unwrap_or(u32::MAX);
    let mut bytes = Vec::with_capacity(HEADER + body.len());
    bytes.extend_from_slice(&length.to_ne_bytes());
    bytes.extend_from_slice(&kind.to_ne_bytes());
    bytes.extend_from_slice(&flags.to_ne_bytes());
    bytes.extend_from_slice(&sequence.to_ne_bytes());
    bytes.extend_from_slice(&[0; 4]);
    bytes.extend_from_slice(body);
    bytes
}

/// The messages of one datagram.
///
/// # Errors
/// [`Error::Malformed`] if a length does not fit.
pub fn messages(datagram: &[u8]) -> Result<Vec<Message<'_>>> {
    let (mut rest, mut offset, mut all) = (datagram, 0, Vec::new());
    while !rest.is_empty() {
        let malformed = |what| Error::Malformed(Malformed { what, offset });
        let Some(&[l0, l1, l2, l3, k0, k1, f0, f1, s0, s1, s2, s3, ..]) = rest.first_chunk::<HEADER>() else {
            return Err(malformed("truncated message header"));
        };
        let length = usize::try_from(u32::from_ne_bytes([l0, l1, l2, l3])).unwrap_or(usize::MAX);
        let body = rest.get(HEADER..length).ok_or_else(|| malformed("message length outside its datagram"))?;
        all.push(Message {
            kind: u16::from_ne_bytes([k0, k1]),
            flags: u16::from_ne_bytes([f0, f1]),
            sequence: u32::from_ne_bytes([s0, s1, s2, s3]),
            body,
        });
        let next = length.next_multiple_of(4);
        rest = rest.get(next..).unwrap_or_default();
        offset += next;
    }
    Ok(all)
}

/// What `NLMSG_ERROR` or `NLMSG_DONE` says: 0 is success.
///
/// # Errors
/// [`Error::Refused`] with the errno, [`Error::Malformed`] if there is none.
pub fn acknowledgement(body: &[u8]) -> Result<()> {
    match body.first_chunk().map(|bytes| i32::from_ne_bytes(*bytes)) {
        Some(0) => Ok(()),
        Some(errno) => Err(Error::Refused(errno.saturating_neg())),
        None => Err(Malformed { what: "acknowledgement without a number", offset: 0 }.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_reads_back_and_the_next_message_is_found_behind_its_padding() {
        let mut bytes = request(20, 0x301, 7, b"hello");
        bytes.resize(bytes.len().next_multiple_of(4), 0);
        bytes.extend(request(3, 2, 7, &0_i32.to_ne_bytes()));
        let all = messages(&bytes).unwrap();
        assert_eq!(all[0], Message { kind: 20, flags: 0x301, sequence: 7, body: b"hello" });
        assert_eq!((all.len(), all[1].kind), (2, 3));
        assert!(acknowledgement(all[1].body).is_ok());
    }

    #[test]
    fn lengths_that_lie_are_refused_and_refusals_carry_their_errno() {
        let mut bytes = request(20, 0, 1, b"");
        assert!(messages(&bytes[..15]).is_err());
        bytes[0] = 17;
        assert!(messages(&bytes).is_err());
        bytes[0] = 3;
        assert!(messages(&bytes).is_err());
        assert!(acknowledgement(&(-17_i32).to_ne_bytes()).unwrap_err().is(libc::EEXIST));
        assert!(acknowledgement(&[0; 3]).is_err());
    }
}
